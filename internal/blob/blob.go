// Package blob keeps immutable bytes under their SHA-256.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"
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

// A Store keeps blobs. It is safe for concurrent use, also by several processes.
// Errors of what lies below it, such as that of a full disk, are wrapped in its
// own.
type Store interface {
	// Create begins a blob, on this machine. What is written is nobody's until it
	// is kept: it is gone if the process dies.
	Create() (*Draft, error)
	// Put stores data and returns its key. When it returns, data is safe, whoever
	// wrote it: a row in the database may name it. Storing the same bytes again
	// costs little, and dates them anew.
	Put(ctx context.Context, data []byte) (Key, error)
	// Bytes returns the blob with key k, an error that is fs.ErrNotExist, or
	// ErrCorrupt.
	Bytes(ctx context.Context, k Key) ([]byte, error)
	// Open opens the blob with key k, to be read and closed, or returns an error
	// that is fs.ErrNotExist. Whether its bytes are sound is not looked at.
	Open(ctx context.Context, k Key) (io.ReadSeekCloser, error)
	// All yields the blobs there are, by key. An error ends it. What is stored or
	// deleted meanwhile comes or does not.
	All(ctx context.Context) iter.Seq2[Info, error]
	// Delete deletes the blob with key k if it was last stored before then, and
	// reports whether it did. Whoever has stored it since, and is about to name
	// it, loses nothing. As long as somebody holds the store it deletes none.
	Delete(ctx context.Context, k Key, before time.Time) (deleted bool, err error)
	// Raw opens what lies on the disk of the blob with key k, encrypted or not, to be
	// copied as it is. Its errors are those of Open.
	Raw(ctx context.Context, k Key) (*os.File, error)
	// Sum copies what lay on some disk of a blob, size bytes of r, encrypted or not, and
	// returns the key of what it is, which who asks compares with what it should be. It
	// is ErrNoKey where nobody can read it; to has it all the same.
	Sum(to io.Writer, r io.Reader, size int64) (Key, error)
	// Hold has no blob be deleted, by any process, until release is called or this
	// process dies: for who copies them all.
	Hold() (release func() error, err error)
}

// Info is what is known of a blob without its bytes.
type Info struct {
	Key    Key
	Size   int64     // bytes on the disk
	Stored time.Time // when it was last
}

// Head returns the first bytes of the blob with key k, as [Draft.Head] does.
func Head(ctx context.Context, s Store, k Key) ([]byte, error) {
	f, err := s.Open(ctx, k)
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
