package intake

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// work reads a document.
func (in *Intake) work(ctx context.Context, j *river.Job[job]) error {
	defer in.hands.take(j.ID)()
	return in.do(ctx, classOf(j.Queue), func() chore { return &document{in: in, id: j.Args.Document} })
}

// A document is the chore to read one.
type document struct {
	in   *Intake
	id   form.DocumentID
	task db.Task
	page atomic.Int64 // the number of the page in hand
}

func (d *document) begin(ctx context.Context) (finished bool, err error) {
	d.task, err = d.in.cfg.DB.BeginDocument(ctx, d.id)
	if errors.Is(err, form.ErrNotFound) {
		return true, nil
	}
	if err != nil || d.task.Finished {
		return d.task.Finished, err
	}
	d.next(0)
	d.signal()
	return false, nil
}

func (d *document) signal() { d.in.changes.signal(d.task.Document.Submission) }

// next notes that the page in hand is the first after page number that is to be
// read.
func (d *document) next(number int) {
	for number++; d.task.Done[number]; {
		number++
	}
	d.page.Store(int64(number))
}

// read keeps the pages of the document as they come. How many they are is known
// before the first of them is read.
func (d *document) read(ctx context.Context, turn *turn, alarm *time.Timer) error {
	cfg, doc := &d.in.cfg, d.task.Document
	if doc.Pages > 0 && len(d.task.Open) == 0 {
		return nil // all that is left is to finish it
	}
	if doc.Size > cfg.MaxFile {
		return cfg.DB.FailDocument(ctx, doc.ID, form.FailTooLarge)
	}
	file, err := cfg.Blobs.Bytes(doc.Blob)
	if err != nil {
		return err
	}
	if doc.Pages == 0 {
		n, failure, err := cfg.Reader.Pages(ctx, file)
		if err != nil {
			return err
		}
		if failure != "" {
			return cfg.DB.FailDocument(ctx, doc.ID, failure)
		}
		if d.task, err = cfg.DB.SetPages(ctx, doc.ID, n); err != nil {
			return err
		}
		d.signal()
	}
	catalog, err := d.in.catalogs.find(ctx, doc.Domain, d.task.Only)
	if err != nil {
		return err
	}
	for result, err := range cfg.Reader.Read(ctx, file, catalog, func(number int) bool { return !d.task.Done[number] }) {
		if err != nil {
			return err
		}
		if err := d.keep(ctx, result); err != nil {
			return err
		}
		d.next(result.Page.Number)
		if d.in.stops() {
			return errStopping
		}
		if err := turn.pass(ctx, func() { alarm.Stop() }); err != nil {
			return err
		}
		alarm.Reset(cfg.Stall)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.all()
}

// all returns an error where the reader ended without a page that was wanted.
func (d *document) all() error {
	page, open := int(d.page.Load()), d.task.Open
	if open[len(open)-1] >= page {
		return fmt.Errorf("page %d of document %d was not read", page, d.id)
	}
	return nil
}

// keep stores a page, unless that has been done.
func (d *document) keep(ctx context.Context, r Result) error {
	readings, err := d.in.stored(&r)
	if err != nil {
		return err
	}
	_, err = d.in.cfg.DB.SavePage(ctx, d.id, r.Page, readings)
	if errors.Is(err, form.ErrConflict) {
		err = nil // read already, and once is enough
	}
	d.signal()
	return err
}

// finish has programs asked about the pages, and closes the document.
func (d *document) finish(ctx context.Context) error {
	defer d.signal()
	if err := d.in.validate(ctx, d.id); err != nil {
		if _, passes := troubleOf(err); passes || ctx.Err() != nil {
			return err
		}
		d.in.cfg.Log.ErrorContext(ctx, "document not validated", "document", d.id, "error", err)
	}
	return d.in.cfg.DB.FinishDocument(ctx, d.id)
}

func (d *document) giveBack(ctx context.Context) error {
	defer d.signal()
	return d.in.cfg.DB.GiveBack(ctx, d.id)
}

func (d *document) postpone(ctx context.Context, why form.Trouble) (times int, err error) {
	defer d.signal()
	return d.in.cfg.DB.Postpone(ctx, d.id, why)
}

func (d *document) blame(ctx context.Context, why form.Failure) error {
	defer d.signal()
	err := d.in.cfg.DB.BlamePage(ctx, d.id, int(d.page.Load()), why)
	if errors.Is(err, form.ErrConflict) { // it was kept at the last moment
		return nil
	}
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

// RetryFailed has the failed pages that f chooses read once more, before what
// was uploaded if a person waits for one of them, and returns how many they are.
func (in *Intake) RetryFailed(ctx context.Context, f db.FailedFilter) (int, error) {
	class := uploads
	if f.Page != 0 {
		class = calls
	}
	var added jobs
	n, err := in.cfg.DB.RetryFailed(ctx, f, in.enqueue(ctx, class, &added))
	if err != nil {
		return 0, fmt.Errorf("retry: %w", err)
	}
	in.queue.wake(ctx, added)
	return n, nil
}
