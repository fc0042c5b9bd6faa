package vault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/vault"
)

// A house is a data folder with a keyring and blobs.
type house struct {
	*blob.Dir
	dir   string
	vault *vault.Vault
	ring  *db.Keyring
}

func source(dir string) vault.Source { return vault.Source{File: filepath.Join(dir, "vault.key")} }

// open opens the keyring of a folder.
func open(t testing.TB, dir string) (*vault.Vault, *db.Keyring, error) {
	t.Helper()
	ring, err := db.OpenKeyring(t.Context(), filepath.Join(dir, db.KeyringName), false)
	if err != nil {
		t.Fatal(err)
	}
	v, err := source(dir).Unlock(t.Context(), ring, true)
	if err != nil {
		return nil, nil, errors.Join(err, ring.Close())
	}
	return v, ring, nil
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{dir: t.TempDir()}
	var err error
	if h.vault, h.ring, err = open(t, h.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.vault.Close() })
	h.Dir = h.store(t)
	return h
}

func (h *house) store(t testing.TB) *blob.Dir {
	t.Helper()
	sealer, err := h.vault.Blobs()
	if err != nil {
		t.Fatal(err)
	}
	s, err := blob.OpenSealed(filepath.Join(h.dir, "blobs"), sealer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *house) path(k blob.Key) string {
	return filepath.Join(h.dir, "blobs", string(k[:2]), string(k))
}

func (h *house) put(t testing.TB, data []byte) blob.Key {
	t.Helper()
	k, err := h.Put(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (h *house) raw(t testing.TB, k blob.Key) []byte {
	t.Helper()
	raw, err := os.ReadFile(h.path(k))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// lay puts bytes in the place of a blob, as somebody may who has the disk.
func (h *house) lay(t testing.TB, k blob.Key, raw []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(h.path(k)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.path(k), raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// remove deletes a blob as one that nobody wants.
func (h *house) remove(t testing.TB, k blob.Key) {
	t.Helper()
	if deleted, err := h.Delete(t.Context(), k, time.Now().Add(time.Hour)); err != nil || !deleted {
		t.Fatalf("Delete = %v, %v", deleted, err)
	}
}

// keys returns how many keys there are that something is encrypted with.
func (h *house) keys(t testing.TB) int64 {
	t.Helper()
	if err := h.vault.Close(); err != nil {
		t.Fatal(err)
	}
	var err error
	if h.vault, h.ring, err = open(t, h.dir); err != nil {
		t.Fatal(err)
	}
	h.Dir = h.store(t)
	s, err := h.ring.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s.Keys
}

// pattern returns so many bytes, of which each part is another.
func pattern(n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(i ^ i>>8 ^ i>>15)
	}
	return data
}

func TestBlobsAreReadAsTheyWereAndLieEncrypted(t *testing.T) {
	h := newHouse(t)
	sealer, err := h.vault.Blobs()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 20, 1<<16 - 1, 1 << 16, 1<<16 + 1, 200_000} {
		data := pattern(n)
		d, err := h.Create()
		if err != nil {
			t.Fatal(err)
		}
		for part := data; len(part) > 0; part = part[min(len(part), 300):] {
			if _, err := d.Write(part[:min(len(part), 300)]); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Bytes(); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes, of a draft: %d, %v", n, len(got), err)
		}
		k, err := d.Keep(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := h.Bytes(t.Context(), k); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes: %d, %v", n, len(got), err)
		}
		if raw := h.raw(t, k); int64(len(raw)) != sealer.Size(int64(n)) || n >= 20 && bytes.Contains(raw, data[:20]) {
			t.Errorf("%d bytes take %d, want %d, and are on the disk as they are: %v", n, len(raw), sealer.Size(int64(n)), bytes.Contains(raw, data))
		}
		f, err := h.Open(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []int{n / 2, 0, n - min(n, 7), n} {
			if _, err := f.Seek(int64(at), io.SeekStart); err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, data[at:]) {
				t.Errorf("%d bytes from %d: %d, %v", n, at, len(got), err)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBytesOfAnotherAreCorrupt(t *testing.T) {
	h := newHouse(t)
	one, other, kept := h.put(t, pattern(100_000)), h.put(t, pattern(99_999)), h.put(t, pattern(99_998))
	whole := h.raw(t, one)
	for name, raw := range map[string][]byte{
		"of another blob":    h.raw(t, other),
		"without the end":    whole[:len(whole)-1],
		"with more":          append(bytes.Clone(whole), 0),
		"without a part":     append(bytes.Clone(whole[:70_000]), whole[70_001:]...),
		"the head only":      whole[:200],
		"with another end":   append(bytes.Clone(whole[:len(whole)-72]), h.raw(t, other)[len(h.raw(t, other))-72:]...),
		"an altered head":    altered(whole, 100),
		"an altered part":    altered(whole, 50_000),
		"an altered last":    altered(whole, len(whole)-80),
		"an altered trailer": altered(whole, len(whole)-10),
	} {
		t.Run(name, func(t *testing.T) {
			h.lay(t, one, raw)
			if _, err := h.Bytes(t.Context(), one); !errors.Is(err, blob.ErrCorrupt) {
				t.Errorf("Bytes = %v, want ErrCorrupt", err)
			}
			f, err := h.Open(t.Context(), one)
			if err == nil {
				_, err = io.Copy(io.Discard, f)
				f.Close()
			}
			if !errors.Is(err, blob.ErrCorrupt) {
				t.Errorf("Open and Read = %v, want ErrCorrupt", err)
			}
			if k, err := h.Sum(io.Discard, bytes.NewReader(raw), int64(len(raw))); err == nil && k == one {
				t.Error("Sum takes it for sound")
			}
		})
	}
	// Stored again it is as it was.
	h.lay(t, one, altered(whole, 50_000))
	d, err := h.Create()
	if err != nil {
		t.Fatal(err)
	}
	_, _ = d.Write(pattern(100_000))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Bytes(t.Context(), one); err != nil {
		t.Errorf("stored again: %v", err)
	}
	// A copy of before is read until the blob is deleted, and never after that.
	if _, err := h.Sum(io.Discard, bytes.NewReader(whole), int64(len(whole))); err != nil {
		t.Errorf("a copy of before: %v", err)
	}
	h.lay(t, kept, h.raw(t, other)) // deleting what lies in the place of another
	h.remove(t, kept)
	h.remove(t, one)
	if _, err := h.Bytes(t.Context(), other); err != nil {
		t.Errorf("the other one: %v", err)
	}
	if _, err := h.Sum(io.Discard, bytes.NewReader(whole), int64(len(whole))); !errors.Is(err, blob.ErrDestroyed) {
		t.Errorf("a copy of before, of what was deleted: %v, want ErrDestroyed", err)
	}
}

func altered(data []byte, at int) []byte {
	data = bytes.Clone(data)
	data[at] ^= 1
	return data
}

func TestNobodyReadsACopyOfWhatWasDeleted(t *testing.T) {
	h := newHouse(t)
	k, kept := h.put(t, pattern(1000)), h.put(t, pattern(999))
	raw := h.raw(t, k)
	h.remove(t, k)
	if n, err := h.Sum(io.Discard, bytes.NewReader(raw), int64(len(raw))); !errors.Is(err, blob.ErrDestroyed) {
		t.Errorf("Sum = %s, %v", n, err)
	}
	if _, err := h.Bytes(t.Context(), kept); err != nil {
		t.Error(err)
	}
	// As where the process died after the key was destroyed: who stores it has it.
	h.lay(t, k, raw)
	if _, err := h.Bytes(t.Context(), k); !errors.Is(err, blob.ErrDestroyed) {
		t.Errorf("Bytes = %v", err)
	}
	h.put(t, pattern(1000))
	if got, err := h.Bytes(t.Context(), k); err != nil || !bytes.Equal(got, pattern(1000)) {
		t.Errorf("stored again: %v", err)
	}
	ring, err := os.ReadFile(filepath.Join(h.dir, db.KeyringName))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(ring, raw[len("age-encryption.org/v1\n-> seosik "):][:16]) {
		t.Error("the keyring still has what was destroyed")
	}
}

func TestEachBlobHasOneKey(t *testing.T) {
	h := newHouse(t)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			for n := range 5 {
				if _, err := h.Put(context.Background(), pattern(n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := h.keys(t); n != 5 {
		t.Errorf("%d keys of 5 blobs", n)
	}
	d, err := h.Create()
	if err != nil {
		t.Fatal(err)
	}
	d.Discard()
	for n := range 5 {
		h.remove(t, blob.KeyOf(pattern(n)))
	}
	if n := h.keys(t); n != 0 {
		t.Errorf("%d keys of none", n)
	}
}

func TestBlobsOfReleasesBeforeAreReadAndThenEncrypted(t *testing.T) {
	h := newHouse(t)
	before := time.Now().Add(-time.Hour).Truncate(time.Second)
	var keys []blob.Key
	for n := range 20 {
		k := blob.KeyOf(pattern(n))
		h.lay(t, k, pattern(n))
		if err := os.Chtimes(h.path(k), before, before); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	lost := blob.KeyOf([]byte("lost"))
	h.lay(t, lost, []byte("last"))
	h.put(t, pattern(3)) // which encrypts it by the way
	sealed, corrupt := 0, 0
	for part := range blob.Shards {
		s, c, err := h.SealOld(t.Context(), part)
		if err != nil {
			t.Fatal(err)
		}
		sealed, corrupt = sealed+s, corrupt+c
	}
	if sealed != 19 || corrupt != 1 {
		t.Errorf("%d were encrypted, %d corrupt", sealed, corrupt)
	}
	for n, k := range keys {
		if got, err := h.Bytes(t.Context(), k); err != nil || !bytes.Equal(got, pattern(n)) {
			t.Errorf("%d bytes: %v", n, err)
		}
		if raw := h.raw(t, k); len(raw) < 200 {
			t.Errorf("%d bytes are not encrypted", n)
		}
		if info, err := os.Stat(h.path(k)); err != nil || n != 3 && !info.ModTime().Equal(before) {
			t.Errorf("%d bytes are of %s, %v", n, info.ModTime(), err)
		}
	}
	if _, err := h.Bytes(t.Context(), lost); !errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("what is not what it was: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(h.dir, "blobs", "drafts", "*", "*")); err != nil || len(left) > 0 {
		t.Errorf("left are %v", left)
	}
}

func TestAnotherMasterKeyOpensNothing(t *testing.T) {
	h := newHouse(t)
	h.put(t, pattern(10))
	if err := os.Remove(source(h.dir).File); err != nil {
		t.Fatal(err)
	}
	if _, _, err := open(t, h.dir); !errors.Is(err, vault.ErrWrongKey) { // it makes another
		t.Errorf("open = %v, want ErrWrongKey", err)
	}
	if _, err := source(t.TempDir()).Read(t.Context(), false); !errors.Is(err, vault.ErrNoMaster) {
		t.Errorf("Read = %v, want ErrNoMaster", err)
	}
}

// Whenever a change of the master key is broken off, all is read after it.
func TestAChangeOfTheMasterKeyThatWasBrokenOff(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*house) error
		made   bool // there is another master key after it
	}{
		{"before", func(h *house) error { return os.WriteFile(source(h.dir).File+".new", next, 0o600) }, false},
		{"after the keyring was encrypted", func(h *house) error {
			if err := os.WriteFile(source(h.dir).File+".new", next, 0o600); err != nil {
				return err
			}
			s := vault.Source{Value: string(next)}
			master, err := s.Read(context.Background(), false)
			if err != nil {
				return err
			}
			return h.vault.Rotate(context.Background(), master)
		}, true},
		{"never", func(h *house) error { return source(h.dir).Change(context.Background(), h.vault) }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			k := h.put(t, pattern(1000))
			old, err := os.ReadFile(source(h.dir).File)
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.change(h); err != nil {
				t.Fatal(err)
			}
			if n := h.keys(t); n != 1 { // opens it anew
				t.Errorf("%d keys", n)
			}
			if got, err := h.Bytes(t.Context(), k); err != nil || !bytes.Equal(got, pattern(1000)) {
				t.Errorf("Bytes = %v", err)
			}
			is, err := os.ReadFile(source(h.dir).File)
			if err != nil || bytes.Equal(is, old) == tt.made {
				t.Errorf("there is another master key: %v, %v", !bytes.Equal(is, old), err)
			}
			if _, err := os.Stat(source(h.dir).File + ".new"); errors.Is(err, fs.ErrNotExist) != tt.made {
				t.Errorf("the next key: %v", err)
			}
			if tt.made {
				if _, err := vault.Open(t.Context(), h.ring, bytes.Repeat([]byte{1}, 32)); !errors.Is(err, vault.ErrWrongKey) {
					t.Errorf("any key opens it: %v", err)
				}
			}
		})
	}
}

var next = []byte("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n")

// Who could read the old key can read the new one, and nobody else.
func TestANewMasterKeyIsOfTheSameOwner(t *testing.T) {
	h := newHouse(t)
	file := source(h.dir).File
	if err := os.Chmod(file, 0o440); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(file, 7, 9); err != nil {
			t.Fatal(err)
		}
	}
	was, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := source(h.dir).Change(t.Context(), h.vault); err != nil {
		t.Fatal(err)
	}
	is, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	a, b := was.Sys().(*syscall.Stat_t), is.Sys().(*syscall.Stat_t)
	if os.SameFile(was, is) || is.Mode() != was.Mode() || a.Uid != b.Uid || a.Gid != b.Gid {
		t.Errorf("it was %v of %d:%d, and is %v of %d:%d", was.Mode(), a.Uid, a.Gid, is.Mode(), b.Uid, b.Gid)
	}
}

// What the command leaves behind keeps nobody waiting.
func TestACommandThatLeavesSomethingBehind(t *testing.T) {
	began := time.Now()
	s := vault.Source{Command: "sleep 20 2>/dev/null & printf %s " + string(next[:64])}
	if key, err := s.Read(t.Context(), false); err != nil || len(key) != 32 || time.Since(began) > 15*time.Second {
		t.Errorf("%d bytes, %v, after %s", len(key), err, time.Since(began))
	}
}

func TestSourcesOfTheMasterKey(t *testing.T) {
	dir := t.TempDir()
	for name, tt := range map[string]struct {
		source vault.Source
		ok     bool
	}{
		"a file":               {vault.Source{File: filepath.Join(dir, "k")}, true},
		"text":                 {vault.Source{Value: string(next)}, true},
		"a command":            {vault.Source{Command: "printf %s " + string(next[:64])}, true},
		"nothing":              {vault.Source{}, false},
		"two":                  {vault.Source{Value: string(next), Command: "true"}, false},
		"a wrong text":         {vault.Source{Value: "secret"}, false},
		"a command that fails": {vault.Source{Command: "exit 3"}, false},
	} {
		key, err := tt.source.Read(t.Context(), true)
		if (err == nil) != tt.ok || tt.ok && len(key) != 32 {
			t.Errorf("%s: %d bytes, %v", name, len(key), err)
		}
		if err != nil && bytes.Contains([]byte(err.Error()), []byte("secret")) {
			t.Errorf("%s: the error says it: %v", name, err)
		}
	}
}

// BenchmarkBytes reads 2 MB, encrypted and as they are.
func BenchmarkBytes(b *testing.B) {
	h := newHouse(b)
	plain, err := blob.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	for _, of := range []struct {
		name  string
		store *blob.Dir
	}{{"encrypted", h.Dir}, {"plain", plain}} {
		k, err := of.store.Put(b.Context(), pattern(2<<20))
		if err != nil {
			b.Fatal(err)
		}
		b.Run("Bytes/"+of.name, func(b *testing.B) {
			b.SetBytes(2 << 20)
			for b.Loop() {
				if _, err := of.store.Bytes(b.Context(), k); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("Open/"+of.name, func(b *testing.B) {
			b.SetBytes(2 << 20)
			for b.Loop() {
				f, err := of.store.Open(b.Context(), k)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, f); err != nil {
					b.Fatal(err)
				}
				f.Close()
			}
		})
		n := 0
		b.Run("Put/"+of.name, func(b *testing.B) {
			for b.Loop() {
				n++
				if _, err := of.store.Put(b.Context(), append(pattern(2<<10), byte(n), byte(n>>8), byte(n>>16))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
