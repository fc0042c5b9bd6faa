package sample

import (
	"image"
	"image/draw"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/geom"
)

// paperSituations are those of paper and pictures that are not white, or not
// whole.
var paperSituations = []situation{
	{name: "cut", page: cutOff},
}

// cutOff leaves out up to a quarter of the page at one of its sides.
func cutOff(r *rand.Rand, _ *Blank, p *Paper) {
	size := p.Image.Bounds().Size()
	share, left := between(r, .05, .25), image.Rectangle{Max: size}
	switch r.IntN(4) {
	case 0:
		left.Min.Y = int(share * float64(size.Y))
	case 1:
		left.Max.Y -= int(share * float64(size.Y))
	case 2:
		left.Min.X = int(share * float64(size.X))
	default:
		left.Max.X -= int(share * float64(size.X))
	}
	p.Image = subImage(p.Image, left)
	p.TemplateToPage = geom.Shift(geom.Point{X: -float64(left.Min.X), Y: -float64(left.Min.Y)}).After(p.TemplateToPage)
}

// subImage returns the part r of picture, whose corner is (0, 0).
func subImage(picture image.Image, r image.Rectangle) image.Image {
	out := image.NewRGBA(image.Rectangle{Max: r.Size()})
	draw.Draw(out, out.Rect, picture, r.Min, draw.Src)
	return out
}
