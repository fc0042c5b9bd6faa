package suggest

import (
	"image"
	"image/draw"
	"math"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

const (
	skewSide  = 1200.0    // pixels of the longer side of the picture in which the angle is looked for
	skewInk   = 60        // of 255: how much darker than what is above it an upper edge is
	skewLeast = .04       // degrees: what is less is left as it is
	edges     = 1_000_000 // that are looked at; a picture of nothing else has more
)

// Straighten returns by how much a page must be turned so that its lines are
// level: straightToPage maps the straight picture, which has the size of the
// page, to the page. It is [geom.Identity] where the page is straight.
func Straighten(page *image.Gray) (straightToPage geom.Homography) {
	radians := skew(page)
	if math.Abs(radians)*180/math.Pi < skewLeast {
		return geom.Identity
	}
	middle := geom.Point{X: float64(page.Rect.Dx()) / 2, Y: float64(page.Rect.Dy()) / 2}
	sin, cos := math.Sincos(radians)
	turn := geom.Homography{cos, -sin, 0, sin, cos, 0, 0, 0, 1}
	return geom.Shift(middle).After(turn).After(geom.Shift(geom.Point{X: -middle.X, Y: -middle.Y}))
}

// Turn returns a picture of the same size as it lies straight.
func Turn(picture image.Image, straightToPage geom.Homography) image.Image {
	if straightToPage == geom.Identity {
		return picture
	}
	b := picture.Bounds()
	if gray, ok := picture.(*image.Gray); ok {
		return raster.Warp(gray, straightToPage, b.Dx(), b.Dy())
	}
	flat := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(flat, flat.Rect, picture, b.Min, draw.Src)
	out := image.NewRGBA(flat.Rect)
	plane := image.NewGray(flat.Rect) // one of the four at a time
	for channel := range 4 {
		for i := range plane.Pix {
			plane.Pix[i] = flat.Pix[4*i+channel]
		}
		for i, v := range raster.Warp(plane, straightToPage, b.Dx(), b.Dy()).Pix {
			out.Pix[4*i+channel] = v
		}
	}
	return out
}

// skew returns by how much the lines of page are turned, in radians: those of the
// upper edges of its ink.
func skew(page *image.Gray) float64 {
	small := page
	if factor := float64(max(page.Rect.Dx(), page.Rect.Dy())) / skewSide; factor > 1 {
		small = raster.Reduce(page, factor)
	}
	return raster.Skew(upperEdges(small), small.Rect.Dx(), small.Rect.Dy(), .2, .02)
}

// upperEdges returns the pixels that are much darker than those above them.
func upperEdges(img *image.Gray) []image.Point {
	var points []image.Point
	for y := 2; y < img.Rect.Dy() && len(points) < edges; y++ {
		above, row := img.Pix[(y-2)*img.Stride:], img.Pix[y*img.Stride:]
		for x := range img.Rect.Dx() {
			if int(above[x])-int(row[x]) >= skewInk {
				points = append(points, image.Pt(x, y))
			}
		}
	}
	return points
}
