package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/seosik/seosik/internal/form"
)

const userColumns = `u.id, u.name, u.password_hash, u.created_at, u.outbox_key, u.disabled_at, u.temporary,
	EXISTS (SELECT 1 FROM factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)`

func scanUser(scan func(...any) error, more ...any) (form.User, error) {
	var u form.User
	var created int64
	var disabled sql.Null[int64]
	err := scan(append([]any{&u.ID, &u.Name, &u.PasswordHash, &created, &u.OutboxKey, &disabled, &u.Temporary, &u.Factor}, more...)...)
	u.CreatedAt, u.DisabledAt = fromMillis(created), fromNullMillis(disabled)
	return u, err
}

// plainUser scans a user and nothing else.
func plainUser(scan func(...any) error) (form.User, error) { return scanUser(scan) }

// theUser returns a user as what an act changed.
func theUser(id form.UserID) subject { return subject{kind: "user", id: int64(id)} }

// AddUser adds a user with some roles. The password is temporary where a person
// has chosen it for another; without any the user logs in by another server only. It returns form.ErrConflict where the name is taken.
func (db *DB) AddUser(ctx context.Context, by form.Actor, name, passwordHash string, grants ...form.Grant) (u form.User, err error) {
	defer wrap(&err, "add user")
	err = db.act(ctx, by, "add_user", func(t tx) (of subject, err error) {
		u, err = db.addUser(ctx, t, by, name, passwordHash, grants)
		return theUser(u.ID), err
	})
	return u, err
}

// AddFirstUser adds an administrator where nobody administers all domains. It
// returns form.ErrConflict where somebody does, so that a set-up page works once.
func (db *DB) AddFirstUser(ctx context.Context, by form.Actor, name, passwordHash string) (u form.User, err error) {
	defer wrap(&err, "add first user")
	err = db.act(ctx, by, "add_user", func(t tx) (of subject, err error) {
		if err := administered(ctx, t); !errors.Is(err, form.ErrLastAdministrator) {
			return of, cmp.Or(err, form.ErrConflict)
		}
		u, err = db.addUser(ctx, t, by, name, passwordHash, []form.Grant{{Role: form.Administrator}})
		return theUser(u.ID), err
	})
	return u, err
}

// Administered reports whether somebody who may log in administers all domains.
// Once it is so, it stays so.
func (db *DB) Administered(ctx context.Context) (some bool, err error) {
	defer wrap(&err, "administrators")
	err = db.view(ctx, func(t tx) error { return administered(ctx, t) })
	if errors.Is(err, form.ErrLastAdministrator) {
		return false, nil
	}
	return err == nil, err
}

func (db *DB) addUser(ctx context.Context, t tx, by form.Actor, name, passwordHash string, grants []form.Grant) (u form.User, err error) {
	if err := t.row(ctx, `
		INSERT INTO users (name, password_hash, created_at, outbox_key, temporary) VALUES (?, ?, ?, ?, ?)
		RETURNING id`, name, passwordHash, millis(db.now()), random(32), by.Kind == form.ByPerson && passwordHash != "")(&u.ID); err != nil {
		return u, err
	}
	if err := db.setRoles(ctx, t, by, u.ID, grants); err != nil {
		return u, err
	}
	return plainUser(t.row(ctx, `SELECT `+userColumns+` FROM users u WHERE u.id = ?`, u.ID))
}

// SetPassword replaces the hash of the password of a user, and ends the user's
// sessions. The password is temporary where a person has chosen it for another.
func (db *DB) SetPassword(ctx context.Context, by form.Actor, id form.UserID, passwordHash string) (err error) {
	defer wrap(&err, "set password of user %d", id)
	return db.act(ctx, by, "set_password", func(t tx) (subject, error) {
		temporary := by.Kind == form.ByPerson && by.User != id
		if err := t.row(ctx, `UPDATE users SET password_hash = ?, temporary = ? WHERE id = ? RETURNING id`, passwordHash, temporary, id)(&id); err != nil {
			return subject{}, err
		}
		return theUser(id), endSessions(ctx, t, id, 0)
	})
}

// TakePassword has a user log in by another server only, and ends the user's
// sessions. A second factor, which goes with the password, goes.
func (db *DB) TakePassword(ctx context.Context, by form.Actor, id form.UserID) (err error) {
	defer wrap(&err, "take the password of user %d", id)
	return db.act(ctx, by, "take_password", func(t tx) (subject, error) {
		if err := t.row(ctx, `UPDATE users SET password_hash = '', temporary = 0 WHERE id = ? RETURNING id`, id)(&id); err != nil {
			return subject{}, err
		}
		if _, err := t.exec(ctx, `DELETE FROM factors WHERE user_id = ?`, id); err != nil {
			return subject{}, err
		}
		if err := setRecovery(ctx, t, id, nil); err != nil {
			return subject{}, err
		}
		return theUser(id), endSessions(ctx, t, id, 0)
	})
}

// DisableUser keeps a user from logging in, and ends the user's sessions. It
// returns form.ErrLastAdministrator where nobody would be left to administer.
func (db *DB) DisableUser(ctx context.Context, by form.Actor, id form.UserID) (err error) {
	defer wrap(&err, "disable user %d", id)
	return db.act(ctx, by, "disable_user", func(t tx) (subject, error) {
		if err := t.row(ctx, `UPDATE users SET disabled_at = coalesce(disabled_at, ?) WHERE id = ? RETURNING id`, millis(db.now()), id)(&id); err != nil {
			return subject{}, err
		}
		if err := endSessions(ctx, t, id, 0); err != nil {
			return subject{}, err
		}
		if _, err := t.exec(ctx, `DELETE FROM claims WHERE user_id = ?`, id); err != nil { // what was open there is free
			return subject{}, err
		}
		if err := unassign(ctx, t, id, form.Scope{}); err != nil {
			return subject{}, err
		}
		return theUser(id), administered(ctx, t)
	})
}

// EnableUser lets a user log in again.
func (db *DB) EnableUser(ctx context.Context, by form.Actor, id form.UserID) (err error) {
	defer wrap(&err, "enable user %d", id)
	return db.act(ctx, by, "enable_user", func(t tx) (subject, error) {
		return theUser(id), t.row(ctx, `UPDATE users SET disabled_at = NULL WHERE id = ? RETURNING id`, id)(&id)
	})
}

// User returns a user.
func (db *DB) User(ctx context.Context, id form.UserID) (u form.User, err error) {
	defer wrap(&err, "user %d", id)
	err = db.view(ctx, func(t tx) error {
		u, err = plainUser(t.row(ctx, `SELECT `+userColumns+` FROM users u WHERE u.id = ?`, id))
		return err
	})
	return u, err
}

// UserByName returns the user who logs in with name.
func (db *DB) UserByName(ctx context.Context, name string) (u form.User, err error) {
	defer wrap(&err, "user by name")
	err = db.view(ctx, func(t tx) error {
		u, err = plainUser(t.row(ctx, `SELECT `+userColumns+` FROM users u WHERE u.name = ?`, name))
		return err
	})
	return u, err
}

// Users returns all users by name.
func (db *DB) Users(ctx context.Context) (us []form.User, err error) {
	defer wrap(&err, "users")
	err = db.view(ctx, func(t tx) error {
		us, err = collect(ctx, t, plainUser, `SELECT `+userColumns+` FROM users u ORDER BY u.name`)
		return err
	})
	return us, err
}

// A PersonInfo is a user with what is shown of the user.
type PersonInfo struct {
	form.User
	Grants   []form.Grant // in order
	Sessions int          // that are open, or were left so
}

// People returns all users by name.
func (db *DB) People(ctx context.Context) (list []PersonInfo, err error) {
	defer wrap(&err, "people")
	err = db.view(ctx, func(t tx) error {
		list, err = collect(ctx, t, scanPerson, personQuery+` ORDER BY u.name`)
		if err != nil {
			return err
		}
		at := make(map[form.UserID]*PersonInfo, len(list))
		for i := range list {
			at[list[i].ID] = &list[i]
		}
		return t.rows(ctx, func(scan func(...any) error) error {
			var id form.UserID
			var g form.Grant
			err := scan(&id, &g.Domain, &g.Role)
			if err == nil {
				at[id].Grants = append(at[id].Grants, g)
				slices.SortFunc(at[id].Grants, form.Grant.Compare)
			}
			return err
		}, `SELECT user_id, domain_id, role FROM roles`)
	})
	return list, err
}

// Person returns a user with what is shown of the user.
func (db *DB) Person(ctx context.Context, id form.UserID) (p PersonInfo, err error) {
	defer wrap(&err, "person %d", id)
	err = db.view(ctx, func(t tx) error {
		if p, err = scanPerson(t.row(ctx, personQuery+` WHERE u.id = ?`, id)); err != nil {
			return err
		}
		p.Grants, err = grantsOf(ctx, t, id)
		return err
	})
	return p, err
}

const personQuery = `
	SELECT ` + userColumns + `, (SELECT count(*) FROM sessions s WHERE s.user_id = u.id)
	FROM users u`

func scanPerson(scan func(...any) error) (p PersonInfo, err error) {
	p.User, err = scanUser(scan, &p.Sessions)
	return p, err
}
