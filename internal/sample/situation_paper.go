package sample

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// paperSituations are those of paper and pictures that are not white, or not
// whole.
var paperSituations = []situation{
	{name: "cut", page: cutOff},
	{name: "broken off", page: brokenOff},
	{name: "missing strips", page: missingStrips},
	{name: "marker on values", sheet: markerOnValues},
	{name: "marker on labels", sheet: markerOnLabels},
	{name: "shadow edge", sheet: shadowEdge},
	{name: "glare", page: glare},
	{name: "folded corner", sheet: foldedCorner},
	{name: "bleed-through", sheet: bleedThrough},
	{name: "stripes", page: stripes},
	{name: "stains", sheet: stains},
	{name: "tinted fields", sheet: tintedFields},
}

// cutOff leaves out up to a quarter of the page at one of its sides.
func cutOff(r *rand.Rand, b *Blank, p *Paper) {
	size := p.Image.Bounds().Size()
	share, left := between(r, .05, .25), image.Rectangle{Max: size}
	switch r.IntN(4) {
	case 0:
		left.Min.Y = int(share * float64(size.Y))
	case 1:
		left.Max.Y -= int(share * float64(size.Y))
	case 2:
		left.Min.X = int(share * float64(size.X))
	default:
		left.Max.X -= int(share * float64(size.X))
	}
	p.hide(b, func(at geom.Point) bool { return !pixel(at).In(left) })
	p.Image = subImage(p.Image, left)
	p.TemplateToPage = geom.Shift(geom.Point{X: -float64(left.Min.X), Y: -float64(left.Min.Y)}).After(p.TemplateToPage)
}

// subImage returns the part r of picture, whose corner is (0, 0).
func subImage(picture image.Image, r image.Rectangle) image.Image {
	out := image.NewRGBA(image.Rectangle{Max: r.Size()})
	draw.Draw(out, out.Rect, picture, r.Min, draw.Src)
	return out
}

func pixel(p geom.Point) image.Point { return image.Pt(int(math.Floor(p.X)), int(math.Floor(p.Y))) }

// hide makes the fields unsure of which half or more is out of sight, which it is
// told of points of the page.
func (p *Paper) hide(b *Blank, outOfSight func(at geom.Point) bool) {
	const columns, rows = 20, 6
	for _, f := range b.Template.Places() {
		n := 0
		for i := range columns * rows {
			at := f.Box.Min.Add(geom.Point{
				X: (float64(i%columns) + .5) / columns * f.Box.Width(),
				Y: (float64(i/columns) + .5) / rows * f.Box.Height(),
			})
			if outOfSight(p.TemplateToPage.Apply(at)) {
				n++
			}
		}
		if 2*n >= columns*rows {
			p.Unsure[f.ID] = struct{}{}
		}
	}
}

// A missing part of a picture is of one of these tones.
var missing = []uint8{128, 128, 255, 0}

// without returns the picture of p in which the rows from top to bottom are of a
// tone, and hides what was there.
func (p *Paper) without(b *Blank, top, bottom int, tone uint8) {
	bounds := p.Image.Bounds()
	p.Image = copied(p.Image)
	draw.Draw(p.Image.(draw.Image), image.Rect(0, top, bounds.Dx(), bottom), image.NewUniform(color.Gray{Y: tone}), image.Point{}, draw.Src)
	p.hide(b, func(at geom.Point) bool { return at.Y >= float64(top) && at.Y < float64(bottom) })
}

// copied returns a copy of a picture that can be drawn on, gray where it is.
func copied(picture image.Image) draw.Image {
	var out draw.Image = image.NewRGBA(picture.Bounds())
	if _, ok := picture.(*image.Gray); ok {
		out = image.NewGray(picture.Bounds())
	}
	draw.Draw(out, out.Bounds(), picture, picture.Bounds().Min, draw.Src)
	return out
}

// brokenOff leaves out what a transfer that broke did not bring.
func brokenOff(r *rand.Rand, b *Blank, p *Paper) {
	height := p.Image.Bounds().Dy()
	p.without(b, int(between(r, .4, .8)*float64(height))/8*8, height, pick(r, missing))
}

// missingStrips leaves out one to three strips, as a picture in strips of which
// some are damaged does.
func missingStrips(r *rand.Rand, b *Blank, p *Paper) {
	height := p.Image.Bounds().Dy()
	tone := pick(r, missing)
	for range 1 + r.IntN(3) {
		top := int(between(r, .1, .85) * float64(height))
		p.without(b, top, top+80+r.IntN(160), tone)
	}
}

// highlighters are their colours on white paper.
var highlighters = []color.RGBA{
	{255, 245, 100, 255}, {170, 240, 120, 255}, {255, 150, 195, 255}, {130, 200, 255, 255}, {255, 190, 110, 255}, {200, 170, 240, 255},
}

// mark goes over b with a marker: what is there stays darker.
func (c *canvas) mark(r *rand.Rand, b geom.Box, ink color.RGBA) {
	shape := newCanvas(c.img.Rect.Dx(), c.img.Rect.Dy())
	width := min(b.Height(), between(r, 30, 44)*c.unit())
	for y := b.Min.Y + width/2; ; y += .9 * width { // several strokes where one is not high enough
		lean := between(r, -.06, .06) * width
		ps := []geom.Point{{X: b.Min.X, Y: y - lean}, {X: b.Max.X, Y: y + lean}}
		shape.stroke(ps, width, nil, ink)
		if y+width/2 >= b.Max.Y-.2*width {
			break
		}
	}
	c.multiply(func(x, y int) (color.RGBA, float64) { return shape.img.RGBAAt(x, y), 1 })
}

// unit returns what is one pixel of c on A4 at 200 dpi.
func (c *canvas) unit() float64 {
	return math.Sqrt(float64(c.img.Rect.Dx()) * float64(c.img.Rect.Dy()) / (1654 * 2339))
}

// multiply makes each pixel as much darker as a film of a colour over it does, of
// which a share is there.
func (c *canvas) multiply(film func(x, y int) (ink color.RGBA, share float64)) {
	w, h := c.img.Rect.Dx(), c.img.Rect.Dy()
	for y := range h {
		for x := range w {
			ink, share := film(x, y)
			p := c.img.Pix[c.img.PixOffset(x, y):][:3]
			for i, v := range [3]uint8{ink.R, ink.G, ink.B} {
				p[i] = clamp(float64(p[i]) * (1 - share*(1-float64(v)/255)))
			}
		}
	}
}

// markerOnValues goes over most fields of text with one marker, all or a part of
// each, also where nothing is written.
func markerOnValues(r *rand.Rand, b *Blank, _ *Paper, c *canvas) {
	ink := pick(r, highlighters)
	for _, f := range b.Template.Places() {
		if f.Kind == form.Checkbox || chance(r, .4) {
			continue
		}
		box := f.Box.Grow(-between(r, -4, 6) * c.unit())
		box.Max.X = box.Min.X + between(r, .3, 1)*box.Width()
		c.mark(r, box, ink)
	}
}

// markerOnLabels goes over what stands before fields and behind checkboxes, and
// into them.
func markerOnLabels(r *rand.Rand, b *Blank, _ *Paper, c *canvas) {
	ink := pick(r, highlighters)
	for _, f := range b.Template.Places() {
		if chance(r, .3) {
			continue
		}
		long, in := between(r, 80, 200)*c.unit(), between(r, 0, .7)*min(f.Box.Width(), f.Box.Height())
		box := geom.XYWH(f.Box.Min.X-long, f.Box.Min.Y, long+in, f.Box.Height())
		if f.Kind == form.Checkbox {
			box = geom.XYWH(f.Box.Max.X-in, f.Box.Min.Y-4*c.unit(), long+in, f.Box.Height()+8*c.unit())
		}
		c.mark(r, box, ink)
	}
}

// shadowEdge has something throw a shadow on a part of the page.
func shadowEdge(r *rand.Rand, _ *Blank, _ *Paper, c *canvas) {
	w, h := float64(c.img.Rect.Dx()), float64(c.img.Rect.Dy())
	// Two straight edges that meet, as of a hand or a lid.
	corner := geom.Point{X: between(r, .2, .8) * w, Y: between(r, .1, .7) * h}
	turn, open := between(r, 0, 2*math.Pi), between(r, 1.2, 3)
	dark, soft := between(r, .3, .75), between(r, 1, 40)*c.unit()
	edge := func(angle float64) func(x, y float64) float64 {
		sin, cos := math.Sincos(angle)
		return func(x, y float64) float64 { return (x-corner.X)*cos + (y-corner.Y)*sin }
	}
	one, other := edge(turn), edge(turn+open)
	c.multiply(func(x, y int) (color.RGBA, float64) {
		in := min(one(float64(x), float64(y)), other(float64(x), float64(y)))
		return color.RGBA{}, dark * min(max(in/soft+.5, 0), 1)
	})
}

// glare is a lamp or a flash that the paper, or a sheet over it, throws back.
func glare(r *rand.Rand, b *Blank, p *Paper) {
	out := copied(p.Image)
	w, h := float64(out.Bounds().Dx()), float64(out.Bounds().Dy())
	at := geom.Point{X: between(r, .15, .85) * w, Y: between(r, .15, .7) * h}
	a, c := between(r, .12, .3)*w, between(r, .05, .15)*h
	light := func(x, y float64) float64 {
		return min(max(2*(1-math.Hypot((x-at.X)/a, (y-at.Y)/c)), 0), 1) // all of it within half of the ellipse
	}
	for y := range out.Bounds().Dy() {
		for x := range out.Bounds().Dx() {
			if g := light(float64(x), float64(y)); g > 0 {
				q := color.RGBAModel.Convert(out.At(x, y)).(color.RGBA)
				up := func(v uint8) uint8 { return clamp(float64(v) + (255-float64(v))*g) }
				out.Set(x, y, color.RGBA{up(q.R), up(q.G), up(q.B), 255})
			}
		}
	}
	p.Image = out
	p.hide(b, func(at geom.Point) bool { return light(at.X, at.Y) > .9 })
}

// foldedCorner has a corner of the sheet lie over what is beside it.
func foldedCorner(r *rand.Rand, b *Blank, p *Paper, c *canvas) {
	f := newFold(r, float64(c.img.Rect.Dx()), float64(c.img.Rect.Dy()))
	back, desk := gray(pick(r, []uint8{238, 246, 252})), gray(pick(r, []uint8{30, 90, 200, 255}))
	for y := range c.img.Rect.Dy() {
		for x := range c.img.Rect.Dx() {
			switch at := (geom.Point{X: float64(x) + .5, Y: float64(y) + .5}); {
			case f.beyond(at) > 0:
				c.img.SetRGBA(x, y, desk)
			case f.covers(at):
				c.img.SetRGBA(x, y, back)
			}
		}
	}
	p.TemplateToPage = geom.Identity // so far
	p.hide(b, func(at geom.Point) bool { return f.beyond(at) > 0 || f.covers(at) })
}

// A fold is a crease across a corner of a sheet: the line on which the product
// of a point and across is at.
type fold struct {
	across geom.Point
	at     float64
	sheet  geom.Box
}

func newFold(r *rand.Rand, w, h float64) fold {
	wide := between(r, .25, .6) * w // from the corner to the crease, along the sides
	high := wide * between(r, .6, 1.6)
	f := fold{geom.Point{X: -1 / wide, Y: -1 / high}, -1, geom.XYWH(0, 0, w, h)}
	if chance(r, .5) { // at the right
		f.across.X, f.at = -f.across.X, f.at+w/wide
	}
	if chance(r, .5) { // at the bottom
		f.across.Y, f.at = -f.across.Y, f.at+h/high
	}
	return f
}

// beyond returns how far p lies beyond the crease, in the direction of across;
// less than 0 where it does not.
func (f fold) beyond(p geom.Point) float64 { return p.X*f.across.X + p.Y*f.across.Y - f.at }

// covers reports whether the folded corner lies over p: whether its mirror image
// at the crease was on the sheet.
func (f fold) covers(p geom.Point) bool {
	t := -2 * f.beyond(p) / (f.across.X*f.across.X + f.across.Y*f.across.Y)
	q := p.Add(geom.Point{X: t * f.across.X, Y: t * f.across.Y})
	return t > 0 && q.X >= f.sheet.Min.X && q.Y >= f.sheet.Min.Y && q.X < f.sheet.Max.X && q.Y < f.sheet.Max.Y
}

// bleedThrough has the writing on the back of the sheet show through.
func bleedThrough(r *rand.Rand, b *Blank, _ *Paper, c *canvas) {
	back, err := b.Fill(r.Uint64(), Style{Hand: chance(r, .5)})
	if err != nil {
		return // no font: then nothing is written on the front either
	}
	pale := ToGray(back.Image)
	for range 3 {
		soften(pale, .25)
	}
	strength, width := between(r, .08, .35), c.img.Rect.Dx()
	shift := image.Pt(r.IntN(60)-30, r.IntN(60)-30)
	c.multiply(func(x, y int) (color.RGBA, float64) {
		at := image.Pt(width-1-x, y).Add(shift)
		if !at.In(pale.Rect) {
			return color.RGBA{}, 0
		}
		return color.RGBA{}, strength * (1 - float64(pale.GrayAt(at.X, at.Y).Y)/255)
	})
}

// stripes draws lines down the whole picture, as dirt on the glass of a feeder
// does.
func stripes(r *rand.Rand, _ *Blank, p *Paper) {
	out := copied(p.Image)
	bilevel := isBilevel(p.Image)
	for range 1 + r.IntN(4) {
		left, wide := r.IntN(out.Bounds().Dx()), 1+r.IntN(4)
		ink, dark := pick(r, []color.RGBA{gray(0), gray(40), {20, 60, 160, 255}, {170, 40, 60, 255}}), between(r, .2, .9)
		for x := left; x < min(left+wide, out.Bounds().Dx()); x++ {
			for y := range out.Bounds().Dy() {
				q := color.RGBAModel.Convert(out.At(x, y)).(color.RGBA)
				film := func(v, ink uint8) uint8 { return clamp(float64(v) * (1 - dark*(1-float64(ink)/255))) }
				out.Set(x, y, color.RGBA{film(q.R, ink.R), film(q.G, ink.G), film(q.B, ink.B), 255})
				if bilevel {
					out.Set(x, y, gray(0))
				}
			}
		}
	}
	p.Image = out
}

// isBilevel reports whether a picture is black and white.
func isBilevel(picture image.Image) bool {
	g, ok := picture.(*image.Gray)
	return ok && !slices.ContainsFunc(g.Pix, func(v uint8) bool { return v > 0 && v < 255 })
}

// stains spills coffee: a ring of a cup, and drops.
func stains(r *rand.Rand, _ *Blank, _ *Paper, c *canvas) {
	w, h := float64(c.img.Rect.Dx()), float64(c.img.Rect.Dy())
	type spot struct {
		at           geom.Point
		radius, ring float64
		depth        float64
	}
	var spots []spot
	for range 1 + r.IntN(3) {
		spots = append(spots, spot{
			geom.Point{X: between(r, .1, .9) * w, Y: between(r, .1, .9) * h},
			between(r, 40, 330) * c.unit(), between(r, 4, 14) * c.unit(), between(r, .1, .4),
		})
	}
	brown := color.RGBA{120, 70, 25, 255}
	c.multiply(func(x, y int) (color.RGBA, float64) {
		share := 0.0
		for _, s := range spots {
			d := s.at.Distance(geom.Point{X: float64(x), Y: float64(y)})
			if d < s.radius {
				share += .4 * s.depth
			}
			share += s.depth * max(0, 1-math.Abs(d-s.radius)/s.ring)
		}
		return brown, min(share, 1)
	})
}

// tintedFields prints a ground under the fields of text that the template does
// not have.
func tintedFields(r *rand.Rand, b *Blank, _ *Paper, c *canvas) {
	tint := pick(r, []color.RGBA{gray(225), gray(200), {255, 244, 190, 255}, {200, 225, 250, 255}, {215, 240, 205, 255}})
	var boxes []geom.Box
	for _, f := range b.Template.Places() {
		if f.Kind != form.Checkbox && chance(r, .7) {
			boxes = append(boxes, f.Box)
		}
	}
	shape := newCanvas(c.img.Rect.Dx(), c.img.Rect.Dy())
	for _, box := range boxes {
		shape.box(box, tint)
	}
	c.multiply(func(x, y int) (color.RGBA, float64) { return shape.img.RGBAAt(x, y), 1 })
}
