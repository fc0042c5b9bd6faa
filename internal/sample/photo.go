package sample

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// desks are the colours of what a page may lie on.
var desks = []color.RGBA{{120, 86, 58, 255}, {168, 132, 96, 255}, {70, 70, 74, 255}, {140, 146, 150, 255}, {52, 62, 84, 255}, {196, 190, 180, 255}}

// photograph returns the planes as a telephone sees the page on a desk.
func (ps planes) photograph(r *rand.Rand) (planes, geom.Homography) {
	width, height := ps.size()
	templateToPage, w, h := held(r, width, height)
	page := ps.warp(templateToPage, w, h)
	sheet := planes{image.NewGray(image.Rect(0, 0, width, height))}.warp(templateToPage, w, h)[0] // 0 where the page is
	shadow := castShadow(sheet, r)
	grain := desktop(r, w, h)
	light := newLight(r, w, h)
	desk := pick(r, desks)
	tint := [3]float64{between(r, .93, 1), between(r, .94, 1), between(r, .86, 1)}
	black := between(r, 10, 45) // stray light lifts the black
	for i, p := range page {
		base := float64([3]uint8{desk.R, desk.G, desk.B}[i])
		for y := range h {
			for x := range w {
				k := y*p.Stride + x
				gone := float64(sheet.Pix[k]) / 255
				v := black + (255-black)/255*float64(p.Pix[k])
				if gone > 0 {
					under := base * (.75 + .5*float64(grain.Pix[k])/255) * (1 - .55*float64(255-shadow.Pix[k])/255)
					v = v*(1-gone) + under*gone
				}
				p.Pix[k] = clamp(v * tint[i] * light.at(x, y))
			}
		}
	}
	blur, sigma, n := between(r, .05, .22), between(r, 1, 6), newNoise(r)
	for _, p := range page {
		soften(p, blur)
		n.add(p, r, sigma)
	}
	return page, templateToPage
}

// held returns the homography of a page in a hand-held picture, and the
// picture's size.
func held(r *rand.Rand, width, height int) (templateToPage geom.Homography, w, h int) {
	h = 1900 + r.IntN(700)
	w = h * 3 / 4
	if width > height {
		w, h = h, w
	}
	fill := between(r, .82, .96) * min(float64(w)/float64(width), float64(h)/float64(height))
	middle := geom.Point{X: float64(w)/2 + between(r, -.02, .02)*float64(w), Y: float64(h)/2 + between(r, -.02, .02)*float64(h)}
	sin, cos := math.Sincos(between(r, -3.5, 3.5) * math.Pi / 180)
	from := geom.XYWH(0, 0, float64(width), float64(height)).Quad()
	var to geom.Quad
	for i, p := range from {
		x, y := (p.X-float64(width)/2)*fill, (p.Y-float64(height)/2)*fill
		to[i] = middle.Add(geom.Point{X: x*cos - y*sin, Y: x*sin + y*cos})
		to[i].X += between(r, -.035, .035) * float64(w)
		to[i].Y += between(r, -.035, .035) * float64(h)
	}
	templateToPage, err := geom.Fit(from[:], to[:], nil)
	if err != nil {
		panic(err) // corners moved by 4 % do not fall on one line
	}
	return templateToPage, w, h
}

// castShadow returns what darkens the desk beside the sheet: 0 is darkest.
func castShadow(sheet *image.Gray, r *rand.Rand) *image.Gray {
	w, h := sheet.Rect.Dx(), sheet.Rect.Dy()
	const coarse = 12 // px; a shadow has soft edges
	small := raster.Warp(sheet, geom.Scale(coarse, coarse), w/coarse+1, h/coarse+1)
	soften(small, .25)
	off := geom.Point{X: between(r, -14, 14), Y: between(r, 4, 18)}
	return raster.Warp(small, geom.Scale(1.0/coarse, 1.0/coarse).After(geom.Shift(geom.Point{X: -off.X, Y: -off.Y})), w, h)
}

// desktop returns the grain of a desk: streaks of wood, or blotches.
func desktop(r *rand.Rand, w, h int) *image.Gray {
	sum := image.NewGray(image.Rect(0, 0, w, h))
	long := pick(r, []float64{1, 6, 10})
	for _, pitch := range []float64{90, 22, 6} {
		small := image.NewGray(image.Rect(0, 0, int(float64(w)/pitch/long)+3, int(float64(h)/pitch)+3))
		for i := range small.Pix {
			small.Pix[i] = uint8(r.IntN(256))
		}
		full := raster.Warp(small, geom.Shift(geom.Point{X: 1, Y: 1}).After(geom.Scale(1/pitch/long, 1/pitch)), w, h)
		for i, v := range full.Pix {
			sum.Pix[i] += v / 3
		}
	}
	return sum
}

// A light is how bright it is at each place: across the picture evenly
// falling off, less where a shadow lies.
type light struct {
	across, down   []float64
	shadeX, shadeY []float64
	dark           float64
}

func newLight(r *rand.Rand, w, h int) *light {
	l := &light{across: make([]float64, w), down: make([]float64, h), shadeX: make([]float64, w), shadeY: make([]float64, h), dark: between(r, 0, .35)}
	slopeX, slopeY := between(r, -.14, .14), between(r, -.14, .14)
	x0, y0 := between(r, 0, 1), between(r, 0, 1)
	sx, sy := between(r, .2, .6), between(r, .2, .6)
	level := between(r, .82, 1)
	for x := range l.across {
		t := float64(x) / float64(w)
		l.across[x] = level + slopeX*(t-.5)
		l.shadeX[x] = math.Exp(-(t - x0) * (t - x0) / (2 * sx * sx))
	}
	for y := range l.down {
		t := float64(y) / float64(h)
		l.down[y] = slopeY * (t - .5)
		l.shadeY[y] = math.Exp(-(t - y0) * (t - y0) / (2 * sy * sy))
	}
	return l
}

// at returns the brightness at a pixel, about 1 in full light.
func (l *light) at(x, y int) float64 {
	return (l.across[x] + l.down[y]) * (1 - l.dark*l.shadeX[x]*l.shadeY[y])
}
