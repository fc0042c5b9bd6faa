// Package ocrtest checks that an engine keeps what [ocr.Engine] promises.
package ocrtest

import (
	"context"
	"errors"
	"image"
	"slices"
	"sync"
	"testing"

	"github.com/seosik/seosik/internal/ocr"
)

// Engine checks e, which must read English.
func Engine(t *testing.T, e ocr.Engine) {
	t.Helper()
	t.Run("reads the test line", func(t *testing.T) {
		if err := ocr.Check(t.Context(), e, "en"); err != nil {
			t.Error(err)
		}
	})
	t.Run("keeps the order", func(t *testing.T) { order(t, e) })
	t.Run("says where what is", func(t *testing.T) { places(t, e) })
	t.Run("reads nothing in nothing", func(t *testing.T) { nothing(t, e) })
	t.Run("keeps to the charset", func(t *testing.T) { charset(t, e) })
	t.Run("refuses languages", func(t *testing.T) { languages(t, e) })
	t.Run("ends with the context", func(t *testing.T) { ending(t, e) })
	t.Run("serves many goroutines", func(t *testing.T) { goroutines(t, e) })
}

// line returns a crop of text in English.
func line(t *testing.T, text string) ocr.Crop {
	t.Helper()
	img, err := ocr.DrawLine(text)
	if err != nil {
		t.Fatal(err)
	}
	return ocr.Crop{Image: img, Languages: []string{"en"}}
}

func read(t *testing.T, e ocr.Engine, crops ...ocr.Crop) []ocr.Text {
	t.Helper()
	texts, err := e.Read(t.Context(), crops)
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) != len(crops) {
		t.Fatalf("%d texts for %d crops", len(texts), len(crops))
	}
	return texts
}

func order(t *testing.T, e ocr.Engine) {
	lines := []string{"2748", "January 2026", "31", "7", "Receipt 4471 of 9902"}
	var crops []ocr.Crop
	for _, s := range lines {
		crops = append(crops, line(t, s))
	}
	before := slices.Clone(crops[0].Image.Pix)
	for i, text := range read(t, e, crops...) {
		if text.String() != lines[i] {
			t.Errorf("crop %d: read %q, want %q", i, text, lines[i])
		}
	}
	if !slices.Equal(before, crops[0].Image.Pix) {
		t.Error("the picture was changed")
	}
}

func places(t *testing.T, e ocr.Engine) {
	crop := line(t, "2748 1365")
	text := read(t, e, crop)[0]
	if len(text.Words) != 2 {
		t.Fatalf("words = %+v, want 2", text.Words)
	}
	last := 0
	for i, w := range text.Words {
		if w.Confidence < .5 || w.Confidence > 1 || len(w.Symbols) != 4 || !w.Box.In(crop.Image.Rect) || w.Box.Empty() {
			t.Errorf("word = %+v, want four sure symbols within the picture", w)
		}
		if w.LineBreak != (i == 1) {
			t.Errorf("word %d: LineBreak = %v", i, w.LineBreak)
		}
		for _, s := range w.Symbols {
			if !s.Box.In(crop.Image.Rect) || s.Confidence <= 0 || s.Confidence > 1 {
				t.Errorf("symbol = %+v", s)
			}
			if middle := (s.Box.Min.X + s.Box.Max.X) / 2; middle <= last {
				t.Errorf("%q at %v is not right of what is before it", s.Text, s.Box)
			} else {
				last = middle
			}
		}
	}
}

func nothing(t *testing.T, e ocr.Engine) {
	white := image.NewGray(image.Rect(0, 0, 200, 60))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	english := []string{"en"}
	texts := read(t, e,
		ocr.Crop{Image: white, Languages: english},
		ocr.Crop{Image: white.SubImage(image.Rect(10, 10, 11, 11)).(*image.Gray), Languages: english},
		ocr.Crop{Image: &image.Gray{}, Languages: english},
		ocr.Crop{Image: image.NewGray(image.Rect(0, 0, 100, 100)), Languages: english, Layout: ocr.Character},
	)
	for i, text := range texts {
		if text.String() != "" {
			t.Errorf("crop %d: read %q in nothing", i, text)
		}
	}
}

func charset(t *testing.T, e ocr.Engine) {
	digits := line(t, "I0O5S2Z")
	free := digits
	digits.Charset = "0123456789"
	texts := read(t, e, digits, free, digits)
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

func languages(t *testing.T, e ocr.Engine) {
	if have := e.Languages(); !slices.IsSorted(have) || !slices.Contains(have, "en") {
		t.Errorf("Languages = %q", have)
	}
	for _, langs := range [][]string{nil, {"xx"}, {"en", "xx"}} {
		crop := line(t, "1")
		crop.Languages = langs
		if _, err := e.Read(t.Context(), []ocr.Crop{crop}); !errors.Is(err, ocr.ErrLanguage) {
			t.Errorf("Read in %q = %v, want ErrLanguage", langs, err)
		}
	}
}

func ending(t *testing.T, e ocr.Engine) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Read(ctx, []ocr.Crop{line(t, "1")}); !errors.Is(err, context.Canceled) {
		t.Errorf("Read after cancel = %v", err)
	}
}

func goroutines(t *testing.T, e ocr.Engine) {
	crop := line(t, "2748 1365")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 {
				texts, err := e.Read(t.Context(), []ocr.Crop{crop})
				if err != nil || texts[0].String() != "2748 1365" {
					t.Errorf("Read = %v, %v", texts, err)
				}
			}
		})
	}
	wg.Wait()
}
