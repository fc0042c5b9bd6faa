package db

import (
	"context"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// keepKeys is how long a call can be repeated without being read again.
const keepKeys = 24 * time.Hour

// A Keyed is a call that was made with a key.
type Keyed struct {
	Request    string // SHA-256 of what was asked
	Submission form.SubmissionID
	At         time.Time
}

// addKey keeps the key of submission id.
func addKey(ctx context.Context, t tx, s form.Submission, id form.SubmissionID, now int64) error {
	if _, err := t.exec(ctx, `DELETE FROM request_keys WHERE created_at <= ?`, now-keepKeys.Milliseconds()); err != nil {
		return err
	}
	_, err := t.exec(ctx, `
		INSERT INTO request_keys (domain_id, key, request, submission_id, created_at) VALUES (?, ?, ?, ?, ?)`,
		s.Domain, s.Key.Key, s.Key.Request, id, now)
	return err
}

// Keyed returns the call that was made with key in the last 24 hours.
func (db *DB) Keyed(ctx context.Context, domain form.DomainID, key string) (k Keyed, err error) {
	defer wrap(&err, "request key of domain %d", domain)
	err = db.view(ctx, func(t tx) error {
		var at int64
		err := t.row(ctx, `
			SELECT request, submission_id, created_at FROM request_keys
			WHERE domain_id = ? AND key = ? AND created_at > ?`,
			domain, key, millis(db.now())-keepKeys.Milliseconds())(&k.Request, &k.Submission, &at)
		k.At = fromMillis(at)
		return err
	})
	return k, err
}

// DropKey forgets a key of a submission, so that its call can be made anew.
func (db *DB) DropKey(ctx context.Context, domain form.DomainID, key string, submission form.SubmissionID) (err error) {
	defer wrap(&err, "drop request key of domain %d", domain)
	return db.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `
			DELETE FROM request_keys WHERE domain_id = ? AND key = ? AND submission_id = ?`, domain, key, submission)
		return err
	})
}
