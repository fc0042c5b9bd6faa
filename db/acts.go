package db

import (
	"context"

	"github.com/seosik/seosik/internal/form"
)

// A subject is what an act changed. The zero value is nothing.
type subject struct {
	kind    string        // user, domain, list, template, case, profile, export, submission or page
	id      int64         // 0 for all
	domain  form.DomainID // 0 where it is of none, or of all
	version int           // of a template; 0 for its draft
	pages   []form.PageID // for the access log, where they are not the subject
}

// act runs f as update does, and notes in the same transaction that what it
// changed, which it returns, was changed by whom. A program changes only what
// is of its domain.
func (db *DB) act(ctx context.Context, by form.Actor, what string, f func(tx) (subject, error)) error {
	return db.update(ctx, func(t tx) error {
		of, err := f(t)
		if err != nil || of.kind == "" {
			return err
		}
		return db.note(ctx, t, by, what, of)
	})
}

// note notes an act, also in the access log, in the transaction in which it is done.
func (db *DB) note(ctx context.Context, t tx, by form.Actor, what string, of subject) error {
	if by.Kind == form.ByProgram && by.Domain != of.domain {
		return form.ErrNotFound
	}
	a := Access{By: by, Act: what, Subject: of.kind, ID: of.id, Pages: of.pages}
	if of.kind == "page" && of.id != 0 {
		a.Pages = []form.PageID{form.PageID(of.id)}
	}
	if err := db.saw(ctx, t, a); err != nil {
		return err
	}
	_, err := t.exec(ctx, `
		INSERT INTO acts (at, actor, user_id, domain_id, act, subject, subject_id, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		millis(db.now()), by.Kind, orNull(by.User), orNull(of.domain), what, of.kind, orNull(of.id), orNull(of.version))
	return err
}
