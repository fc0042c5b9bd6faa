// Package raster works on gray pixels: it scales and warps pictures and finds
// connected ink.
//
// Pictures are [image.Gray] with 0 for black ink and 255 for white paper.
// Coordinates are those of package geom: a picture's pixel (i, j), counted
// from its top-left corner whatever its Bounds, has its centre at
// (i+0.5, j+0.5).
package raster

import (
	"image"
	"math"

	"github.com/seosik/seosik/internal/geom"
)

// Paper is the value of a pixel outside the picture.
const Paper = 255

// New returns a white picture.
func New(width, height int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = Paper
	}
	return img
}

// At returns the gray value of img at p, in [0, 255], interpolated between
// the four pixels around it.
func At(img *image.Gray, p geom.Point) float64 {
	x, y := p.X-.5, p.Y-.5
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if !(x > -1 && y > -1 && x < float64(w) && y < float64(h)) { // also NaN
		return Paper
	}
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	fx, fy := x-float64(x0), y-float64(y0)
	if x0 >= 0 && y0 >= 0 && x0+1 < w && y0+1 < h {
		i := y0*img.Stride + x0
		a, b := float64(img.Pix[i]), float64(img.Pix[i+1])
		c, d := float64(img.Pix[i+img.Stride]), float64(img.Pix[i+img.Stride+1])
		top := a + float64(fx*(b-a))
		return top + float64(fy*(c+float64(fx*(d-c))-top))
	}
	at := func(x, y int) float64 {
		if x < 0 || y < 0 || x >= w || y >= h {
			return Paper
		}
		return float64(img.Pix[y*img.Stride+x])
	}
	top := at(x0, y0) + float64(fx*(at(x0+1, y0)-at(x0, y0)))
	bottom := at(x0, y0+1) + float64(fx*(at(x0+1, y0+1)-at(x0, y0+1)))
	return top + float64(fy*(bottom-top))
}
