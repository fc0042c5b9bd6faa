package handlers

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/semaphore"
)

// What may be in hand at once, besides calls.
const (
	uploadsAtOnce = 256       // requests
	importsAtOnce = 2         // requests; a template file is in memory as a whole
	lookedInto    = 256 << 20 // bytes
	countBytes    = 32 << 20  // of those, what counting the pages of a PDF takes
)

// How long a request waits for others before it is sent away. Its body waits
// with its sender.
const (
	gateWait = 10 * time.Second
	// callLeft is what a call must have left of its time where it has to wait:
	// one that is begun too late would be read in vain.
	callLeft = apiWithin / 2
)

// gateRetry is when one that was sent away should come again.
const gateRetry = 5 * time.Second

var errBusy = errors.New("as much is in hand as may be")

// A gate bounds what is in hand.
type gate struct {
	most int64
	room *semaphore.Weighted
	wait time.Duration
	left time.Duration // of the time of a request that waits
}

func newGate(most int64, wait, left time.Duration) *gate {
	return &gate{most, semaphore.NewWeighted(most), wait, left}
}

// enter waits until there is room for n, or for all of most where n is more,
// until leave is called. It returns errBusy where that takes too long.
func (g *gate) enter(ctx context.Context, n int64) (leave func(), err error) {
	n = min(n, g.most)
	if err := await(ctx, g.room, n, g.wait, g.left); err != nil {
		return nil, err
	}
	return func() { g.room.Release(n) }, nil
}

// await takes n of room. It waits for at most the time given, and while ctx has
// more than left of its time; then it returns errBusy.
func await(ctx context.Context, room *semaphore.Weighted, n int64, wait, left time.Duration) error {
	if room.TryAcquire(n) {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && left > 0 {
		wait = min(wait, time.Until(deadline)-left)
	}
	short, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	switch err := room.Acquire(short, n); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return errBusy
}
