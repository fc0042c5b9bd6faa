package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
)

// Setting returns the value of the setting called name. The first time, it
// keeps what initial returns.
func (db *DB) Setting(ctx context.Context, name string, initial func() string) (value string, err error) {
	defer wrap(&err, "setting %s", name)
	err = db.update(ctx, func(t tx) error {
		if _, err := t.exec(ctx, `
			INSERT INTO settings (name, value) VALUES (?, ?)
			ON CONFLICT DO NOTHING`, name, initial()); err != nil {
			return err
		}
		return t.row(ctx, `SELECT value FROM settings WHERE name = ?`, name)(&value)
	})
	return value, err
}

// loadNoted reads what was noted under a name of the settings into v, which stays as
// it is where there is nothing.
func loadNoted(ctx context.Context, t tx, name string, v any) error {
	var text string
	err := t.row(ctx, `SELECT value FROM settings WHERE name = ?`, name)(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), v)
}

// saveNoted notes v under a name of the settings.
func saveNoted(ctx context.Context, t tx, name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return setText(ctx, t, name, string(text))
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
