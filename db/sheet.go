package db

import (
	"context"
	"slices"

	"github.com/seosik/seosik/internal/form"
)

// SheetFilter chooses pages of a template of which one field is looked at, one
// below the other.
type SheetFilter struct {
	Template form.TemplateID
	Field    form.FieldID
	All      bool        // also where it is not doubtful
	For      form.UserID // who asks: of what is doubtful, pages that others have open are passed over
	After    form.PageID // 0 from the beginning
	Limit    int
}

// A SheetRow is a page with the value of the field.
type SheetRow struct {
	Page    form.PageID
	Run     int
	File    string
	Number  int // as of form.Page
	Part    int // the same
	Index   int // of the value on its page
	Value   form.Value
	Typed   *form.Held // what who asks has typed there and not accepted; nil for nothing
	Snippet Snippet
}

// SheetCounts returns how many values of the fields of a template are open.
func (db *DB) SheetCounts(ctx context.Context, in form.Scope, template form.TemplateID) (n map[form.FieldID]int, err error) {
	defer wrap(&err, "open values of template %d", template)
	n = make(map[form.FieldID]int)
	term, args := within(in, `t.domain_id`)
	err = db.view(ctx, func(t tx) error {
		return t.rows(ctx, func(scan func(...any) error) error {
			var field form.FieldID
			var of int
			err := scan(&field, &of)
			n[field] += of
			return err
		}, `
			SELECT c.key, c.n FROM tile_counts c JOIN templates t ON t.id = c.template_id
			WHERE c.template_id = ? AND c.sort = 'field' AND c.n > 0 AND `+term, append([]any{template}, args...)...)
	})
	return n, err
}

// FirstSheet returns a template of which values are open, or form.ErrNotFound
// where none has any.
func (db *DB) FirstSheet(ctx context.Context, in form.Scope) (id form.TemplateID, err error) {
	defer wrap(&err, "first sheet")
	term, args := within(in, `t.domain_id`)
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `
			SELECT c.template_id FROM tile_counts c JOIN templates t ON t.id = c.template_id
			WHERE c.sort = 'field' AND c.n > 0 AND `+term+`
			ORDER BY c.template_id LIMIT 1`, args...)(&id)
	})
	return id, err
}

// Sheet returns rows of pages that people have to do with, in the order in which
// they came.
func (db *DB) Sheet(ctx context.Context, in form.Scope, f SheetFilter) (rows []SheetRow, err error) {
	defer wrap(&err, "sheet of template %d", f.Template)
	err = db.view(ctx, func(t tx) error {
		rest := f
		for rows = nil; len(rows) == 0; {
			ids, err := rest.pages(ctx, t, in)
			if err != nil || len(ids) == 0 {
				return err
			}
			if rows, err = db.sheetOf(ctx, t, f, ids); err != nil {
				return err
			}
			rest.After = ids[len(ids)-1]
		}
		return nil
	})
	return rows, err
}

// sheetOf returns the rows of pages, in their order, without those of what people
// are to key and must not see: an older edition may have had them do so; and without
// those that are to be asked of who asks by a probe, which they would give away.
func (db *DB) sheetOf(ctx context.Context, t tx, f SheetFilter, ids []form.PageID) ([]SheetRow, error) {
	chosen, err := list(ids)
	if err != nil {
		return nil, err
	}
	said, err := saidOf(ctx, t, f.Field, chosen)
	if err != nil {
		return nil, err
	}
	probed, err := collect(ctx, t, scanID[form.PageID], `
		SELECT p.id FROM `+t.each()+t.then(`pages p`, `p.id = n.value`)+t.then(`probes b`, `b.page_id = p.id AND b.run = p.run`)+`
		WHERE b.field = ? AND b.user_id = ? AND b.outcome IN ('open', 'told')`, chosen, f.Field, f.For)
	if err != nil {
		return nil, err
	}
	typed, err := typedBy(ctx, t, f.For, f.Field, chosen)
	if err != nil {
		return nil, err
	}
	rows, err := db.sheetRows(ctx, t, f.Field, chosen, said)
	for i, r := range rows {
		if y, ok := typed[r.Page]; ok && y.Seen == r.Value.Newest() {
			rows[i].Typed = &y.Held
		}
	}
	rows = slices.DeleteFunc(rows, func(r SheetRow) bool {
		return r.Value.Secret() || r.Value.Latest() == nil && slices.Contains(probed, r.Page)
	})
	slices.SortFunc(rows, func(a, b SheetRow) int { return slices.Index(ids, a.Page) - slices.Index(ids, b.Page) })
	return rows, err
}

// pages returns those that f chooses.
func (f *SheetFilter) pages(ctx context.Context, t tx, in form.Scope) ([]form.PageID, error) {
	if f.All {
		all := PageFilter{
			within: in, Template: f.Template, States: []form.State{form.StateReview, form.StateDone}, After: f.After, Limit: limit(f.Limit),
		}
		return all.choose(ctx, t, oldestFirst)
	}
	var w where
	w.and(true, `v.template_id = ? AND v.field = ? AND v.place = 0 AND v.page_id > ?`, f.Template, f.Field, f.After)
	w.and(true, openTile)
	w.and(true, unheld(t.dialect), f.For)
	w.within(in, `p.domain_id`)
	return collect(ctx, t, scanID[form.PageID], `
		SELECT v.page_id FROM tiles v`+t.by(`tiles_field`)+t.then(`pages p`, `p.id = v.page_id`)+w.String()+`
		ORDER BY v.page_id LIMIT ?`, append(w.args, limit(f.Limit))...)
}

// saidOf returns what people said of a field of pages, a list.
func saidOf(ctx context.Context, t tx, field form.FieldID, pages string) (map[form.PageID][]form.Correction, error) {
	said := make(map[form.PageID][]form.Correction)
	err := t.rows(ctx, func(scan func(...any) error) error {
		c, err := scanCorrection(scan)
		said[c.Page] = append(said[c.Page], c)
		return err
	}, `
		SELECT `+correctionColumns+`
		FROM `+t.each()+t.then(`pages p`, `p.id = n.value`)+t.then(`corrections c`, `c.page_id = p.id AND c.run >= p.said_from AND c.field = ?`)+`
		JOIN users u ON u.id = c.user_id
		ORDER BY c.id`, pages, field)
	return said, err
}

func (db *DB) sheetRows(ctx context.Context, t tx, field form.FieldID, pages string, said map[form.PageID][]form.Correction) (rows []SheetRow, err error) {
	var of []version
	if err := t.rows(ctx, func(scan func(...any) error) error {
		var r SheetRow
		var v version
		reading, err := scanReading(scan, &v.template, &v.number, &r.Run, &r.File, &r.Number, &r.Part, &r.Snippet.Blob, &r.Snippet.Start, &r.Snippet.Size)
		r.Page, r.Value = reading.page, form.Value{Reading: reading.Reading, Corrections: said[reading.page]}
		rows, of = append(rows, r), append(of, v)
		return err
	}, `
		SELECT `+readingColumns+`, p.template_id, p.version, p.run, d.name, p.number, p.part, coalesce(s.blob, ''), coalesce(s.start, 0), coalesce(s.size, 0)
		FROM `+t.each()+t.then(`pages p`, `p.id = n.value`)+t.then(`documents d`, `d.id = p.document_id`)+
		t.then(`readings r`, `r.page_id = p.id AND r.run = p.run AND r.field = ?`)+`
		LEFT JOIN snippets s ON s.page_id = p.id AND s.run = p.run AND s.field = r.field AND s.place = 0`, pages, field); err != nil {
		return nil, err
	}
	for i := range rows {
		e, err := db.edition(ctx, t, of[i])
		if err != nil {
			return nil, err
		}
		rows[i].Value.Field, rows[i].Index = e.places[field], e.at[field]
	}
	return rows, nil
}
