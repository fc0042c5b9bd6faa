package keyfile

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// ErrSealed reports bytes that the key in the file does not open.
var ErrSealed = errors.New("the key in the file is another")

// A Box seals short secrets, which then may lie in the database, by the key in the
// file at Path.
type Box struct{ Path string }

// Seal returns secret as only Open can read it, and only for the same owner. It
// makes the key where there is none.
func (b Box) Seal(secret, owner []byte) ([]byte, error) {
	aead, err := b.aead(true)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, secret, owner), nil
}

// Open returns the secret of an owner that was sealed. Where there is no key file
// the error is fs.ErrNotExist, where it holds no key ErrDamaged, and ErrSealed
// where it holds another.
func (b Box) Open(sealed, owner []byte) ([]byte, error) {
	aead, err := b.aead(false)
	if err != nil {
		return nil, err
	}
	secret, err := aead.Open(nil, nil, sealed, owner)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Path, ErrSealed)
	}
	return secret, nil
}

func (b Box) aead(create bool) (cipher.AEAD, error) {
	key, err := Read(b.Path, create)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
