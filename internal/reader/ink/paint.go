package ink

import (
	"image"
	"slices"
)

// Erase paints the given pixels of img, and those around them, in the colour of
// the paper there.
func Erase(img *image.Gray, ink []bool) {
	width := img.Rect.Dx()
	if !slices.Contains(ink, true) {
		return
	}
	paper := paperOf(img)
	for y := range img.Rect.Dy() {
		white := paper.line(y)
		for x := range width {
			if !ink[y*width+x] {
				continue
			}
			column, _ := cellAt(x, paper.columns)
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					if p := image.Pt(x+dx, y+dy); p.In(img.Rect) {
						img.Pix[p.Y*img.Stride+p.X] = uint8(white[column])
					}
				}
			}
		}
	}
}

// Whiten paints box in the colour of its paper.
func Whiten(img *image.Gray, box image.Rectangle) {
	box = box.Intersect(img.Rect)
	white := uint8(brightest(img, box))
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			img.Pix[y*img.Stride+x] = white
		}
	}
}

// Framed returns the part of img in box, with margin pixels of paper around it.
func Framed(img *image.Gray, box image.Rectangle, margin int) *image.Gray {
	box = box.Intersect(img.Rect)
	out := image.NewGray(image.Rect(0, 0, box.Dx()+2*margin, box.Dy()+2*margin))
	white := uint8(brightest(img, box))
	for i := range out.Pix {
		out.Pix[i] = white
	}
	for y := range box.Dy() {
		copy(out.Pix[(y+margin)*out.Stride+margin:], img.Pix[(y+box.Min.Y)*img.Stride+box.Min.X:][:box.Dx()])
	}
	return out
}

// Rows returns how many rows of ink box has, which are more than gap pixels
// apart, and how many pixels of ink.
func Rows(img *image.Gray, box image.Rectangle, gap int) (rows, area int) {
	box = box.Intersect(img.Rect)
	if box.Empty() {
		return 0, 0
	}
	paper, last := brightest(img, box), -1
	for y := box.Min.Y; y < box.Max.Y; y++ {
		n := 0
		for _, v := range img.Pix[y*img.Stride+box.Min.X : y*img.Stride+box.Max.X] {
			if int(v) < paper-skewInk {
				n++
			}
		}
		if n == 0 {
			continue
		}
		area += n
		if last < 0 || y-last > gap {
			rows++
		}
		last = y
	}
	return rows, area
}
