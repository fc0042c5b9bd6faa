package scan

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// What stops the renderer is the fault of the file only where the file did it.
func TestARendererThatIsStoppedIsNoDamage(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		want         error
	}{
		{"killed", "kill -KILL $$", ErrRenderer},
		{"told to end", "kill -TERM $$", ErrRenderer},
		{"cannot load its libraries", "exit 127", ErrRenderer},
		{"may not be run", "exit 126", ErrRenderer},
		{"cannot open the file", "echo \"I/O Error: Couldn't open file 'file.pdf': Too many open files.\" >&2; exit 1", ErrRenderer},
		{"complains", "echo 'Syntax Error: no pages' >&2; exit 1", ErrDamaged},
		{"crashes", "kill -SEGV $$", ErrDamaged},
		{"takes more memory than it may", "kill -ABRT $$", ErrDamaged},
		{"takes more time than it may", "kill -XCPU $$", ErrDamaged},
		{"says nothing of pages", "echo hello", ErrDamaged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bin := t.TempDir()
			for _, program := range []string{"pdfinfo", "pdfimages", "pdftoppm"} {
				if err := os.WriteFile(filepath.Join(bin, program), []byte("#!/bin/sh\n"+tt.script+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", bin+":/bin:/usr/bin")
			if _, err := Count(t.Context(), []byte("%PDF-1.4\n"), Limits{}); !errors.Is(err, tt.want) {
				t.Errorf("Count = %v, want %v", err, tt.want)
			}
		})
	}
}

// A page is not drawn on another grid because its pictures could not be listed.
func TestARendererThatIsStoppedBetweenTwoOfItsProgramsIsNoDamage(t *testing.T) {
	bin := t.TempDir()
	for program, script := range map[string]string{
		"pdfinfo":   "printf 'Pages: 1\\nPage    1 size: 72 x 72 pts\\n'",
		"pdfimages": "kill -KILL $$",
		"pdftoppm":  "printf 'P6\\n1 1\\n255\\nabc'",
	} {
		if err := os.WriteFile(filepath.Join(bin, program), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":/bin:/usr/bin")
	if _, err := Nth(t.Context(), []byte("%PDF-1.4\n"), 1, Limits{MinSide: 1}); !errors.Is(err, ErrRenderer) {
		t.Errorf("Nth = %v, want ErrRenderer", err)
	}
}
