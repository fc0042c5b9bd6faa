// Package blob keeps immutable bytes in files named by their SHA-256.
package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

var (
	// ErrBadKey reports a string that is not the key of a blob.
	ErrBadKey = errors.New("blob: not a key")
	// ErrCorrupt reports a blob whose bytes are not those that were stored: it
	// is the disk's fault, and nobody's who sent them.
	ErrCorrupt = errors.New("blob: the bytes are not those of the key")
)

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
// by several processes. Errors of the system, such as that of a full disk, are
// wrapped in its own.
type Store struct {
	dir  string
	sync func(*os.File) error // (*os.File).Sync, except in tests

	mu     sync.Mutex
	shards map[string]bool // directories of blobs that are known to be on the disk
	drafts *os.File        // the directory of this process's drafts, locked; nil before the first
}

// Open returns the store below dir, which is created if need be. It removes
// what processes that died have left half written.
func Open(dir string) (*Store, error) {
	s := &Store{dir: dir, sync: (*os.File).Sync, shards: make(map[string]bool)}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	if err := s.flush(filepath.Dir(dir)); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	if err := s.sweep(); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	return s, nil
}

func (s *Store) path(k Key) string { return filepath.Join(s.dir, string(k[:2]), string(k)) }

// Put stores data and returns its key. When it returns, data has reached the
// disk, whoever wrote it: a row in the database may name it. Storing the same
// bytes again costs little.
func (s *Store) Put(data []byte) (Key, error) {
	k := KeyOf(data)
	if info, err := os.Stat(s.path(k)); err == nil && info.Size() == int64(len(data)) {
		return k, s.settle(k) // it has its name, but perhaps not yet for ever
	}
	d, err := s.Create()
	if err != nil {
		return "", err
	}
	defer d.Discard()
	_, _ = d.Write(data)
	if err := d.Close(); err != nil {
		return "", err
	}
	return d.Keep()
}

// settle makes the name of a blob durable.
func (s *Store) settle(k Key) (err error) {
	defer wrap(&err)
	if err := s.shard(k); err != nil {
		return err
	}
	return s.flush(filepath.Dir(s.path(k)))
}

// shard makes the directory of k, and sees to it that it is on the disk, also
// where another process made it.
func (s *Store) shard(k Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	dir := filepath.Dir(s.path(k))
	if s.shards[dir] {
		return nil
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := s.flush(s.dir); err != nil {
		return err
	}
	s.shards[dir] = true
	return nil
}

// flush brings what was made in dir, or renamed into it, to the disk.
func (s *Store) flush(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return s.sync(f)
}

// Bytes returns the blob with key k, an error that is fs.ErrNotExist, or
// ErrCorrupt.
func (s *Store) Bytes(k Key) ([]byte, error) {
	if _, err := ParseKey(string(k)); err != nil {
		return nil, fmt.Errorf("%w: %w", err, fs.ErrNotExist)
	}
	data, err := os.ReadFile(s.path(k))
	if err != nil {
		return nil, err
	}
	if KeyOf(data) != k {
		return nil, fmt.Errorf("%w: %s", ErrCorrupt, k)
	}
	return data, nil
}

// Open opens the blob with key k, to be read and closed, or returns an error
// that is fs.ErrNotExist. Whether its bytes are sound is not looked at.
func (s *Store) Open(k Key) (*os.File, error) {
	if _, err := ParseKey(string(k)); err != nil {
		return nil, fmt.Errorf("%w: %w", err, fs.ErrNotExist)
	}
	return os.Open(s.path(k))
}

// Head returns the first bytes of the blob with key k, as [Draft.Head] does.
func (s *Store) Head(k Key) ([]byte, error) {
	f, err := s.Open(k)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, headBytes))
}

// wrap puts context before *errp.
func wrap(errp *error) {
	if *errp != nil {
		*errp = fmt.Errorf("store blob: %w", *errp)
	}
}
