package keyfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestBox(t *testing.T) {
	b := Box{Path: filepath.Join(t.TempDir(), "x.key")}
	if _, err := b.Open([]byte("0123456789012345678901234567890123456789"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a key: %v, want fs.ErrNotExist", err)
	}
	sealed, err := b.Seal([]byte("secret"), []byte("1"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.Open(sealed, []byte("1")); err != nil || string(got) != "secret" {
		t.Errorf("Open = %q, %v, want secret", got, err)
	}
	for name, try := range map[string]func() ([]byte, error){
		"another owner": func() ([]byte, error) { return b.Open(sealed, []byte("2")) },
		"cut":           func() ([]byte, error) { return b.Open(sealed[:10], []byte("1")) },
		"nothing":       func() ([]byte, error) { return b.Open(nil, []byte("1")) },
	} {
		if _, err := try(); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v, want ErrSealed", name, err)
		}
	}
	if info, err := os.Stat(b.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v, want -rw-------", info.Mode(), err)
	}
}
