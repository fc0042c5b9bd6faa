package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// Options say how a backup is made.
type Options struct {
	Lock *Lock // nil for none
	Keys bool  // the keys of the data folder are in it
}

// sparedRoom is how much is left free on a disk, besides what a backup takes. Where
// the data are it is what people go on with when nothing is taken in any more.
const sparedRoom = 64 << 20

// Write makes a backup and gives it its name once it is whole, was looked through
// and is on the disk. It is noted as made by who asks, and otherwise as failed.
// Nothing is left where it fails.
func (m *Maker) Write(ctx context.Context, by form.Actor, name string, o Options) (b form.Backup, err error) {
	began := m.Now()
	b, err = m.write(ctx, name, o)
	if err != nil && (ctx.Err() != nil || errors.Is(err, ErrThere)) {
		return b, fmt.Errorf("backup to %s: %w", name, err) // somebody stopped it, or has another name
	}
	if err != nil {
		note := m.DB.BackupFailed(context.WithoutCancel(ctx), form.BackupFailure{At: m.Now(), Why: err.Error()})
		return b, errors.Join(fmt.Errorf("backup to %s: %w", name, err), note)
	}
	b.Took = m.Now().Sub(began)
	return b, m.DB.BackupMade(ctx, by, b)
}

func (m *Maker) write(ctx context.Context, name string, o Options) (b form.Backup, err error) {
	if name, err = filepath.Abs(name); err != nil {
		return b, err
	}
	if err := absent(name); err != nil {
		return b, err
	}
	release, err := m.Blobs.Hold()
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, release()) }()
	dir, drop, err := scratch(m.Data)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, drop()) }()
	w, err := m.gather(ctx, dir, o)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, w.copy.Close()) }()
	if err := m.enough(ctx, filepath.Dir(name), w.manifest); err != nil {
		return b, err
	}
	return w.toFile(ctx, name, o.Lock)
}

// A writer has all that goes into a backup.
type writer struct {
	*Maker
	scratch  string // folder of copies of what changes meanwhile
	database string // path of that of the database
	copy     *db.Copy
	manifest Manifest
	lacking  int64
}

// gather makes the copy of the database, sees that it is sound, and notes what else
// there is. Files of a backup are small, but for that.
func (m *Maker) gather(ctx context.Context, dir string, o Options) (_ *writer, err error) {
	size, err := m.DB.Size()
	if err != nil {
		return nil, err
	}
	spared, err := m.spared(dir)
	if err != nil {
		return nil, err
	}
	// The copy is gone in a while: an office whose disk is low gets its backup as
	// long as the copy does not take what is left when even jobs have to wait.
	if err := roomFor(m.Room, dir, size+max(sparedRoom, spared/2)); err != nil {
		return nil, err
	}
	w := &writer{Maker: m, scratch: dir, database: filepath.Join(dir, databaseName)}
	w.manifest = Manifest{Format: format, Program: Program(), At: m.Now().UTC()}
	if ring := m.DB.Keyring(); ring != nil {
		if w.manifest.Keyring, err = ring.ID(ctx); err != nil {
			return nil, err
		}
	}
	// Before the database: what is signed is in there first, so that the copy has
	// all that these heads speak of.
	if err := copyLines(filepath.Join(m.Data, headsName), filepath.Join(dir, headsName)); err != nil {
		return nil, err
	}
	if err := m.DB.CopyTo(ctx, w.database); err != nil {
		return nil, err
	}
	if w.copy, err = db.OpenCopy(w.database); err != nil {
		return nil, err
	}
	if err := w.look(ctx, o); err != nil {
		return nil, errors.Join(err, w.copy.Close())
	}
	return w, nil
}

func (w *writer) look(ctx context.Context, o Options) (err error) {
	if err := w.copy.Check(ctx); err != nil {
		return err
	}
	if w.manifest.Schema, err = w.copy.Schema(ctx); err != nil {
		return err
	}
	if w.manifest.Blobs, err = w.copy.CountBlobs(ctx); err != nil {
		return err
	}
	names := []string{databaseName, headsName}
	if o.Keys {
		names = append(names, keyFiles...)
	}
	models, err := modelFiles(w.Data)
	if err != nil {
		return err
	}
	for _, name := range append(names, models...) {
		f, err := w.describe(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // an office without saved passwords has no key, and a new one no heads
		}
		if err != nil {
			return err
		}
		w.manifest.Files = append(w.manifest.Files, f)
	}
	return nil
}

// modelFiles returns the files of the models that the office has added.
func modelFiles(data string) (names []string, err error) {
	root := filepath.Join(data, modelsName)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if path == root && errors.Is(err, fs.ErrNotExist) {
			return fs.SkipAll
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(data, path)
		names = append(names, name)
		return err
	})
	slices.Sort(names)
	return names, err
}

// copyLines copies the whole lines of a file that is only added to. Where there is
// no such file it makes none.
func copyLines(from, to string) error {
	text, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(to, text[:bytes.LastIndexByte(text, '\n')+1], 0o600)
}

func (w *writer) path(name string) string {
	if name == databaseName || name == headsName {
		return filepath.Join(w.scratch, name)
	}
	return filepath.Join(w.Data, name)
}

// describe reads a file once, to know it again.
func (w *writer) describe(name string) (File, error) {
	f, err := os.Open(w.path(name))
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	return File{name, n, hexOf(sum)}, err
}

// enough returns ErrRoom where the disk that a backup goes to has no room for it.
func (m *Maker) enough(ctx context.Context, dir string, of Manifest) error {
	need, err := m.spared(dir)
	if err != nil {
		return err
	}
	for _, f := range of.Files {
		need += f.Size
	}
	for info, err := range m.Blobs.All(ctx) { // those that are to be deleted too, which are few
		if err != nil {
			return err
		}
		need += info.Size + tarBlock
	}
	return roomFor(m.Room, dir, need)
}

// tarBlock is what the head of a file takes in a tar.
const tarBlock = 512

// toFile writes a backup, looks through what was written, and gives it its name.
func (w *writer) toFile(ctx context.Context, name string, lock *Lock) (b form.Backup, err error) {
	f, err := begin(name)
	if err != nil {
		return b, err
	}
	defer func() {
		if f != nil { // it has no name yet
			err = errors.Join(err, os.Remove(f.Name()), f.Close())
		}
	}()
	if err := w.seal(ctx, f, lock); err != nil {
		return b, err
	}
	if err := f.Sync(); err != nil {
		return b, err
	}
	info, err := f.Stat()
	if err != nil {
		return b, err
	}
	if err := w.verify(ctx, f, lock); err != nil {
		return b, err
	}
	// While blobs are held no key is destroyed: the keyring has those of this backup.
	if ring := w.DB.Keyring(); ring != nil {
		if err := ring.CopyTo(ctx, KeyringName(name, w.manifest.Keyring)); err != nil {
			return b, err
		}
	}
	if err := absent(name); err != nil { // it may have come meanwhile
		return b, err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return b, err
	}
	done := f
	f = nil
	return form.Backup{
		At: w.manifest.At, File: name, Bytes: info.Size(), Blobs: w.manifest.Blobs, Lacking: w.lacking, Sealed: lock != nil,
		Keys: slices.ContainsFunc(w.manifest.Files, func(f File) bool { return slices.Contains(keyFiles, f.Name) }),
	}, errors.Join(done.Close(), flush(filepath.Dir(name)))
}

func (w *writer) seal(ctx context.Context, f io.Writer, lock *Lock) error {
	buffer := bufio.NewWriterSize(f, 1<<20)
	sealed, err := lock.close(buffer)
	if err != nil {
		return err
	}
	t := tar.NewWriter(sealed)
	if err := w.all(ctx, t); err != nil {
		return err
	}
	return errors.Join(t.Close(), sealed.Close(), buffer.Flush())
}

// all writes all that there is.
func (w *writer) all(ctx context.Context, t *tar.Writer) error {
	manifest, err := json.MarshalIndent(w.manifest, "", "\t")
	if err != nil {
		return err
	}
	if err := w.head(t, manifestName, int64(len(manifest))); err != nil {
		return err
	}
	if _, err := t.Write(manifest); err != nil {
		return err
	}
	for _, f := range w.manifest.Files {
		if err := errors.Join(ctx.Err(), w.file(t, f)); err != nil {
			return err
		}
	}
	for k, err := range w.copy.Blobs(ctx) {
		if err != nil {
			return err
		}
		if err := w.blob(ctx, t, k); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (w *writer) head(t *tar.Writer, name string, size int64) error {
	return t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: w.manifest.At.Truncate(time.Second)})
}

// file writes a file as it was described; one that has changed since fails.
func (w *writer) file(t *tar.Writer, described File) error {
	f, err := os.Open(w.path(described.Name))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := w.head(t, described.Name, described.Size); err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	return err
}

// blob writes a blob. It is read twice: what the disk has altered is not to be
// among what is whole.
func (w *writer) blob(ctx context.Context, t *tar.Writer, k blob.Key) error {
	f, err := w.Blobs.Raw(ctx, k)
	if errors.Is(err, fs.ErrNotExist) {
		return w.lacks(t, k)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if sum, err := w.Blobs.Sum(io.Discard, f, info.Size()); err != nil && ctx.Err() == nil || sum != k {
		return w.lacks(t, k)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := w.head(t, blobName(k), info.Size()); err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	return err
}

// lacks names a blob that the disk has lost.
func (w *writer) lacks(t *tar.Writer, k blob.Key) error {
	w.lacking++
	if err := w.head(t, lackingName(k), 0); err != nil {
		return err
	}
	return t.Flush()
}

// verify looks through all that was written.
func (w *writer) verify(ctx context.Context, f *os.File, lock *Lock) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	plain, err := lock.key().open(f)
	if err != nil {
		return err
	}
	m, lacking, err := read(ctx, plain, verifier{w})
	if err == nil && (lacking != w.lacking || !m.At.Equal(w.manifest.At)) {
		err = damaged("it is not what was written")
	}
	return err
}

// A verifier compares a backup with what it was made of. That of the manifest is
// compared by who reads it.
type verifier struct{ *writer }

func (v verifier) begin(m Manifest) error {
	if !slices.Equal(m.Files, v.manifest.Files) {
		return damaged("it is not what was written")
	}
	return nil
}

func (verifier) file(_ File, r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

func (v verifier) blobs(ctx context.Context) iter.Seq2[blob.Key, error] { return v.copy.Blobs(ctx) }

func (v verifier) blob(_ context.Context, k blob.Key, r io.Reader, size int64) error {
	sum, err := v.Blobs.Sum(io.Discard, r, size)
	if err == nil && sum != k {
		err = blob.ErrCorrupt
	}
	return err
}
