package draw

import (
	"image"
	"math"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/geom"
)

// A Hand is how someone marks a checkbox, or what else is there.
type Hand int

// The hands. From Nothing on the box is not marked.
const (
	Tick Hand = iota
	LongTick
	Cross
	Fill
	Hatch
	Ring // around the box, or about as large as it
	Dot
	Line
	Corrected // a tick that was filled over
	Nothing
	Overhang // of writing beside the box
	Hands
)

var handNames = [Hands]string{
	"tick", "long tick", "cross", "fill", "hatch", "ring", "dot", "line", "corrected", "nothing", "overhang",
}

func (h Hand) String() string { return handNames[h] }

// Checked reports whether h marks the box.
func (h Hand) Checked() bool { return h < Nothing }

// A Checkbox is a drawn checkbox, blank and filled.
type Checkbox struct {
	Filled, Blank *image.Gray
	Box           image.Rectangle // in both
}

// NewCheckbox draws a box of a random shape with a label beside it, marks it
// as hand does, and copies it in a random way.
func NewCheckbox(r *rand.Rand, hand Hand) Checkbox {
	side := between(r, 20, 44)
	margin := side*.75 + 4
	size := int(2*margin + side)
	blank := newCanvas(size, size)
	box := geom.XYWH(margin+between(r, -.5, .5), margin+between(r, -.5, .5), side, side*between(r, .85, 1.15))
	printCheckbox(r, blank, box)
	ink := newCanvas(size, size)
	width := side * between(r, .05, .13)
	if hand == Ring || hand == Fill {
		width = side * between(r, .06, .16)
	}
	mark(r, ink, hand, box, max(1.2, width), between(r, .4, 1))
	moved := geom.Shift(geom.Point{X: between(r, -1.7, 1.7), Y: between(r, -1.7, 1.7)})
	return Checkbox{
		Filled: copied(r, blank.over(ink).shifted(moved)),
		Blank:  blank.gray(255),
		Box: image.Rect(int(math.Round(box.Min.X)), int(math.Round(box.Min.Y)),
			int(math.Round(box.Max.X)), int(math.Round(box.Max.Y))),
	}
}

// printCheckbox prints a square, a circle, brackets or nothing but a letter,
// and what is beside it.
func printCheckbox(r *rand.Rand, c *canvas, b geom.Box) {
	thick, dark := between(r, .8, 3.2), between(r, .4, 1)
	m := b.Center()
	w, h := b.Width(), b.Height()
	at := func(u, v float64) geom.Point { return geom.Point{X: b.Min.X + u*w, Y: b.Min.Y + v*h} }
	switch r.IntN(10) {
	case 0:
		c.stroke(ring(m, w/2, h/2), thick, dark)
	case 1: // brackets
		c.stroke([]geom.Point{at(.2, 0), at(0, 0), at(0, 1), at(.2, 1)}, thick, dark)
		c.stroke([]geom.Point{at(.8, 0), at(1, 0), at(1, 1), at(.8, 1)}, thick, dark)
	case 2: // parentheses
		c.stroke(ring(geom.Point{X: m.X, Y: m.Y}, w/2, h/2)[4:13], thick, dark)
		c.stroke(ring(geom.Point{X: m.X, Y: m.Y}, w/2, h/2)[16:], thick, dark)
	default:
		c.stroke([]geom.Point{at(0, 0), at(1, 0), at(1, 1), at(0, 1), at(0, 0)}, thick, dark)
	}
	if chance(r, .12) { // a character in the box
		for range 2 + r.IntN(3) {
			c.stroke([]geom.Point{at(between(r, .25, .75), between(r, .25, .75)), at(between(r, .25, .75), between(r, .25, .75))}, between(r, 1, 2.5), dark)
		}
	}
	for x := b.Max.X + between(r, 4, 9); x < float64(c.width); x += between(r, 5, 14) { // a label
		for range 3 {
			p := geom.Point{X: x + between(r, 0, 9), Y: between(r, b.Min.Y, b.Max.Y)}
			q := geom.Point{X: p.X + between(r, -8, 8), Y: p.Y + between(r, -8, 8)}
			if min(p.X, q.X) > b.Max.X+3 {
				c.stroke([]geom.Point{p, q}, between(r, 1, 3), dark)
			}
		}
	}
	if chance(r, .3) { // a rule of a table
		y := between(r, 0, b.Min.Y-4)
		c.box(0, y, float64(c.width), y+between(r, 1, 3), dark)
	}
	if chance(r, .2) {
		x := between(r, 0, b.Min.X-4)
		c.box(x, 0, x+between(r, 1, 3), float64(c.height), dark)
	}
}

// ring returns an ellipse of 25 points, closed, counter-clockwise from the right.
func ring(m geom.Point, rx, ry float64) []geom.Point {
	points := make([]geom.Point, 25)
	for i := range points {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 24)
		points[i] = geom.Point{X: m.X + rx*cos, Y: m.Y - ry*sin}
	}
	return points
}

// mark draws the ink of a hand.
func mark(r *rand.Rand, c *canvas, hand Hand, b geom.Box, width, dark float64) {
	w, h := b.Width(), b.Height()
	shake := func(u, v float64) geom.Point {
		return geom.Point{X: b.Min.X + w*(u+.07*r.NormFloat64()), Y: b.Min.Y + h*(v+.07*r.NormFloat64())}
	}
	switch hand {
	case Tick, LongTick, Corrected:
		far := between(r, .8, 1)
		if hand == LongTick {
			far = between(r, 1.15, 1.6)
		}
		c.stroke([]geom.Point{shake(.15, .5), shake(.42, .85), shake(far, 1.05-far)}, width, dark)
		if hand == Corrected {
			hatch(c, shake, width, dark, .12)
		}
	case Cross:
		o := between(r, -.2, .22)
		c.stroke([]geom.Point{shake(o, o), shake(1-o, 1-o)}, width, dark)
		c.stroke([]geom.Point{shake(1-o, o), shake(o, 1-o)}, width, dark)
	case Fill:
		o := between(r, -.03, .2)
		c.box(b.Min.X+o*w, b.Min.Y+o*h, b.Max.X-o*w, b.Max.Y-o*h, dark)
	case Hatch:
		hatch(c, shake, width, dark, between(r, .15, .3))
	case Ring:
		o := between(r, .42, .95)
		points := ring(b.Center(), w*o*between(r, .85, 1.15), h*o*between(r, .85, 1.15))
		if chance(r, .5) {
			points = points[:len(points)-r.IntN(3)] // not quite closed
		}
		c.stroke(points, width, dark)
	case Dot:
		m := shake(.5, .5)
		c.segment(m, geom.Point{X: m.X + .5, Y: m.Y}, w*between(r, .2, .45), dark)
	case Line:
		c.stroke([]geom.Point{shake(between(r, -.1, .2), between(r, .2, .8)), shake(between(r, .8, 1.2), between(r, .2, .8))}, width, dark)
	case Overhang:
		overhang(r, c, b, width, dark)
	}
}

func hatch(c *canvas, shake func(u, v float64) geom.Point, width, dark, step float64) {
	var points []geom.Point
	for v, left := .1, true; v < .95; v, left = v+step, !left {
		u := .1
		if !left {
			u = .9
		}
		points = append(points, shake(u, v))
	}
	c.stroke(points, width, dark)
}

// overhang draws the ends of strokes that come from outside and stop short of
// the box.
func overhang(r *rand.Rand, c *canvas, b geom.Box, width, dark float64) {
	gap := between(r, 3, 8)
	for range 1 + r.IntN(3) {
		var p, q geom.Point
		switch r.IntN(3) {
		case 0: // from the right
			p = geom.Point{X: float64(c.width) + 3, Y: between(r, 0, float64(c.height))}
			q = geom.Point{X: b.Max.X + gap, Y: between(r, b.Min.Y, b.Max.Y)}
		case 1: // from above
			p = geom.Point{X: between(r, 0, float64(c.width)), Y: -3}
			q = geom.Point{X: between(r, b.Min.X, b.Max.X), Y: b.Min.Y - gap}
		default: // from below
			p = geom.Point{X: between(r, 0, float64(c.width)), Y: float64(c.height) + 3}
			q = geom.Point{X: between(r, b.Min.X, b.Max.X), Y: b.Max.Y + gap}
		}
		c.stroke([]geom.Point{p, q}, width, dark)
	}
}
