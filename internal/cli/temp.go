package cli

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// tempDir returns a folder for what this process puts on the disk for a while:
// files that people sent. It lies in the data folder, which is its owner's
// alone. What processes have left that were killed is removed before; remove
// removes the folder itself. Each process has its own, and shows that it is
// alive by a lock.
func tempDir(data string) (dir string, remove func() error, err error) {
	parent := filepath.Join(data, "tmp")
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", nil, err
	}
	all, err := lockDir(parent, syscall.LOCK_EX) // others wait until the new one is locked
	if err != nil {
		return "", nil, err
	}
	defer func() { err = errors.Join(err, all.Close()) }()
	if err := clearDirs(parent); err != nil {
		return "", nil, err
	}
	if dir, err = os.MkdirTemp(parent, "run-"); err != nil {
		return "", nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", nil, err
	}
	own, err := lockDir(dir, syscall.LOCK_EX)
	if err != nil {
		return "", nil, err
	}
	return dir, func() error { return errors.Join(os.RemoveAll(dir), own.Close()) }, nil
}

// clearDirs removes the folders in parent whose processes are gone.
func clearDirs(parent string) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return err
	}
	for _, e := range entries {
		left := filepath.Join(parent, e.Name())
		f, err := lockDir(left, syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			continue
		}
		if err != nil {
			return err
		}
		if err := errors.Join(os.RemoveAll(left), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// lockDir locks a folder, or a file, until the result is closed or the process
// ends.
func lockDir(name string, how int) (*os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
