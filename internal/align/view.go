package align

import (
	"image"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// workSide is the longer side, in pixels, at which pictures are compared: A4
// at 100 dpi. Twice as fine costs four times the time and, on the drawn
// pages, places no better.
const workSide = 1170

// A view is a picture as align compares it: reduced, and with the paper taken
// away. Its pixels are work px.
type view struct {
	clean *image.Gray
	scale float64 // px of the picture a work px
}

// newView returns the view of img whose longer side is about side work px, or
// that of img itself where it is smaller.
func newView(img *image.Gray, side int) view {
	img, scale := reduced(img, side)
	return view{clean(img), scale}
}

// reduced returns img with its paper as newView reduces it, and px of img a px
// of that.
func reduced(img *image.Gray, side int) (*image.Gray, float64) {
	scale := 1.0
	for longer(img) >= 2*side-side/8 {
		img, scale = raster.Half(img), 2*scale
	}
	if f := float64(longer(img)) / float64(side); f > 1.125 {
		img, scale = raster.Reduce(img, f), f*scale
	}
	return img, scale
}

// A cornered is a view with its features, which are found when they are needed.
type cornered struct {
	view
	asWhole, asPart []feature
}

func cornersOf(v view) *cornered { return &cornered{view: v} }

// whole returns the features of a page that shows a whole form.
func (c *cornered) whole() []feature {
	if c.asWhole == nil {
		c.asWhole = features(c.clean, pageFeatures, 1)
	}
	return c.asWhole
}

// part returns those of a page that shows a part of a form, which is larger
// than references expect.
func (c *cornered) part() []feature {
	if c.asPart == nil {
		c.asPart = features(raster.Reduce(c.clean, partZoom), pageFeatures, partZoom)
	}
	return c.asPart
}

func longer(img *image.Gray) int { return max(img.Rect.Dx(), img.Rect.Dy()) }

// workTo returns the homography from work px to px of the picture.
func (v view) workTo() geom.Homography { return geom.Scale(v.scale, v.scale) }
