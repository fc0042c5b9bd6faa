package ink

import (
	"image"

	"github.com/seosik/seosik/internal/raster"
)

const (
	skewSide = 1000 // pixels of the picture in which the skew is looked for
	skewInk  = 80   // of 255: how dark ink of print is against its paper
)

// Skew returns by how much the lines of page are turned, in radians: those of
// its ink.
func Skew(page *image.Gray) float64 {
	small := page
	for max(small.Rect.Dx(), small.Rect.Dy()) >= 2*skewSide {
		small = raster.Half(small)
	}
	ink := darkness(small)
	var points []image.Point
	for y := range ink.height {
		for x := range ink.width {
			if ink.at[y*ink.width+x] >= skewInk {
				points = append(points, image.Pt(x, y))
			}
		}
	}
	return raster.Skew(points, ink.width, ink.height, .25, .05)
}
