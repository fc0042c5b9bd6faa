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
	defer in.hands.take(j.ID)()
	return in.do(ctx, classOf(j.Queue), func() chore { return &reread{in: in, id: j.Args.Reread} })
}

// A reread is the chore to read a page again.
type reread struct {
	in   *Intake
	id   db.RereadID
	task db.RereadTask
}

func (r *reread) begin(ctx context.Context) (finished bool, err error) {
	r.task, err = r.in.cfg.DB.BeginReread(ctx, r.id)
	if errors.Is(err, form.ErrNotFound) {
		return true, nil
	}
	if err != nil || r.task.Finished {
		return r.task.Finished, err
	}
	r.signal()
	return false, nil
}

func (r *reread) signal() { r.in.changes.signal(r.task.Document.Submission) }

// read reads the page and keeps what it read.
func (r *reread) read(ctx context.Context, _ *turn, _ *time.Timer) error {
	cfg, task := &r.in.cfg, &r.task
	var only []form.TemplateID
	if task.Template != 0 {
		only = []form.TemplateID{task.Template}
	}
	catalog, err := r.in.catalogs.find(ctx, task.Document.Domain, only)
	if err != nil {
		return err
	}
	file, err := cfg.Blobs.Bytes(task.Document.Blob)
	if err != nil {
		return err
	}
	result, err := cfg.Reader.ReadPage(ctx, file, task.Number, catalog, task.TemplateToPage)
	if err != nil {
		return err
	}
	if result.Page.Number != task.Number {
		return fmt.Errorf("page %d was read in place of %d", result.Page.Number, task.Number)
	}
	readings, err := r.in.stored(&result)
	if err != nil {
		return err
	}
	err = cfg.DB.SaveReread(ctx, r.id, result.Page, readings)
	if errors.Is(err, form.ErrConflict) {
		return nil // kept already, and once is enough
	}
	return err
}

// finish has a program asked about the page. What was read counts already.
func (r *reread) finish(ctx context.Context) error {
	defer r.signal()
	if err := r.in.validate(ctx, r.task.Document.ID); err != nil && ctx.Err() == nil {
		r.in.cfg.Log.ErrorContext(ctx, "page not validated", "page", r.task.Page, "error", err)
	}
	return nil
}

func (r *reread) giveBack(ctx context.Context) error {
	defer r.signal()
	return r.in.cfg.DB.GiveBackReread(ctx, r.id)
}

func (r *reread) postpone(ctx context.Context, why form.Trouble) (times int, err error) {
	defer r.signal()
	return r.in.cfg.DB.PostponeReread(ctx, r.id, why)
}

func (r *reread) blame(ctx context.Context, why form.Failure) error {
	defer r.signal()
	err := r.in.cfg.DB.BlameReread(ctx, r.id, why)
	if errors.Is(err, form.ErrConflict) { // it was kept at the last moment
		return nil
	}
	return err
}
