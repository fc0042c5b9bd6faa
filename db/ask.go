package db

import (
	"context"
	"database/sql"

	"github.com/seosik/seosik/internal/form"
)

// An Enqueue adds the jobs for chores, as part of the transaction in which they
// come about.
type Enqueue = func(*sql.Tx, []Chore) error

// AddReread has a page that is read, or unmatched, wait to be read again. In
// the same transaction it calls enqueue, which adds the job. It returns
// form.ErrConflict where the page is being read or cannot be, and
// form.ErrNotFound where its domain has no such template that may be read.
func (db *DB) AddReread(ctx context.Context, by form.Actor, r form.Reread, enqueue Enqueue) (err error) {
	defer wrap(&err, "read page %d again", r.Page)
	return db.act(ctx, by, "read_again", func(t tx) (of subject, err error) {
		p, err := pageByID(ctx, t, r.Page)
		if err != nil {
			return of, err
		}
		if err := checkReread(ctx, t, p.Domain, r.Template); err != nil {
			return of, err
		}
		if p.State != form.StateReview && p.State != form.StateDone && p.State != form.StateUnmatched {
			return of, form.ErrConflict
		}
		c, err := db.addReread(ctx, t, by, r)
		if err != nil {
			return of, err
		}
		return subject{kind: "page", id: int64(r.Page), domain: p.Domain}, enqueue(t.Tx, []Chore{c})
	})
}

// RereadUnmatched does so with all unmatched pages of a domain, and returns
// how many they are. R.Page and TemplateToPage are not set.
func (db *DB) RereadUnmatched(ctx context.Context, by form.Actor, domain form.DomainID, r form.Reread, enqueue Enqueue) (n int, err error) {
	defer wrap(&err, "read unmatched pages of domain %d again", domain)
	err = db.act(ctx, by, "read_again", func(t tx) (of subject, err error) {
		if err := checkReread(ctx, t, domain, r.Template); err != nil {
			return of, err
		}
		pages, err := collect(ctx, t, scanID[form.PageID], `
			SELECT p.id FROM pages p
			WHERE p.state = 'unmatched' AND +p.domain_id = ?
			ORDER BY p.document_id, p.number, p.part`, domain)
		if err != nil || len(pages) == 0 {
			return of, err
		}
		chores := make([]Chore, len(pages))
		for i, page := range pages {
			r.Page = page
			if chores[i], err = db.addReread(ctx, t, by, r); err != nil {
				return of, err
			}
		}
		n = len(chores)
		return subject{kind: "page", domain: domain}, enqueue(t.Tx, chores)
	})
	return n, err
}

func checkReread(ctx context.Context, t tx, domain form.DomainID, template form.TemplateID) error {
	if template == 0 {
		return nil
	}
	return t.row(ctx, `
		SELECT t.id FROM templates t JOIN domains d ON d.id = t.domain_id
		WHERE t.id = ? AND t.domain_id = ? AND EXISTS (
			SELECT 1 FROM template_versions WHERE template_id = t.id AND (stage = 'service' OR stage = 'beta' AND d.beta))`,
		template, domain)(&template)
}

func (db *DB) addReread(ctx context.Context, t tx, by form.Actor, r form.Reread) (c Chore, err error) {
	why := "again"
	place, err := encodePlace(r.TemplateToPage)
	if err != nil {
		return c, err
	}
	if place != nil {
		why = "by_hand"
	}
	c.Page = r.Page
	if c.Run, err = db.openAnother(ctx, t, r.Page, why, by); err != nil {
		return c, err
	}
	_, err = t.exec(ctx, `
		UPDATE runs SET wanted_template = ?, wanted_place = ?
		WHERE page_id = ? AND number = ?`, orNull(r.Template), place, c.Page, c.Run)
	return c, err
}

// openAnother opens a further run of a page, which waits from then on.
func (db *DB) openAnother(ctx context.Context, t tx, page form.PageID, why string, by form.Actor) (number int, err error) {
	now := millis(db.now())
	if err := t.row(ctx, `
		INSERT INTO runs (page_id, number, why, actor, user_id, state, created_at)
		SELECT ?, coalesce(max(number), 0) + 1, ?, ?, ?, 'open', ? FROM runs WHERE page_id = ?
		RETURNING number`, page, why, by.Kind, orNull(by.User), now, page)(&number); err != nil {
		return 0, err
	}
	if _, err := db.closeReopening(ctx, t, page, by.User); err != nil { // what is read anew is looked at anew
		return 0, err
	}
	_, err = t.exec(ctx, `UPDATE pages SET state = 'waiting', failure = '', updated_at = ? WHERE id = ?`, now, page)
	return number, err
}

// Unmatched returns how many pages of a domain, or of all for 0, are
// unmatched, and how many wait to be read again.
func (db *DB) Unmatched(ctx context.Context, in form.Scope, domain form.DomainID) (unmatched, again int, err error) {
	defer wrap(&err, "unmatched pages of domain %d", domain)
	in = in.Narrow(domain)
	term, args := within(in, `p.domain_id`)
	err = db.view(ctx, func(t tx) error {
		if unmatched, err = countPages(ctx, t, &PageFilter{within: in, States: []form.State{form.StateUnmatched}}); err != nil {
			return err
		}
		return t.row(ctx, `
			SELECT count(*) FROM runs r JOIN pages p ON p.id = r.page_id
			WHERE r.finished_at IS NULL AND `+apart+` AND `+term, args...)(&again)
	})
	return unmatched, again, err
}

// FailedFilter chooses failed pages. Its zero value chooses all.
type FailedFilter struct {
	Domain  form.DomainID // 0 for all
	Page    form.PageID   // 0 for all
	Failure form.Failure  // empty for all
}

// where leaves out the pages of files that were not kept: nothing is left that
// could be read.
func (f *FailedFilter) where(in form.Scope) *where {
	w := &where{terms: []string{`p.state = 'failed'`, `d.blob <> ''`}}
	w.within(in.Narrow(f.Domain), `+p.domain_id`)
	w.and(f.Page != 0, `p.id = ?`, f.Page)
	w.and(f.Failure != "", `p.failure = ?`, f.Failure)
	return w
}

// Failed returns how many failed pages that can be read again f chooses, by
// why they failed.
func (db *DB) Failed(ctx context.Context, in form.Scope, f FailedFilter) (n map[form.Failure]int, err error) {
	defer wrap(&err, "failed pages")
	n = make(map[form.Failure]int)
	w := f.where(in)
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

// RetryFailed has the failed pages that f chooses wait to be read once more,
// with their documents, which are open again, and returns how many they are. In
// the same transaction it calls enqueue.
func (db *DB) RetryFailed(ctx context.Context, by form.Actor, in form.Scope, f FailedFilter, enqueue Enqueue) (n int, err error) {
	defer wrap(&err, "read failed pages")
	w := f.where(in)
	err = db.act(ctx, by, "retry", func(t tx) (of subject, err error) {
		pages, err := collect(ctx, t, scanID[form.PageID], `
			SELECT p.id FROM pages p JOIN documents d ON d.id = p.document_id`+w.String()+` ORDER BY p.document_id, p.number, p.part`, w.args...)
		if n = len(pages); err != nil || n == 0 {
			return of, err
		}
		chores, err := db.reopen(ctx, t, pages, by)
		if err != nil {
			return of, err
		}
		return subject{kind: "page", id: int64(f.Page), domain: f.Domain}, enqueue(t.Tx, chores)
	})
	return n, err
}

// reopen has failed pages, in the order of their documents, wait.
func (db *DB) reopen(ctx context.Context, t tx, pages []form.PageID, by form.Actor) (chores []Chore, err error) {
	for _, id := range pages {
		if _, err := db.openAnother(ctx, t, id, "retry", by); err != nil {
			return nil, err
		}
		var c Chore
		if err := t.row(ctx, `
			UPDATE pages SET finished_at = NULL WHERE id = ?
			RETURNING document_id`, id)(&c.Document); err != nil {
			return nil, err
		}
		if len(chores) > 0 && chores[len(chores)-1] == c {
			continue
		}
		if _, err := t.exec(ctx, `UPDATE documents SET finished_at = NULL WHERE id = ?`, c.Document); err != nil {
			return nil, err
		}
		chores = append(chores, c)
	}
	return chores, nil
}
