package reader

import (
	"math"
	"slices"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A printer that draws its paper in a little late puts all values of a page
// lower, or to the side. Each of them then lies half in another field, or in
// the row below, and what is read there is right as a text and wrong as a
// value. Only the values of the page together tell: with the fields moved by
// as much, all of them fit.
const (
	offsetRows  = 30  // steps down or up
	offsetSides = 6   // steps to the left or the right
	offsetStep  = .05 // heights of a field; a step down or up
	sideStep    = .1  // the same, to the side
	leastOffset = .28 // the same; values that are less off lie in their fields
	// gainAt is by how much more of what is written must lie in fields that are
	// moved. On the bench no page gains more than .007, and of drawn pages that are
	// off by half a field and more all gain .2.
	gainAt = .08
	// gainWords is how many words must lie better at least, and sureWords from how
	// many no others are likely to lie there by accident.
	gainWords = 2
	sureWords = 4
	// fitEnough is the share of what is written that lies in moved fields at least.
	fitEnough = .7
	// asGood is by how much less may lie in fields moved otherwise, for it to be
	// unknown which it is.
	asGood = .05
)

// An offset is by how much values lie beside their fields, in template px.
type offset struct {
	by     geom.Point
	unsure bool // it may as well be another, a row further
}

// placedWords is what is written on a page with the fields it may lie in, in
// template px.
type placedWords struct {
	words   []geom.Box
	weights []float64
	fields  [][]geom.Box // near each word
	others  []geom.Box   // words in checkboxes and rows of boxes
	height  float64      // of most fields
}

// wordsIn returns those of words that may be values of places that are texts:
// what lies in a checkbox or a row of boxes is not looked at.
func wordsIn(places []form.Field, words []geom.Box) (w placedWords) {
	var heights []float64
	for i := range places {
		if f := &places[i]; f.Kind == form.Normal {
			heights = append(heights, f.Box.Height())
		}
	}
	if len(heights) == 0 {
		return w
	}
	slices.Sort(heights)
	w.height = heights[len(heights)/2]
	for _, word := range words {
		other := slices.ContainsFunc(places, func(f form.Field) bool {
			return f.Kind != form.Normal && 2*area(word.Intersect(f.Box)) > area(word)
		})
		if other {
			w.others = append(w.others, word)
		}
		if other || word.Height() > 2*w.height {
			continue
		}
		var near []geom.Box
		for i := range places {
			if f := &places[i]; f.Kind == form.Normal && !f.Box.Grow(offsetRows*offsetStep*w.height).Intersect(word).Empty() {
				near = append(near, f.Box)
			}
		}
		w.words, w.fields = append(w.words, word), append(w.fields, near)
		w.weights = append(w.weights, min(word.Width()/word.Height(), 3)) // about its letters
	}
	return w
}

// fit returns how well word i lies in a field that is moved by d, from 0 to 1.
func (w *placedWords) fit(i int, d geom.Point) float64 {
	word := geom.Box{Min: w.words[i].Min.Sub(d), Max: w.words[i].Max.Sub(d)}
	in := 0.0
	for _, f := range w.fields[i] {
		in = max(in, area(word.Intersect(f)))
	}
	return min(1, max(0, (in/area(word)-.5)/.4))
}

// fitAll returns the share of what is written that lies in fields moved by d.
func (w *placedWords) fitAll(d geom.Point) float64 {
	sum, total := 0.0, 0.0
	for i, weight := range w.weights {
		sum += float64(weight * w.fit(i, d))
		total += weight
	}
	return sum / max(total, 1)
}

// offset returns how values lie beside their fields, and false where they do not.
func (w *placedWords) offset() (offset, bool) {
	if len(w.words) < gainWords {
		return offset{}, false
	}
	straight := w.fitAll(geom.Point{})
	column, best := w.column(0), 0.0
	for side := 0; side <= offsetSides; side++ { // the least to the side that fits as well as any
		for _, across := range []int{side, -side} {
			c := w.column(across)
			if fit := slices.Max(c.fits[:]); fit > best+.01 {
				column, best = c, fit
			}
		}
	}
	if best < straight+gainAt || best < fitEnough {
		return offset{}, false
	}
	o := column.offset(w.height)
	if math.Abs(o.by.Y) < leastOffset*w.height {
		return offset{}, false
	}
	better := 0
	for i := range w.words {
		if w.fit(i, o.by) > w.fit(i, geom.Point{})+.2 {
			better++
		}
	}
	if better < gainWords {
		return offset{}, false
	}
	o.unsure = o.unsure || better < sureWords
	return o, true
}

// A column is how well what is written lies in fields that are moved by so many
// steps to the side, for each step down or up.
type column struct {
	across int
	fits   [2*offsetRows + 1]float64 // from the highest
}

func (w *placedWords) column(across int) column {
	c := column{across: across}
	for i := range c.fits {
		c.fits[i] = w.fitAll(c.at(float64(i), w.height))
	}
	return c
}

// at returns by how much fields are moved in step i, of which there may be halves.
func (c *column) at(i, height float64) geom.Point {
	return geom.Point{X: sideStep * height * float64(c.across), Y: offsetStep * height * (i - offsetRows)}
}

// offset returns the middle of the steps that fit best, in fields of a height.
func (c *column) offset(height float64) offset {
	best := slices.Max(c.fits[:])
	first := slices.Index(c.fits[:], best)
	last := first
	for first > 0 && c.fits[first-1] >= best-.01 {
		first--
	}
	for last+1 < len(c.fits) && c.fits[last+1] >= best-.01 {
		last++
	}
	o := offset{by: c.at(float64(first+last)/2, height)}
	for i, fit := range c.fits {
		far := math.Abs(c.at(float64(i), height).Y-o.by.Y) > height/2
		o.unsure = o.unsure || far && fit >= best-asGood
	}
	return o
}
