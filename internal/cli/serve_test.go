package cli

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// What people sent does not lie about where a release before was killed.
func TestServeRemovesWhatReleasesBeforeLeft(t *testing.T) {
	data := t.TempDir()
	left := filepath.Join(data, "tmp", "run-1", "seosik-pdf-1")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, "file.pdf"), []byte("%PDF-1.4"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, kill := serveWith(t, ":", data)
	defer kill()
	if _, err := os.Stat(filepath.Join(data, "tmp")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}
