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

// exportBatch is how many records are in memory at once.
const exportBatch = 100

// Export yields the records of the pages that f chooses, by the current
// version of their template, the oldest document first. It reads them bit by
// bit, and holds no transaction open while the caller sends them on: a page
// that is corrected meanwhile may come with its correction or without. An error
// ends it.
func (db *DB) Export(ctx context.Context, f ExportFilter) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		template, err := db.Template(ctx, f.Template, 0)
		if err != nil {
			yield(Record{}, err)
			return
		}
		var last form.PageID
		for {
			records, err := db.exportAfter(ctx, f, template, last)
			if err != nil {
				yield(Record{}, err)
				return
			}
			for _, r := range records {
				if !yield(r, nil) {
					return
				}
			}
			if len(records) < exportBatch {
				return
			}
			last = records[len(records)-1].Page.ID
		}
	}
}

// exportAfter returns the records that follow page last.
func (db *DB) exportAfter(ctx context.Context, f ExportFilter, template *form.Template, last form.PageID) (records []Record, err error) {
	defer wrap(&err, "export template %d", f.Template)
	if len(f.States) == 0 {
		f.States = []form.State{form.StateDone}
	}
	// The + makes the index by template give the order, which the one by date
	// would have to sort for each batch.
	var w where
	w.and(true, `p.template_id = ?`, f.Template)
	w.and(true, `+p.state IN (`+marks(len(f.States))+`)`, anys(f.States)...)
	w.and(!f.From.IsZero(), `+d.created_at >= ?`, millis(f.From))
	w.and(!f.To.IsZero(), `+d.created_at < ?`, millis(f.To))
	err = db.view(ctx, func(t tx) error {
		if last != 0 {
			doc, number, err := place(ctx, t, last)
			if err != nil {
				return err
			}
			w.and(true, `(p.document_id, p.number) > (?, ?)`, doc, number)
		}
		pages, err := pages(ctx, t, &w, `ORDER BY p.document_id, p.number`, exportBatch)
		if err != nil || len(pages) == 0 {
			return err
		}
		records, err = recordsOf(ctx, t, template, pages)
		return err
	})
	return records, err
}
