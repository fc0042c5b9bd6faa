package db

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/seosik/seosik/internal/vault"
)

func openRing(t *testing.T) *Keyring {
	t.Helper()
	k, err := OpenKeyring(t.Context(), filepath.Join(t.TempDir(), KeyringName), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

// addKeys adds keys whose ids begin with first and then count.
func (k *Keyring) addKeys(t *testing.T, first byte, n int) (rows []vault.Row) {
	t.Helper()
	for i := range n {
		id := vault.ID{0: first, 15: byte(i)}
		rows = append(rows, vault.Row{ID: id, Wrapped: append([]byte("what is to be destroyed"), id[:]...)})
	}
	if err := k.Add(context.WithoutCancel(t.Context()), rows); err != nil {
		t.Error(err)
	}
	return rows
}

// While somebody reads, what was destroyed is in the log, and Tend says so.
func TestDestroyedKeysLeaveTheLog(t *testing.T) {
	k, ctx := openRing(t), t.Context()
	rows := k.addKeys(t, 1, 1)
	if clean, err := k.Tend(ctx); !clean || err != nil {
		t.Fatalf("Tend = %v, %v", clean, err)
	}
	more := k.addKeys(t, 2, 1)
	reading, err := k.read.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reading.QueryRowContext(ctx, `SELECT count(*) FROM keys`).Scan(&n); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if err := k.Destroy(ctx, []vault.ID{rows[0].ID, more[0].ID}); err != nil {
		t.Fatal(err)
	}
	left := func() bool {
		t.Helper()
		found := false
		for _, end := range []string{"", "-wal"} {
			all, err := os.ReadFile(k.path + end)
			if err != nil {
				t.Fatal(err)
			}
			found = found || bytes.Contains(all, []byte("what is to be destroyed"))
		}
		return found
	}
	if clean, err := k.Tend(ctx); clean || err != nil || !left() {
		t.Errorf("while somebody reads: Tend = %v, %v, left: %v", clean, err, left())
	}
	if err := reading.Rollback(); err != nil {
		t.Fatal(err)
	}
	if clean, err := k.Tend(ctx); !clean || err != nil || left() {
		t.Errorf("then: Tend = %v, %v, left: %v", clean, err, left())
	}
}

// However many make a copy at once, of one place, the last has all keys.
func TestCopiesOfTheKeyringAreMadeOneByOne(t *testing.T) {
	k, ctx := openRing(t), t.Context()
	other, err := OpenKeyring(ctx, k.path, false) // another process
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	path := filepath.Join(t.TempDir(), "copy.db")
	var all sync.WaitGroup
	for i, ring := range []*Keyring{k, other, k, other, k, other} {
		all.Go(func() {
			for n := range 5 {
				ring.addKeys(t, byte(10*i+n), 100)
				if err := ring.CopyTo(context.WithoutCancel(ctx), path); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	copied, err := OpenKeyring(ctx, path, true)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if s, err := copied.State(ctx); err != nil || s.Keys != 3000 {
		t.Errorf("the copy has %d keys, %v", s.Keys, err)
	}
	if left, err := filepath.Glob(path + ".new*"); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// Why a copy could not be replaced is said.
func TestACopyThatCannotBeReplaced(t *testing.T) {
	k, ctx := openRing(t), t.Context()
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := k.CopyTo(ctx, path); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if left, err := k.CopyAll(ctx); err != nil || len(left) != 1 || !errors.Is(left[0].Err, fs.ErrNotExist) {
		t.Errorf("CopyAll leaves %+v, %v", left, err)
	}
}
