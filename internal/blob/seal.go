package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// A Sealer encrypts blobs, each under a key of its own that the Sealer keeps. It is
// safe for concurrent use.
type Sealer interface {
	// Seal returns what encrypts what is written to it, for w.
	Seal(w io.Writer) (Writer, error)
	// Sealed reports whether what begins with head was encrypted: head is what there
	// is, or [SealBytes] of it.
	Sealed(head []byte) bool
	// Size returns how many bytes there are once so many are encrypted.
	Size(plain int64) int64
	// Open returns the bytes of the blob k, which were encrypted into size bytes of r,
	// and how many they are. What it returns, and each of its reads, is ErrCorrupt where
	// they are not those of k, have been altered, or where their key is no more. It is
	// for one goroutine at a time.
	Open(r io.ReaderAt, size int64, k Key) (plain io.ReaderAt, plainSize int64, err error)
	// Read does so for what is read once, from its beginning, and may be of any blob:
	// k returns of which, once all was read.
	Read(r io.Reader, size int64) (plain io.Reader, k func() (Key, error), err error)
	// Destroy destroys the key of the blob k, which was encrypted into size bytes of r:
	// nobody will ever read that again, here or in a copy of it. Where the key is no more,
	// or r says nothing of k, it does nothing: the key may be that of another blob.
	Destroy(r io.ReaderAt, size int64, k Key) error
	// Inherit has that key be destroyed together with the one of w instead.
	Inherit(r io.ReaderAt, size int64, k Key, w Writer) error
}

// A Writer encrypts a blob. One that is not finished is dropped.
type Writer interface {
	io.Writer
	// Finish writes what is left. What was written is the blob k.
	Finish(k Key) error
	// Drop forgets the key: what was written, or not finished, is in no file any more.
	Drop()
}

var (
	// ErrNoKey reports a blob whose key is not in the keyring, as where that is older
	// than the blob. It is an ErrCorrupt.
	ErrNoKey = fmt.Errorf("%w: its key is not there", ErrCorrupt)
	// ErrDestroyed reports one whose key was destroyed. It is an ErrNoKey.
	ErrDestroyed = fmt.Errorf("%w: it was destroyed", ErrNoKey)
)

// SealBytes is how much of the beginning of a file tells whether it is encrypted,
// and with which key.
const SealBytes = 512

// asIs leaves what is written to it as it is.
type asIs struct{ io.Writer }

func (asIs) Finish(Key) error { return nil }
func (asIs) Drop()            {}

func (s *Dir) writer(w io.Writer) (Writer, error) {
	if s.sealer == nil {
		return asIs{w}, nil
	}
	return s.sealer.Seal(w)
}

// sizeOf returns how many bytes of the disk a blob has.
func (s *Dir) sizeOf(plain int64) int64 {
	if s.sealer == nil {
		return plain
	}
	return s.sealer.Size(plain)
}

// A file is a blob that is open.
type file struct {
	*io.SectionReader
	io.Closer
	sealed bool
}

func (s *Dir) open(k Key) (*file, error) { return s.openAt(s.path(k), k) }

// openAt opens the file at path, which is the blob k.
func (s *Dir) openAt(path string, k Key) (_ *file, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	head, err := headOf(f)
	if err != nil {
		return nil, err
	}
	if s.sealer == nil || !s.sealer.Sealed(head) {
		return &file{io.NewSectionReader(f, 0, info.Size()), f, false}, nil
	}
	plain, size, err := s.sealer.Open(f, info.Size(), k)
	if err != nil {
		return nil, err
	}
	return &file{io.NewSectionReader(plain, 0, size), f, true}, nil
}

// all returns all bytes of a file that nothing was read of.
func (f *file) all() ([]byte, error) {
	data := make([]byte, f.Size())
	_, err := io.ReadFull(f, data)
	return data, err
}

func headOf(f io.ReaderAt) ([]byte, error) {
	head := make([]byte, SealBytes)
	n, err := f.ReadAt(head, 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return head[:n], err
}

// headAt returns the head of the file at path where that is encrypted, and nil where
// it is not, or there is none.
func (s *Dir) headAt(path string) ([]byte, error) {
	if s.sealer == nil {
		return nil, nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head, err := headOf(f)
	if err != nil || !s.sealer.Sealed(head) {
		return nil, err
	}
	return head, nil
}

// old opens the blob k as it lies on the disk, where that is encrypted: nil where it
// is not, or there is none.
func (s *Dir) old(k Key) (f *os.File, size int64, err error) {
	head, err := s.headAt(s.path(k))
	if err != nil || head == nil {
		return nil, 0, err
	}
	if f, err = os.Open(s.path(k)); err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

func (s *Dir) destroyKey(k Key) error {
	f, size, err := s.old(k)
	if err != nil || f == nil {
		return err
	}
	defer f.Close()
	return s.sealer.Destroy(f, size, k)
}

// inherit reports whether the blob k is there and sound, so that a draft of the same
// bytes is not wanted: copies of it that were made before need its key. Where it is
// encrypted and not sound, copies of it may still be: its key goes with that of the
// draft.
func (s *Dir) inherit(d *Draft, k Key) (known bool, err error) {
	f, size, err := s.old(k)
	if err != nil || f == nil {
		return false, err
	}
	defer f.Close()
	if sum, err := s.Sum(io.Discard, f, size); err == nil && sum == k {
		d.Discard()
		return true, nil
	}
	return false, s.sealer.Inherit(f, size, k, d.to)
}

// Raw is as [Store] says.
func (s *Dir) Raw(ctx context.Context, k Key) (*os.File, error) {
	if err := s.may(ctx, k); err != nil {
		return nil, err
	}
	return os.Open(s.path(k))
}

// Sum is as [Store] says.
func (s *Dir) Sum(to io.Writer, r io.Reader, size int64) (Key, error) {
	head := make([]byte, min(size, SealBytes))
	if _, err := io.ReadFull(r, head); err != nil {
		return "", err
	}
	r = io.TeeReader(io.MultiReader(bytes.NewReader(head), r), to)
	sum := sha256.New()
	if s.sealer == nil || !s.sealer.Sealed(head) {
		_, err := io.Copy(sum, r)
		return Key(hex.EncodeToString(sum.Sum(nil))), err
	}
	plain, k, err := s.sealer.Read(r, size)
	if err != nil {
		_, all := io.Copy(io.Discard, r)
		return "", errors.Join(err, all)
	}
	if _, err := io.Copy(sum, plain); err != nil {
		return "", err
	}
	said, err := k()
	if err == nil && hex.EncodeToString(sum.Sum(nil)) != string(said) {
		err = ErrCorrupt
	}
	return said, err
}

// Shards is how many parts a store has that SealOld goes through.
const Shards = 256

// SealOld encrypts the blobs of a part that are not: releases before wrote them. It
// returns how many it has encrypted, and how many it could not, since they are not
// what they were. They keep the date they were stored on.
func (s *Dir) SealOld(ctx context.Context, part int) (sealed, corrupt int, err error) {
	defer wrap(&err)
	shard := filepath.Join(s.dir, fmt.Sprintf("%02x", part))
	if _, err := os.Stat(shard); errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	for info, err := range func(yield func(Info, error) bool) { s.allOf(ctx, shard, yield) } {
		if err != nil {
			return sealed, corrupt, err
		}
		if head, err := s.headAt(s.path(info.Key)); err != nil || head != nil {
			if err != nil {
				return sealed, corrupt, err
			}
			continue
		}
		began := time.Now()
		switch err := s.sealOld(ctx, info.Key); {
		case errors.Is(err, ErrCorrupt):
			corrupt++
		case errors.Is(err, fs.ErrNotExist): // deleted since
		case err != nil:
			return sealed, corrupt, err
		default:
			sealed++
		}
		if err := wait(ctx, time.Since(began)); err != nil { // half of the disk is for others
			return sealed, corrupt, err
		}
	}
	return sealed, corrupt, nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (s *Dir) sealOld(_ context.Context, k Key) error {
	f, err := os.Open(s.path(k))
	if err != nil {
		return err
	}
	defer f.Close()
	d, err := s.Create()
	if err != nil {
		return err
	}
	defer d.Discard()
	if _, err := io.Copy(d, f); err != nil {
		return err
	}
	if err := d.Close(); err != nil {
		return err
	}
	if d.Key() != k {
		return fmt.Errorf("%w: %s", ErrCorrupt, k)
	}
	shard, err := s.enter(k, syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer shard.Close()
	info, err := os.Stat(s.path(k))
	if err != nil {
		return err
	}
	if head, err := s.headAt(s.path(k)); err != nil || head != nil { // somebody was quicker
		return err
	}
	if err := os.Chtimes(d.path, info.ModTime(), info.ModTime()); err != nil {
		return err
	}
	if err := os.Rename(d.path, s.path(k)); err != nil {
		return err
	}
	d.path = ""
	return s.sync(shard)
}
