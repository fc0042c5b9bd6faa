package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A document waits, is read page by page, and is finished when the machine has
// finished with each of its pages, or it is known that it cannot be read. How
// many pages it has is stored before the first one is read.

// pageTries is how often a page may be the cause that reading it ends, before
// it has failed.
const pageTries = 2

// ErrOpen reports a document of which a page is still to be read.
var ErrOpen = errors.New("not all of its pages have been read")

// A Task is a document to read.
type Task struct {
	Document form.Document
	Only     []form.TemplateID // the only templates to look for; empty for all in service
	Open     []int             // the numbers, from 1, of the pages that are still to be read, of those known
	Done     map[int]bool      // of those that need not be read again
	Finished bool              // there is nothing left to do
}

// BeginDocument marks the first page of a document that waits as being read,
// and returns what is to be done.
func (db *DB) BeginDocument(ctx context.Context, id form.DocumentID) (task Task, err error) {
	defer wrap(&err, "begin document %d", id)
	err = db.update(ctx, func(t tx) error {
		if task, err = taskOf(ctx, t, id); err != nil || task.Finished {
			return err
		}
		return db.readNext(ctx, t, id)
	})
	return task, err
}

// readNext marks the first page of a document that waits as being read.
func (db *DB) readNext(ctx context.Context, t tx, id form.DocumentID) error {
	_, err := t.exec(ctx, `
		UPDATE pages SET state = 'reading', updated_at = ? WHERE id = (
			SELECT id FROM pages
			WHERE document_id = ? AND state = 'waiting' AND `+notAgain+`
			ORDER BY number LIMIT 1)`, millis(db.now()), id)
	return err
}

func taskOf(ctx context.Context, t tx, id form.DocumentID) (Task, error) {
	task := Task{Done: map[int]bool{}}
	var err error
	if task.Document, err = scanDocument(t.row(ctx, `SELECT `+documentColumns+` FROM documents d WHERE d.id = ?`, id)); err != nil {
		return task, err
	}
	s, err := scanSubmission(t.row(ctx, `SELECT `+submissionColumns+` FROM submissions s WHERE s.id = ?`, task.Document.Submission))
	if err != nil {
		return task, err
	}
	task.Only = s.Templates
	if err := t.row(ctx, `SELECT finished_at IS NOT NULL FROM documents WHERE id = ?`, id)(&task.Finished); err != nil {
		return task, err
	}
	err = t.rows(ctx, func(scan func(...any) error) error {
		var number int
		var open bool
		err := scan(&number, &open)
		if open {
			task.Open, task.Finished = append(task.Open, number), false
		} else {
			task.Done[number] = true
		}
		return err
	}, `SELECT number, state IN ('waiting', 'reading') AND `+notAgain+` FROM pages WHERE document_id = ? ORDER BY number`, id)
	return task, err
}

// SetPages stores how many pages a document has, n, and adds those that have no
// row yet: they wait. Where the number is known already it changes nothing.
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
		task, err = taskOf(ctx, t, id)
		return err
	})
	return task, err
}

func (db *DB) addPages(ctx context.Context, t tx, id form.DocumentID, n int) error {
	if _, err := t.exec(ctx, `UPDATE documents SET pages = ? WHERE id = ?`, n, id); err != nil {
		return err
	}
	have := make(map[int]bool)
	if err := t.rows(ctx, func(scan func(...any) error) error {
		var number int
		err := scan(&number)
		have[number] = true
		return err
	}, `SELECT number FROM pages WHERE document_id = ?`, id); err != nil {
		return err
	}
	for number := 1; number <= n; number++ {
		if have[number] {
			continue
		}
		if _, err := addPage(ctx, t, id, number, form.StateWaiting, millis(db.now())); err != nil {
			return err
		}
	}
	return nil
}

// SavePage keeps what was read from page p.Number of a document: the page
// with its state, and its readings. The next page that waits is being read from
// then on. It returns form.ErrConflict, and changes nothing, where the page has
// been read already: a page is read exactly once, also if two processes try.
func (db *DB) SavePage(ctx context.Context, doc form.DocumentID, p form.Page, readings []form.Reading) (id form.PageID, err error) {
	defer wrap(&err, "save page %d of document %d", p.Number, doc)
	if !p.State.Final() {
		return 0, errors.New("it has not been read")
	}
	err = db.update(ctx, func(t tx) error {
		if id, err = db.openPage(ctx, t, doc, p.Number); err != nil {
			return err
		}
		run, err := db.savePage(ctx, t, id, &p)
		if err != nil {
			return err
		}
		if err := addReadings(ctx, t, id, run, readings); err != nil {
			return err
		}
		return db.getOn(ctx, t, doc)
	})
	return id, err
}

// getOn notes that a document got on by a page.
func (db *DB) getOn(ctx context.Context, t tx, doc form.DocumentID) error {
	if _, err := t.exec(ctx, `
		UPDATE documents SET trouble = '', waits = 0 WHERE id = ? AND waits > 0`, doc); err != nil {
		return err
	}
	return db.readNext(ctx, t, doc)
}

// openPage returns the page, which it adds if it is new. It returns
// form.ErrConflict if the page is final, or a person wants it read again.
func (db *DB) openPage(ctx context.Context, t tx, doc form.DocumentID, number int) (id form.PageID, err error) {
	var state form.State
	var again bool
	err = t.row(ctx, `
		SELECT id, state, NOT `+notAgain+` FROM pages WHERE document_id = ? AND number = ?`, doc, number)(&id, &state, &again)
	if errors.Is(err, sql.ErrNoRows) {
		return addPage(ctx, t, doc, number, form.StateReading, millis(db.now()))
	}
	if err == nil && (state.Final() || again) {
		err = form.ErrConflict
	}
	return id, err
}

// savePage writes p over the row id and returns the number of this reading.
func (db *DB) savePage(ctx context.Context, t tx, id form.PageID, p *form.Page) (run int, err error) {
	var templateToPage any
	if p.Template != 0 && p.TemplateToPage != (geom.Homography{}) {
		encoded, err := json.Marshal(p.TemplateToPage)
		if err != nil {
			return 0, err
		}
		templateToPage = string(encoded)
	}
	candidates, err := json.Marshal(append([]form.Candidate{}, p.Candidates...))
	if err != nil {
		return 0, err
	}
	now := millis(db.now())
	err = t.row(ctx, `
		UPDATE pages SET
			state = ?, failure = ?, width = ?, height = ?, image = ?,
			template_id = ?, version = ?, template_to_page = ?, residual = ?, score = ?, candidates = ?, faults = ?,
			run = run + 1, updated_at = ?, finished_at = ?
		WHERE id = ?
		RETURNING run`,
		p.State, p.Failure, p.Width, p.Height, p.Image,
		orNull(p.Template), orNull(p.Version), templateToPage, p.Residual, p.Score, string(candidates), spaced(p.Faults),
		now, finishedAt(p.State, now), id)(&run)
	return run, err
}

// finishedAt returns now for a page that nothing more happens to, else NULL.
func finishedAt(s form.State, now int64) any {
	if s == form.StateDone || s == form.StateFailed {
		return now
	}
	return nil
}

// FinishDocument records that the machine has finished with a document. It
// returns ErrOpen, and changes nothing, where it has not with all of its pages,
// or nobody knows how many they are.
func (db *DB) FinishDocument(ctx context.Context, id form.DocumentID) (err error) {
	defer wrap(&err, "finish document %d", id)
	return db.update(ctx, func(t tx) error {
		task, err := taskOf(ctx, t, id)
		if err != nil || task.Finished {
			return err
		}
		if n := task.Document.Pages; n == 0 || len(task.Open) > 0 || len(task.Done) < n {
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
		task, err := taskOf(ctx, t, id)
		if err != nil || task.Finished {
			return err
		}
		now := millis(db.now())
		if len(task.Open) == 0 {
			if _, err := addPage(ctx, t, id, len(task.Done)+1, form.StateWaiting, now); err != nil {
				return err
			}
		}
		if _, err := t.exec(ctx, `
			UPDATE pages SET state = 'failed', failure = ?, updated_at = ?, finished_at = ?
			WHERE document_id = ? AND state IN ('waiting', 'reading') AND `+notAgain, why, now, now, id); err != nil {
			return err
		}
		return db.finish(ctx, t, id)
	})
}

// BlamePage records that reading a document ended by a fault of one of its
// pages. After the second time the page has failed.
func (db *DB) BlamePage(ctx context.Context, doc form.DocumentID, number int, why form.Failure) (err error) {
	defer wrap(&err, "blame page %d of document %d", number, doc)
	return db.update(ctx, func(t tx) error {
		var id form.PageID
		if err := t.row(ctx, `SELECT id FROM pages WHERE document_id = ? AND number = ?`, doc, number)(&id); err != nil {
			return err // there is no such page: it must not come about by being blamed
		}
		if id, err = db.openPage(ctx, t, doc, number); err != nil {
			return err
		}
		var tries int
		if err := t.row(ctx, `UPDATE pages SET tries = tries + 1 WHERE id = ? RETURNING tries`, id)(&tries); err != nil || tries < pageTries {
			return err
		}
		if _, err := db.savePage(ctx, t, id, &form.Page{State: form.StateFailed, Failure: why}); err != nil {
			return err
		}
		return db.getOn(ctx, t, doc)
	})
}

// GiveBack makes the pages of a document that are being read wait again.
func (db *DB) GiveBack(ctx context.Context, id form.DocumentID) (err error) {
	defer wrap(&err, "give back document %d", id)
	return db.update(ctx, func(t tx) error { return db.giveBack(ctx, t, id) })
}

func (db *DB) giveBack(ctx context.Context, t tx, id form.DocumentID) error {
	_, err := t.exec(ctx, `
		UPDATE pages SET state = 'waiting', updated_at = ?
		WHERE document_id = ? AND state = 'reading' AND `+notAgain, millis(db.now()), id)
	return err
}

// Postpone puts a document off because of a trouble that is no fault of its
// own, and returns how often that was done in a row, for the same one, since a
// page of it was last kept or the server started.
func (db *DB) Postpone(ctx context.Context, id form.DocumentID, why form.Trouble) (times int, err error) {
	defer wrap(&err, "postpone document %d", id)
	err = db.update(ctx, func(t tx) error {
		if err := db.giveBack(ctx, t, id); err != nil {
			return err
		}
		return t.row(ctx, `
			UPDATE documents SET `+oneMoreWait+` WHERE id = ?
			RETURNING waits`, why, why, id)(&times)
	})
	return times, err
}

// oneMoreWait counts a trouble, given twice: from 1 where it is another one.
const oneMoreWait = `waits = CASE WHEN trouble = ? THEN waits + 1 ELSE 1 END, trouble = ?`
