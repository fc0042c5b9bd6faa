package scan

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/seosik/seosik/internal/beside"
)

func TestCheckPages(t *testing.T) {
	tests := []struct {
		file string // of the shared odd ones
		many bool
	}{
		{"six-pages.pdf", true},
		{"five-pages.pdf", false},
		{"truncated.pdf", false},
		{"g4-three-pages.tiff", false},
		{"baseline.jpg", false},
		{"empty.jpg", false},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join(beside.Bench(t, "odd"), tt.file))
			if err != nil {
				t.Fatal(err)
			}
			err = CheckPages(t.Context(), file, Limits{Pages: 5})
			if errors.Is(err, ErrTooManyPages) != tt.many {
				t.Errorf("CheckPages = %v", err)
			}
			if tt.file == "g4-three-pages.tiff" && !errors.Is(CheckPages(t.Context(), file, Limits{Pages: 2}), ErrTooManyPages) {
				t.Error("three pages are not too many where two may be")
			}
		})
	}
}

// What is stored as the number of pages must be what is then read.
func TestCountIsHowManyPagesThereAre(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(beside.Bench(t, "odd"), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if filepath.Ext(path) == ".json" {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			n, countErr := Count(t.Context(), file, Limits{})
			var yielded int
			var whole error
			for page, err := range Pages(t.Context(), file, Limits{}) {
				if page.Number == 0 {
					whole = err
					continue
				}
				if yielded++; page.Number != yielded {
					t.Errorf("page %d came as number %d", yielded, page.Number)
				}
			}
			if (whole == nil) != (countErr == nil) || whole != nil && whole.Error() != countErr.Error() {
				t.Errorf("Count = %v, and Pages ends with %v", countErr, whole)
			}
			if whole == nil && n != yielded {
				t.Errorf("Count = %d, and Pages yields %d", n, yielded)
			}
		})
	}
}
