package blob

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestPutThenBytes(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{"", "a", "서식"} {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				k, err := s.Put(t.Context(), []byte(data))
				if err != nil || k != KeyOf([]byte(data)) {
					t.Errorf("Put(%q) = %s, %v", data, k, err)
				}
			})
		}
		wg.Wait()
		got, err := s.Bytes(t.Context(), KeyOf([]byte(data)))
		if err != nil || string(got) != data {
			t.Errorf("Bytes = %q, %v, want %q", got, err, data)
		}
	}
	left, err := filepath.Glob(filepath.Join(s.draftsDir(), "*", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files left: %v, %v", left, err)
	}
}

func TestBytesOfUnknownKeys(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, k := range []Key{"", "secret", "../secret", KeyOf([]byte("absent"))} {
		if _, err := s.Bytes(t.Context(), k); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Bytes(%q) = %v, want fs.ErrNotExist", k, err)
		}
	}
}
