package sample

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// A mark is a way to tick a checkbox. Its strokes are drawn for a box from
// (-1, -1) to (1, 1).
type mark func(r *rand.Rand) [][]geom.Point

// marks lists the ways, the usual ones more often.
var marks = []mark{tick, tick, tick, tick, cross, cross, cross, blacken, circle, scribble, bar}

func tick(r *rand.Rand) [][]geom.Point {
	s := between(r, .8, 1.5)
	a := geom.Point{X: -between(r, .5, .9), Y: between(r, -.3, .1)}
	b := geom.Point{X: between(r, -.4, 0), Y: between(r, .4, .9)}
	c := geom.Point{X: s, Y: -s * between(r, .7, 1.1)}
	return [][]geom.Point{curve([]geom.Point{a, b}, .04, r, 6), curve([]geom.Point{b, c}, .06, r, 10)}
}

func cross(r *rand.Rand) [][]geom.Point {
	s := between(r, .6, 1.15)
	j := func() float64 { return between(r, -.15, .15) }
	return [][]geom.Point{
		curve([]geom.Point{{X: -s + j(), Y: -s + j()}, {X: s + j(), Y: s + j()}}, .06, r, 10),
		curve([]geom.Point{{X: s + j(), Y: -s + j()}, {X: -s + j(), Y: s + j()}}, .06, r, 10),
	}
}

func blacken(r *rand.Rand) [][]geom.Point {
	var ps []geom.Point
	for y := -.85; y < .85; y += between(r, .12, .2) {
		x := between(r, .75, .95)
		if len(ps)%4 == 2 {
			x = -x
		}
		ps = append(ps, geom.Point{X: -x, Y: y}, geom.Point{X: x, Y: y + .06})
	}
	return [][]geom.Point{ps}
}

func circle(r *rand.Rand) [][]geom.Point {
	var ps []geom.Point
	rx, ry := between(r, 1.1, 1.7), between(r, 1.1, 1.6)
	start, turn := between(r, -2.5, -1), between(r, 5.6, 6.9)
	for i := range 25 {
		sin, cos := math.Sincos(start + turn*float64(i)/24)
		drift := 1 + .12*float64(i)/24
		ps = append(ps, geom.Point{X: rx * cos * drift, Y: ry * sin})
	}
	return [][]geom.Point{ps}
}

func scribble(r *rand.Rand) [][]geom.Point {
	var ps []geom.Point
	n := 5 + r.IntN(6)
	for i := range n {
		y := .8
		if i%2 == 0 {
			y = -.8
		}
		ps = append(ps, geom.Point{X: -.8 + 1.6*float64(i)/float64(n-1) + between(r, -.1, .1), Y: y * between(r, .7, 1.2)})
	}
	return [][]geom.Point{ps}
}

func bar(r *rand.Rand) [][]geom.Point {
	s := between(r, .6, 1.1)
	return [][]geom.Point{curve([]geom.Point{{X: -s, Y: s * between(r, .5, 1)}, {X: s, Y: -s * between(r, .5, 1)}}, .06, r, 10)}
}

// curve returns n+1 points from the first of two ends to the last, along an
// arc that strays from the line between them.
func curve(ends []geom.Point, stray float64, r *rand.Rand, n int) []geom.Point {
	a, b := ends[0], ends[1]
	bend := r.NormFloat64() * stray * a.Distance(b)
	var ps []geom.Point
	for i := range n + 1 {
		t := float64(i) / float64(n)
		off := bend * 4 * t * (1 - t)
		ps = append(ps, geom.Point{X: a.X + (b.X-a.X)*t - (b.Y-a.Y)*off/2, Y: a.Y + (b.Y-a.Y)*t + (b.X-a.X)*off/2})
	}
	return ps
}

// check ticks a checkbox, or leaves it alone.
func (w *writer) check(f form.Field, checked bool, m mark) {
	t := Truth{Text: f.UncheckedText, Checked: checked}
	if checked {
		t.Text = f.CheckedText
	}
	if odd := w.odd != nil && w.odd(f, checked); checked && !odd {
		if w.style.Messy > 0 && chance(w.r, .3*w.style.Messy) {
			m = pick(w.r, marks)
		}
		o, half := f.Box.Center(), min(f.Box.Width(), f.Box.Height())/2
		width := half * between(w.r, .13, .3)
		for _, stroke := range m(w.r) {
			press := make([]float64, len(stroke))
			for i := range stroke {
				stroke[i] = geom.Point{X: o.X + half*stroke[i].X, Y: o.Y + half*stroke[i].Y}
				press[i] = between(w.r, .85, 1.1)
			}
			t.Ink = t.Ink.Union(w.stroke(stroke, width, press, w.ink))
		}
	}
	w.truth[f.ID] = t
}

// stain colours what lies under a picture with the ink: black pixels wholly,
// white ones not.
func (w *writer) stain(picture *image.Gray, pictureToTemplate geom.Homography) geom.Box {
	q := pictureToTemplate.ApplyQuad(geom.XYWH(0, 0, float64(picture.Rect.Dx()), float64(picture.Rect.Dy())).Quad())
	b := q.Bounds()
	x0, y0 := int(b.Min.X), int(b.Min.Y)
	toPicture, err := pictureToTemplate.Inverse()
	if err != nil {
		return geom.Box{}
	}
	patch := raster.Warp(picture, toPicture.After(geom.Shift(geom.Point{X: float64(x0), Y: float64(y0)})), int(b.Width())+2, int(b.Height())+2)
	var ink geom.Box
	for y := range patch.Rect.Dy() {
		for x := range patch.Rect.Dx() {
			v := patch.Pix[y*patch.Stride+x]
			if v < 128 {
				ink = ink.Union(geom.XYWH(float64(x0+x), float64(y0+y), 1, 1))
			}
			w.blend(x0+x, y0+y, 255-v, w.ink)
		}
	}
	return ink
}

// blend puts ink over a pixel, as much of it as alpha says.
func (c *canvas) blend(x, y int, alpha uint8, ink color.RGBA) {
	if alpha == 0 || !(image.Point{X: x, Y: y}).In(c.img.Rect) {
		return
	}
	p := c.img.Pix[c.img.PixOffset(x, y):]
	for i, v := range [3]uint8{ink.R, ink.G, ink.B} {
		p[i] = uint8((uint32(p[i])*(255-uint32(alpha)) + uint32(v)*uint32(alpha) + 127) / 255)
	}
}
