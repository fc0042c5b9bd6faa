// Package keyfile keeps keys of 32 bytes, each in a file of its own beside the
// database, so that a copy of the database is without them.
package keyfile

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Size is how many bytes a key has.
const Size = 32

// ErrDamaged reports a file that holds no key.
var ErrDamaged = errors.New("it does not hold a key")

// Read returns the key in the file at path. Where there is no file, it makes one if
// that is wanted.
func Read(path string, create bool) ([]byte, error) {
	if create {
		if err := write(path); err != nil {
			return nil, err
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != Size {
		return nil, fmt.Errorf("%s: %w", path, ErrDamaged)
	}
	return key, nil
}

// write makes a key, unless there is one. It is whole once it has its name.
func write(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	key := make([]byte, Size)
	rand.Read(key) // never fails
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	Give(f)
	if _, err := f.WriteString(hex.EncodeToString(key) + "\n"); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) { // another was quicker
		return err
	}
	return flush(filepath.Dir(path))
}

// Give makes a file that root may have made one of the owner of its folder: the
// server, which is not root, could not open it else. Some file systems know no
// owners: what cannot be given away stays.
func Give(f *os.File) {
	if os.Geteuid() != 0 {
		return
	}
	info, err := os.Stat(filepath.Dir(f.Name()))
	if err != nil {
		return
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(owner.Uid), int(owner.Gid))
	}
}

// Match gives the file at path the owner and the mode of another.
func Match(path, other string) error {
	info, err := os.Stat(other)
	if err != nil {
		return err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		if err := os.Chown(path, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	return os.Chmod(path, info.Mode().Perm())
}

// flush brings the names in a folder to the disk.
func flush(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
