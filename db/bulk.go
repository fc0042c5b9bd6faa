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
	Act      string      // BulkTrash, …
	To       form.UserID // of BulkAssign: who gets the pages; 0 for everybody
	Total    int         // pages
	Done     int         // of those
	Skipped  int         // of those: they were no more, or could not be done just then
	Finished bool
}

// What is done with many pages.
const (
	BulkTrash  = "trash"
	BulkAgain  = "again"  // read
	BulkAssign = "assign" // to a person

	// bulkExport is of pages that are remembered to be exported: there is nothing
	// to do with them.
	bulkExport = "export"
)

// bulkBatch is how many pages are done in one go.
const bulkBatch = 50

// keepBulk is how long is known what became of a bulk.
const keepBulk = 7 * 24 * time.Hour

// AddBulk has something done with pages, in the order of their numbers: what b says,
// in its Act and To.
func (db *DB) AddBulk(ctx context.Context, by form.Actor, b Bulk, pages []form.PageID) (id int64, err error) {
	defer wrap(&err, "add bulk")
	return db.addBulk(ctx, by, b, pages)
}

// AddSelection remembers pages that a person has chosen, for a week: an export may
// be of those.
func (db *DB) AddSelection(ctx context.Context, by form.Actor, pages []form.PageID) (id form.SelectionID, err error) {
	defer wrap(&err, "add selection")
	bulk, err := db.addBulk(ctx, by, Bulk{Act: bulkExport, Finished: true}, pages)
	return form.SelectionID(bulk), err
}

func (db *DB) addBulk(ctx context.Context, by form.Actor, b Bulk, pages []form.PageID) (id int64, err error) {
	chosen, err := list(pages)
	if err != nil {
		return 0, err
	}
	var finished any
	if b.Finished {
		finished = millis(db.now())
	}
	err = db.act(ctx, by, "bulk_"+b.Act, func(t tx) (of subject, err error) {
		before := millis(db.now().Add(-keepBulk))
		for _, statement := range []string{
			`DELETE FROM bulk_pages WHERE bulk_id IN (SELECT id FROM bulk_acts WHERE finished_at < ?)`, `DELETE FROM bulk_acts WHERE finished_at < ?`,
		} {
			if _, err := t.exec(ctx, statement, before); err != nil {
				return of, err
			}
		}
		if err := t.row(ctx, `
			INSERT INTO bulk_acts (user_id, act, assignee, total, created_at, finished_at) VALUES (?, ?, ?, ?, ?, ?)
			RETURNING id`, by.User, b.Act, orNull(b.To), len(pages), millis(db.now()), finished)(&id); err != nil {
			return of, err
		}
		_, err = t.exec(ctx, `INSERT INTO bulk_pages (bulk_id, page_id) SELECT DISTINCT ?, n.value FROM `+t.each(), id, chosen)
		return subject{kind: "bulk", id: id}, err
	})
	return id, err
}

// A Selected is how many of the pages that a person chose are of a template and in
// a state.
type Selected struct {
	Template form.TemplateID // 0 without
	Name     string          // of that
	State    form.State
	Pages    int
}

// Selection returns what pages a person has chosen, those that most are of first. It
// returns form.ErrNotFound where they are remembered no more.
func (db *DB) Selection(ctx context.Context, in form.Scope, user form.UserID, id form.SelectionID) (of []Selected, err error) {
	defer wrap(&err, "selection %d", id)
	term, args := within(in, `p.domain_id`)
	err = db.view(ctx, func(t tx) error {
		if err := t.row(ctx, `SELECT id FROM bulk_acts WHERE id = ? AND user_id = ? AND act = ?`, id, user, bulkExport)(&id); err != nil {
			return err
		}
		of, err = collect(ctx, t, func(scan func(...any) error) (s Selected, err error) {
			err = scan(&s.Template, &s.Name, &s.State, &s.Pages)
			return s, err
		}, `
			SELECT c.template_id, coalesce(f.name, ''), c.state, c.n
			FROM (
				SELECT coalesce(p.template_id, 0) AS template_id, p.state, count(*) AS n
				FROM bulk_pages b`+t.then(`pages p`, `p.id = b.page_id`)+`
				WHERE b.bulk_id = ? AND `+term+` GROUP BY 1, 2) c
			LEFT JOIN templates f ON f.id = c.template_id
			ORDER BY c.n DESC, c.template_id, c.state`, append([]any{id}, args...)...)
		return err
	})
	return of, err
}

const bulkColumns = `b.id, b.user_id, b.act, coalesce(b.assignee, 0), b.total, b.done, b.skipped, b.finished_at IS NOT NULL`

func scanBulk(scan func(...any) error) (b Bulk, err error) {
	err = scan(&b.ID, &b.By, &b.Act, &b.To, &b.Total, &b.Done, &b.Skipped, &b.Finished)
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
		todo, err := db.doOne(ctx, t, b, by, id)
		if errors.Is(err, sql.ErrNoRows) || errors.Is(err, form.ErrConflict) || errors.Is(err, form.ErrHeld) {
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
func (db *DB) doOne(ctx context.Context, t tx, b Bulk, by form.Actor, id form.PageID) (todo []Chore, err error) {
	of := subject{kind: "page", id: int64(id)}
	if err := t.row(ctx, `SELECT domain_id FROM pages WHERE id = ?`, id)(&of.domain); err != nil {
		return nil, err
	}
	if b.Act == BulkAssign {
		var waits bool // what needs nobody is for nobody
		if err := t.row(ctx, `SELECT EXISTS (SELECT 1 FROM queue WHERE page_id = ?)`, id)(&waits); err != nil || !waits {
			return nil, errors.Join(err, form.ErrConflict)
		}
		return nil, db.assign(ctx, t, by, id, b.To)
	}
	if b.Act == BulkAgain {
		if todo, err = db.anotherRead(ctx, t, by, id); err != nil {
			return nil, err
		}
		return todo, db.note(ctx, t, by, "read_again", of)
	}
	if err := counted(ctx, t, id); err != nil {
		return nil, err
	}
	if err := refuseHeld(ctx, t, `SELECT 1 FROM pages p WHERE p.id = ? AND `+heldPage(`p.id`, `p.template_id`), id); err != nil {
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
	term, args := within(in, `d.domain_id`)
	err = db.view(ctx, func(t tx) error {
		ids, err = collect(ctx, t, scanID[form.PageID], `
			SELECT p.id FROM `+t.each()+t.then(`documents d`, `d.blob = n.value`)+t.then(`pages p`, `p.document_id = d.id`)+`
			WHERE `+term+` ORDER BY p.id LIMIT ?`, append(append([]any{files}, args...), n)...)
		return err
	})
	return ids, err
}
