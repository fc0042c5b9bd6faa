// Package blob keeps immutable bytes in files named by their SHA-256.
package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrBadKey reports a string that is not the key of a blob.
var ErrBadKey = errors.New("blob: not a key")

// A Key is the SHA-256 of a blob as 64 lower-case hexadecimal digits.
type Key string

// KeyOf returns the key of data.
func KeyOf(data []byte) Key {
	sum := sha256.Sum256(data)
	return Key(hex.EncodeToString(sum[:]))
}

// ParseKey returns s as a key, or ErrBadKey.
func ParseKey(s string) (Key, error) {
	if len(s) != 2*sha256.Size {
		return "", ErrBadKey
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "", ErrBadKey
		}
	}
	return Key(s), nil
}

// A Store keeps blobs below a directory. It is safe for concurrent use, also
// by several processes.
type Store struct{ dir string }

// Open returns the store below dir, which is created if need be.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	return &Store{dir}, nil
}

func (s *Store) path(k Key) string { return filepath.Join(s.dir, string(k[:2]), string(k)) }

// Put stores data and returns its key. When it returns, data has reached the
// disk: a row in the database may name it. Storing the same bytes again costs
// nothing.
func (s *Store) Put(data []byte) (_ Key, err error) {
	k := KeyOf(data)
	path := s.path(k)
	if _, err := os.Stat(path); err == nil {
		return k, nil
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("store blob: %w", err)
		}
	}()
	dir := filepath.Dir(path)
	switch err := os.Mkdir(dir, 0o700); {
	case err == nil:
		if err := syncDir(s.dir); err != nil {
			return "", err
		}
	case !errors.Is(err, fs.ErrExist):
		return "", err
	}
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name()) // gone already if all went well
	if _, err := f.Write(data); err != nil {
		f.Close()
		return "", err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return "", err
	}
	return k, syncDir(dir)
}

// syncDir makes a rename in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Bytes returns the blob with key k, or an error that is fs.ErrNotExist.
func (s *Store) Bytes(k Key) ([]byte, error) {
	if _, err := ParseKey(string(k)); err != nil {
		return nil, fmt.Errorf("%w: %w", err, fs.ErrNotExist)
	}
	return os.ReadFile(s.path(k))
}
