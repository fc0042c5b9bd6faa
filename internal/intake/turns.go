package intake

import (
	"context"
	"slices"
	"sync"
)

// turns lets a number of pages be read at once. Between two pages a document
// passes its turn to an API call, if one waits: somebody is waiting for that.
type turns struct {
	mu      sync.Mutex
	free    int
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
	return t, t.await(ctx)
}

// await waits until t is held.
func (t *turn) await(ctx context.Context) error {
	t.of.mu.Lock()
	t.ready = make(chan struct{})
	t.of.waiting[t.class] = append(t.of.waiting[t.class], t)
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
	for c := range ts.waiting {
		if len(ts.waiting[c]) > 0 {
			t := ts.waiting[c][0]
			ts.waiting[c] = ts.waiting[c][1:]
			t.held = true
			close(t.ready)
			return true
		}
	}
	return false
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
	return t.await(ctx)
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
