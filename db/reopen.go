package db

import (
	"context"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A Reopening is one of the times that a person wanted a page that was done
// looked at again. As long as it is open the page is in review, beside what is
// doubtful on it.
type Reopening struct {
	By       string
	Note     string
	At       time.Time
	ClosedAt time.Time // zero while it is open
	ClosedBy string    // empty also where the page was read again
}

// Open reports whether the page is to be looked at still.
func (r Reopening) Open() bool { return r.ClosedAt.IsZero() }

// Reopen has a page that is done be looked at again. It returns form.ErrConflict
// for any other.
func (db *DB) Reopen(ctx context.Context, by form.Actor, id form.PageID, note string) (err error) {
	defer wrap(&err, "reopen page %d", id)
	if note, err = form.CheckNote(note); err != nil {
		return err
	}
	return db.act(ctx, by, "reopen", func(t tx) (of subject, err error) {
		of = subject{kind: "page", id: int64(id)}
		var state form.State
		if err := t.row(ctx, `SELECT domain_id, state FROM pages WHERE id = ?`, id)(&of.domain, &state); err != nil {
			return of, err
		}
		if state != form.StateDone {
			return of, form.ErrConflict
		}
		if _, err := t.exec(ctx, `
			INSERT INTO reopenings (page_id, user_id, note, at) VALUES (?, ?, ?, ?)`, id, by.User, note, millis(db.now())); err != nil {
			return of, err
		}
		if err := countDoubt(ctx, t, id); err != nil {
			return of, err
		}
		return of, db.settle(ctx, t, id)
	})
}

// CloseReopening notes that a page has been looked at again. It is done unless
// something on it is doubtful. It returns form.ErrConflict where it is not open.
func (db *DB) CloseReopening(ctx context.Context, by form.Actor, id form.PageID) (err error) {
	defer wrap(&err, "close page %d", id)
	return db.act(ctx, by, "close", func(t tx) (of subject, err error) {
		of = subject{kind: "page", id: int64(id)}
		if err := t.row(ctx, `SELECT domain_id FROM pages WHERE id = ?`, id)(&of.domain); err != nil {
			return of, err
		}
		closed, err := db.closeReopening(ctx, t, id, by.User)
		if err == nil && !closed {
			err = form.ErrConflict
		}
		if err != nil {
			return of, err
		}
		if err := countDoubt(ctx, t, id); err != nil {
			return of, err
		}
		return of, db.settle(ctx, t, id)
	})
}

func (db *DB) closeReopening(ctx context.Context, t tx, id form.PageID, by form.UserID) (closed bool, err error) {
	r, err := t.exec(ctx, `
		UPDATE reopenings SET closed_at = ?, closed_by = ? WHERE page_id = ? AND closed_at IS NULL`, millis(db.now()), orNull(by), id)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

const reopeningQuery = `
	SELECT u.name, r.note, r.at, coalesce(r.closed_at, 0), coalesce(c.name, '')
	FROM reopenings r JOIN pages p ON p.id = r.page_id JOIN users u ON u.id = r.user_id LEFT JOIN users c ON c.id = r.closed_by
	WHERE r.page_id = ?`

// reopeningsOf returns the reopenings of a page, oldest first.
func reopeningsOf(ctx context.Context, t tx, id form.PageID) ([]Reopening, error) {
	return collect(ctx, t, scanReopening, reopeningQuery+` ORDER BY r.id`, id)
}

// LastReopening returns the last reopening of a page.
func (db *DB) LastReopening(ctx context.Context, in form.Scope, id form.PageID) (r Reopening, err error) {
	defer wrap(&err, "reopening of page %d", id)
	term, args := within(in, `p.domain_id`)
	err = db.view(ctx, func(t tx) error {
		r, err = scanReopening(t.row(ctx, reopeningQuery+` AND `+term+` ORDER BY r.id DESC LIMIT 1`, append([]any{id}, args...)...))
		return err
	})
	return r, err
}

func scanReopening(scan func(...any) error) (r Reopening, err error) {
	var at, closed int64
	err = scan(&r.By, &r.Note, &at, &closed, &r.ClosedBy)
	r.At = fromMillis(at)
	if closed != 0 {
		r.ClosedAt = fromMillis(closed)
	}
	return r, err
}
