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
