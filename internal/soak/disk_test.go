package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// mounted returns a disk that is removed when the test ends.
func mounted(t *testing.T, memory bool) *disk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounts take root")
	}
	d, err := newDisk(t.Context(), t.TempDir(), 16, memory, nil)
	if err != nil {
		t.Skipf("this machine mounts nothing: %v", err)
	}
	t.Cleanup(func() {
		if err := d.remove(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// Or 100 cuts would say nothing.
func TestACutLosesWhatWasNotSynced(t *testing.T) {
	d := mounted(t, false)
	for name, sync := range map[string]bool{"kept": true, "lost": false} {
		f, err := os.Create(filepath.Join(d.at, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(name); err != nil {
			t.Fatal(err)
		}
		if sync {
			if err := f.Sync(); err != nil {
				t.Fatal(err)
			}
		}
		f.Close()
	}
	if err := d.cut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(d.at, "kept")); err != nil || string(text) != "kept" {
		t.Errorf("what was synced is %q, %v", text, err)
	}
	if text, err := os.ReadFile(filepath.Join(d.at, "lost")); err == nil && string(text) == "lost" || err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was not synced is %q, %v", text, err)
	}
}

func TestAFullDiskHasRoomAgain(t *testing.T) {
	for _, tt := range []struct {
		name   string
		memory bool
		room   int64
		fits   bool
	}{
		{"on a disk", false, 0, false},
		{"on a disk with a little room", false, aLittle, true},
		{"in memory", true, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := mounted(t, tt.memory)
			empty, err := d.fill(tt.room)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(d.at, "file")
			write := func(size int) error { return os.WriteFile(file, make([]byte, size), 0o600) }
			if err := write(64 << 10); (err == nil) != tt.fits {
				t.Errorf("64 KiB: %v", err)
			}
			if err := write(1 << 20); !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("1 MiB: %v, want ENOSPC", err)
			}
			if err := empty(); err != nil {
				t.Fatal(err)
			}
			if err := write(1 << 20); err != nil {
				t.Errorf("1 MiB, once there is room: %v", err)
			}
		})
	}
}

// On a disk that lies what was synced a moment ago is gone after a power cut, and what
// was before its lag is there. Or its rounds would say nothing.
func TestADiskThatLiesLosesWhatWasSynced(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounts take root")
	}
	d, err := newDisk(t.Context(), t.TempDir(), 16, false, &device{lag: time.Second})
	if err != nil {
		t.Skipf("this machine mounts nothing: %v", err)
	}
	t.Cleanup(func() {
		if err := d.remove(); err != nil {
			t.Error(err)
		}
	})
	synced := func(name string) {
		t.Helper()
		f, err := os.Create(filepath.Join(d.at, name))
		if err == nil {
			_, err = f.WriteString(name)
		}
		if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	synced("kept")
	time.Sleep(1500 * time.Millisecond)
	synced("lost")
	if lost, err := d.device.cut(false, nil); err != nil || lost == 0 {
		t.Fatalf("%d writes are lost, %v", lost, err)
	}
	if err := errors.Join(d.unmount(t.Context()), d.mount(t.Context())); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(d.at, "kept")); err != nil || string(text) != "kept" {
		t.Errorf("what was synced before is %q, %v", text, err)
	}
	if text, err := os.ReadFile(filepath.Join(d.at, "lost")); err == nil && string(text) == "lost" {
		t.Error("what was synced a moment ago is there")
	}
}

func TestASlowDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounts take root")
	}
	const slow = 200 * time.Millisecond
	d, err := newDisk(t.Context(), t.TempDir(), 16, false, &device{slow: slow})
	if err != nil {
		t.Skipf("this machine mounts nothing: %v", err)
	}
	t.Cleanup(func() {
		if err := d.remove(); err != nil {
			t.Error(err)
		}
	})
	f, err := os.Create(filepath.Join(d.at, "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	begun := time.Now()
	if err := f.Sync(); err != nil || time.Since(begun) < slow {
		t.Errorf("a sync took %v, %v", time.Since(begun), err)
	}
}
