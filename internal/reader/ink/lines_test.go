package ink

import (
	"image"
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/geom"
)

func TestPictures(t *testing.T) {
	s := drawn(func(img *image.Gray) {
		blacken(img, image.Rect(300, 330, 310, 370))
		blacken(img, image.Rect(340, 330, 350, 370))
	})
	w := s.Window(s.Page, geom.XYWH(100, 300, 1000, 100), 12)
	lines := w.Writing(nil).Lines
	if len(lines) != 1 {
		t.Fatalf("%d lines, want 1", len(lines))
	}
	p := lines[0].Picture(40, 12)
	white := p.White()
	if p.Image.Rect.Dy() != 64 || p.Height() != 40 || len(white) != p.Image.Rect.Dx() {
		t.Fatalf("a picture of %v, its line %d px high, want 64 and 40", p.Image.Rect, p.Height())
	}
	if !white[3] || white[12+4] || !white[12+25] || white[12+44] {
		t.Error("white columns are not where there is no ink")
	}
	part := p.Part(30, p.Image.Rect.Dx(), 6)
	at := w.ToPage.After(part.ToWindow).Apply(geom.Point{X: float64(6 + slices.Index(white[30:], false)), Y: 12})
	if want := (geom.Point{X: 340, Y: 330}); at.Distance(want) > 2 {
		t.Errorf("the part's ink begins at %v of the page, want %v", at, want)
	}
	if !slices.Equal(part.White()[6:len(part.White())-6], white[30:]) || slices.Contains(part.White()[:6], false) {
		t.Error("the part does not have the columns of the picture")
	}
}

func TestLinesAreToldApart(t *testing.T) {
	for _, tt := range []struct {
		name  string
		parts []image.Rectangle
		want  int
	}{
		{"one", []image.Rectangle{image.Rect(300, 330, 400, 360)}, 1},
		{"two with a gap", []image.Rectangle{image.Rect(300, 310, 420, 340), image.Rect(300, 352, 420, 382)}, 2},
		{"two, single-spaced", []image.Rectangle{image.Rect(300, 315, 500, 345), image.Rect(300, 349, 400, 379)}, 2},
		{"the parts of letters", []image.Rectangle{image.Rect(300, 315, 400, 341), image.Rect(302, 344, 403, 370)}, 1},
		{"accents", []image.Rectangle{image.Rect(320, 320, 330, 328), image.Rect(300, 332, 500, 360)}, 1},
		{"two of letters in parts", []image.Rectangle{
			image.Rect(300, 315, 500, 328), image.Rect(300, 330, 500, 343), image.Rect(300, 349, 400, 362), image.Rect(300, 364, 400, 377),
		}, 2},
		{"a single letter", []image.Rectangle{image.Rect(300, 315, 330, 345), image.Rect(300, 360, 330, 380)}, 1},
	} {
		s := drawn(func(img *image.Gray) {
			for _, r := range tt.parts {
				blacken(img, r)
			}
		})
		w := s.Window(s.Page, geom.XYWH(100, 304, 1000, 94), 12)
		if got := len(w.Writing(nil).Lines); got != tt.want {
			t.Errorf("%s: %d lines, want %d", tt.name, got, tt.want)
		}
	}
}

// Boxes of people who drew them by hand overlap.
func TestWritingThatIsMoreInAnotherBoxIsOfThat(t *testing.T) {
	s := drawn(func(img *image.Gray) {
		blacken(img, image.Rect(300, 330, 420, 360))
		blacken(img, image.Rect(600, 366, 720, 396))
	})
	w := s.Window(s.Page, geom.XYWH(100, 310, 1000, 75), 12)
	w.Others = []image.Rectangle{w.Rect(geom.XYWH(100, 362, 1000, 60))}
	if got := len(w.Writing(nil).Lines); got != 1 {
		t.Errorf("%d lines, want that of the box alone", got)
	}
}
