package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/keyfile"
	"github.com/seosik/seosik/internal/vault"
)

// KeyringName is the file of the keyring in the data folder. It is no part of the
// database, so that no copy of that has it: what keys are taken out of it for cannot
// be read in a copy either.
const KeyringName = "keys.db"

var (
	errNoKeyring    = errors.New("the keyring is not there (" + KeyringName + "), and without it nothing that is encrypted can be read: restore a backup into a new folder")
	errOtherKeyring = errors.New("the keyring (" + KeyringName + ") is of another data folder, or of another time")
	errRotating     = errors.New("a server or another command uses the keyring: stop it first")
)

// A Keyring is a [vault.Keyring] in a file of its own.
type Keyring struct {
	dialect
	write, read *sql.DB
	path        string
	unlock      func() error
	full        atomic.Bool // something that was destroyed may be in the log
}

var _ vault.Keyring = (*Keyring)(nil)

// OpenKeyring opens the keyring in the file at path, creating it if need be. Where
// alone is asked for, nobody else has it open meanwhile.
func OpenKeyring(ctx context.Context, path string, alone bool) (_ *Keyring, err error) {
	defer wrap(&err, "open keyring %s", path)
	k := &Keyring{path: path}
	k.full.Store(true) // who had it open before may have died
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	if k.unlock, err = lock(path+".lock", how|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errRotating
		}
		return nil, err
	}
	if err := begin(path); err != nil {
		return nil, errors.Join(err, k.unlock())
	}
	if k.write, k.read, err = k.open(path); err != nil {
		return nil, errors.Join(err, k.unlock())
	}
	if _, err := k.write.ExecContext(ctx, keyringTables); err != nil {
		return nil, errors.Join(err, k.Close())
	}
	return k, nil
}

// begin makes the empty file of a keyring that only its owner can read, unless there
// is one. What lies beside it is then the owner's too, whoever makes that.
func begin(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	keyfile.Give(f)
	return f.Close()
}

// Close closes the keyring.
func (k *Keyring) Close() error { return errors.Join(k.read.Close(), k.write.Close(), k.unlock()) }

func (k *Keyring) update(ctx context.Context, f func(tx) error) error {
	t, err := k.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback() // does nothing after Commit
	if err := f(tx{Tx: t, dialect: k.dialect}); err != nil {
		return err
	}
	return t.Commit()
}

// About is as [vault.Keyring] says.
func (k *Keyring) About(ctx context.Context, name string) (value []byte, err error) {
	defer wrap(&err, "keyring")
	err = k.read.QueryRowContext(ctx, `SELECT value FROM about WHERE name = ?`, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return value, err
}

const setAbout = `INSERT INTO about (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`

// SetAbout is as [vault.Keyring] says.
func (k *Keyring) SetAbout(ctx context.Context, name string, value []byte, once bool) (is []byte, err error) {
	defer wrap(&err, "keyring")
	err = k.update(ctx, func(t tx) error {
		statement := setAbout
		if once {
			statement = `INSERT INTO about (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`
		}
		if _, err := t.exec(ctx, statement, name, value); err != nil {
			return err
		}
		return t.row(ctx, `SELECT value FROM about WHERE name = ?`, name)(&is)
	})
	return is, err
}

// Add is as [vault.Keyring] says.
func (k *Keyring) Add(ctx context.Context, keys []vault.Row) (err error) {
	defer wrap(&err, "keyring")
	return k.update(ctx, func(t tx) error {
		for _, r := range keys {
			if _, err := t.exec(ctx, `INSERT INTO keys (id, wrapped) VALUES (?, ?)`, r.ID[:], r.Wrapped); err != nil {
				return err
			}
		}
		return nil
	})
}

const keyOfStem = `SELECT id, wrapped FROM keys WHERE id BETWEEN ? AND ? AND wrapped <> x'' LIMIT 1`

// Ensure is as [vault.Keyring] says.
func (k *Keyring) Ensure(ctx context.Context, r vault.Row) (is vault.Row, err error) {
	defer wrap(&err, "keyring")
	first, last := r.ID.Stem()
	is, err = scanKey(k.read.QueryRowContext(ctx, keyOfStem, first[:], last[:]).Scan)
	if !errors.Is(err, sql.ErrNoRows) {
		return is, err
	}
	err = k.update(ctx, func(t tx) error {
		is, err = scanKey(t.row(ctx, keyOfStem, first[:], last[:]))
		if errors.Is(err, sql.ErrNoRows) {
			is = r
			_, err = t.exec(ctx, `INSERT INTO keys (id, wrapped) VALUES (?, ?)`, r.ID[:], r.Wrapped)
		}
		return err
	})
	return is, err
}

// Wrapped is as [vault.Keyring] says.
func (k *Keyring) Wrapped(ctx context.Context, id vault.ID) (wrapped []byte, err error) {
	err = k.read.QueryRowContext(ctx, `SELECT wrapped FROM keys WHERE id = ?`, id[:]).Scan(&wrapped)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fs.ErrNotExist
	}
	if err == nil && len(wrapped) == 0 {
		return nil, vault.ErrDestroyed
	}
	wrap(&err, "keyring")
	return wrapped, err
}

// Inherit is as [vault.Keyring] says.
func (k *Keyring) Inherit(ctx context.Context, old, heir vault.ID) (err error) {
	defer wrap(&err, "keyring")
	return k.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `UPDATE keys SET heir = ? WHERE id = ? OR heir = ?`, heir[:], old[:], old[:])
		return err
	})
}

// destroyed is under which name the keyring has how often keys were destroyed.
const destroyed = "destroyed"

// Destroy is as [vault.Keyring] says. Nothing of the keys but their ids is in the log
// then either, unless somebody reads meanwhile: then [Keyring.Tend] sees to it.
func (k *Keyring) Destroy(ctx context.Context, ids []vault.ID) error {
	return k.destroy(ctx, ids, func(id vault.ID) (first, last vault.ID) { return id, id })
}

// DestroyStems is as [vault.Keyring] says.
func (k *Keyring) DestroyStems(ctx context.Context, ids []vault.ID) error {
	return k.destroy(ctx, ids, vault.ID.Stem)
}

func (k *Keyring) destroy(ctx context.Context, ids []vault.ID, which func(vault.ID) (first, last vault.ID)) (err error) {
	defer wrap(&err, "keyring")
	if err := k.update(ctx, func(t tx) error {
		var n int64
		for _, id := range ids {
			first, last := which(id)
			r, err := t.exec(ctx, `
				UPDATE keys SET wrapped = x'', heir = NULL WHERE (id BETWEEN ? AND ? OR heir BETWEEN ? AND ?) AND wrapped <> x''`,
				first[:], last[:], first[:], last[:])
			if err != nil {
				return err
			}
			gone, err := r.RowsAffected()
			if err != nil {
				return err
			}
			n += gone
		}
		if n == 0 {
			return nil
		}
		times, err := timesDestroyed(ctx, t)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, setAbout, destroyed, []byte(fmt.Sprint(times+1)))
		return err
	}); err != nil {
		return err
	}
	return k.empty(ctx)
}

// timesDestroyed returns how often keys were destroyed.
func timesDestroyed(ctx context.Context, t tx) (n int64, err error) {
	err = t.row(ctx, `SELECT coalesce((SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM about WHERE name = ?), 0)`, destroyed)(&n)
	return n, err
}

// empty empties the log, in which keys that were destroyed would stay for a while.
// Nobody waits for those who read: then it is for Tend.
func (k *Keyring) empty(ctx context.Context) error {
	err := k.emptyLog(ctx, k.write)
	k.full.Store(err != nil)
	if errors.Is(err, form.ErrConflict) {
		err = nil
	}
	return err
}

// Tend empties the log where that could not be done before, and reports whether
// nothing of what was destroyed is in it.
func (k *Keyring) Tend(ctx context.Context) (clean bool, err error) {
	defer wrap(&err, "keyring")
	if k.full.Load() {
		err = k.empty(ctx)
	}
	return !k.full.Load(), err
}

// Forget is as [vault.Keyring] says.
func (k *Keyring) Forget(ctx context.Context, ids []vault.ID) (err error) {
	defer wrap(&err, "keyring")
	return k.update(ctx, func(t tx) error {
		for _, id := range ids {
			if _, err := t.exec(ctx, `DELETE FROM keys WHERE id = ?`, id[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

// rewrapped is how many keys are looked at at once when all are replaced.
const rewrapped = 1000

// Rewrap is as [vault.Keyring] says.
func (k *Keyring) Rewrap(ctx context.Context, f func(vault.Row) ([]byte, error), about map[string][]byte) (err error) {
	defer wrap(&err, "keyring")
	if err := k.update(ctx, func(t tx) error {
		set, err := t.prepare(ctx, `UPDATE keys SET wrapped = ? WHERE id = ?`)
		if err != nil {
			return err
		}
		defer set.Close()
		for after := []byte{}; ; {
			rows, err := collect(ctx, t, scanKey, `SELECT id, wrapped FROM keys WHERE id > ? AND wrapped <> x'' ORDER BY id LIMIT ?`, after, rewrapped)
			if err != nil {
				return err
			}
			for _, r := range rows {
				wrapped, err := f(r)
				if err != nil {
					return err
				}
				if _, err := set.ExecContext(ctx, wrapped, r.ID[:]); err != nil {
					return err
				}
				after = r.ID[:]
			}
			if len(rows) < rewrapped {
				break
			}
		}
		for name, value := range about {
			if _, err := t.exec(ctx, setAbout, name, value); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return k.empty(ctx)
}

func scanKey(scan func(...any) error) (r vault.Row, err error) {
	var id []byte
	err = scan(&id, &r.Wrapped)
	copy(r.ID[:], id)
	return r, err
}

// sealedName is under which name the keyring has how many parts of the blobs were
// looked through for those that releases before had left as they were.
const sealedName = "sealed"

// Sealed returns how many parts of the blobs were.
func (k *Keyring) Sealed(ctx context.Context) (parts int, err error) {
	text, err := k.About(ctx, sealedName)
	if err != nil || text == nil {
		return 0, err
	}
	return strconv.Atoi(string(text))
}

// SetSealed notes that so many are.
func (k *Keyring) SetSealed(ctx context.Context, parts int) error {
	_, err := k.SetAbout(ctx, sealedName, []byte(strconv.Itoa(parts)), false)
	return err
}

// sinceName is under which name the keyring has when all was encrypted first.
const sinceName = "sealed since"

// SetSince notes that all is encrypted that is to be, blobs and texts.
func (k *Keyring) SetSince(ctx context.Context) error {
	_, err := k.SetAbout(ctx, sinceName, []byte(strconv.FormatInt(millis(time.Now()), 10)), true)
	return err
}

// Since returns when all was encrypted; the zero time where some is not.
func (k *Keyring) Since(ctx context.Context) (at time.Time, err error) {
	parts, err := k.Sealed(ctx)
	if err != nil || parts < blob.Shards {
		return at, err
	}
	text, err := k.About(ctx, sinceName)
	if err != nil || text == nil {
		return at, err
	}
	ms, err := strconv.ParseInt(string(text), 10, 64)
	return fromMillis(ms), err
}

// Restart makes the keyring one of a restored folder. Its blobs and texts may be of a
// time before they were encrypted, and the copies that it has noted are those of the
// folder that the backup is of, which may be in use.
func (k *Keyring) Restart(ctx context.Context) (err error) {
	defer wrap(&err, "keyring")
	return k.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `DELETE FROM copies`)
		if err == nil {
			_, err = t.exec(ctx, `DELETE FROM about WHERE name IN (?, ?)`, sealedName, sinceName)
		}
		return err
	})
}

// A KeyringCopy is one beside backups.
type KeyringCopy struct {
	Path  string
	At    time.Time
	Stale bool  // it has keys that were destroyed since
	Err   error // why it could not be replaced
}

// A KeyringState is what there is of keys.
type KeyringState struct {
	ID     string
	Keys   int64
	Sealed int // parts of the blobs
	Copies []KeyringCopy
}

// State returns what there is of keys.
func (k *Keyring) State(ctx context.Context) (s KeyringState, err error) {
	defer wrap(&err, "keyring")
	if s.ID, err = k.ID(ctx); err != nil {
		return s, err
	}
	if s.Sealed, err = k.Sealed(ctx); err != nil {
		return s, err
	}
	if s.Copies, err = k.copies(ctx); err != nil {
		return s, err
	}
	return s, k.read.QueryRowContext(ctx, `SELECT count(*) FROM keys WHERE wrapped <> x''`).Scan(&s.Keys)
}

// CopyTo writes a copy of the keyring, which replaces one that is there: that is
// overwritten. It is noted, to be replaced when keys are destroyed.
func (k *Keyring) CopyTo(ctx context.Context, path string) (err error) {
	defer wrap(&err, "copy of the keyring")
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	// One after the other, of all processes: the older of two must not be the last.
	free, err := lock(k.path+".copying", syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, free()) }()
	var times int64
	if err := k.update(ctx, func(t tx) error {
		times, err = timesDestroyed(ctx, t)
		return err
	}); err != nil {
		return err
	}
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := copyTo(ctx, k.read, next); err != nil {
		return err
	}
	f, err := os.Open(next)
	if err != nil {
		return err
	}
	keyfile.Give(f)
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := replace(next, path); err != nil {
		return err
	}
	return k.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `
			INSERT INTO copies (path, at, keys) VALUES (?, ?, ?)
			ON CONFLICT (path) DO UPDATE SET at = excluded.at, keys = excluded.keys`, path, millis(time.Now()), times)
		return err
	})
}

// replace gives the file at from the name of the one at to, which is overwritten.
func replace(from, to string) error {
	old, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		if old != nil {
			err = errors.Join(err, old.Close())
		}
		return err
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	err = errors.Join(dir.Sync(), dir.Close())
	if old == nil {
		return err
	}
	info, e := old.Stat()
	if e == nil {
		_, e = io.CopyN(old, zeros{}, info.Size())
	}
	return errors.Join(err, e, old.Sync(), old.Close())
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func (k *Keyring) copies(ctx context.Context) (list []KeyringCopy, err error) {
	err = k.update(ctx, func(t tx) error {
		times, err := timesDestroyed(ctx, t)
		if err != nil {
			return err
		}
		list, err = collect(ctx, t, func(scan func(...any) error) (c KeyringCopy, err error) {
			var at, keys int64
			err = scan(&c.Path, &at, &keys)
			c.At, c.Stale = fromMillis(at), keys < times
			return c, err
		}, `SELECT path, at, keys FROM copies ORDER BY path`)
		return err
	})
	return list, err
}

// Refresh replaces the copies that have keys that were destroyed since, and returns
// those that could not be.
func (k *Keyring) Refresh(ctx context.Context) (left []KeyringCopy, err error) {
	return k.copyAll(ctx, func(c KeyringCopy) bool { return c.Stale })
}

// CopyAll replaces all copies, and returns those that could not be.
func (k *Keyring) CopyAll(ctx context.Context) (left []KeyringCopy, err error) {
	return k.copyAll(ctx, func(KeyringCopy) bool { return true })
}

func (k *Keyring) copyAll(ctx context.Context, wanted func(KeyringCopy) bool) (left []KeyringCopy, err error) {
	defer wrap(&err, "copies of the keyring")
	all, err := k.copies(ctx)
	for _, c := range all {
		if !wanted(c) {
			continue
		}
		_, err := os.Stat(c.Path) // no copy is made where a disk is not there
		if err == nil {
			err = k.CopyTo(ctx, c.Path)
		}
		if err != nil {
			c.Err = err
			left = append(left, c)
		}
	}
	return left, err
}

// ForgetCopy forgets a copy that is no more, or returns form.ErrNotFound.
func (k *Keyring) ForgetCopy(ctx context.Context, path string) (err error) {
	defer wrap(&err, "copy of the keyring %s", path)
	return k.update(ctx, func(t tx) error {
		r, err := t.exec(ctx, `DELETE FROM copies WHERE path = ?`, path)
		if err != nil {
			return err
		}
		n, err := r.RowsAffected()
		if err == nil && n == 0 {
			err = form.ErrNotFound
		}
		return err
	})
}

// idName is under which name the keyring has its id.
const idName = "id"

// ID returns the id of the keyring, which tells it from all others.
func (k *Keyring) ID(ctx context.Context) (string, error) {
	id := make([]byte, 16)
	rand.Read(id) // never fails
	id, err := k.SetAbout(ctx, idName, id, true)
	return hex.EncodeToString(id), err
}

// keyring is the name of the setting that says which keyring is that of the database.
const keyring = "keyring"

// OpenVault opens the keyring beside the database, by the master key that s has, and
// has it closed with the database. The first time it makes both. Where the database
// had a keyring it never makes another: that would open nothing.
func (db *DB) OpenVault(ctx context.Context, s vault.Source) (v *vault.Vault, err error) {
	return db.openVault(ctx, s, false)
}

// OpenVaultAlone does so where nobody else has the keyring open, until it is closed.
func (db *DB) OpenVaultAlone(ctx context.Context, s vault.Source) (v *vault.Vault, err error) {
	return db.openVault(ctx, s, true)
}

func (db *DB) openVault(ctx context.Context, s vault.Source, alone bool) (*vault.Vault, error) {
	path := filepath.Join(filepath.Dir(db.path), KeyringName)
	var known string
	if err := db.view(ctx, func(t tx) error {
		return t.row(ctx, `SELECT coalesce((SELECT value FROM settings WHERE name = ?), '')`, keyring)(&known)
	}); err != nil {
		return nil, err
	}
	_, err := os.Stat(path)
	absent := errors.Is(err, fs.ErrNotExist)
	if err != nil && !absent {
		return nil, err
	}
	if absent && known != "" {
		return nil, errNoKeyring
	}
	if absent { // a master key that is not there must not leave an empty keyring
		if _, err := s.Read(ctx, true); err != nil {
			return nil, err
		}
	}
	ring, err := OpenKeyring(ctx, path, alone)
	if err != nil {
		return nil, err
	}
	v, err := s.Unlock(ctx, ring, false)
	if err != nil {
		return nil, errors.Join(err, ring.Close())
	}
	if err := db.own(ctx, ring, known); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	if db.tokens, err = v.Tokener(ctx); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	db.vault, db.ring = v, ring
	return v, nil
}

// own sees that a keyring is that of the database.
func (db *DB) own(ctx context.Context, ring *Keyring, known string) error {
	id, err := ring.ID(ctx)
	if err != nil {
		return err
	}
	if known == "" {
		known, err = db.Setting(ctx, keyring, func() string { return id })
	}
	if err == nil && id != known {
		err = errOtherKeyring
	}
	return err
}
