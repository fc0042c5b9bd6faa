// Package password turns passwords into argon2id hashes in the PHC string
// format, and checks them.
package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// MinLength and MaxBytes bound a password that a person chooses.
const (
	MinLength = 10   // characters
	MaxBytes  = 1024 // of UTF-8; more only costs time
)

var (
	// ErrShort reports a password of fewer than MinLength characters.
	ErrShort = errors.New("password: too short")
	// ErrLong reports a password of more than MaxBytes.
	ErrLong = errors.New("password: too long")
	// ErrCommon reports a password that programs try among the first: a word, a name, a
	// row of keys, a date.
	ErrCommon = errors.New("password: too easy to guess")
	// ErrHash reports a string that is not a hash as Hash returns it.
	ErrHash = errors.New("password: not an argon2id hash")
)

// The cost of a hash: the second choice of OWASP's password storage cheat
// sheet for argon2id, 19 MiB and 2 passes, about 30 ms on an office machine.
const (
	memory  = 19 * 1024 // KiB
	passes  = 2
	threads = 1
	saltLen = 16 // bytes
	keyLen  = 32 // bytes
)

// The most that a stored hash may ask for, so that a damaged database cannot
// take all memory.
const (
	maxMemory = 1 << 20 // KiB
	maxPasses = 64
)

// Check reports whether a person may choose password. Names, of the person and of the
// site, count for nothing in it.
func Check(password string, names ...string) error {
	switch {
	case utf8.RuneCountInString(password) < MinLength:
		return ErrShort
	case len(password) > MaxBytes:
		return ErrLong
	case common(password, names):
		return ErrCommon
	}
	return nil
}

// Hash returns the hash of password with a new salt.
func Hash(password string) string {
	salt := make([]byte, saltLen)
	rand.Read(salt) // never fails
	key := argon2.IDKey(normal(password), salt, passes, memory, threads, keyLen)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// Matches reports whether password is the one that hash was made from. It
// takes the same time whether or not it is.
func Matches(hash, password string) (bool, error) {
	p, err := parse(hash)
	if err != nil {
		return false, err
	}
	key := argon2.IDKey(normal(password), p.salt, p.passes, p.memory, p.threads, uint32(len(p.key)))
	return subtle.ConstantTimeCompare(key, p.key) == 1, nil
}

// normal returns the bytes of password in one form, because the same Hangul
// is composed on one keyboard and decomposed on another.
func normal(password string) []byte { return []byte(norm.NFC.String(password)) }

type params struct {
	memory, passes uint32
	threads        uint8
	salt, key      []byte
}

func parse(hash string) (p params, err error) {
	parts := strings.Split(hash, "$") // "", argon2id, v=, m=,t=,p=, salt, key
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, ErrHash
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.threads); err != nil || n != 3 {
		return p, ErrHash
	}
	if p.memory == 0 || p.memory > maxMemory || p.passes == 0 || p.passes > maxPasses || p.threads == 0 {
		return p, ErrHash
	}
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(p.salt) == 0 {
		return p, ErrHash
	}
	p.key, err = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(p.key) < 16 || len(p.key) > math.MaxUint8 {
		return p, ErrHash
	}
	return p, nil
}
