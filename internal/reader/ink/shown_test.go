package ink

import (
	"image"
	"image/draw"
	"testing"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

func TestPrintThatIsNotToBeSeen(t *testing.T) {
	blank := raster.New(1654, 2339)
	for y := 100; y < 2200; y += 80 { // rows of a table
		draw.Draw(blank, image.Rect(100, y, 1500, y+2), image.Black, image.Point{}, draw.Src)
	}
	box := func(x, y float64) geom.Box { return geom.XYWH(x, y, 600, 78) }
	page := raster.New(1654, 2339)
	draw.Draw(page, page.Rect, blank, image.Pt(-2, 2), draw.Src)                                             // which lies a little off
	draw.Draw(page, image.Rect(500, 800, 1100, 1200), image.White, image.Point{}, draw.Src)                  // glare
	draw.Draw(page, image.Rect(0, 1900, 1654, 2339), image.NewUniform(image.Black), image.Point{}, draw.Src) // a desk
	s := &Sheet{Blank: blank, Page: page, TemplateToPage: geom.Identity}
	p := s.Print()
	for _, tt := range []struct {
		name string
		box  geom.Box
		low  float64
		high float64
	}{
		{"as it should be", box(200, 341), 0, 0},
		{"in the light", box(500, 981), 1, 1},
		{"half in the light", box(900, 981), .9, 1},
		{"on the desk", box(200, 2021), 1, 1},
		{"where there is no print", geom.XYWH(200, 20, 600, 20), 0, 0},
	} {
		if got := s.Lost(p, tt.box); got < tt.low || got > tt.high {
			t.Errorf("%s: Lost = %.2f, want %.2f to %.2f", tt.name, got, tt.low, tt.high)
		}
	}
}
