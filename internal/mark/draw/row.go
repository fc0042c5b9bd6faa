package draw

import (
	"image"
	"math"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/geom"
)

// A Row is a drawn row of single-character boxes, blank and filled.
type Row struct {
	Filled, Blank *image.Gray
	Boxes         []image.Rectangle // in both
}

// Character is what is written into one box.
type Character struct {
	Glyph Glyph // of no width for an empty box
	// Loose is how much the shape may be changed: 0 not at all, 1 as much as
	// writing varies.
	Loose float64
}

// NewRow draws a row of boxes in a random style and writes the characters
// into them with one pen, one a box, then copies it in a random way.
func NewRow(r *rand.Rand, characters []Character) Row {
	h := between(r, 38, 64)
	w := h * between(r, .68, 1.1)
	gap := 0.0
	if chance(r, .35) {
		gap = between(r, 1, .35*h)
	}
	margin := h/3 + 5
	width := int(2*margin + float64(len(characters))*(w+gap))
	blank := newCanvas(width, int(2*margin+h))
	var boxes []geom.Box
	for i := range characters {
		boxes = append(boxes, geom.XYWH(margin+float64(i)*(w+gap), margin+between(r, -.3, .3), w, h))
	}
	printRow(r, blank, boxes, gap)
	ink := newCanvas(blank.width, blank.height)
	dark, size := between(r, .5, 1), min(h, 1.2*w)*between(r, .42, .72)
	loose := between(r, .3, 1)
	for i, c := range characters {
		if c.Glyph.Width > 0 {
			write(r, ink, c, boxes[i], size*math.Exp(.12*c.Loose*r.NormFloat64()), loose, dark)
		}
	}
	moved := geom.Shift(geom.Point{X: between(r, -1.2, 1.2), Y: between(r, -1.2, 1.2)})
	row := Row{Filled: copied(r, blank.over(ink).shifted(moved)), Blank: blank.gray(255)}
	for _, b := range boxes {
		row.Boxes = append(row.Boxes, image.Rect(
			int(math.Round(b.Min.X)), int(math.Round(b.Min.Y)), int(math.Round(b.Max.X)), int(math.Round(b.Max.Y))))
	}
	return row
}

func write(r *rand.Rand, ink *canvas, c Character, box geom.Box, height, loose, dark float64) {
	m := box.Center()
	m.X += box.Width() * .07 * c.Loose * r.NormFloat64()
	m.Y += box.Height() * .07 * c.Loose * r.NormFloat64()
	height *= c.Glyph.Size
	if tall := box.Height() * 1.05; height > tall {
		height = tall
	}
	ink.glyph(r, c.Glyph, m, max(3, height), c.Loose*loose, dark*math.Exp(-.15*math.Abs(r.NormFloat64())))
}

// printRow prints the boxes: joined or apart, all round or as a comb.
func printRow(r *rand.Rand, c *canvas, boxes []geom.Box, gap float64) {
	thick, dark := between(r, .8, 3), between(r, .35, 1)
	style := r.IntN(6) // 0-3 boxes, 4 comb, 5 dashed between
	for i, b := range boxes {
		side := func(x0, y0, x1, y1 float64) { c.box(x0-thick/2, y0-thick/2, x1+thick/2, y1+thick/2, dark) }
		side(b.Min.X, b.Max.Y, b.Max.X, b.Max.Y)
		top := b.Min.Y
		if style == 4 {
			top = b.Min.Y + .6*b.Height()
		} else {
			side(b.Min.X, b.Min.Y, b.Max.X, b.Min.Y)
		}
		if style == 5 && gap == 0 && i > 0 {
			for y := top; y < b.Max.Y; y += 6 {
				c.box(b.Min.X-thick/2, y, b.Min.X+thick/2, y+3, dark)
			}
		} else {
			side(b.Min.X, top, b.Min.X, b.Max.Y)
		}
		side(b.Max.X, top, b.Max.X, b.Max.Y)
	}
	if chance(r, .15) { // the rule of a table that runs through or close by
		x := between(r, 0, float64(c.width))
		c.box(x, 0, x+between(r, 2, 5), float64(c.height), between(r, .5, 1))
	}
	if chance(r, .3) {
		y := between(r, 0, boxes[0].Min.Y)
		c.box(0, y, float64(c.width), y+between(r, 1, 4), between(r, .5, 1))
	}
}

// shifted returns c moved by h.
func (c *canvas) shifted(h geom.Homography) *canvas {
	out := newCanvas(c.width, c.height)
	back, err := h.Inverse()
	if err != nil {
		panic(err) // a shift
	}
	for y := range c.height {
		for x := range c.width {
			p := back.Apply(geom.Point{X: float64(x), Y: float64(y)})
			x0, y0 := int(math.Floor(p.X)), int(math.Floor(p.Y))
			fx, fy := p.X-float64(x0), p.Y-float64(y0)
			top := c.value(x0, y0) + fx*(c.value(x0+1, y0)-c.value(x0, y0))
			bottom := c.value(x0, y0+1) + fx*(c.value(x0+1, y0+1)-c.value(x0, y0+1))
			out.at[y*c.width+x] = top + fy*(bottom-top)
		}
	}
	return out
}

func (c *canvas) value(x, y int) float64 {
	if x < 0 || y < 0 || x >= c.width || y >= c.height {
		return 0
	}
	return c.at[y*c.width+x]
}
