package db

import (
	"context"
	"database/sql"
	"errors"

	"github.com/seosik/seosik/internal/form"
)

// Factor returns the second factor of a user, also one that is being set up, or
// form.ErrNotFound.
func (db *DB) Factor(ctx context.Context, id form.UserID) (f form.Factor, err error) {
	defer wrap(&err, "second factor of user %d", id)
	err = db.view(ctx, func(t tx) error {
		var confirmed sql.Null[int64]
		err := t.row(ctx, `
			SELECT secret, confirmed_at, step, (SELECT count(*) FROM recovery_codes r WHERE r.user_id = f.user_id AND r.used_at IS NULL)
			FROM factors f WHERE f.user_id = ?`, id)(&f.Sealed, &confirmed, &f.Step, &f.Codes)
		f.ConfirmedAt = fromNullMillis(confirmed)
		return err
	})
	return f, err
}

// BeginFactor keeps the sealed secret of a second factor that a user sets up, in
// the place of one that was not confirmed. It returns form.ErrConflict where one was.
func (db *DB) BeginFactor(ctx context.Context, id form.UserID, sealed []byte) (err error) {
	defer wrap(&err, "begin second factor of user %d", id)
	return db.update(ctx, func(t tx) error {
		return conflict(t.row(ctx, `
			INSERT INTO factors (user_id, secret) VALUES (?, ?)
			ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, step = 0 WHERE confirmed_at IS NULL
			RETURNING user_id`, id, sealed)(&id))
	})
}

// conflict returns form.ErrConflict where a row that was to be changed is not there
// as it was to be.
func conflict(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return form.ErrConflict
	}
	return err
}

// ConfirmFactor has a user log in with a second factor from now on, ends the
// user's sessions, and keeps the hashes of codes on paper. The code of step was taken. It returns
// form.ErrConflict where there is no factor to be confirmed.
func (db *DB) ConfirmFactor(ctx context.Context, by form.Actor, id form.UserID, step int64, hashes [][]byte) (err error) {
	defer wrap(&err, "confirm second factor of user %d", id)
	return db.act(ctx, by, "set_factor", func(t tx) (subject, error) {
		if err := t.row(ctx, `UPDATE factors SET confirmed_at = ?, step = ? WHERE user_id = ? AND confirmed_at IS NULL RETURNING user_id`,
			millis(db.now()), step, id)(&id); err != nil {
			return subject{}, conflict(err)
		}
		if err := setRecovery(ctx, t, id, hashes); err != nil {
			return subject{}, err
		}
		return theUser(id), endSessions(ctx, t, id, 0)
	})
}

// TakeStep notes that a user has shown the code of a period. It returns
// form.ErrConflict where that code, or one after it, was taken before.
func (db *DB) TakeStep(ctx context.Context, id form.UserID, step int64) (err error) {
	defer wrap(&err, "code of user %d", id)
	return db.update(ctx, func(t tx) error {
		return conflict(t.row(ctx, `UPDATE factors SET step = ? WHERE user_id = ? AND step < ? AND confirmed_at IS NOT NULL RETURNING user_id`, step, id, step)(&id))
	})
}

// UseRecovery takes a code on paper by its hash. It returns form.ErrConflict where
// it is none of the user's, or was used before.
func (db *DB) UseRecovery(ctx context.Context, id form.UserID, hash []byte) (err error) {
	defer wrap(&err, "recovery code of user %d", id)
	return db.act(ctx, form.Person(id), "use_recovery", func(t tx) (subject, error) {
		return theUser(id), conflict(t.row(ctx, `UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND hash = ? AND used_at IS NULL RETURNING user_id`,
			millis(db.now()), id, hash)(&id))
	})
}

// SetRecovery replaces the codes on paper of a user who has a second factor. It
// returns form.ErrConflict where there is none.
func (db *DB) SetRecovery(ctx context.Context, by form.Actor, id form.UserID, hashes [][]byte) (err error) {
	defer wrap(&err, "recovery codes of user %d", id)
	return db.act(ctx, by, "set_recovery", func(t tx) (subject, error) {
		if err := t.row(ctx, `SELECT user_id FROM factors WHERE user_id = ? AND confirmed_at IS NOT NULL`, id)(&id); err != nil {
			return subject{}, conflict(err)
		}
		return theUser(id), setRecovery(ctx, t, id, hashes)
	})
}

func setRecovery(ctx context.Context, t tx, id form.UserID, hashes [][]byte) error {
	if _, err := t.exec(ctx, `DELETE FROM recovery_codes WHERE user_id = ?`, id); err != nil {
		return err
	}
	for _, hash := range hashes {
		if _, err := t.exec(ctx, `INSERT INTO recovery_codes (user_id, hash) VALUES (?, ?)`, id, hash); err != nil {
			return err
		}
	}
	return nil
}

// RemoveFactor has a user log in by the password alone, and ends the user's sessions.
func (db *DB) RemoveFactor(ctx context.Context, by form.Actor, id form.UserID) (err error) {
	defer wrap(&err, "remove second factor of user %d", id)
	return db.act(ctx, by, "remove_factor", func(t tx) (subject, error) {
		if err := t.row(ctx, `DELETE FROM factors WHERE user_id = ? RETURNING user_id`, id)(&id); err != nil {
			return subject{}, err
		}
		if err := setRecovery(ctx, t, id, nil); err != nil {
			return subject{}, err
		}
		return theUser(id), endSessions(ctx, t, id, 0)
	})
}
