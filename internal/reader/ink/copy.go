package ink

import (
	"image"
	"math"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// Not every office has a blank of its form: people register a filled copy, as
// they know it from other programs. What is written in its fields is not
// print, and must not be taken away from other pages.

const (
	// copyShare is the share of the fields of text with letters in them from
	// which a template is a filled copy. Blanks have hints in a few fields.
	copyShare  = 2. / 3
	copyFields = 3 // so many fields at least
	// leastLetters is how many letters a field of a copy has at least.
	leastLetters = 2
	letterHeight = 6.0  // px at 200 dpi; of a letter at least
	ruleShape    = 8    // a piece so many times as long as it is wide is a rule, or an underline
	copyMargin   = 40.0 // px at 200 dpi around a field in which its letters end
)

// IsCopy reports whether most of the fields of text of a template, whose boxes
// are given in template px, have letters in them.
func IsCopy(blank *image.Gray, fields []geom.Box) bool {
	unit, filled := unitOf(blank), 0
	for _, box := range fields {
		letters := 0
		for _, r := range written(blank, box, unit) {
			if float64(r.Dy()) >= letterHeight*unit {
				letters++
			}
		}
		if letters >= leastLetters {
			filled++
		}
	}
	return len(fields) >= copyFields && float64(filled) >= copyShare*float64(len(fields))
}

// WithoutWriting returns the picture of a template without what is written in
// boxes, in template px.
func WithoutWriting(copied *image.Gray, boxes []geom.Box) *image.Gray {
	unit := unitOf(copied)
	out := image.NewGray(copied.Rect)
	copy(out.Pix, copied.Pix)
	for _, box := range boxes {
		for _, r := range written(out, box, unit) {
			white(out, r)
		}
	}
	return out
}

// unitOf returns how many pixels of the picture of a form are one at 200 dpi.
func unitOf(form *image.Gray) float64 { return DPI(form.Rect.Dx(), form.Rect.Dy()) / 200 }

// written returns the pieces of ink that lie in box for the most part, and those
// among them, rules left out.
func written(img *image.Gray, box geom.Box, unit float64) []image.Rectangle {
	field, around := pixels(box), pixels(box.Grow(copyMargin*unit)).Intersect(img.Rect)
	ink, white := make([]bool, around.Dx()*around.Dy()), 255
	if !around.Empty() {
		white = max(1, brightest(img, around)) // a copy may be gray, or soiled
	}
	for y := range around.Dy() {
		row := img.Pix[img.PixOffset(around.Min.X, around.Min.Y+y):][:around.Dx()]
		for x, v := range row {
			ink[y*around.Dx()+x] = int(v) <= white-blankLevel*white/255
		}
	}
	_, pieces := raster.Pieces(ink, around.Dx())
	var found, outside []image.Rectangle
	var letters image.Rectangle // around those in the field
	for _, p := range pieces {
		r := p.Box.Add(around.Min)
		long, wide := max(r.Dx(), r.Dy()), min(r.Dx(), r.Dy())
		rule := long >= ruleShape*wide && float64(long) >= 2*letterHeight*unit
		frame := r.Dy() > field.Dy()+wide || r.Dx() > field.Dx()
		switch {
		case rule || frame:
		case r.Min.Add(r.Max).Div(2).In(field):
			found = append(found, r)
			letters = letters.Union(r)
		default:
			outside = append(outside, r)
		}
	}
	for _, r := range outside {
		if r.In(letters) { // points lie low, and letters may leave the field
			found = append(found, r)
		}
	}
	return found
}

// white makes r and the soft edge around it paper.
func white(img *image.Gray, r image.Rectangle) {
	r = r.Inset(-1).Intersect(img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.Pix[img.PixOffset(x, y)] = 255
		}
	}
}

// pixels returns the pixels that b touches.
func pixels(b geom.Box) image.Rectangle {
	return image.Rect(int(math.Floor(b.Min.X)), int(math.Floor(b.Min.Y)), int(math.Ceil(b.Max.X)), int(math.Ceil(b.Max.Y)))
}
