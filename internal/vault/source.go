package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/keyfile"
)

// A Source says where the master key is: in one of these.
type Source struct {
	File    string // with 64 hexadecimal digits
	Value   string // such digits
	Command string // of a shell, which prints them
}

var (
	// ErrNoMaster reports a master key that is not where it should be.
	ErrNoMaster = errors.New("the master key of what is encrypted is not there: put it back, or say where it is by --key-file, --key-command or SEOSIK_KEY")
	errSources  = errors.New("the master key is in a file, in SEOSIK_KEY or printed by a command: name one")
	errNoDigits = fmt.Errorf("the master key must be %d hexadecimal digits", 2*keySize)
)

// Check returns an error unless s names one place.
func (s Source) Check() error {
	n := 0
	for _, of := range []string{s.File, s.Value, s.Command} {
		if of != "" {
			n++
		}
	}
	if n != 1 {
		return errSources
	}
	return nil
}

// patience is how long the command may take.
const patience = 30 * time.Second

// Read returns the master key. Where there is no file, it makes one if that is wanted.
func (s Source) Read(ctx context.Context, create bool) ([]byte, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	switch {
	case s.Value != "":
		return parse(s.Value)
	case s.Command != "":
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		c := exec.CommandContext(ctx, "/bin/sh", "-c", s.Command)
		c.Stderr = os.Stderr
		c.WaitDelay = time.Second // for what the shell began and left behind
		text, err := c.Output()
		if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
			return nil, fmt.Errorf("the command that prints the master key: %w", err)
		}
		return parse(string(text))
	}
	key, err := keyfile.Read(s.File, create)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w (%s)", ErrNoMaster, s.File)
	}
	return key, err
}

// parse never says what it was given.
func parse(text string) ([]byte, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != keySize {
		return nil, errNoDigits
	}
	return key, nil
}

// next is where a new key lies until the keyring is encrypted by it.
func (s Source) next() Source { return Source{File: s.File + ".new"} }

// Unlock opens a keyring by the master key of s. Where a change of that was broken
// off after the keyring was encrypted anew, it is brought to its end.
func (s Source) Unlock(ctx context.Context, ring Keyring, create bool) (*Vault, error) {
	master, err := s.Read(ctx, create)
	if err != nil {
		return nil, err
	}
	v, err := Open(ctx, ring, master)
	if !errors.Is(err, ErrWrongKey) || s.File == "" {
		return v, err
	}
	if master, next := s.next().Read(ctx, false); next == nil {
		if v, next = Open(ctx, ring, master); next == nil {
			return v, s.settle()
		}
	}
	return nil, fmt.Errorf("%s: %w", s.File, err)
}

// Change makes a new master key, encrypts the keyring by it, and puts it in the place
// of the old one.
func (s Source) Change(ctx context.Context, v *Vault) error {
	if s.File == "" {
		return errSources
	}
	master, err := s.next().Read(ctx, true)
	if err != nil {
		return err
	}
	// Who reads the old one must be able to read it. Where that cannot be, all is as before.
	if err := keyfile.Match(s.next().File, s.File); err != nil {
		return err
	}
	if err := v.Rotate(ctx, master); err != nil {
		return err
	}
	return s.settle()
}

// settle gives the new key the name of the old one.
func (s Source) settle() error {
	if err := os.Rename(s.next().File, s.File); err != nil {
		return err
	}
	f, err := os.Open(filepath.Dir(s.File))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
