// Package draw draws rows of boxes and checkboxes, blank and filled, whose
// truth is known: to teach the classifiers of package mark, and to test them.
// What it draws depends on its random source alone.
package draw

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// between returns a number from a to b.
func between(r *rand.Rand, a, b float64) float64 { return a + (b-a)*r.Float64() }

// chance reports true with probability p.
func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

// A canvas is a picture of darkness, from 0, paper, to 1, black.
type canvas struct {
	width, height int
	at            []float64
}

func newCanvas(width, height int) *canvas {
	return &canvas{width, height, make([]float64, width*height)}
}

// dab makes pixel (x, y) at least as dark as v.
func (c *canvas) dab(x, y int, v float64) {
	if x >= 0 && y >= 0 && x < c.width && y < c.height {
		i := y*c.width + x
		c.at[i] = max(c.at[i], v)
	}
}

// box fills the box from (x0, y0) to (x1, y1), which need not be whole pixels.
func (c *canvas) box(x0, y0, x1, y1, v float64) {
	for y := int(math.Floor(y0)); y < int(math.Ceil(y1)); y++ {
		for x := int(math.Floor(x0)); x < int(math.Ceil(x1)); x++ {
			w := min(x1, float64(x+1)) - max(x0, float64(x))
			h := min(y1, float64(y+1)) - max(y0, float64(y))
			c.dab(x, y, v*w*h)
		}
	}
}

// stroke draws a line of the given width through the points.
func (c *canvas) stroke(points []geom.Point, width, v float64) {
	for i := 1; i < len(points); i++ {
		c.segment(points[i-1], points[i], width, v)
	}
}

func (c *canvas) segment(a, b geom.Point, width, v float64) {
	r := width/2 + 1
	d := b.Sub(a)
	n := d.X*d.X + d.Y*d.Y
	for y := int(min(a.Y, b.Y) - r); y <= int(max(a.Y, b.Y)+r); y++ {
		for x := int(min(a.X, b.X) - r); x <= int(max(a.X, b.X)+r); x++ {
			p := geom.Point{X: float64(x) + .5, Y: float64(y) + .5}
			t := 0.0
			if n > 0 {
				t = max(0, min(1, ((p.X-a.X)*d.X+(p.Y-a.Y)*d.Y)/n))
			}
			q := geom.Point{X: a.X + t*d.X, Y: a.Y + t*d.Y}
			if e := width/2 + .5 - p.Distance(q); e > 0 {
				c.dab(x, y, v*min(1, e))
			}
		}
	}
}

// over lays ink over c: where both are dark it is not much darker than one.
func (c *canvas) over(ink *canvas) *canvas {
	out := newCanvas(c.width, c.height)
	for i, v := range c.at {
		out.at[i] = 1 - (1-v)*(1-ink.at[i])
	}
	return out
}

// gray returns c on paper of the given gray value.
func (c *canvas) gray(paper float64) *image.Gray {
	img := raster.New(c.width, c.height)
	for i, v := range c.at {
		img.Pix[i] = uint8(max(0, min(255, paper*(1-v)+.5)))
	}
	return img
}

// A Glyph is the picture of a character or of something else that may stand
// in a box: darkness from 0 to 255, tight around it.
type Glyph struct {
	Width, Height int
	Ink           []uint8
	// Size is the height of the glyph as a share of the height of a capital
	// letter of its kind.
	Size float64
}

// Tight returns the darkness in pix, rows of the given width, without the
// empty margins. It has no width if pix is empty.
func Tight(pix []uint8, width int) Glyph {
	box := image.Rectangle{}
	for i, v := range pix {
		if v > 40 {
			box = box.Union(image.Rect(i%width, i/width, i%width+1, i/width+1))
		}
	}
	if box.Empty() {
		return Glyph{}
	}
	box = box.Inset(-1).Intersect(image.Rect(0, 0, width, len(pix)/width))
	g := Glyph{Width: box.Dx(), Height: box.Dy(), Size: 1}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		g.Ink = append(g.Ink, pix[y*width+box.Min.X:y*width+box.Max.X]...)
	}
	return g
}

func (g Glyph) value(x, y float64) float64 {
	x0, y0 := math.Floor(x-.5), math.Floor(y-.5)
	fx, fy := x-.5-x0, y-.5-y0
	at := func(x, y int) float64 {
		if x < 0 || y < 0 || x >= g.Width || y >= g.Height {
			return 0
		}
		return float64(g.Ink[y*g.Width+x]) / 255
	}
	i, j := int(x0), int(y0)
	top := at(i, j) + fx*(at(i+1, j)-at(i, j))
	return top + fy*(at(i, j+1)+fx*(at(i+1, j+1)-at(i, j+1))-top)
}

// A bend moves points smoothly: shifts at the corners of a 4x4 grid.
type bend [4][4]geom.Point

func newBend(r *rand.Rand, size float64) bend {
	var b bend
	for i := range b {
		for j := range b[i] {
			b[i][j] = geom.Point{X: size * r.NormFloat64(), Y: size * r.NormFloat64()}
		}
	}
	return b
}

// at returns the shift at (u, v), both from 0 to 1.
func (b *bend) at(u, v float64) geom.Point {
	u, v = 3*max(0, min(.9999, u)), 3*max(0, min(.9999, v))
	i, j := int(v), int(u)
	fu, fv := smooth(u-float64(j)), smooth(v-float64(i))
	mix := func(p, q geom.Point, f float64) geom.Point {
		return geom.Point{X: p.X + f*(q.X-p.X), Y: p.Y + f*(q.Y-p.Y)}
	}
	return mix(mix(b[i][j], b[i][j+1], fu), mix(b[i+1][j], b[i+1][j+1], fu), fv)
}

func smooth(t float64) float64 { return t * t * (3 - 2*t) }

// glyph draws g with its middle at c, height px high, v dark, turned, sheared
// and bent at random by about the given amount.
func (c *canvas) glyph(r *rand.Rand, g Glyph, middle geom.Point, height, amount, v float64) {
	scale := float64(g.Height) / height
	turn := between(r, -.22, .22) * amount
	shear := between(r, -.3, .3) * amount
	wide := math.Exp(between(r, -.22, .22) * amount)
	bent := newBend(r, .035*amount*float64(max(g.Width, g.Height)))
	weight := between(r, -.25, .3) * amount // thicker or thinner
	sin, cos := math.Sincos(turn)
	reach := math.Hypot(float64(g.Width)*wide, float64(g.Height))/scale*.6 + 2
	for y := int(middle.Y - reach); y < int(middle.Y+reach)+1; y++ {
		for x := int(middle.X - reach); x < int(middle.X+reach)+1; x++ {
			dx, dy := float64(x)+.5-middle.X, float64(y)+.5-middle.Y
			u, w := cos*dx+sin*dy, cos*dy-sin*dx
			u += shear * w
			p := geom.Point{X: u/wide*scale + float64(g.Width)/2, Y: w*scale + float64(g.Height)/2}
			d := bent.at(p.X/float64(g.Width), p.Y/float64(g.Height))
			value := g.average(p.X+d.X, p.Y+d.Y, scale)
			c.dab(x, y, v*max(0, min(1, (value-.5+weight)*1.6+.5)))
		}
	}
}

// average returns the darkness of the scale x scale pixels around (x, y).
func (g Glyph) average(x, y, scale float64) float64 {
	n := int(math.Ceil(min(scale, 4)))
	if n <= 1 {
		return g.value(x, y)
	}
	sum := 0.0
	for j := range n {
		for i := range n {
			sum += g.value(x+scale*((float64(i)+.5)/float64(n)-.5), y+scale*((float64(j)+.5)/float64(n)-.5))
		}
	}
	return sum / float64(n*n)
}

// copied returns c as it comes back from a copy: lain a little aside, faded,
// blurred, noisy, compressed or thresholded, and warped back to where it was.
func copied(r *rand.Rand, c *canvas) *image.Gray {
	paper := between(r, 225, 255)
	kind := r.IntN(10) // 0 clean, 1-4 scan, 5 and 6 coarse, 7 fax, 8 and 9 photo
	scale := between(r, .9, 1.1)
	switch {
	case kind == 0:
		scale = 1
	case kind == 5 || kind == 6:
		scale = between(r, .55, .8)
	case kind >= 8:
		paper = between(r, 110, 240)
	}
	there := geom.Scale(scale, scale).After(slightTurn(r, c, kind))
	back, err := there.Inverse()
	if err != nil {
		panic(err) // a turn and a scale
	}
	w, h := int(float64(c.width)*scale)+1, int(float64(c.height)*scale)+1
	img := raster.Warp(c.gray(255), back, w, h)
	fade := 1.0
	if kind != 0 {
		fade = between(r, .5, 1)
	}
	tone(r, img, paper, fade, kind)
	if kind == 7 {
		fax(r, img)
	} else if kind != 0 {
		img = compressed(img, 25+r.IntN(65))
	}
	return raster.Warp(img, there, c.width, c.height)
}

// slightTurn returns how the picture comes to lie. The placing of a page
// finds that again, but for a pixel or so.
func slightTurn(r *rand.Rand, c *canvas, kind int) geom.Homography {
	if kind == 0 {
		return geom.Identity
	}
	a := between(r, -.03, .03)
	sin, cos := math.Sincos(a)
	middle := geom.Point{X: float64(c.width) / 2, Y: float64(c.height) / 2}
	turn := geom.Homography{cos, -sin, 0, sin, cos, 0, 0, 0, 1}
	return geom.Shift(middle).After(turn).After(geom.Shift(geom.Point{X: -middle.X, Y: -middle.Y}))
}

// tone gives img its paper, fading, blur and noise.
func tone(r *rand.Rand, img *image.Gray, paper, fade float64, kind int) {
	if kind != 0 && chance(r, .6) {
		blur(img)
		if chance(r, .3) {
			blur(img)
		}
	}
	noise := between(r, 0, 7)
	if kind == 0 {
		noise = 0
	}
	slope := 0.0
	if kind >= 8 {
		slope = between(r, -.3, .3)
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for y := range h {
		for x := range w {
			i := y*img.Stride + x
			light := paper * (1 + slope*(float64(x)/float64(w)-.5))
			v := light * (1 - fade*(1-float64(img.Pix[i])/255))
			img.Pix[i] = uint8(max(0, min(255, v+noise*r.NormFloat64()+.5)))
		}
	}
	if kind != 0 && chance(r, .4) {
		specks(r, img)
	}
}

func specks(r *rand.Rand, img *image.Gray) {
	for range r.IntN(8) {
		x, y, size := r.IntN(img.Rect.Dx()), r.IntN(img.Rect.Dy()), 1+r.IntN(2)
		v := uint8(r.IntN(160))
		for j := y; j < min(y+size, img.Rect.Dy()); j++ {
			for i := x; i < min(x+size, img.Rect.Dx()); i++ {
				img.Pix[j*img.Stride+i] = min(img.Pix[j*img.Stride+i], v)
			}
		}
	}
}

// fax leaves black and white only. The machine sets its threshold by what it
// sees: somewhere between the darkest and the paper, away from its noise.
func fax(r *rand.Rand, img *image.Gray) {
	var count [256]int
	for _, v := range img.Pix {
		count[v]++
	}
	low, paper := share(count, len(img.Pix)/200), share(count, len(img.Pix)*2/3)
	threshold := min(low+between(r, .4, .8)*(paper-low), paper-30)
	for i, v := range img.Pix {
		if float64(v)+5*r.NormFloat64() < threshold {
			img.Pix[i] = 0
		} else {
			img.Pix[i] = 255
		}
		if chance(r, .0008) {
			img.Pix[i] = 255 - img.Pix[i]
		}
	}
}

// share returns the value that n of the counted pixels lie below.
func share(count [256]int, n int) float64 {
	for v, c := range count {
		if n -= c; n < 0 {
			return float64(v)
		}
	}
	return 255
}

func compressed(img *image.Gray, quality int) *image.Gray {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		panic(err) // a small gray picture into memory
	}
	out, err := jpeg.Decode(&b)
	if err != nil {
		panic(err)
	}
	return out.(*image.Gray)
}

// blur averages img over 3x3 pixels with the weights 1:2:1.
func blur(img *image.Gray) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	src := append([]uint8(nil), img.Pix...)
	at := func(x, y int) int {
		return int(src[max(0, min(h-1, y))*img.Stride+max(0, min(w-1, x))])
	}
	for y := range h {
		for x := range w {
			sum := 4*at(x, y) + 2*(at(x-1, y)+at(x+1, y)+at(x, y-1)+at(x, y+1)) +
				at(x-1, y-1) + at(x+1, y-1) + at(x-1, y+1) + at(x+1, y+1)
			img.Pix[y*img.Stride+x] = uint8((sum + 8) / 16)
		}
	}
}

// Scribble returns strokes that mean nothing.
func Scribble(r *rand.Rand) Glyph {
	const side = 64
	c := newCanvas(side, side)
	for range 1 + r.IntN(4) {
		p := geom.Point{X: between(r, 8, 56), Y: between(r, 8, 56)}
		v := geom.Point{X: between(r, -9, 9), Y: between(r, -9, 9)}
		points := []geom.Point{p}
		for range 3 + r.IntN(9) {
			v = geom.Point{X: v.X + between(r, -6, 6), Y: v.Y + between(r, -6, 6)}
			p = p.Add(v)
			p = geom.Point{X: max(4, min(60, p.X)), Y: max(4, min(60, p.Y))}
			points = append(points, p)
		}
		c.stroke(points, between(r, 2, 6), 1)
	}
	pix := make([]uint8, len(c.at))
	for i, v := range c.at {
		pix[i] = uint8(255 * v)
	}
	g := Tight(pix, side)
	g.Size = between(r, .3, 1)
	return g
}

// Pair returns a and b side by side, as tall as each other.
func Pair(a, b Glyph) Glyph {
	const height = 32
	wa, wb := a.Width*height/a.Height, b.Width*height/b.Height
	width := wa + wb + 2
	pix := make([]uint8, width*height)
	for y := range height {
		v := (float64(y) + .5) / height
		for x := range wa {
			pix[y*width+x] = uint8(255 * a.value((float64(x)+.5)/float64(wa)*float64(a.Width), v*float64(a.Height)))
		}
		for x := range wb {
			pix[y*width+wa+2+x] = uint8(255 * b.value((float64(x)+.5)/float64(wb)*float64(b.Width), v*float64(b.Height)))
		}
	}
	return Tight(pix, width)
}
