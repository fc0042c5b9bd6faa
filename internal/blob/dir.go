package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

var _ Store = (*Dir)(nil)

// A Dir is a Store below a directory, for the processes of one machine: each
// blob is a file named by its key.
type Dir struct {
	dir    string
	sealer Sealer               // nil where blobs lie as they are
	sync   func(*os.File) error // (*os.File).Sync, except in tests

	mu     sync.Mutex
	shards map[string]bool // directories of blobs that are known to be on the disk
	drafts *os.File        // the directory of this process's drafts, locked; nil before the first
}

// Open returns the store below dir, which is created if need be, and in which blobs
// lie as they are. It removes what processes that died have left half written.
func Open(dir string) (*Dir, error) { return OpenSealed(dir, nil) }

// OpenSealed returns the store below dir, as [Open] does, whose blobs are encrypted by
// a Sealer. Those that are not are read too: releases before wrote them.
func OpenSealed(dir string, sealer Sealer) (*Dir, error) {
	s := &Dir{dir: dir, sealer: sealer, sync: (*os.File).Sync, shards: make(map[string]bool)}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	if err := s.flush(filepath.Dir(dir)); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	if err := s.sweep(); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	return s, nil
}

func (s *Dir) path(k Key) string { return filepath.Join(s.dir, string(k[:2]), string(k)) }

// Put is as [Store] says.
func (s *Dir) Put(ctx context.Context, data []byte) (Key, error) {
	k := KeyOf(data)
	if known, err := s.renew(k, int64(len(data))); err != nil || known {
		return k, err
	}
	d, err := s.Create()
	if err != nil {
		return "", err
	}
	defer d.Discard()
	_, _ = d.Write(data)
	if err := d.Close(); err != nil {
		return "", err
	}
	return d.Keep(ctx)
}

// renew dates a blob anew, if it is there, and makes its name durable: another
// process may just have given it.
func (s *Dir) renew(k Key, size int64) (known bool, err error) {
	defer wrap(&err)
	if info, err := os.Stat(s.path(k)); err != nil || info.Size() != s.sizeOf(size) {
		return false, nil
	}
	shard, err := s.enter(k, syscall.LOCK_SH)
	if err != nil {
		return false, err
	}
	defer shard.Close()
	if s.sealer != nil {
		f, err := s.open(k)
		if err != nil {
			return false, nil // deleted since, or not to be read: it is stored anew
		}
		f.Close()
	}
	now := time.Now()
	if err := os.Chtimes(s.path(k), now, now); errors.Is(err, fs.ErrNotExist) { // deleted since
		return false, nil
	} else if err != nil {
		return false, err
	}
	return true, s.sync(shard)
}

// keep gives the bytes of a draft, which are on the disk, the name of k.
func (s *Dir) keep(_ context.Context, d *Draft, k Key) error {
	how := syscall.LOCK_SH
	if s.sealer != nil {
		how = syscall.LOCK_EX // of two that keep the same bytes, one would lose its key
	}
	shard, err := s.enter(k, how)
	if err != nil {
		return err
	}
	defer shard.Close()
	now := time.Now()
	if known, err := s.inherit(d, k); err != nil || known {
		return errors.Join(err, os.Chtimes(s.path(k), now, now), s.sync(shard))
	}
	if err := os.Chtimes(d.path, now, now); err != nil {
		return err
	}
	_, none := os.Lstat(s.path(k))
	// Over one of the same name: it has the same bytes, or has lost them.
	if err := os.Rename(d.path, s.path(k)); err != nil {
		return err
	}
	d.path = "" // from here on its key is that of the blob
	err = s.sync(shard)
	if err == nil || !errors.Is(none, fs.ErrNotExist) {
		return err
	}
	// The system says so once. Whoever stores these bytes next, and finds their name,
	// would be told that it is on the disk.
	if gone := os.Remove(s.path(k)); gone != nil {
		return errors.Join(err, gone)
	}
	d.to.Drop()
	return err
}

// enter opens the directory of k, and makes it if need be. It is locked until it
// is closed: by those who store blobs in it, or by one who deletes one.
func (s *Dir) enter(k Key, how int) (shard *os.File, err error) {
	if err := s.shard(k); err != nil {
		return nil, err
	}
	return lock(filepath.Dir(s.path(k)), how)
}

// shard makes the directory of k, and sees to it that it is on the disk, also
// where another process made it.
func (s *Dir) shard(k Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	dir := filepath.Dir(s.path(k))
	if s.shards[dir] {
		return nil
	}
	made := os.Mkdir(dir, 0o700)
	if made != nil && !errors.Is(made, fs.ErrExist) {
		return made
	}
	if err := s.flush(s.dir); err != nil {
		if made == nil {
			err = errors.Join(err, os.Remove(dir)) // as with a name: see keep
		}
		return err
	}
	s.shards[dir] = true
	return nil
}

// flush brings what was made in dir, or renamed into it, to the disk.
func (s *Dir) flush(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return s.sync(f)
}

// Bytes is as [Store] says.
func (s *Dir) Bytes(ctx context.Context, k Key) ([]byte, error) {
	if err := s.may(ctx, k); err != nil {
		return nil, err
	}
	f, err := s.open(k)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := f.all()
	if err != nil {
		return nil, err
	}
	// What was sealed as the blob of this key is, and what was altered since shows.
	if !f.sealed && KeyOf(data) != k {
		return nil, fmt.Errorf("%w: %s", ErrCorrupt, k)
	}
	return data, nil
}

// Open is as [Store] says.
func (s *Dir) Open(ctx context.Context, k Key) (io.ReadSeekCloser, error) {
	if err := s.may(ctx, k); err != nil {
		return nil, err
	}
	f, err := s.open(k)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// may returns why k cannot be looked for.
func (*Dir) may(ctx context.Context, k Key) error {
	if _, err := ParseKey(string(k)); err != nil {
		return fmt.Errorf("%w: %w", err, fs.ErrNotExist)
	}
	return ctx.Err()
}

// All is as [Store] says.
func (s *Dir) All(ctx context.Context) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		shards, err := filepath.Glob(filepath.Join(s.dir, "[0-9a-f][0-9a-f]"))
		if err != nil {
			yield(Info{}, err)
			return
		}
		for _, shard := range shards {
			if !s.allOf(ctx, shard, yield) {
				return
			}
		}
	}
}

// allOf yields the blobs of one directory, and reports whether to go on.
func (s *Dir) allOf(ctx context.Context, shard string, yield func(Info, error) bool) bool {
	files, err := os.ReadDir(shard)
	if err != nil {
		yield(Info{}, err)
		return false
	}
	for _, f := range files {
		k, err := ParseKey(f.Name())
		if err != nil {
			continue // nothing of ours
		}
		info, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted since
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			yield(Info{}, err)
			return false
		}
		if !yield(Info{k, info.Size(), info.ModTime()}, nil) {
			return false
		}
	}
	return true
}

// Delete is as [Store] says.
func (s *Dir) Delete(ctx context.Context, k Key, before time.Time) (deleted bool, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("delete blob: %w", err)
		}
	}()
	if err := s.may(ctx, k); err != nil {
		return false, err
	}
	free, err := s.holds(syscall.LOCK_EX | syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, free()) }()
	shard, err := s.enter(k, syscall.LOCK_EX)
	if err != nil {
		return false, err
	}
	defer shard.Close()
	info, err := os.Stat(s.path(k))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil || !info.ModTime().Before(before):
		return false, err
	}
	// The key first: where this process dies now, the blob is tried again, and a key
	// would not be.
	if err := s.destroyKey(k); err != nil {
		return false, err
	}
	if err := os.Remove(s.path(k)); err != nil {
		return false, err
	}
	return true, s.sync(shard)
}
