package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A page that is read again waits, is read, and then holds a new run, or is as
// it was where nothing came of it. The runs before stay. Corrections of the
// runs before count on while the template stays the same: what people said a
// field holds, it holds wherever the machine looks. With another template the
// values begin anew.

// A RereadID names a Reread in the database.
type RereadID int64

// notAgain chooses the pages that nobody has asked to be read again: those are
// no part of the first reading of their document.
const notAgain = `NOT EXISTS (SELECT 1 FROM rereads a WHERE a.page_id = pages.id AND a.finished_at IS NULL)`

// AddReread has a page that is read, or unmatched, wait to be read again. In
// the same transaction it calls enqueue, which adds the job. It returns
// form.ErrConflict where the page is being read or cannot be, and
// form.ErrNotFound where its domain has no such template that is no draft.
func (db *DB) AddReread(ctx context.Context, r form.Reread, enqueue func(*sql.Tx, []RereadID) error) (err error) {
	defer wrap(&err, "read page %d again", r.Page)
	return db.update(ctx, func(t tx) error {
		p, err := pageByID(ctx, t, r.Page)
		if err != nil {
			return err
		}
		if err := checkReread(ctx, t, p.Domain, r.Template); err != nil {
			return err
		}
		if p.State != form.StateReview && p.State != form.StateDone && p.State != form.StateUnmatched {
			return form.ErrConflict
		}
		id, err := db.addReread(ctx, t, r, p.State)
		if err != nil {
			return err
		}
		return enqueue(t.Tx.Tx, []RereadID{id})
	})
}

// RereadUnmatched does so with all unmatched pages of a domain, and returns
// how many they are. R.Page and TemplateToPage are not set.
func (db *DB) RereadUnmatched(ctx context.Context, domain form.DomainID, r form.Reread, enqueue func(*sql.Tx, []RereadID) error) (n int, err error) {
	defer wrap(&err, "read unmatched pages of domain %d again", domain)
	err = db.update(ctx, func(t tx) error {
		if err := checkReread(ctx, t, domain, r.Template); err != nil {
			return err
		}
		pages, err := collect(ctx, t, scanID[form.PageID], `
			SELECT p.id FROM pages p
			WHERE p.state = 'unmatched' AND +p.domain_id = ?
			ORDER BY p.document_id, p.number`, domain)
		if err != nil || len(pages) == 0 {
			return err
		}
		ids := make([]RereadID, len(pages))
		for i, page := range pages {
			r.Page = page
			if ids[i], err = db.addReread(ctx, t, r, form.StateUnmatched); err != nil {
				return err
			}
		}
		n = len(ids)
		return enqueue(t.Tx.Tx, ids)
	})
	return n, err
}

func checkReread(ctx context.Context, t tx, domain form.DomainID, template form.TemplateID) error {
	if template == 0 {
		return nil
	}
	return t.row(ctx, `
		SELECT id FROM templates WHERE id = ? AND domain_id = ? AND stage <> 'draft'`, template, domain)(&template)
}

func (db *DB) addReread(ctx context.Context, t tx, r form.Reread, was form.State) (id RereadID, err error) {
	pose, err := encodePose(r.TemplateToPage)
	if err != nil {
		return 0, err
	}
	now := millis(db.now())
	if err := t.row(ctx, `
		INSERT INTO rereads (page_id, template_id, template_to_page, user_id, was, created_at) VALUES (?, ?, ?, ?, ?, ?)
		RETURNING id`, r.Page, orNull(r.Template), pose, r.By, was, now)(&id); err != nil {
		return 0, err
	}
	_, err = t.exec(ctx, `UPDATE pages SET state = 'waiting', updated_at = ? WHERE id = ?`, now, r.Page)
	return id, err
}

// encodePose returns h as it is stored: NULL for the zero homography.
func encodePose(h geom.Homography) (any, error) {
	if h == (geom.Homography{}) {
		return nil, nil
	}
	encoded, err := json.Marshal(h)
	return string(encoded), err
}

// A RereadTask is a page to be read again.
type RereadTask struct {
	form.Reread
	Document form.Document
	Number   int  // of the page
	Finished bool // there is nothing left to do
}

// BeginReread marks the page as being read, and returns what is to be done.
func (db *DB) BeginReread(ctx context.Context, id RereadID) (task RereadTask, err error) {
	defer wrap(&err, "begin to read again, %d", id)
	err = db.update(ctx, func(t tx) error {
		var doc form.DocumentID
		var pose []byte
		if err := t.row(ctx, `
			SELECT a.page_id, coalesce(a.template_id, 0), a.template_to_page, a.user_id, a.finished_at IS NOT NULL, p.document_id, p.number
			FROM rereads a JOIN pages p ON p.id = a.page_id
			WHERE a.id = ?`, id)(&task.Page, &task.Template, &pose, &task.By, &task.Finished, &doc, &task.Number); err != nil {
			return err
		}
		if pose != nil {
			if err := json.Unmarshal(pose, &task.TemplateToPage); err != nil {
				return err
			}
		}
		if task.Document, err = scanDocument(t.row(ctx, `SELECT `+documentColumns+` FROM documents d WHERE d.id = ?`, doc)); err != nil {
			return err
		}
		if task.Finished {
			return nil
		}
		return db.setState(ctx, t, task.Page, form.StateReading)
	})
	return task, err
}

func (db *DB) setState(ctx context.Context, t tx, page form.PageID, s form.State) error {
	_, err := t.exec(ctx, `UPDATE pages SET state = ?, updated_at = ? WHERE id = ?`, s, millis(db.now()), page)
	return err
}

// A want is a wish to read again that has not been fulfilled.
type want struct {
	page form.PageID
	was  form.State
}

// openReread returns form.ErrConflict where the wish has been fulfilled.
func openReread(ctx context.Context, t tx, id RereadID) (w want, err error) {
	var open bool
	err = t.row(ctx, `SELECT page_id, was, finished_at IS NULL FROM rereads WHERE id = ?`, id)(&w.page, &w.was, &open)
	if err == nil && !open {
		err = form.ErrConflict
	}
	return w, err
}

// SaveReread keeps what was read. A page that had been read before, and on
// which nothing could be read now, is as it was. It returns form.ErrConflict, and
// changes nothing, where that has been done already.
func (db *DB) SaveReread(ctx context.Context, id RereadID, p form.Page, readings []form.Reading) (err error) {
	defer wrap(&err, "save what was read again, %d", id)
	if !p.State.Final() {
		return errors.New("it has not been read")
	}
	return db.update(ctx, func(t tx) error {
		w, err := openReread(ctx, t, id)
		switch {
		case err != nil:
			return err
		case p.State == form.StateFailed:
			return db.inVain(ctx, t, id, w, p.Failure)
		case p.State == form.StateUnmatched && w.was != form.StateUnmatched:
			return db.inVain(ctx, t, id, w, form.FailNotFound)
		}
		run, err := db.newRun(ctx, t, w.page, &p, readings)
		if err != nil {
			return err
		}
		return db.closeReread(ctx, t, id, run, "")
	})
}

// newRun puts p in the place of what the page was until now, which becomes past.
func (db *DB) newRun(ctx context.Context, t tx, id form.PageID, p *form.Page, readings []form.Reading) (run int, err error) {
	if _, err := t.exec(ctx, `
		INSERT INTO past_runs (page_id, run, state, template_id, version, template_to_page, residual, score, faults)
		SELECT p.id, p.run, a.was, p.template_id, p.version, p.template_to_page, p.residual, p.score, p.faults
		FROM pages p JOIN rereads a ON a.page_id = p.id AND a.finished_at IS NULL
		WHERE p.id = ?`, id); err != nil {
		return 0, err
	}
	if _, err := t.exec(ctx, `
		UPDATE pages SET said_from = run + 1 WHERE id = ? AND template_id IS DISTINCT FROM ?`, id, orNull(p.Template)); err != nil {
		return 0, err
	}
	if run, err = db.savePage(ctx, t, id, p); err != nil {
		return 0, err
	}
	if err := addReadings(ctx, t, id, run, readings); err != nil || p.State != form.StateReview {
		return run, err
	}
	return run, db.settle(ctx, t, id)
}

// inVain puts the page back to where it was.
func (db *DB) inVain(ctx context.Context, t tx, id RereadID, w want, why form.Failure) error {
	if err := db.setState(ctx, t, w.page, w.was); err != nil {
		return err
	}
	return db.closeReread(ctx, t, id, 0, why)
}

func (db *DB) closeReread(ctx context.Context, t tx, id RereadID, run int, why form.Failure) error {
	_, err := t.exec(ctx, `
		UPDATE rereads SET run = ?, failure = ?, finished_at = ? WHERE id = ?`, orNull(run), why, millis(db.now()), id)
	return err
}

// BlameReread records that reading a page again ended by a fault of the page.
// After the second time it is as it was.
func (db *DB) BlameReread(ctx context.Context, id RereadID, why form.Failure) (err error) {
	defer wrap(&err, "blame what is read again, %d", id)
	return db.update(ctx, func(t tx) error {
		w, err := openReread(ctx, t, id)
		if err != nil {
			return err
		}
		var tries int
		if err := t.row(ctx, `UPDATE rereads SET tries = tries + 1 WHERE id = ? RETURNING tries`, id)(&tries); err != nil || tries < pageTries {
			return err
		}
		return db.inVain(ctx, t, id, w, why)
	})
}

// PostponeReread puts the reading of a page off, as Postpone does with a
// document.
func (db *DB) PostponeReread(ctx context.Context, id RereadID, why form.Trouble) (times int, err error) {
	defer wrap(&err, "postpone what is read again, %d", id)
	err = db.update(ctx, func(t tx) error {
		w, err := openReread(ctx, t, id)
		if err != nil {
			return err
		}
		if err := db.setState(ctx, t, w.page, form.StateWaiting); err != nil {
			return err
		}
		return t.row(ctx, `
			UPDATE rereads SET `+oneMoreWait+` WHERE id = ?
			RETURNING waits`, why, why, id)(&times)
	})
	return times, err
}

// GiveBackReread makes the page wait again.
func (db *DB) GiveBackReread(ctx context.Context, id RereadID) (err error) {
	defer wrap(&err, "give back what is to be read again, %d", id)
	return db.update(ctx, func(t tx) error {
		w, err := openReread(ctx, t, id)
		if errors.Is(err, form.ErrConflict) {
			return nil
		}
		if err != nil {
			return err
		}
		return db.setState(ctx, t, w.page, form.StateWaiting)
	})
}

// Unmatched returns how many pages of a domain, or of all for 0, are
// unmatched, and how many wait to be read again.
func (db *DB) Unmatched(ctx context.Context, domain form.DomainID) (unmatched, again int, err error) {
	defer wrap(&err, "unmatched pages of domain %d", domain)
	err = db.view(ctx, func(t tx) error {
		if unmatched, err = countPages(ctx, t, &PageFilter{Domain: domain, States: []form.State{form.StateUnmatched}}); err != nil {
			return err
		}
		return t.row(ctx, `
			SELECT count(*) FROM rereads a JOIN pages p ON p.id = a.page_id
			WHERE a.finished_at IS NULL AND (? = 0 OR p.domain_id = ?)`, domain, domain)(&again)
	})
	return unmatched, again, err
}

// A Run is one of the times a page was read.
type Run struct {
	Number       int
	State        form.State // as it was left; of the last run, the page's
	TemplateName string     // empty without a template
	Version      int
	ByHand       bool      // a person had said where the form lies
	By           string    // who wanted it read again; empty for the first run
	At           time.Time // when; zero for the first run
	// Corrections of this run that count no longer, because the page was read
	// with another template since; oldest first.
	Corrections []form.Correction
}

// A History is what became of a page before.
type History struct {
	Runs    []Run        // oldest first; one of them for a page that was never read again
	Failure form.Failure // why nothing came of it when the page was to be read again last; mostly empty
}

// HistoryOf returns the history of a page.
func (db *DB) HistoryOf(ctx context.Context, id form.PageID) (h History, err error) {
	defer wrap(&err, "history of page %d", id)
	err = db.view(ctx, func(t tx) error {
		if h.Runs, err = collect(ctx, t, scanRun, `
			SELECT r.run, r.state, coalesce(t.name, ''), coalesce(r.version, 0),
				a.template_to_page IS NOT NULL, coalesce(u.name, ''), a.created_at
			FROM (
				SELECT page_id, run, state, template_id, version FROM past_runs WHERE page_id = ?
				UNION ALL SELECT id, run, state, template_id, version FROM pages WHERE id = ?) r
			LEFT JOIN templates t ON t.id = r.template_id
			LEFT JOIN rereads a ON a.page_id = r.page_id AND a.run = r.run
			LEFT JOIN users u ON u.id = a.user_id
			ORDER BY r.run`, id, id); err != nil {
			return err
		}
		if err := t.row(ctx, `
			SELECT coalesce((
				SELECT failure FROM rereads WHERE page_id = ? AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1), '')`, id)(&h.Failure); err != nil {
			return err
		}
		old, err := collect(ctx, t, scanCorrection, `
			SELECT `+correctionColumns+`
			FROM corrections c JOIN pages p ON p.id = c.page_id AND c.run < p.said_from JOIN users u ON u.id = c.user_id
			WHERE p.id = ?
			ORDER BY c.id`, id)
		for _, c := range old {
			for i := range h.Runs {
				if h.Runs[i].Number == c.Run {
					h.Runs[i].Corrections = append(h.Runs[i].Corrections, c)
				}
			}
		}
		return err
	})
	return h, err
}

func scanRun(scan func(...any) error) (Run, error) {
	var r Run
	var at sql.Null[int64]
	err := scan(&r.Number, &r.State, &r.TemplateName, &r.Version, &r.ByHand, &r.By, &at)
	r.At = fromNullMillis(at)
	return r, err
}
