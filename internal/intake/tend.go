package intake

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/seosik/seosik/db"
)

const (
	// clockStep is by how much the clock must go back to be noticed.
	clockStep = time.Second
	// stuckAfter is how long a job may be noted as being worked on after it has
	// been, before how it ended is taken to be lost.
	stuckAfter = 2 * time.Minute
	// tilesAtOnce is how many pages of a release before get their tiles in one go.
	tilesAtOnce = 50
)

// tend reads as long as this process has the lease, and waits for it where it
// has not, until Stop is called.
func (in *Intake) tend(ctx context.Context) {
	for {
		if in.held.Load() == nil {
			in.held.Store(in.claim(ctx))
		}
		held := in.held.Load()
		if held == nil {
			return
		}
		in.lead(held.lease.Guard(ctx), held)
		if in.stops() {
			return
		}
		in.cfg.Log.ErrorContext(ctx, "another process reads from the database; waiting for it to end")
		in.leave(ctx, held)
	}
}

// lead recovers what a process that died has left, begins to read, and then
// keeps the queue in order until Stop is called or the lease is lost.
func (in *Intake) lead(ctx context.Context, held *holding) {
	if !in.begin(ctx) {
		return
	}
	past, end := context.WithCancel(ctx)
	var keeping sync.WaitGroup
	keeping.Go(func() { in.keepPast(past) })
	defer keeping.Wait()
	defer end()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	clock, stuck := clock{time.Now()}, stuck{hands: in.hands, since: make(map[int64]time.Time)}
	for {
		select {
		case <-in.stopping:
			return
		case <-held.lost:
			return
		case <-tick.C:
		}
		if clock.setBack(time.Now()) {
			in.complain(ctx, "jobs not hurried", in.cfg.DB.HurryJobs(ctx))
		}
		in.complain(ctx, "jobs not rescued", in.rescue(ctx, &stuck))
		in.chores(ctx)
	}
}

// chores does what is due and what nobody waits for.
func (in *Intake) chores(ctx context.Context) {
	if in.cfg.Outside != nil {
		_, err := in.cfg.DB.QueueNotices(ctx, in.queue.addNotices)
		in.complain(ctx, "notices not queued", err)
	}
	_, err := in.cfg.DB.LayTiles(ctx, tilesAtOnce)
	in.complain(ctx, "tiles not laid", err)
	if in.cfg.Exports != nil {
		in.complain(ctx, "exports not tended", in.tendExports(ctx))
	}
	in.complain(ctx, "pages not destroyed", in.destroyDue(ctx, time.Now()))
	in.complain(ctx, "samples not dropped", in.cfg.DB.DropSamples(ctx))
	_, err = in.cfg.DB.EmptyTrash(ctx)
	in.complain(ctx, "trash not emptied", err)
	in.complain(ctx, "blobs not removed", in.sweep(ctx))
}

// destroyDue destroys some of the pages whose time is over, once a day.
func (in *Intake) destroyDue(ctx context.Context, now time.Time) error {
	year, month, day := now.Local().Date()
	today := time.Date(year, month, day, 0, 0, 0, 0, time.Local)
	if in.tidied.Equal(today) {
		return nil
	}
	n, err := in.cfg.DB.DestroyDue(ctx)
	if err == nil && n == 0 {
		in.tidied = today
	}
	if n > 0 {
		in.cfg.Log.InfoContext(ctx, "pages destroyed: their time was over", "pages", n)
	}
	return err
}

// leave leaves all work to the process that has the lease.
func (in *Intake) leave(ctx context.Context, held *holding) {
	hard, cancel := context.WithTimeout(ctx, 2*grace)
	defer cancel()
	in.complain(ctx, "workers not stopped", in.queue.client.StopAndCancel(hard))
	in.complain(ctx, "lease not given back", held.release(ctx))
	in.held.Store(nil)
}

func (in *Intake) complain(ctx context.Context, what string, err error) {
	if err != nil {
		in.cfg.Log.ErrorContext(ctx, what, "error", err)
	}
}

// begin recovers and starts the workers, as soon as that can be done. It returns
// false where Stop is called or the lease is lost before.
func (in *Intake) begin(ctx context.Context) bool {
	for times := 1; ; times++ {
		err := in.cfg.DB.Recover(ctx, in.enqueue(ctx, uploads))
		if err == nil {
			err = in.queue.client.Start(ctx)
		}
		if err == nil {
			return !in.stops()
		}
		if errors.Is(err, db.ErrLeaseLost) {
			return false
		}
		in.cfg.Log.ErrorContext(ctx, "reading not begun", "error", err)
		select {
		case <-in.stopping:
			return false
		case <-time.After(wait(times)):
		}
	}
}

// rescue has jobs be taken up again that are noted as being worked on and are
// not: how they ended could not be written, as where the disk was full.
func (in *Intake) rescue(ctx context.Context, s *stuck) error {
	running, err := in.cfg.DB.RunningJobs(ctx)
	if err != nil {
		return err
	}
	if lost := s.look(running, time.Now()); len(lost) > 0 {
		return in.cfg.DB.RescueJobs(ctx, lost)
	}
	return nil
}

// A clock notices that the machine's clock is set back. What is to be done at a
// time would else be done an hour late where it is set back by an hour.
type clock struct{ last time.Time }

// setBack reports whether it was since it was asked last.
func (c *clock) setBack(now time.Time) bool {
	wall := now.Round(0).Sub(c.last.Round(0)) // without the monotonic clock
	c.last = now
	return wall < -clockStep
}

// stuck is the jobs that are noted as being worked on and are not, and since
// when.
type stuck struct {
	hands *hands
	since map[int64]time.Time
}

// look returns those of the running jobs that have been stuck for long.
func (s *stuck) look(running []int64, now time.Time) (lost []int64) {
	since := make(map[int64]time.Time)
	for _, job := range s.hands.without(running) {
		first, known := s.since[job]
		if !known {
			first = now
		}
		since[job] = first
		if now.Sub(first) > stuckAfter {
			lost = append(lost, job)
		}
	}
	s.since = since
	return lost
}
