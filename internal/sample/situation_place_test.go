package sample

import (
	"image/color"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A dot on paper that is not flat must be drawn where Bend says.
func TestBendSaysWherePlacesLie(t *testing.T) {
	b := &Blank{Template: &form.Template{Width: 600, Height: 800}}
	for _, s := range placeSituations {
		for seed := range uint64(12) {
			dot := geom.Point{X: 100 + 35*float64(seed), Y: 700 - 50*float64(seed)}
			c, p := newCanvas(600, 800), new(Paper)
			c.box(geom.Box{Min: dot, Max: dot}.Grow(2), color.RGBA{A: 255})
			s.sheet(newRand(seed, "test"), b, p, c)
			if at := p.Bend(dot); c.img.RGBAAt(int(at.X), int(at.Y)).R > 60 {
				t.Errorf("%s, %d: no dot at %v, where %v should lie", s.name, seed, at, dot)
			}
		}
	}
}
