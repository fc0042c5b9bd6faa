package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The kinds of connections that ask for nothing, or never to the end.
const (
	idlers = 10_000
	idleIn = 30 * time.Second // how long they are there

	// What is sent first, and then a byte a second.
	silence  = ""
	slowHead = "GET /login HTTP/1.1\r\nHost: x\r\nX-Slow: "
	slowBody = "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\nuser="
)

// A crowd is many connections. One that the server closes is opened again after
// 5 to 15 s.
type crowd struct {
	address string
	open    atomic.Int64
	closed  atomic.Int64 // by the server
	refused atomic.Int64 // not opened within a few seconds
}

// stay keeps n connections open until ctx ends: as many that are silent as have a
// head, and a body, of which a byte comes a second.
func (c *crowd) stay(ctx context.Context, n int) {
	var all sync.WaitGroup
	for i := range n {
		first := []string{silence, slowHead, slowBody}[i%3]
		all.Go(func() {
			for ctx.Err() == nil {
				c.sit(ctx, first)
				select {
				case <-time.After(5*time.Second + rand.N(10*time.Second)):
				case <-ctx.Done():
				}
			}
		})
	}
	all.Wait()
}

// sit opens a connection and keeps it until the server or ctx ends it.
func (c *crowd) sit(ctx context.Context, first string) {
	d := net.Dialer{Timeout: 5 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", c.address)
	if err != nil {
		if ctx.Err() == nil {
			c.refused.Add(1)
		}
		return
	}
	c.open.Add(1)
	defer func() {
		conn.Close()
		c.open.Add(-1)
		if ctx.Err() == nil {
			c.closed.Add(1)
		}
	}()
	if _, err := conn.Write([]byte(first)); err != nil {
		return
	}
	one := make([]byte, 1)
	for ctx.Err() == nil {
		if err := conn.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			return
		}
		// What it answers is read, to see whether it hangs up.
		if _, err := conn.Read(one); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if first == silence {
			continue
		}
		if _, err := conn.Write([]byte("x")); err != nil {
			return
		}
	}
}

// idle has a crowd sit there, and reports whether the bars are met meanwhile.
func (s *server) idle(o *office) bool {
	ctx, cancel := context.WithTimeout(context.Background(), idleIn)
	defer cancel()
	c := &crowd{address: strings.TrimPrefix(s.address, "http://")}
	before := s.memory.now()
	var most, there int64
	alone, _ := s.asked(o, func() { time.Sleep(3 * time.Second) })
	spent := processor(s.memory.pid)
	lists, failed := s.asked(o, func() {
		var watching sync.WaitGroup
		watching.Go(func() {
			for ctx.Err() == nil {
				most, there = max(most, s.memory.now()), max(there, c.open.Load())
				time.Sleep(100 * time.Millisecond)
			}
		})
		c.stay(ctx, idlers)
		watching.Wait()
	})
	at := percentile(lists)
	fmt.Printf("\n%d connections that say nothing, or a byte a second, for %v\n", idlers, idleIn)
	fmt.Printf("  at once                 %d open, %d closed by the server and opened again, %d refused\n", there, c.closed.Load(), c.refused.Load())
	fmt.Printf("  server                  %d MB before, %d MB at most, %v of a processor\n", before>>20, most>>20, processor(s.memory.pid)-spent)
	fmt.Printf("  lists                   50th %v, 95th %v (bar %v), longest %v, of %d; %d failed (bar 0); 95th without them %v\n",
		at(.5), at(.95), maxList, at(1), len(lists), failed, percentile(alone)(.95))
	return failed == 0 && len(lists) > 0 && at(.95) <= maxList && most <= maxPeak
}

// asked asks for a page while during runs, each time over a connection of its own,
// as who comes anew does, and returns how long each took.
func (s *server) asked(o *office, during func()) (took []time.Duration, failed int) {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			start := time.Now()
			status, _, err := o.do(ctx, o.fresh(), http.MethodGet, "/pages", bytes.NewReader(nil))
			cancel()
			if err != nil || status >= http.StatusBadRequest {
				failed++
			}
			took = append(took, time.Since(start))
		}
	}()
	during()
	close(stop)
	<-done
	return took, failed
}
