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
	// Ink is the area of what was drawn, as a share of the area of the box, and
	// Inside that of what of it lies in the box.
	Ink, Inside float64
	// Over is what darkens the print in the box, beyond what darkens that of the
	// other boxes of the page, as a share of its area.
	Over float64
	// Leaves reports whether it goes on beyond half a box around the box, and is
	// no ring around it.
	Leaves  bool
	Blurred bool // the print of the page is out of focus, or moved
}

// A Crop shows the place of a checkbox on a page, and the same place of the
// template's picture at the same scale. Around the box it should show half a box
// more, for a mark may overshoot or be a circle around it.
type Crop struct {
	Filled, Blank *image.Gray
	Box           image.Rectangle   // in their pixels, from the top-left corner
	Others        []image.Rectangle // the same of other fields, whose ink is none of the box's
}

// Checkboxes says of the checkboxes of a page whether they are marked. They are
// looked at together: what blurs one blurs all.
func Checkboxes(crops []Crop) []Mark {
	marks := make([]Mark, len(crops))
	for i, e := range examine(crops) {
		marks[i] = e.mark()
	}
	return marks
}

// Checkbox says whether a checkbox is marked. Filled and blank are crops of
// the same place of the page and of the template's picture, at the same
// scale, and box is in their pixels, counted from the top-left corner. Around
// the box the crops should show half a box more, for a mark may overshoot or
// be a circle around it. What lies in others, the places of other fields in the
// same pixels, is none of its business.
func Checkbox(filled, blank *image.Gray, box image.Rectangle, others ...image.Rectangle) Mark {
	return Examine(filled, blank, box, others...).mark()
}

func (e Evidence) mark() Mark {
	p := e.probability()
	m := Mark{Checked: p >= .5, Probability: p, Ink: e.Inside + e.Around, Inside: e.Inside, Over: e.Over, Leaves: e.Leaves && e.Ring == 0, Blurred: e.Blurred}
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

	Leaves  bool    // it goes on beyond what is shown around the box
	Over    float64 // area of ink on the print in the box, beyond what other boxes have
	Grain   float64 // how much the paper varies from pixel to pixel, as a halftone does
	Misfit  float64 // how much of the print of the box is not explained by the template's, where it is clearest
	Blurred bool    // the print is out of focus, or moved
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
func Examine(filled, blank *image.Gray, box image.Rectangle, others ...image.Rectangle) Evidence {
	return examine([]Crop{{filled, blank, box, others}})[0]
}

// examine looks for ink in and around the checkboxes of a page.
func examine(crops []Crop) []Evidence {
	views := make([]view, len(crops))
	for i, c := range crops {
		views[i] = c.view()
	}
	focus(views)
	all := make([]Evidence, len(crops))
	over := make([]float32, len(crops))
	for i := range views {
		all[i] = views[i].evidence()
		over[i] = float32(all[i].Over)
	}
	usual := 0.0
	if len(over) >= alike {
		usual = float64(quantile(over, .5))
	}
	for i := range all {
		all[i].Over = max(0, all[i].Over-usual)
	}
	return all
}

// A view is a checkbox as it is compared with that of the template.
type view struct {
	page, form plane   // form lies where its print is on page
	near       []int   // pixels near its own print
	theirs     []bool  // pixels of other fields
	grain      float32 // of the paper, before it was softened
	box        image.Rectangle
	side       int
	seen       frameSeen
	systematic *plane  // ink that all boxes of the page have, and so is print
	most       float32 // how much darker than expected their print is at most; 0 where that is not known
}

// gain returns how much darker the print of the box is than expected.
func (v *view) gain(expected plane) float32 {
	gain := gainOf(v.page, expected, v.near)
	if v.most > 0 {
		gain = min(gain, v.most)
	}
	return gain
}

func (c Crop) view() view {
	v := view{side: max(c.Box.Dx(), c.Box.Dy(), 1)}
	window := c.Box.Inset(-v.side / 2)
	page, form := darkness(c.Filled, window), darkness(c.Blank, window).visible(c.Box.Sub(window.Min))
	at := register(page, form, shift{}, max(2, v.side/9))
	v.page, v.form, v.grain = softened(page, form.moved(at.x, at.y))
	moved := image.Pt(int(math.Round(at.x)), int(math.Round(at.y))).Sub(window.Min)
	v.box, v.theirs = c.Box.Add(moved), page.mask(c.Others, moved)
	v.near = slices.DeleteFunc(nearPrint(v.form), func(i int) bool { return v.theirs[i] })
	v.seen = v.usual()
	return v
}

// evidence returns the ink that the print does not explain.
func (v *view) evidence() Evidence {
	expected := v.seen.look(v.form)
	o := subtract(v.page, expected, v.gain(expected))
	if v.systematic != nil {
		for i, s := range v.systematic.at {
			o.ink.at[i] = max(0, o.ink.at[i]-s)
		}
	}
	c := checkbox{overlay: o, theirs: v.theirs, box: v.box, side: float64(v.side)}
	c.level = max(faintest, 5*o.noise)
	if v.seen.blurred {
		c.level = max(c.level, 2*v.seen.cost)
	}
	ink := make([]bool, len(o.ink.at))
	for i, d := range o.ink.at {
		ink[i] = d >= c.level
	}
	c.labels, c.pieces = raster.Pieces(ink, o.ink.width)
	e := c.weigh()
	e.Over = v.over(expected)
	e.Grain, e.Misfit, e.Blurred = float64(v.grain), float64(v.seen.cost), v.seen.blurred
	return e
}

// over returns the area of ink on the print in the box: where it is darker than
// print should be by as much as a pen is.
func (v *view) over(expected plane) float64 {
	gain := v.gain(expected)
	inner := v.box.Inset(v.side / 8).Intersect(image.Rect(0, 0, v.page.width, v.page.height))
	sum := float32(0)
	for y := inner.Min.Y; y < inner.Max.Y; y++ {
		for x := inner.Min.X; x < inner.Max.X; x++ {
			i := y*v.page.width + x
			if d := v.page.at[i] - min(1, float32(gain*expected.at[i])); d >= penLevel {
				sum += d
			}
		}
	}
	return float64(sum) / float64(v.side*v.side)
}

// mask marks the pixels of p that lie in one of boxes, moved by d.
func (p plane) mask(boxes []image.Rectangle, d image.Point) []bool {
	at := make([]bool, len(p.at))
	for _, b := range boxes {
		b = b.Add(d).Intersect(image.Rect(0, 0, p.width, p.height))
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				at[y*p.width+x] = true
			}
		}
	}
	return at
}

// visible returns p, the print of a template, darker if that of box is so faint
// that it could be taken for paper: what is pale on the template may come out
// dark on a page.
func (p plane) visible(box image.Rectangle) plane {
	const pale, clear, most = .35, .6, 12
	var own []float32
	box = box.Inset(-2).Intersect(image.Rect(0, 0, p.width, p.height))
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if v := p.at[y*p.width+x]; v > .015 {
				own = append(own, v)
			}
		}
	}
	if 20*len(own) < box.Dx()*box.Dy() {
		return p
	}
	top := quantile(own, .9)
	if top >= pale {
		return p
	}
	q := newPlane(p.width, p.height)
	for i, v := range p.at {
		q.at[i] = min(1, float32(v*min(most, clear/top)))
	}
	return q
}

// A frameSeen is how the print of a checkbox is seen on a page.
type frameSeen struct {
	look    look
	cost    float32 // how much is left of it, where it is clearest
	blurred bool    // it is out of focus, or moved
}

// usual returns how the print of v is seen, if it is not blurred more than
// copies are. A ring may lie right on the frame, which is then not thickly
// printed: so a thicker look must explain better even the half of the frame
// where print alone explains most.
func (v *view) usual() frameSeen {
	costs, sums := v.costs(looks, v.near)
	least, best := slices.Min(costs), -1
	for k := range looks {
		if costs[k] <= 1.15*least+.02 && (best < 0 || sums[k] < sums[best]) {
			best = k
		}
	}
	return frameSeen{look: looks[best], cost: costs[best]}
}

// costs returns how much of the print of v each of looks does not explain at the
// pixels near, and how much print it expects there. The frame is compared in squares.
func (v *view) costs(looks []look, near []int) (costs, sums []float32) {
	width, size := v.form.width, max(3, v.side/5)
	columns := (width + size - 1) / size
	squares := columns * ((v.form.height + size - 1) / size)
	costs, sums = make([]float32, len(looks)), make([]float32, len(looks))
	for k, l := range looks {
		p := l(v.form)
		gain := gainOf(v.page, p, v.near)
		cost, count := make([]float32, squares), make([]int, squares)
		for _, i := range near {
			want := min(1, float32(gain*p.at[i]))
			d := v.page.at[i] - want
			n := i/width/size*columns + i%width/size
			cost[n] += max(d, -d)
			count[n]++
			sums[k] += want
		}
		costs[k] = lowerHalf(cost, count)
	}
	return costs, sums
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
	theirs []bool  // pixels of other fields
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
	theirs          int  // pixels in other fields
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
		if free < parts[n].theirs { // a mark of theirs, or writing
			continue
		}
		if free < 2 || parts[n].inside == 0 && !parts[n].touching && !surrounds || long < .12*c.side {
			continue
		}
		parts[n].counts = true
		e.Leaves = e.Leaves || !p.Box.In(image.Rect(1, 1, c.ink.width-1, c.ink.height-1))
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
		case c.theirs[i]:
			p.theirs++
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
