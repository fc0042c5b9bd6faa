package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"github.com/seosik/seosik/internal/gate"
)

type tlsFlags struct {
	TLSCert       string   `name:"tls-cert" help:"File with the certificate of the site and those between it and the authority (PEM): pages and API are served by https. It is read again when it changes, and on SIGHUP." env:"SEOSIK_TLS_CERT" placeholder:"FILE"`
	TLSKey        string   `name:"tls-key" help:"File with the key of that certificate (PEM)." env:"SEOSIK_TLS_KEY" placeholder:"FILE"`
	ACMEHost      []string `name:"acme-host" help:"Names of the site, separated by commas, for which certificates are had and renewed by themselves (ACME), from Let's Encrypt or --acme-directory, which must reach the site by them at port 443, or --redirect-from at 80." env:"SEOSIK_ACME_HOST" placeholder:"NAME,..."`
	ACMETerms     bool     `name:"acme-accept-terms" help:"Agree to the terms of the authority of --acme-host." env:"SEOSIK_ACME_ACCEPT_TERMS"`
	ACMEDirectory string   `name:"acme-directory" help:"Address of an authority of your own; its certificate must be known to this machine." env:"SEOSIK_ACME_DIRECTORY" placeholder:"URL"`
	RedirectFrom  string   `name:"redirect-from" help:"Address on which who asks by http is sent to https, as :80." env:"SEOSIK_REDIRECT_FROM" placeholder:"ADDR"`
}

// on reports whether the site is served by https.
func (f *tlsFlags) on() bool { return f.TLSCert != "" || len(f.ACMEHost) > 0 }

// check reports what is wrong with the flags.
func (f *tlsFlags) check() error {
	switch {
	case (f.TLSCert == "") != (f.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case f.TLSCert != "" && len(f.ACMEHost) > 0:
		return errors.New("--tls-cert and --acme-host exclude each other")
	case len(f.ACMEHost) > 0 && !f.ACMETerms:
		return errors.New("--acme-host needs --acme-accept-terms: read the terms of the authority")
	case len(f.ACMEHost) == 0 && (f.ACMETerms || f.ACMEDirectory != ""):
		return errors.New("--acme-accept-terms and --acme-directory have no effect without --acme-host")
	case f.RedirectFrom != "" && !f.on():
		return errors.New("--redirect-from has no effect without --tls-cert or --acme-host")
	}
	if f.ACMEDirectory != "" {
		if u, err := url.Parse(f.ACMEDirectory); err != nil || u.Scheme != "https" || u.Host == "" {
			return errors.New("--acme-directory must begin with https://")
		}
	}
	return nil
}

// A secured is what serves by https.
type secured struct {
	config   *tls.Config
	redirect http.Handler
	reload   func() // reads the certificate again; nil where it comes by itself
}

// secure returns what serves by https, at a port. Names are those of the site.
func (f *tlsFlags) secure(data, port string, names []string, log *slog.Logger) (*secured, error) {
	redirect := toHTTPS(port, append(slices.Clone(names), f.ACMEHost...))
	if f.TLSCert == "" {
		m := f.manager(data)
		return &secured{config: atLeast12(m.TLSConfig()), redirect: m.HTTPHandler(redirect)}, nil
	}
	c := &certificate{certFile: f.TLSCert, keyFile: f.TLSKey, log: log}
	if err := c.read(); err != nil {
		return nil, err
	}
	config := &tls.Config{GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"}}
	return &secured{config: atLeast12(config), redirect: redirect, reload: c.readAgain}, nil
}

func atLeast12(c *tls.Config) *tls.Config {
	c.MinVersion = tls.VersionTLS12
	return c
}

// manager returns what gets certificates for the hosts of f, and for no others.
func (f *tlsFlags) manager(data string) *autocert.Manager {
	m := &autocert.Manager{Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(f.ACMEHost...), Cache: autocert.DirCache(filepath.Join(data, "acme"))}
	if f.ACMEDirectory != "" {
		m.Client = &acme.Client{DirectoryURL: f.ACMEDirectory}
	}
	return m
}

// toHTTPS sends who asks for a page by http to the same at https, under the names of
// the site where they are known. What would be sent otherwise, as a secret, is not
// asked for again: it was sent in the open.
func toHTTPS(port string, names []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		known := slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, host) })
		if r.Method != http.MethodGet && r.Method != http.MethodHead || len(names) > 0 && !known {
			http.Error(w, "use https", http.StatusMisdirectedRequest)
			return
		}
		if port != "443" {
			host = net.JoinHostPort(strings.Trim(host, "[]"), port)
		}
		http.Redirect(w, r, "https://"+host+r.URL.RequestURI(), http.StatusMovedPermanently)
	})
}

// A certificate is read from files, and again when they change.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex
	now    *tls.Certificate
	stamp  string    // of the files that it was read from
	looked time.Time // at them
}

// lookEvery is how often at most the files are looked at.
const lookEvery = time.Second

// get returns the certificate of now. Where the files have changed and cannot be
// used, it stays the one of before.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
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
	return c.now, nil
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

// soonOver is when a certificate that is not renewed is warned of.
const soonOver = 14 * 24 * time.Hour

// read reads the certificate.
func (c *certificate) read() error {
	stamp := c.stampNow()
	read, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stamp = stamp // also where it is of no use: that is said once
	if err != nil {
		return fmt.Errorf("certificate %s: %w", c.certFile, err)
	}
	c.now = &read
	if over := read.Leaf.NotAfter; time.Until(over) < soonOver {
		c.log.Warn("the certificate is over soon", "file", c.certFile, "at", over)
	}
	return nil
}

func (c *certificate) readAgain() {
	if err := c.read(); err != nil {
		c.log.Error("the certificate of before is used", "error", err)
		return
	}
	c.log.Info("certificate read", "file", c.certFile)
}

// onHangUp calls f for each SIGHUP until end is called.
func onHangUp(ctx context.Context, f func()) (end func()) {
	hangUp := make(chan os.Signal, 1)
	signal.Notify(hangUp, syscall.SIGHUP)
	return inBackground(ctx, func(ctx context.Context) {
		defer signal.Stop(hangUp)
		for {
			select {
			case <-hangUp:
				f()
			case <-ctx.Done():
				return
			}
		}
	})
}

// scheme is what addresses of the site begin with.
func (f *tlsFlags) scheme() string {
	if f.on() {
		return "https://"
	}
	return "http://"
}

// overTLS returns how a server serves at l, by https where that is wanted. What
// belongs to that goes on until end is called.
func (c *serveCmd) overTLS(ctx context.Context, l *gate.Gate, log *slog.Logger) (serve func(*http.Server) error, end func() error, _ error) {
	if !c.on() {
		return func(server *http.Server) error { return server.Serve(l) }, func() error { return nil }, nil
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	s, err := c.secure(c.Data, port, c.Host, log)
	if err != nil {
		return nil, nil, err
	}
	end = func() error { return nil }
	if c.RedirectFrom != "" {
		if end, err = c.serveRedirect(ctx, s, log); err != nil {
			return nil, nil, err
		}
	}
	if s.reload != nil {
		stop, redirected := onHangUp(ctx, s.reload), end
		end = func() error { stop(); return redirected() }
	}
	return func(server *http.Server) error {
		server.TLSConfig, server.ConnState = s.config, beneath(l.State)
		server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug) // strangers who do not speak TLS fill no log
		return server.ServeTLS(l, "", "")
	}, end, nil
}

// beneath tells state of the connection that a TLS connection is over.
func beneath(state func(net.Conn, http.ConnState)) func(net.Conn, http.ConnState) {
	return func(c net.Conn, now http.ConnState) {
		if over, ok := c.(*tls.Conn); ok {
			c = over.NetConn()
		}
		state(c, now)
	}
}

// serveRedirect sends who asks by http to https, until end is called.
func (c *serveCmd) serveRedirect(ctx context.Context, s *secured, log *slog.Logger) (end func() error, _ error) {
	l, err := c.openGateAt(ctx, c.RedirectFrom)
	if err != nil {
		return nil, err
	}
	server := &http.Server{
		Handler: s.redirect, ConnState: l.State, MaxHeaderBytes: 16 << 10,
		ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: 10 * time.Second,
	}
	log.Info("sending to https", "address", "http://"+l.Addr().String())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	return func() error {
		err := server.Close()
		if e := <-failed; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		return err
	}, nil
}
