package db

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/migrations"
)

// identity is the step that gives fields ids and versions stages. It is a
// program, since what a field of one version is in the next is told by names and
// boxes.
var identity = goose.NewGoMigration(11, &goose.GoFunc{RunTx: func(ctx context.Context, t *sql.Tx) error {
	for _, step := range []func(context.Context, *sql.Tx) error{
		statements("before"), identifyVersions, statements("ids"), statements("stages"),
	} {
		if err := step(ctx, t); err != nil {
			return err
		}
	}
	return nil
}}, nil)

// statements returns a part of the step that is SQL.
func statements(part string) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, t *sql.Tx) error {
		s, err := migrations.FS.ReadFile("0011/" + part + ".sql")
		if err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, string(s))
		return err
	}
}

// identifyVersions gives ids to all that versions have, the oldest first, and
// notes what field each name was in each version.
func identifyVersions(ctx context.Context, t *sql.Tx) error {
	type version struct {
		template form.TemplateID
		number   int
	}
	rows, err := t.QueryContext(ctx, `SELECT template_id, version FROM template_versions ORDER BY template_id, version`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var all []version
	for rows.Next() {
		var v version
		if err := rows.Scan(&v.template, &v.number); err != nil {
			return err
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var before *form.Template
	for _, v := range all {
		if before != nil && before.ID != v.template {
			before = nil
		}
		if before, err = identifyVersion(ctx, t, v.template, v.number, before); err != nil {
			return fmt.Errorf("template %d version %d: %w", v.template, v.number, err)
		}
	}
	return nil
}

func identifyVersion(ctx context.Context, t *sql.Tx, id form.TemplateID, version int, before *form.Template) (*form.Template, error) {
	var definition []byte
	var image blob.Key
	err := t.QueryRowContext(ctx, `
		SELECT definition, image FROM template_versions WHERE template_id = ? AND version = ?`, id, version).Scan(&definition, &image)
	if err != nil {
		return nil, err
	}
	f, err := form.DecodeStored(definition)
	if err != nil {
		return nil, err
	}
	f.ID, f.Image = id, image
	f.Identify(before)
	if definition, err = form.EncodeTemplate(f); err != nil {
		return nil, err
	}
	if _, err := t.ExecContext(ctx, `
		UPDATE template_versions SET definition = ? WHERE template_id = ? AND version = ?`, string(definition), id, version); err != nil {
		return nil, err
	}
	for field, name := range f.Names() {
		if _, err := t.ExecContext(ctx, `
			INSERT INTO field_ids (template_id, version, name, id) VALUES (?, ?, ?, ?)`, id, version, name, field); err != nil {
			return nil, err
		}
	}
	return f, nil
}
