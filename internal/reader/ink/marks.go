package ink

import (
	"image"
	"image/draw"
	"math"

	"github.com/seosik/seosik/internal/geom"
)

const (
	emptyShare  = .02 // of the inside of a checkbox of a copy that ink covers, up to which it is empty
	markShare   = .05 // and from which it is marked
	frameShare  = .18 // of a side; so thick is its frame at most, and so far beside it a mark reaches
	darkerShare = .2  // ink is darker than its paper by that
	fewAlike    = 2   // boxes of a blank of one size of which one may be marked
)

// Marked says which of the checkboxes of a template, in template px, are marked
// on its picture img, and for each of them which box is as large and empty, or
// -1. On a blank, what is in a box is print, unless half of the boxes that are
// as large are empty.
func Marked(img *image.Gray, boxes []geom.Box, isCopy bool) map[int]int {
	shares, like := make([]float64, len(boxes)), map[int]int{}
	for i, b := range boxes {
		shares[i] = shareOfInk(img, pixels(b.Grow(-frameShare*b.Height())))
	}
	for i := range boxes {
		if shares[i] < markShare {
			continue
		}
		best, empty, alike := emptyLike(boxes, shares, i)
		if isCopy || alike >= fewAlike && 2*empty >= alike {
			like[i] = best
		}
	}
	return like
}

// WithoutMarks returns img, the picture of a template, with each checkbox that is
// marked as the empty one that is like it, where there is one.
func WithoutMarks(img *image.Gray, boxes []geom.Box, like map[int]int) *image.Gray {
	out := image.NewGray(img.Rect)
	copy(out.Pix, img.Pix)
	for i, empty := range like {
		if empty < 0 {
			continue
		}
		b := boxes[i]
		to, d := pixels(b.Grow(frameShare*b.Height())).Intersect(img.Rect), boxes[empty].Min.Sub(b.Min)
		from := to.Add(image.Pt(int(math.Round(d.X)), int(math.Round(d.Y))))
		draw.Draw(out, to, img, from.Min, draw.Src)
	}
	return out
}

// emptyLike returns the nearest empty box that is as large as boxes[i], or -1,
// and how many as large are empty, of how many.
func emptyLike(boxes []geom.Box, shares []float64, i int) (best, empty, alike int) {
	best = -1
	b := boxes[i]
	for k, o := range boxes {
		if max(math.Abs(o.Width()-b.Width()), math.Abs(o.Height()-b.Height())) > 1 {
			continue
		}
		alike++
		if shares[k] > emptyShare {
			continue
		}
		empty++
		if best < 0 || o.Center().Distance(b.Center()) < boxes[best].Center().Distance(b.Center()) {
			best = k
		}
	}
	return best, empty, alike
}

// shareOfInk returns the share of the pixels of r that are ink.
func shareOfInk(img *image.Gray, r image.Rectangle) float64 {
	r = r.Intersect(img.Rect)
	if r.Empty() {
		return 0
	}
	around := r.Inset(-max(r.Dx(), r.Dy())).Intersect(img.Rect)
	level := int((1 - darkerShare) * float64(brightest(img, around)))
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range img.Pix[y*img.Stride+r.Min.X : y*img.Stride+r.Max.X] {
			if int(v) < level {
				n++
			}
		}
	}
	return float64(n) / float64(r.Dx()*r.Dy())
}
