// Package db keeps users, domains, templates, and what was read and said
// about every page, in SQLite.
//
// Each file holds the statements about one thing. No SQL is written anywhere
// else. One exported method is one act and one transaction. Errors are, or
// wrap, form.ErrNotFound and form.ErrConflict where those apply.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/seosik/seosik/internal/form"
)

// readers is how many statements may read at once.
const readers = 8

// A DB is the database. It is safe for concurrent use, also by several
// processes.
type DB struct {
	// SQLite lets one write at a time. Ours queue for the only connection of
	// the writing pool, in the order they came and without sleeping, and do
	// not keep readers from working: those see what was last committed.
	write, read *sqlx.DB

	path string
	now  func() time.Time // for tests
}

// Open opens the database in the file at path, creating it if need be, and
// brings its schema up to date. It refuses a database that a newer version of
// the program has used.
func Open(ctx context.Context, path string) (_ *DB, err error) {
	defer wrap(&err, "open database %s", path)
	write, err := open(path, "_txlock=immediate") // a transaction that reads first must not fail at its write
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write.DB, path); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read, err := open(path, "_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &DB{write, read, path, time.Now}, nil
}

// open returns a pool. Settings go into the name and not into an Exec: they
// belong to a connection, and a pool opens many.
func open(path, more string) (*sqlx.DB, error) {
	settings := []string{
		"_pragma=busy_timeout(5000)", // before journal_mode, which takes a lock
		"_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)", // what is committed survives a power cut: uploads are acknowledged
		"_pragma=foreign_keys(1)",
		"_dqs=0",        // "colum" is a mistake, not a string
		"_timezone=UTC", // of times that the job queue writes: they are compared as texts, with those of SQLite
		more,
	}
	name := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}).String()
	pool, err := sql.Open("sqlite", name+"?"+strings.Join(settings, "&"))
	if err != nil {
		return nil, err
	}
	return sqlx.NewDb(pool, "sqlite3"), nil
}

// Close closes the database.
func (db *DB) Close() error { return errors.Join(db.read.Close(), db.write.Close()) }

// Pool returns the pool that writes, for the job queue, whose tables live in
// the same file. It has one connection: whoever holds a transaction on it
// must not ask it for another.
func (db *DB) Pool() *sql.DB { return db.write.DB }

// A tx is a transaction whose statements have ? for their arguments, whatever
// the database wants.
type tx struct{ *sqlx.Tx }

func (t tx) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.ExecContext(ctx, t.Rebind(query), args...)
}

// row scans the only row of a query.
func (t tx) row(ctx context.Context, query string, args ...any) func(...any) error {
	return t.QueryRowContext(ctx, t.Rebind(query), args...).Scan
}

// rows calls f for every row of a query, with the function that scans it.
func (t tx) rows(ctx context.Context, f func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := t.QueryContext(ctx, t.Rebind(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// collect returns what scanX makes of every row of a query.
func collect[T any](ctx context.Context, t tx, scanX func(scan func(...any) error) (T, error), query string, args ...any) ([]T, error) {
	var list []T
	err := t.rows(ctx, func(scan func(...any) error) error {
		x, err := scanX(scan)
		list = append(list, x)
		return err
	}, query, args...)
	return list, err
}

// update runs f in a transaction, which it commits if f returns nil.
func (db *DB) update(ctx context.Context, f func(tx) error) error {
	return run(ctx, db.write, nil, f)
}

// view runs f in a transaction that sees one state of the database.
func (db *DB) view(ctx context.Context, f func(tx) error) error {
	return run(ctx, db.read, &sql.TxOptions{ReadOnly: true}, f)
}

func run(ctx context.Context, pool *sqlx.DB, o *sql.TxOptions, f func(tx) error) error {
	t, err := pool.BeginTxx(ctx, o)
	if err != nil {
		return err
	}
	defer t.Rollback() // does nothing after Commit
	if err := f(tx{t}); err != nil {
		return err
	}
	return t.Commit()
}

// wrap puts context before *errp, and turns the driver's words for
// well-known outcomes into the program's. Use it once, deferred, at the top of
// every exported method.
func wrap(errp *error, format string, args ...any) {
	if *errp == nil {
		return
	}
	if errors.Is(*errp, sql.ErrNoRows) {
		*errp = form.ErrNotFound
	}
	if e, ok := errors.AsType[*sqlite.Error](*errp); ok {
		*errp = meaning(e)
	}
	*errp = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), *errp)
}

// meaning returns what an error of the driver means to the program, which for
// a mistake of ours is the error itself.
func meaning(e *sqlite.Error) error {
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return form.ErrConflict
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return form.ErrNotFound
	}
	const primary = 0xff // of a code, the part that says what kind of error it is
	switch e.Code() & primary {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", form.ErrFull, e)
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL:
		return fmt.Errorf("%w: %w", form.ErrStorage, e)
	}
	return e
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// fromNullMillis returns the zero time for NULL.
func fromNullMillis(ms sql.Null[int64]) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return fromMillis(ms.V)
}

// orNull returns v, or NULL for its zero value.
func orNull[T comparable](v T) any {
	if v == *new(T) {
		return nil
	}
	return v
}
