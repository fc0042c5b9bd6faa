package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/sample/demo"
)

// What people sent does not stay on the disk, or lie where others can see it,
// when the server is killed while it draws a PDF.
func TestFilesOfAKilledServerAreRemoved(t *testing.T) {
	data, programs := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("PATH", programs+":"+os.Getenv("PATH"))
	if err := os.WriteFile(filepath.Join(programs, "pdfinfo"), []byte("#!/bin/sh\nexec sleep 30\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	var domain struct{ InvokePath, Secret string }
	if err := json.Unmarshal([]byte(run(t, "domain", "add", "--data", data, "--name", "N", "--lang", "ko")), &domain); err != nil {
		t.Fatal(err)
	}
	run(t, "template", "import", "--data", data, "--domain", "1", "--stage", "service", demoFolder(t))
	address, kill := serveWith(t, ":", data)
	go infer(t, "http://"+address+domain.InvokePath, domain.Secret, demo.Scan{Name: "a.pdf", Data: []byte("%PDF-1.4 hong gil dong")})

	file := filepath.Join(data, "tmp", "run-*", "seosik-pdf-*", "file.pdf")
	for deadline := time.Now().Add(time.Minute); len(found(t, file)) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no PDF lies in the data folder")
		}
	}
	if info, err := os.Stat(filepath.Join(data, "tmp")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v; want it to be its owner's alone", info.Mode(), err)
	}
	kill()
	if len(found(t, file)) == 0 {
		t.Fatal("the PDF is gone before anybody looked")
	}
	if left := found(t, filepath.Join(os.TempDir(), "*")); len(left) > 0 {
		t.Errorf("%q lie in the system's folder", left)
	}
	serveWith(t, ":", data)
	if left := found(t, file); len(left) > 0 {
		t.Errorf("%q are still there after the next start", left)
	}
}

// A folder whose process is alive is left alone.
func TestTempDirsOfOthersAreKept(t *testing.T) {
	data := t.TempDir()
	first, removeFirst, err := tempDir(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(first, "file.pdf"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	second, removeSecond, err := tempDir(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(found(t, filepath.Join(first, "file.pdf"))) != 1 || first == second {
		t.Errorf("the folder of another process is gone")
	}
	for _, remove := range []func() error{removeFirst, removeSecond} {
		if err := remove(); err != nil {
			t.Error(err)
		}
	}
	if left := found(t, filepath.Join(data, "tmp", "*")); len(left) > 0 {
		t.Errorf("%q are left", left)
	}
}

// found returns the files that there are of a pattern.
func found(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return files
}
