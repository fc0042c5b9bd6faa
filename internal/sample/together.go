package sample

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/math/f64"

	xdraw "golang.org/x/image/draw"

	"github.com/seosik/seosik/internal/geom"
)

// A Laid is a picture of paper, and where it lies on the glass of a scanner.
type Laid struct {
	Image   image.Image
	ToGlass geom.Homography // px of Image to those of the glass; affine
}

// Together returns the picture of several papers on a white glass of the given
// size in px. Degrade may follow.
func Together(width, height int, papers []Laid) *image.RGBA {
	glass := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(glass, glass.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	for _, p := range papers {
		h := p.ToGlass
		xdraw.BiLinear.Transform(glass, f64.Aff3{h[0], h[1], h[2], h[3], h[4], h[5]}, p.Image, p.Image.Bounds(), draw.Over, nil)
	}
	return glass
}
