package db

import (
	"context"
	"database/sql"
	"errors"

	"github.com/seosik/seosik/internal/form"
)

// A Record is a page with its values.
type Record struct {
	Page     PageInfo
	Template *form.Template // in the version asked for; nil for a page without
	Title    form.Reading   // of the head of the form; zero where it was not read
	Values   []form.Value   // of all places of the template, in order; corrections oldest first
}

// Record returns a page with its values, by the version of the template with
// which it was read, and by the lists as they are now.
func (db *DB) Record(ctx context.Context, id form.PageID) (r Record, err error) {
	defer wrap(&err, "record of page %d", id)
	err = db.view(ctx, func(t tx) error {
		p, err := pageByID(ctx, t, id)
		if err != nil {
			return err
		}
		records, err := recordsByVersion(ctx, t, []PageInfo{p})
		if err != nil {
			return err
		}
		r = records[0]
		return nil
	})
	return r, err
}

// recordsOf returns the records of pages by template f.
func recordsOf(ctx context.Context, t tx, f *form.Template, pages []PageInfo) ([]Record, error) {
	ids := make([]any, len(pages))
	for i, p := range pages {
		ids[i] = p.ID
	}
	readings, err := readingsOf(ctx, t, ids)
	if err != nil {
		return nil, err
	}
	corrections, err := correctionsOf(ctx, t, ids)
	if err != nil {
		return nil, err
	}
	records := make([]Record, len(pages))
	for i, p := range pages {
		records[i] = Record{p, f, titleOf(readings[p.ID]), form.Values(f, readings[p.ID], corrections[p.ID])}
	}
	return records, nil
}

func titleOf(readings []form.Reading) form.Reading {
	for _, r := range readings {
		if r.Field == form.TitleID {
			return r
		}
	}
	return form.Reading{}
}

// readingsOf returns the readings that count of the given pages.
func readingsOf(ctx context.Context, t tx, pages []any) (map[form.PageID][]form.Reading, error) {
	list, err := collect(ctx, t, scanReading, `
		SELECT `+readingColumns+`
		FROM readings r JOIN pages p ON p.id = r.page_id AND p.run = r.run
		WHERE p.id IN (`+marks(len(pages))+`)`, pages...)
	of := make(map[form.PageID][]form.Reading)
	for _, r := range list {
		of[r.page] = append(of[r.page], r.Reading)
	}
	return of, err
}

// correctionsOf returns the corrections that count of those pages, oldest
// first: those of the readings that count, and of the readings before them
// with the same template.
func correctionsOf(ctx context.Context, t tx, pages []any) (map[form.PageID][]form.Correction, error) {
	list, err := collect(ctx, t, scanCorrection, `
		SELECT `+correctionColumns+`
		FROM corrections c
		JOIN pages p ON p.id = c.page_id AND c.run >= p.said_from
		JOIN users u ON u.id = c.user_id
		WHERE p.id IN (`+marks(len(pages))+`)
		ORDER BY c.id`, pages...)
	of := make(map[form.PageID][]form.Correction)
	for _, c := range list {
		of[c.Page] = append(of[c.Page], c)
	}
	return of, err
}

// AddCorrection adds what a person said: c.Page, Run, Field, Text, Checked,
// Accepted and By are set. After is the newest correction of the field that
// the person had seen, 0 for none. It returns form.ErrConflict where there is
// a newer one, or the page is being or has been read again since;
// form.ErrNotFound where the page has no such field. When no doubtful value is left, the page becomes done. It
// returns the correction with its ID and time, and the page as it is then.
func (db *DB) AddCorrection(ctx context.Context, c form.Correction, after form.CorrectionID) (added form.Correction, p PageInfo, err error) {
	defer wrap(&err, "correct page %d", c.Page)
	err = db.update(ctx, func(t tx) error {
		if p, err = pageByID(ctx, t, c.Page); err != nil {
			return err
		}
		if p.State != form.StateReview && p.State != form.StateDone || c.Run != p.Run {
			return form.ErrConflict
		}
		if err := unseen(ctx, t, c, after); err != nil {
			return err
		}
		if added, err = db.addCorrection(ctx, t, c); err != nil {
			return err
		}
		if err := db.settle(ctx, t, c.Page); err != nil {
			return err
		}
		p, err = pageByID(ctx, t, c.Page)
		return err
	})
	return added, p, err
}

// unseen returns form.ErrConflict if there is a correction newer than after.
func unseen(ctx context.Context, t tx, c form.Correction, after form.CorrectionID) error {
	var newest form.CorrectionID
	if err := t.row(ctx, `
		SELECT coalesce(max(c.id), 0) FROM corrections c JOIN pages p ON p.id = c.page_id
		WHERE p.id = ? AND c.run >= p.said_from AND c.field = ?`, c.Page, c.Field)(&newest); err != nil {
		return err
	}
	if newest != after {
		return form.ErrConflict
	}
	return nil
}

func (db *DB) addCorrection(ctx context.Context, t tx, c form.Correction) (form.Correction, error) {
	var id form.CorrectionID
	if err := t.row(ctx, `
		INSERT INTO corrections (page_id, run, field, text, checked, accepted, user_id, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		RETURNING id`,
		c.Page, c.Run, c.Field, c.Text, c.Checked, c.Accepted, c.By, millis(db.now()))(&id); err != nil {
		return form.Correction{}, err
	}
	return scanCorrection(t.row(ctx, `
		SELECT `+correctionColumns+` FROM corrections c JOIN users u ON u.id = c.user_id
		WHERE c.id = ?`, id))
}

// settle makes page id done if nothing on it is doubtful any more.
func (db *DB) settle(ctx context.Context, t tx, id form.PageID) error {
	now := millis(db.now())
	_, err := t.exec(ctx, `
		UPDATE pages AS p SET
			updated_at = ?,
			state = CASE `+doubtfulColumn+` WHEN 0 THEN 'done' ELSE p.state END,
			finished_at = CASE `+doubtfulColumn+` WHEN 0 THEN coalesce(p.finished_at, ?) ELSE p.finished_at END
		WHERE p.id = ?`, now, now, id)
	return err
}

// ReviewFilter chooses pages that wait for a person. Its zero value chooses all.
type ReviewFilter struct {
	Domain     form.DomainID     // 0 for all
	Submission form.SubmissionID // 0 for all
	Template   form.TemplateID   // 0 for all
}

func (f *ReviewFilter) where() *where {
	w := &where{terms: []string{`p.state IN ('review', 'unmatched')`}} // as in the index of such pages
	w.and(f.Domain != 0, `+p.domain_id = ?`, f.Domain)                 // the + keeps other indexes out of it
	w.and(f.Submission != 0, `d.submission_id = ?`, f.Submission)
	w.and(f.Template != 0, `+p.template_id = ?`, f.Template)
	return w
}

// NextForPerson returns the page that waits for a person and follows page
// after, oldest document first; after the last one it begins again at the
// first, so page after itself comes last of all. For page 0 it returns the
// first. It returns form.ErrNotFound where no page waits.
func (db *DB) NextForPerson(ctx context.Context, f ReviewFilter, after form.PageID) (id form.PageID, err error) {
	defer wrap(&err, "next page for a person")
	w := f.where()
	err = db.view(ctx, func(t tx) error {
		var doc form.DocumentID
		var number int
		if after != 0 {
			if doc, number, err = place(ctx, t, after); err != nil {
				return err
			}
		}
		follows := *w
		follows.and(true, `(p.document_id, p.number) > (?, ?)`, doc, number)
		id, err = firstPage(ctx, t, &follows)
		if errors.Is(err, sql.ErrNoRows) {
			id, err = firstPage(ctx, t, w)
		}
		return err
	})
	return id, err
}

func firstPage(ctx context.Context, t tx, w *where) (id form.PageID, err error) {
	err = t.row(ctx, `
		SELECT p.id FROM pages p JOIN documents d ON d.id = p.document_id`+w.String()+`
		ORDER BY p.document_id, p.number LIMIT 1`, w.args...)(&id)
	return id, err
}

// NeedPerson returns how many pages wait for a person.
func (db *DB) NeedPerson(ctx context.Context, f ReviewFilter) (n int, err error) {
	defer wrap(&err, "pages that wait for a person")
	w := f.where()
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `
			SELECT count(*) FROM pages p JOIN documents d ON d.id = p.document_id`+w.String(), w.args...)(&n)
	})
	return n, err
}
