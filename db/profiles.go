package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// SaveProfile keeps p: in the place of that with its ID, or as a new one for 0. It
// returns form.ErrConflict where another of its domain has the name, and form.ErrNotFound where
// there is no such template or profile. Without p.Sealed the password stays as it
// is.
func (db *DB) SaveProfile(ctx context.Context, by form.Actor, in form.Scope, p form.Profile) (id form.ProfileID, err error) {
	defer wrap(&err, "save profile of template %d", p.Export.Template)
	export, err := json.Marshal(p.Export)
	if err != nil {
		return 0, err
	}
	schedule, err := json.Marshal(p.Schedule)
	if err != nil {
		return 0, err
	}
	var next any
	if p.Schedule.Set() {
		next = millis(p.Schedule.Next(db.now().Local()))
	}
	err = db.act(ctx, by, "save_profile", func(t tx) (of subject, err error) {
		err = t.row(ctx, `SELECT domain_id FROM templates WHERE id = ?`, p.Export.Template)(&p.Domain)
		if err := seen(in, p.Domain, err); err != nil {
			return of, err
		}
		if p.ID == 0 {
			err = t.row(ctx, `
				INSERT INTO profiles (domain_id, template_id, name, export, schedule, sealed, next_at, user_id, updated_at)
				VALUES (?, ?, ?, ?, ?, coalesce(?, x''), ?, ?, ?)
				RETURNING id`, p.Domain, p.Export.Template, p.Name, string(export), string(schedule), orEmpty(p.Sealed), next, orNull(by.User), millis(db.now()))(&id)
		} else {
			err = t.row(ctx, `
				UPDATE profiles SET template_id = ?, name = ?, export = ?, schedule = ?, sealed = coalesce(?, sealed), next_at = ?, user_id = ?, updated_at = ?
				WHERE id = ? AND domain_id = ?
				RETURNING id`, p.Export.Template, p.Name, string(export), string(schedule), orEmpty(p.Sealed), next, orNull(by.User), millis(db.now()),
				p.ID, p.Domain)(&id)
		}
		return subject{kind: "profile", id: int64(id), domain: p.Domain}, err
	})
	return id, err
}

// DeleteProfile deletes a profile, with the memory of what it wrote and the files
// that are kept of it.
func (db *DB) DeleteProfile(ctx context.Context, by form.Actor, in form.Scope, id form.ProfileID) (err error) {
	defer wrap(&err, "delete profile %d", id)
	return db.act(ctx, by, "delete_profile", func(t tx) (of subject, err error) {
		var domain form.DomainID
		err = t.row(ctx, `SELECT domain_id FROM profiles WHERE id = ?`, id)(&domain)
		if err := seen(in, domain, err); err != nil {
			return of, err
		}
		for _, statement := range []string{
			loosen(`blob`, `exports`, ` WHERE profile_id = ?`),
			`DELETE FROM exported_pages WHERE export_id IN (SELECT id FROM exports WHERE profile_id = ?)`,
			`DELETE FROM profiles WHERE id = ?`, // and by that its exports
		} {
			if _, err := t.exec(ctx, statement, id); err != nil {
				return of, err
			}
		}
		return subject{kind: "profile", id: int64(id), domain: domain}, nil
	})
}

const profileColumns = `p.id, p.domain_id, p.name, p.export, p.schedule, p.sealed, p.next_at`

func scanProfile(scan func(...any) error) (p form.Profile, err error) {
	var export, schedule []byte
	var next sql.Null[int64]
	if err := scan(&p.ID, &p.Domain, &p.Name, &export, &schedule, &p.Sealed, &next); err != nil {
		return p, err
	}
	p.NextAt = fromNullMillis(next)
	if err := json.Unmarshal(export, &p.Export); err != nil {
		return p, err
	}
	return p, json.Unmarshal(schedule, &p.Schedule)
}

// Profiles returns the profiles, by name.
func (db *DB) Profiles(ctx context.Context, in form.Scope) (list []form.Profile, err error) {
	defer wrap(&err, "profiles")
	term, args := within(in, `p.domain_id`)
	err = db.view(ctx, func(t tx) error {
		list, err = collect(ctx, t, scanProfile, `
			SELECT `+profileColumns+` FROM profiles p WHERE `+term+` ORDER BY p.name`, args...)
		return err
	})
	return list, err
}

// Profile returns a profile.
func (db *DB) Profile(ctx context.Context, in form.Scope, id form.ProfileID) (p form.Profile, err error) {
	defer wrap(&err, "profile %d", id)
	err = db.view(ctx, func(t tx) error {
		p, err = scanProfile(t.row(ctx, `SELECT `+profileColumns+` FROM profiles p WHERE p.id = ?`, id))
		return seen(in, p.Domain, err)
	})
	return p, err
}

// ProfileNamed returns the profile of that name. It returns form.ErrConflict where
// several domains have one.
func (db *DB) ProfileNamed(ctx context.Context, in form.Scope, name string) (p form.Profile, err error) {
	defer wrap(&err, "profile %q", name)
	term, args := within(in, `p.domain_id`)
	err = db.view(ctx, func(t tx) error {
		found, err := collect(ctx, t, scanProfile, `
			SELECT `+profileColumns+` FROM profiles p WHERE p.name = ? AND `+term+` LIMIT 2`, append([]any{name}, args...)...)
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return sql.ErrNoRows
		case len(found) > 1:
			return form.ErrConflict
		}
		p = found[0]
		return nil
	})
	return p, err
}

// QueueDue has the files made that profiles are to have by now, one each: where
// several times have passed, as while no server ran, the last counts. A profile
// of which a file is being made waits for that. It returns how many there are.
func (db *DB) QueueDue(ctx context.Context, enqueue EnqueueExport) (n int, err error) {
	defer wrap(&err, "queue exports that are due")
	const due = `
		SELECT ` + profileColumns + ` FROM profiles p
		WHERE p.next_at <= ? AND NOT EXISTS (
			SELECT 1 FROM exports e WHERE e.profile_id = p.id AND e.folder <> '' AND e.state IN ('waiting', 'running', 'written'))
		ORDER BY p.next_at LIMIT 20`
	now := db.now()
	var list []form.Profile
	// Mostly there are none, which is found out without keeping others from writing.
	if err := db.view(ctx, func(t tx) error {
		list, err = collect(ctx, t, scanProfile, due, millis(now))
		return err
	}); err != nil || len(list) == 0 {
		return 0, err
	}
	err = db.update(ctx, func(t tx) error {
		if list, err = collect(ctx, t, scanProfile, due, millis(now)); err != nil {
			return err
		}
		for _, p := range list {
			at := lastDue(p, now)
			if _, err := t.exec(ctx, `UPDATE profiles SET next_at = ? WHERE id = ?`, millis(p.Schedule.Next(now.Local())), p.ID); err != nil {
				return err
			}
			x := NewExport{Profile: p.ID, Export: p.Export, Sealed: p.Sealed, Folder: p.Schedule.Folder, Due: at}
			if _, err := db.addExport(ctx, t, form.System, form.Everything, x, enqueue); err != nil {
				return err
			}
		}
		n = len(list)
		return nil
	})
	return n, err
}

// lastDue returns the last time by now at which p was to be made.
func lastDue(p form.Profile, now time.Time) time.Time {
	at := p.NextAt
	for next := p.Schedule.Next(at.Local()); !next.After(now); next = p.Schedule.Next(at.Local()) {
		at = next
	}
	return at
}

// orEmpty returns b, or NULL where there is none.
func orEmpty(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}
