package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

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

// Since when all is encrypted is not said while something is not.
func TestSinceWhenAllIsEncrypted(t *testing.T) {
	dir := t.TempDir()
	database, blobs, err := dataFlag{Data: dir}.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Close() })
	keeper := keyKeeper{database, blobs, slog.New(slog.DiscardHandler)}
	broken := filepath.Join(dir, "blobs", "07")
	if err := os.WriteFile(broken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := keeper.sealAll(t.Context()); err == nil {
		t.Error("a folder that is none is passed over")
	}
	if err := database.Keyring().SetSealed(t.Context(), blob.Shards); err != nil { // as a later start does
		t.Fatal(err)
	}
	if at, err := database.Keyring().Since(t.Context()); err != nil || !at.IsZero() {
		t.Errorf("it was said that all is since %v, %v", at, err)
	}
	if err := errors.Join(os.Remove(broken), keeper.sealAll(t.Context())); err != nil {
		t.Fatal(err)
	}
	if at, err := database.Keyring().Since(t.Context()); err != nil || at.IsZero() {
		t.Errorf("all is encrypted since %v, %v", at, err)
	}
}

// Keys are looked after while what releases before wrote is encrypted.
func TestKeysAreLookedAfterMeanwhile(t *testing.T) {
	dir := t.TempDir()
	database, blobs, err := dataFlag{Data: dir}.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Close() })
	plain, err := blob.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range 1000 { // which takes a while: each is brought to the disk
		if _, err := plain.Put(t.Context(), []byte{byte(n), byte(n >> 8)}); err != nil {
			t.Fatal(err)
		}
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := database.Keyring().CopyTo(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if _, err := database.Keyring().SetAbout(t.Context(), "destroyed", []byte("1"), false); err != nil {
		t.Fatal(err)
	}
	end := inBackground(t.Context(), keyKeeper{database, blobs, slog.New(slog.DiscardHandler)}.run)
	defer end()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		s, err := database.Keyring().State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s.Sealed == blob.Shards || time.Now().After(deadline) {
			t.Fatal("the copy was not replaced meanwhile")
		}
		if !s.Copies[0].Stale {
			return
		}
	}
}
