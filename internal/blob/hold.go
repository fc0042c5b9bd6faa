package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// Hold is as [Store] says.
func (s *Dir) Hold() (release func() error, err error) {
	if release, err = s.holds(syscall.LOCK_SH); err != nil {
		return nil, fmt.Errorf("hold blobs: %w", err)
	}
	return release, nil
}

// holds locks the file that is locked by those who want no blob to be deleted,
// and by one who deletes one.
func (s *Dir) holds(how int) (release func() error, err error) {
	f, err := os.OpenFile(filepath.Join(s.dir, "hold"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	give(f, s.dir)
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil // closing gives the lock back
}

// give makes a file that root may have made one of the owner of its folder: the
// server, which is not root, could not open it else. Some file systems know no
// owners: what cannot be given away stays.
func give(f *os.File, dir string) {
	if os.Geteuid() != 0 {
		return
	}
	info, err := os.Stat(dir)
	if err != nil {
		return
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(owner.Uid), int(owner.Gid))
	}
}

// Fill puts the blob with key k, of which size bytes lay on some disk, into a store
// that nobody uses yet, as it lay there. It returns ErrCorrupt where r has other
// bytes, and ErrNoKey where nobody can read them: then there is none. It is
// safe only after Flush.
func (s *Dir) Fill(ctx context.Context, k Key, r io.Reader, size int64) (err error) {
	defer wrap(&err)
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.shard(k); err != nil {
		return err
	}
	f, err := os.OpenFile(s.path(k), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	sum, err := s.Sum(f, r, size)
	err = errors.Join(err, f.Close())
	if err == nil && sum != k {
		err = fmt.Errorf("%w: %s", ErrCorrupt, k)
	}
	if errors.Is(err, ErrNoKey) {
		err = errors.Join(err, os.Remove(s.path(k)))
	}
	return err
}

// Flush brings all that was filled in to the disk.
func (s *Dir) Flush() (err error) {
	defer wrap(&err)
	f, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Syncfs(int(f.Fd()))
}
