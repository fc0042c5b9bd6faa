package db

import (
	"context"
	"database/sql"

	"github.com/seosik/seosik/internal/form"
)

// FailedFilter chooses failed pages. Its zero value chooses all.
type FailedFilter struct {
	Domain  form.DomainID // 0 for all
	Page    form.PageID   // 0 for all
	Failure form.Failure  // empty for all
}

// where leaves out the pages of files that were not kept: nothing is left that
// could be read.
func (f *FailedFilter) where() *where {
	w := &where{terms: []string{`p.state = 'failed'`, `d.blob <> ''`}}
	w.and(f.Domain != 0, `+p.domain_id = ?`, f.Domain)
	w.and(f.Page != 0, `p.id = ?`, f.Page)
	w.and(f.Failure != "", `p.failure = ?`, f.Failure)
	return w
}

// Failed returns how many failed pages that can be read again f chooses, by
// why they failed.
func (db *DB) Failed(ctx context.Context, f FailedFilter) (n map[form.Failure]int, err error) {
	defer wrap(&err, "failed pages")
	n = make(map[form.Failure]int)
	w := f.where()
	err = db.view(ctx, func(t tx) error {
		return t.rows(ctx, func(scan func(...any) error) error {
			var why form.Failure
			var pages int
			err := scan(&why, &pages)
			n[why] = pages
			return err
		}, `SELECT p.failure, count(*) FROM pages p JOIN documents d ON d.id = p.document_id`+w.String()+` GROUP BY p.failure`, w.args...)
	})
	return n, err
}

// RetryFailed has the failed pages that f chooses wait to be read, as if they
// never had been, and returns how many they are. In the same transaction it
// calls enqueue with their documents, which are open again.
func (db *DB) RetryFailed(ctx context.Context, f FailedFilter, enqueue func(*sql.Tx, []form.Document) error) (n int, err error) {
	defer wrap(&err, "read failed pages")
	w := f.where()
	err = db.update(ctx, func(t tx) error {
		pages, err := collect(ctx, t, scanID[form.PageID], `
			SELECT p.id FROM pages p JOIN documents d ON d.id = p.document_id`+w.String()+` ORDER BY p.document_id, p.number`, w.args...)
		if n = len(pages); err != nil || n == 0 {
			return err
		}
		docs, err := db.reopen(ctx, t, pages)
		if err != nil {
			return err
		}
		return enqueue(t.Tx.Tx, docs)
	})
	return n, err
}

// reopen has failed pages wait and returns their documents.
func (db *DB) reopen(ctx context.Context, t tx, pages []form.PageID) (docs []form.Document, err error) {
	now := millis(db.now())
	for _, id := range pages {
		var doc form.DocumentID
		if err := t.row(ctx, `
			UPDATE pages SET state = 'waiting', failure = '', tries = 0, updated_at = ?, finished_at = NULL WHERE id = ?
			RETURNING document_id`, now, id)(&doc); err != nil {
			return nil, err
		}
		if len(docs) > 0 && docs[len(docs)-1].ID == doc {
			continue
		}
		if _, err := t.exec(ctx, `UPDATE documents SET finished_at = NULL WHERE id = ?`, doc); err != nil {
			return nil, err
		}
		d, err := scanDocument(t.row(ctx, `SELECT `+documentColumns+` FROM documents d WHERE d.id = ?`, doc))
		if err != nil {
			return nil, err
		}
		docs = append(docs, d)
	}
	return docs, nil
}
