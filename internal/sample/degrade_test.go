package sample

import (
	"image"
	"math"
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/geom"
)

// markers draws black squares on white and returns the picture and their
// centres.
func markers(width, height int) (*image.RGBA, []geom.Point) {
	c := newCanvas(width, height)
	var centers []geom.Point
	for _, fy := range []float64{.1, .5, .9} {
		for _, fx := range []float64{.1, .5, .9} {
			o := geom.Point{X: fx * float64(width), Y: fy * float64(height)}
			c.box(geom.XYWH(o.X-15, o.Y-15, 30, 30), gray(0))
			centers = append(centers, o)
		}
	}
	return c.img, centers
}

// darkCenter returns the centre of the dark pixels within reach of p.
func darkCenter(page *image.Gray, p geom.Point, reach int) (geom.Point, bool) {
	var sum geom.Point
	n := 0.0
	for y := max(0, int(p.Y)-reach); y < min(page.Rect.Dy(), int(p.Y)+reach); y++ {
		for x := max(0, int(p.X)-reach); x < min(page.Rect.Dx(), int(p.X)+reach); x++ {
			if page.Pix[y*page.Stride+x] < 120 {
				sum = sum.Add(geom.Point{X: float64(x) + .5, Y: float64(y) + .5})
				n++
			}
		}
	}
	if n == 0 {
		return geom.Point{}, false
	}
	return geom.Point{X: sum.X / n, Y: sum.Y / n}, true
}

func TestDegradeSaysWhereThePageLies(t *testing.T) {
	picture, centers := markers(1000, 1400)
	for _, level := range Levels {
		t.Run(string(level), func(t *testing.T) {
			var bias geom.Point // the mean: half a pixel would be another convention
			const seeds = 2
			for seed := range uint64(seeds) {
				page, templateToPage := Degrade(picture, level, seed)
				g := ToGray(page)
				for _, c := range centers {
					want := templateToPage.Apply(c)
					got, ok := darkCenter(g, want, int(25*templateToPage.ScaleAt(c)))
					if !ok {
						t.Fatalf("seed %d: no marker near %v", seed, want)
					}
					bias = bias.Add(geom.Point{X: (got.X - want.X) / float64(seeds*len(centers)), Y: (got.Y - want.Y) / float64(seeds*len(centers))})
					// Specks and seals may pull the centre a little.
					if d := got.Distance(want); d > 1.2 {
						t.Errorf("seed %d: the marker at %v is %.2f px from where it should be", seed, c, d)
					}
				}
			}
			if max(math.Abs(bias.X), math.Abs(bias.Y)) > .2 {
				t.Errorf("markers are %v px from where they should be on average", bias)
			}
		})
	}
}

func TestDegradeIsTheSameForTheSameSeed(t *testing.T) {
	picture, _ := markers(500, 700)
	for _, level := range Levels {
		a, ha := Degrade(picture, level, 5)
		b, hb := Degrade(picture, level, 5)
		if ha != hb || !slices.Equal(ToGray(a).Pix, ToGray(b).Pix) {
			t.Errorf("%s: the same seed gave another page", level)
		}
		if _, hc := Degrade(picture, level, 6); level != Clean && hc == ha {
			t.Errorf("%s: another seed gave the same place", level)
		}
	}
}

func TestFaxIsBlackAndWhite(t *testing.T) {
	picture, _ := markers(500, 700)
	page, _ := Degrade(picture, Fax, 1)
	for _, v := range page.(*image.Gray).Pix {
		if v != 0 && v != 255 {
			t.Fatalf("a pixel of value %d", v)
		}
	}
}
