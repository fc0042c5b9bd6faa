package ink

import "image"

// Box returns around the ink of l, in px of its window.
func (l *Line) Box() image.Rectangle { return l.ink }

// inked is the luma below which a pixel of the picture of a line is ink.
const inked = 128

// Covered returns how many pixels of the ink of l lie in each of boxes, which are
// in px of its window, and how many in none.
func (l *Line) Covered(boxes []image.Rectangle) (in []int, outside int) {
	in = make([]int, len(boxes))
	for y := range l.picture.Rect.Dy() {
		for x, v := range l.picture.Pix[y*l.picture.Stride:][:l.picture.Rect.Dx()] {
			if v >= inked {
				continue
			}
			at, found := image.Pt(x, y).Add(l.ink.Min).Sub(image.Pt(1, 1)), false
			for i, b := range boxes {
				if at.In(b) {
					in[i]++
					found = true
				}
			}
			if !found {
				outside++
			}
		}
	}
	return in, outside
}
