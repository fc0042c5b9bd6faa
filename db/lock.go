package db

import (
	"errors"
	"os"
	"syscall"

	"github.com/seosik/seosik/internal/form"
)

// claimed ends the name of the file that is locked by who reads documents.
const claimed = ".read"

// Claim claims the right to read documents, which one process at a time can
// have, until release is called or the process dies. It returns
// form.ErrConflict where another one has it.
func (db *DB) Claim() (release func() error, err error) {
	defer wrap(&err, "claim the documents")
	release, err = lock(db.path+claimed, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, form.ErrConflict
	}
	return release, err
}

// lock locks the file called name, which it creates if need be.
func lock(name string, how int) (unlock func() error, err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil // closing gives the lock back
}
