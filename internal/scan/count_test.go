package scan

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
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
			needPoppler(t)
			file, err := os.ReadFile(filepath.Join(shared(t, "odd"), tt.file))
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
