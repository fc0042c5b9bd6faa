package cli

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/seosik/seosik/internal/blob"
)

// What a release before wrote is encrypted once it is served.
func TestOldBlobsAreEncrypted(t *testing.T) {
	dir := t.TempDir()
	plain, err := blob.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	text := []byte("what is on a form")
	k, err := plain.Put(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	database, blobs, err := dataFlag{Data: dir}.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Close() })
	keeper := keyKeeper{database, blobs, slog.New(slog.DiscardHandler)}
	for range 2 {
		if err := keeper.sealOld(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := blobs.Bytes(t.Context(), k); err != nil || !bytes.Equal(got, text) {
		t.Errorf("Bytes = %q, %v", got, err)
	}
	if s, err := database.Keyring().State(t.Context()); err != nil || s.Sealed != blob.Shards {
		t.Errorf("%+v, %v", s, err)
	}
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, text) {
			t.Errorf("it is in %s as it was", path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
