package db

import (
	"context"
	"database/sql"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// Unvalidated returns the pages of a document that a validation has still to
// be asked about.
func (db *DB) Unvalidated(ctx context.Context, doc form.DocumentID) (pages []form.PageID, err error) {
	defer wrap(&err, "pages to validate of document %d", doc)
	err = db.view(ctx, func(t tx) error {
		pages, err = collect(ctx, t, scanID[form.PageID], `
			SELECT p.id FROM pages p JOIN templates t ON t.id = p.template_id
			WHERE p.document_id = ? AND p.state IN ('review', 'done') AND t.validation <> ''
			AND NOT EXISTS (SELECT 1 FROM validations v WHERE v.page_id = p.id AND v.run = p.run)
			ORDER BY p.number, p.part`, doc)
		return err
	})
	return pages, err
}

func scanID[T ~int64](scan func(...any) error) (id T, err error) {
	err = scan(&id)
	return id, err
}

// SaveValidation keeps what a validation said about a reading of a page. What
// it says later about the same reading is kept only where it had not answered.
func (db *DB) SaveValidation(ctx context.Context, page form.PageID, run int, v form.Validation) (err error) {
	defer wrap(&err, "validation of page %d", page)
	return db.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `
			INSERT INTO validations (page_id, run, result, message, at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (page_id, run) DO UPDATE SET result = excluded.result, message = excluded.message, at = excluded.at
			WHERE validations.result = 'UNCHECKED'`, page, run, v.Verdict, v.Message, millis(db.now()))
		return err
	})
}

// A NoticeID names a Notice.
type NoticeID int64

// A Notice is what a webhook is told: that a page has come into a state, or that
// one that was done has been corrected.
type Notice struct {
	ID        NoticeID
	Page      form.PageID
	UID       string // of the page
	State     form.State
	Corrected bool      // it had been done before
	At        time.Time // when it came into the state, or the first of what was corrected was

	Domain form.Domain
}

// correctedWithin is how long corrections of a page that is done are gathered:
// a person mostly makes several.
const correctedWithin = 5 * time.Second

// tellCorrected has the webhook of its domain told that a page that is done has
// been corrected, unless that is about to be told.
func (db *DB) tellCorrected(ctx context.Context, t tx, page form.PageID) error {
	_, err := t.exec(ctx, `
		INSERT INTO notices (page_id, state, corrected, created_at)
		SELECT p.id, p.state, 1, ? FROM pages p JOIN domains d ON d.id = p.domain_id
		WHERE p.id = ? AND d.webhook <> ''
		AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.page_id = p.id AND n.queued = 0 AND n.corrected = 1)`, millis(db.now()), page)
	return err
}

// QueueNotices hands the notices that nobody delivers yet to enqueue, which
// adds the jobs that do in the same transaction. What concerns a document that
// is still being read waits, and so does that a page has been corrected, for
// further corrections. It returns how many there were.
func (db *DB) QueueNotices(ctx context.Context, enqueue func(*sql.Tx, []NoticeID) error) (n int, err error) {
	defer wrap(&err, "queue notices")
	const limit = 100 // of a transaction
	const query = `
		SELECT n.id FROM notices n JOIN pages p ON p.id = n.page_id JOIN documents d ON d.id = p.document_id
		WHERE n.queued = 0 AND d.finished_at IS NOT NULL AND (n.corrected = 0 OR n.created_at NOT BETWEEN ? AND ?)
		ORDER BY n.id LIMIT ?`
	now := db.now()
	early := []any{millis(now.Add(-correctedWithin)) + 1, millis(now), limit} // a clock that is set back delays none
	var ids []NoticeID
	// Mostly there are none, which is found out without keeping others from writing.
	if err = db.view(ctx, func(t tx) error {
		ids, err = collect(ctx, t, scanID[NoticeID], query, early...)
		return err
	}); err != nil || len(ids) == 0 {
		return 0, err
	}
	err = db.update(ctx, func(t tx) error {
		if ids, err = collect(ctx, t, scanID[NoticeID], query, early...); err != nil || len(ids) == 0 {
			return err
		}
		if err := enqueue(t.Tx, ids); err != nil {
			return err
		}
		_, err := t.exec(ctx, `UPDATE notices SET queued = 1 WHERE id IN (`+marks(len(ids))+`)`, anys(ids)...)
		return err
	})
	return len(ids), err
}

// Notice returns a notice that has not been delivered.
func (db *DB) Notice(ctx context.Context, id NoticeID) (n Notice, err error) {
	defer wrap(&err, "notice %d", id)
	err = db.view(ctx, func(t tx) error {
		var domain form.DomainID
		var at int64
		if err := t.row(ctx, `
			SELECT n.id, n.page_id, p.uid, n.state, n.corrected, n.created_at, p.domain_id
			FROM notices n JOIN pages p ON p.id = n.page_id
			WHERE n.id = ?`, id)(&n.ID, &n.Page, &n.UID, &n.State, &n.Corrected, &at, &domain); err != nil {
			return err
		}
		n.At = fromMillis(at)
		n.Domain, err = scanDomain(t.row(ctx, `SELECT `+domainColumns+` FROM domains WHERE id = ?`, domain))
		return err
	})
	return n, err
}

// NoticeDelivered forgets a notice.
func (db *DB) NoticeDelivered(ctx context.Context, id NoticeID) (err error) {
	defer wrap(&err, "notice %d", id)
	return db.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `DELETE FROM notices WHERE id = ?`, id)
		return err
	})
}

// Untold returns how many notices of a domain have not been delivered.
func (db *DB) Untold(ctx context.Context, id form.DomainID) (n int, err error) {
	defer wrap(&err, "notices of domain %d", id)
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `
			SELECT count(*) FROM notices n JOIN pages p ON p.id = n.page_id WHERE p.domain_id = ?`, id)(&n)
	})
	return n, err
}
