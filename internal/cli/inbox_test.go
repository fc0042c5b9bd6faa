package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/sample/demo"
)

// What is put into a folder is read: by a command that ends, and by a server.
func TestFilesOfAFolderAreRead(t *testing.T) {
	data, folder := t.TempDir(), t.TempDir()
	run(t, "domain", "add", "--data", data, "--name", "출장", "--lang", "ko")
	run(t, "template", "import", "--data", data, "--domain", "1", "--stage", "service", demoFolder(t))
	put := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	scan := demo.Load().Scans[0]
	put("first.jpg", scan.Data)
	put("broken.pdf", []byte("%PDF-1.7 broken"))
	var out, errs bytes.Buffer
	if status := Main(t.Context(), []string{"inbox", "--once", "--data", data, "--domain", "1", "--rest", "0s", folder}, &out, &errs); status != 1 {
		t.Fatalf("status %d, want 1, for a file that cannot be read\n%s", status, &errs)
	}
	read := make(map[string]bool)
	for d := json.NewDecoder(&out); d.More(); {
		var line struct {
			File string
			Read bool
		}
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		read[line.File] = line.Read
	}
	if len(read) != 2 || !read["first.jpg"] || read["broken.pdf"] {
		t.Errorf("it said %v", read)
	}
	if why, err := os.ReadFile(filepath.Join(folder, "failed", "broken.pdf.txt")); err != nil || !strings.Contains(string(why), "damaged") {
		t.Errorf("%q, %v", why, err)
	}

	if said := runBadly(t, "inbox", "--once", "--data", data, "--domain", "1", filepath.Dir(data)); !strings.Contains(said, "must be apart") {
		t.Errorf("the folder of the data was taken for one of scans: %s", said)
	}
	t.Setenv("SEOSIK_INBOX", folder)
	t.Setenv("SEOSIK_INBOX_REST", "100ms")
	serve(t, data)
	put("second.jpg", scan.Data)
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if found, _ := filepath.Glob(filepath.Join(folder, "done", "*", "second.jpg")); len(found) > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the server did not take the file")
		}
	}
	if lines := strings.Count(run(t, "export", "--data", data, "--template", "1", "--state", "done,review"), "\n"); lines != 3 {
		t.Errorf("%d lines were written, want a head and two pages", lines)
	}
}
