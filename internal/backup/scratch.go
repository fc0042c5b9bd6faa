package backup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// scratchName begins the names of folders in which copies of the database lie
// while a backup is made. They are in the data folder, which only its owner can
// read: where the backup goes to may be somebody else's. Nobody types such a name:
// what has it is removed.
const scratchName = ".seosik-scratch-"

// partial ends the names of files that are being written.
const partial = ".seosik-partial"

// scratch makes a folder in the data folder, which is removed when drop is called,
// or by the next backup where this process dies before. Those of processes that
// died are removed.
func scratch(data string) (dir string, drop func() error, err error) {
	if err := sweep(data, func(e fs.DirEntry) bool { return e.IsDir() && strings.HasPrefix(e.Name(), scratchName) }); err != nil {
		return "", nil, err
	}
	if dir, err = os.MkdirTemp(data, scratchName); err != nil {
		return "", nil, err
	}
	f, err := claim(dir)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return dir, func() error { return errors.Join(os.RemoveAll(dir), f.Close()) }, nil
}

// begin makes the file that becomes the one called name when it is whole. Those of
// that folder that a process left that died are removed.
func begin(name string) (f *os.File, err error) {
	dir := filepath.Dir(name)
	if err := sweep(dir, func(e fs.DirEntry) bool {
		return e.Type().IsRegular() && strings.HasPrefix(e.Name(), ".") && strings.HasSuffix(e.Name(), partial)
	}); err != nil {
		return nil, err
	}
	if f, err = os.CreateTemp(dir, "."+filepath.Base(name)+".*"+partial); err != nil {
		return nil, err
	}
	// Where a file system has no locks, what is left of a killed one stays.
	_ = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	return f, nil
}

// claim locks a folder or file until it is closed or the process dies.
func claim(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// sweep removes what is in a folder, is ours, and belongs to no process that lives.
func sweep(dir string, ours func(fs.DirEntry) bool) error {
	all, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range all {
		if !ours(e) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		f, err := claim(path)
		if err != nil {
			continue // its process is at work, or it is gone
		}
		err = errors.Join(os.RemoveAll(path), f.Close())
		if err != nil {
			return err
		}
	}
	return nil
}

// flush brings the names in a folder to the disk.
func flush(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// absent returns ErrThere where there is a file of that name.
func absent(name string) error {
	_, err := os.Lstat(name)
	if err == nil {
		return ErrThere
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
