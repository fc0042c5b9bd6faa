// Package gate keeps the connections of a server within bounds, so that
// strangers who open many and ask for nothing neither lock people out nor take
// the descriptors that files, the database and child processes need. It turns
// no newcomer away while there is a connection on which nobody waits for an
// answer: the one that has been so for longest is closed instead.
package gate

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// Config says how many connections there may be.
type Config struct {
	Most int // at the same time
	Each int // from one address (IPv6: from one /64), except from Free
	Free []netip.Prefix
}

// A Gate is a listener whose connections are counted. Its State must be the
// ConnState of the server, which tells it of their ends.
type Gate struct {
	net.Listener
	cfg Config

	mu    sync.Mutex
	room  *sync.Cond // told when a connection ends, becomes idle, or all is over
	open  map[net.Conn]*guest
	from  map[netip.Prefix]int // open connections; none with 0
	idle  *list.List           // of net.Conn, the one that has been idle for longest first
	ended bool
}

// A guest is what is known of an open connection.
type guest struct {
	from netip.Prefix
	idle *list.Element // where it is in Gate.idle; nil while it is busy
}

// New returns a gate before l.
func New(l net.Listener, cfg Config) *Gate {
	g := &Gate{Listener: l, cfg: cfg, open: make(map[net.Conn]*guest), from: make(map[netip.Prefix]int), idle: list.New()}
	g.room = sync.NewCond(&g.mu)
	return g
}

// Accept returns the next connection for which there is room. Where all are
// busy, it waits until one is not; one too many from an address that has only
// busy ones is closed.
func (g *Gate) Accept() (net.Conn, error) {
	for {
		if err := g.wait(); err != nil {
			return nil, err
		}
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if g.admit(c) {
			return c, nil
		}
		c.Close()
	}
}

// wait waits until a connection may be accepted.
func (g *Gate) wait() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.open) >= g.cfg.Most && g.idle.Len() == 0 && !g.ended {
		g.room.Wait()
	}
	if g.ended {
		return net.ErrClosed
	}
	return nil
}

// admit counts a connection, unless its address has too many that are busy. A
// new one is idle: it has asked for nothing.
func (g *Gate) admit(c net.Conn) bool {
	from := origin(c.RemoteAddr())
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.from[from] >= g.cfg.Each && !g.free(from) && !g.closeIdle(&from) {
		return false
	}
	if len(g.open) >= g.cfg.Most {
		g.closeIdle(nil)
	}
	g.open[c] = &guest{from, g.idle.PushBack(c)}
	g.from[from]++
	return true
}

func (g *Gate) free(from netip.Prefix) bool {
	for _, p := range g.cfg.Free {
		if p.Contains(from.Addr()) {
			return true
		}
	}
	return false
}

// closeIdle closes the connection that has been idle for longest, of those
// from an address where one is given, and reports whether there was one.
func (g *Gate) closeIdle(from *netip.Prefix) bool {
	for e := g.idle.Front(); e != nil; e = e.Next() {
		if c := e.Value.(net.Conn); from == nil || g.open[c].from == *from {
			g.forget(c)
			c.Close()
			return true
		}
	}
	return false
}

// forget stops counting c.
func (g *Gate) forget(c net.Conn) {
	from := g.open[c].from
	g.busy(g.open[c])
	delete(g.open, c)
	if g.from[from]--; g.from[from] == 0 {
		delete(g.from, from)
	}
	g.room.Signal()
}

// busy takes a connection from those that are idle.
func (g *Gate) busy(c *guest) {
	if c.idle != nil {
		g.idle.Remove(c.idle)
		c.idle = nil
	}
}

// State notes what the server does with a connection. One whose request has
// not been read up to its body is still idle: it costs its client nothing to
// be slow.
func (g *Gate) State(c net.Conn, state http.ConnState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	known := g.open[c]
	if known == nil { // closed by the gate
		return
	}
	switch state {
	case http.StateActive:
		g.busy(known)
	case http.StateIdle:
		g.busy(known)
		known.idle = g.idle.PushBack(c)
		g.room.Signal()
	case http.StateClosed, http.StateHijacked:
		g.forget(c)
	}
}

// Close ends the gate. Connections that it has let in stay open.
func (g *Gate) Close() error {
	g.mu.Lock()
	g.ended = true
	g.room.Broadcast()
	g.mu.Unlock()
	return g.Listener.Close()
}

// origin returns the address of who is at the other end; for IPv6 the /64 that
// one subscriber has.
func origin(a net.Addr) netip.Prefix {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Prefix{}
	}
	ip := at.Addr().Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(ip, bits).Masked()
}
