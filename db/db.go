// Package db keeps users, domains, templates, and what was read and said
// about every page.
//
// Loads take the scope of who asks, or the domain whose things they are: what is
// out of scope is as though it were not there.
//
// Each file holds the statements about one thing; what SQLite says in its own way
// lies in sqlite.go. No SQL is written anywhere else. One exported method is one
// act and one transaction. Errors are, or wrap, form.ErrNotFound and
// form.ErrConflict where those apply.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river/riverdriver"

	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/vault"
)

// A DB is the database. It is safe for concurrent use, also by several
// processes.
type DB struct {
	dialect
	write, read *sql.DB // readers see what was last committed, and wait for no writer

	path     string
	emptied  atomic.Int64 // the last deletion before the log was last emptied
	editions editions     // of templates, as far as tiles need them
	log      accessLog
	vault    *vault.Vault // nil before it was opened
	ring     *Keyring     // that of the vault
	tokens   *vault.Tokener

	now    func() time.Time                     // for tests
	commit func(t *sql.Tx, try int) (err error) // (*sql.Tx).Commit, except in tests
}

// Open opens the database in the file at path, creating it if need be, and
// brings its schema up to date. It refuses a database that a newer version of
// the program has used.
func Open(ctx context.Context, path string) (_ *DB, err error) {
	defer wrap(&err, "open database %s", path)
	db := &DB{path: path, now: time.Now, commit: func(t *sql.Tx, _ int) error { return t.Commit() }}
	if err := whole(path); err != nil {
		return nil, err
	}
	if db.write, db.read, err = db.open(path); err != nil {
		return nil, err
	}
	if err := migrate(ctx, db.write, path, disk.RoomAt); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close closes the database, once all is in the access log that was to be, and its
// vault.
func (db *DB) Close() error {
	db.log.writers.Wait()
	err := errors.Join(db.read.Close(), db.write.Close())
	if db.vault != nil {
		err = errors.Join(err, db.vault.Close())
		db.vault = nil
	}
	return err
}

// Keyring returns the keyring of the vault; nil where there is none.
func (db *DB) Keyring() *Keyring { return db.ring }

// Pool returns the pool that writes. It has one connection: whoever holds a
// transaction on it must not ask it for another.
func (db *DB) Pool() *sql.DB { return db.write }

// Jobs returns the driver of the job queue, whose tables lie in the same
// database. It uses Pool.
func (db *DB) Jobs() riverdriver.Driver[*sql.Tx] { return db.jobs(db.write) }

// A tx is a transaction whose statements have ? for their arguments, whatever
// the database wants. What it reads that is encrypted is opened; see sealer.
type tx struct {
	*sql.Tx
	dialect
	sealer *sealer // nil where nothing is encrypted
}

func (t tx) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.ExecContext(ctx, t.bind(query), args...)
}

// prepare prepares a statement that the caller closes.
func (t tx) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	return t.PrepareContext(ctx, t.bind(query))
}

// row scans the only row of a query.
func (t tx) row(ctx context.Context, query string, args ...any) func(...any) error {
	return t.opening(ctx, t.QueryRowContext(ctx, t.bind(query), args...).Scan)
}

// rows calls f for every row of a query, with the function that scans it.
func (t tx) rows(ctx context.Context, f func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := t.QueryContext(ctx, t.bind(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	scan := t.opening(ctx, rows.Scan)
	for rows.Next() {
		if err := f(scan); err != nil {
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

const (
	tries    = 8                    // of a transaction, at most
	patience = 15 * time.Second     // after which none is tried again
	pause    = 5 * time.Millisecond // before the second try, or up to twice that; each later one is twice as long
)

// errAgain is what a commit of tests fails with that may be tried again.
var errAgain = errors.New("try again")

// update runs f in a transaction, which it commits if f returns nil. Where the
// doings of others bring it to nothing, it is tried again: f may run several
// times, and all that it leaves is of the last one.
func (db *DB) update(ctx context.Context, f func(tx) error) error {
	f, began := guarded(ctx, f), time.Now()
	for try := 0; ; try++ {
		err := db.run(ctx, db.write, nil, f, func(t *sql.Tx) error { return db.commit(t, try) })
		if !db.passes(err) && !errors.Is(err, errAgain) || try == tries-1 || time.Since(began) > patience {
			return err
		}
		select {
		case <-time.After(pause<<try + rand.N(pause<<try)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// view runs f in a transaction that sees one state of the database.
func (db *DB) view(ctx context.Context, f func(tx) error) error {
	return db.run(ctx, db.read, &sql.TxOptions{ReadOnly: true}, f, (*sql.Tx).Commit)
}

func (db *DB) run(ctx context.Context, pool *sql.DB, o *sql.TxOptions, f func(tx) error, commit func(*sql.Tx) error) error {
	t, err := pool.BeginTx(ctx, o)
	if err != nil {
		return err
	}
	defer t.Rollback() // does nothing after Commit
	if err := f(tx{t, db.dialect, db.newSealer()}); err != nil {
		return err
	}
	return commit(t)
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
	*errp = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), dialect{}.meaning(*errp))
}

// seen returns sql.ErrNoRows, as though there were no row, for what is of a
// domain out of scope.
func seen(in form.Scope, domain form.DomainID, err error) error {
	if err == nil && !in.Has(domain) {
		err = sql.ErrNoRows
	}
	return err
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
