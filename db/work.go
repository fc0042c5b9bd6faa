package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A Task is a document to read.
type Task struct {
	Document form.Document
	Only     []form.TemplateID // the only templates to look for; empty for all in service
	Done     map[int]bool      // the pages, from 1, that need not be read again
	Finished bool              // there is nothing left to do
}

// BeginDocument marks the pages of a document that wait as being read, and
// returns what is to be done.
func (db *DB) BeginDocument(ctx context.Context, id form.DocumentID) (task Task, err error) {
	defer wrap(&err, "begin document %d", id)
	err = db.update(ctx, func(t tx) error {
		if _, err := t.exec(ctx, `
			UPDATE pages SET state = 'reading', updated_at = ?
			WHERE document_id = ? AND state = 'waiting' AND `+notAgain, millis(db.now()), id); err != nil {
			return err
		}
		task, err = taskOf(ctx, t, id)
		return err
	})
	return task, err
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
		var state form.State
		var again bool
		err := scan(&number, &state, &again)
		if state.Final() || again {
			task.Done[number] = true
		} else {
			task.Finished = false
		}
		return err
	}, `SELECT number, state, NOT `+notAgain+` FROM pages WHERE document_id = ?`, id)
	return task, err
}

// SavePage keeps what was read from page p.Number of a document: the page
// with its state, and its readings. It returns form.ErrConflict, and changes
// nothing, where the page has been read already: a page is read exactly once,
// also if two processes try.
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
		return addReadings(ctx, t, id, run, readings)
	})
	return id, err
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

// FinishDocument records that all pages of a document have been found. A page
// that should have come and did not has failed.
func (db *DB) FinishDocument(ctx context.Context, id form.DocumentID) (err error) {
	defer wrap(&err, "finish document %d", id)
	return db.update(ctx, func(t tx) error { return db.finish(ctx, t, id, form.FailInternal) })
}

// FailDocument records that a document cannot be read from page next on: its
// unread pages, and page next in any case, have failed.
func (db *DB) FailDocument(ctx context.Context, id form.DocumentID, next int, why form.Failure) (err error) {
	defer wrap(&err, "fail document %d", id)
	return db.update(ctx, func(t tx) error {
		_, err := db.openPage(ctx, t, id, next)
		if err != nil && !errors.Is(err, form.ErrConflict) {
			return err
		}
		return db.finish(ctx, t, id, why)
	})
}

func (db *DB) finish(ctx context.Context, t tx, id form.DocumentID, why form.Failure) error {
	now := millis(db.now())
	if _, err := t.exec(ctx, `
		UPDATE pages SET state = 'failed', failure = ?, updated_at = ?, finished_at = ?
		WHERE document_id = ? AND state IN ('waiting', 'reading') AND `+notAgain, why, now, now, id); err != nil {
		return err
	}
	return t.row(ctx, `
		UPDATE documents SET finished_at = coalesce(finished_at, ?) WHERE id = ?
		RETURNING id`, now, id)(&id)
}

// GiveBack makes the pages of a document that are being read wait again.
func (db *DB) GiveBack(ctx context.Context, id form.DocumentID) (err error) {
	defer wrap(&err, "give back document %d", id)
	return db.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `
			UPDATE pages SET state = 'waiting', updated_at = ?
			WHERE document_id = ? AND state = 'reading' AND `+notAgain, millis(db.now()), id)
		return err
	})
}

// Recover mends what a process left that died: the pages it was reading wait
// again, and so do its jobs. It calls enqueue, in the same transaction, with
// the documents that have not been read and for which there is no job. Call it
// while no process reads.
func (db *DB) Recover(ctx context.Context, enqueue func(*sql.Tx, []form.Document) error) (err error) {
	defer wrap(&err, "recover")
	return db.update(ctx, func(t tx) error {
		if _, err := t.exec(ctx, `
			UPDATE pages SET state = 'waiting', updated_at = ? WHERE state = 'reading'`, millis(db.now())); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `
			UPDATE river_job SET state = 'available', scheduled_at = created_at WHERE state IN ('running', 'retryable', 'scheduled')`); err != nil {
			return err
		}
		docs, err := collect(ctx, t, scanDocument, `
			SELECT `+documentColumns+` FROM documents d
			WHERE d.id IN (
				SELECT id FROM documents WHERE finished_at IS NULL
				UNION SELECT document_id FROM pages WHERE state = 'waiting' AND `+notAgain+`)
			AND NOT EXISTS (
				SELECT 1 FROM river_job j
				WHERE j.state IN ('available', 'pending') AND json_extract(CAST(j.args AS TEXT), '$.document') = d.id)
			ORDER BY d.id`)
		if err != nil || len(docs) == 0 {
			return err
		}
		return enqueue(t.Tx.Tx, docs)
	})
}
