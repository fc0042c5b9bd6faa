package cli

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/acme"

	"github.com/seosik/seosik/internal/gate"
)

// A testAuthority gives certificates for names of which it has seen that they are the
// site's, as RFC 8555 says. It believes all signatures of those who ask.
type testAuthority struct {
	testing.TB
	*httptest.Server
	key   *ecdsa.PrivateKey
	kind  string                   // of the challenge
	check func(token string) error // whether the site has met it

	asked  atomic.Int32
	met    string // status of the challenge
	issued []byte // PEM
}

func openAuthority(t testing.TB, kind string) *testAuthority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &testAuthority{TB: t, key: key, kind: kind, met: "pending"}
	mux := http.NewServeMux()
	for path, answer := range map[string]func([]byte) any{
		"/directory": func([]byte) any {
			return map[string]string{"newNonce": a.URL + "/nonce", "newAccount": a.URL + "/account", "newOrder": a.URL + "/order"}
		},
		"/nonce":     func([]byte) any { return nil },
		"/account":   func([]byte) any { return map[string]string{"status": "valid"} },
		"/order":     func([]byte) any { return a.order() },
		"/authz":     func([]byte) any { return a.authorization() },
		"/challenge": func([]byte) any { a.meet(); return a.challenge() },
		"/finalize":  func(payload []byte) any { a.issue(payload); return a.order() },
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { a.answer(w, r, answer) })
	}
	mux.HandleFunc("/certificate", func(w http.ResponseWriter, _ *http.Request) { w.Write(a.issued) })
	a.Server = httptest.NewTLSServer(mux)
	t.Cleanup(a.Close)
	return a
}

// answer answers with JSON what was asked in a signed envelope.
func (a *testAuthority) answer(w http.ResponseWriter, r *http.Request, with func(payload []byte) any) {
	a.asked.Add(1)
	var envelope struct{ Payload string }
	if r.Method == http.MethodPost {
		if err := json.NewDecoder(r.Body).Decode(&envelope); err != nil {
			a.Error(err)
		}
	}
	payload, err := base64.RawURLEncoding.DecodeString(envelope.Payload)
	if err != nil {
		a.Error(err)
	}
	w.Header().Set("Replay-Nonce", rand.Text())
	w.Header().Set("Location", a.URL+r.URL.Path)
	said := with(payload)
	if len(payload) > 0 && (r.URL.Path == "/account" || r.URL.Path == "/order") { // and not, how it is now
		w.WriteHeader(http.StatusCreated)
	}
	json.NewEncoder(w).Encode(said)
}

func (a *testAuthority) order() any {
	status := map[string]string{"pending": "pending", "valid": "ready", "invalid": "invalid"}[a.met]
	if a.issued != nil {
		status = "valid"
	}
	return map[string]any{"status": status, "authorizations": []string{a.URL + "/authz"}, "finalize": a.URL + "/finalize", "certificate": a.URL + "/certificate"}
}

func (a *testAuthority) authorization() any {
	return map[string]any{"status": a.met, "identifier": map[string]string{"type": "dns", "value": officeName}, "challenges": []any{a.challenge()}}
}

func (a *testAuthority) challenge() any {
	c := map[string]any{"type": a.kind, "url": a.URL + "/challenge", "token": "token-1", "status": a.met}
	if a.met == "invalid" {
		c["error"] = map[string]any{"type": "urn:ietf:params:acme:error:connection", "detail": "timeout at port 443", "status": 400}
	}
	return c
}

func (a *testAuthority) meet() {
	a.met = "valid"
	if err := a.check("token-1"); err != nil {
		a.met = "invalid"
	}
}

func (a *testAuthority) issue(payload []byte) {
	var asked struct{ CSR string }
	if err := json.Unmarshal(payload, &asked); err != nil {
		a.Error(err)
	}
	der, err := base64.RawURLEncoding.DecodeString(asked.CSR)
	if err != nil {
		a.Error(err)
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		a.Error(err)
		return
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(7), DNSNames: csr.DNSNames, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 0, 90)}
	if der, err = x509.CreateCertificate(rand.Reader, template, template, csr.PublicKey, a.key); err != nil {
		a.Error(err)
	}
	a.issued = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// A certificate of a site, which comes by itself.
func (a *testAuthority) site(dir string, log io.Writer) (*serveCmd, *certificates) {
	a.Helper()
	c := new(serveCmd)
	c.Data, c.ACMEHost, c.ACMETerms, c.ACMEDirectory = dir, []string{officeName}, true, a.URL+"/directory"
	if err := c.tlsFlags.check(); err != nil {
		a.Fatal(err)
	}
	cs := newCertificates(slog.New(slog.NewTextHandler(log, nil)))
	cs.byThemselves(&c.tlsFlags, dir, a.Client().Transport)
	return c, cs
}

func helloOf(name string) *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{ServerName: name, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}
}

// The site serves, and has its certificate by what the authority asks of it there.
func TestACertificateComesByItself(t *testing.T) {
	a, dir := openAuthority(t, "tls-alpn-01"), t.TempDir()
	c, cs := a.site(dir, io.Discard)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a.check = func(string) error {
		conn, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{ServerName: officeName, NextProtos: []string{acme.ALPNProto}, InsecureSkipVerify: true})
		if err != nil {
			return err
		}
		defer conn.Close()
		if got := conn.ConnectionState(); got.NegotiatedProtocol != acme.ALPNProto || len(got.PeerCertificates[0].DNSNames) != 1 {
			return fmt.Errorf("answered by %s", got.NegotiatedProtocol)
		}
		return nil
	}
	serve, end, err := c.overTLS(t.Context(), gate.New(l, gate.Config{Most: 10, Each: 10}), cs, cs.log)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) })}
	failed := make(chan error, 1)
	go func() { failed <- serve(server) }()
	defer func() {
		if err := errors.Join(server.Close(), end()); err != nil {
			t.Error(err)
		}
		<-failed
	}()
	if got := (&securedSite{serveCmd: c, address: l.Addr().String()}).ask(t); got != 7 {
		t.Errorf("certificate %d", got)
	}
	if got := cs.state(); len(got) != 1 || got[0].Name != officeName || got[0].Failed != "" || got[0].Late(time.Now()) {
		t.Errorf("state is %+v", got)
	}

	kept := func() bool { _, err := os.Stat(filepath.Join(acmeFolder(dir), officeName)); return err == nil }
	for end := time.Now().Add(20 * time.Second); !kept() && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
	}
	before := a.asked.Load() // another start has it already
	_, again := a.site(dir, io.Discard)
	again.lookAt(t.Context(), officeName)
	if got := again.state()[0]; got.Late(time.Now()) || a.asked.Load() != before {
		t.Errorf("state is %+v, and the authority was asked %d times more", got, a.asked.Load()-before)
	}
	d := diagnosis{out: new(strings.Builder)}
	if d.certificates(&certFlags{ACMEHost: []string{officeName}}, dir, time.Now()); d.sick {
		t.Error(d.out)
	}
	if d.certificates(&certFlags{ACMEHost: []string{officeName}}, dir, time.Now().AddDate(0, 0, 80)); !d.sick {
		t.Error("80 days later all is well")
	}
	d.sick = false
	if d.certificates(&certFlags{ACMEHost: []string{"other.office.example"}}, dir, time.Now()); !d.sick {
		t.Error("there is none, and all is well")
	}
	d.sick = false
	if d.certificates(&certFlags{TLSCert: filepath.Join(dir, "none"), TLSKey: filepath.Join(dir, "none")}, dir, time.Now()); !d.sick {
		t.Error("there are no files, and all is well")
	}
}

// The authority may ask by http as well, where people are sent to https.
func TestACertificateComesByHTTP(t *testing.T) {
	a := openAuthority(t, "http-01")
	c, cs := a.site(t.TempDir(), io.Discard)
	redirect := cs.challenges(toHTTPS("443", c.knows(cs)))
	ask := func(path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = officeName
		w := httptest.NewRecorder()
		redirect.ServeHTTP(w, r)
		return w
	}
	a.check = func(token string) error {
		if w := ask("/.well-known/acme-challenge/" + token); !strings.HasPrefix(w.Body.String(), token+".") {
			return errors.New(w.Body.String())
		}
		return nil
	}
	soon, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cs.lookAt(soon, officeName)
	if got := cs.state()[0]; got.Late(time.Now()) {
		t.Errorf("state is %+v", got)
	}
	if got := ask("/pages").Header().Get("Location"); got != "https://"+officeName+"/pages" {
		t.Errorf("sent to %q", got)
	}
}

// The authority is asked for the names of the site, and for no others: anybody may
// send any name. Why it gives none is logged, once for many who ask, and what
// strangers send is not.
func TestWhyThereIsNoCertificate(t *testing.T) {
	a, log := openAuthority(t, "tls-alpn-01"), new(strings.Builder)
	a.check = func(string) error { return errors.New("not reached") }
	_, cs := a.site(t.TempDir(), log)
	if _, err := cs.config.GetCertificate(helloOf("evil.example")); err == nil || a.asked.Load() != 0 {
		t.Errorf("for another name: %v, the authority was asked %d times", err, a.asked.Load())
	}
	for range 3 {
		if _, err := cs.config.GetCertificate(helloOf(officeName)); err == nil {
			t.Error("there is a certificate")
		}
	}
	text := log.String()
	for _, want := range []string{"connection: timeout at port 443", `name=` + officeName} {
		if strings.Count(text, want) == 0 {
			t.Errorf("the log does not say %q: %s", want, text)
		}
	}
	if strings.Contains(text, "evil") || strings.Count(text, "cannot be had") != 1 {
		t.Errorf("the log says %s", text)
	}
	if got := cs.state()[0]; got.Failed == "" || !got.Late(time.Now()) {
		t.Errorf("state is %+v", got)
	}
}

func TestWhatAnAuthorityObjects(t *testing.T) {
	for answer, want := range map[string]string{
		`{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many"}`:                                                  "rateLimited: too many",
		`{"type":"urn:ietf:params:acme:error:badNonce","detail":"x"}`:                                                            "",
		`{"status":"invalid","challenges":[{"type":"http-01","error":{"type":"urn:ietf:params:acme:error:dns","detail":"no"}}]}`: "dns: no",
		`{"status":"invalid","error":{"type":"urn:ietf:params:acme:error:caa","detail":"not ours"}}`:                             "caa: not ours",
		`{"type":"http-01","status":"pending"}`:                                                                                  "",
		"-----BEGIN CERTIFICATE-----":                                                                                            "",
	} {
		if got := objection([]byte(answer)); got != want {
			t.Errorf("objection(%s) = %q, want %q", answer, got, want)
		}
	}
}
