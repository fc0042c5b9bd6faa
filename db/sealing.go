package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/seosik/seosik/internal/form"
)

// sealing is the name under which it is kept what the office has encrypted.
const sealing = "sealing"

// Sealing returns what is encrypted besides values of the law's classes.
func (db *DB) Sealing(ctx context.Context) (s form.Sealing, err error) {
	defer wrap(&err, "what is encrypted")
	err = db.view(ctx, func(t tx) error {
		s, err = t.sealing(ctx)
		return err
	})
	return s, err
}

func (t tx) sealing(ctx context.Context) (s form.Sealing, err error) {
	var text []byte
	if err := t.row(ctx, `SELECT value FROM settings WHERE name = ?`, sealing)(&text); errors.Is(err, sql.ErrNoRows) {
		return s, nil
	} else if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

// SetSealing has that be encrypted from now on. Pages that are there follow by
// [DB.SealTexts].
func (db *DB) SetSealing(ctx context.Context, by form.Actor, s form.Sealing) (err error) {
	defer wrap(&err, "set what is encrypted")
	if db.vault == nil {
		return form.ErrNotFound
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return db.act(ctx, by, "set_sealing", func(t tx) (subject, error) {
		if was, err := t.sealing(ctx); err != nil || was == s {
			return subject{}, err
		}
		var last int64
		if err := t.row(ctx, `SELECT coalesce(max(id), 0) FROM pages`)(&last); err != nil {
			return subject{}, err
		}
		return subject{kind: "office"}, errors.Join(
			setText(ctx, t, sealing, string(text)), setNumber(ctx, t, sealedUpTo, 0), setNumber(ctx, t, sealUpTo, last))
	})
}

// setNumber keeps the value of a setting.
func setNumber(ctx context.Context, t tx, name string, value int64) error {
	return setText(ctx, t, name, strconv.FormatInt(value, 10))
}

func setText(ctx context.Context, t tx, name, value string) error {
	_, err := t.exec(ctx, `
		INSERT INTO settings (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}

// seals returns what tells whether the values of a field are encrypted.
func (t tx) seals(ctx context.Context) (func(form.Field) bool, error) {
	if t.sealer == nil {
		return func(form.Field) bool { return false }, nil
	}
	if t.sealer.sealing == nil {
		s, err := t.sealing(ctx)
		if err != nil {
			return nil, err
		}
		t.sealer.sealing = &s
	}
	s := *t.sealer.sealing
	return func(f form.Field) bool { return s.Seals(f.Personal) }, nil
}
