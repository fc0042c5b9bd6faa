package main

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// A device is what a disk lies on: a file that this program hands to the kernel
// (FUSE), so that it can be slow, and lie about what it has kept.
type device struct {
	slow time.Duration // that it takes to keep what was written; a tenth of that for each write
	lag  time.Duration // how long it takes until what is said to be kept is; 0 where it does not lie

	mu     sync.Mutex
	image  *os.File // what the kernel sees
	kept   *os.File // what outlives a power cut; nil where the device does not lie
	late   []write  // what is in image and not in kept, in order
	off    bool     // the power is
	server *fuse.Server
}

// A write is one that a lying device has in its memory.
type write struct {
	at   int64
	data []byte
	when time.Time
}

// name is that of the only file of a device.
const name = "device"

// attach has the kernel see the device at folder, with what is in image.
func (d *device) attach(folder, image string) (file string, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	if d.image, err = os.OpenFile(image, os.O_RDWR, 0); err != nil {
		return "", err
	}
	if d.lag > 0 {
		if d.kept, err = copied(d.image, image+".kept"); err != nil {
			return "", err
		}
	}
	d.late, d.off = nil, false
	root := &fs.Inode{}
	d.server, err = fs.Mount(folder, root, &fs.Options{
		MountOptions: fuse.MountOptions{DirectMountStrict: true, FsName: "seosik-soak", MaxWrite: 1 << 20},
		OnAdd: func(ctx context.Context) {
			root.AddChild(name, root.NewPersistentInode(ctx, &deviceFile{device: d}, fs.StableAttr{Mode: syscall.S_IFREG}), true)
		},
	})
	return filepath.Join(folder, name), err
}

// copied makes a copy of a file.
func copied(from *os.File, name string) (*os.File, error) {
	to, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(to, io.NewSectionReader(from, 0, 1<<62))
	return to, err
}

// detach takes the device from the kernel, which uses it no more.
func (d *device) detach() error {
	err := errors.Join(d.server.Unmount(), d.image.Close())
	if d.kept != nil {
		err = errors.Join(err, os.Rename(d.kept.Name(), d.image.Name()), d.kept.Close())
	}
	return err
}

// cut ends the power: of what was written within the lag nothing is kept, or
// where torn is set each write or not, as chance has it.
func (d *device) cut(torn bool, r *rand.Rand) (lost int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.settle(time.Now().Add(-d.lag)); err != nil {
		return 0, err
	}
	d.off = true
	for _, w := range d.late {
		if torn && r.IntN(2) == 0 {
			_, err = d.kept.WriteAt(w.data, w.at)
		} else {
			lost++
		}
		if err != nil {
			return lost, err
		}
	}
	d.late = nil
	return lost, nil
}

// settle keeps what was written before then.
func (d *device) settle(then time.Time) error {
	for len(d.late) > 0 && d.late[0].when.Before(then) {
		if _, err := d.kept.WriteAt(d.late[0].data, d.late[0].at); err != nil {
			return err
		}
		d.late = d.late[1:]
	}
	return nil
}

// A deviceFile is the file of a device.
type deviceFile struct {
	fs.Inode
	device *device
}

var (
	_ fs.NodeGetattrer = (*deviceFile)(nil)
	_ fs.NodeOpener    = (*deviceFile)(nil)
	_ fs.NodeReader    = (*deviceFile)(nil)
	_ fs.NodeWriter    = (*deviceFile)(nil)
	_ fs.NodeFsyncer   = (*deviceFile)(nil)
)

// Getattr says how large it is.
func (f *deviceFile) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	info, err := f.device.image.Stat()
	if err != nil {
		return fs.ToErrno(err)
	}
	out.Mode, out.Size = syscall.S_IFREG|0o600, uint64(info.Size()) //nolint:gosec // it is never negative
	return 0
}

// Open lets it be opened.
func (f *deviceFile) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, fuse.FOPEN_KEEP_CACHE, 0
}

// Read returns what was written last.
func (f *deviceFile) Read(_ context.Context, _ fs.FileHandle, to []byte, at int64) (fuse.ReadResult, syscall.Errno) {
	n, err := f.device.image.ReadAt(to, at)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fs.ToErrno(err)
	}
	return fuse.ReadResultData(to[:n]), 0
}

// Write takes data in.
func (f *deviceFile) Write(_ context.Context, _ fs.FileHandle, data []byte, at int64) (uint32, syscall.Errno) {
	d := f.device
	time.Sleep(d.slow / 10)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept != nil && !d.off {
		now := time.Now()
		if err := d.settle(now.Add(-d.lag)); err != nil {
			return 0, fs.ToErrno(err)
		}
		d.late = append(d.late, write{at, append([]byte(nil), data...), now})
	}
	n, err := d.image.WriteAt(data, at)
	return uint32(n), fs.ToErrno(err) //nolint:gosec // no more than there is
}

// Fsync says that all is kept.
func (f *deviceFile) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	time.Sleep(f.device.slow)
	return 0
}
