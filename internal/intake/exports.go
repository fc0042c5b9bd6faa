package intake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/riverqueue/river"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// Exports makes files of what was read: a *download.Maker, except in tests.
type Exports interface {
	// Make makes the file of an export, and notes that or why not. An error means
	// that it should be tried again, unless there is none left to be made.
	Make(ctx context.Context, id form.ExportID) error
}

// An exportJob is to make the file of an export.
type exportJob struct {
	Export form.ExportID `json:"export"`
}

// Kind names the job in the database.
func (exportJob) Kind() string { return "export" }

const (
	exportQueue   = "exports"
	exportsAtOnce = 2 // one that is large keeps no small one from being made
)

// AddExport has a file made, as db.AddExport says, beside all that is read.
func (in *Intake) AddExport(ctx context.Context, by form.Actor, scope form.Scope, x db.NewExport) (form.ExportID, error) {
	return in.cfg.DB.AddExport(ctx, by, scope, x, in.enqueueExport(ctx))
}

// enqueueExport returns what adds the job of an export.
func (in *Intake) enqueueExport(ctx context.Context) db.EnqueueExport {
	return func(tx *sql.Tx, id form.ExportID) error {
		_, err := in.queue.client.InsertTx(ctx, tx, exportJob{id}, &river.InsertOpts{Queue: exportQueue})
		return err
	}
}

// export makes the file of a job.
func (in *Intake) export(ctx context.Context, j *river.Job[exportJob]) error {
	if in.cfg.Disk.State().Shut() {
		return river.JobSnooze(lastWait)
	}
	defer in.hands.take(j.ID)()
	err := in.makeExport(ctx, j.Args.Export)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, db.ErrLeaseLost):
		if held := in.held.Load(); held != nil {
			held.lose()
		}
		return river.JobSnooze(firstWait)
	case ctx.Err() != nil:
		return river.JobSnooze(0)
	}
	x, known := in.cfg.DB.ExportOf(context.WithoutCancel(ctx), form.Everything, j.Args.Export)
	if known == nil && !x.State.Open() {
		in.cfg.Log.ErrorContext(ctx, "file not made", "export", int64(x.ID), "error", err)
		return nil
	}
	in.cfg.Log.WarnContext(ctx, "file postponed", "export", int64(j.Args.Export), "error", err)
	return river.JobSnooze(lastWait / 4)
}

// makeExport makes a file. A panic is an error, after which none is made.
func (in *Intake) makeExport(ctx context.Context, id form.ExportID) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.Join(fmt.Errorf("panic: %v\n%s", r, debug.Stack()), in.cfg.DB.FailExport(ctx, id, form.ExportInternal, false))
		}
	}()
	return in.cfg.Exports.Make(ctx, id)
}

// tendExports has files made that are due, and old ones removed.
func (in *Intake) tendExports(ctx context.Context) error {
	_, err := in.cfg.DB.QueueDue(ctx, in.enqueueExport(ctx))
	return errors.Join(err, in.cfg.DB.DropOldExports(ctx))
}
