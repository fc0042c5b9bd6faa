package backup

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
)

// passphraseWork is what finding the key of a passphrase costs: 2 to this many
// blocks of 1 KiB, which is 64 MiB of memory for a second.
const passphraseWork = 16

// leastPassphrase is how many characters a passphrase has at least.
const leastPassphrase = 12

var (
	errShort = fmt.Errorf("the passphrase of backups has fewer than %d characters", leastPassphrase)
	errBoth  = errors.New("backups are encrypted with a passphrase or for recipients, not both")
)

// A Lock encrypts backups. Its nil leaves them as they are.
type Lock struct {
	recipients []age.Recipient
	reading    age.Identity // by which what was written is looked through; it is in no file
}

// ReadLock returns the Lock of a passphrase, or of a file of recipients, one a
// line (age1…); nil where there is neither.
func ReadLock(passphrase, recipientsFile string) (*Lock, error) {
	switch {
	case passphrase != "" && recipientsFile != "":
		return nil, errBoth
	case passphrase != "":
		return passphraseLock(passphrase, passphraseWork)
	case recipientsFile != "":
		return recipientsLock(recipientsFile)
	}
	return nil, nil //nolint:nilnil // no lock is a lock
}

func passphraseLock(passphrase string, work int) (*Lock, error) {
	if len([]rune(passphrase)) < leastPassphrase {
		return nil, errShort
	}
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	r.SetWorkFactor(work)
	i, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	return &Lock{[]age.Recipient{r}, i}, nil
}

// recipientsLock encrypts for the recipients of a file, and for one that is
// nowhere but in this process: who only has recipients could not look through what
// was written.
func recipientsLock(file string) (*Lock, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	recipients, err := age.ParseRecipients(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	own, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	return &Lock{append(recipients, own.Recipient()), own}, nil
}

// A Key opens backups. Its nil opens those that are not encrypted.
type Key []age.Identity

// ReadKey returns the Key of a passphrase, or of a file of identities
// (AGE-SECRET-KEY-1…); nil where there is neither.
func ReadKey(passphrase, identityFile string) (Key, error) {
	switch {
	case passphrase != "" && identityFile != "":
		return nil, errBoth
	case passphrase != "":
		i, err := age.NewScryptIdentity(passphrase)
		return Key{i}, err
	case identityFile != "":
		text, err := os.ReadFile(identityFile)
		if err != nil {
			return nil, err
		}
		identities, err := age.ParseIdentities(bytes.NewReader(text))
		if err != nil { // which says nothing of what is in it
			return nil, fmt.Errorf("%s: it holds no identity", identityFile)
		}
		return identities, nil
	}
	return nil, nil
}

// ReadPassphrase returns the first line of a file.
func ReadPassphrase(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return "", fmt.Errorf("%s: its first line is empty", file)
	}
	return line, nil
}

// close returns what encrypts what is written to w.
func (l *Lock) close(w io.Writer) (io.WriteCloser, error) {
	if l == nil {
		return nopCloser{w}, nil
	}
	return age.Encrypt(w, l.recipients...)
}

// key opens what l closes.
func (l *Lock) key() Key {
	if l == nil {
		return nil
	}
	return Key{l.reading}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// ageIntro begins a file that age has encrypted.
const ageIntro = "age-encryption.org/"

// open returns what is in the file r.
func (k Key) open(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	intro, err := b.Peek(len(ageIntro))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(intro) != ageIntro {
		return b, nil
	}
	if len(k) == 0 {
		return nil, ErrLocked
	}
	plain, err := age.Decrypt(b, k...)
	if none := new(age.NoIdentityMatchError); errors.As(err, &none) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return plain, nil
}
