package tesseract

import (
	"context"
	"errors"
	"image"
	"slices"
	"sync"
	"testing"

	"github.com/seosik/seosik/internal/ocr"
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

func TestCheckReadsTheTestLine(t *testing.T) {
	e := open(t)
	for _, lang := range e.Languages() {
		if err := e.Check(t.Context(), lang); err != nil {
			t.Errorf("%s: %v", lang, err)
		}
	}
}

func TestReadGivesWordsAndSymbols(t *testing.T) {
	e := open(t)
	img, err := drawLine("2748 1365")
	if err != nil {
		t.Fatal(err)
	}
	texts, err := e.Read(t.Context(), []ocr.Crop{{Image: img, Languages: []string{"en"}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(texts[0].Words) != 2 {
		t.Fatalf("words = %+v, want 2", texts[0].Words)
	}
	for i, w := range texts[0].Words {
		if w.Confidence < 0.5 || w.Confidence > 1 || len(w.Symbols) != 4 || !w.Box.In(img.Rect) || w.Box.Empty() {
			t.Errorf("word = %+v, want four sure symbols within the picture", w)
		}
		if w.LineBreak != (i == 1) {
			t.Errorf("word %d: LineBreak = %v", i, w.LineBreak)
		}
		for _, s := range w.Symbols {
			if !s.Box.In(img.Rect) || s.Confidence <= 0 || s.Confidence > 1 {
				t.Errorf("symbol = %+v", s)
			}
		}
	}
}

func TestReadKeepsToTheCharset(t *testing.T) {
	e := open(t)
	img, err := drawLine("I0O5S2Z")
	if err != nil {
		t.Fatal(err)
	}
	crop := ocr.Crop{Image: img, Languages: []string{"en"}, Charset: "0123456789"}
	free := crop
	free.Charset = ""
	texts, err := e.Read(t.Context(), []ocr.Crop{crop, free, crop})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 2} {
		for _, r := range texts[i].String() {
			if r != ' ' && (r < '0' || r > '9') {
				t.Errorf("crop %d: read %q with digits only", i, texts[i])
			}
		}
	}
	if texts[0].String() == texts[1].String() {
		t.Errorf("a charset changed nothing: %q", texts[1])
	}
}

func TestReadOddCrops(t *testing.T) {
	e := open(t)
	white := image.NewGray(image.Rect(0, 0, 200, 60))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	crops := []ocr.Crop{
		{Image: white, Languages: []string{"en"}},
		{Image: white.SubImage(image.Rect(10, 10, 11, 11)).(*image.Gray), Languages: []string{"en"}},
		{Image: &image.Gray{}, Languages: []string{"en"}},
		{Image: image.NewGray(image.Rect(0, 0, 100, 100)), Languages: []string{"en"}, Layout: ocr.Block},
	}
	texts, err := e.Read(t.Context(), crops)
	if err != nil {
		t.Fatal(err)
	}
	for i := range crops[:3] {
		if s := texts[i].String(); s != "" {
			t.Errorf("crop %d: read %q in nothing", i, s)
		}
	}
}

func TestReadInManyGoroutines(t *testing.T) {
	e := open(t)
	img, err := drawLine("2748 1365")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				texts, err := e.Read(t.Context(), []ocr.Crop{{Image: img, Languages: []string{"en"}}})
				if err != nil || texts[0].String() != "2748 1365" {
					t.Errorf("Read = %v, %v", texts, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestReadUnknownLanguage(t *testing.T) {
	e := open(t)
	for _, langs := range [][]string{nil, {"xx"}, {"en", "xx"}} {
		_, err := e.Read(t.Context(), []ocr.Crop{{Image: image.NewGray(image.Rect(0, 0, 9, 9)), Languages: langs}})
		if !errors.Is(err, ocr.ErrLanguage) {
			t.Errorf("Read in %q = %v, want ErrLanguage", langs, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Read(ctx, make([]ocr.Crop, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Read after cancel = %v", err)
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
