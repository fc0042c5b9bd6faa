package db

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// Each time that a page is read is a run. It is opened when somebody wants the
// page read, and closed when that has been done or is known to be in vain; a
// page has one open run at most, and waits or is being read while it has one. A
// run that is closed counts from then on, unless nothing came of it and
// something of the one before: the page is then as it was. No run is changed
// after that, but for the state in which people leave it.
//
// A page that was never read, or has failed, is read with its document, page by
// page. A page that is to be read again is read apart from it: who asked for
// that waits.

// pageTries is how often a page may be the cause that reading it ends, before
// the run has failed.
const pageTries = 2

// ErrOpen reports a document of which a page is still to be read.
var ErrOpen = errors.New("not all of its pages have been read")

// apart chooses the runs that are read apart from their document, as the index
// of those that are open does.
const apart = `r.why IN ('again', 'by_hand')`

// A Chore is what is read in one go: the open runs of a document, but for those
// that are read apart from it, or one of these.
type Chore struct {
	Document form.DocumentID // 0 for a run
	Page     form.PageID
	Run      int
}

// open returns the clauses that choose the open runs of c, r, and their pages, p.
func (c Chore) open(d dialect) (from string, args []any) {
	open := ` FROM pages p` + d.then(`runs r`, `r.page_id = p.id AND r.finished_at IS NULL`) + ` WHERE `
	if c.Document != 0 {
		return open + `p.document_id = ? AND NOT ` + apart, []any{c.Document}
	}
	return open + `p.id = ? AND r.number = ?`, []any{c.Page, c.Run}
}

// row returns the table, and the clause that chooses the row, in which what
// keeps c from being done is noted.
func (c Chore) row() (table, where string, args []any) {
	if c.Document != 0 {
		return `documents`, ` WHERE id = ?`, []any{c.Document}
	}
	return `runs`, ` WHERE page_id = ? AND number = ?`, []any{c.Page, c.Run}
}

// An OpenRun is a run that is to be done.
type OpenRun struct {
	Page   form.PageID
	Number int       // of the page in its file, from 1
	Part   int       // as of form.Page
	Region geom.Quad // the same
	Run    int       // of the runs of the page, from 1
}

// A Task is what is to be done for a chore.
type Task struct {
	Document       form.Document
	Only           []form.TemplateID // the only templates to look for; empty for all in service
	TemplateToPage geom.Homography   // where the only one lies; zero to find it
	Open           []OpenRun         // in the order of their pages, of those known
	Finished       bool              // there is nothing left to do
}

// Begin marks the first page of a chore as being read, and returns what is to
// be done. It returns form.ErrNotFound where there is no such chore.
func (db *DB) Begin(ctx context.Context, c Chore) (task Task, err error) {
	defer wrap(&err, "begin %+v", c)
	err = db.update(ctx, func(t tx) error {
		if task, err = taskOf(ctx, t, c); err != nil || task.Finished {
			return err
		}
		return db.readNext(ctx, t, c)
	})
	return task, err
}

// readNext marks the first page of a chore that is still to be read as being
// read.
func (db *DB) readNext(ctx context.Context, t tx, c Chore) error {
	open, args := c.open(t.dialect)
	_, err := t.exec(ctx, `
		UPDATE pages SET state = 'reading', updated_at = ?
		WHERE state = 'waiting' AND id = (SELECT p.id`+open+` ORDER BY p.number, p.part LIMIT 1)`, append([]any{millis(db.now())}, args...)...)
	return err
}

func taskOf(ctx context.Context, t tx, c Chore) (task Task, err error) {
	finished := true
	if c.Document != 0 {
		task, finished, err = documentTask(ctx, t, c.Document)
	} else {
		task, err = runTask(ctx, t, c)
	}
	if err != nil {
		return task, err
	}
	open, args := c.open(t.dialect)
	task.Open, err = collect(ctx, t, scanOpenRun, `SELECT p.id, p.number, p.part, p.region, r.number`+open+` ORDER BY p.number, p.part`, args...)
	task.Finished = finished && len(task.Open) == 0
	return task, err
}

func documentTask(ctx context.Context, t tx, id form.DocumentID) (task Task, finished bool, err error) {
	if task.Document, err = scanDocument(t.row(ctx, `SELECT `+documentColumns+` FROM documents d WHERE d.id = ?`, id)); err != nil {
		return task, false, err
	}
	s, err := scanSubmission(t.row(ctx, `SELECT `+submissionColumns+` FROM submissions s WHERE s.id = ?`, task.Document.Submission))
	if err != nil {
		return task, false, err
	}
	task.Only = s.Templates
	err = t.row(ctx, `SELECT finished_at IS NOT NULL FROM documents WHERE id = ?`, id)(&finished)
	return task, finished, err
}

func runTask(ctx context.Context, t tx, c Chore) (task Task, err error) {
	var template form.TemplateID
	var place []byte
	if err := t.row(ctx, `
		SELECT coalesce(wanted_template, 0), wanted_place FROM runs
		WHERE page_id = ? AND number = ?`, c.Page, c.Run)(&template, &place); err != nil {
		return task, err
	}
	if template != 0 {
		task.Only = []form.TemplateID{template}
	}
	if place != nil {
		if err := json.Unmarshal(place, &task.TemplateToPage); err != nil {
			return task, err
		}
	}
	task.Document, err = scanDocument(t.row(ctx, `
		SELECT `+documentColumns+` FROM documents d JOIN pages p ON p.document_id = d.id WHERE p.id = ?`, c.Page))
	return task, err
}

func scanOpenRun(scan func(...any) error) (r OpenRun, err error) {
	var region []byte
	if err = scan(&r.Page, &r.Number, &r.Part, &region, &r.Run); err != nil {
		return r, err
	}
	r.Region, err = decodeRegion(region)
	return r, err
}

// SetPages stores how many pages a document has, n, and adds those that have no
// row yet and were not deleted: they wait. Where the number is known already it changes nothing.
func (db *DB) SetPages(ctx context.Context, id form.DocumentID, n int) (task Task, err error) {
	defer wrap(&err, "pages of document %d", id)
	err = db.update(ctx, func(t tx) error {
		var known bool
		if err := t.row(ctx, `SELECT pages IS NOT NULL FROM documents WHERE id = ?`, id)(&known); err != nil {
			return err
		}
		if !known {
			if err := db.addPages(ctx, t, id, n); err != nil {
				return err
			}
		}
		task, err = taskOf(ctx, t, Chore{Document: id})
		return err
	})
	return task, err
}

func (db *DB) addPages(ctx context.Context, t tx, id form.DocumentID, n int) error {
	if _, err := t.exec(ctx, `UPDATE documents SET pages = ? WHERE id = ?`, n, id); err != nil {
		return err
	}
	numbers, err := collect(ctx, t, scanID[int64], `
		SELECT number FROM pages WHERE document_id = ?
		UNION ALL SELECT number FROM gone WHERE document_id = ?`, id, id)
	if err != nil {
		return err
	}
	by, err := sender(ctx, t, id)
	if err != nil {
		return err
	}
	have := make(map[int64]bool)
	for _, number := range numbers {
		have[number] = true
	}
	for number := 1; number <= n; number++ {
		if have[int64(number)] {
			continue
		}
		if _, err := addPage(ctx, t, id, form.Page{Number: number}, millis(db.now()), "first", by); err != nil {
			return err
		}
	}
	return nil
}

// sender returns who had a document read: the first page of it was there at once.
func sender(ctx context.Context, t tx, id form.DocumentID) (by form.Actor, err error) {
	err = t.row(ctx, `
		SELECT r.actor, coalesce(r.user_id, 0) FROM runs r JOIN pages p ON p.id = r.page_id
		WHERE p.document_id = ? ORDER BY p.number, p.part, r.number LIMIT 1`, id)(&by.Kind, &by.User)
	return by, err
}

// An opened run is one that is to be done, with what its page was before.
type opened struct {
	page   form.PageID
	number int
	chore  Chore      // in which it is done
	was    form.State // in which the run that counts left the page; empty before the first
}

// openRun returns a run, or form.ErrConflict where it has been closed.
func openRun(ctx context.Context, t tx, page form.PageID, number int) (r opened, err error) {
	var document form.DocumentID
	var open, isApart bool
	if err := t.row(ctx, `
		SELECT p.document_id, r.finished_at IS NULL, `+apart+`, coalesce(c.state, '')
		FROM runs r JOIN pages p ON p.id = r.page_id LEFT JOIN runs c ON c.page_id = p.id AND c.number = p.run
		WHERE r.page_id = ? AND r.number = ?`, page, number)(&document, &open, &isApart, &r.was); err != nil {
		return r, err
	}
	if !open {
		return r, form.ErrConflict
	}
	r.page, r.number, r.chore = page, number, Chore{Document: document}
	if isApart {
		r.chore = Chore{Page: page, Run: number}
	}
	return r, nil
}

// SaveRun closes a run of a page with what was read: p and the readings. The
// next page of its document that is to be read is being read from then on. It
// returns form.ErrConflict, and changes nothing, where the run has been closed
// already: it is done exactly once, also if two processes try.
func (db *DB) SaveRun(ctx context.Context, page form.PageID, number int, p form.Page, readings []form.Reading) (err error) {
	defer wrap(&err, "save run %d of page %d", number, page)
	if !p.State.Final() {
		return errors.New("it has not been read")
	}
	return db.update(ctx, func(t tx) error {
		r, err := openRun(ctx, t, page, number)
		if err != nil {
			return err
		}
		return db.save(ctx, t, r, &p, readings)
	})
}

// save closes r, and notes that its chore got on.
func (db *DB) save(ctx context.Context, t tx, r opened, p *form.Page, readings []form.Reading) error {
	if err := db.closeRun(ctx, t, r, p, readings); err != nil {
		return err
	}
	table, where, args := r.chore.row()
	if _, err := t.exec(ctx, `UPDATE `+table+` SET trouble = '', waits = 0`+where+` AND waits > 0`, args...); err != nil {
		return err
	}
	return db.readNext(ctx, t, r.chore)
}

// worth orders the states in which a run may leave a page by what came of it.
func worth(s form.State) int {
	switch s {
	case form.StateReview, form.StateDone:
		return 2
	case form.StateUnmatched:
		return 1
	default:
		return 0
	}
}

func (db *DB) closeRun(ctx context.Context, t tx, r opened, p *form.Page, readings []form.Reading) error {
	if worth(p.State) < worth(r.was) {
		return db.closeInVain(ctx, t, r, p)
	}
	now := millis(db.now())
	if err := writeRun(ctx, t, r, p, p.Failure, now); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `
		UPDATE pages SET
			state = ?, failure = ?, template_id = ?, version = ?, run = ?,
			said_from = CASE WHEN template_id IS NOT DISTINCT FROM ? THEN said_from ELSE ? END,
			updated_at = ?, finished_at = ?
		WHERE id = ?`,
		p.State, p.Failure, orNull(p.Template), orNull(p.Version), r.number,
		orNull(p.Template), r.number,
		now, finishedAt(p.State, now), r.page); err != nil {
		return err
	}
	if err := db.addReadings(ctx, t, r.page, r.number, version{p.Template, p.Version}, readings); err != nil {
		return err
	}
	if err := addSnippets(ctx, t, r.page, r.number, p.Snippets); err != nil {
		return err
	}
	if err := addMargins(ctx, t, r.page, r.number, p); err != nil {
		return err
	}
	if err := db.layTiles(ctx, t, r.page); err != nil || p.State != form.StateReview || worth(r.was) == 0 {
		return err
	}
	return db.settle(ctx, t, r.page) // what people said before may leave no doubt
}

// closeInVain puts the page back to where it was.
func (db *DB) closeInVain(ctx context.Context, t tx, r opened, p *form.Page) error {
	why, now := p.Failure, millis(db.now())
	if p.State == form.StateUnmatched {
		why = form.FailNotFound
	}
	if err := writeRun(ctx, t, r, p, why, now); err != nil {
		return err
	}
	_, err := t.exec(ctx, `UPDATE pages SET state = ?, updated_at = ? WHERE id = ?`, r.was, now, r.page)
	return err
}

// writeRun writes what became of r.
func writeRun(ctx context.Context, t tx, r opened, p *form.Page, why form.Failure, now int64) error {
	place := p.TemplateToPage
	if p.Template == 0 {
		place = geom.Homography{}
	}
	templateToPage, err := encodePlace(place)
	if err != nil {
		return err
	}
	candidates, err := json.Marshal(append([]form.Candidate{}, p.Candidates...))
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `
		UPDATE runs SET
			state = ?, failure = ?, width = ?, height = ?, image = ?,
			template_id = ?, version = ?, template_to_page = ?, residual = ?, score = ?, faults = ?, candidates = ?,
			finished_at = ?
		WHERE page_id = ? AND number = ?`,
		p.State, why, p.Width, p.Height, p.Image,
		orNull(p.Template), orNull(p.Version), templateToPage, p.Residual, p.Score, spaced(p.Faults), string(candidates),
		now, r.page, r.number)
	return err
}

// encodePlace returns h as it is stored: NULL for the zero homography.
func encodePlace(h geom.Homography) (any, error) {
	if h == (geom.Homography{}) {
		return nil, nil
	}
	encoded, err := json.Marshal(h)
	return string(encoded), err
}

// finishedAt returns now for a page that nothing more happens to, else NULL.
func finishedAt(s form.State, now int64) any {
	if s == form.StateDone || s == form.StateFailed {
		return now
	}
	return nil
}

// Blame records that a run ended by a fault of its page. After the second time
// it has failed, and at once where it ended the programs that read it, of which
// two had been tried. It returns form.ErrConflict as SaveRun does.
func (db *DB) Blame(ctx context.Context, page form.PageID, number int, why form.Failure) (err error) {
	defer wrap(&err, "blame run %d of page %d", number, page)
	return db.update(ctx, func(t tx) error {
		r, err := openRun(ctx, t, page, number)
		if err != nil {
			return err
		}
		counts, tries := 1, 0
		if why == form.FailEngine {
			counts = pageTries
		}
		if err := t.row(ctx, `
			UPDATE runs SET tries = tries + ? WHERE page_id = ? AND number = ?
			RETURNING tries`, counts, page, number)(&tries); err != nil || tries < pageTries {
			return err
		}
		return db.save(ctx, t, r, &form.Page{State: form.StateFailed, Failure: why}, nil)
	})
}

// FinishDocument records that the machine has finished with a document. It
// returns ErrOpen, and changes nothing, where it has not with all of its pages,
// or nobody knows how many they are.
func (db *DB) FinishDocument(ctx context.Context, id form.DocumentID) (err error) {
	defer wrap(&err, "finish document %d", id)
	return db.update(ctx, func(t tx) error {
		task, err := taskOf(ctx, t, Chore{Document: id})
		if err != nil || task.Finished {
			return err
		}
		if task.Document.Pages == 0 || len(task.Open) > 0 { // all pages have rows once they are counted
			return ErrOpen
		}
		return db.finish(ctx, t, id)
	})
}

func (db *DB) finish(ctx context.Context, t tx, id form.DocumentID) error {
	return t.row(ctx, `
		UPDATE documents SET finished_at = coalesce(finished_at, ?), trouble = '', waits = 0 WHERE id = ?
		RETURNING id`, millis(db.now()), id)(&id)
}

// FailDocument records that a document cannot be read as a whole: its unread
// pages have failed, or, where all that are known were read, one more.
func (db *DB) FailDocument(ctx context.Context, id form.DocumentID, why form.Failure) (err error) {
	defer wrap(&err, "fail document %d", id)
	return db.update(ctx, func(t tx) error {
		task, err := taskOf(ctx, t, Chore{Document: id})
		if err != nil || task.Finished {
			return err
		}
		if len(task.Open) == 0 {
			var n int
			if err := t.row(ctx, `SELECT max(number) FROM pages WHERE document_id = ?`, id)(&n); err != nil {
				return err
			}
			by, err := sender(ctx, t, id)
			if err != nil {
				return err
			}
			page, err := addPage(ctx, t, id, form.Page{Number: n + 1}, millis(db.now()), "first", by)
			if err != nil {
				return err
			}
			task.Open = []OpenRun{{Page: page, Run: 1}}
		}
		for _, o := range task.Open {
			r, err := openRun(ctx, t, o.Page, o.Run)
			if err != nil {
				return err
			}
			if err := db.closeRun(ctx, t, r, &form.Page{State: form.StateFailed, Failure: why}, nil); err != nil {
				return err
			}
		}
		return db.finish(ctx, t, id)
	})
}

// GiveBack makes the pages of a chore that are being read wait again.
func (db *DB) GiveBack(ctx context.Context, c Chore) (err error) {
	defer wrap(&err, "give back %+v", c)
	return db.update(ctx, func(t tx) error { return db.giveBack(ctx, t, c) })
}

func (db *DB) giveBack(ctx context.Context, t tx, c Chore) error {
	open, args := c.open(t.dialect)
	_, err := t.exec(ctx, `
		UPDATE pages SET state = 'waiting', updated_at = ?
		WHERE state = 'reading' AND id IN (SELECT p.id`+open+`)`, append([]any{millis(db.now())}, args...)...)
	return err
}

// Postpone puts a chore off because of a trouble that is no fault of its own,
// and returns how often that was done in a row, for the same one, since a page
// of it was last kept or the server started.
func (db *DB) Postpone(ctx context.Context, c Chore, why form.Trouble) (times int, err error) {
	defer wrap(&err, "postpone %+v", c)
	err = db.update(ctx, func(t tx) error {
		if err := db.giveBack(ctx, t, c); err != nil {
			return err
		}
		table, where, args := c.row()
		return t.row(ctx, `
			UPDATE `+table+` SET waits = CASE WHEN trouble = ? THEN waits + 1 ELSE 1 END, trouble = ?`+where+`
			RETURNING waits`, append([]any{why, why}, args...)...)(&times)
	})
	return times, err
}
