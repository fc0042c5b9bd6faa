package intake

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// What another process does, only the database tells.
func TestWhoWaitsHearsWhatOtherProcessesDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		revision, asked := int64(7), 0
		c := newChanges(func(context.Context, []form.SubmissionID) (map[form.SubmissionID]int64, error) {
			asked++
			return map[form.SubmissionID]int64{1: revision, 2: 1}, nil
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
		revision++
		if !heard(2 * look) {
			t.Error("a change is not heard")
		}
		c.signal(1)
		if !heard(time.Millisecond) {
			t.Error("a change by this process is not heard at once")
		}
		done()
		before := asked
		time.Sleep(time.Minute)
		if asked != before {
			t.Error("the database is asked for nobody")
		}
	})
}
