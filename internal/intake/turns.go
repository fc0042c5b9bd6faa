package intake

import (
	"context"
	"math"
	"slices"
	"sync"
)

// callsInARow is how many calls may go before an upload that waits: somebody
// waits for them, and yet a stream of them must not keep uploads from being read.
const callsInARow = 3

// othersInARow is the same for a page of a dry run: nobody waits for it, and yet
// it must come to its end on a busy day.
const othersInARow = 20

// turns lets a number of pages be read at once. Between two pages a document
// passes its turn to an API call, if one waits and it is no upload's turn.
type turns struct {
	mu      sync.Mutex
	free    int
	row     int              // calls that went before an upload that waited, since the last upload
	others  int              // turns of others that went before a dry run that waited, since the last dry run
	waiting [classes][]*turn // oldest first
}

// A turn is the right to read a page.
type turn struct {
	of    *turns
	class class
	ready chan struct{} // closed when the turn has come, while it is awaited
	held  bool
	over  bool // the document has been given up
}

func newTurns(n int) *turns { return &turns{free: n} }

// take waits for a turn. Whoever got one calls end.
func (ts *turns) take(ctx context.Context, c class) (*turn, error) {
	t := &turn{of: ts, class: c}
	return t, t.await(ctx, last)
}

// last is behind all others of a class.
const last = math.MaxInt

// await waits until t is held, behind so many of its class.
func (t *turn) await(ctx context.Context, behind int) error {
	t.of.mu.Lock()
	t.ready = make(chan struct{})
	line := &t.of.waiting[t.class]
	*line = slices.Insert(*line, min(behind, len(*line)), t)
	for t.of.free > 0 && t.of.next() {
		t.of.free--
	}
	t.of.mu.Unlock()
	select {
	case <-t.ready:
		return nil
	case <-ctx.Done():
		t.end()
		return context.Cause(ctx)
	}
}

// next gives a turn to the first who waits, and reports whether there was one.
// The caller holds the lock.
func (ts *turns) next() bool {
	c, ok := ts.whose()
	if !ok {
		return false
	}
	switch {
	case c == uploads:
		ts.row = 0
	case c == calls && len(ts.waiting[uploads]) > 0:
		ts.row++
	}
	switch {
	case c == dryRuns:
		ts.others = 0
	case len(ts.waiting[dryRuns]) > 0:
		ts.others++
	}
	t := ts.waiting[c][0]
	ts.waiting[c] = ts.waiting[c][1:]
	t.held = true
	close(t.ready)
	return true
}

// whose returns the class whose turn it is among those that wait.
func (ts *turns) whose() (c class, ok bool) {
	call, upload, dry := len(ts.waiting[calls]) > 0, len(ts.waiting[uploads]) > 0, len(ts.waiting[dryRuns]) > 0
	switch {
	case dry && (!call && !upload || ts.others >= othersInARow):
		return dryRuns, true
	case upload && (!call || ts.row >= callsInARow):
		return uploads, true
	}
	return calls, call
}

// pass lets the calls that wait go first, and waits for the next turn.
// Meanwhile it calls idle, once.
func (t *turn) pass(ctx context.Context, idle func()) error {
	t.of.mu.Lock()
	if t.over || len(t.of.waiting[calls]) == 0 {
		t.of.mu.Unlock()
		return nil
	}
	t.drop()
	t.of.mu.Unlock()
	idle()
	return t.await(ctx, 0) // what was begun goes first
}

// end gives the turn back for good.
func (t *turn) end() {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	t.over = true
	if i := slices.Index(t.of.waiting[t.class], t); i >= 0 {
		t.of.waiting[t.class] = slices.Delete(t.of.waiting[t.class], i, i+1)
	}
	t.drop()
}

// drop hands the turn, if held, to who waits. The caller holds the lock.
func (t *turn) drop() {
	if t.held {
		t.held = false
		if !t.of.next() {
			t.of.free++
		}
	}
}
