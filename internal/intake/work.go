package intake

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
)

const (
	// tries is how often a document is read before it has failed.
	tries = 2
	// starts is how often it is begun: more often, because a process may die
	// of other causes, but not for ever, because it may be the cause.
	starts = 4
	// grace is how long a reader may take to notice that it should stop.
	grace = 5 * time.Second
)

var (
	errStalled  = errors.New("a page took too long")
	errStopping = errors.New("stopping")
	errStarts   = errors.New("the program died each time it was read")
)

// work reads a document.
func (in *Intake) work(ctx context.Context, j *river.Job[job]) error {
	id := j.Args.Document
	task, err := in.cfg.DB.BeginDocument(ctx, id)
	if errors.Is(err, form.ErrNotFound) {
		return river.JobCancel(err)
	}
	if err != nil || task.Finished {
		return err
	}
	defer in.changes.signal(task.Document.Submission)
	in.changes.signal(task.Document.Submission)

	if task.Document.Size > in.cfg.MaxFile {
		return in.cfg.DB.FailDocument(ctx, id, 1, form.FailTooLarge)
	}
	t := in.try(task, classOf(j.Queue))
	err = errStarts
	if j.Attempt <= starts {
		err = t.run(ctx)
	}
	if err == nil {
		if err := in.validate(ctx, id); err != nil && ctx.Err() == nil {
			in.cfg.Log.ErrorContext(ctx, "document not validated", "document", id, "error", err)
		}
		err = ctx.Err()
	}
	after := context.WithoutCancel(ctx) // what was found is kept, whatever ended it
	switch {
	case err == nil:
		return in.cfg.DB.FinishDocument(after, id)
	case errors.Is(err, errStopping) || errors.Is(ctx.Err(), context.Canceled):
		if err := in.cfg.DB.GiveBack(after, id); err != nil {
			return err
		}
		return river.JobSnooze(0) // this try does not count
	case j.Attempt < tries:
		return errors.Join(err, in.cfg.DB.GiveBack(after, id))
	}
	page := int(t.next.Load())
	in.cfg.Log.ErrorContext(ctx, "document failed", "document", id, "page", page, "error", err)
	return in.cfg.DB.FailDocument(after, id, page, failureOf(err))
}

func classOf(queue string) class {
	if queue == queues[calls] {
		return calls
	}
	return uploads
}

func failureOf(err error) form.Failure {
	if errors.Is(err, ocr.ErrEngine) {
		return form.FailEngine
	}
	return form.FailInternal
}
