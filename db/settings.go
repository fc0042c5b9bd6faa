package db

import "context"

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
