package reader

import (
	"image"
	"math"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// Resolutions at which fields are looked at. Where the page has less than
// the lowest, it is enlarged: thin print is hard to take away from few pixels.
const (
	lowestDPI  = 200.0
	highestDPI = 400.0
	formHeight = 11.7 // inches; of the long side of a form, where nobody says
)

// A window shows one place of the page and of the blank template, upright and
// in the same pixels.
type window struct {
	filled, blank *image.Gray
	box           image.Rectangle // the field, px of the window
	scale         float64         // px of the window for one of the template
	dpi           float64         // of the window, if the form is as large as forms are
	toTemplate    geom.Homography
	toPage        geom.Homography
	faint         bool // thin strokes are fainter than thick ones, as on a smoothed fax
}

// window returns the place of box, in template px, and margin template px
// around it.
func (p *placed) window(page *image.Gray, box geom.Box, margin float64) *window {
	scale := p.scaleAt(box)
	w := &window{scale: scale, dpi: scale * p.dpi(), faint: page == p.lines && p.lines != p.page}
	outer := box.Grow(margin)
	width, height := int(math.Ceil(outer.Width()*w.scale)), int(math.Ceil(outer.Height()*w.scale))
	w.toTemplate = geom.Shift(outer.Min).After(geom.Scale(1/w.scale, 1/w.scale))
	w.toPage = p.toPage(box).After(w.toTemplate)
	w.filled = raster.Warp(page, w.toPage, width, height)
	w.blank = raster.Warp(p.blank, w.toTemplate, width, height)
	w.box = w.rect(box)
	return w
}

// rect returns box, in template px, in pixels of w.
func (w *window) rect(box geom.Box) image.Rectangle {
	min := geom.Point{X: w.toTemplate[2], Y: w.toTemplate[5]}
	at := func(p geom.Point) image.Point {
		d := p.Sub(min)
		return image.Pt(int(math.Round(d.X*w.scale)), int(math.Round(d.Y*w.scale)))
	}
	return image.Rectangle{Min: at(box.Min), Max: at(box.Max)}.Intersect(w.filled.Rect)
}

// scaleAt returns at how many pixels for one of the template the page is best
// looked at near box: its own resolution, within limits.
func (p *placed) scaleAt(box geom.Box) float64 {
	return min(max(p.templateToPage.ScaleAt(box.Center()), lowestDPI/p.dpi()), highestDPI/p.dpi())
}

// dpi returns the resolution of the template's picture.
func (p *placed) dpi() float64 {
	return float64(max(p.blank.Rect.Dx(), p.blank.Rect.Dy())) / formHeight
}
