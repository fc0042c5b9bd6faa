package handlers

import (
	"bufio"
	"context"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/semaphore"
)

// stalled is how long a sender may send nothing before others get its turn.
const stalled = 200 * time.Millisecond

// turnWait is how long a body waits for its turn: there is one as long as others
// send, and it costs nothing.
const turnWait = time.Hour

// pieceBytes is what is taken of a body at a time.
const pieceBytes = 64 << 10

// A pace lets few bodies at a time come in, one after another: more at once
// come no sooner, and all the others that the processors and the disk have to
// do would wait for them. What has not its turn stays with its sender.
type pace struct{ turns *semaphore.Weighted }

func newPace() *pace { return &pace{semaphore.NewWeighted(int64(max(4, runtime.NumCPU())))} }

// paced has the body of a request come in at the pace, until it ends. Where the
// request has to wait until no more than left of its time remains, that is an
// error of the body.
func (p *pace) paced(c echo.Context, left time.Duration) *pacedBody {
	r := c.Request()
	b := &pacedBody{body: r.Body, ctx: r.Context(), turns: p.turns, left: left}
	r.Body = struct {
		io.Reader
		io.Closer
	}{bufio.NewReaderSize(b, pieceBytes), r.Body}
	return b
}

// A pacedBody has a turn from when it got its first bytes until it stalls.
type pacedBody struct {
	body  io.Reader
	ctx   context.Context
	turns *semaphore.Weighted
	left  time.Duration
	err   error // of waiting for a turn

	mu   sync.Mutex
	held bool
	over bool
}

func (b *pacedBody) Read(p []byte) (int, error) {
	patience := time.AfterFunc(stalled, b.yield)
	n, err := b.body.Read(p)
	patience.Stop()
	if n == 0 {
		return n, err
	}
	if b.err = b.take(); b.err != nil {
		return 0, b.err
	}
	return n, err
}

// take waits for a turn.
func (b *pacedBody) take() error {
	b.mu.Lock()
	ready := b.held || b.over
	b.mu.Unlock()
	if ready {
		return nil
	}
	if err := await(b.ctx, b.turns, 1, turnWait, b.left); err != nil {
		return err
	}
	b.mu.Lock()
	b.held = true
	b.mu.Unlock()
	return nil
}

// end gives the turn back for good. What is read after that is only thrown away,
// and needs none.
func (b *pacedBody) end() {
	b.mu.Lock()
	b.over = true
	b.mu.Unlock()
	b.yield()
}

// yield gives the turn to others.
func (b *pacedBody) yield() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held {
		b.held = false
		b.turns.Release(1)
	}
}
