package vault

import (
	"crypto/cipher"
	"crypto/rand"

	"golang.org/x/crypto/chacha20poly1305"
)

// A box encrypts small things: XChaCha20-Poly1305, whose nonces are long enough to be
// drawn (draft-irtf-cfrg-xchacha-03).
type box struct{ aead cipher.AEAD }

func newBox(key []byte) (box, error) {
	aead, err := chacha20poly1305.NewX(key)
	return box{aead}, err
}

// overhead is how many bytes more there are of what is encrypted.
const overhead = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead

// seal encrypts text, and binds it to a purpose.
func (b box) seal(text []byte, purpose string) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSizeX, len(text)+overhead)
	rand.Read(nonce) // never fails
	return b.aead.Seal(nonce, nonce, text, []byte(purpose))
}

// open returns what was encrypted for a purpose, or ErrAltered.
func (b box) open(sealed []byte, purpose string) ([]byte, error) {
	if len(sealed) < overhead {
		return nil, ErrAltered
	}
	text, err := b.aead.Open(nil, sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:], []byte(purpose))
	if err != nil {
		return nil, ErrAltered
	}
	return text, nil
}
