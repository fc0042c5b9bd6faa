package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"strings"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// CopyTo copies the database, as it is at one moment, into a new file. Others read
// and write meanwhile. Where it fails there is no file.
func (db *DB) CopyTo(ctx context.Context, path string) (err error) {
	defer wrap(&err, "copy of the database")
	return copyTo(ctx, db.read, path)
}

// copyTo copies what a pool reads into a new file, which is on the disk then.
func copyTo(ctx context.Context, pool *sql.DB, path string) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	if err := f.Close(); err != nil {
		return err
	}
	return dialect{}.copyTo(ctx, pool, path)
}

// Size returns how many bytes the database and its log take.
func (db *DB) Size() (int64, error) { return sizeOf(db.path) }

func sizeOf(path string) (size int64, err error) {
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		size += info.Size()
	}
	return size, nil
}

// A Copy is a database in a file that nobody changes.
type Copy struct {
	dialect
	pool *sql.DB
}

// OpenCopy opens the file that CopyTo wrote.
func OpenCopy(path string) (*Copy, error) {
	pool, err := dialect{}.still(path)
	if err != nil {
		return nil, err
	}
	return &Copy{pool: pool}, nil
}

// Close closes the file.
func (c *Copy) Close() error { return c.pool.Close() }

// ErrDamaged reports a database in which something is not as it should be.
var ErrDamaged = errors.New("the database is damaged")

// Check looks through all of a copy, and returns ErrDamaged where something is
// wrong with it.
func (c *Copy) Check(ctx context.Context) (err error) {
	defer wrap(&err, "check of the database")
	return c.sound(ctx, c.pool)
}

// Schema returns the last step that was applied to a copy. It refuses one of a
// newer version of the program.
func (c *Copy) Schema(ctx context.Context) (schema int64, err error) {
	defer wrap(&err, "schema")
	if schema, err = schemaOf(ctx, c.dialect, c.pool); err != nil {
		return 0, err
	}
	wanted, err := lastStep()
	if err == nil && schema > wanted {
		err = errNewer
	}
	return schema, err
}

// schemaOf returns the last step that was applied to a database.
func schemaOf(ctx context.Context, d dialect, pool *sql.DB) (schema int64, err error) {
	if there, err := d.hasTable(ctx, pool, "goose_db_version"); err != nil || !there {
		return 0, errors.Join(err, ErrDamaged)
	}
	err = pool.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied <> 0`).Scan(&schema)
	return schema, err
}

// Blobs yields the keys of all blobs that a copy refers to, each once and in
// order. An error ends it.
func (c *Copy) Blobs(ctx context.Context) iter.Seq2[blob.Key, error] {
	return func(yield func(blob.Key, error) bool) {
		err := c.eachKey(ctx, func(k blob.Key) bool { return yield(k, nil) })
		if err != nil {
			yield("", err)
		}
	}
}

func (c *Copy) eachKey(ctx context.Context, f func(blob.Key) bool) (err error) {
	defer wrap(&err, "blobs of the database")
	query, err := c.keysQuery(ctx)
	if err != nil {
		return err
	}
	rows, err := c.pool.QueryContext(ctx, query+` ORDER BY 1`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k blob.Key
		if err := rows.Scan(&k); err != nil {
			return err
		}
		if !f(k) {
			return nil
		}
	}
	return rows.Err()
}

// keysQuery returns the query of all keys of blobs. A copy that a release before
// made lacks some of the columns.
func (c *Copy) keysQuery(ctx context.Context) (string, error) {
	var parts []string
	for _, k := range blobKeys {
		there, err := c.hasColumn(ctx, c.pool, k.table, k.column)
		if err != nil {
			return "", err
		}
		if there {
			parts = append(parts, `SELECT `+k.column+` FROM `+k.table+` WHERE `+k.column+` <> ''`)
		}
	}
	if len(parts) == 0 {
		return "", ErrDamaged
	}
	return strings.Join(parts, ` UNION `), nil
}

// CountBlobs returns how many blobs a copy refers to.
func (c *Copy) CountBlobs(ctx context.Context) (n int64, err error) {
	defer wrap(&err, "blobs of the database")
	query, err := c.keysQuery(ctx)
	if err != nil {
		return 0, err
	}
	err = c.pool.QueryRowContext(ctx, `SELECT count(*) FROM (`+query+`)`).Scan(&n)
	return n, err
}

// What is left of a server that ran when a copy was made, and is not there where
// the copy is used. Everybody logs in anew: sessions that were ended since would
// be good again. Jobs that were at work are taken up when a server starts.
var stale = []struct{ table, statement string }{
	{"settings", `DELETE FROM settings WHERE name = 'session key'`},
	{"ended_sessions", `DELETE FROM ended_sessions`},
	{"sessions", `DELETE FROM sessions`},
	{"leases", `UPDATE leases SET until = 0`},
}

// Freshen makes the file of a copy one that a server may begin with.
func Freshen(ctx context.Context, path string) (err error) {
	defer wrap(&err, "copy of the database")
	d := dialect{}
	pool, err := d.pool(path, "_txlock=immediate")
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, pool.Close()) }()
	for _, f := range stale {
		there, err := d.hasTable(ctx, pool, f.table)
		if err != nil {
			return err
		}
		if there {
			if _, err := pool.ExecContext(ctx, f.statement); err != nil {
				return fmt.Errorf("%s: %w", f.table, err)
			}
		}
	}
	return d.emptyLog(ctx, pool)
}

// backups is the name of the setting that says when the last backup was made.
const backups = "backups"

// Backups returns what became of the last backups.
func (db *DB) Backups(ctx context.Context) (b form.Backups, err error) {
	defer wrap(&err, "backups")
	err = db.view(ctx, func(t tx) error { return loadNoted(ctx, t, backups, &b) })
	return b, err
}

// BackupMade notes that a backup was made.
func (db *DB) BackupMade(ctx context.Context, by form.Actor, made form.Backup) (err error) {
	defer wrap(&err, "note a backup")
	return db.act(ctx, by, "back_up", func(t tx) (subject, error) {
		return subject{kind: "office"}, saveBackups(ctx, t, func(b *form.Backups) {
			b.Last, b.Failed = made, nil
		})
	})
}

// BackupFailed notes that none could be made. The last one stays noted.
func (db *DB) BackupFailed(ctx context.Context, failed form.BackupFailure) (err error) {
	defer wrap(&err, "note a backup")
	return db.update(ctx, func(t tx) error {
		return saveBackups(ctx, t, func(b *form.Backups) { b.Failed = &failed })
	})
}

func saveBackups(ctx context.Context, t tx, change func(*form.Backups)) error {
	var b form.Backups
	if err := loadNoted(ctx, t, backups, &b); err != nil {
		return err
	}
	change(&b)
	return saveNoted(ctx, t, backups, b)
}
