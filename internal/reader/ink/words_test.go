package ink

import (
	"image"
	"testing"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

func TestWords(t *testing.T) {
	for _, scale := range []float64{.75, 1, 1.5} { // page px for one of the template
		blank, page := raster.New(1654, 2339), raster.New(1654, 2339)
		for _, img := range []*image.Gray{blank, page} {
			for y := 300; y < 900; y += 100 { // rules, and print between them
				blacken(img, image.Rect(100, y, 1500, y+3))
				blacken(img, image.Rect(110, y+30, 190, y+60))
			}
		}
		letters := func(x, y, n int) {
			for i := range n {
				blacken(page, image.Rect(x+24*i, y, x+24*i+5, y+30))
				blacken(page, image.Rect(x+24*i, y, x+24*i+16, y+5))
			}
		}
		letters(300, 335, 5) // in a row
		letters(500, 335, 2) // behind a space
		letters(300, 488, 4) // over a rule
		blacken(page, image.Rect(1200, 1200, 1204, 1204))
		toPage := geom.Scale(scale, scale)
		back, err := toPage.Inverse()
		if err != nil {
			t.Fatal(err)
		}
		page = raster.Warp(page, back, int(1654*scale), int(2339*scale))
		s := &Sheet{Blank: blank, Page: page, Inked: page, Lines: page, TemplateToPage: toPage}
		got, want := s.Written().Words(), []geom.Box{geom.XYWH(300, 335, 112, 30), geom.XYWH(500, 335, 40, 30), geom.XYWH(300, 488, 88, 30)}
		if len(got) != len(want) {
			t.Fatalf("at %v: words %v, want %v", scale, got, want)
		}
		for i := range want {
			if !got[i].In(want[i].Grow(5)) || !want[i].In(got[i].Grow(5)) {
				t.Errorf("at %v: word %v, want %v", scale, got[i], want[i])
			}
		}
	}
}
