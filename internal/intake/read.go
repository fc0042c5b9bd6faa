package intake

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// A try is one attempt to read a document.
type try struct {
	in    *Intake
	task  db.Task
	class class
	next  atomic.Int64 // number of the page that the reader is at
}

func (in *Intake) try(task db.Task, c class) *try {
	t := &try{in: in, task: task, class: c}
	t.next.Store(1)
	return t
}

// run reads the document.
func (t *try) run(ctx context.Context) error { return t.in.guarded(ctx, t.class, t.read) }

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

// read keeps the pages of the document as they come.
func (t *try) read(ctx context.Context, turn *turn, alarm *time.Timer) error {
	doc := t.task.Document
	catalog, err := t.in.catalogs.find(ctx, doc.Domain, t.task.Only)
	if err != nil {
		return err
	}
	file, err := t.in.cfg.Blobs.Bytes(doc.Blob)
	if err != nil {
		return err
	}
	for result, err := range t.in.cfg.Reader.Read(ctx, file, catalog) {
		if err != nil {
			return err
		}
		if err := t.keep(ctx, result); err != nil {
			return err
		}
		t.next.Store(int64(result.Page.Number) + 1)
		if t.in.stops() {
			return errStopping
		}
		if err := turn.pass(ctx, func() { alarm.Stop() }); err != nil {
			return err
		}
		alarm.Reset(t.in.cfg.Stall)
	}
	return ctx.Err()
}

// keep stores a page, unless that has been done.
func (t *try) keep(ctx context.Context, r Result) error {
	if t.task.Done[r.Page.Number] {
		return nil
	}
	readings, err := t.in.stored(&r)
	if err != nil {
		return err
	}
	_, err = t.in.cfg.DB.SavePage(ctx, t.task.Document.ID, r.Page, readings)
	if errors.Is(err, form.ErrConflict) {
		return nil // read already, and once is enough
	}
	t.in.changes.signal(t.task.Document.Submission)
	return err
}

// stored keeps the picture of r, whose key it sets, and returns all readings.
func (in *Intake) stored(r *Result) (readings []form.Reading, err error) {
	if len(r.Image) > 0 {
		if r.Page.Image, err = in.cfg.Blobs.Put(r.Image); err != nil {
			return nil, err
		}
	}
	readings = r.Readings
	if r.Title.Field != "" {
		readings = append(readings[:len(readings):len(readings)], r.Title)
	}
	return readings, nil
}
