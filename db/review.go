package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/seosik/seosik/internal/form"
)

// Record returns a page with its values, by the version of the template with
// which it was read, and by the lists as they are now.
func (db *DB) Record(ctx context.Context, in form.Scope, id form.PageID) (r form.Record, err error) {
	defer wrap(&err, "record of page %d", id)
	err = db.view(ctx, func(t tx) error {
		p, err := pageByID(ctx, t, id)
		if err := seen(in, p.Domain, err); err != nil {
			return err
		}
		records, err := recordsByVersion(ctx, t, []form.PageInfo{p})
		if err != nil {
			return err
		}
		r = records[0]
		return nil
	})
	return r, err
}

// recordsOf returns the records of pages by template f.
func recordsOf(ctx context.Context, t tx, f *form.Template, pages []form.PageInfo) ([]form.Record, error) {
	return recordsWith(ctx, t, f, pages, wholeReadings)
}

func recordsWith(ctx context.Context, t tx, f *form.Template, pages []form.PageInfo, readings readingsOf) ([]form.Record, error) {
	ids := make([]form.PageID, len(pages))
	for i, p := range pages {
		ids[i] = p.ID
	}
	chosen, err := list(ids)
	if err != nil {
		return nil, err
	}
	read, err := readings(ctx, t, chosen)
	if err != nil {
		return nil, err
	}
	said, err := correctionsOf(ctx, t, chosen)
	if err != nil {
		return nil, err
	}
	records, places := make([]form.Record, len(pages)), f.Places()
	for i, p := range pages {
		records[i] = form.Record{
			Page: p, Template: f,
			Title:  readingOf(form.TitleID, read[p.ID]),
			Whole:  wholeOf(read[p.ID], said[p.ID]),
			Values: form.ValuesAt(places, read[p.ID], said[p.ID]),
		}
	}
	return records, nil
}

func readingOf(id form.FieldID, readings []form.Reading) form.Reading {
	for _, r := range readings {
		if r.Field == id {
			return r
		}
	}
	return form.Reading{}
}

// wholeOf returns the value of the page as a whole.
func wholeOf(readings []form.Reading, corrections []form.Correction) form.Value {
	v := form.Value{Field: form.Field{ID: form.WholeID}, Reading: readingOf(form.WholeID, readings)}
	for _, c := range corrections {
		if c.Field == form.WholeID {
			v.Corrections = append(v.Corrections, c)
		}
	}
	return v
}

// readingsOf returns the readings that count of the given pages, a list.
type readingsOf func(ctx context.Context, t tx, pages string) (map[form.PageID][]form.Reading, error)

func wholeReadings(ctx context.Context, t tx, pages string) (map[form.PageID][]form.Reading, error) {
	return readingsBy(ctx, t, pages, readingColumns+`, `+detailColumn, scanWhole)
}

// plainReadings returns them without what of readings is only shown: where, words,
// alternatives, and the rule that chose.
func plainReadings(ctx context.Context, t tx, pages string) (map[form.PageID][]form.Reading, error) {
	return readingsBy(ctx, t, pages, readingColumns, scanPlain)
}

func readingsBy(ctx context.Context, t tx, pages, columns string, scanX func(scan func(...any) error) (pageReading, error)) (map[form.PageID][]form.Reading, error) {
	of := make(map[form.PageID][]form.Reading)
	err := t.rows(ctx, func(scan func(...any) error) error {
		r, err := scanX(scan)
		of[r.page] = append(of[r.page], r.Reading)
		return err
	}, `
		SELECT `+columns+`
		FROM `+t.each()+t.then(`pages p`, `p.id = n.value`)+t.then(`readings r`, `r.page_id = p.id AND r.run = p.run`), pages)
	return of, err
}

// correctionsOf returns the corrections that count of those pages, oldest
// first: those of the readings that count, and of the readings before them
// with the same template.
func correctionsOf(ctx context.Context, t tx, pages string) (map[form.PageID][]form.Correction, error) {
	of := make(map[form.PageID][]form.Correction)
	err := t.rows(ctx, func(scan func(...any) error) error {
		c, err := scanCorrection(scan)
		of[c.Page] = append(of[c.Page], c)
		return err
	}, `
		SELECT `+correctionColumns+`
		FROM `+t.each()+t.then(`pages p`, `p.id = n.value`)+t.then(`corrections c`, `c.page_id = p.id AND c.run >= p.said_from`)+`
		JOIN users u ON u.id = c.user_id
		ORDER BY c.id`, pages)
	return of, err
}

// AddCorrection adds what a person said: c.Page, Run, Field, Text, Checked, Mark,
// Accepted and Override are set. After is the newest correction of the field that
// the person had seen, 0 for none. It returns form.ErrConflict where there is a
// newer one that says something else, where the page is being or has been read
// again since, and of what two people key, before that is settled: see AddEntry;
// form.ErrNotFound where the page has no such field. When no doubtful value is
// left, the page becomes done. It returns the correction with its ID and time, and
// the page as it is then. The webhook is told of a page that was done before, too.
func (db *DB) AddCorrection(ctx context.Context, by form.Actor, c form.Correction, after form.CorrectionID) (added form.Correction, p form.PageInfo, err error) {
	defer wrap(&err, "correct page %d", c.Page)
	c.By = by.User
	err = db.update(ctx, func(t tx) error {
		if p, err = pageByID(ctx, t, c.Page); err != nil {
			return err
		}
		if p.State != form.StateReview && p.State != form.StateDone || c.Run != p.Run {
			return form.ErrConflict
		}
		var news bool
		if added, news, err = db.addSeen(ctx, t, c, after); err != nil {
			return err
		}
		if news && p.State == form.StateDone {
			if err := db.tellCorrected(ctx, t, c.Page); err != nil {
				return err
			}
		}
		p, err = db.recount(ctx, t, c.Page)
		return err
	})
	return added, p, err
}

// recount counts what is left to do on a page anew, of which something was said,
// and returns it as it is then.
func (db *DB) recount(ctx context.Context, t tx, id form.PageID) (p form.PageInfo, err error) {
	if err := countDoubt(ctx, t, id); err != nil {
		return p, err
	}
	if err := db.settle(ctx, t, id); err != nil {
		return p, err
	}
	return pageByID(ctx, t, id)
}

// errStale reports that somebody has said something else of a field meanwhile.
var errStale = fmt.Errorf("said otherwise: %w", form.ErrConflict)

// addSeen adds what a person said who had seen correction after of the field, and
// returns errStale where another one came since. Two people who say the same do
// not contradict each other: what the first said is returned, and is no news.
func (db *DB) addSeen(ctx context.Context, t tx, c form.Correction, after form.CorrectionID) (added form.Correction, news bool, err error) {
	newest, err := newestOf(ctx, t, c)
	if err != nil {
		return added, false, err
	}
	if newest.ID != after {
		if newest.ID == 0 || !sameSaid(newest, c) {
			return added, false, errStale
		}
		return newest, false, forgetTyped(ctx, t, c)
	}
	if two, err := byTwo(ctx, t, c); err != nil || two {
		return added, false, cmp.Or(err, form.ErrConflict)
	}
	added, err = db.addCorrection(ctx, t, c)
	return added, err == nil, err
}

// unseen returns errStale if there is a correction newer than after, and
// form.ErrConflict if it takes two people, who see nothing, to say something.
func unseen(ctx context.Context, t tx, c form.Correction, after form.CorrectionID) error {
	newest, err := newestOf(ctx, t, c)
	if err != nil {
		return err
	}
	if newest.ID != after {
		return errStale
	}
	two, err := byTwo(ctx, t, c)
	if err == nil && two {
		err = form.ErrConflict
	}
	return err
}

// newestOf returns the newest correction of a field of a page that counts, or
// the zero Correction.
func newestOf(ctx context.Context, t tx, c form.Correction) (form.Correction, error) {
	newest, err := scanCorrection(t.row(ctx, `
		SELECT `+correctionColumns+` FROM corrections c JOIN users u ON u.id = c.user_id JOIN pages p ON p.id = c.page_id
		WHERE p.id = ? AND c.run >= p.said_from AND c.field = ? ORDER BY c.id DESC LIMIT 1`, c.Page, c.Field))
	if errors.Is(err, sql.ErrNoRows) {
		return form.Correction{}, nil
	}
	return newest, err
}

// sameSaid reports whether two corrections say the same of a field.
func sameSaid(a, b form.Correction) bool {
	return a.Text == b.Text && a.Checked == b.Checked && a.Mark == b.Mark
}

// forgetTyped forgets what a person had typed of a field: it is now said.
func forgetTyped(ctx context.Context, t tx, c form.Correction) error {
	_, err := t.exec(ctx, `DELETE FROM typed WHERE page_id = ? AND field = ? AND user_id = ?`, c.Page, c.Field, c.By)
	return err
}

func (db *DB) addCorrection(ctx context.Context, t tx, c form.Correction) (form.Correction, error) {
	if err := forgetTyped(ctx, t, c); err != nil {
		return form.Correction{}, err
	}
	text, err := t.sealText(ctx, c.Page, c.Run, c.Field, c.Text)
	if err != nil {
		return form.Correction{}, err
	}
	var id form.CorrectionID
	if err := t.row(ctx, `
		INSERT INTO corrections (page_id, run, field, text, checked, mark, accepted, override, user_id, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		RETURNING id`,
		c.Page, c.Run, c.Field, text, c.Checked, c.Mark, c.Accepted, c.Override, c.By, millis(db.now()))(&id); err != nil {
		return form.Correction{}, err
	}
	if err := db.saw(ctx, t, Access{By: form.Person(c.By), Act: AccessCorrect, Pages: []form.PageID{c.Page}}); err != nil {
		return form.Correction{}, err
	}
	if c.Mark == form.MarkWithdrawn {
		if err := db.layTiles(ctx, t, c.Page); err != nil { // others went with a trigger
			return form.Correction{}, err
		}
	}
	return scanCorrection(t.row(ctx, `
		SELECT `+correctionColumns+` FROM corrections c JOIN users u ON u.id = c.user_id
		WHERE c.id = ?`, id))
}

// settle makes page id done if nothing on it is doubtful any more and nothing
// holds it back, and a page that was done one to review if something is doubtful
// again; its run goes with it.
func (db *DB) settle(ctx context.Context, t tx, id form.PageID) error {
	var last bool // nothing is doubtful any more
	if err := t.row(ctx, `SELECT state = 'review' AND doubtful = 0 FROM pages WHERE id = ?`, id)(&last); err != nil {
		return err
	}
	held := false
	if last {
		var err error
		if held, err = heldBack(ctx, t, id); err != nil {
			return err
		}
	}
	now := millis(db.now())
	if _, err := t.exec(ctx, `
		UPDATE pages SET
			updated_at = ?,
			state = CASE WHEN doubtful = 0 AND NOT ? THEN 'done' WHEN state = 'done' THEN 'review' ELSE state END,
			finished_at = CASE WHEN doubtful = 0 AND NOT ? THEN coalesce(finished_at, ?) END
		WHERE id = ?`, now, held, held, now, id); err != nil {
		return err
	}
	_, err := t.exec(ctx, `
		UPDATE runs SET state = p.state FROM pages p
		WHERE p.id = ? AND runs.page_id = p.id AND runs.number = p.run AND runs.state <> p.state`, id)
	return err
}

// ReviewFilter chooses pages that wait for a person. Its zero value chooses all.
type ReviewFilter struct {
	Domain     form.DomainID     // 0 for all
	Submission form.SubmissionID // 0 for all
	Template   form.TemplateID   // 0 for all

	within form.Scope // of whoever asks, and of Domain
}

// pages returns the filter of all such pages.
func (f ReviewFilter) pages() PageFilter {
	return PageFilter{
		within: f.within, Submission: f.Submission, Template: f.Template, Open: true,
		States: slices.DeleteFunc(slices.Clone(form.States), func(s form.State) bool { return !s.NeedsPerson() }),
	}
}

// NextForPerson returns the page that waits for a person and follows page
// after, oldest document first; after the last one it begins again at the
// first, so page after itself comes last of all. For page 0 it returns the
// first. It returns form.ErrNotFound where no page waits.
func (db *DB) NextForPerson(ctx context.Context, in form.Scope, f ReviewFilter, after form.PageID) (id form.PageID, err error) {
	defer wrap(&err, "next page for a person")
	f.within = in.Narrow(f.Domain)
	p := f.pages()
	p.After, p.Limit = after, 1
	err = db.view(ctx, func(t tx) error {
		ids, err := p.choose(ctx, t, oldestFirst)
		if err == nil && len(ids) == 0 {
			p.After = 0
			ids, err = p.choose(ctx, t, oldestFirst)
		}
		if err == nil && len(ids) == 0 {
			err = form.ErrNotFound
		}
		if err == nil {
			id = ids[0]
		}
		return err
	})
	return id, err
}
