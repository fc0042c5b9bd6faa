package db

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// ExportFilter chooses the pages of a download.
type ExportFilter struct {
	Template form.TemplateID
	From, To time.Time    // when they were received: from From, before To; zero for no bound
	States   []form.State // empty for done only

	Selection form.SelectionID // only pages that a person has chosen, in the order of their numbers; 0 for all

	// Since leaves out pages that a file of this profile has as they are now, and
	// marks those that it has as they were; 0 for neither.
	Since form.ProfileID
	// Note remembers what is yielded as written by this file of a profile; 0 for
	// nothing. It counts once the file is made.
	Note    form.ExportID
	Details bool // with what of readings is only shown
	Notes   bool // with what people wrote about the pages
}

// exportBatch is how many records are read in one go, after the first few, which
// come at once. Two such parts are in memory.
const (
	exportFirst = 20
	exportBatch = 250
	// exportLook is how many pages are looked at in one go, to find those that are
	// new.
	exportLook = 2000
)

func exportStates(asked []form.State) []form.State {
	if len(asked) == 0 {
		return []form.State{form.StateDone}
	}
	return asked
}

// Export yields the records of the pages that f chooses, each by the version of
// the template with which it was read, the oldest document first, without what
// of readings is only shown. It reads them bit by bit, the next while the caller
// sends those before on, and holds no transaction open meanwhile: a page that
// is corrected then may come with its correction or without. An error ends it.
func (db *DB) Export(ctx context.Context, in form.Scope, f ExportFilter) iter.Seq2[form.Record, error] {
	return func(yield func(form.Record, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		enough := make(chan struct{})
		parts := db.exportParts(ctx, in, f, enough)
		defer func() {
			close(enough)
			cancel()          // what is read that nobody wants any more, as after a preview
			for range parts { // until nothing is read any more
			}
		}()
		for part := range parts {
			if part.err != nil {
				yield(form.Record{}, part.err)
				return
			}
			for _, r := range part.records {
				r.Blind() // a download is no way to see what one is to key
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// An exportPart is what has been read in one go.
type exportPart struct {
	records []form.Record
	err     error // nothing follows it
}

// exportParts reads all parts, in order, or until that is enough.
func (db *DB) exportParts(ctx context.Context, in form.Scope, f ExportFilter, enough <-chan struct{}) <-chan exportPart {
	parts := make(chan exportPart)
	e := exporter{
		db: db, filter: f, versions: make(map[int]*form.Template),
		pages: PageFilter{within: in, Template: f.Template, States: exportStates(f.States), From: f.From, To: f.To},
	}
	go func() {
		defer close(parts)
		for n := exportFirst; !e.over; n = exportBatch {
			var part exportPart
			part.records, part.err = e.next(ctx, n)
			select {
			case parts <- part:
			case <-enough:
				return
			}
			if part.err != nil {
				return
			}
		}
	}()
	return parts
}

// An exporter reads the records of an export in parts.
type exporter struct {
	db       *DB
	filter   ExportFilter
	pages    PageFilter // those that are left to look at
	versions map[int]*form.Template
	found    []form.PageID // that are to be read next
	looked   bool          // at all pages
	over     bool
}

// next returns the records that follow: at most n. It notes the versions of the
// template that it meets.
func (e *exporter) next(ctx context.Context, n int) (records []form.Record, err error) {
	defer wrap(&err, "export template %d", e.filter.Template)
	var seen []sight
	if err := e.db.view(ctx, func(t tx) error {
		for len(e.found) == 0 && !e.looked {
			if err := e.look(ctx, t, n); err != nil {
				return err
			}
		}
		now := e.found[:min(n, len(e.found))]
		if len(now) == 0 {
			return nil
		}
		pages, err := pagesOf(ctx, t, now, oldestFirst)
		if err != nil {
			return err
		}
		if records, err = e.records(ctx, t, pages); err != nil || e.filter.Note == 0 {
			return err
		}
		seen, err = sights(ctx, t, now)
		return err
	}); err != nil {
		return nil, err
	}
	e.found = e.found[min(n, len(e.found)):]
	e.over = e.looked && len(e.found) == 0
	return records, e.db.noteExported(ctx, e.filter.Note, seen)
}

// look finds pages that are to be read, among those that follow.
func (e *exporter) look(ctx context.Context, t tx, n int) (err error) {
	if e.pages.Limit = n; e.filter.Since != 0 {
		e.pages.Limit = exportLook
	}
	if e.filter.Selection != 0 {
		e.found, err = e.selected(ctx, t)
	} else {
		e.found, err = e.pages.choose(ctx, t, oldestFirst)
	}
	if err != nil {
		return err
	}
	if e.looked = len(e.found) < e.pages.Limit; !e.looked {
		e.pages.After = e.found[len(e.found)-1]
	}
	if e.filter.Since != 0 && len(e.found) > 0 {
		e.found, err = fresh(ctx, t, e.filter.Since, e.found)
	}
	return err
}

// selected returns those that follow of the pages that a person has chosen.
func (e *exporter) selected(ctx context.Context, t tx) ([]form.PageID, error) {
	f := &e.pages
	b, err := received(ctx, t, f.From, f.To)
	if err != nil {
		return nil, err
	}
	var w where
	w.and(true, `b.bulk_id = ? AND b.page_id > ?`, e.filter.Selection, f.After)
	w.within(f.within, `p.domain_id`)
	w.and(true, `p.template_id = ?`, f.Template)
	w.and(true, `p.state IN (`+marks(len(f.States))+`)`, anys(f.States)...)
	w.and(b != unbounded, `p.document_id BETWEEN ? AND ?`, b.first, b.last)
	return collect(ctx, t, scanID[form.PageID], `
		SELECT p.id FROM bulk_pages b`+t.then(`pages p`, `p.id = b.page_id`)+w.String()+`
		ORDER BY b.page_id LIMIT ?`, append(w.args, f.Limit)...)
}

// A sight is a page as it was exported.
type sight struct {
	Page form.PageID       `json:"page"`
	Run  int               `json:"run"`
	Said form.CorrectionID `json:"said"`
}

// saidColumn is the newest correction of page p that counts; 0 for none.
const saidColumn = `(SELECT coalesce(max(c.id), 0) FROM corrections c WHERE c.page_id = p.id AND c.run >= p.said_from)`

// sights returns what pages are now.
func sights(ctx context.Context, t tx, pages []form.PageID) ([]sight, error) {
	chosen, err := list(pages)
	if err != nil {
		return nil, err
	}
	return collect(ctx, t, func(scan func(...any) error) (s sight, err error) {
		err = scan(&s.Page, &s.Run, &s.Said)
		return s, err
	}, `SELECT p.id, p.run, `+saidColumn+` FROM pages p WHERE `+t.oneOf(`p.id`), chosen)
}

// writtenBefore is the term that a file of a profile, the argument, which was
// made has page p; more says how it has it.
func writtenBefore(more string) string {
	return `EXISTS (
		SELECT 1 FROM exported_pages w JOIN exports e ON e.id = w.export_id
		WHERE w.page_id = p.id AND e.profile_id = ? AND e.state IN ('written', 'done', 'gone')` + more + `)`
}

// fresh returns those of pages that no file of a profile has as they are.
func fresh(ctx context.Context, t tx, profile form.ProfileID, pages []form.PageID) ([]form.PageID, error) {
	chosen, err := list(pages)
	if err != nil {
		return nil, err
	}
	return collect(ctx, t, scanID[form.PageID], `
		SELECT p.id FROM pages p
		WHERE `+t.oneOf(`p.id`)+` AND NOT `+writtenBefore(` AND w.run = p.run AND w.said = `+saidColumn)+oldestFirst.by(`p.`), chosen, profile)
}

// noteExported remembers what was written of pages.
func (db *DB) noteExported(ctx context.Context, export form.ExportID, seen []sight) error {
	if len(seen) == 0 {
		return nil
	}
	rows, err := json.Marshal(seen)
	if err != nil {
		return err
	}
	return db.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `
			INSERT INTO exported_pages (page_id, export_id, run, said)
			SELECT n.value ->> 'page', ?, n.value ->> 'run', n.value ->> 'said' FROM `+t.each()+`
			WHERE EXISTS (SELECT 1 FROM pages WHERE id = n.value ->> 'page')
			ON CONFLICT DO UPDATE SET run = excluded.run, said = excluded.said`, export, string(rows))
		return err
	})
}

// records returns the records of pages, in their order.
func (e *exporter) records(ctx context.Context, t tx, pages []form.PageInfo) ([]form.Record, error) {
	readings := plainReadings
	if e.filter.Details {
		readings = wholeReadings
	}
	records, err := e.byVersion(ctx, t, pages, readings)
	if err != nil || e.filter.Since == 0 && !e.filter.Notes {
		return records, err
	}
	ids := make([]form.PageID, len(pages))
	for i, p := range pages {
		ids[i] = p.ID
	}
	chosen, err := list(ids)
	if err == nil && e.filter.Notes {
		err = addNotes(ctx, t, records, chosen)
	}
	if err != nil || e.filter.Since == 0 {
		return records, err
	}
	again, err := collect(ctx, t, scanID[form.PageID], `
		SELECT p.id FROM pages p WHERE `+t.oneOf(`p.id`)+` AND `+writtenBefore(``), chosen, e.filter.Since)
	for i := range records {
		records[i].Again = slices.Contains(again, records[i].Page.ID)
	}
	return records, err
}

// addNotes adds to records what people wrote about their pages, a list.
func addNotes(ctx context.Context, t tx, records []form.Record, pages string) error {
	of := make(map[form.PageID][]form.Note)
	err := t.rows(ctx, func(scan func(...any) error) error {
		var page form.PageID
		n, err := scanNote(func(to ...any) error { return scan(append([]any{&page}, to...)...) })
		of[page] = append(of[page], n)
		return err
	}, `
		SELECT n.page_id, u.name, n.at, n.text FROM notes n JOIN users u ON u.id = n.user_id
		WHERE `+t.oneOf(`n.page_id`)+` ORDER BY n.id`, pages)
	for i := range records {
		records[i].Notes = of[records[i].Page.ID]
	}
	return err
}

// byVersion returns the records of pages, in their order.
func (e *exporter) byVersion(ctx context.Context, t tx, pages []form.PageInfo, readings readingsOf) (records []form.Record, err error) {
	of := make(map[int][]form.PageInfo)
	for _, p := range pages {
		of[p.Version] = append(of[p.Version], p)
	}
	at := make(map[form.PageID]form.Record, len(pages))
	for version, pages := range of {
		if e.versions[version] == nil {
			if e.versions[version], err = templateByID(ctx, t, e.filter.Template, version); err != nil {
				return nil, err
			}
		}
		list, err := recordsWith(ctx, t, e.versions[version], pages, readings)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			at[r.Page.ID] = r
		}
	}
	for _, p := range pages {
		records = append(records, at[p.ID])
	}
	return records, nil
}
