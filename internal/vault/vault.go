// Package vault encrypts what is kept of people's forms. Each blob has a key of its
// own, which a keyring keeps, encrypted by the master key: a file, the environment or
// a command has that. Where a key is taken out of the keyring, what it was of cannot
// be read any more, in no copy of it either.
//
// # Format
//
// All keys have 32 bytes. Keys are encrypted by XChaCha20-Poly1305 with a random
// nonce before them, and bound to what they are for. A blob is an age file
// (age-encryption.org/v1), whose one recipient is the key of the blob, and after that
// its SHA-256, encrypted by the same key.
package vault

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

var (
	// ErrWrongKey reports a master key that does not open the keyring.
	ErrWrongKey = errors.New("the master key is another than the one that the keyring was made with")
	// ErrAltered reports something encrypted that is not what was encrypted.
	ErrAltered = errors.New("it was altered, or encrypted with another key")
	// ErrDestroyed reports a key that was destroyed: others that are not there are of a
	// time after the keyring, or were destroyed when it kept no names of such.
	ErrDestroyed = errors.New("the key was destroyed")
)

// keySize is how many bytes a key has.
const keySize = chacha20poly1305.KeySize

// An ID names a key of the keyring. It is never used again, so that what was encrypted
// with a key that is no more is never taken for altered: it is random, but for that the
// ids of keys of texts tell by their stem what they are of.
type ID [16]byte

func (id ID) String() string { return hex.EncodeToString(id[:]) }

// stemSize is how many bytes the stem of an id has.
const stemSize = 12

// Stem returns the first and the last id of those that begin like id.
func (id ID) Stem() (first, last ID) {
	first, last = id, id
	for i := stemSize; i < len(id); i++ {
		first[i], last[i] = 0, 0xff
	}
	return first, last
}

// A Row is a key of the keyring, encrypted by the master key.
type Row struct {
	ID      ID
	Wrapped []byte
}

// A Keyring keeps keys, and what else there is to know of them. Each of its methods is
// on the disk when it returns. It is safe for concurrent use.
type Keyring interface {
	// About returns what was kept under a name: nil for nothing.
	About(ctx context.Context, name string) ([]byte, error)
	// SetAbout keeps something under a name, and returns what is kept there then: what
	// was, where it is to be kept only once.
	SetAbout(ctx context.Context, name string, value []byte, once bool) ([]byte, error)
	// Add adds keys.
	Add(ctx context.Context, keys []Row) error
	// Wrapped returns the key called id, or ErrDestroyed, or an error that is
	// fs.ErrNotExist where the keyring knows of none.
	Wrapped(ctx context.Context, id ID) ([]byte, error)
	// Ensure adds a key unless there is one of its stem, and returns the one that is there.
	Ensure(ctx context.Context, key Row) (Row, error)
	// Inherit has the key called old be destroyed with another.
	Inherit(ctx context.Context, old, heir ID) error
	// Destroy destroys keys, and those that go with them, where they are still there.
	Destroy(ctx context.Context, ids []ID) error
	// DestroyStems does so with all keys of the stems of ids.
	DestroyStems(ctx context.Context, ids []ID) error
	// Forget removes keys with which nothing is encrypted.
	Forget(ctx context.Context, ids []ID) error
	// Rewrap replaces all keys and what is kept under some names, in one transaction.
	Rewrap(ctx context.Context, f func(Row) ([]byte, error), about map[string][]byte) error
	// Close closes the keyring.
	Close() error
}

// A Vault encrypts by the keys of a keyring. It is safe for concurrent use.
type Vault struct {
	ring   Keyring
	master box

	mu    sync.Mutex
	spare []Row    // keys that are on the disk, and that nothing is encrypted with
	plain [][]byte // the same, as they are
	idle  []ID     // keys whose files are gone
}

// checkName is under which name the keyring has what tells the master key.
const checkName = "check"

// checkText is what is encrypted there.
const checkText = "seosik keyring"

// Open returns the Vault of a keyring, which it takes over. A keyring without keys
// gets the master key as its own; with another it returns ErrWrongKey.
func Open(ctx context.Context, ring Keyring, master []byte) (*Vault, error) {
	v := &Vault{ring: ring}
	var err error
	if v.master, err = newBox(master); err != nil {
		return nil, err
	}
	check, err := ring.About(ctx, checkName)
	if err == nil && check == nil {
		check, err = ring.SetAbout(ctx, checkName, v.master.seal([]byte(checkText), checkName), true)
	}
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	if _, err := v.master.open(check, checkName); err != nil {
		return nil, ErrWrongKey
	}
	return v, nil
}

// Close closes the Vault, whose keys that were not used are forgotten.
func (v *Vault) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	idle := v.idle
	for _, r := range v.spare {
		idle = append(idle, r.ID)
	}
	v.spare, v.plain, v.idle = nil, nil, nil
	var err error
	if len(idle) > 0 {
		err = v.ring.Forget(context.Background(), idle)
	}
	return errors.Join(err, v.ring.Close())
}

// batch is how many keys are made in one go, so that not each blob waits for the disk.
const batch = 32

// take returns a key that was never used, and is on the disk.
func (v *Vault) take(ctx context.Context) (id ID, key []byte, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.spare) == 0 {
		if err := v.mint(ctx); err != nil {
			return id, nil, fmt.Errorf("keyring: %w", err)
		}
	}
	last := len(v.spare) - 1
	id, key = v.spare[last].ID, v.plain[last]
	v.spare, v.plain = v.spare[:last], v.plain[:last]
	return id, key, nil
}

func (v *Vault) mint(ctx context.Context) error {
	if len(v.idle) > 0 {
		if err := v.ring.Forget(ctx, v.idle); err != nil {
			return err
		}
		v.idle = nil
	}
	var rows []Row
	var keys [][]byte
	for range batch {
		r, key := Row{}, make([]byte, keySize)
		rand.Read(r.ID[:]) // never fails
		rand.Read(key)
		r.Wrapped = v.master.seal(key, r.ID.purpose())
		rows, keys = append(rows, r), append(keys, key)
	}
	if err := v.ring.Add(ctx, rows); err != nil {
		return err
	}
	v.spare, v.plain = rows, keys
	return nil
}

// purpose is what the key called id is bound to.
func (id ID) purpose() string { return "key " + id.String() }

// key returns the key called id, or the error of [Keyring.Wrapped].
func (v *Vault) key(ctx context.Context, id ID) (box, error) {
	wrapped, err := v.ring.Wrapped(ctx, id)
	if err != nil {
		return box{}, err
	}
	key, err := v.master.open(wrapped, id.purpose())
	if err != nil {
		return box{}, fmt.Errorf("keyring: %w", err)
	}
	return newBox(key)
}

// drop forgets a key whose file is gone, some time.
func (v *Vault) drop(id ID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.idle = append(v.idle, id)
}

// Rotate encrypts all keys by another master key, in one go: whatever dies, one of the
// two opens the keyring.
func (v *Vault) Rotate(ctx context.Context, master []byte) error {
	next, err := newBox(master)
	if err != nil {
		return err
	}
	about := map[string][]byte{checkName: next.seal([]byte(checkText), checkName)}
	tokens, err := v.Tokener(ctx)
	if err != nil {
		return err
	}
	about[tokenName] = next.seal(tokens.key, tokenName)
	err = v.ring.Rewrap(ctx, func(r Row) ([]byte, error) {
		key, err := v.master.open(r.Wrapped, r.ID.purpose())
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", r.ID, err)
		}
		return next.seal(key, r.ID.purpose()), nil
	}, about)
	if err != nil {
		return fmt.Errorf("keyring: %w", err)
	}
	v.master = next
	return nil
}
