package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// headBytes is how much of the beginning of a file tells of what kind it is.
const headBytes = 1024

// A Draft is a blob that is being written: first Write and Close, then Keep or
// Discard. However large it is, it takes next to no memory. Use it from one
// goroutine at a time.
type Draft struct {
	store *Dir
	path  string   // "" once it has been kept or discarded
	file  *os.File // nil once closed
	to    Writer   // what encrypts what is written to the file
	hash  hash.Hash
	size  int64
	head  []byte
	err   error // the first
}

// Create is as [Store] says.
func (s *Dir) Create() (_ *Draft, err error) {
	defer wrap(&err)
	dir, err := s.draftDir()
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "")
	if err != nil {
		return nil, err
	}
	d := &Draft{store: s, path: f.Name(), file: f, hash: sha256.New()}
	if d.to, err = s.writer(f); err != nil {
		d.Discard()
		return nil, err
	}
	return d, nil
}

// Write adds p. Its error is also that of Close.
func (d *Draft) Write(p []byte) (n int, err error) {
	if d.err != nil {
		return 0, d.err
	}
	if n, err = d.to.Write(p); err != nil {
		wrap(&err)
		d.err = err
	}
	d.hash.Write(p[:n])
	d.head = append(d.head, p[:min(n, headBytes-len(d.head))]...)
	d.size += int64(n)
	return n, err
}

// Close ends the writing. It returns an error unless all bytes have reached the
// disk.
func (d *Draft) Close() error {
	if d.file == nil {
		return d.err
	}
	if d.err == nil {
		d.err = d.to.Finish(d.Key())
		wrap(&d.err)
	}
	if d.err == nil {
		d.err = d.store.sync(d.file)
		wrap(&d.err)
	}
	err := d.file.Close()
	d.file = nil
	wrap(&err)
	d.err = errors.Join(d.err, err)
	return d.err
}

// Size returns the number of bytes written.
func (d *Draft) Size() int64 { return d.size }

// Key returns the key of what was written.
func (d *Draft) Key() Key { return Key(hex.EncodeToString(d.hash.Sum(nil))) }

// Head returns the first bytes written, 1024 at most.
func (d *Draft) Head() []byte { return bytes.Clone(d.head) }

// Open opens what was written, to be read and closed, before it is kept.
func (d *Draft) Open() (io.ReadSeekCloser, error) { return d.store.openAt(d.path, d.Key()) }

// Bytes returns what was written, before it is kept.
func (d *Draft) Bytes() ([]byte, error) {
	f, err := d.store.openAt(d.path, d.Key())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.all()
}

// Keep makes d, which is closed, a blob and returns its key. When it returns,
// that is safe too: a row in the database may name it.
func (d *Draft) Keep(ctx context.Context) (_ Key, err error) {
	defer wrap(&err)
	k := d.Key()
	if err := d.store.keep(ctx, d, k); err != nil {
		return "", err
	}
	return k, nil
}

// Discard removes d unless it has been kept. A Draft that is nil has nothing
// to remove.
func (d *Draft) Discard() {
	if d == nil || d.path == "" {
		return
	}
	if d.file != nil {
		d.file.Close()
		d.file = nil
	}
	_ = os.Remove(d.path) // what stays is swept when the process has ended
	if d.to != nil {
		d.to.Drop()
	}
	d.path = ""
}

// draftDir returns the directory of this process's drafts, which it makes at
// first. The process holds a lock on it as long as it lives.
func (s *Dir) draftDir() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.drafts == nil {
		dir, err := os.MkdirTemp(s.draftsDir(), "")
		if err != nil {
			return "", err
		}
		f, err := lock(dir, syscall.LOCK_EX)
		if err == nil {
			if _, err = os.Stat(dir); err == nil {
				s.drafts = f
				break
			}
			f.Close()
		}
		if !errors.Is(err, fs.ErrNotExist) { // swept before it was locked
			return "", err
		}
	}
	return s.drafts.Name(), nil
}

func (s *Dir) draftsDir() string { return filepath.Join(s.dir, "drafts") }

// sweep removes the drafts of processes that have ended.
func (s *Dir) sweep() error {
	if err := os.Mkdir(s.draftsDir(), 0o700); err == nil {
		return s.sweepOld()
	}
	dirs, err := os.ReadDir(s.draftsDir())
	if err != nil {
		return err
	}
	for _, d := range dirs {
		dir := filepath.Join(s.draftsDir(), d.Name())
		f, err := lock(dir, syscall.LOCK_EX|syscall.LOCK_NB)
		if err != nil {
			continue // its process is at work
		}
		err = os.RemoveAll(dir)
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// sweepOld removes what the releases before drafts have left half written.
func (s *Dir) sweepOld() error {
	left, err := filepath.Glob(filepath.Join(s.dir, "??", "new-*"))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// lock locks a directory until it is closed.
func lock(dir string, how int) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", dir, err), f.Close())
	}
	return f, nil
}
