package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/seosik/seosik/internal/form"
)

// A moving is how a version gets into a stage.
type moving struct {
	by      form.Actor
	to      form.Stage
	note    string
	fresh   bool // the version has just been made of a draft
	madeWay int  // for the version that takes its place; 0 where it is meant
}

// move puts a version into a stage, out of which the one before retires, and
// notes both.
func (db *DB) move(ctx context.Context, t tx, id form.TemplateID, version int, m moving) (*form.Template, error) {
	if m.to.Released() {
		if err := db.makeWay(ctx, t, id, version, m); err != nil {
			return nil, err
		}
	}
	from, err := db.put(ctx, t, id, version, m.to)
	if err != nil {
		return nil, err
	}
	if m.fresh {
		from = form.Draft
	}
	if err := db.templateChanged(ctx, t, id); err != nil {
		return nil, err
	}
	f, err := templateByID(ctx, t, id, version)
	if err != nil || from == m.to {
		return f, err
	}
	if now, err := templateByID(ctx, t, id, 0); err != nil {
		return nil, err
	} else if m.to.Released() && now.Version == version { // where another is in service, that one stands
		if err := db.reclass(ctx, t, f); err != nil {
			return nil, err
		}
	}
	return f, db.noteRelease(ctx, t, f, from, m)
}

// makeWay has the version retire that is in the stage into which another is put.
func (db *DB) makeWay(ctx context.Context, t tx, id form.TemplateID, version int, m moving) error {
	var before int
	err := t.row(ctx, `
		SELECT version FROM template_versions WHERE template_id = ? AND stage = ? AND version <> ?`, id, m.to, version)(&before)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = db.move(ctx, t, id, before, moving{by: m.by, to: form.Retired, madeWay: version})
	}
	return err
}

// put puts a version into a stage, and returns the one in which it was.
func (db *DB) put(ctx context.Context, t tx, id form.TemplateID, version int, stage form.Stage) (from form.Stage, err error) {
	if err := t.row(ctx, `
		SELECT stage FROM template_versions WHERE template_id = ? AND version = ?`, id, version)(&from); err != nil {
		return "", err
	}
	_, err = t.exec(ctx, `UPDATE template_versions SET stage = ? WHERE template_id = ? AND version = ?`, stage, id, version)
	return from, err
}

// noteRelease notes that f got into its stage, and what a dry run of what it says
// had come to.
func (db *DB) noteRelease(ctx context.Context, t tx, f *form.Template, from form.Stage, m moving) error {
	var dry any
	if m.to.Released() {
		result, err := dryResultOf(ctx, t, f)
		if err != nil {
			return err
		}
		if result != nil {
			encoded, err := json.Marshal(result)
			if err != nil {
				return err
			}
			dry = string(encoded)
		}
	}
	_, err := t.exec(ctx, `
		INSERT INTO template_releases (template_id, version, from_stage, to_stage, made_way, note, dry_run, actor, user_id, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		f.ID, f.Version, from, m.to, orNull(m.madeWay), m.note, dry, m.by.Kind, orNull(m.by.User), millis(db.now()))
	return err
}

// Releases returns which versions of a template went from which stage to which,
// the last first.
func (db *DB) Releases(ctx context.Context, in form.Scope, id form.TemplateID) (list []form.Release, err error) {
	defer wrap(&err, "releases of template %d", id)
	err = db.view(ctx, func(t tx) error {
		if err := seesTemplate(ctx, t, in, id); err != nil {
			return err
		}
		list, err = collect(ctx, t, scanRelease, `
			SELECT r.version, coalesce(r.from_stage, ''), coalesce(r.to_stage, ''), coalesce(r.made_way, 0), r.note, r.dry_run,
				r.actor, coalesce(u.name, ''), r.at
			FROM template_releases r LEFT JOIN users u ON u.id = r.user_id
			WHERE r.template_id = ?
			ORDER BY r.id DESC`, id)
		return err
	})
	return list, err
}

func scanRelease(scan func(...any) error) (r form.Release, err error) {
	var dry []byte
	var at int64
	if err := scan(&r.Version, &r.From, &r.To, &r.MadeWay, &r.Note, &dry, &r.Actor, &r.By, &at); err != nil {
		return r, err
	}
	r.At = fromMillis(at)
	if dry != nil {
		r.DryRun = new(form.DryResult)
		err = json.Unmarshal(dry, r.DryRun)
	}
	return r, err
}
