package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// addMargins notes where something is written in no field, as run number of a page
// has found it, in the place of what runs before have found. What somebody has
// answered already does not come again.
func addMargins(ctx context.Context, t tx, page form.PageID, run int, p *form.Page) error {
	if _, err := t.exec(ctx, `DELETE FROM margins WHERE page_id = ? AND answer = ''`, page); err != nil {
		return err
	}
	if len(p.Margins) == 0 {
		return nil
	}
	answered, err := marginsOf(ctx, t, page)
	if err != nil {
		return err
	}
	for _, where := range p.Margins {
		if slices.ContainsFunc(answered, func(m form.Margin) bool { return samePlace(m.Where, where) }) {
			continue
		}
		corners, err := encodeRegion(where)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `
			INSERT INTO margins (page_id, place, run, corners, domain_id, template_id)
			SELECT id, (SELECT coalesce(max(place), 0) + 1 FROM margins WHERE page_id = ?), ?, ?, domain_id, ? FROM pages WHERE id = ?`,
			page, run, corners, p.Template, page); err != nil {
			return err
		}
	}
	return nil
}

// samePlace reports whether two places, in px of one page, have half of the smaller
// one in common.
func samePlace(a, b geom.Quad) bool {
	in, area := a.Bounds().Intersect(b.Bounds()), func(b geom.Box) float64 { return b.Width() * b.Height() }
	return !in.Empty() && 2*area(in) >= min(area(a.Bounds()), area(b.Bounds()))
}

const marginColumns = `m.page_id, m.place, m.run, m.corners, m.answer, coalesce(u.name, ''), m.at`

func scanMargin(scan func(...any) error) (m form.Margin, err error) {
	var corners []byte
	var at sql.Null[int64]
	if err := scan(&m.Page, &m.Place, &m.Run, &corners, &m.Answer, &m.ByName, &at); err != nil {
		return m, err
	}
	m.At = fromNullMillis(at)
	m.Where, err = decodeRegion(corners)
	return m, err
}

func marginsOf(ctx context.Context, t tx, page form.PageID) ([]form.Margin, error) {
	return collect(ctx, t, scanMargin, `
		SELECT `+marginColumns+` FROM margins m LEFT JOIN users u ON u.id = m.user_id WHERE m.page_id = ? ORDER BY m.place`, page)
}

// Margins returns where something is written on a page that is in no field, with
// what people have answered.
func (db *DB) Margins(ctx context.Context, in form.Scope, page form.PageID) (list []form.Margin, err error) {
	defer wrap(&err, "margins of page %d", page)
	err = db.view(ctx, func(t tx) error {
		var domain form.DomainID
		err := t.row(ctx, `SELECT domain_id FROM pages WHERE id = ?`, page)(&domain)
		if err := seen(in, domain, err); err != nil {
			return err
		}
		list, err = marginsOf(ctx, t, page)
		return err
	})
	return list, err
}

// AnswerMargin keeps what a person says of a place that a run of a page has found: a
// note, which is added to those of the page, or nothing; or takes back what was said,
// for form.MarginOpen, but for the note. It returns form.ErrConflict where somebody has
// said something already, but for nothing twice, and form.ErrNotFound where there is no
// such place any more, since the page was read again.
func (db *DB) AnswerMargin(ctx context.Context, by form.Actor, in form.Scope, page form.PageID, run, place int, answer form.MarginAnswer, note string) (err error) {
	defer wrap(&err, "margin %d of page %d", place, page)
	return db.onPage(ctx, in, page, func(t tx) error {
		var was form.MarginAnswer
		if err := t.row(ctx, `SELECT answer FROM margins WHERE page_id = ? AND place = ? AND run = ?`, page, place, run)(&was); err != nil {
			return err
		}
		if was == answer {
			return db.saidBefore(ctx, t, by, page, place, answer, note)
		}
		if was != form.MarginOpen && answer != form.MarginOpen {
			return form.ErrConflict
		}
		user, at := any(nil), any(nil)
		if answer != form.MarginOpen {
			user, at = by.User, millis(db.now())
		}
		if _, err := t.exec(ctx, `
			UPDATE margins SET answer = ?, user_id = ?, at = ? WHERE page_id = ? AND place = ?`, answer, user, at, page, place); err != nil {
			return err
		}
		if answer != form.MarginNote {
			return nil
		}
		return db.addNote(ctx, t, by, page, note)
	})
}

// saidBefore returns form.ErrConflict unless an answer is one that was given already:
// of a note, by that person and with those words.
func (db *DB) saidBefore(ctx context.Context, t tx, by form.Actor, page form.PageID, place int, answer form.MarginAnswer, note string) error {
	if answer != form.MarginNote {
		return nil
	}
	note, err := form.CheckNote(note)
	if err != nil {
		return err
	}
	var same bool
	err = t.row(ctx, `
		SELECT EXISTS (
			SELECT 1 FROM margins m JOIN notes n ON n.page_id = m.page_id AND n.user_id = m.user_id AND n.text = ?
			WHERE m.page_id = ? AND m.place = ? AND m.user_id = ?)`, note, page, place, by.User)(&same)
	if err == nil && !same {
		err = form.ErrConflict
	}
	return err
}

// A MarginFilter chooses places that nobody has answered. Its zero value chooses
// all, by their pages, the oldest first.
type MarginFilter struct {
	Template form.TemplateID // 0 for all
	// After chooses those that follow a place of a page, also one that is no more.
	After      form.PageID
	AfterPlace int
	Limit      int // 0 for 50
}

// where returns the places that f chooses in one of oneByOne, and the index to walk.
func (f *MarginFilter) where(in form.Scope) (w where, index string) {
	index = `margins_open`
	if _, all := in.Domains(); f.Template != 0 {
		index = `margins_template`
	} else if !all {
		index = `margins_domain`
	}
	w.and(f.Template != 0, `m.template_id = ?`, f.Template)
	w.within(in, `m.domain_id`)
	w.and(true, `m.answer = ''`)
	w.and(f.After != 0, `(m.page_id, m.place) > (?, ?)`, f.After, f.AfterPlace)
	return w, index
}

// A MarginRow is a place that nobody has answered, with its page.
type MarginRow struct {
	form.Margin
	Page form.PageInfo
}

// OpenMargins returns places that nobody has answered.
func (db *DB) OpenMargins(ctx context.Context, in form.Scope, f MarginFilter) (rows []MarginRow, err error) {
	defer wrap(&err, "margins")
	err = db.view(ctx, func(t tx) error {
		var found []form.Margin
		for _, some := range oneByOne(in, f.Template) {
			w, index := f.where(some)
			part, err := collect(ctx, t, scanMargin, `
				SELECT m.page_id, m.place, m.run, m.corners, m.answer, '', m.at FROM margins m`+t.by(index)+w.String()+`
				ORDER BY m.page_id, m.place LIMIT ?`, append(w.args, limit(f.Limit))...)
			if err != nil {
				return err
			}
			found = append(found, part...)
		}
		if len(found) == 0 {
			return nil
		}
		slices.SortFunc(found, func(a, b form.Margin) int { return cmp.Or(cmp.Compare(a.Page, b.Page), cmp.Compare(a.Place, b.Place)) })
		found = found[:min(len(found), limit(f.Limit))]
		ids := make([]form.PageID, len(found))
		for i, m := range found {
			ids[i] = m.Page
		}
		chosen, err := list(slices.Compact(ids))
		if err != nil {
			return err
		}
		pages, err := collect(ctx, t, scanPage, `SELECT `+pageColumns+pageTables+` WHERE `+t.oneOf(`p.id`), chosen)
		if err != nil {
			return err
		}
		for _, m := range found {
			i := slices.IndexFunc(pages, func(p form.PageInfo) bool { return p.ID == m.Page })
			if i < 0 {
				return errors.New("a margin without its page")
			}
			rows = append(rows, MarginRow{m, pages[i]})
		}
		return nil
	})
	return rows, err
}

// CountMargins returns how many places there are that nobody has answered, at most n.
func (db *DB) CountMargins(ctx context.Context, in form.Scope, f MarginFilter, n int) (places int, err error) {
	defer wrap(&err, "count margins")
	err = db.view(ctx, func(t tx) error {
		for _, some := range oneByOne(in, f.Template) {
			w, index := f.where(some)
			var more int
			if err := t.row(ctx, `SELECT count(*) FROM (SELECT 1 FROM margins m`+t.by(index)+w.String()+` LIMIT ?) AS some`, append(w.args, n-places)...)(&more); err != nil {
				return err
			}
			places += more
		}
		return nil
	})
	return places, err
}
