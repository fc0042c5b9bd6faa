// Package fetch talks HTTP to addresses that others name, without being made
// to talk to what only this machine can reach.
//
// Addresses are http or https. The name of a host is resolved once, every one
// of its addresses is judged, and what was judged is what is dialled: a name
// server that answers differently the next time gains nothing. Redirects are
// followed by the same rules, three at most. Only addresses of the public
// Internet pass, and those that are allowed by name or network.
package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

var (
	// ErrURL reports what is no address of http or https.
	ErrURL = errors.New("it is not an http or https address")
	// ErrRefused reports an address that is not on the public Internet.
	ErrRefused = errors.New("its address is not on the public Internet")
	// ErrRedirects reports an address that leads on too often.
	ErrRedirects = fmt.Errorf("it redirects more than %d times", maxRedirects)
	// ErrUnreachable reports an address from which nothing came, or not in time.
	ErrUnreachable = errors.New("it could not be reached, or did not answer in time")
	// ErrTooLarge reports an answer of more bytes than wanted.
	ErrTooLarge = errors.New("it is too large")
	// ErrKind reports an answer that is not of a kind that is wanted.
	ErrKind = errors.New("it is not of a kind that can be read")
)

// A StatusError reports an answer other than 200.
type StatusError int

func (e StatusError) Error() string { return fmt.Sprintf("it answered with status %d", int(e)) }

const (
	maxRedirects = 3
	maxHeader    = 64 << 10 // bytes of an answer's header
	headBytes    = 1 << 10  // of a file that tell its kind
)

// Config is what a Client is made of. Its zero value is of use.
type Config struct {
	Allow  Allowed
	Within time.Duration // of a whole exchange; 0 for 20 s
	// Lookup resolves the name of a host; nil for the system's resolver.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
}

// A Client talks HTTP. It is safe for concurrent use. Texts of its errors are
// safe to show: they are of this package and end in no address.
type Client struct {
	cfg  Config
	http *http.Client
}

// New returns a Client.
func New(cfg Config) *Client {
	if cfg.Within == 0 {
		cfg.Within = 20 * time.Second
	}
	if cfg.Lookup == nil {
		cfg.Lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	c := &Client{cfg: cfg}
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would dial for us, and not judge
			DialContext:            c.dial,
			TLSHandshakeTimeout:    10 * time.Second,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true, // sizes are those of what comes
			DisableKeepAlives:      true, // a connection is judged for one host
		},
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			if len(before) > maxRedirects {
				return ErrRedirects
			}
			next.Header.Del("Referer")
			return checkURL(next.URL)
		},
	}
	return c
}

// Get writes the file at address, of max bytes at most, to w. Accept is asked
// about its first bytes.
func (c *Client) Get(ctx context.Context, address string, w io.Writer, max int, accept func(head []byte) bool) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Within)
	defer cancel()
	resp, err := c.send(ctx, c.http, http.MethodGet, address, nil, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusOK:
		return StatusError(resp.StatusCode)
	case resp.ContentLength > int64(max):
		return ErrTooLarge
	}
	head := make([]byte, headBytes)
	n, err := io.ReadFull(resp.Body, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return ErrUnreachable
	}
	if !accept(head[:n]) {
		return ErrKind
	}
	to := &writer{w: w}
	size, err := io.Copy(to, io.LimitReader(io.MultiReader(bytes.NewReader(head[:n]), resp.Body), int64(max)+1))
	switch {
	case to.err != nil:
		return to.err
	case err != nil:
		return ErrUnreachable
	case size > int64(max):
		return ErrTooLarge
	}
	return nil
}

// A writer remembers what kept it from writing, which is not the network's fault.
type writer struct {
	w   io.Writer
	err error
}

func (w *writer) Write(p []byte) (n int, err error) {
	n, w.err = w.w.Write(p)
	return n, w.err
}

// maxAnswer bounds what is taken of an answer to Post, in bytes.
const maxAnswer = 64 << 10

// Post sends body, which is JSON, to address and returns the answer. Redirects
// are not followed. An answer other than 2xx is a StatusError.
func (c *Client) Post(ctx context.Context, address string, header http.Header, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Within)
	defer cancel()
	still := *c.http
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := c.send(ctx, &still, http.MethodPost, address, header, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return nil, StatusError(resp.StatusCode)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, ErrUnreachable
	case len(answer) > maxAnswer:
		return nil, ErrTooLarge
	}
	return answer, nil
}

// send sends a request and returns the answer, whose body is to be closed.
func (c *Client) send(ctx context.Context, client *http.Client, method, address string, header http.Header, body io.Reader) (*http.Response, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, ErrURL
	}
	if err := checkURL(u); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, ErrURL
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", "Seosik")
	resp, err := client.Do(req)
	if err == nil {
		return resp, nil
	}
	for _, known := range []error{ErrURL, ErrRefused, ErrRedirects} {
		if errors.Is(err, known) {
			return nil, known
		}
	}
	return nil, ErrUnreachable // what the system says may hold addresses
}

// checkURL returns ErrURL unless u is an address that is talked to.
func checkURL(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return ErrURL
	}
	return nil
}

// dial connects to one of the addresses of a host, all of which must be good.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, ErrURL
	}
	addrs, err := c.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, a := range addrs {
		if !c.cfg.Allow.permits(host, a) {
			return nil, ErrRefused
		}
	}
	var conn net.Conn
	err = ErrUnreachable
	for _, a := range addrs {
		d := net.Dialer{Timeout: 5 * time.Second}
		if conn, err = d.DialContext(ctx, network, net.JoinHostPort(a.Unmap().String(), port)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// resolve returns the addresses of a host, which may be one itself.
func (c *Client) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	return c.cfg.Lookup(ctx, host)
}
