package download

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/seosik/seosik/internal/keyfile"
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
	key, err := keyfile.Read(filepath.Join(m.Data, keyFile), create)
	if errors.Is(err, keyfile.ErrDamaged) {
		err = fmt.Errorf("%w: %w", errPassword, err)
	}
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
