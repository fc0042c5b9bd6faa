package reader

import (
	"image"
	"math"

	"github.com/seosik/seosik/internal/form"
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

// withoutWriting returns the picture of the template of e without what is
// written in the fields of a filled copy, or the picture itself where it is a
// blank.
func (e *entry) withoutWriting(blank *image.Gray) *image.Gray {
	unit, places := float64(max(blank.Rect.Dx(), blank.Rect.Dy()))/formHeight/200, e.places
	e.look.Do(func() { e.isCopy = isCopy(blank, places, unit) })
	if !e.isCopy {
		return blank
	}
	out := image.NewGray(blank.Rect)
	copy(out.Pix, blank.Pix)
	for i := range places {
		if f := &places[i]; f.Kind == form.Normal {
			for _, r := range written(out, f.Box, unit) {
				white(out, r)
			}
		}
	}
	return out
}

// isCopy reports whether most fields of text have letters in them.
func isCopy(blank *image.Gray, places []form.Field, unit float64) bool {
	fields, filled := 0, 0
	for i := range places {
		f := &places[i]
		if f.Kind != form.Normal || f.Table != "" {
			continue
		}
		fields++
		letters := 0
		for _, r := range written(blank, f.Box, unit) {
			if float64(r.Dy()) >= letterHeight*unit {
				letters++
			}
		}
		if letters >= leastLetters {
			filled++
		}
	}
	return fields >= copyFields && float64(filled) >= copyShare*float64(fields)
}

// written returns the pieces of ink that lie in box for the most part, and those
// among them, rules left out.
func written(img *image.Gray, box geom.Box, unit float64) []image.Rectangle {
	field, around := pixels(box), pixels(box.Grow(copyMargin*unit)).Intersect(img.Rect)
	ink := make([]bool, around.Dx()*around.Dy())
	for y := range around.Dy() {
		row := img.Pix[img.PixOffset(around.Min.X, around.Min.Y+y):][:around.Dx()]
		for x, v := range row {
			ink[y*around.Dx()+x] = 255-v >= blankLevel
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
