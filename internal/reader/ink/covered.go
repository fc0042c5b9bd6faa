package ink

import (
	"image"
	"slices"
)

// Box returns around the ink of l, in px of its window.
func (l *Line) Box() image.Rectangle { return l.ink }

// inked is the luma below which a pixel of the picture of a line is ink.
const inked = 128

// InkIn returns how many pixels of the ink of l lie in r, in px of its window.
func (l *Line) InkIn(r image.Rectangle) (n int) {
	l.eachIn(r, func(image.Point) { n++ })
	return n
}

// Covered returns how many pixels of the ink of l lie in any of boxes, which are in
// px of its window, and how many in none.
func (l *Line) Covered(boxes []image.Rectangle) (in, outside int) {
	l.eachIn(l.ink, func(at image.Point) {
		if slices.ContainsFunc(boxes, at.In) {
			in++
		} else {
			outside++
		}
	})
	return in, outside
}

// eachIn calls use with each pixel of ink in r, in px of the window of l.
func (l *Line) eachIn(r image.Rectangle, use func(image.Point)) {
	r = r.Intersect(l.ink)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if l.picture.Pix[(y-l.ink.Min.Y+1)*l.picture.Stride+x-l.ink.Min.X+1] < inked {
				use(image.Pt(x, y))
			}
		}
	}
}
