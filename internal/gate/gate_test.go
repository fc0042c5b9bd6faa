package gate

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"
)

// A house is a server behind a gate. Its visits to /wait last until release is
// closed, and arrived has one for each.
type house struct {
	*testing.T
	gate    *Gate
	arrived chan struct{}
	release chan struct{}
}

func newHouse(t *testing.T, cfg Config) *house {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t, New(l, cfg), make(chan struct{}, 100), make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "welcome") })
	mux.HandleFunc("/wait", func(http.ResponseWriter, *http.Request) {
		h.arrived <- struct{}{}
		<-h.release
	})
	server := &http.Server{Handler: mux, ConnState: h.gate.State}
	done := make(chan error, 1)
	go func() { done <- server.Serve(h.gate) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve = %v", err)
		}
	})
	return h
}

// connect opens a connection from an address of this machine, and sends a
// text.
func (h *house) connect(from, sent string) net.Conn {
	h.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.DialContext(h.Context(), "tcp", h.gate.Addr().String())
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, sent); err != nil {
		h.Fatal(err)
	}
	return c
}

// ask asks for a page on c and reports whether it came.
func (h *house) ask(c net.Conn) bool {
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		return false
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return err == nil && string(text) == "welcome"
}

// settle waits until n connections are idle. A client has its answer before
// the server says that the connection is.
func (h *house) settle(n int) {
	h.Helper()
	idle := func() int {
		h.gate.mu.Lock()
		defer h.gate.mu.Unlock()
		return h.gate.idle.Len()
	}
	for deadline := time.Now().Add(time.Minute); idle() != n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			h.Fatalf("%d connections are idle, want %d", idle(), n)
		}
	}
}

// open returns how many connections are counted.
func (h *house) open() int {
	h.gate.mu.Lock()
	defer h.gate.mu.Unlock()
	return len(h.gate.open)
}

const wait = "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n"

func TestIdleConnectionsMakeRoom(t *testing.T) {
	h := newHouse(t, Config{Most: 4, Each: 4})
	first := h.connect("127.0.0.1", "")
	if !h.ask(first) {
		t.Fatal("no answer")
	}
	h.settle(1)
	for range 50 {
		h.connect("127.0.0.2", "")
		h.connect("127.0.0.3", "GET / HTTP/1.1\r\nHo") // goes on one day
	}
	if !h.ask(h.connect("127.0.0.1", "")) {
		t.Error("a newcomer has no answer")
	}
	if n := h.open(); n > 4 {
		t.Errorf("%d connections are open, want at most 4", n)
	}
	if h.ask(first) {
		t.Error("the connection that was idle for longest is still open")
	}
}

func TestBusyConnectionsAreKept(t *testing.T) {
	h := newHouse(t, Config{Most: 3, Each: 3})
	busy := h.connect("127.0.0.1", wait)
	<-h.arrived
	for range 20 {
		h.connect("127.0.0.2", "")
	}
	if !h.ask(h.connect("127.0.0.1", "")) {
		t.Error("a newcomer has no answer")
	}
	close(h.release)
	resp, err := http.ReadResponse(bufio.NewReader(busy), nil)
	if err != nil {
		t.Fatalf("who waited was answered with %v", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("who waited was answered with status %d", resp.StatusCode)
	}
}

func TestNewcomersWaitWhileAllAreBusy(t *testing.T) {
	h := newHouse(t, Config{Most: 2, Each: 2})
	for range 2 {
		h.connect("127.0.0.1", wait)
		<-h.arrived
	}
	newcomer := h.connect("127.0.0.2", "")
	answered := make(chan bool, 1)
	go func() { answered <- h.ask(newcomer) }()
	close(h.release)
	if !<-answered {
		t.Error("the newcomer has no answer when there is room")
	}
}

func TestAddressesHaveTheirShare(t *testing.T) {
	free := []netip.Prefix{netip.MustParsePrefix("127.0.0.9/32")}
	h := newHouse(t, Config{Most: 10, Each: 2, Free: free})
	neighbour := h.connect("127.0.0.2", "")
	for range 50 {
		h.connect("127.0.0.1", "")
	}
	if !h.ask(h.connect("127.0.0.1", "")) {
		t.Error("an address with idle connections has no other one")
	}
	h.settle(3) // two of that address, and the neighbour's
	for range 2 {
		h.connect("127.0.0.1", wait)
		<-h.arrived
	}
	if h.ask(h.connect("127.0.0.1", "")) {
		t.Error("an address has more busy connections than its share")
	}
	for range 4 {
		h.connect("127.0.0.9", wait)
		<-h.arrived
	}
	if !h.ask(neighbour) {
		t.Error("another address had to make room")
	}
	close(h.release)
}

func TestGateCountsWhatIsClosed(t *testing.T) {
	h := newHouse(t, Config{Most: 10, Each: 10})
	for range 30 {
		c := h.connect("127.0.0.1", "")
		if !h.ask(c) {
			t.Fatal("no answer")
		}
		c.Close()
	}
	for deadline := time.Now().Add(time.Minute); h.open() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are counted that are closed", h.open())
		}
	}
	if len(h.gate.from) != 0 || h.gate.idle.Len() != 0 {
		t.Errorf("%d addresses and %d idle connections are left", len(h.gate.from), h.gate.idle.Len())
	}
}

func TestClosedGateAcceptsNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{T: t, gate: New(l, Config{Most: 1, Each: 1})}
	h.connect("127.0.0.1", "")
	c, err := h.gate.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	h.gate.State(c, http.StateActive)
	waiting := make(chan error, 1)
	go func() {
		_, err := h.gate.Accept() // there is no room
		waiting <- err
	}()
	if err := h.gate.Close(); err != nil {
		t.Error(err)
	}
	if err := <-waiting; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept = %v, want net.ErrClosed", err)
	}
}

func TestOrigin(t *testing.T) {
	tests := []struct{ address, want string }{
		{"192.0.2.7:1", "192.0.2.7/32"},
		{"[::ffff:192.0.2.7]:1", "192.0.2.7/32"},
		{"[2001:db8:1:2:3:4:5:6]:1", "2001:db8:1:2::/64"},
		{"[fe80::1%eth0]:1", "fe80::/64"},
	}
	for _, tt := range tests {
		at, err := net.ResolveTCPAddr("tcp", tt.address)
		if err != nil {
			t.Fatal(err)
		}
		if got := origin(at).String(); got != tt.want {
			t.Errorf("origin(%s) = %s, want %s", tt.address, got, tt.want)
		}
	}
}

func TestBounds(t *testing.T) {
	b, err := Bounds()
	if err != nil || b.Each < 1 || b.Most < b.Each || b.Most > mostConnections {
		t.Errorf("Bounds = %+v, %v", b, err)
	}
}
