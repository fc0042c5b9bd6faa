package fetch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestPublic(t *testing.T) {
	for _, tt := range []struct {
		addr string
		want bool
	}{
		{"8.8.8.8", true},
		{"223.130.195.95", true},
		{"2404:4600:6::1", true},
		{"127.0.0.1", false},
		{"127.8.8.8", false},
		{"0.0.0.0", false},
		{"10.1.2.3", false},
		{"172.16.0.1", false},
		{"172.32.0.1", true},
		{"192.168.0.1", false},
		{"100.64.0.1", false},
		{"100.128.0.1", true},
		{"169.254.169.254", false},
		{"192.0.0.8", false},
		{"198.19.255.255", false},
		{"224.0.0.1", false},
		{"255.255.255.255", false},
		{"::", false},
		{"::1", false},
		{"::127.0.0.1", false},
		{"::ffff:127.0.0.1", false},
		{"::ffff:10.0.0.1", false},
		{"::ffff:8.8.8.8", true},
		{"64:ff9b::7f00:1", false},
		{"64:ff9b:1::a00:1", false},
		{"2002:7f00:1::", false},
		{"2002:a00:1::1", false},
		{"2001:0:4136:e378:8000:63bf:3fff:fdd2", false},
		{"2001:db8::1", false},
		{"fc00::1", false},
		{"fd00:ec2::254", false},
		{"fe80::1", false},
		{"fe80::1%eth0", false},
		{"ff02::1", false},
		{"100::1", false},
	} {
		if got := (Allowed{}).permits("x", netip.MustParseAddr(tt.addr)); got != tt.want {
			t.Errorf("permits(%s) = %v, want %v", tt.addr, got, tt.want)
		}
	}
}

func TestParseAllowed(t *testing.T) {
	a, err := ParseAllowed([]string{"10.0.0.0/8", "192.168.1.7", "Check.Office.example.", "fd00::/8", "[::1]"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		host, addr string
		want       bool
	}{
		{"a", "10.9.9.9", true},
		{"a", "::ffff:10.9.9.9", true},
		{"a", "192.168.1.7", true},
		{"a", "192.168.1.8", false},
		{"a", "fd12::1", true},
		{"a", "::1", true},
		{"a", "127.0.0.1", false},
		{"check.office.example", "127.0.0.1", true},
		{"CHECK.office.example.", "192.168.9.9", true},
		{"check.office.example", "169.254.169.254", false},
		{"other.office.example", "192.168.9.9", false},
	} {
		if got := a.permits(tt.host, netip.MustParseAddr(tt.addr)); got != tt.want {
			t.Errorf("permits(%s, %s) = %v, want %v", tt.host, tt.addr, got, tt.want)
		}
	}
	for _, bad := range []string{"", "http://x", "10.0.0.0/33", "a b", "host:80"} {
		if _, err := ParseAllowed([]string{bad}); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// local returns a client that may talk to this machine.
func local(t *testing.T, cfg Config) *Client {
	t.Helper()
	var err error
	if cfg.Allow, err = ParseAllowed([]string{"127.0.0.1"}); err != nil {
		t.Fatal(err)
	}
	return New(cfg)
}

func anything([]byte) bool { return true }

func TestGet(t *testing.T) {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Referer") != "" {
			t.Error("tells where it came from")
		}
		io.WriteString(w, "0123456789")
	})
	mux.HandleFunc("/chunked", func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			w.Write(bytes.Repeat([]byte("x"), 4<<10))
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("/missing", http.NotFound)
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/slower", func(w http.ResponseWriter, r *http.Request) {
		w.Write(bytes.Repeat([]byte("x"), 2<<10))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5000")
		io.WriteString(w, "x")
	})
	mux.HandleFunc("/hops/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.PathValue("n"))
		to := "/file"
		if n > 1 {
			to = "/hops/" + strconv.Itoa(n-1)
		}
		http.Redirect(w, r, to, http.StatusFound)
	})
	mux.HandleFunc("/to", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("u"), http.StatusFound)
	})
	c := local(t, Config{Within: 300 * time.Millisecond})
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	for _, tt := range []struct {
		name, url string
		max       int
		want      error
	}{
		{"a file", "/file", 10, nil},
		{"one byte too many", "/file", 9, ErrTooLarge},
		{"of unknown length", "/chunked", 12 << 10, nil},
		{"of unknown length, too large", "/chunked", 12<<10 - 1, ErrTooLarge},
		{"missing", "/missing", 10, StatusError(404)},
		{"slow", "/slow", 10, ErrUnreachable},
		{"slow in the middle", "/slower", 1 << 20, ErrUnreachable},
		{"cut off", "/cut", 1 << 20, ErrUnreachable},
		{"three redirects", "/hops/3", 10, nil},
		{"four redirects", "/hops/4", 10, ErrRedirects},
		{"to another address", "/to?u=http://127.0.0.2" + port + "/file", 10, ErrRefused},
		{"to the metadata of a cloud", "/to?u=http://169.254.169.254/latest", 10, ErrRefused},
		{"to a mapped address", "/to?u=http://[::ffff:a9fe:a9fe]/latest", 10, ErrRefused},
		{"to a file of this machine", "/to?u=file:///etc/passwd", 10, ErrURL},
		{"to a password", "/to?u=http://a:b@127.0.0.1" + port + "/file", 10, ErrURL},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var file bytes.Buffer
			err := c.Get(t.Context(), server.URL+tt.url, &file, tt.max, anything)
			if !errors.Is(err, tt.want) {
				t.Fatalf("Get: %v, want %v", err, tt.want)
			}
			if tt.want == nil && file.Len() != tt.max {
				t.Errorf("%d bytes, want %d", file.Len(), tt.max)
			}
		})
	}
	t.Run("kind", func(t *testing.T) {
		err := c.Get(t.Context(), server.URL+"/file", io.Discard, 10, func(head []byte) bool { return string(head) != "0123456789" })
		if !errors.Is(err, ErrKind) {
			t.Errorf("Get: %v, want %v", err, ErrKind)
		}
	})
	t.Run("nowhere to write", func(t *testing.T) {
		r, w := io.Pipe()
		r.Close()
		if err := c.Get(t.Context(), server.URL+"/file", w, 10, anything); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("Get: %v, want the error of the writer", err)
		}
	})
}

func TestGetRefuses(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached") }))
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	public := netip.MustParseAddr("8.8.8.8")
	c := New(Config{Lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
		switch host {
		case "home.example":
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		case "both.example":
			return []netip.Addr{public, netip.MustParseAddr("127.0.0.1")}, nil
		case "mapped.example":
			return []netip.Addr{netip.MustParseAddr("::ffff:127.0.0.1")}, nil
		}
		return nil, errors.New("no such host")
	}})
	for _, tt := range []struct {
		url  string
		want error
	}{
		{server.URL, ErrRefused},
		{"http://home.example" + port, ErrRefused},
		{"http://both.example" + port, ErrRefused},
		{"http://mapped.example" + port, ErrRefused},
		{"http://[::ffff:127.0.0.1]" + port, ErrRefused},
		{"http://[::1]" + port, ErrRefused},
		{"http://0.0.0.0" + port, ErrRefused},
		{"http://2130706433" + port, ErrUnreachable}, // a name like any other
		{"http://no.example", ErrUnreachable},
		{"ftp://home.example/", ErrURL},
		{"file:///etc/passwd", ErrURL},
		{"//home.example/x", ErrURL},
		{"http://a@home.example/", ErrURL},
		{"http:///x", ErrURL},
		{"http://home.example:port/", ErrURL},
		{"", ErrURL},
	} {
		if err := c.Get(t.Context(), tt.url, io.Discard, 10, anything); !errors.Is(err, tt.want) {
			t.Errorf("Get(%q): %v, want %v", tt.url, err, tt.want)
		}
	}
}

// The name is resolved once: what was judged is what is dialled.
func TestResolvesOnce(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "x") }))
	defer server.Close()
	asked := 0
	c := local(t, Config{Lookup: func(context.Context, string) ([]netip.Addr, error) {
		asked++
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}})
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	if err := c.Get(t.Context(), "http://rebinding.example"+port, io.Discard, 10, anything); err != nil {
		t.Fatal(err)
	}
	if asked != 1 {
		t.Errorf("resolved %d times, want once", asked)
	}
}

func TestPost(t *testing.T) {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Header.Get("X-Test")+" ")
		io.Copy(w, r.Body)
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/echo", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, maxAnswer+1)) })
	c := local(t, Config{})
	for _, tt := range []struct {
		path string
		want error
	}{{"/echo", nil}, {"/moved", StatusError(307)}, {"/long", ErrTooLarge}, {"/missing", StatusError(404)}} {
		answer, err := c.Post(t.Context(), server.URL+tt.path, http.Header{"X-Test": {"a"}}, []byte("{}"))
		if !errors.Is(err, tt.want) || err == nil && string(answer) != "a {}" {
			t.Errorf("Post(%s) = %q, %v; want %v", tt.path, answer, err, tt.want)
		}
	}
}
