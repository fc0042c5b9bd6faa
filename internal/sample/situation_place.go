package sample

import (
	"image"
	"math"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/geom"
)

// placeSituations are those of forms that do not lie as a plane does, or not
// alone.
var placeSituations = []situation{
	{name: "bowed", sheet: bent(bowed)},
	{name: "creased", sheet: bent(creased)},
	{name: "feed jump", sheet: feedJump},
	{name: "curled photo", sheet: bent(curled)},
}

// An extent is how large a form is.
type extent struct {
	width, height float64 // template px
	mm            float64 // template px
}

func extentOf(b *Blank) extent {
	w, h := float64(b.Template.Width), float64(b.Template.Height)
	return extent{w, h, max(w, h) / 297} // as if it were A4
}

// bent returns what draws a sheet that is not flat: warp returns by how much
// each point of it moves, in template px.
func bent(warp func(*rand.Rand, extent) func(geom.Point) geom.Point) func(*rand.Rand, *Blank, *Paper, *canvas) {
	return func(r *rand.Rand, b *Blank, p *Paper, c *canvas) {
		move := warp(r, extentOf(b))
		p.Bend = func(at geom.Point) geom.Point { return at.Add(move(at)) }
		c.redraw(func(at geom.Point) geom.Point {
			from := at
			for range 8 { // it moves far less from point to point than points lie apart
				from = at.Sub(move(from))
			}
			return from
		})
	}
}

// bowed paper is higher or further to the side in its middle than at its
// borders, by 1 to 3 mm.
func bowed(r *rand.Rand, p extent) func(geom.Point) geom.Point {
	far := between(r, 1, 3) * p.mm * float64(1-2*r.IntN(2))
	if chance(r, .5) {
		return func(at geom.Point) geom.Point { return geom.Point{Y: far * math.Sin(math.Pi*at.X/p.width)} }
	}
	return func(at geom.Point) geom.Point { return geom.Point{X: far * math.Sin(math.Pi*at.Y/p.height)} }
}

// creased paper has a fold across or down, where it rises from the glass: what
// is near the fold moves by up to 2.5 mm.
func creased(r *rand.Rand, p extent) func(geom.Point) geom.Point {
	far := between(r, 1, 2.5) * p.mm * float64(1-2*r.IntN(2))
	fold, slope, wide := between(r, .25, .75), between(r, -.1, .1), between(r, .1, .25)*p.height
	aside := between(r, -.4, .4)
	if chance(r, .5) {
		return func(at geom.Point) geom.Point {
			d := far * max(0, 1-math.Abs(at.Y-fold*p.height-slope*at.X)/wide)
			return geom.Point{X: aside * d, Y: d}
		}
	}
	return func(at geom.Point) geom.Point {
		d := far * max(0, 1-math.Abs(at.X-fold*p.width-slope*at.Y)/wide)
		return geom.Point{X: d, Y: aside * d}
	}
}

// feedJump has the paper slip in the feeder: what is below a line lies 1 to
// 3 mm lower, so that a strip is there twice, or higher, and a strip is lost.
func feedJump(r *rand.Rand, b *Blank, p *Paper, c *canvas) {
	size := extentOf(b)
	line, far := between(r, .2, .8)*size.height, between(r, 1, 3)*size.mm*float64(1-2*r.IntN(2))
	p.Bend = func(at geom.Point) geom.Point {
		if at.Y > line {
			at.Y += far
		}
		return at
	}
	c.redraw(func(at geom.Point) geom.Point {
		if at.Y > line+min(far, 0) {
			at.Y -= far
		}
		return at
	})
}

// curled paper rises from the desk as a cylinder does whose section is a cubic,
// flat at neither end (as in page_dewarp by M. Zucker, 2016), and is seen from
// about half a metre, not quite from above.
func curled(r *rand.Rand, p extent) func(geom.Point) geom.Point {
	left, right := between(r, -.3, .3), between(r, -.3, .3) // slopes at both ends
	eye := geom.Point{X: p.width / 2 * between(r, .5, 1.5), Y: p.height / 2 * between(r, .3, 1.7)}
	far := between(r, 1.4, 2.2) * p.height
	return func(at geom.Point) geom.Point {
		t := min(max(at.X/p.width, 0), 1)
		rise := t * (1 - t) * (left*(1-t) + right*t) * p.width
		k := rise / (far - rise)
		return geom.Point{X: k * (at.X - eye.X), Y: k * (at.Y - eye.Y)}
	}
}

// redraw has each point of the picture show what was at another, white where
// that is outside.
func (c *canvas) redraw(from func(geom.Point) geom.Point) {
	src, out := c.img, image.NewRGBA(c.img.Rect)
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			p := from(geom.Point{X: float64(x) + .5, Y: float64(y) + .5})
			mixed(out.Pix[out.PixOffset(x, y):][:4], src, p)
		}
	}
	copy(src.Pix, out.Pix)
}

// mixed sets dst to the colour of src at p, between the four pixels around it.
func mixed(dst []uint8, src *image.RGBA, p geom.Point) {
	x0, y0 := math.Floor(p.X-.5), math.Floor(p.Y-.5)
	fx, fy := p.X-.5-x0, p.Y-.5-y0
	var sum [3]float64
	for k, weight := range [4]float64{(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy} {
		at := image.Pt(int(x0)+k%2, int(y0)+k/2)
		for i := range sum {
			v := 255.
			if at.In(src.Rect) {
				v = float64(src.Pix[src.PixOffset(at.X, at.Y)+i])
			}
			sum[i] += float64(weight * v)
		}
	}
	for i, v := range sum {
		dst[i] = uint8(v + .5)
	}
	dst[3] = 255
}
