package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// A disk is a file system of its own, in a file or in memory.
type disk struct {
	image  string  // the file; empty in memory
	at     string  // where it is mounted
	device *device // between the two; nil for none
}

// newDisk makes a disk of so many MB in the folder dir, on a device where there is
// one, and mounts it.
func newDisk(ctx context.Context, dir string, size int, memory bool, device *device) (*disk, error) {
	d := &disk{at: filepath.Join(dir, "disk"), device: device}
	if err := os.MkdirAll(d.at, 0o700); err != nil {
		return nil, err
	}
	if memory {
		return d, command(ctx, "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", size), "tmpfs", d.at)
	}
	d.image = filepath.Join(dir, "disk.img")
	f, err := os.Create(d.image)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.Truncate(int64(size)<<20), f.Close()); err != nil {
		return nil, err
	}
	// Nothing is left to be written later, and nothing is kept for root.
	if err := command(ctx, "mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", d.image); err != nil {
		return nil, err
	}
	return d, d.mount(ctx)
}

// mount mounts the image. Its journal is not committed unasked for as long as a
// round lasts.
func (d *disk) mount(ctx context.Context) error {
	file := d.image
	if d.device != nil {
		var err error
		if file, err = d.device.attach(d.at+".device", d.image); err != nil {
			return err
		}
	}
	return command(ctx, "mount", "-t", "ext4", "-o", "loop,commit=300", file, d.at)
}

// cut cuts the power of the disk, and switches it on again: what it has not been
// told to keep is gone. Nobody uses it meanwhile.
func (d *disk) cut(ctx context.Context) error {
	// First of all, and before it is unmounted, which would write what is to be lost.
	next := d.image + ".next"
	if err := command(ctx, "cp", d.image, next); err != nil {
		return err
	}
	if err := d.unmount(ctx); err != nil {
		return err
	}
	if err := os.Rename(next, d.image); err != nil {
		return err
	}
	return d.mount(ctx)
}

// unmount waits for who has died a moment ago.
func (d *disk) unmount(ctx context.Context) (err error) {
	for range 50 {
		if err = command(ctx, "umount", d.at); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err == nil && d.device != nil {
		err = d.device.detach()
	}
	return err
}

// remove unmounts the disk and removes its image.
func (d *disk) remove() error {
	err := d.unmount(context.Background())
	if d.image != "" && err == nil {
		err = os.Remove(d.image)
	}
	return err
}

// fill fills the disk but for some bytes, and returns what gives the room back.
func (d *disk) fill(but int64) (empty func() error, err error) {
	name := filepath.Join(d.at, "filler")
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	var size int64
	for _, chunk := range []int{1 << 20, 4 << 10} {
		for err == nil {
			var n int
			n, err = f.Write(make([]byte, chunk))
			size += int64(n)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			return nil, errors.Join(err, f.Close())
		}
		err = nil
	}
	if err := errors.Join(f.Truncate(max(0, size-but)), f.Close()); err != nil {
		return nil, err
	}
	return func() error { return os.Remove(name) }, nil
}

// command runs a program of the system.
func command(ctx context.Context, program string, args ...string) error {
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}
