package tesseract

import (
	"errors"
	"image"
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/ocr/ocrtest"
)

// open returns the engine, or skips the test where Tesseract is not installed.
func open(t *testing.T) *Engine {
	t.Helper()
	e, err := Open("")
	if errors.Is(err, ErrLibrary) || errors.Is(err, ErrData) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestEngine(t *testing.T) { ocrtest.Engine(t, open(t)) }

func TestCheckReadsTheTestLine(t *testing.T) {
	e := open(t)
	for _, lang := range e.Languages() {
		if err := ocr.Check(t.Context(), e, lang); err != nil {
			t.Errorf("%s: %v", lang, err)
		}
	}
}

func TestReadBlackBlock(t *testing.T) {
	e := open(t)
	if _, err := e.Read(t.Context(), []ocr.Crop{
		{Image: image.NewGray(image.Rect(0, 0, 100, 100)), Languages: []string{"en"}, Layout: ocr.Block},
	}); err != nil {
		t.Fatal(err)
	}
}

func TestFiles(t *testing.T) {
	e := open(t)
	if have := e.Languages(); !slices.Contains(have, "ko") || !slices.Contains(have, "ja") {
		t.Skip("needs Korean and Japanese")
	}
	for _, tt := range []struct {
		languages []string
		want      string
	}{
		{[]string{"ko"}, "kor"},
		{[]string{"en"}, "eng"},
		{[]string{"ko", "en"}, "kor"},
		{[]string{"ko", "ja", "ko"}, "kor+jpn"},
	} {
		if got, err := e.files(tt.languages); got != tt.want || err != nil {
			t.Errorf("files(%q) = %q, %v, want %q", tt.languages, got, err, tt.want)
		}
	}
}
