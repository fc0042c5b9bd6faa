package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// work does the chore of a job.
func (in *Intake) work(ctx context.Context, j *river.Job[job]) error {
	defer in.hands.take(j.ID)()
	return in.do(ctx, classOf(j.Queue), j.Args.chore())
}

// A chore is to read pages of a document. What became of it is kept in the
// database, so that it counts whatever ends the process.
type chore struct {
	in   *Intake
	id   db.Chore
	task db.Task
	hand atomic.Pointer[db.OpenRun] // of the page in hand; nil where it is none of those to be read
}

// begin takes the chore up. It returns true where nothing is left to do, or
// there is no such chore.
func (c *chore) begin(ctx context.Context) (finished bool, err error) {
	c.task, err = c.in.cfg.DB.Begin(ctx, c.id)
	if errors.Is(err, form.ErrNotFound) {
		return true, nil
	}
	if err != nil || c.task.Finished {
		return c.task.Finished, err
	}
	c.next(0)
	c.signal()
	return false, nil
}

func (c *chore) signal() { c.in.changes.signal(c.task.Document.Submission) }

// next notes that the page in hand is the first that is still to be read after
// page number of the file.
func (c *chore) next(number int) {
	c.hand.Store(nil)
	for _, r := range c.task.Open {
		if r.Number > number {
			c.hand.Store(&r)
			return
		}
	}
}

// open returns the first run that is to be done of page number of the file, or
// nil. There are several where the page holds several forms: the others come
// when the file is read once more.
func (c *chore) open(number int) *db.OpenRun {
	for _, r := range c.task.Open {
		if r.Number == number {
			return &r
		}
	}
	return nil
}

// done notes that a page has been read.
func (c *chore) done(page form.PageID) {
	c.task.Open = slices.DeleteFunc(slices.Clone(c.task.Open), func(r db.OpenRun) bool { return r.Page == page })
}

// read keeps the pages as they come, in a turn. It sets the alarm anew with each
// page. How many pages a document has is known before the first of them is
// read.
func (c *chore) read(ctx context.Context, turn *turn, alarm *time.Timer) error {
	cfg, doc := &c.in.cfg, c.task.Document
	if c.id.Document != 0 && doc.Pages > 0 && len(c.task.Open) == 0 {
		return nil // all that is left is to finish it
	}
	if c.id.Document != 0 && doc.Size > cfg.MaxFile {
		return cfg.DB.FailDocument(ctx, doc.ID, form.FailTooLarge)
	}
	file, err := cfg.Blobs.Bytes(ctx, doc.Blob)
	if err != nil {
		return err
	}
	if c.id.Document != 0 && doc.Pages == 0 {
		if failed, err := c.count(ctx, file); err != nil || failed {
			return err
		}
	}
	catalog, err := c.in.catalogs.find(ctx, doc.Domain, c.task.Only)
	if err != nil {
		return err
	}
	for c.next(0); c.hand.Load() != nil; c.next(0) {
		if err := c.pass(ctx, file, catalog, turn, alarm); err != nil {
			return err
		}
	}
	return nil
}

// pass reads the file once: of each page, what is first of what is to be read of
// it.
func (c *chore) pass(ctx context.Context, file []byte, catalog *Catalog, turn *turn, alarm *time.Timer) error {
	want := func(number int) (Want, bool) {
		w := Want{Catalog: catalog, TemplateToPage: c.task.TemplateToPage, Several: true}
		run := c.open(number)
		if run != nil {
			w.Region = run.Region
		}
		return w, run != nil
	}
	for result, err := range c.in.cfg.Reader.Read(ctx, file, want) {
		if err != nil {
			return err
		}
		if err := c.keep(ctx, result); err != nil {
			return err
		}
		c.next(result.Page.Number)
		if c.in.stops() {
			return errStopping
		}
		if err := turn.pass(ctx, func() { alarm.Stop() }); err != nil {
			return err
		}
		alarm.Reset(c.in.cfg.Stall)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if left := c.hand.Load(); left != nil {
		return fmt.Errorf("page %d of document %d was not read", left.Number, c.task.Document.ID)
	}
	return nil
}

// count counts the pages of the document. It returns true where that failed.
func (c *chore) count(ctx context.Context, file []byte) (failed bool, err error) {
	n, failure, err := c.in.cfg.Reader.Pages(ctx, file)
	if err != nil {
		return false, err
	}
	if failure != "" {
		return true, c.in.cfg.DB.FailDocument(ctx, c.id.Document, failure)
	}
	c.task, err = c.in.cfg.DB.SetPages(ctx, c.id.Document, n)
	c.next(0)
	c.signal()
	return false, err
}

// keep stores a page, unless that has been done. One that holds several forms
// becomes so many pages, which are still to be read.
func (c *chore) keep(ctx context.Context, r Result) error {
	run := c.open(r.Page.Number)
	if run == nil {
		return fmt.Errorf("page %d was read, which was not to be", r.Page.Number)
	}
	err := c.store(ctx, run, &r)
	if errors.Is(err, form.ErrNotFound) && !c.gone(ctx) && !slices.Contains(c.task.Open, *run) {
		err = nil // deleted since, and others are left
	}
	again := errors.Is(err, form.ErrConflict)
	if again {
		err = nil // read already, and once is enough
	}
	if again || err == nil && len(r.Parts) == 0 {
		c.done(run.Page)
	}
	c.signal()
	return err
}

// store stores what came of a run.
func (c *chore) store(ctx context.Context, run *db.OpenRun, r *Result) (err error) {
	if len(r.Parts) > 0 {
		own, err := c.own(ctx, run.Page, r.Parts)
		if err != nil {
			return err
		}
		task, err := c.in.cfg.DB.Split(ctx, run.Page, run.Run, r.Parts, own, c.in.enqueue(ctx, calls))
		if err == nil {
			c.task = task
		}
		return err
	}
	readings, err := c.in.stored(ctx, r)
	if err != nil {
		return err
	}
	if r.Page.Snippets, err = KeepSnippets(ctx, c.in.cfg.Blobs, r.Snippets); err != nil {
		return err
	}
	return c.in.cfg.DB.SaveRun(ctx, run.Page, run.Run, r.Page, readings)
}

// own returns which of the parts of its picture a page is: that which it was read
// from before, as people may have said what is there, or else the first.
func (c *chore) own(ctx context.Context, id form.PageID, parts []geom.Quad) (int, error) {
	p, err := c.in.cfg.DB.Page(ctx, form.Everything, id)
	if err != nil || p.Template == 0 {
		return 0, err
	}
	t, err := c.in.cfg.DB.Template(ctx, form.Everything, p.Template, p.Version)
	if err != nil {
		return 0, err
	}
	middle := p.TemplateToPage.Apply(geom.XYWH(0, 0, float64(t.Width), float64(t.Height)).Center())
	middle = geom.Scale(1/float64(p.Width), 1/float64(p.Height)).Apply(middle)
	return max(0, slices.IndexFunc(parts, func(part geom.Quad) bool { return part.Contains(middle) })), nil
}

// gone reports whether nothing is left to do of the chore, as where all of it
// was deleted. If not, it is taken up anew: without what was.
func (c *chore) gone(ctx context.Context) bool {
	finished, err := c.begin(ctx)
	return err == nil && finished
}

// finish has programs asked about the pages, and closes the document. It holds
// no turn.
func (c *chore) finish(ctx context.Context) error {
	defer c.signal()
	doc := c.task.Document.ID
	if err := c.in.validate(ctx, doc); err != nil {
		// What was read counts already; a document is closed once all were asked.
		if _, passes := troubleOf(err); c.id.Document != 0 && (passes || ctx.Err() != nil) {
			return err
		}
		c.in.cfg.Log.ErrorContext(ctx, "document not validated", "document", doc, "error", err)
	}
	if c.id.Document == 0 {
		return nil
	}
	return c.in.cfg.DB.FinishDocument(ctx, doc)
}

// giveBack leaves the chore to the next start.
func (c *chore) giveBack(ctx context.Context) error {
	defer c.signal()
	return c.in.cfg.DB.GiveBack(ctx, c.id)
}

// postpone notes a trouble that passes, and returns how many of them came one
// after the other.
func (c *chore) postpone(ctx context.Context, why form.Trouble) (times int, err error) {
	defer c.signal()
	return c.in.cfg.DB.Postpone(ctx, c.id, why)
}

// blame notes that the page in hand ended the reading. After the second time it
// has failed, and others can be read.
func (c *chore) blame(ctx context.Context, why form.Failure) error {
	defer c.signal()
	run := c.hand.Load()
	if run == nil {
		return errors.New("no page is in hand")
	}
	err := c.in.cfg.DB.Blame(ctx, run.Page, run.Run, why)
	if errors.Is(err, form.ErrConflict) { // it was kept at the last moment
		return nil
	}
	return err
}

// stored keeps the picture of r, whose key it sets, and returns all readings.
func (in *Intake) stored(ctx context.Context, r *Result) (readings []form.Reading, err error) {
	if len(r.Image) > 0 {
		if r.Page.Image, err = in.cfg.Blobs.Put(ctx, r.Image); err != nil {
			return nil, err
		}
	}
	readings = slices.Clone(r.Readings)
	if r.Title.Field != "" {
		readings = append(readings, r.Title)
	}
	if whole, faulty := form.Whole(r.Page.Faults); faulty {
		readings = append(readings, whole)
	}
	return readings, nil
}
