package intake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/scan"
)

// Reread has a page read again, before what was uploaded: a person waits.
// R.Page and By are set; Template where a person has said which it is, and
// TemplateToPage where they placed it. The page waits when it returns. What is
// read is a new run: the readings before stay, and corrections count on if the
// template is the same. Where nothing comes of it, the page is as it was. It
// returns form.ErrConflict where the page is being read already or could never
// be, and form.ErrNotFound where its domain has no such template that is no
// draft.
func (in *Intake) Reread(ctx context.Context, r form.Reread) error {
	var added jobs
	err := in.cfg.DB.AddReread(ctx, r, in.enqueueAgain(ctx, calls, &added))
	if err != nil {
		return err
	}
	in.queue.wake(ctx, added)
	in.signalPage(ctx, r.Page)
	return nil
}

// RereadUnmatched has all unmatched pages of a domain read again, with the
// template given or with all in service for 0, and returns how many they are.
// It returns form.ErrNotFound as Reread does.
func (in *Intake) RereadUnmatched(ctx context.Context, domain form.DomainID, template form.TemplateID, by form.UserID) (int, error) {
	var added jobs
	n, err := in.cfg.DB.RereadUnmatched(ctx, domain, form.Reread{Template: template, By: by}, in.enqueueAgain(ctx, uploads, &added))
	if err != nil {
		return 0, err
	}
	in.queue.wake(ctx, added)
	return n, nil
}

func (in *Intake) enqueueAgain(ctx context.Context, c class, added *jobs) func(*sql.Tx, []db.RereadID) error {
	return func(tx *sql.Tx, ids []db.RereadID) (err error) {
		*added, err = in.queue.addAgain(ctx, tx, c, ids)
		return err
	}
}

// signalPage tells who waits for the submission of a page.
func (in *Intake) signalPage(ctx context.Context, id form.PageID) {
	if p, err := in.cfg.DB.Page(ctx, id); err == nil {
		in.changes.signal(p.Submission)
	}
}

// Fit returns where a template lies on a page that has a picture: near
// templateToPage, where a person has put it, or anywhere where that is zero. It
// returns reader.ErrNoMatch where the template is not to be found, and
// form.ErrNotFound where there is no such template.
func (in *Intake) Fit(ctx context.Context, p form.Page, domain form.DomainID, template form.TemplateID, templateToPage geom.Homography) (Placement, error) {
	catalog, err := in.catalogs.find(ctx, domain, []form.TemplateID{template})
	if err != nil {
		return Placement{}, err
	}
	picture, err := in.cfg.Blobs.Bytes(p.Image)
	if err != nil {
		return Placement{}, err
	}
	page, err := scan.Nth(ctx, picture, 1, scan.Limits{})
	if err != nil {
		return Placement{}, err
	}
	return catalog.Fit(page.Gray, templateToPage)
}

// workAgain reads a page again.
func (in *Intake) workAgain(ctx context.Context, j *river.Job[rejob]) error {
	id := j.Args.Reread
	task, err := in.cfg.DB.BeginReread(ctx, id)
	if errors.Is(err, form.ErrNotFound) {
		return river.JobCancel(err)
	}
	if err != nil || task.Finished {
		return err
	}
	defer in.changes.signal(task.Document.Submission)
	in.changes.signal(task.Document.Submission)
	err = errStarts
	if j.Attempt <= starts {
		err = in.guarded(ctx, classOf(j.Queue), func(ctx context.Context, _ *turn, _ *time.Timer) error {
			return in.readAgain(ctx, id, task)
		})
	}
	if err == nil {
		if err := in.validate(ctx, task.Document.ID); err != nil && ctx.Err() == nil {
			in.cfg.Log.ErrorContext(ctx, "page not validated", "page", task.Page, "error", err)
		}
		return nil
	}
	after := context.WithoutCancel(ctx) // what was found is kept, whatever ended it
	switch {
	case errors.Is(err, errStopping) || errors.Is(ctx.Err(), context.Canceled):
		if err := in.cfg.DB.GiveBackReread(after, id); err != nil {
			return err
		}
		return river.JobSnooze(0) // this try does not count
	case j.Attempt < tries:
		return errors.Join(err, in.cfg.DB.GiveBackReread(after, id))
	}
	in.cfg.Log.ErrorContext(ctx, "page not read again", "page", task.Page, "error", err)
	return in.cfg.DB.FailReread(after, id, failureOf(err))
}

// readAgain reads the page and keeps what it read.
func (in *Intake) readAgain(ctx context.Context, id db.RereadID, task db.RereadTask) error {
	var only []form.TemplateID
	if task.Template != 0 {
		only = []form.TemplateID{task.Template}
	}
	catalog, err := in.catalogs.find(ctx, task.Document.Domain, only)
	if err != nil {
		return err
	}
	file, err := in.cfg.Blobs.Bytes(task.Document.Blob)
	if err != nil {
		return err
	}
	r, err := in.cfg.Reader.ReadPage(ctx, file, task.Number, catalog, task.TemplateToPage)
	if err != nil {
		return err
	}
	if r.Page.Number != task.Number {
		return fmt.Errorf("page %d was read in place of %d", r.Page.Number, task.Number)
	}
	readings, err := in.stored(&r)
	if err != nil {
		return err
	}
	err = in.cfg.DB.SaveReread(ctx, id, r.Page, readings)
	if errors.Is(err, form.ErrConflict) {
		return nil // kept already, and once is enough
	}
	return err
}
