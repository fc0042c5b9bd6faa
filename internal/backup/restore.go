package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/internal/vault"
)

// Restored is what was made of a backup.
type Restored struct {
	Manifest
	Lacking int64 // blobs that were lost before the backup was made
	Gone    int64 // blobs whose keys were destroyed since
	Keyless int64 // blobs whose keys the keyring does not have: it is older than the backup
}

// Restore makes the folder dir, which is new or empty, of the backup called name.
// All is looked at before the folder can be used: where that fails, it is as it
// was, and where the process dies, no program takes it for whole. Everybody has to
// log in anew.
func Restore(ctx context.Context, name, dir string, key Key, s Secrets) (_ Restored, err error) {
	return restore(ctx, name, dir, key, s, disk.RoomAt)
}

func restore(ctx context.Context, name, dir string, key Key, s Secrets, room func(string) (disk.Room, error)) (done Restored, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("restore %s: %w", name, err)
		}
	}()
	f, err := os.Open(name)
	if err != nil {
		return done, err
	}
	defer f.Close()
	plain, err := key.open(f)
	if err != nil {
		return done, err
	}
	info, err := f.Stat()
	if err != nil {
		return done, err
	}
	made, err := emptyFolder(dir)
	if err != nil {
		return done, err
	}
	r := &restorer{name: name, dir: dir, database: filepath.Join(dir, databaseName+db.Restoring), secrets: s}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close(), clear(dir, made))
		}
	}()
	if err := roomFor(room, dir, info.Size()+sparedRoom); err != nil {
		return done, err
	}
	if done.Manifest, done.Lacking, err = read(ctx, plain, r); err != nil {
		return done, err
	}
	done.Gone, done.Keyless = r.gone, r.keyless
	return done, r.finish(ctx)
}

// diskOwn is what a file system may have at its root.
const diskOwn = "lost+found"

// emptyFolder sees that dir is an empty folder, and reports whether it made it.
func emptyFolder(dir string) (made bool, err error) {
	err = os.Mkdir(dir, 0o700)
	if err == nil {
		return true, nil
	}
	if !errors.Is(err, os.ErrExist) {
		return false, err
	}
	all, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, e := range all {
		if e.Name() != diskOwn {
			return false, ErrInUse
		}
	}
	return false, nil
}

// clear removes all from a folder that was empty, and the folder where it was made.
func clear(dir string, made bool) error {
	if made {
		return os.RemoveAll(dir)
	}
	all, err := os.ReadDir(dir)
	for _, e := range all {
		if e.Name() != diskOwn {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// A restorer puts what is in a backup into a folder.
type restorer struct {
	name     string // of the backup
	dir      string
	database string // path, until all is whole
	secrets  Secrets
	keyring  string       // which one; empty for none
	vault    *vault.Vault // nil for none
	copy     *db.Copy
	store    *blob.Dir
	gone     int64 // blobs whose keys were destroyed
	keyless  int64 // blobs whose keys are not there
}

// begin makes the file that says that the folder is not whole, before all others.
func (r *restorer) begin(m Manifest) error {
	f, err := os.OpenFile(r.database, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), flush(r.dir)); err != nil {
		return err
	}
	if r.keyring = m.Keyring; r.keyring == "" {
		return nil
	}
	from := r.secrets.Keyring
	if from == "" {
		from = KeyringName(r.name, r.keyring)
	}
	return takeKeyring(from, r.dir)
}

// openStore opens what blobs go into. The key files are there by then.
func (r *restorer) openStore(ctx context.Context) (err error) {
	var sealer blob.Sealer
	if r.keyring != "" {
		if r.vault, err = unlock(ctx, r.dir, r.keyring, r.secrets.Master); err != nil {
			return err
		}
		if sealer, err = r.vault.Blobs(); err != nil {
			return err
		}
	}
	r.store, err = blob.OpenSealed(filepath.Join(r.dir, "blobs"), sealer)
	return err
}

func (r *restorer) file(described File, from io.Reader) error {
	path := filepath.Join(r.dir, filepath.FromSlash(described.Name))
	if described.Name == databaseName {
		path = r.database
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Close())
}

// blobs looks at the database, which is there by then.
func (r *restorer) blobs(ctx context.Context) iter.Seq2[blob.Key, error] {
	return func(yield func(blob.Key, error) bool) {
		if err := r.open(ctx); err != nil {
			yield("", err)
			return
		}
		r.copy.Blobs(ctx)(yield)
	}
}

func (r *restorer) open(ctx context.Context) (err error) {
	if r.copy, err = db.OpenCopy(r.database); err != nil {
		return err
	}
	if err := r.copy.Check(ctx); err != nil {
		return err
	}
	if _, err = r.copy.Schema(ctx); err != nil {
		return err
	}
	return r.openStore(ctx)
}

// blob passes over what nobody can read, because its key is no more or not there.
func (r *restorer) blob(ctx context.Context, k blob.Key, from io.Reader, size int64) error {
	err := r.store.Fill(ctx, k, from, size)
	switch {
	case errors.Is(err, blob.ErrDestroyed):
		r.gone++
	case errors.Is(err, blob.ErrNoKey):
		r.keyless++
	default:
		return err
	}
	return nil
}

func (r *restorer) close() (err error) {
	if r.copy != nil {
		err = r.copy.Close()
		r.copy = nil
	}
	if r.vault != nil {
		err = errors.Join(err, r.vault.Close())
		r.vault = nil
	}
	return err
}

// finish brings all to the disk, and then gives the database its name.
func (r *restorer) finish(ctx context.Context) error {
	if err := r.close(); err != nil {
		return err
	}
	if err := db.Freshen(ctx, r.database); err != nil {
		return err
	}
	if err := r.store.Flush(); err != nil {
		return err
	}
	if err := os.Rename(r.database, filepath.Join(r.dir, databaseName)); err != nil {
		return err
	}
	return flush(r.dir)
}
