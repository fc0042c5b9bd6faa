package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/net/idna"

	"github.com/seosik/seosik/internal/form"
)

// certFlags say where the certificates of the site come from.
type certFlags struct {
	TLSCert  string   `name:"tls-cert" help:"File with the certificate of the site and those between it and the authority (PEM): pages and API are served by https. It is read again when it changes, and on SIGHUP." env:"SEOSIK_TLS_CERT" placeholder:"FILE"`
	TLSKey   string   `name:"tls-key" help:"File with the key of that certificate (PEM)." env:"SEOSIK_TLS_KEY" placeholder:"FILE"`
	ACMEHost []string `name:"acme-host" help:"Names of the site, separated by commas, for which certificates are had and renewed by themselves (ACME), from Let's Encrypt or --acme-directory, which must reach the site by them at port 443, or --redirect-from at 80." env:"SEOSIK_ACME_HOST" placeholder:"NAME,..."`
}

// on reports whether the site is served by https.
func (f *certFlags) on() bool { return f.TLSCert != "" || len(f.ACMEHost) > 0 }

// hosts returns the names for which certificates are had, as browsers send them.
func (f *certFlags) hosts() []string {
	var hosts []string
	for _, name := range f.ACMEHost {
		ascii, err := idna.Lookup.ToASCII(strings.TrimSpace(name))
		if err != nil {
			ascii = name // it is refused, with a reason, where a certificate is asked for
		}
		hosts = append(hosts, ascii)
	}
	return hosts
}

// acmeFolder is where certificates lie that come by themselves, in the data folder.
func acmeFolder(data string) string { return filepath.Join(data, "acme") }

// certificates are those that the site is served with.
type certificates struct {
	config     *tls.Config
	challenges func(http.Handler) http.Handler             // answers what the authority asks by http; the rest is another's
	reload     func()                                      // reads them again; of those that come by themselves nothing
	look       func(name string) (*tls.Certificate, error) // both where it is that of before
	log        *slog.Logger
	names      []string // of the site, or of the file

	mu    sync.Mutex
	known map[string]form.Certificate
	told  map[string]time.Time // when it was last logged that one is not there
}

// certificates returns those of the site; nil where it is not served by https.
func (f *tlsFlags) certificates(data string, log *slog.Logger) (*certificates, error) {
	cs := newCertificates(log)
	switch {
	case f.TLSCert != "":
		return cs, cs.fromFiles(f)
	case f.on():
		cs.byThemselves(f, data, http.DefaultTransport)
		return cs, nil
	}
	return nil, nil //nolint:nilnil // there are none
}

func newCertificates(log *slog.Logger) *certificates {
	return &certificates{log: log, known: make(map[string]form.Certificate), told: make(map[string]time.Time)}
}

func (cs *certificates) fromFiles(f *tlsFlags) error {
	c := &certificate{certFile: f.TLSCert, keyFile: f.TLSKey, log: cs.log}
	cs.names = []string{f.TLSCert}
	cs.config = &tls.Config{NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}
	cs.config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		got, err := cs.look(f.TLSCert)
		cs.note(f.TLSCert, got, err)
		return got, nil
	}
	cs.challenges = func(others http.Handler) http.Handler { return others }
	cs.reload = c.readAgain
	cs.look = func(string) (*tls.Certificate, error) {
		return c.get(), c.wrong()
	}
	return c.read()
}

// byThemselves has the certificates come from an authority, for the hosts of f and
// for no others.
func (cs *certificates) byThemselves(f *tlsFlags, data string, by http.RoundTripper) {
	cs.names, cs.reload = f.hosts(), func() {}
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(cs.names...), Cache: autocert.DirCache(acmeFolder(data)),
		Client: &acme.Client{DirectoryURL: cmp.Or(f.ACMEDirectory, autocert.DefaultACMEDirectory), HTTPClient: &http.Client{Transport: authority{by, cs.refused}}},
	}
	cs.config, cs.challenges = m.TLSConfig(), m.HTTPHandler
	cs.config.MinVersion = tls.VersionTLS12
	cs.config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		got, err := m.GetCertificate(hello)
		if !slices.Equal(hello.SupportedProtos, []string{acme.ALPNProto}) { // the authority's own question has another answer
			cs.note(strings.ToLower(strings.TrimSuffix(hello.ServerName, ".")), got, err)
		}
		return got, err
	}
	cs.look = func(name string) (*tls.Certificate, error) {
		return m.GetCertificate(&tls.ClientHelloInfo{ServerName: name, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}})
	}
}

// tellEvery is how often at most it is logged that a certificate cannot be had:
// each visitor asks for it.
const tellEvery = 10 * time.Minute

// note keeps what came of having the certificate of that name. Of names that are not
// the site's, which strangers send, nothing is kept or said.
func (cs *certificates) note(name string, got *tls.Certificate, err error) {
	if !slices.Contains(cs.names, name) {
		return
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := cs.known[name]
	c.Name, c.Failed, c.FailedAt = name, "", time.Time{}
	if got != nil {
		c.From, c.Over = got.Leaf.NotBefore, got.Leaf.NotAfter
	}
	if err != nil {
		c.Failed, c.FailedAt = err.Error(), time.Now()
	}
	cs.known[name] = c
	if err != nil && cs.tells(name) {
		cs.log.Error("the certificate cannot be had", "name", name, "error", err)
	}
}

// refused logs what the authority has against a certificate.
func (cs *certificates) refused(reason string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.tells("authority") {
		cs.log.Error("the authority gives no certificate", "reason", reason)
	}
}

// tells reports whether something is to be logged again, which it then was. The
// mutex is held.
func (cs *certificates) tells(what string) bool {
	now := time.Now()
	if now.Sub(cs.told[what]) < tellEvery {
		return false
	}
	cs.told[what] = now
	return true
}

// state returns how the certificates are that were looked at by now; none where the
// site is not served by https.
func (cs *certificates) state() (list []form.Certificate) {
	if cs == nil {
		return nil
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, name := range cs.names {
		if c, looked := cs.known[name]; looked {
			c.Name = name
			list = append(list, c)
		}
	}
	return list
}

// covers reports whether there is a certificate for a host.
func (cs *certificates) covers(host string) bool {
	for _, name := range cs.names {
		if got, _ := cs.look(name); got != nil && got.Leaf.VerifyHostname(host) == nil {
			return true
		}
	}
	return false
}

// run looks at the certificates each hour until ctx ends, and warns once a day of those
// that are over soon. What comes by itself is had before the first visitor comes.
func (cs *certificates) run(ctx context.Context) {
	for hour := 0; ; hour++ {
		for _, name := range cs.names {
			cs.lookAt(ctx, name)
		}
		if hour%24 == 0 {
			cs.warn(time.Now())
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Hour):
		}
	}
}

// lookAt looks at a certificate, and waits for that no longer than until ctx ends: an
// authority may take minutes.
func (cs *certificates) lookAt(ctx context.Context, name string) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		got, err := cs.look(name)
		cs.note(name, got, err)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

func (cs *certificates) warn(now time.Time) {
	for _, c := range cs.state() {
		if !c.Over.IsZero() && c.Late(now) {
			cs.log.Warn("the certificate is over soon", "name", c.Name, "at", c.Over)
		}
	}
}

// A certificate is read from files, and again when they change.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex
	now    *tls.Certificate
	failed error     // why the files are not used; nil where they are
	stamp  string    // of the files that it was read from
	looked time.Time // at them
}

// lookEvery is how often at most the files are looked at.
const lookEvery = time.Second

// get returns the certificate of now. Where the files have changed and cannot be
// used, it stays the one of before.
func (c *certificate) get() *tls.Certificate {
	c.mu.Lock()
	changed := false
	if now := time.Now(); now.Sub(c.looked) >= lookEvery {
		c.looked, changed = now, c.stamp != c.stampNow()
	}
	c.mu.Unlock()
	if changed {
		c.readAgain()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// wrong returns why the files are not used.
func (c *certificate) wrong() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

func (c *certificate) stampNow() string {
	var b strings.Builder
	for _, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			fmt.Fprintln(&b, info.ModTime().UnixNano(), info.Size())
		}
	}
	return b.String()
}

// read reads the certificate.
func (c *certificate) read() error {
	stamp := c.stampNow()
	read, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		err = fmt.Errorf("certificate %s: %w", c.certFile, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stamp, c.failed = stamp, err // also where it is of no use: that is said once
	if err == nil {
		c.now = &read
	}
	return err
}

func (c *certificate) readAgain() {
	if err := c.read(); err != nil {
		c.log.Error("the certificate of before is used", "error", err)
		return
	}
	c.log.Info("certificate read", "file", c.certFile)
}
