package handlers

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/semaphore"
)

// What may be in hand at once, beside calls.
const (
	uploadsAtOnce = 256       // requests
	importsAtOnce = 2         // requests; a template file is in memory as a whole
	lookedInto    = 256 << 20 // bytes
	childBytes    = 32 << 20  // of those, what counting the pages of a PDF takes in a process of its own
)

// How long a request waits for others before it is sent away. Its body waits
// with its sender.
const (
	gateWait = 10 * time.Second
	callWait = 30 * time.Second // a quarter of the time in which a call is answered
)

// gateRetry is when one that was sent away should come again.
const gateRetry = 5 * time.Second

var errBusy = errors.New("as much is in hand as may be")

// A gate bounds what is in hand.
type gate struct {
	most int64
	wait time.Duration
	room *semaphore.Weighted
}

func newGate(most int64, wait time.Duration) *gate {
	return &gate{most, wait, semaphore.NewWeighted(most)}
}

// enter waits until there is room for n, or for all of most where n is more,
// until leave is called. It returns errBusy where that takes too long.
func (g *gate) enter(ctx context.Context, n int64) (leave func(), err error) {
	n = min(n, g.most)
	short, cancel := context.WithTimeout(ctx, g.wait)
	defer cancel()
	switch err := g.room.Acquire(short, n); {
	case err == nil:
		return func() { g.room.Release(n) }, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, errBusy
}
