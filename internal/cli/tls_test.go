package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/gate"
)

const officeName = "forms.office.example"

// writeCertificate writes a certificate of the office's name, signed by itself, with
// that number.
func writeCertificate(t *testing.T, f *tlsFlags, number int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(number), DNSNames: []string{officeName}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{f.TLSCert: {Type: "CERTIFICATE", Bytes: der}, f.TLSKey: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A securedSite is served by https.
type securedSite struct {
	*serveCmd
	address string
	certs   *certificates
	log     *strings.Builder
	slow    chan struct{} // has /slow answered
}

func serveSecured(t *testing.T, most int) *securedSite {
	t.Helper()
	dir := t.TempDir()
	s := &securedSite{serveCmd: new(serveCmd), log: new(strings.Builder), slow: make(chan struct{})}
	s.Data, s.Host = dir, []string{officeName}
	s.TLSCert, s.TLSKey, s.RedirectFrom = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), "127.0.0.1:0"
	writeCertificate(t, &s.tlsFlags, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	log := slog.New(slog.NewTextHandler(s.log, nil))
	s.certs, err = s.certificates(dir, log)
	if err != nil {
		t.Fatal(err)
	}
	serve, end, err := s.overTLS(t.Context(), gate.New(l, gate.Config{Most: most, Each: most}), s.certs, log)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			s.slow <- struct{}{}
			<-s.slow
		}
		io.WriteString(w, r.Proto)
	})}
	failed := make(chan error, 1)
	go func() { failed <- serve(server) }()
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), end()); err != nil {
			t.Error(err)
		}
		if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return s
}

// ask asks once, on a connection of its own that stays open, and returns the number
// of the certificate.
func (s *securedSite) ask(t *testing.T) int64 {
	t.Helper()
	return s.askFor(t, "/")
}

func (s *securedSite) askFor(t *testing.T, path string) int64 {
	t.Helper()
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: officeName}, ForceAttemptHTTP2: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	resp, err := client.Get("https://" + s.address + path)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "HTTP/2.0" {
		t.Errorf("served by %q, %v", body, err)
	}
	return resp.TLS.PeerCertificates[0].SerialNumber.Int64()
}

func TestHTTPSByFiles(t *testing.T) {
	s := serveSecured(t, 2) // connections: those that are idle make room
	for range 4 {
		if got := s.ask(t); got != 1 {
			t.Errorf("certificate %d", got)
		}
	}
	slow := make(chan int64)
	go func() { slow <- s.askFor(t, "/slow") }()
	<-s.slow
	s.ask(t) // whoever is served makes room for nobody
	s.ask(t)
	s.slow <- struct{}{}
	if got := <-slow; got != 1 {
		t.Errorf("what took long was answered with certificate %d", got)
	}
	old := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}
	if c, err := tls.Dial("tcp", s.address, old); err == nil {
		c.Close()
		t.Error("TLS 1.1 is spoken")
	}
	if err := os.WriteFile(s.TLSCert, []byte("half a certif"), 0o600); err != nil {
		t.Fatal(err)
	}
	hangUp := func(want int64) {
		t.Helper()
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(20 * time.Second); s.ask(t) != want; {
			if time.Now().After(end) {
				t.Fatalf("certificate %d is not used", want)
			}
		}
	}
	hangUp(1) // the one of before
	state := func(failed bool) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			s.ask(t) // which has the files looked at
			c := s.certs.state()[0]
			if c.Name == s.TLSCert && !c.Late(time.Now()) && (c.Failed != "") == failed {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("state is %+v", c)
			}
		}
	}
	state(true)
	writeCertificate(t, &s.tlsFlags, 2)
	hangUp(2)
	state(false)
}

func TestACertificateIsReadAgainWhenItChanges(t *testing.T) {
	dir := t.TempDir()
	f := &tlsFlags{certFlags: certFlags{TLSCert: filepath.Join(dir, "cert.pem"), TLSKey: filepath.Join(dir, "key.pem")}}
	c := &certificate{certFile: f.TLSCert, keyFile: f.TLSKey, log: slog.New(slog.DiscardHandler)}
	if err := c.read(); err == nil {
		t.Error("there is no file, and it is read")
	}
	writeCertificate(t, f, 1)
	if err := c.read(); err != nil {
		t.Fatal(err)
	}
	number := func() int64 {
		t.Helper()
		c.looked = time.Time{}
		return c.get().Leaf.SerialNumber.Int64()
	}
	for _, then := range []struct {
		change func()
		want   int64
	}{
		{func() {}, 1},
		{func() { os.Remove(f.TLSKey) }, 1},
		{func() { writeCertificate(t, f, 2) }, 2},
	} {
		then.change()
		if got := number(); got != then.want {
			t.Errorf("certificate %d, want %d", got, then.want)
		}
	}
}

func TestHTTPIsSentToHTTPS(t *testing.T) {
	tests := []struct{ method, host, port, want string }{
		{"GET", officeName, "8443", "https://" + officeName + ":8443/pages?state=done"},
		{"HEAD", "Forms.Office.Example:80", "8443", "https://Forms.Office.Example:8443/pages?state=done"},
		{"GET", officeName, "443", "https://" + officeName + "/pages?state=done"},
		{"GET", "evil.example", "8443", ""},
		{"POST", officeName, "8443", ""},
	}
	named := &serveCmd{Host: []string{officeName}}
	for _, tt := range tests {
		h := toHTTPS(tt.port, named.knows(nil))
		r := httptest.NewRequest(tt.method, "/pages?state=done", nil)
		r.Host = tt.host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		status := http.StatusMovedPermanently
		if tt.want == "" {
			status = http.StatusMisdirectedRequest
		}
		if got := w.Header().Get("Location"); w.Code != status || got != tt.want {
			t.Errorf("%s %s: %d to %q, want %d to %q", tt.method, tt.host, w.Code, got, status, tt.want)
		}
	}
}

// Without names the certificate says which the site has.
func TestOnlyTheSiteIsRedirectedTo(t *testing.T) {
	s := serveSecured(t, 2)
	s.Host = nil
	h := toHTTPS("443", s.knows(s.certs))
	for _, tt := range []struct {
		host, target string
		want         int
	}{
		{officeName, "/", http.StatusMovedPermanently},
		{"evil.example", "/", http.StatusMisdirectedRequest},
		{"10.0.0.1:80", "/", http.StatusMisdirectedRequest},
		{officeName, "http:.evil.example/", http.StatusMisdirectedRequest}, // no path: it would go on with the name
	} {
		r := httptest.NewRequest(http.MethodGet, tt.target, nil)
		r.Host = tt.host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s%s: %d, want %d", tt.host, tt.target, w.Code, tt.want)
		}
	}
}

func TestFlagsOfTLS(t *testing.T) {
	tests := []struct {
		flags tlsFlags
		want  string // empty: right
	}{
		{tlsFlags{}, ""},
		{tlsFlags{certFlags: certFlags{TLSCert: "a", TLSKey: "b"}, RedirectFrom: ":80"}, ""},
		{tlsFlags{certFlags: certFlags{TLSCert: "a"}}, "go together"},
		{tlsFlags{certFlags: certFlags{TLSKey: "a"}}, "go together"},
		{tlsFlags{certFlags: certFlags{ACMEHost: []string{"a"}}}, "--acme-accept-terms"},
		{tlsFlags{ACMETerms: true}, "no effect"},
		{tlsFlags{ACMEDirectory: "https://ca.office.example"}, "no effect"},
		{tlsFlags{certFlags: certFlags{ACMEHost: []string{"a"}}, ACMETerms: true, ACMEDirectory: "http://ca.office.example"}, "https://"},
		{tlsFlags{certFlags: certFlags{ACMEHost: []string{"a"}, TLSCert: "a", TLSKey: "b"}, ACMETerms: true}, "exclude"},
		{tlsFlags{RedirectFrom: ":80"}, "no effect"},
	}
	for _, tt := range tests {
		if err := tt.flags.check(); (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %q", tt.flags, err, tt.want)
		}
	}
}
