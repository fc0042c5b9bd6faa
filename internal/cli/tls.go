package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/seosik/seosik/internal/gate"
)

type tlsFlags struct {
	certFlags
	ACMETerms     bool   `name:"acme-accept-terms" help:"Agree to the terms of the authority of --acme-host." env:"SEOSIK_ACME_ACCEPT_TERMS"`
	ACMEDirectory string `name:"acme-directory" help:"Address of an authority of your own; its certificate must be known to this machine." env:"SEOSIK_ACME_DIRECTORY" placeholder:"URL"`
	RedirectFrom  string `name:"redirect-from" help:"Address on which who asks by http is sent to https, as :80." env:"SEOSIK_REDIRECT_FROM" placeholder:"ADDR"`
}

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

// toHTTPS sends who asks for a page by http to the same at https, under the names of
// the site. What would be sent otherwise, as a secret, is not asked for again: it was
// sent in the open.
func toHTTPS(port string, known func(host string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead || r.URL.Opaque != "" || !known(strings.Trim(host, "[]")) {
			http.Error(w, "use https", http.StatusMisdirectedRequest)
			return
		}
		if port != "443" {
			host = net.JoinHostPort(strings.Trim(host, "[]"), port)
		}
		http.Redirect(w, r, "https://"+host+r.URL.RequestURI(), http.StatusMovedPermanently)
	})
}

// knows reports whether a host is one of the site's: by its names where it has any,
// or else by its certificate.
func (c *serveCmd) knows(cs *certificates) func(host string) bool {
	names := append(slices.Clone(c.Host), c.hosts()...)
	if len(names) == 0 {
		return cs.covers
	}
	return func(host string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), host) })
	}
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

// overTLS returns how a server serves at l, by https where there are certificates. What
// belongs to that goes on until end is called.
func (c *serveCmd) overTLS(ctx context.Context, l *gate.Gate, cs *certificates, log *slog.Logger) (serve func(*http.Server) error, end func() error, _ error) {
	if cs == nil {
		return func(server *http.Server) error { return server.Serve(l) }, func() error { return nil }, nil
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	end = func() error { return nil }
	if c.RedirectFrom != "" {
		if end, err = c.serveRedirect(ctx, cs.challenges(toHTTPS(port, c.knows(cs))), log); err != nil {
			return nil, nil, err
		}
	}
	looked, redirected := inBackground(ctx, cs.run), end
	stop := onHangUp(ctx, cs.reload)
	end = func() error { stop(); looked(); return redirected() }
	return func(server *http.Server) error {
		server.TLSConfig, server.ConnState = cs.config, beneath(l.State)
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

// redirectShare is the part of the connections of the site that there may be besides,
// to be sent to https: each is soon over.
const redirectShare = 16

// serveRedirect sends who asks by http to https, until end is called.
func (c *serveCmd) serveRedirect(ctx context.Context, h http.Handler, log *slog.Logger) (end func() error, _ error) {
	l, err := c.openGateAt(ctx, c.RedirectFrom, redirectShare)
	if err != nil {
		return nil, err
	}
	server := &http.Server{
		Handler: h, ConnState: l.State, MaxHeaderBytes: 16 << 10,
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
