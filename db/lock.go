package db

import (
	"errors"
	"os"
	"syscall"

	"github.com/seosik/seosik/internal/keyfile"
)

// claimed ends the name of the file that is locked by who reads documents, as
// long as that lives.
const claimed = ".read"

// lock locks the file called name, which it creates if need be.
func lock(name string, how int) (unlock func() error, err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	keyfile.Give(f)
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil // closing gives the lock back
}
