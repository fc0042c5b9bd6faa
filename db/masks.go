package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/seosik/seosik/internal/form"
)

// masks is the name under which what the office set is kept.
const masks = "masks"

// Masks returns what the office set about personal data on screens and in files: of
// each role and each class, also where these are newer than that.
func (db *DB) Masks(ctx context.Context) (m form.Masks, err error) {
	defer wrap(&err, "masks")
	err = db.view(ctx, func(t tx) error {
		var text string
		switch err := t.row(ctx, `SELECT value FROM settings WHERE name = ?`, masks)(&text); {
		case errors.Is(err, sql.ErrNoRows):
			m = form.UsualMasks()
			return nil
		case err != nil:
			return err
		}
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			return err
		}
		m = m.Whole()
		return nil
	})
	return m, err
}

// SetMasks sets that from now on.
func (db *DB) SetMasks(ctx context.Context, by form.Actor, m form.Masks) (err error) {
	defer wrap(&err, "set masks")
	if err := m.Check(); err != nil {
		return err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return db.act(ctx, by, "set_masks", func(t tx) (subject, error) {
		_, err := t.exec(ctx, `
			INSERT INTO settings (name, value) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, masks, string(text))
		return subject{kind: "office"}, err
	})
}
