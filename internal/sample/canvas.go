package sample

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"github.com/seosik/seosik/internal/geom"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// A canvas is a picture that is drawn on with smooth edges.
type canvas struct {
	img *image.RGBA
	buf sfnt.Buffer
}

// newCanvas returns a white canvas.
func newCanvas(width, height int) *canvas {
	c := &canvas{img: image.NewRGBA(image.Rect(0, 0, width, height))}
	for i := range c.img.Pix {
		c.img.Pix[i] = 255
	}
	return c
}

// gray returns an opaque gray: 0 black, 255 white.
func gray(v uint8) color.RGBA { return color.RGBA{v, v, v, 255} }

// An outline is closed lines. The area within is painted, of outlines that
// run the same way round also where they overlap.
type outline struct{ steps []step }

// A step is one piece of an outline: a line, or a curve with its control
// points before its end.
type step struct {
	op sfnt.SegmentOp
	to [3]geom.Point
}

func (p *outline) polygon(ps ...geom.Point) {
	for i, q := range ps {
		op := sfnt.SegmentOpLineTo
		if i == 0 {
			op = sfnt.SegmentOpMoveTo
		}
		p.steps = append(p.steps, step{op, [3]geom.Point{q}})
	}
}

// points returns how many points a step has.
func (s step) points() int {
	switch s.op {
	case sfnt.SegmentOpQuadTo:
		return 2
	case sfnt.SegmentOpCubeTo:
		return 3
	default:
		return 1
	}
}

// bounds returns a box that holds p.
func (p *outline) bounds() geom.Box {
	b := geom.Box{Min: geom.Point{X: math.Inf(1), Y: math.Inf(1)}, Max: geom.Point{X: math.Inf(-1), Y: math.Inf(-1)}}
	for _, s := range p.steps {
		for _, q := range s.to[:s.points()] {
			b.Min = geom.Point{X: min(b.Min.X, q.X), Y: min(b.Min.Y, q.Y)}
			b.Max = geom.Point{X: max(b.Max.X, q.X), Y: max(b.Max.Y, q.Y)}
		}
	}
	return b
}

// fill paints p and returns the box that holds it, clipped to the canvas.
func (c *canvas) fill(p *outline, ink color.RGBA) geom.Box {
	b := p.bounds()
	r := image.Rect(int(math.Floor(b.Min.X)), int(math.Floor(b.Min.Y)), int(math.Ceil(b.Max.X)), int(math.Ceil(b.Max.Y)))
	if b.Empty() || r.Dx() > 1<<14 || r.Dy() > 1<<14 || r.Intersect(c.img.Rect).Empty() {
		return geom.Box{}
	}
	z := vector.NewRasterizer(r.Dx(), r.Dy())
	at := func(q geom.Point) (x, y float32) {
		return float32(q.X - float64(r.Min.X)), float32(q.Y - float64(r.Min.Y))
	}
	for i, s := range p.steps {
		x0, y0 := at(s.to[0])
		x1, y1 := at(s.to[1])
		x2, y2 := at(s.to[2])
		switch s.op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				z.ClosePath()
			}
			z.MoveTo(x0, y0)
		case sfnt.SegmentOpLineTo:
			z.LineTo(x0, y0)
		case sfnt.SegmentOpQuadTo:
			z.QuadTo(x0, y0, x1, y1)
		case sfnt.SegmentOpCubeTo:
			z.CubeTo(x0, y0, x1, y1, x2, y2)
		}
	}
	z.ClosePath()
	mask := image.NewAlpha(image.Rect(0, 0, r.Dx(), r.Dy()))
	z.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	draw.DrawMask(c.img, r, image.NewUniform(ink), image.Point{}, mask, image.Point{}, draw.Over)
	w, h := float64(c.img.Rect.Dx()), float64(c.img.Rect.Dy())
	return b.Intersect(geom.XYWH(0, 0, w, h))
}

// box paints a box.
func (c *canvas) box(b geom.Box, ink color.RGBA) {
	q := b.Quad()
	var p outline
	p.polygon(q[:]...)
	c.fill(&p, ink)
}

// frame draws lines of a width along the sides of b, half of it outside.
func (c *canvas) frame(b geom.Box, width float64, ink color.RGBA) {
	c.hline(b.Min.X, b.Max.X, b.Min.Y, width, ink)
	c.hline(b.Min.X, b.Max.X, b.Max.Y, width, ink)
	c.vline(b.Min.X, b.Min.Y, b.Max.Y, width, ink)
	c.vline(b.Max.X, b.Min.Y, b.Max.Y, width, ink)
}

// hline draws a level line. It reaches half its width beyond its ends, so
// that lines meet in full corners.
func (c *canvas) hline(x0, x1, y, width float64, ink color.RGBA) {
	c.box(geom.Box{Min: geom.Point{X: x0 - width/2, Y: y - width/2}, Max: geom.Point{X: x1 + width/2, Y: y + width/2}}, ink)
}

// vline draws an upright line.
func (c *canvas) vline(x, y0, y1, width float64, ink color.RGBA) {
	c.box(geom.Box{Min: geom.Point{X: x - width/2, Y: y0 - width/2}, Max: geom.Point{X: x + width/2, Y: y1 + width/2}}, ink)
}

// stroke draws a line through ps as a pen does, with round ends. Its width
// at each point is width times the point's pressure, 1 where press is nil.
func (c *canvas) stroke(ps []geom.Point, width float64, press []float64, ink color.RGBA) geom.Box {
	var p outline
	radius := func(i int) float64 {
		if press == nil {
			return width / 2
		}
		return width / 2 * press[i]
	}
	for i, q := range ps {
		p.disc(q, radius(i))
		if i == 0 || q == ps[i-1] {
			continue
		}
		o := ps[i-1]
		d := o.Distance(q)
		n := geom.Point{X: -(q.Y - o.Y) / d, Y: (q.X - o.X) / d}
		a, b := radius(i-1), radius(i)
		// Clockwise on the screen, as disc is.
		p.polygon(
			geom.Point{X: o.X - n.X*a, Y: o.Y - n.Y*a}, geom.Point{X: q.X - n.X*b, Y: q.Y - n.Y*b},
			geom.Point{X: q.X + n.X*b, Y: q.Y + n.Y*b}, geom.Point{X: o.X + n.X*a, Y: o.Y + n.Y*a})
	}
	return c.fill(&p, ink)
}

// disc adds a disc to p.
func (p *outline) disc(o geom.Point, radius float64) {
	const sides = 12
	var ps [sides]geom.Point
	for i := range ps {
		s, c := math.Sincos(2 * math.Pi * float64(i) / sides)
		ps[i] = geom.Point{X: o.X + c*radius, Y: o.Y + s*radius}
	}
	p.polygon(ps[:]...)
}

// A letter is how one character is put on paper.
type letter struct {
	r       rune
	at      geom.Point // where its baseline starts
	size    float64    // pixels an em
	squeeze float64    // its width, where 1 is as designed
	turn    float64    // radians, clockwise
	slant   float64    // how far its top leans to the right, of its height
	wobble  float64    // how far its outline strays, of an em
	phase   float64    // of the wobble
}

// letter paints one character and returns the box around its ink.
func (c *canvas) letter(set fontset, l letter, ink color.RGBA) geom.Box {
	f, g := set.glyph(&c.buf, l.r)
	if f == nil {
		return geom.Box{}
	}
	// Outlines are loaded at a fixed size: coordinates of sfnt are 26.6 fixed
	// point, too coarse at the size of print.
	const em = 1024
	segments, err := f.LoadGlyph(&c.buf, g, fixed.I(em), nil)
	if err != nil {
		return geom.Box{}
	}
	sin, cos := math.Sincos(l.turn)
	place := func(q fixed.Point26_6) geom.Point {
		x, y := float64(q.X)/64/em, float64(q.Y)/64/em
		if l.wobble > 0 {
			x, y = x+l.wobble*math.Sin(7*y+l.phase)+l.wobble*.6*math.Sin(11*x+2*l.phase),
				y+l.wobble*math.Sin(6*x+3*l.phase)+l.wobble*.6*math.Sin(13*y+l.phase)
		}
		x, y = (x-l.slant*y)*l.squeeze*l.size, y*l.size
		return geom.Point{X: l.at.X + x*cos - y*sin, Y: l.at.Y + x*sin + y*cos}
	}
	var p outline
	for _, s := range segments {
		p.steps = append(p.steps, step{s.Op, [3]geom.Point{place(s.Args[0]), place(s.Args[1]), place(s.Args[2])}})
	}
	if len(p.steps) == 0 {
		return geom.Box{}
	}
	return c.fill(&p, ink)
}

// advance returns how far the next character stands from r, in em.
func (c *canvas) advance(set fontset, r rune) float64 {
	f, g := set.glyph(&c.buf, r)
	if f == nil {
		return 0
	}
	const em = 1024
	a, err := f.GlyphAdvance(&c.buf, g, fixed.I(em), font.HintingNone)
	if err != nil {
		return 0
	}
	return float64(a) / 64 / em
}

// width returns the width of a line of text in em.
func (c *canvas) width(set fontset, s string) float64 {
	w := 0.0
	for _, r := range s {
		w += c.advance(set, r)
	}
	return w
}

// text prints a line of text from the left end of its baseline and returns
// the box around its ink. Tracking is extra space between characters, in em.
func (c *canvas) text(set fontset, s string, at geom.Point, size, tracking float64, ink color.RGBA) geom.Box {
	var b geom.Box
	for _, r := range s {
		b = b.Union(c.letter(set, letter{r: r, at: at, size: size, squeeze: 1}, ink))
		at.X += (c.advance(set, r) + tracking) * size
	}
	return b
}

// An align is where a text stands in its box.
type align int

const (
	left align = iota
	center
	right
)

// textIn prints a line of text in the middle of the height of b, shrunk to
// fit where it is too wide.
func (c *canvas) textIn(set fontset, s string, b geom.Box, size float64, a align, ink color.RGBA) geom.Box {
	w := c.width(set, s) * size
	if room := b.Width(); w > room {
		size *= room / w
		w = room
	}
	x := b.Min.X
	switch a {
	case center:
		x = b.Center().X - w/2
	case right:
		x = b.Max.X - w
	}
	// Capitals and Hangul stand between about 0.74 em above the baseline and
	// a little below it.
	return c.text(set, s, geom.Point{X: x, Y: b.Center().Y + .35*size}, size, 0, ink)
}

// picture returns the canvas in gray.
func (c *canvas) picture() *image.Gray { return toGray(c.img) }

// toGray returns the luma of img.
func toGray(img *image.RGBA) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, img.Rect.Dx(), img.Rect.Dy()))
	for y := range g.Rect.Dy() {
		row := img.Pix[y*img.Stride:]
		for x := range g.Rect.Dx() {
			p := row[4*x : 4*x+3 : 4*x+3]
			g.Pix[y*g.Stride+x] = uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
		}
	}
	return g
}

// toRGBA returns a copy of img in which there is room for colour.
func toRGBA(img *image.Gray) *image.RGBA {
	c := image.NewRGBA(image.Rect(0, 0, img.Rect.Dx(), img.Rect.Dy()))
	for y := range c.Rect.Dy() {
		row := img.Pix[y*img.Stride:]
		for x := range c.Rect.Dx() {
			v := row[x]
			p := c.Pix[y*c.Stride+4*x:]
			p[0], p[1], p[2], p[3] = v, v, v, 255
		}
	}
	return c
}
