package intake

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// What another process does, only the database tells.
func TestWhoWaitsHearsWhatOtherProcessesDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var revision, asked atomic.Int64
		c := newChanges(func(context.Context, []form.SubmissionID) (map[form.SubmissionID]int64, error) {
			asked.Add(1)
			if revision.Load() < 0 {
				return nil, nil
			}
			return map[form.SubmissionID]int64{1: revision.Load(), 2: 1}, nil
		})
		changed, done := c.watch(1)
		heard := func(within time.Duration) bool {
			select {
			case <-changed:
				return true
			case <-time.After(within):
				return false
			}
		}
		if !heard(time.Second) { // it may have changed before the first look
			t.Error("nothing is heard at first")
		}
		if heard(time.Minute) {
			t.Error("something is heard, though nothing changed")
		}
		revision.Add(1)
		if !heard(2 * look) {
			t.Error("a change is not heard")
		}
		c.signal(1)
		if !heard(time.Millisecond) {
			t.Error("a change by this process is not heard at once")
		}
		revision.Store(-1)
		for range 3 { // also who began to wait when it was gone
			if !heard(2 * look) {
				t.Error("that it is gone is not heard")
			}
		}
		done()
		before := asked.Load()
		time.Sleep(time.Minute)
		if asked.Load() != before {
			t.Error("the database is asked for nobody")
		}
	})
}
