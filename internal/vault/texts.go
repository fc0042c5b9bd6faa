package vault

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// Texts encrypts the texts of one thing, such as a page, under a key that is destroyed
// with it. The same text is encrypted the same each time, so that a database can tell
// whether two of a thing are the same; of two things it cannot. The nonce is a MAC of
// the text, as in SIV (Rogaway and Shrimpton, EUROCRYPT 2006).
type Texts struct {
	id     ID
	box    box
	nonces []byte // key of the nonces
}

// sealed begins a text that is encrypted. No text has it that people type or that
// is read.
const sealed = "\x01"

// encoding writes what is encrypted in one way only.
var encoding = base64.RawURLEncoding.Strict()

// IsSealed reports whether a text is encrypted.
func IsSealed[T string | []byte](text T) bool { return len(text) > 0 && text[0] == sealed[0] }

// textID returns an id for a key of a thing, which has the stem of all of them.
func textID(name string) (id ID) {
	rand.Read(id[:]) // never fails
	sum := sha256.Sum256([]byte("seosik texts of " + name))
	copy(id[:stemSize], sum[:])
	return id
}

// Texts returns what encrypts the texts of a thing, which nothing else is called. Its
// key is made the first time, and where the one of before was destroyed, or is not there.
func (v *Vault) Texts(ctx context.Context, name string) (*Texts, error) {
	r, key := Row{ID: textID(name)}, make([]byte, keySize)
	rand.Read(key) // never fails
	r.Wrapped = v.master.seal(key, r.ID.purpose())
	r, err := v.ring.Ensure(ctx, r)
	if err != nil {
		return nil, err
	}
	return v.texts(r.ID, r.Wrapped)
}

// TextsOf returns what a text was encrypted by, or the error of [Keyring.Wrapped] where
// its key is no more.
func (v *Vault) TextsOf(ctx context.Context, text string) (*Texts, error) {
	id, _, err := parts(text)
	if err != nil {
		return nil, err
	}
	wrapped, err := v.ring.Wrapped(ctx, id)
	if err != nil {
		return nil, err
	}
	return v.texts(id, wrapped)
}

func (v *Vault) texts(id ID, wrapped []byte) (*Texts, error) {
	key, err := v.master.open(wrapped, id.purpose())
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	t := &Texts{id: id}
	of, err := hkdf.Expand(sha256.New, key, "texts", keySize)
	if err != nil {
		return nil, err
	}
	if t.nonces, err = hkdf.Expand(sha256.New, key, "nonces of texts", keySize); err != nil {
		return nil, err
	}
	t.box, err = newBox(of)
	return t, err
}

// DestroyTexts destroys the keys of things.
func (v *Vault) DestroyTexts(ctx context.Context, names []string) error {
	ids := make([]ID, len(names))
	for i, name := range names {
		ids[i] = textID(name)
	}
	return v.ring.DestroyStems(ctx, ids)
}

// IDOf returns the key that a text was encrypted with, to know it again.
func IDOf(text string) (ID, error) {
	id, _, err := parts(text)
	return id, err
}

const forText = "text"

// Seal encrypts a text.
func (t *Texts) Seal(text string) string {
	mac := hmac.New(sha256.New, t.nonces)
	mac.Write([]byte(text))
	nonce := mac.Sum(nil)[:chacha20poly1305.NonceSizeX]
	whole := append(append(make([]byte, 0, len(t.id)+len(text)+overhead), t.id[:]...), nonce...)
	return sealed + encoding.EncodeToString(t.box.aead.Seal(whole, nonce, []byte(text), []byte(forText)))
}

// Open returns a text that t has encrypted, or ErrAltered.
func (t *Texts) Open(text string) (string, error) {
	id, rest, err := parts(text)
	if err != nil || id != t.id {
		return "", ErrAltered
	}
	plain, err := t.box.open(rest, forText)
	return string(plain), err
}

// parts returns the key that a text is encrypted with, and the rest of it.
func parts(text string) (id ID, rest []byte, err error) {
	if !IsSealed(text) || strings.ContainsAny(text, "\r\n") { // which the decoder passes over
		return id, nil, ErrAltered
	}
	whole, err := encoding.DecodeString(text[len(sealed):])
	if err != nil || len(whole) < len(id)+overhead {
		return id, nil, ErrAltered
	}
	copy(id[:], whole)
	return id, whole[len(id):], nil
}

// tokenName is under which name the keyring has the key of tokens.
const tokenName = "tokens"

// A Tokener makes tokens of texts: with its key anybody can tell whether a token is of a
// text, and without it nobody. The index of values has them in the place of texts.
type Tokener struct{ key []byte }

// Tokener returns the one of the keyring.
func (v *Vault) Tokener(ctx context.Context) (*Tokener, error) {
	wrapped, err := v.ring.About(ctx, tokenName)
	if err == nil && wrapped == nil {
		key := make([]byte, keySize)
		rand.Read(key) // never fails
		wrapped, err = v.ring.SetAbout(ctx, tokenName, v.master.seal(key, tokenName), true)
	}
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	key, err := v.master.open(wrapped, tokenName)
	return &Tokener{key}, err
}

// tokenDigits are those of tokens: punctuation, which texts that are looked for are
// without. No part of a token is found by a text then.
const tokenDigits = "#%&()*,-./:;?[]_"

// Token returns the token of a text: 32 characters of punctuation.
func (t *Tokener) Token(text string) string {
	mac := hmac.New(sha256.New, t.key)
	mac.Write([]byte(text))
	token := make([]byte, 0, 32)
	for _, b := range mac.Sum(nil)[:16] {
		token = append(token, tokenDigits[b>>4], tokenDigits[b&15])
	}
	return string(token)
}
