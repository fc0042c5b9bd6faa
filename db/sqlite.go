package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"golang.org/x/text/unicode/norm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/seosik/seosik/internal/form"
)

// A dialect is what SQLite says in its own way: how it is opened, what its
// errors mean, and the words of statements that PostgreSQL does not have, or
// means otherwise. All other statements here are such as both take.
type dialect struct{}

// readers is how many statements may read at once.
const readers = 8

// busyTimeout has statements wait for other processes: ms.
const busyTimeout = `busy_timeout(5000)`

// open returns the pools that write and read the file at path. SQLite lets one
// write at a time: ours queue for the only connection of the writing pool, in the
// order they came and without sleeping.
func (d dialect) open(path string) (write, read *sql.DB, err error) {
	// A transaction that reads first must not fail at its write.
	if write, err = d.pool(path, "_txlock=immediate"); err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	if read, err = d.pool(path, "_pragma=query_only(1)"); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return write, read, nil
}

// pool returns a pool. Settings go into the name and not into an Exec: they
// belong to a connection, and a pool opens many.
func (dialect) pool(path, more string) (*sql.DB, error) {
	settings := []string{
		"_pragma=" + busyTimeout, // before journal_mode, which takes a lock
		"_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)", // what is committed survives a power cut: uploads are acknowledged
		"_pragma=foreign_keys(1)",
		"_pragma=secure_delete(1)", // what is deleted is overwritten: forms are personal data
		"_dqs=0",                   // "colum" is a mistake, not a string
		"_timezone=UTC",            // of times that the job queue writes: they are compared as texts, with those of SQLite
		more,
	}
	return sql.Open("sqlite", fileName(path)+"?"+strings.Join(settings, "&"))
}

func fileName(path string) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}).String()
}

// still returns a pool that reads a file that nobody changes: no log of it, and
// nothing beside it.
func (dialect) still(path string) (*sql.DB, error) {
	return sql.Open("sqlite", fileName(path)+"?immutable=1&mode=ro&_dqs=0")
}

// keyringTables are there from the first release with a keyring on.
const keyringTables = `
	CREATE TABLE IF NOT EXISTS keys (
		id      BLOB PRIMARY KEY,
		wrapped BLOB NOT NULL, -- by the master key; empty once it was destroyed
		heir    BLOB           -- the key that it is destroyed with
	) STRICT, WITHOUT ROWID;
	CREATE INDEX IF NOT EXISTS keys_heir ON keys (heir) WHERE heir IS NOT NULL;
	CREATE TABLE IF NOT EXISTS about (
		name  TEXT PRIMARY KEY,
		value BLOB NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS copies (
		path TEXT PRIMARY KEY,
		at   INTEGER NOT NULL, -- ms since 1970, when it was written
		keys INTEGER NOT NULL  -- how often keys were destroyed before
	) STRICT, WITHOUT ROWID;`

// copyStep is how many pages of the file are copied in one go.
const copyStep = 2048

// copyTo copies what a pool reads into the empty file at path. It is of one moment,
// and is not begun anew when others write, because all of it is one transaction.
func (dialect) copyTo(ctx context.Context, pool *sql.DB, path string) (err error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `BEGIN`); err != nil {
		return err
	}
	defer func() {
		_, back := conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		err = errors.Join(err, back)
	}()
	var n int
	if err := conn.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master`).Scan(&n); err != nil { // the moment
		return err
	}
	return conn.Raw(func(c any) error {
		b, err := c.(interface {
			NewBackup(to string) (*sqlite.Backup, error)
		}).NewBackup(fileName(path))
		if err != nil {
			return err
		}
		more := true
		for more && err == nil {
			if more, err = b.Step(copyStep); err == nil {
				err = ctx.Err()
			}
		}
		return errors.Join(err, b.Finish())
	})
}

// sound returns ErrDamaged where something is wrong with a file.
func (dialect) sound(ctx context.Context, pool *sql.DB) error {
	var first string
	err := pool.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&first)
	if e, ok := errors.AsType[*sqlite.Error](err); ok && (primary(e) == sqlite3.SQLITE_CORRUPT || primary(e) == sqlite3.SQLITE_NOTADB) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err == nil && first != "ok" {
		err = fmt.Errorf("%w: %s", ErrDamaged, first)
	}
	return err
}

// emptyLog writes the log to the database and empties it, or returns
// form.ErrConflict where somebody reads or writes.
func (d dialect) emptyLog(ctx context.Context, pool *sql.DB) (err error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// It would wait for readers and keep others from writing meanwhile.
	if _, err := conn.ExecContext(ctx, `PRAGMA busy_timeout = 0`); err != nil {
		return err
	}
	defer func() {
		_, back := conn.ExecContext(context.WithoutCancel(ctx), `PRAGMA `+busyTimeout)
		err = errors.Join(err, back)
	}()
	var busy bool
	var pages, written int
	err = conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &written)
	if busy || d.passes(err) {
		return form.ErrConflict
	}
	return err
}

// jobs returns the driver of the job queue.
func (dialect) jobs(pool *sql.DB) riverdriver.Driver[*sql.Tx] { return riversqlite.New(pool) }

// steps returns what the migrations are written in.
func (dialect) steps() goose.Dialect { return goose.DialectSQLite3 }

// hasTable reports whether there is a table of that name.
func (dialect) hasTable(ctx context.Context, pool *sql.DB, name string) (there bool, err error) {
	err = pool.QueryRowContext(ctx, `SELECT count(*) > 0 FROM sqlite_master WHERE name = ?`, name).Scan(&there)
	return there, err
}

// hasColumn reports whether a table is there and has a column of that name.
func (dialect) hasColumn(ctx context.Context, pool *sql.DB, table, name string) (there bool, err error) {
	err = pool.QueryRowContext(ctx, `SELECT count(*) > 0 FROM pragma_table_info(?) WHERE name = ?`, table, name).Scan(&there)
	return there, err
}

// bind returns query with its arguments, each a ?, as the database wants them.
func (dialect) bind(query string) string { return query }

// meaning returns what an error of the driver means to the program, which for
// a mistake of ours is the error itself.
func (dialect) meaning(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return form.ErrConflict
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return form.ErrNotFound
	}
	switch primary(e) {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", form.ErrFull, e)
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL:
		return fmt.Errorf("%w: %w", form.ErrStorage, e)
	}
	return e
}

// passes reports whether a transaction that ended with err came to nothing, by
// the doings of others, and may succeed if it is tried again.
func (dialect) passes(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (primary(e) == sqlite3.SQLITE_BUSY || primary(e) == sqlite3.SQLITE_LOCKED)
}

// primary returns the part of an error's code that says of what kind it is.
func primary(e *sqlite.Error) int { return e.Code() & 0xff }

// clock returns the time, in ms since 1970: that of the database, which is the
// same for all machines.
func (dialect) clock() string { return `CAST(unixepoch('subsec') * 1000 AS INTEGER)` }

// jobTime returns the time, as the job queue writes times.
func (dialect) jobTime() string { return `datetime('now', 'subsec')` }

// list returns values as one argument, for oneOf and rows of.
func list[T any](values []T) (string, error) {
	encoded, err := json.Marshal(values)
	return string(encoded), err
}

// oneOf returns the term that column is in a list, which is its argument.
func (dialect) oneOf(column string) string {
	return column + ` IN (SELECT value FROM json_each(?))`
}

// each returns a table n whose column value has what is in a list, its argument.
func (dialect) each() string { return `json_each(?) n` }

// then joins a table on a condition, after what is left of it has been looked
// through: a planner that knows nothing of how much is there may begin at the
// wrong end.
func (dialect) then(table, on string) string { return ` CROSS JOIN ` + table + ` ON ` + on }

// isSealed returns the term that a text, an expression, is encrypted.
func (dialect) isSealed(text string) string { return `coalesce(unicode(` + text + `) = 1, FALSE)` }

// by has a table be looked through by an index.
func (dialect) by(index string) string { return ` INDEXED BY ` + index }

// loose returns a term of which the planner is to believe that it leaves out
// nearly all, so that it uses it or does not: it is never told how much.
func (dialect) loose(term string) string { return `unlikely(` + term + `)` }

// like returns the term that a column, of composed characters, has a part that
// likePattern makes, whether in capitals or not.
func (dialect) like(column string) string { return column + ` LIKE ? ESCAPE '\'` }

// namedQuery selects the documents that nameQuery finds, from one id to another,
// whose name is like a pattern, and at most so many.
func (d dialect) namedQuery(o order) string {
	return `
		SELECT n.rowid FROM document_names n` + d.then(`documents d`, `d.id = n.rowid`) + `
		WHERE n.document_names MATCH ? AND n.rowid BETWEEN ? AND ? AND ` + d.like(`d.name`) + `
		ORDER BY n.rowid` + o.documents() + ` LIMIT ?`
}

// textQuery selects the pages p, with their spots, that what nameQuery and marks
// make finds in an index of texts, from one spot to another, and that hold a
// folded text: at most so many, in order. More tables are joined, with terms.
func (d dialect) textQuery(of textTable, more, terms string, o order) string {
	if terms != `` {
		terms = ` AND ` + terms
	}
	return `
		SELECT p.id, w.rowid AS spot FROM ` + of.words + ` w` + d.then(of.texts+` x`, `x.spot = w.rowid`) + more + `
		WHERE w.` + of.words + ` MATCH ? AND w.rowid BETWEEN ? AND ? AND instr(x.text, ?) > 0` + terms + `
		ORDER BY w.rowid` + o.spots() + ` LIMIT ?`
}

// partLength is how many characters a part of a name has, in the index of
// names.
const partLength = 3

// nameQuery returns what finds, in the index of names, every name that has s
// in it, and others too: of a text longer than a part, only that its parts are
// there counts. No name has control characters, so none may have such an s.
func (dialect) nameQuery(s string) (query string, may bool) {
	runes := []rune(norm.NFC.String(s))
	switch {
	case len(runes) == 0:
		return "", true
	case slices.ContainsFunc(runes, unicode.IsControl):
		return "", false
	case len(runes) < partLength:
		return quoted(runes) + " *", true
	}
	// One part after another, and the last: fewer parts are found faster.
	query = quoted(runes[len(runes)-partLength:])
	for part := range slices.Chunk(runes[:len(runes)-1], partLength) {
		if len(part) == partLength {
			query += " AND " + quoted(part)
		}
	}
	return query, true
}

// maxTextParts are how many parts of a text are looked up; whether it is there is
// seen in the end.
const maxTextParts = 24

// textWords returns what finds, in an index of texts, every one that has s in it,
// which is folded and shorter than a part; for an empty s nothing.
func (dialect) textWords(s string) string {
	if s == "" {
		return ""
	}
	return quoted([]rune(s)) + " *"
}

// textParts returns the parts of a folded text, of which all that have it have all;
// none of one that is shorter than a part. They are all parts, and not only those
// side by side as in names: numbers are made of few that are common each.
func (dialect) textParts(s string) (parts []string) {
	runes := []rune(s)
	for i := 0; i+partLength <= len(runes) && i < maxTextParts; i++ {
		if part := string(runes[i : i+partLength]); !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return parts
}

// partWords returns what finds, in an index of texts, those that have all the parts.
func (dialect) partWords(parts []string) string {
	query := make([]string, len(parts))
	for i, part := range parts {
		query[i] = quoted([]rune(part))
	}
	return strings.Join(query, " AND ")
}

func quoted(part []rune) string { return `"` + strings.ReplaceAll(string(part), `"`, `""`) + `"` }
