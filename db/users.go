package db

import (
	"context"

	"github.com/seosik/seosik/internal/form"
)

const userColumns = `id, name, password_hash, created_at, outbox_key`

func scanUser(scan func(...any) error) (form.User, error) {
	var u form.User
	var created int64
	err := scan(&u.ID, &u.Name, &u.PasswordHash, &created, &u.OutboxKey)
	u.CreatedAt = fromMillis(created)
	return u, err
}

// AddUser adds a user. It returns form.ErrConflict where the name is taken.
func (db *DB) AddUser(ctx context.Context, by form.Actor, name, passwordHash string) (u form.User, err error) {
	defer wrap(&err, "add user")
	err = db.act(ctx, by, "add_user", func(t tx) (subject, error) {
		u, err = db.addUser(ctx, t, name, passwordHash)
		return subject{kind: "user", id: int64(u.ID)}, err
	})
	return u, err
}

// AddFirstUser adds a user where there is none. It returns form.ErrConflict
// where there is one, so that a set-up page works once.
func (db *DB) AddFirstUser(ctx context.Context, by form.Actor, name, passwordHash string) (u form.User, err error) {
	defer wrap(&err, "add first user")
	err = db.act(ctx, by, "add_user", func(t tx) (of subject, err error) {
		var n int
		if err := t.row(ctx, `SELECT count(*) FROM users`)(&n); err != nil {
			return of, err
		}
		if n > 0 {
			return of, form.ErrConflict
		}
		u, err = db.addUser(ctx, t, name, passwordHash)
		return subject{kind: "user", id: int64(u.ID)}, err
	})
	return u, err
}

func (db *DB) addUser(ctx context.Context, t tx, name, passwordHash string) (form.User, error) {
	return scanUser(t.row(ctx, `
		INSERT INTO users (name, password_hash, created_at, outbox_key) VALUES (?, ?, ?, ?)
		RETURNING `+userColumns, name, passwordHash, millis(db.now()), random(32)))
}

// SetPassword replaces the hash of the password of a user.
func (db *DB) SetPassword(ctx context.Context, by form.Actor, id form.UserID, passwordHash string) (err error) {
	defer wrap(&err, "set password of user %d", id)
	return db.act(ctx, by, "set_password", func(t tx) (subject, error) {
		return subject{kind: "user", id: int64(id)}, t.row(ctx, `UPDATE users SET password_hash = ? WHERE id = ? RETURNING id`, passwordHash, id)(&id)
	})
}

// User returns a user.
func (db *DB) User(ctx context.Context, id form.UserID) (u form.User, err error) {
	defer wrap(&err, "user %d", id)
	err = db.view(ctx, func(t tx) error {
		u, err = scanUser(t.row(ctx, `SELECT `+userColumns+` FROM users WHERE id = ?`, id))
		return err
	})
	return u, err
}

// UserByName returns the user who logs in with name.
func (db *DB) UserByName(ctx context.Context, name string) (u form.User, err error) {
	defer wrap(&err, "user by name")
	err = db.view(ctx, func(t tx) error {
		u, err = scanUser(t.row(ctx, `SELECT `+userColumns+` FROM users WHERE name = ?`, name))
		return err
	})
	return u, err
}

// Users returns all users by name.
func (db *DB) Users(ctx context.Context) (us []form.User, err error) {
	defer wrap(&err, "users")
	err = db.view(ctx, func(t tx) error {
		us, err = collect(ctx, t, scanUser, `SELECT `+userColumns+` FROM users ORDER BY name`)
		return err
	})
	return us, err
}
