package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// What is done with many pages is done some at a time, each time in a transaction
// that also notes how far it is: it goes on where it was, whatever ended the
// process, and others write meanwhile.

// A Bulk is something that a person has done with many pages.
type Bulk struct {
	ID       int64
	By       form.UserID
	Act      string // BulkTrash or BulkAgain
	Total    int    // pages
	Done     int    // of those
	Skipped  int    // of those: they were no more, or could not be done just then
	Finished bool
}

// What is done with many pages.
const (
	BulkTrash = "trash"
	BulkAgain = "again" // read
)

// bulkBatch is how many pages are done in one go.
const bulkBatch = 50

// keepBulk is how long is known what became of a bulk.
const keepBulk = 7 * 24 * time.Hour

// AddBulk has something done with pages, in the order of their numbers.
func (db *DB) AddBulk(ctx context.Context, by form.Actor, act string, pages []form.PageID) (id int64, err error) {
	defer wrap(&err, "add bulk")
	chosen, err := list(pages)
	if err != nil {
		return 0, err
	}
	err = db.act(ctx, by, "bulk_"+act, func(t tx) (of subject, err error) {
		if _, err := t.exec(ctx, `DELETE FROM bulk_acts WHERE finished_at < ?`, millis(db.now().Add(-keepBulk))); err != nil {
			return of, err
		}
		if err := t.row(ctx, `
			INSERT INTO bulk_acts (user_id, act, total, created_at) VALUES (?, ?, ?, ?)
			RETURNING id`, by.User, act, len(pages), millis(db.now()))(&id); err != nil {
			return of, err
		}
		_, err = t.exec(ctx, `INSERT INTO bulk_pages (bulk_id, page_id) SELECT DISTINCT ?, n.value FROM `+t.each(), id, chosen)
		return subject{kind: "bulk", id: id}, err
	})
	return id, err
}

const bulkColumns = `b.id, b.user_id, b.act, b.total, b.done, b.skipped, b.finished_at IS NOT NULL`

func scanBulk(scan func(...any) error) (b Bulk, err error) {
	err = scan(&b.ID, &b.By, &b.Act, &b.Total, &b.Done, &b.Skipped, &b.Finished)
	return b, err
}

// Bulk returns what a person has done with many pages.
func (db *DB) Bulk(ctx context.Context, user form.UserID, id int64) (b Bulk, err error) {
	defer wrap(&err, "bulk %d", id)
	err = db.view(ctx, func(t tx) error {
		b, err = scanBulk(t.row(ctx, `SELECT `+bulkColumns+` FROM bulk_acts b WHERE b.id = ? AND b.user_id = ?`, id, user))
		return err
	})
	return b, err
}

// DoBulk does some of what is to be done with many pages, the oldest first, and
// returns with how many: with none where there is nothing to do. It calls enqueue
// for what is to be read.
func (db *DB) DoBulk(ctx context.Context, enqueue Enqueue) (n int, err error) {
	defer wrap(&err, "do bulk")
	var open bool // mostly there is none, which keeps nobody from writing
	if err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `SELECT EXISTS (SELECT 1 FROM bulk_acts WHERE finished_at IS NULL)`)(&open)
	}); err != nil || !open {
		return 0, err
	}
	err = db.update(ctx, func(t tx) error {
		b, err := scanBulk(t.row(ctx, `SELECT `+bulkColumns+` FROM bulk_acts b WHERE b.finished_at IS NULL ORDER BY b.id LIMIT 1`))
		if err != nil {
			return err
		}
		pages, err := collect(ctx, t, scanID[form.PageID], `
			DELETE FROM bulk_pages WHERE bulk_id = ? AND page_id IN (
				SELECT page_id FROM bulk_pages WHERE bulk_id = ? ORDER BY page_id LIMIT ?)
			RETURNING page_id`, b.ID, b.ID, bulkBatch)
		if err != nil {
			return err
		}
		n = len(pages)
		done, err := db.doBulk(ctx, t, b, pages, enqueue)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `
			UPDATE bulk_acts SET done = done + ?, skipped = skipped + ?, finished_at = CASE WHEN ? = 0 THEN ? END WHERE id = ?`,
			n, n-done, n, millis(db.now()), b.ID)
		return err
	})
	return max(n, 1), err
}

// doBulk does it with those of the pages with which it can be done.
func (db *DB) doBulk(ctx context.Context, t tx, b Bulk, pages []form.PageID, enqueue Enqueue) (done int, err error) {
	by := form.Person(b.By)
	var fit []form.PageID
	var chores []Chore
	for _, id := range pages {
		todo, err := db.doOne(ctx, t, b.Act, by, id)
		if errors.Is(err, sql.ErrNoRows) || errors.Is(err, form.ErrConflict) {
			continue // it is no more, or not in a state for it
		}
		if err != nil {
			return 0, err
		}
		fit, chores = append(fit, id), append(chores, todo...)
	}
	if b.Act == BulkTrash {
		return db.trash(ctx, t, by, fit)
	}
	if len(chores) > 0 {
		err = enqueue(t.Tx, distinct(chores))
	}
	return len(fit), err
}

// doOne notes what is done with a page, and does it where that is not done with
// all at once. It returns form.ErrConflict where it cannot be done.
func (db *DB) doOne(ctx context.Context, t tx, act string, by form.Actor, id form.PageID) (todo []Chore, err error) {
	of := subject{kind: "page", id: int64(id)}
	if err := t.row(ctx, `SELECT domain_id FROM pages WHERE id = ?`, id)(&of.domain); err != nil {
		return nil, err
	}
	if act == BulkAgain {
		if todo, err = db.anotherRead(ctx, t, by, id); err != nil {
			return nil, err
		}
		return todo, db.note(ctx, t, by, "read_again", of)
	}
	if err := counted(ctx, t, id); err != nil {
		return nil, err
	}
	return nil, db.note(ctx, t, by, "trash", of)
}

// anotherRead has a page read once more, in any state in which that can be. It
// returns form.ErrConflict in any other.
func (db *DB) anotherRead(ctx context.Context, t tx, by form.Actor, id form.PageID) ([]Chore, error) {
	p, err := pageByID(ctx, t, id)
	if err != nil {
		return nil, err
	}
	switch p.State {
	case form.StateReview, form.StateDone, form.StateUnmatched:
		c, err := db.addReread(ctx, t, by, form.Reread{Page: id})
		return []Chore{c}, err
	case form.StateFailed:
		var file blob.Key
		if err := t.row(ctx, `SELECT blob FROM documents WHERE id = ?`, p.Document)(&file); err != nil || file == "" {
			return nil, errors.Join(err, form.ErrConflict)
		}
		return db.reopen(ctx, t, []form.PageID{id}, by)
	}
	return nil, form.ErrConflict
}

// PagesOfFiles returns the pages of documents whose files have one of those keys:
// at most n.
func (db *DB) PagesOfFiles(ctx context.Context, in form.Scope, keys []blob.Key, n int) (ids []form.PageID, err error) {
	defer wrap(&err, "pages of files")
	files, err := list(keys)
	if err != nil {
		return nil, err
	}
	domain := in.Narrow(0)
	err = db.view(ctx, func(t tx) error {
		ids, err = collect(ctx, t, scanID[form.PageID], `
			SELECT p.id FROM `+t.each()+t.then(`documents d`, `d.blob = n.value`)+t.then(`pages p`, `p.document_id = d.id`)+`
			WHERE ? = 0 OR d.domain_id = ? ORDER BY p.id LIMIT ?`, files, domain, domain, n)
		return err
	})
	return ids, err
}
