package db

import (
	"context"
	"iter"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// ExportFilter chooses the pages of a download.
type ExportFilter struct {
	Template form.TemplateID
	From, To time.Time    // when they were received: from From, before To; zero for no bound
	States   []form.State // empty for done only
}

// exportBatch is how many records are read in one go, after the first few, which
// come at once. Two such parts are in memory.
const (
	exportFirst = 20
	exportBatch = 250
)

// Export yields the records of the pages that f chooses, each by the version of
// the template with which it was read, the oldest document first, without what
// of readings is only shown. It reads them bit by bit, the next while the caller
// sends those before on, and holds no transaction open meanwhile: a page that
// is corrected then may come with its correction or without. An error ends it.
func (db *DB) Export(ctx context.Context, in form.Scope, f ExportFilter) iter.Seq2[form.Record, error] {
	return func(yield func(form.Record, error) bool) {
		enough := make(chan struct{})
		parts := db.exportParts(ctx, in, f, enough)
		defer func() {
			close(enough)
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
	go func() {
		defer close(parts)
		var last form.PageID
		versions := make(map[int]*form.Template)
		for n := exportFirst; ; n = exportBatch {
			var part exportPart
			part.records, part.err = db.exportAfter(ctx, in, f, versions, last, n)
			select {
			case parts <- part:
			case <-enough:
				return
			}
			if len(part.records) < n {
				return
			}
			last = part.records[n-1].Page.ID
		}
	}()
	return parts
}

// exportAfter returns the records that follow page last: at most n. It notes
// the versions of the template that it meets.
func (db *DB) exportAfter(ctx context.Context, in form.Scope, f ExportFilter, versions map[int]*form.Template, last form.PageID, n int) (records []form.Record, err error) {
	defer wrap(&err, "export template %d", f.Template)
	p := PageFilter{Domain: in.Narrow(0), Template: f.Template, States: f.States, From: f.From, To: f.To, After: last, Limit: n}
	if len(p.States) == 0 {
		p.States = []form.State{form.StateDone}
	}
	err = db.view(ctx, func(t tx) error {
		pages, err := pages(ctx, t, &p, oldestFirst)
		if err != nil {
			return err
		}
		records, err = plainRecords(ctx, t, f.Template, versions, pages)
		return err
	})
	return records, err
}

// plainRecords returns the records of pages of a template, in their order.
func plainRecords(ctx context.Context, t tx, template form.TemplateID, versions map[int]*form.Template, pages []form.PageInfo) (records []form.Record, err error) {
	of := make(map[int][]form.PageInfo)
	for _, p := range pages {
		of[p.Version] = append(of[p.Version], p)
	}
	at := make(map[form.PageID]form.Record, len(pages))
	for version, pages := range of {
		if versions[version] == nil {
			if versions[version], err = templateByID(ctx, t, template, version); err != nil {
				return nil, err
			}
		}
		list, err := plainRecordsOf(ctx, t, versions[version], pages)
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
