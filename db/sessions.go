package db

import (
	"context"
	"time"
)

// EndSession keeps that a session was ended, until its cookies are over.
func (db *DB) EndSession(ctx context.Context, id string, over time.Time) (err error) {
	defer wrap(&err, "end session")
	return db.update(ctx, func(t tx) error {
		if _, err := t.exec(ctx, `DELETE FROM ended_sessions WHERE over_at < ?`, millis(db.now())); err != nil {
			return err
		}
		_, err := t.exec(ctx, `
			INSERT INTO ended_sessions (id, over_at) VALUES (?, ?)
			ON CONFLICT DO NOTHING`, id, millis(over))
		return err
	})
}

// SessionEnded reports whether a session was ended.
func (db *DB) SessionEnded(ctx context.Context, id string) (ended bool, err error) {
	defer wrap(&err, "session")
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `SELECT EXISTS (SELECT 1 FROM ended_sessions WHERE id = ?)`, id)(&ended)
	})
	return ended, err
}
