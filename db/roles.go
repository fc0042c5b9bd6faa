package db

import (
	"context"
	"slices"

	"github.com/seosik/seosik/internal/form"
)

// SetRoles gives a user those roles and no others, and notes what is given and
// taken. It returns form.ErrLastAdministrator where nobody would be left to
// administer.
func (db *DB) SetRoles(ctx context.Context, by form.Actor, id form.UserID, grants []form.Grant) (err error) {
	defer wrap(&err, "set roles of user %d", id)
	return db.act(ctx, by, "set_roles", func(t tx) (subject, error) {
		if err := t.row(ctx, `SELECT id FROM users WHERE id = ?`, id)(&id); err != nil {
			return subject{}, err
		}
		if err := db.setRoles(ctx, t, by, id, grants); err != nil {
			return subject{}, err
		}
		return theUser(id), administered(ctx, t)
	})
}

func (db *DB) setRoles(ctx context.Context, t tx, by form.Actor, id form.UserID, grants []form.Grant) error {
	had, err := grantsOf(ctx, t, id)
	if err != nil {
		return err
	}
	changed := false
	for _, g := range had {
		if !slices.Contains(grants, g) {
			changed = true
			if err := db.setRole(ctx, t, by, id, g, false); err != nil {
				return err
			}
		}
	}
	for _, g := range grants {
		if !slices.Contains(had, g) {
			changed = true
			if err := db.setRole(ctx, t, by, id, g, true); err != nil {
				return err
			}
		}
	}
	if !changed {
		return nil
	}
	if _, err = t.exec(ctx, `UPDATE sessions SET stale = 1 WHERE user_id = ?`, id); err != nil {
		return err
	}
	return unassign(ctx, t, id, form.PermissionsOf(grants).Scope(form.MayReview))
}

// setRole gives a role or takes it, and notes that.
func (db *DB) setRole(ctx context.Context, t tx, by form.Actor, id form.UserID, g form.Grant, given bool) error {
	if !g.Role.Valid() {
		return form.Invalid("role", "is none of the roles")
	}
	if g.Domain != 0 {
		if err := t.row(ctx, `SELECT id FROM domains WHERE id = ?`, g.Domain)(&g.Domain); err != nil {
			return err
		}
	}
	statement := `INSERT INTO roles (user_id, domain_id, role) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`
	if !given {
		statement = `DELETE FROM roles WHERE user_id = ? AND domain_id = ? AND role = ?`
	}
	if _, err := t.exec(ctx, statement, id, g.Domain, g.Role); err != nil {
		return err
	}
	_, err := t.exec(ctx, `
		INSERT INTO grants (at, user_id, domain_id, role, given, actor, by_user) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		millis(db.now()), id, g.Domain, g.Role, given, by.Kind, orNull(by.User))
	return err
}

// administered returns form.ErrLastAdministrator where nobody who may log in
// administers all domains.
func administered(ctx context.Context, t tx) error {
	var some bool
	err := t.row(ctx, `
		SELECT EXISTS (
			SELECT 1 FROM roles r JOIN users u ON u.id = r.user_id
			WHERE r.domain_id = 0 AND r.role = 'administrator' AND u.disabled_at IS NULL)`)(&some)
	if err == nil && !some {
		err = form.ErrLastAdministrator
	}
	return err
}

// grantsOf returns the roles of a user, in order.
func grantsOf(ctx context.Context, t tx, id form.UserID) ([]form.Grant, error) {
	grants, err := collect(ctx, t, func(scan func(...any) error) (g form.Grant, err error) {
		err = scan(&g.Domain, &g.Role)
		return g, err
	}, `SELECT domain_id, role FROM roles WHERE user_id = ?`, id)
	slices.SortFunc(grants, form.Grant.Compare)
	return grants, err
}

// GrantChanges returns who gave a user roles and took them, the newest first.
func (db *DB) GrantChanges(ctx context.Context, id form.UserID) (list []form.GrantChange, err error) {
	defer wrap(&err, "grants of user %d", id)
	err = db.view(ctx, func(t tx) error {
		list, err = collect(ctx, t, func(scan func(...any) error) (g form.GrantChange, err error) {
			var at int64
			err = scan(&g.Domain, &g.Role, &g.Given, &g.By.Kind, &g.By.User, &g.ByName, &at)
			g.At = fromMillis(at)
			return g, err
		}, `
			SELECT g.domain_id, g.role, g.given, g.actor, coalesce(g.by_user, 0), coalesce(b.name, ''), g.at
			FROM grants g LEFT JOIN users b ON b.id = g.by_user
			WHERE g.user_id = ? ORDER BY g.id DESC`, id)
		return err
	})
	return list, err
}

// PeopleWho returns those who may log in and may do some of what in a domain, by
// name.
func (db *DB) PeopleWho(ctx context.Context, domain form.DomainID, may form.Right) (list []form.User, err error) {
	all, err := db.People(ctx)
	for _, p := range all {
		if !p.Disabled() && form.PermissionsOf(p.Grants).May(may, domain) {
			list = append(list, p.User)
		}
	}
	return list, err
}
