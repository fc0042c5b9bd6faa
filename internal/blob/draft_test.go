package blob

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// openTest returns a store and a function that lists the files below it.
func openTest(t *testing.T) (*Dir, func() []string) {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	return s, func() (files []string) {
		t.Helper()
		err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
}

// draft returns a draft of data, written in small pieces.
func draft(t *testing.T, s *Dir, data string) *Draft {
	t.Helper()
	d, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyBuffer(struct{ io.Writer }{d}, struct{ io.Reader }{strings.NewReader(data)}, make([]byte, 300)); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestADraftIsKeptOrGone(t *testing.T) {
	for _, data := range []string{"", "a", strings.Repeat("서식", 1000)} {
		s, files := openTest(t)
		lost := draft(t, s, data)
		if head := lost.Head(); lost.Size() != int64(len(data)) || string(head) != data[:min(len(data), 1024)] {
			t.Errorf("size %d and head %q of %d bytes", lost.Size(), head, len(data))
		}
		if got, err := lost.Bytes(); err != nil || string(got) != data {
			t.Errorf("Bytes of a draft = %q, %v, want %q", got, err, data)
		}
		lost.Discard()
		if left := files(); len(left) > 0 {
			t.Errorf("discarded, and there are %v", left)
		}
		d := draft(t, s, data)
		k, err := d.Keep(t.Context())
		if err != nil || k != KeyOf([]byte(data)) {
			t.Errorf("Keep = %s, %v", k, err)
		}
		d.Discard()
		if got, err := s.Bytes(t.Context(), k); err != nil || string(got) != data {
			t.Errorf("Bytes = %q, %v, want %q", got, err, data)
		}
		if head, err := Head(t.Context(), s, k); err != nil || string(head) != data[:min(len(data), 1024)] {
			t.Errorf("Head = %q, %v", head, err)
		}
		if left := files(); len(left) != 1 {
			t.Errorf("kept, and there are %v", left)
		}
	}
	(*Draft)(nil).Discard()
}

// A file has its name before that is durable: who stores the same bytes then
// must not believe that all is done.
func TestPutOfBytesThatHaveTheirNameSyncsIt(t *testing.T) {
	s, _ := openTest(t)
	k, err := s.Put(t.Context(), []byte("a"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(s.dir) // another process
	if err != nil {
		t.Fatal(err)
	}
	var synced []string
	other.sync = func(f *os.File) error {
		synced = append(synced, f.Name())
		return nil
	}
	if _, err := other.Put(t.Context(), []byte("a")); err != nil {
		t.Fatal(err)
	}
	if want := s.dir + " " + filepath.Dir(s.path(k)); strings.Join(synced, " ") != want {
		t.Errorf("it synced %v, want %s", synced, want)
	}
}

// What is in a file reaches the disk before its name does.
func TestKeepSyncsTheBytesBeforeTheName(t *testing.T) {
	s, _ := openTest(t)
	var synced []string
	s.sync = func(f *os.File) error {
		_, err := os.Stat(s.path(KeyOf([]byte("a"))))
		synced = append(synced, f.Name()+map[bool]string{true: " named"}[err == nil])
		return nil
	}
	d := draft(t, s, "a")
	path := d.path
	k, err := d.Keep(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{path, s.dir, filepath.Dir(s.path(k)) + " named"}
	if strings.Join(synced, ", ") != strings.Join(want, ", ") {
		t.Errorf("synced %q, want %q", synced, want)
	}
}

// A disk that could not keep something says so once, and then that all is well. What
// is stored again after that is stored anew: nothing is taken to be on the disk.
func TestADiskThatLies(t *testing.T) {
	for _, at := range []string{"the bytes", "the folder of the shard", "the name"} {
		t.Run(at, func(t *testing.T) {
			s, _ := openTest(t)
			k := KeyOf([]byte("a"))
			fails := map[string]func(string) bool{
				"the bytes":               func(name string) bool { return name != s.dir && name != filepath.Dir(s.path(k)) },
				"the folder of the shard": func(name string) bool { return name == s.dir },
				"the name":                func(name string) bool { return name == filepath.Dir(s.path(k)) },
			}[at]
			var told bool
			var synced []string
			s.sync = func(f *os.File) error {
				if !told && fails(f.Name()) {
					told = true
					return syscall.EIO
				}
				synced = append(synced, f.Name())
				return nil
			}
			if _, err := s.Put(t.Context(), []byte("a")); !errors.Is(err, syscall.EIO) {
				t.Fatalf("Put = %v", err)
			}
			if _, err := os.Stat(s.path(k)); err == nil {
				t.Error("there is a name that may not be on the disk")
			}
			if _, err := os.Stat(filepath.Dir(s.path(k))); at == "the folder of the shard" && err == nil {
				t.Error("there is a folder that may not be on the disk")
			}
			synced = nil
			if _, err := s.Put(t.Context(), []byte("a")); err != nil {
				t.Fatal(err)
			}
			if n := len(synced); n < 2 || strings.HasPrefix(synced[0], filepath.Dir(s.path(k))) || synced[n-1] != filepath.Dir(s.path(k)) {
				t.Errorf("synced %q: the bytes anew, and their name", synced)
			}
		})
	}
}

// A dropper says whether the key of what it wrote was dropped.
type dropper struct {
	asIs
	dropped *bool
}

func (d dropper) Drop() { *d.dropped = true }

// A key is dropped where what it encrypts is in no file, and never else.
func TestTheKeyOfWhatHasItsNameIsKept(t *testing.T) {
	for name, there := range map[string]bool{"its bytes were lost before": true, "it is new": false} {
		t.Run(name, func(t *testing.T) {
			s, _ := openTest(t)
			k := KeyOf([]byte("a"))
			if there {
				if _, err := s.Put(t.Context(), []byte("a")); err != nil {
					t.Fatal(err)
				}
			}
			d := draft(t, s, "a")
			dropped := false
			d.to = dropper{asIs{}, &dropped}
			s.sync = func(f *os.File) error {
				if f.Name() == filepath.Dir(s.path(k)) {
					return syscall.EIO
				}
				return nil
			}
			if _, err := d.Keep(t.Context()); !errors.Is(err, syscall.EIO) {
				t.Fatalf("Keep = %v", err)
			}
			d.Discard()
			if _, err := os.Stat(s.path(k)); (err == nil) != there || dropped == there {
				t.Errorf("there is a file: %v, its key was dropped: %v", err == nil, dropped)
			}
		})
	}
}

func TestErrorsOfTheSystemPassThrough(t *testing.T) {
	for _, errno := range []error{syscall.ENOSPC, syscall.EIO} {
		s, files := openTest(t)
		d := draft(t, s, "a")
		s.sync = func(*os.File) error { return errno }
		if _, err := d.Keep(t.Context()); !errors.Is(err, errno) {
			t.Errorf("Keep = %v, want %v", err, errno)
		}
		d.Discard()
		if _, err := s.Put(t.Context(), []byte("b")); !errors.Is(err, errno) {
			t.Errorf("Put = %v, want %v", err, errno)
		}
		if left := files(); len(left) > 0 {
			t.Errorf("left are %v", left)
		}
	}
}

// A disk that is full is what Close says, whoever looked at Write.
func TestCloseSaysWhatWriteCouldNot(t *testing.T) {
	s, _ := openTest(t)
	d, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	d.file.Close()
	if d.file, err = os.OpenFile("/dev/full", os.O_WRONLY, 0); err != nil {
		t.Skip(err)
	}
	d.to = asIs{d.file}
	if _, err := d.Write([]byte("a")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Write = %v, want ENOSPC", err)
	}
	if err := d.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Close = %v, want ENOSPC", err)
	}
	d.Discard()
}

func TestBytesThatChangedOnTheDiskAreCorruptUntilStoredAgain(t *testing.T) {
	for name, changed := range map[string]string{"changed": "b", "cut off": "", "longer": "aa"} {
		t.Run(name, func(t *testing.T) {
			s, _ := openTest(t)
			k, err := s.Put(t.Context(), []byte("a"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(s.path(k), []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Bytes(t.Context(), k); !errors.Is(err, ErrCorrupt) {
				t.Errorf("Bytes = %v, want ErrCorrupt", err)
			}
			if _, err := draft(t, s, "a").Keep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got, err := s.Bytes(t.Context(), k); err != nil || !bytes.Equal(got, []byte("a")) {
				t.Errorf("stored again, Bytes = %q, %v", got, err)
			}
		})
	}
}

func TestOpenRemovesDraftsOfTheDeadOnly(t *testing.T) {
	s, files := openTest(t)
	alive := draft(t, s, "a")
	dead, err := Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	draft(t, dead, "b")
	dead.drafts.Close() // as the end of its process does
	if _, err := Open(s.dir); err != nil {
		t.Fatal(err)
	}
	if left := files(); len(left) != 1 || left[0] != alive.path {
		t.Errorf("left are %v, want %s", left, alive.path)
	}
	if _, err := alive.Keep(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOpenRemovesWhatOlderReleasesLeftHalfWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "blobs")
	if err := os.MkdirAll(filepath.Join(dir, "ab"), 0o700); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, "ab", "new-123")
	if err := os.WriteFile(half, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(half); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}
