package backup

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/vault"
)

func masterOf(data string) vault.Source { return vault.Source{File: filepath.Join(data, MasterName)} }

// sealedHouse returns a house whose blobs are encrypted.
func sealedHouse(t *testing.T, documents int) (h *house, all []blob.Key) {
	t.Helper()
	h = newHouse(t, documents)
	all = keys(t, h.Data)
	v, err := h.DB.OpenVault(t.Context(), masterOf(h.Data))
	if err != nil {
		t.Fatal(err)
	}
	h.store = sealedStore(t, v, h.Data)
	h.Blobs = h.store
	for part := range blob.Shards {
		if _, _, err := h.store.SealOld(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	return h, all
}

func sealedStore(t *testing.T, v *vault.Vault, data string) *blob.Dir {
	t.Helper()
	sealer, err := v.Blobs()
	if err != nil {
		t.Fatal(err)
	}
	s, err := blob.OpenSealed(filepath.Join(data, "blobs"), sealer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// moveIn opens a folder that was restored.
func moveIn(t *testing.T, data string, master vault.Source) *blob.Dir {
	t.Helper()
	h, err := openHouse(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.DB.Close() })
	v, err := h.DB.OpenVault(t.Context(), master)
	if err != nil {
		t.Fatal(err)
	}
	return sealedStore(t, v, data)
}

// The drill with encryption: the backup, the keyring beside it and the master key
// make all of it again, and what lacks is said.
func TestRestoreOfAnEncryptedHouse(t *testing.T) {
	h, all := sealedHouse(t, 5)
	master := masterOf(h.Data)
	for _, tt := range []struct {
		name    string
		o       Options
		key     Key
		secrets Secrets
		without bool // the keyring is not beside it
		want    error
	}{
		{"all", Options{}, nil, Secrets{Master: master}, false, nil},
		{"the master key in it", Options{Lock: passLock(t), Keys: true}, passKey(t, passphrase), Secrets{}, false, nil},
		{"without the keyring", Options{}, nil, Secrets{Master: master}, true, errNoKeyring},
		{"without the master key", Options{}, nil, Secrets{}, false, errNoMaster},
		{"with another master key", Options{}, nil, Secrets{Master: vault.Source{Value: strings.Repeat("12", 32)}}, false, vault.ErrWrongKey},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name, b := h.write(t, tt.o)
			if b.Lacking > 0 || b.Blobs != 5 {
				t.Errorf("Write = %+v", b)
			}
			if tt.without {
				if err := os.Rename(KeyringName(name, ringOf(t, h)), filepath.Join(t.TempDir(), "k")); err != nil {
					t.Fatal(err)
				}
			}
			to := filepath.Join(t.TempDir(), "data")
			r, err := Restore(t.Context(), name, to, tt.key, tt.secrets)
			if !errors.Is(err, tt.want) || r.Gone > 0 {
				t.Fatalf("Restore = %+v, %v", r, err)
			}
			if tt.want != nil {
				if _, err := os.Stat(to); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("something is left: %v", err)
				}
				return
			}
			at := tt.secrets.Master
			if at == (vault.Source{}) {
				at = masterOf(to)
			}
			store := moveIn(t, to, at)
			for _, k := range all {
				if _, err := store.Bytes(t.Context(), k); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func ringOf(t *testing.T, h *house) string {
	t.Helper()
	id, err := h.DB.Keyring().ID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What is destroyed cannot be read out of a backup that was made before.
func TestWhatWasDestroyedIsInNoBackup(t *testing.T) {
	h, all := sealedHouse(t, 3)
	name, _ := h.write(t, Options{})
	if deleted, err := h.store.Delete(t.Context(), all[1], time.Now()); !deleted || err != nil {
		t.Fatal(deleted, err)
	}
	if left, err := h.DB.Keyring().Refresh(t.Context()); len(left) > 0 || err != nil {
		t.Fatalf("Refresh leaves %v, %v", left, err)
	}
	to := filepath.Join(t.TempDir(), "data")
	r, err := Restore(t.Context(), name, to, nil, Secrets{Master: masterOf(h.Data)})
	if err != nil || r.Gone != 1 || r.Lacking != 0 {
		t.Fatalf("Restore = %+v, %v", r, err)
	}
	store := moveIn(t, to, masterOf(h.Data))
	for i, k := range all {
		if _, err := store.Bytes(t.Context(), k); errors.Is(err, os.ErrNotExist) != (i == 1) {
			t.Errorf("blob %d: %v", i, err)
		}
	}
	// A copy that cannot be reached is named, until it can.
	copied := KeyringName(name, ringOf(t, h))
	if err := os.Rename(copied, copied+".away"); err != nil {
		t.Fatal(err)
	}
	if deleted, err := h.store.Delete(t.Context(), all[2], time.Now()); !deleted || err != nil {
		t.Fatal(deleted, err)
	}
	if left, err := h.DB.Keyring().Refresh(t.Context()); len(left) != 1 || left[0].Path != copied || err != nil {
		t.Errorf("Refresh leaves %v, %v", left, err)
	}
	if err := os.Rename(copied+".away", copied); err != nil {
		t.Fatal(err)
	}
	if left, err := h.DB.Keyring().Refresh(t.Context()); len(left) > 0 || err != nil {
		t.Errorf("Refresh leaves %v, %v", left, err)
	}
}

// A server without its keyring must not begin with a new one.
func TestAHouseThatLostItsKeys(t *testing.T) {
	for name, lose := range map[string]func(data string) error{
		"the keyring":    func(data string) error { return os.Remove(filepath.Join(data, "keys.db")) },
		"the master key": func(data string) error { return os.Remove(masterOf(data).File) },
		"that of another": func(data string) error {
			other, _ := sealedHouse(t, 1)
			if err := other.DB.Keyring().CopyTo(t.Context(), filepath.Join(data, "keys.db")); err != nil {
				return err
			}
			text, err := os.ReadFile(masterOf(other.Data).File)
			if err != nil {
				return err
			}
			return os.WriteFile(masterOf(data).File, text, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := sealedHouse(t, 1)
			if err := h.DB.Close(); err != nil {
				t.Fatal(err)
			}
			if err := lose(h.Data); err != nil {
				t.Fatal(err)
			}
			again, err := openHouse(t.Context(), h.Data)
			if err != nil {
				t.Fatal(err)
			}
			defer again.DB.Close()
			if _, err := again.DB.OpenVault(t.Context(), masterOf(h.Data)); err == nil {
				t.Error("it begins")
			} else {
				t.Log(err)
			}
		})
	}
}

// What is done in a drill changes nothing of the house that the backup is of.
func TestADrillLeavesTheKeysOfTheHouse(t *testing.T) {
	h, all := sealedHouse(t, 2)
	if err := h.DB.Keyring().SetSince(t.Context()); err != nil {
		t.Fatal(err)
	}
	name, _ := h.write(t, Options{})
	copied := KeyringName(name, ringOf(t, h))
	if err := h.DB.Keyring().CopyTo(t.Context(), copied); err != nil { // it knows of the first one
		t.Fatal(err)
	}
	before, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "drill")
	if _, err := Restore(t.Context(), name, to, nil, Secrets{Master: masterOf(h.Data)}); err != nil {
		t.Fatal(err)
	}
	drill, err := openHouse(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	defer drill.DB.Close()
	v, err := drill.DB.OpenVault(t.Context(), masterOf(h.Data))
	if err != nil {
		t.Fatal(err)
	}
	ring := drill.DB.Keyring()
	if deleted, err := sealedStore(t, v, to).Delete(t.Context(), all[0], time.Now()); !deleted || err != nil {
		t.Fatal(deleted, err)
	}
	if left, err := ring.CopyAll(t.Context()); len(left) > 0 || err != nil {
		t.Errorf("CopyAll leaves %v, %v", left, err)
	}
	if after, err := os.ReadFile(copied); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the keyring of the house was written over: %v", err)
	}
	if err := ring.SetSealed(t.Context(), blob.Shards); err != nil {
		t.Fatal(err)
	}
	if at, err := ring.Since(t.Context()); err != nil || !at.IsZero() {
		t.Errorf("all is encrypted since %v, %v, before it was looked at", at, err)
	}
}

// A key that a keyring is too old for is told from one that was destroyed.
func TestRestoreWithAnOlderKeyring(t *testing.T) {
	h, all := sealedHouse(t, 3)
	old := filepath.Join(t.TempDir(), "old.db")
	if deleted, err := h.store.Delete(t.Context(), all[0], time.Now()); !deleted || err != nil {
		t.Fatal(deleted, err)
	}
	if err := h.DB.Keyring().CopyTo(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	for range 40 { // more than the keys that are made in one go
		h.handIn(t)
	}
	name, b := h.write(t, Options{})
	if b.Lacking != 1 {
		t.Errorf("Write = %+v", b)
	}
	for keyring, want := range map[string]bool{"": false, old: true} {
		r, err := Restore(t.Context(), name, filepath.Join(t.TempDir(), "data"), nil, Secrets{Keyring: keyring, Master: masterOf(h.Data)})
		if err != nil || r.Gone > 0 || r.Keyless > 0 != want || r.Keyless > 40 {
			t.Errorf("with the keyring %q: %+v, %v", keyring, r, err)
		}
	}
}
