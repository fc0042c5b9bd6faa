package ink

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
)

// formHeight is how long the long side of a form is in inches, where nobody
// says.
const formHeight = 11.7

// DPI returns the resolution of the picture of a form in pixels an inch, if the
// form is as large as forms are.
func DPI(width, height int) float64 { return float64(max(width, height)) / formHeight }

// A Sheet is a page with the template that lies on it. The page is there as it
// was scanned, but for marker, shadows and tints under what is on it, and as what
// stands on it is best looked at.
type Sheet struct {
	Blank *image.Gray // the template's picture, on an even ground
	Page  *image.Gray // on an even ground, without stripes
	Inked *image.Gray // Page without red seals; Page itself where there are none
	Lines *image.Gray // Inked as text is best read in it; Inked itself on most pages

	TemplateToPage geom.Homography
	// At returns TemplateToPage as it is at and around a box in template px:
	// paper may be bent. Where it is nil, that is the same everywhere.
	At func(geom.Box) geom.Homography

	// Point carries template px to page px where paper is bent so that no
	// homography holds for a whole line of text; nil where one does.
	Point func(geom.Point) geom.Point

	black         solid    // parts of the page that are black
	columns, rows []stripe // that have been taken from it
}

// NewSheet returns the sheet of a page that was decoded to gray and to colour,
// which may be the same picture. Blank is on an even ground.
func NewSheet(blank, page *image.Gray, color image.Image, templateToPage geom.Homography, at func(geom.Box) geom.Homography) *Sheet {
	s := &Sheet{Blank: blank, TemplateToPage: templateToPage, At: at}
	s.Page, s.columns, s.rows = withoutStripes(page)
	s.evenOut()
	s.Inked = withoutSeals(s.Page, color)
	if s.Lines = s.Inked; Bilevel(s.Inked) {
		s.Lines = smoothed(s.Inked)
	}
	return s
}

// Bilevel reports whether the page is black and white, as a fax is.
func (s *Sheet) Bilevel() bool { return s.Lines != s.Inked }

// Red reports whether the page has red ink, which is not in Inked.
func (s *Sheet) Red() bool { return s.Inked != s.Page }

// DPI returns the resolution of the template's picture.
func (s *Sheet) DPI() float64 { return DPI(s.Blank.Rect.Dx(), s.Blank.Rect.Dy()) }

// DPIAt returns the resolution of the page around box, in template px.
func (s *Sheet) DPIAt(box geom.Box) float64 {
	return s.TemplateToPage.ScaleAt(box.Center()) * s.DPI()
}

// ToPage returns the homography from template px to page px at and around box,
// in template px.
func (s *Sheet) ToPage(box geom.Box) geom.Homography {
	if s.At == nil {
		return s.TemplateToPage
	}
	return s.At(box)
}

// A Window shows one place of the page and of the blank template, upright and
// in the same pixels.
type Window struct {
	Filled, Blank *image.Gray
	Box           image.Rectangle   // the place without its margin, px of the window
	Others        []image.Rectangle // places of other fields, px of the window: what lies more in one is not of this one
	ToPage        geom.Homography   // px of the window to px of the page
	scale         float64           // px of the window for one of the template
	dpi           float64           // of the window, if the form is as large as forms are
	toTemplate    geom.Homography
	faint         bool // thin strokes are fainter than thick ones, as on a smoothed fax
}

// Window returns the place of box, in template px, and margin template px
// around it, as it is on page, which is one of the pictures of the page that s
// has.
func (s *Sheet) Window(page *image.Gray, box geom.Box, margin float64) *Window {
	return s.windowAt(page, box, margin, s.scaleAt(box))
}

// windowAt is Window at so many pixels for one of the template.
func (s *Sheet) windowAt(page *image.Gray, box geom.Box, margin, scale float64) *Window {
	w := &Window{scale: scale, dpi: scale * s.DPI(), faint: page == s.Lines && s.Bilevel()}
	outer := box.Grow(margin)
	width, height := int(math.Ceil(outer.Width()*w.scale)), int(math.Ceil(outer.Height()*w.scale))
	w.toTemplate = geom.Shift(outer.Min).After(geom.Scale(1/w.scale, 1/w.scale))
	w.ToPage = s.ToPage(box).After(w.toTemplate)
	if s.Point == nil {
		w.Filled = raster.Warp(page, w.ToPage, width, height)
	} else {
		at := func(p geom.Point) geom.Point { return s.Point(w.toTemplate.Apply(p)) }
		w.Filled = raster.WarpBy(page, at, w.ToPage.ScaleAt(geom.Point{X: float64(width) / 2, Y: float64(height) / 2}), width, height)
	}
	w.Blank = raster.Warp(s.Blank, w.toTemplate, width, height)
	w.Box = w.Rect(box)
	return w
}

// Rect returns box, in template px, in pixels of w.
func (w *Window) Rect(box geom.Box) image.Rectangle {
	min := geom.Point{X: w.toTemplate[2], Y: w.toTemplate[5]}
	at := func(p geom.Point) image.Point {
		d := p.Sub(min)
		return image.Pt(int(math.Round(d.X*w.scale)), int(math.Round(d.Y*w.scale)))
	}
	return image.Rectangle{Min: at(box.Min), Max: at(box.Max)}.Intersect(w.Filled.Rect)
}

// Unit returns how many pixels of w are one at 200 dpi.
func (w *Window) Unit() float64 { return w.dpi / 200 }

// scaleAt returns at how many pixels for one of the template the page is best
// looked at near box: its own resolution, within limits.
func (s *Sheet) scaleAt(box geom.Box) float64 {
	return min(max(s.TemplateToPage.ScaleAt(box.Center()), lowestDPI/s.DPI()), highestDPI/s.DPI())
}
