package download

import (
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

func (m *Maker) box() keyfile.Box { return keyfile.Box{Path: filepath.Join(m.Data, keyFile)} }

// Seal returns a password as it is kept.
func (m *Maker) Seal(password string) ([]byte, error) {
	sealed, err := m.box().Seal([]byte(password), nil)
	if errors.Is(err, keyfile.ErrDamaged) {
		err = fmt.Errorf("%w: %w", errPassword, err)
	}
	return sealed, err
}

// open returns a password that was kept.
func (m *Maker) open(sealed []byte) (string, error) {
	password, err := m.box().Open(sealed, nil)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, keyfile.ErrDamaged) || errors.Is(err, keyfile.ErrSealed) {
		return "", fmt.Errorf("%w: %w", errPassword, err)
	}
	return string(password), err
}
