package mark

import (
	_ "embed"
	"encoding/json"
	"image"
	"math"
	"slices"
	"sync"

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
	e := Examine(filled, blank, box)
	p := e.probability()
	m := Mark{Checked: p >= .5, Probability: p, Ink: e.Inside + e.Around}
	if !m.Checked {
		m.Probability = 1 - p
	}
	return m
}

// Evidence is what speaks for a mark in a checkbox. Lengths are in sides of
// the box, areas in areas of it.
type Evidence struct {
	Inside float64 // area of the ink in the box
	Around float64 // area of the ink outside that belongs to it: goes on from inside, touches the frame or surrounds it
	Ring   float64 // area of the part of both that surrounds the middle of the box
	Turn   float64 // share of the directions from the middle of the box in which that ink lies
	Span   float64 // length of all that, in the longer direction
	Depth  float64 // its darkness, 1 being what can just be told from paper
}

// Features returns e as the numbers from which the probability is computed,
// and a constant.
func (e Evidence) Features() [8]float64 {
	const least = .004
	return [8]float64{
		1,
		math.Log(e.Inside + least),
		math.Log(e.Around + least),
		math.Log(e.Ring + least),
		math.Log(e.Inside + e.Around + least),
		e.Turn,
		min(1, e.Span),
		min(3, e.Depth),
	}
}

// checkbox.json holds a factor for each feature, fitted by the train command.
//
//go:embed checkbox.json
var checkboxFit []byte

var factors = sync.OnceValue(func() (f [8]float64) {
	if err := json.Unmarshal(checkboxFit, &f); err != nil {
		panic("mark: the embedded factors are damaged: " + err.Error())
	}
	return f
})

// probability returns the probability that the box is marked. It stays a
// thousandth away from certainty: what was never drawn may come.
func (e Evidence) probability() float64 {
	sum := 0.0
	f := factors()
	for i, x := range e.Features() {
		sum += float64(f[i] * x)
	}
	return max(.0005, min(.9995, 1/(1+math.Exp(-sum))))
}

// Examine looks for ink in and around a checkbox. Its arguments are those of
// [Checkbox].
func Examine(filled, blank *image.Gray, box image.Rectangle) Evidence {
	side := max(box.Dx(), box.Dy(), 1)
	window := box.Inset(-side / 2)
	page, form := darkness(filled, window), darkness(blank, window)
	at := register(page, form, shift{}, max(2, side/9))
	form = form.moved(at.x, at.y)
	expected := frameLook(page, form, max(3, side/5))(form)
	o := subtract(page, expected, gainOf(page, expected, nearPrint(form)))
	c := checkbox{overlay: o, level: max(faintest, 5*o.noise)}
	c.box = box.Sub(window.Min).Add(image.Pt(int(math.Round(at.x)), int(math.Round(at.y))))
	c.side = float64(side)
	ink := make([]bool, len(o.ink.at))
	for i, v := range o.ink.at {
		ink[i] = v >= c.level
	}
	c.labels, c.pieces = raster.Pieces(ink, o.ink.width)
	return c.weigh()
}

// frameLook returns the look of the print of a checkbox. A ring may lie right
// on the frame, which is then not thickly printed: so a thicker look must
// explain better even the half of the frame where print alone explains most.
// The frame is compared in squares of the given size in px.
func frameLook(page, form plane, size int) look {
	near := nearPrint(form)
	columns := (form.width + size - 1) / size
	squares := columns * ((form.height + size - 1) / size)
	costs, sums := make([]float32, len(looks)), make([]float32, len(looks))
	least := float32(math.MaxFloat32)
	for k, l := range looks {
		p := l(form)
		gain := gainOf(page, p, near)
		cost, count := make([]float32, squares), make([]int, squares)
		for _, i := range near {
			want := min(1, float32(gain*p.at[i]))
			d := page.at[i] - want
			n := i/form.width/size*columns + i%form.width/size
			cost[n] += max(d, -d)
			count[n]++
			sums[k] += want
		}
		costs[k] = lowerHalf(cost, count)
		least = min(least, costs[k])
	}
	best := -1
	for k := range looks {
		if costs[k] <= 1.15*least+.02 && (best < 0 || sums[k] < sums[best]) {
			best = k
		}
	}
	return looks[best]
}

// lowerHalf returns the mean of the smaller half of the means sums/counts.
func lowerHalf(sums []float32, counts []int) float32 {
	var means []float32
	for i, n := range counts {
		if n > 0 {
			means = append(means, sums[i]/float32(n))
		}
	}
	if len(means) == 0 {
		return 0
	}
	slices.Sort(means)
	half := (len(means) + 1) / 2
	total := float32(0)
	for _, m := range means[:half] {
		total += m
	}
	return total / float32(half)
}

// A checkbox is the ink in and around a box.
type checkbox struct {
	overlay
	level  float32 // from which a pixel is ink
	box    image.Rectangle
	side   float64
	labels []int32
	pieces []raster.Piece
}

// A part is what is known of a piece of ink. Pixels under print or right
// beside it count for nothing: copying makes print thicker here and there.
type part struct {
	inside, outside int  // pixels
	touching        bool // the frame
	counts          bool // as a part of the mark
}

// weigh sums up the pieces of ink that belong to the box.
func (c *checkbox) weigh() Evidence {
	parts := c.parts()
	var e Evidence
	var whole image.Rectangle
	dark, pixels := float32(0), 0
	middle := c.box.Min.Add(c.box.Max).Div(2)
	for n, p := range c.pieces {
		short, long := float64(min(p.Box.Dx(), p.Box.Dy())), float64(max(p.Box.Dx(), p.Box.Dy()))
		surrounds := middle.In(p.Box) && short > .8*c.side
		free := parts[n].inside + parts[n].outside
		if free < 2 || parts[n].inside == 0 && !parts[n].touching && !surrounds || long < .12*c.side {
			continue
		}
		parts[n].counts = true
		if surrounds {
			e.Ring += float64(free)
		}
		pixels += p.Area
		e.Inside += float64(parts[n].inside)
		e.Around += float64(parts[n].outside)
		whole = whole.Union(p.Box)
	}
	var directions [16]int
	for i, l := range c.labels {
		if l == 0 || !parts[l-1].counts {
			continue
		}
		dark += c.ink.at[i]
		if !c.beside(i%c.ink.width, i/c.ink.width) {
			angle := math.Atan2(float64(i/c.ink.width-middle.Y), float64(i%c.ink.width-middle.X))
			directions[int((angle/math.Pi+1)*8)%16]++
		}
	}
	for _, n := range directions {
		if n > 1 {
			e.Turn += 1. / 16
		}
	}
	area := c.side * c.side
	e.Inside /= area
	e.Around /= area
	e.Ring /= area
	e.Span = float64(max(whole.Dx(), whole.Dy())) / c.side
	if pixels > 0 {
		e.Depth = float64(dark/c.level) / float64(pixels)
	}
	return e
}

// parts says of each piece of ink where it lies.
func (c *checkbox) parts() []part {
	parts := make([]part, len(c.pieces))
	w := c.ink.width
	frame := c.box.Inset(-int(max(2, c.side/10)))
	for i, l := range c.labels {
		if l == 0 {
			continue
		}
		p, at := &parts[l-1], image.Pt(i%w, i/w)
		switch {
		case c.beside(at.X, at.Y):
			p.touching = p.touching || at.In(frame)
		case at.In(c.box):
			p.inside++
		default:
			p.outside++
		}
	}
	return parts
}

// beside reports whether pixel (x, y) lies under print or right beside it.
func (c *checkbox) beside(x, y int) bool {
	w, h := c.ink.width, c.ink.height
	for v := max(0, y-1); v <= min(h-1, y+1); v++ {
		for u := max(0, x-1); u <= min(w-1, x+1); u++ {
			if c.hidden[v*w+u] {
				return true
			}
		}
	}
	return false
}
