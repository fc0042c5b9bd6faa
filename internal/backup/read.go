package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/blob"
)

// mostManifest is how many bytes a manifest may have.
const mostManifest = 1 << 20

// A taker gets what is in a backup, in the order in which it is there.
type taker interface {
	// begin is told what the backup says of itself.
	begin(m Manifest) error
	// file gets a file of the manifest. What it reads was not looked at yet.
	file(f File, r io.Reader) error
	// blobs returns the keys of blobs that there must be, in order. The database
	// was looked at by then, and was what the manifest says.
	blobs(ctx context.Context) iter.Seq2[blob.Key, error]
	// blob gets a blob as it lay on the disk, and returns an error unless its bytes are
	// those of k.
	blob(ctx context.Context, k blob.Key, r io.Reader, size int64) error
}

// A walk goes through a backup.
type walk struct {
	tar     *tar.Reader
	to      taker
	lacking int64
}

// damaged returns ErrDamaged with what is wrong.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// read gives all that is in a backup to a taker, and returns ErrDamaged unless it
// is whole. It returns how many blobs are lacking in it.
func read(ctx context.Context, r io.Reader, to taker) (_ Manifest, lacking int64, err error) {
	w := &walk{tar: tar.NewReader(r), to: to}
	m, err := w.manifest()
	if err != nil {
		return m, 0, err
	}
	if err := to.begin(m); err != nil {
		return m, 0, err
	}
	for _, f := range m.Files {
		if err := errors.Join(ctx.Err(), w.file(f)); err != nil {
			return m, 0, err
		}
	}
	if err := w.blobs(ctx, m.Blobs); err != nil {
		return m, 0, err
	}
	if _, err := w.tar.Next(); err == nil {
		return m, 0, damaged("there is more in it than there should be")
	} else if !errors.Is(err, io.EOF) {
		return m, 0, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	// The end of what is encrypted is not reached before, and says that it is whole.
	if n, err := io.Copy(io.Discard, readsDamaged{r}); err != nil || n > 0 {
		return m, 0, errors.Join(damaged("%d bytes after its end", n), err)
	}
	return m, w.lacking, nil
}

// next goes to the next file of the tar.
func (w *walk) next() (*tar.Header, error) {
	h, err := w.tar.Next()
	if errors.Is(err, io.EOF) {
		return nil, damaged("it ends too early")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if h.Typeflag != tar.TypeReg {
		return nil, damaged("not a file")
	}
	return h, nil
}

func (w *walk) manifest() (m Manifest, err error) {
	h, err := w.next()
	if err != nil {
		return m, err
	}
	if h.Name != manifestName || h.Size > mostManifest {
		return m, damaged("it is no backup")
	}
	if err := json.NewDecoder(w.tar).Decode(&m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if m.Format < 1 || m.Format > format {
		return m, fmt.Errorf("the backup has format %d: a newer version of the program wrote it (%s)", m.Format, m.Program)
	}
	if len(m.Files) == 0 || m.Files[0].Name != databaseName {
		return m, damaged("it has no database")
	}
	for _, f := range m.Files[1:] {
		if !mayBe(f.Name) {
			return m, damaged("it has a file of an unknown name")
		}
	}
	return m, nil
}

// mayBe reports whether a file of that name may be in a backup, besides the
// database.
func mayBe(name string) bool {
	if name == headsName || slices.Contains(keyFiles, name) {
		return true
	}
	return strings.HasPrefix(name, modelsName+"/") && filepath.IsLocal(name) && filepath.Clean(name) == name
}

func (w *walk) file(f File) error {
	h, err := w.next()
	if err != nil {
		return err
	}
	if h.Name != f.Name || h.Size != f.Size {
		return damaged("%s is not where it should be", f.Name)
	}
	sum := sha256.New()
	if err := w.to.file(f, readsDamaged{io.TeeReader(w.tar, sum)}); err != nil {
		return err
	}
	if hexOf(sum) != f.SHA256 {
		return damaged("%s is not what was written", f.Name)
	}
	return nil
}

func hexOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// blobs compares the blobs that there are with those that there must be, one after
// the other.
func (w *walk) blobs(ctx context.Context, n int64) error {
	var seen int64
	for k, err := range w.to.blobs(ctx) {
		if err != nil {
			return err
		}
		if err := w.blob(ctx, k); err != nil {
			return err
		}
		seen++
	}
	if seen != n {
		return damaged("its database names %d pictures and files, and its manifest %d", seen, n)
	}
	return ctx.Err()
}

func (w *walk) blob(ctx context.Context, k blob.Key) error {
	if _, err := blob.ParseKey(string(k)); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	h, err := w.next()
	if err != nil {
		return err
	}
	switch h.Name {
	case blobName(k):
	case lackingName(k):
		w.lacking++
		return nil
	default:
		return damaged("a picture or file is not where it should be")
	}
	err = w.to.blob(ctx, k, readsDamaged{w.tar}, h.Size)
	if errors.Is(err, blob.ErrCorrupt) {
		return damaged("a picture or file is not what was written")
	}
	return err
}

func blobName(k blob.Key) string { return "blobs/" + string(k[:2]) + "/" + string(k) }

func lackingName(k blob.Key) string { return "lacking/" + string(k[:2]) + "/" + string(k) }

// readsDamaged has what cannot be read be damage: of the file, as far as anybody
// can tell.
type readsDamaged struct{ io.Reader }

func (r readsDamaged) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return n, err
}
