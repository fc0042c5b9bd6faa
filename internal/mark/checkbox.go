package mark

import (
	"image"
	"math"

	"github.com/seosik/seosik/internal/raster"
)

// A Mark is what was found in a checkbox.
type Mark struct {
	Checked bool
	// Probability is the probability that Checked is right, in [0.5, 1].
	Probability float64
	// Ink is the area of what was drawn, as a share of the area of the box.
	Ink float64
}

// Checkbox says whether a checkbox is marked. Filled and blank are crops of
// the same place of the page and of the template's picture, at the same
// scale, and box is in their pixels, counted from the top-left corner. Around
// the box the crops should show half a box more, for a mark may overshoot or
// be a circle around it.
func Checkbox(filled, blank *image.Gray, box image.Rectangle) Mark {
	e := examine(filled, blank, box)
	p := e.probability()
	m := Mark{Checked: p >= .5, Probability: p, Ink: e.inside + e.around}
	if !m.Checked {
		m.Probability = 1 - p
	}
	return m
}

// Evidence is what speaks for a mark.
type evidence struct {
	inside float64 // ink in the box, as a share of its area
	around float64 // ink outside that belongs to ink inside or surrounds it, the same
	extent float64 // of the largest piece of ink, in sides of the box
	depth  float64 // its darkness in units of what is needed to be told from paper
}

func examine(filled, blank *image.Gray, box image.Rectangle) evidence {
	side := max(box.Dx(), box.Dy(), 1)
	window := box.Inset(-side / 2)
	o, at := lay(darkness(filled, window), darkness(blank, window), shift{}, max(2, side/9))
	level := max(faintest, 5*o.noise)
	w := o.ink.width
	ink := make([]bool, len(o.ink.at))
	for i, v := range o.ink.at {
		ink[i] = v >= level
	}
	labels, pieces := raster.Pieces(ink, w)
	inner := box.Sub(window.Min).Add(image.Pt(int(math.Round(at.x)), int(math.Round(at.y))))
	return weigh(o, labels, pieces, inner, level)
}

// weigh sums up the pieces of ink that belong to the box.
func weigh(o overlay, labels []int32, pieces []raster.Piece, box image.Rectangle, level float32) evidence {
	w := o.ink.width
	within := make([]int, len(pieces)) // pixels in the box that are not under print
	dark := make([]float32, len(pieces))
	for y := max(0, box.Min.Y); y < min(box.Max.Y, o.ink.height); y++ {
		for x := max(0, box.Min.X); x < min(box.Max.X, w); x++ {
			if l := labels[y*w+x]; l > 0 && !o.hidden[y*w+x] {
				within[l-1]++
			}
		}
	}
	for i, l := range labels {
		if l > 0 {
			dark[l-1] += o.ink.at[i]
		}
	}
	area := float64(box.Dx() * box.Dy())
	side := math.Sqrt(area)
	var e evidence
	middle := box.Min.Add(box.Max).Div(2)
	for n, p := range pieces {
		long := float64(max(p.Box.Dx(), p.Box.Dy()))
		surrounds := middle.In(p.Box) && float64(min(p.Box.Dx(), p.Box.Dy())) > .8*side
		if within[n] == 0 && !surrounds || long < .12*side {
			continue
		}
		e.inside += float64(within[n]) / area
		e.around += float64(p.Area-within[n]) / area
		if long/side > e.extent {
			e.extent = long / side
			e.depth = float64(dark[n]) / float64(p.Area) / float64(level)
		}
	}
	return e
}

// probability returns the probability that the box is marked.
func (e evidence) probability() float64 {
	return 1 / (1 + math.Exp(-(-4 + 60*e.inside + 3*e.extent)))
}
