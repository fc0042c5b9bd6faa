package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seosik/seosik/internal/form"
)

var errUndone = errors.New("not kept")

// Writable returns nil where a change could be kept. It keeps none.
func (db *DB) Writable(ctx context.Context) (err error) {
	defer wrap(&err, "write")
	if err := unix.Access(filepath.Dir(db.path), unix.W_OK); err != nil {
		return fmt.Errorf("%w: %w", form.ErrStorage, err)
	}
	err = db.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `UPDATE settings SET value = value WHERE name = ?`, backups)
		return errors.Join(errUndone, err)
	})
	if errors.Is(err, errUndone) && db.meaning(err) == err { //nolint:errorlint // the error itself, or another
		return nil
	}
	return err
}

// Waits are since when the oldest of what waits does; zero where nothing does.
type Waits struct {
	Reading time.Time // to be read
	People  time.Time // for a person, and not set aside
}

// Waits returns since when what waits does, of all domains.
func (db *DB) Waits(ctx context.Context) (w Waits, err error) {
	defer wrap(&err, "what waits")
	err = db.view(ctx, func(t tx) error {
		for _, q := range []struct {
			since *time.Time
			query string
		}{
			{&w.Reading, `SELECT created_at FROM documents WHERE finished_at IS NULL ORDER BY id LIMIT 1`},
			{&w.People, `SELECT created_at FROM documents WHERE id = (
				SELECT min((SELECT document_id FROM queue q WHERE q.lane = c.lane AND q.assigned = c.assigned ORDER BY document_id LIMIT 1))
				FROM (SELECT DISTINCT lane, assigned FROM queue_counts
					WHERE n > 0 AND lane IN ('review', 'second', 'unmatched', 'failed')) c)`},
		} {
			var at int64
			err := t.row(ctx, q.query)(&at)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			*q.since = fromMillis(at)
		}
		return nil
	})
	return w, err
}

// A Condition is how a database is, of which nothing is changed to find out.
type Condition struct {
	Schema  int64 // of the database; 0 where there is none
	Wanted  int64 // of this program
	Bytes   int64
	Backups form.Backups
	Log     form.LogCheck
}

// Look returns how the database at path stands, whether it is served from or not.
func Look(ctx context.Context, path string) (s Condition, err error) {
	defer wrap(&err, "look at database %s", path)
	if s.Wanted, err = lastStep(); err != nil {
		return s, err
	}
	if err := whole(path); err != nil {
		return s, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if s.Bytes, err = sizeOf(path); err != nil {
		return s, err
	}
	d := dialect{}
	pool, err := d.pool(path, "_pragma=query_only(1)")
	if err != nil {
		return s, err
	}
	db := &DB{read: pool, path: path}
	defer func() { err = errors.Join(err, pool.Close()) }()
	if s.Schema, err = schemaOf(ctx, d, pool); err != nil {
		return s, err
	}
	there, err := d.hasTable(ctx, pool, "settings")
	if err != nil || !there {
		return s, err
	}
	if s.Backups, err = db.Backups(ctx); err != nil {
		return s, err
	}
	s.Log, err = db.LogCheck(ctx)
	return s, err
}

// Schema returns the last step of the schema, which a database that is open has.
func (*DB) Schema() (int64, error) { return lastStep() }
