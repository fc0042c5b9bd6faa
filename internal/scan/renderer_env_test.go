package scan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Programs that draw what strangers sent know nothing of the server, and leave
// no picture of their memory.
func TestRenderersHaveNoneOfTheServersSecrets(t *testing.T) {
	bin, parent := t.TempDir(), t.TempDir()
	for _, program := range []string{"pdfinfo", "pdfimages", "pdftoppm"} {
		if err := os.WriteFile(filepath.Join(bin, program), []byte("#!/bin/sh\nenv; echo core $(ulimit -c); pwd\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":/bin:/usr/bin")
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "correct horse")
	doc, err := openPDF(parent, []byte("%PDF-1.4\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer doc.close()
	out, err := doc.run(t.Context(), "pdfinfo")
	if err != nil {
		t.Fatal(err)
	}
	got := string(out)
	if strings.Contains(got, "horse") || !strings.Contains(got, "core 0\n") {
		t.Errorf("a renderer has\n%s", got)
	}
	if !strings.Contains(got, "\n"+parent+"/seosik-pdf-") {
		t.Errorf("it does not run in a folder of its own in %s:\n%s", parent, got)
	}
}
