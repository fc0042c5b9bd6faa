package intake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/reader"
	"github.com/seosik/seosik/internal/scan"
)

// A dryJob is to do a dry run.
type dryJob struct {
	Run form.DryRunID `json:"run"`
}

// Kind names the job in the database.
func (dryJob) Kind() string { return "dry_run" }

// DryRun begins a dry run, as db.StartDryRun does. It is done page by page behind
// all that is to be read, one dry run after the other.
func (in *Intake) DryRun(ctx context.Context, by form.Actor, template form.TemplateID, version, pages int) (form.DryRunID, error) {
	return in.cfg.DB.StartDryRun(ctx, by, template, version, pages, func(tx *sql.Tx, run form.DryRunID) error {
		_, err := in.queue.client.InsertTx(ctx, tx, dryJob{run}, &river.InsertOpts{Queue: dryQueue})
		return err
	})
}

// dryRun does the dry run of a job. What was found is kept step by step, so that
// it goes on where it was, whatever ended the process.
func (in *Intake) dryRun(ctx context.Context, j *river.Job[dryJob]) error {
	defer in.hands.take(j.ID)()
	d := &dryRun{in: in, id: j.Args.Run}
	for {
		finished, err := d.step(ctx)
		after := context.WithoutCancel(ctx)
		switch {
		case err == nil && finished:
			return nil
		case err == nil:
			continue
		case errors.Is(err, db.ErrLeaseLost):
			if held := in.held.Load(); held != nil {
				held.lose()
			}
			return river.JobSnooze(firstWait)
		case errors.Is(err, errStopping) || ctx.Err() != nil:
			return river.JobSnooze(0)
		}
		if why, passes := troubleOf(err); passes {
			times, noted := in.cfg.DB.PostponeDryRun(after, d.id, why)
			in.cfg.Log.WarnContext(ctx, "dry run postponed", "why", why, "times", times, "error", errors.Join(err, noted))
			return river.JobSnooze(wait(times))
		}
		in.cfg.Log.ErrorContext(ctx, "a page ended its dry run", "error", err)
		if err := d.blame(after); err != nil {
			in.cfg.Log.ErrorContext(ctx, "not noted", "error", err)
			return river.JobSnooze(lastWait / 4)
		}
	}
}

// A dryRun is what is known of a dry run while it is being done.
type dryRun struct {
	in       *Intake
	id       form.DryRunID
	task     db.DryTask
	template *form.Template
	places   []form.Field
	among    *Catalog                     // the template among the others of its domain
	only     *Catalog                     // the template alone
	moved    map[blob.Key]geom.Homography // template px to px of another picture of the form; zero where it is not found there
	cased    bool                         // the cases have been read
	twins    *twins                       // nil until all pages and cases have been read
}

// step reads one page, or looks for one twin, in a turn; or reads the cases, each
// in a turn.
func (d *dryRun) step(ctx context.Context) (finished bool, err error) {
	d.task, err = d.in.cfg.DB.DryTask(ctx, d.id)
	if errors.Is(err, form.ErrNotFound) {
		return true, nil
	}
	if err != nil || d.task.Finished {
		return d.task.Finished, err
	}
	if d.task.Page == 0 && !d.cased && d.only != nil {
		d.cased = true
		return false, d.readCases(ctx)
	}
	return false, d.in.guarded(ctx, dryRuns, func(ctx context.Context, _ *turn, _ *time.Timer) error {
		if err := d.prepare(ctx); err != nil {
			return err
		}
		switch {
		case d.task.Page != 0:
			return d.read(ctx)
		case !d.cased:
			return nil // now that it is known by what
		}
		return d.compare(ctx)
	})
}

// readCases reads the cases by which the template is tested, as long as the dry
// run is not stopped. What keeps one from being read is said where cases are.
func (d *dryRun) readCases(ctx context.Context) error {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	err := d.in.readCases(reading, dryRuns, d.template, time.Time{}, func(int, int) {
		if task, err := d.in.cfg.DB.DryTask(ctx, d.id); err != nil || task.Finished {
			stop()
		}
	})
	if err == nil || ctx.Err() != nil || errors.Is(err, errStopping) || errors.Is(err, db.ErrLeaseLost) {
		return err
	}
	if reading.Err() == nil {
		d.in.complain(ctx, "cases of a dry run not read", err)
	}
	return nil
}

// prepare loads what the dry run reads by.
func (d *dryRun) prepare(ctx context.Context) (err error) {
	if d.only != nil {
		return nil
	}
	if d.template, err = d.in.cfg.DB.DryTemplate(ctx, d.id); err != nil {
		return err
	}
	if d.among, err = d.in.catalogs.with(ctx, d.template); err != nil {
		return err
	}
	d.places, d.moved = d.template.Places(), make(map[blob.Key]geom.Homography)
	d.only = d.among.Only(d.template.ID)
	return nil
}

// read reads the page of the task. One that was deleted meanwhile has nothing to
// be kept.
func (d *dryRun) read(ctx context.Context) error {
	s, err := d.in.cfg.DB.DrySubject(ctx, d.task.Page)
	if errors.Is(err, form.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	file, err := d.in.cfg.Blobs.Bytes(ctx, s.File)
	if err != nil {
		return err
	}
	want := Want{Catalog: d.among, Region: s.Record.Page.Region}
	if s.Asked || s.ByHand {
		want.Catalog = d.only
	}
	if s.ByHand {
		if want.TemplateToPage, err = d.placeOn(ctx, &s.Record); err != nil {
			return err
		}
	}
	number := s.Record.Page.Number
	for result, err := range d.in.cfg.Reader.Read(ctx, file, func(n int) (Want, bool) { return want, n == number }) {
		if err != nil {
			return err
		}
		err = d.in.cfg.DB.SaveDryPage(ctx, d.id, d.outcome(&s.Record, result))
		if errors.Is(err, form.ErrNotFound) {
			err = nil
		}
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return fmt.Errorf("page %d was not read", d.task.Page)
}

// outcome compares what was read with what is kept.
func (d *dryRun) outcome(kept *form.Record, r Result) form.DryPage {
	switch {
	case r.Page.State == form.StateFailed:
		return form.DryPage{Page: kept.Page.ID, State: form.DryFailed}
	case r.Page.Template != d.template.ID:
		return form.DryPage{Page: kept.Page.ID, State: form.DryLost, TakenFor: r.Page.Template}
	}
	p := form.CompareDry(kept, d.places, r.Readings)
	p.Place = r.Page.TemplateToPage
	return p
}

// placeOn returns where the template lies on a page that a person has placed, or
// zero where that must be found: the picture of the form may be another now.
func (d *dryRun) placeOn(ctx context.Context, r *form.Record) (geom.Homography, error) {
	if r.Template.Image == d.template.Image {
		return r.Page.TemplateToPage, nil
	}
	moved, known := d.moved[r.Template.Image]
	if !known {
		picture, err := d.in.picture(ctx, r.Template.Image)
		if err != nil {
			return geom.Homography{}, err
		}
		found, err := d.only.Fit(picture.Gray, geom.Quad{}, geom.Homography{})
		if err != nil && !errors.Is(err, reader.ErrNoMatch) {
			return geom.Homography{}, err
		}
		moved = found.TemplateToPage
		d.moved[r.Template.Image] = moved
	}
	if moved == (geom.Homography{}) {
		return moved, nil
	}
	return r.Page.TemplateToPage.After(moved), nil
}

// picture returns a picture that is kept.
func (in *Intake) picture(ctx context.Context, key blob.Key) (scan.Page, error) {
	data, err := in.cfg.Blobs.Bytes(ctx, key)
	if err != nil {
		return scan.Page{}, err
	}
	return scan.Nth(ctx, data, 1, scan.Limits{})
}

// blame notes that what was in hand ended the dry run: a page, or the search for
// twins, which then ends with those that were found.
func (d *dryRun) blame(ctx context.Context) error {
	if d.task.Page != 0 {
		return d.in.cfg.DB.BlameDryPage(ctx, d.id, d.task.Page)
	}
	if d.twins == nil {
		d.twins = new(twins)
	}
	d.twins.others = nil
	return nil
}
