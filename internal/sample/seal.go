package sample

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/geom"
)

// randomSeal presses a red seal somewhere on the page.
func (c *canvas) randomSeal(r *rand.Rand) {
	w, h := float64(c.img.Rect.Dx()), float64(c.img.Rect.Dy())
	unit := math.Sqrt(w * h / (1654 * 2339))
	name := []rune(pick(r, korean.family) + pick(r, korean.given) + "인인")[:4]
	at := geom.Point{X: between(r, .15, .9) * w, Y: between(r, .15, .9) * h}
	c.seal(r, string(name), at, unit*between(r, 32, 80), chance(r, .6))
}

// seal presses a seal with up to four characters, round or square. Radius is
// half its width in px. Where no font has the characters it has none.
func (c *canvas) seal(r *rand.Rand, text string, at geom.Point, radius float64, round bool) {
	side := int(3*radius) + 2
	stamp := &canvas{img: image.NewRGBA(image.Rect(0, 0, side, side))}
	ink := pick(r, []color.RGBA{{205, 30, 40, 255}, {190, 35, 30, 255}, {215, 50, 60, 255}})
	o := geom.Point{X: float64(side) / 2, Y: float64(side) / 2}
	turn := r.NormFloat64() * .15
	stamp.stroke(rim(o, radius, turn, round), radius*.09, nil, ink)
	stamp.inscribe(text, o, radius, turn, ink)
	mask := image.NewAlpha(stamp.img.Rect)
	strength := between(r, .55, .9)
	for i := range mask.Pix { // the pad is not wet everywhere
		mask.Pix[i] = uint8(255 * strength * min(1, between(r, .7, 1.4)))
	}
	corner := image.Pt(int(at.X)-side/2, int(at.Y)-side/2)
	draw.DrawMask(c.img, stamp.img.Rect.Add(corner), stamp.img, image.Point{}, mask, image.Point{}, draw.Over)
}

// rim returns the outline of a seal.
func rim(o geom.Point, radius, turn float64, round bool) []geom.Point {
	var ps []geom.Point
	n := 4
	if round {
		n = 48
	}
	for i := range n + 1 {
		sin, cos := math.Sincos(turn + 2*math.Pi*(float64(i)+.5)/float64(n))
		d := radius
		if !round {
			d *= math.Sqrt2 * .92
		}
		ps = append(ps, geom.Point{X: o.X + d*cos, Y: o.Y + d*sin})
	}
	return ps
}

// inscribe writes up to four characters, right column first, as on a seal.
func (c *canvas) inscribe(text string, o geom.Point, radius, turn float64, ink color.RGBA) {
	var set fontset
	for _, use := range []fontUse{bold, typed} {
		set = append(set, typefaces("ko", use)...)
	}
	rs := []rune(text)
	sin, cos := math.Sincos(turn)
	for i, ch := range rs[:min(4, len(rs))] {
		size := radius * .78
		x, y := (.5-float64(i/2))*size*1.05, (float64(i%2)-.5)*size*1.05
		if len(rs) <= 2 {
			x = 0
		}
		x, y = x-.46*size, y+.36*size
		c.letter(set, letter{r: ch, at: geom.Point{X: o.X + x*cos - y*sin, Y: o.Y + x*sin + y*cos}, size: size, squeeze: 1, turn: turn}, ink)
	}
}
