package download

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Passwords of files that are made by themselves must be kept, and cannot be kept
// as hashes. They lie in the database encrypted, and the key to them beside it, in
// a file that is in no copy of the database.

var errPassword = errors.New("the password of the file cannot be read: export.key is missing or another")

const keyFile = "export.key"

// Seal returns a password as it is kept.
func (m *Maker) Seal(password string) ([]byte, error) {
	box, err := m.box(true)
	if err != nil {
		return nil, err
	}
	return box.Seal(nil, nil, []byte(password), nil), nil
}

// open returns a password that was kept.
func (m *Maker) open(sealed []byte) (string, error) {
	box, err := m.box(false)
	if errors.Is(err, fs.ErrNotExist) || len(sealed) == 0 {
		return "", errPassword
	}
	if err != nil {
		return "", err
	}
	password, err := box.Open(nil, nil, sealed, nil)
	if err != nil {
		return "", errPassword
	}
	return string(password), nil
}

// box returns what encrypts passwords; it makes the key where there is none and
// that is wanted.
func (m *Maker) box(create bool) (cipher.AEAD, error) {
	path := filepath.Join(m.Data, keyFile)
	if create {
		if err := makeKey(path); err != nil {
			return nil, err
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s: %w", path, errPassword)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// makeKey makes the key, unless there is one. It is whole once it has its name.
func makeKey(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	key := make([]byte, 32)
	rand.Read(key) // never fails
	f, err := os.CreateTemp(filepath.Dir(path), keyFile)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.WriteString(hex.EncodeToString(key) + "\n"); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) { // another was quicker
		return err
	}
	return nil
}
