package intake

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
)

const (
	// firstWait is how long a document waits after the first trouble. Each
	// further one doubles it, up to lastWait.
	firstWait = time.Second
	lastWait  = time.Minute
	// kills is how often in a row the programs that read a page may be ended
	// from outside, before the page is taken to be the cause: the system ends
	// what takes all memory, and does not say why. It takes some three minutes.
	kills = 8
	// grace is how long a reader may take to notice that it should stop.
	grace = 5 * time.Second
)

var (
	errStalled  = errors.New("a page took too long")
	errStopping = errors.New("stopping")
)

// do does a chore, and returns what the queue is to do about its job: nothing
// for nil, or else hand it out again. Trouble that passes costs no try; the
// chore waits, longer each time, and holds no turn meanwhile. Each attempt has
// a chore of its own: a reader that was left behind may still be at that of the
// one before.
func (in *Intake) do(ctx context.Context, class class, id db.Chore) error {
	for {
		c := &chore{in: in, id: id}
		err := in.attempt(ctx, class, c)
		after := context.WithoutCancel(ctx) // what was found is kept, whatever ended it
		switch {
		case err == nil:
			in.unnoted.Store(form.Trouble(""))
			return nil
		case errors.Is(err, form.ErrNotFound) && c.gone(after): // it was deleted meanwhile
			return nil
		case errors.Is(err, db.ErrOpen): // a page of it is to be read once more since
			continue
		case errors.Is(err, db.ErrLeaseLost):
			if held := in.held.Load(); held != nil {
				held.lose()
			}
			return river.JobSnooze(firstWait) // whoever has the lease does it
		case errors.Is(err, errStopping) || ctx.Err() != nil:
			if err := c.giveBack(after); err != nil {
				in.cfg.Log.ErrorContext(ctx, "not given back", "error", err)
			}
			return river.JobSnooze(0)
		}
		why, passes := troubleOf(err)
		if passes {
			times, noted := c.postpone(after, why)
			in.cfg.Log.WarnContext(ctx, "reading postponed", "why", why, "times", times, "error", err)
			if errors.Is(noted, form.ErrNotFound) { // nor is it there any more
				continue
			}
			if noted != nil { // for what has gone wrong, mostly
				in.unnoted.Store(why)
				return river.JobSnooze(lastWait / 4)
			}
			in.unnoted.Store(form.Trouble(""))
			if !errors.Is(err, ocr.ErrKilled) || times < kills {
				return river.JobSnooze(wait(times))
			}
		}
		in.cfg.Log.ErrorContext(ctx, "a page ended its reading", "error", err)
		if err := c.blame(after, failureOf(err)); errors.Is(err, form.ErrNotFound) {
			continue // it was deleted meanwhile
		} else if err != nil {
			in.cfg.Log.ErrorContext(ctx, "not noted", "error", err)
			return river.JobSnooze(lastWait / 4)
		}
	}
}

// attempt tries once to do a chore. A panic is an error.
func (in *Intake) attempt(ctx context.Context, class class, c *chore) error {
	if in.cfg.Disk.State().Dire { // what is left is for people, who go on
		return form.ErrFull
	}
	var finished bool
	err := in.guarded(ctx, class, func(ctx context.Context, turn *turn, alarm *time.Timer) (err error) {
		if finished, err = c.begin(ctx); err != nil || finished {
			return err
		}
		return c.read(ctx, turn, alarm)
	})
	if err != nil || finished {
		return err
	}
	return c.finish(ctx)
}

// wait returns how long to wait after so many troubles, the first being 1.
func wait(times int) time.Duration {
	return min(firstWait<<min(max(times-1, 0), 10), lastWait)
}

// guarded calls read when the turn of c has come. A panic of the reader is an
// error. So is a reader that takes longer over a page than alarm allows, which
// read sets anew with each page; if it does not even stop when told to, it is
// left behind, and does no harm: the pages it may still yield have failed by
// then.
func (in *Intake) guarded(ctx context.Context, c class, read func(context.Context, *turn, *time.Timer) error) error {
	turn, err := in.turns.take(ctx, c)
	if err != nil {
		return err
	}
	defer turn.end()
	if in.stops() {
		return errStopping
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	alarm := time.AfterFunc(in.cfg.Stall, func() { cancel(errStalled) })
	defer alarm.Stop()

	done := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		done <- read(ctx, turn, alarm)
	}()
	select {
	case err = <-done:
	case <-ctx.Done():
		select {
		case err = <-done:
		case <-time.After(in.grace):
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func classOf(queue string) class {
	if queue == queues[calls] {
		return calls
	}
	return uploads
}

// failureOf returns what people are told about a page that ends its reading.
func failureOf(err error) form.Failure {
	if errors.Is(err, ocr.ErrEngine) || errors.Is(err, ocr.ErrKilled) {
		return form.FailEngine
	}
	return form.FailInternal
}

// hands is the jobs that are being worked on.
type hands struct {
	mu   sync.Mutex
	jobs map[int64]bool
}

// take notes a job until put is called.
func (h *hands) take(job int64) (put func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.jobs[job] = true
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.jobs, job)
	}
}

// without returns those of jobs that are not being worked on.
func (h *hands) without(jobs []int64) (idle []int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, job := range jobs {
		if !h.jobs[job] {
			idle = append(idle, job)
		}
	}
	return idle
}
