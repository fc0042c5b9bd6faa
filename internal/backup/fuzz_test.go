package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"github.com/seosik/seosik/internal/blob"
)

// A wary taker takes nothing, and sees that nothing it is given would lie outside
// of a folder.
type wary struct {
	t   *testing.T
	has []blob.Key
}

func (w wary) begin(m Manifest) error {
	for _, f := range m.Files {
		if !filepath.IsLocal(f.Name) {
			w.t.Errorf("file %q is not in the folder", f.Name)
		}
	}
	return nil
}

func (w wary) file(f File, r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

func (w wary) blobs(context.Context) iter.Seq2[blob.Key, error] {
	return func(yield func(blob.Key, error) bool) {
		for _, k := range w.has {
			if !yield(k, nil) {
				return
			}
		}
	}
}

func (w wary) blob(_ context.Context, _ blob.Key, r io.Reader, _ int64) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// archive returns a backup of a database that is none, and a blob.
func archive(f testing.TB, keys []blob.Key) []byte {
	f.Helper()
	var b bytes.Buffer
	t := tar.NewWriter(&b)
	add := func(name string, data []byte) {
		f.Helper()
		if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data))}); err != nil {
			f.Fatal(err)
		}
		if _, err := t.Write(data); err != nil {
			f.Fatal(err)
		}
	}
	data := []byte("SQLite format 3\x00")
	m, err := json.Marshal(Manifest{Format: format, Files: []File{{Name: databaseName, Size: int64(len(data)), SHA256: sumOf(data)}}, Blobs: int64(len(keys))})
	if err != nil {
		f.Fatal(err)
	}
	add(manifestName, m)
	add(databaseName, data)
	for _, k := range keys {
		add(blobName(k), []byte("blob"))
	}
	if err := t.Close(); err != nil {
		f.Fatal(err)
	}
	return b.Bytes()
}

// FuzzBackup fuzzes what is in a backup, and what is around one that is encrypted.
func FuzzBackup(f *testing.F) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		f.Fatal(err)
	}
	has := []blob.Key{blob.Key(sumOf([]byte("blob")))}
	plain := archive(f, has)
	f.Add(plain)
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, identity.Recipient())
	if err == nil {
		_, err = w.Write(plain)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		f.Fatal(err)
	}
	f.Add(sealed.Bytes())
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := Key{identity}.open(bytes.NewReader(file))
		if err != nil {
			return
		}
		m, lacking, err := read(t.Context(), r, wary{t, has})
		if err == nil && (len(m.Files) == 0 || m.Blobs+lacking < 1) {
			t.Errorf("a backup of %+v is taken for whole", m)
		}
	})
}

func TestTheSeedOfTheFuzzerIsWhole(t *testing.T) {
	has := []blob.Key{blob.Key(sumOf([]byte("blob")))}
	if _, _, err := read(t.Context(), bytes.NewReader(archive(t, has)), wary{t, has}); err != nil {
		t.Error(err)
	}
}
