package sample

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// A Level is what happens to a page on its way from paper to file.
type Level string

// The levels.
const (
	Clean   Level = "clean"   // nothing
	Scanned Level = "scan"    // turned by up to 2°, shifted, scaled, faded, noisy, specks, JPEG
	LowRes  Level = "lowres"  // the same at 115 to 150 dpi, hard JPEG
	Fax     Level = "fax"     // black and white
	Photo   Level = "photo"   // in perspective on a desk, in uneven light
	Rotated Level = "rotated" // as Scanned, then turned by 90, 180 or 270°
	Stamped Level = "stamp"   // as Scanned, with red seals over the page
)

// Levels lists the levels.
var Levels = []Level{Clean, Scanned, LowRes, Fax, Photo, Rotated, Stamped}

// Degrade does to a picture in template px what level says, and returns it in
// page px with the homography between the two. What it returns is an
// *image.Gray (of 0 and 255 alone for Fax), an *image.YCbCr or, for Clean,
// the picture itself. It panics on a level that there is not.
func Degrade(picture image.Image, level Level, seed uint64) (page image.Image, templateToPage geom.Homography) {
	r := newRand(seed, "degrade "+string(level))
	if level == Clean {
		return picture, geom.Identity
	}
	var ps planes
	quality := 60 + r.IntN(32)
	scale := between(r, .88, 1.12)
	switch level {
	case Scanned:
		ps, templateToPage = split(picture, chance(r, .5)).scan(r, scale)
	case LowRes:
		w, h := float64(picture.Bounds().Dx()), float64(picture.Bounds().Dy())
		dpi := 200 * math.Sqrt(w*h/(1654*2339)) // as if it were A4
		quality -= 25
		ps, templateToPage = split(picture, chance(r, .5)).scan(r, between(r, 115, 150)/dpi)
	case Fax:
		ps, templateToPage = split(picture, false).fax(r)
		return ps[0], templateToPage
	case Photo:
		ps, templateToPage = split(picture, true).photograph(r)
	case Rotated:
		ps, templateToPage = split(picture, chance(r, .5)).scan(r, scale)
		for range 1 + r.IntN(3) {
			ps, templateToPage = ps.turn(templateToPage)
		}
	case Stamped:
		sealed := toCanvas(picture)
		for range 1 + r.IntN(3) {
			sealed.randomSeal(r)
		}
		ps, templateToPage = split(sealed.img, true).scan(r, scale)
	default:
		panic(fmt.Sprintf("sample: no level %q", level))
	}
	return ps.press(quality), templateToPage
}

// ToGray returns the luma of a picture as package raster has it. It may be
// the picture itself.
func ToGray(picture image.Image) *image.Gray {
	switch p := picture.(type) {
	case *image.Gray:
		return p
	case *image.RGBA:
		return toGray(p)
	case *image.YCbCr:
		g := image.NewGray(image.Rect(0, 0, p.Rect.Dx(), p.Rect.Dy()))
		for y := range g.Rect.Dy() {
			copy(g.Pix[y*g.Stride:(y+1)*g.Stride], p.Y[y*p.YStride:])
		}
		return g
	}
	g := image.NewGray(image.Rect(0, 0, picture.Bounds().Dx(), picture.Bounds().Dy()))
	for y := range g.Rect.Dy() {
		for x := range g.Rect.Dx() {
			g.Set(x, y, picture.At(picture.Bounds().Min.X+x, picture.Bounds().Min.Y+y))
		}
	}
	return g
}

// toCanvas returns a canvas with a copy of picture.
func toCanvas(picture image.Image) *canvas {
	if p, ok := picture.(*image.RGBA); ok {
		c := &canvas{img: image.NewRGBA(p.Rect)}
		copy(c.img.Pix, p.Pix)
		return c
	}
	return &canvas{img: toRGBA(ToGray(picture))}
}

// planes are one gray picture, or the red, green and blue of one in colour.
type planes []*image.Gray

// split returns the planes of a picture: three of one that has colour, if
// colour is asked for.
func split(picture image.Image, colour bool) planes {
	p, ok := picture.(*image.RGBA)
	if !ok || !colour {
		g := ToGray(picture)
		if colour {
			return planes{g, g, g}
		}
		return planes{g}
	}
	ps := planes{image.NewGray(p.Rect), image.NewGray(p.Rect), image.NewGray(p.Rect)}
	for y := range p.Rect.Dy() {
		row := p.Pix[y*p.Stride:]
		for x := range p.Rect.Dx() {
			i := y*ps[0].Stride + x
			ps[0].Pix[i], ps[1].Pix[i], ps[2].Pix[i] = row[4*x], row[4*x+1], row[4*x+2]
		}
	}
	return ps
}

// size returns the width and height of the planes.
func (ps planes) size() (width, height int) { return ps[0].Rect.Dx(), ps[0].Rect.Dy() }

// warp returns the planes as they lie on a page of the given size.
func (ps planes) warp(templateToPage geom.Homography, width, height int) planes {
	pageToTemplate, err := templateToPage.Inverse()
	if err != nil {
		panic(err) // all that is drawn here can be undone
	}
	var out planes
	for i, p := range ps {
		if i > 0 && p == ps[0] {
			copied := image.NewGray(out[0].Rect)
			copy(copied.Pix, out[0].Pix)
			out = append(out, copied)
			continue
		}
		out = append(out, raster.Warp(p, pageToTemplate, width, height))
	}
	return out
}

// press returns the planes as a picture that has gone through JPEG.
func (ps planes) press(quality int) image.Image {
	var picture image.Image = ps[0]
	if len(ps) == 3 {
		c := image.NewRGBA(ps[0].Rect)
		for i, v := range ps[0].Pix {
			c.Pix[4*i], c.Pix[4*i+1], c.Pix[4*i+2], c.Pix[4*i+3] = v, ps[1].Pix[i], ps[2].Pix[i], 255
		}
		picture = c
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: quality}); err != nil {
		panic(err) // a buffer takes it, and the sides are far below the limit
	}
	pressed, err := jpeg.Decode(&b)
	if err != nil {
		panic(err)
	}
	return pressed
}

// laid returns a homography as a flatbed scanner has it, and the size of the
// page: turned a little about the middle, shifted and scaled.
func laid(r *rand.Rand, width, height int, scale float64) (templateToPage geom.Homography, w, h int) {
	w, h = int(float64(width)*scale), int(float64(height)*scale)
	angle := max(-2, min(2, r.NormFloat64()*.8)) * math.Pi / 180
	sin, cos := math.Sincos(angle)
	middle := geom.Point{X: float64(w)/2 + between(r, -.015, .015)*float64(w), Y: float64(h)/2 + between(r, -.015, .015)*float64(w)}
	stretch := 1 + between(r, -.004, .004) // the drive and the sensor do not quite agree
	turn := geom.Homography{cos, -sin, 0, sin, cos, 0, 0, 0, 1}
	return geom.Shift(middle).After(turn).After(geom.Scale(scale, scale*stretch)).
		After(geom.Shift(geom.Point{X: -float64(width) / 2, Y: -float64(height) / 2})), w, h
}

// scan returns the planes as an office scanner sees them.
func (ps planes) scan(r *rand.Rand, scale float64) (planes, geom.Homography) {
	width, height := ps.size()
	templateToPage, w, h := laid(r, width, height, scale)
	ps = ps.warp(templateToPage, w, h)
	blur, contrast, white, sigma := between(r, 0, .2), between(r, .55, 1), between(r, 236, 255), between(r, 1, 9)
	tones := curveOf(func(v float64) float64 { return white - (255-v)*contrast })
	noise := newNoise(r)
	for _, p := range ps {
		soften(p, blur)
		apply(p, &tones)
	}
	if chance(r, .15) { // dust on the sensor of a feeder
		ps.streak(r, w, h)
	}
	ps.specks(r, r.IntN(60), 2)
	for _, p := range ps {
		noise.add(p, r, sigma)
	}
	return ps, templateToPage
}

// fax returns one plane in black and white.
func (ps planes) fax(r *rand.Rand) (planes, geom.Homography) {
	width, height := ps.size()
	templateToPage, w, h := laid(r, width, height, between(r, .94, 1.04))
	ps = ps.warp(templateToPage, w, h)
	soften(ps[0], between(r, 0, .2))
	newNoise(r).add(ps[0], r, between(r, 3, 14))
	threshold := uint8(between(r, 120, 185))
	for i, v := range ps[0].Pix {
		if ps[0].Pix[i] = 0; v >= threshold {
			ps[0].Pix[i] = 255
		}
	}
	ps.specks(r, 20+r.IntN(200), 1.6)
	if chance(r, .2) {
		ps.streak(r, w, h)
	}
	return ps, templateToPage
}

// turn returns the planes turned clockwise by a quarter.
func (ps planes) turn(templateToPage geom.Homography) (planes, geom.Homography) {
	w, h := ps.size()
	out := make(planes, len(ps))
	for i, p := range ps {
		out[i] = image.NewGray(image.Rect(0, 0, h, w))
		for y := range h {
			for x := range w {
				out[i].Pix[x*out[i].Stride+h-1-y] = p.Pix[y*p.Stride+x]
			}
		}
	}
	return out, geom.Homography{0, -1, float64(h), 1, 0, 0, 0, 0, 1}.After(templateToPage)
}

// curveOf returns the table of a tone curve.
func curveOf(f func(v float64) float64) (tones [256]uint8) {
	for v := range tones {
		tones[v] = clamp(f(float64(v)))
	}
	return tones
}

func clamp(v float64) uint8 { return uint8(max(0, min(255, v+.5))) }

// apply replaces each value by that of the table.
func apply(p *image.Gray, tones *[256]uint8) {
	for i, v := range p.Pix {
		p.Pix[i] = tones[v]
	}
}

// soften mixes each pixel with its neighbours, each of weight a in a row and
// in a column.
func soften(p *image.Gray, a float64) {
	side, middle := uint32(a*256), uint32(256)-2*uint32(a*256)
	if side == 0 {
		return
	}
	w, h := p.Rect.Dx(), p.Rect.Dy()
	row := make([]uint8, w)
	for y := range h {
		line := p.Pix[y*p.Stride : y*p.Stride+w]
		copy(row, line)
		for x := 1; x < w-1; x++ {
			line[x] = uint8((side*(uint32(row[x-1])+uint32(row[x+1])) + middle*uint32(row[x]) + 128) >> 8)
		}
	}
	above := make([]uint8, w)
	copy(above, p.Pix[:w])
	for y := 1; y < h-1; y++ {
		line, below := p.Pix[y*p.Stride:y*p.Stride+w], p.Pix[(y+1)*p.Stride:(y+1)*p.Stride+w]
		for x := range w {
			v := line[x]
			line[x] = uint8((side*(uint32(above[x])+uint32(below[x])) + middle*uint32(v) + 128) >> 8)
			above[x] = v
		}
	}
}

// A noise is a stock of normally distributed numbers: drawing them anew for
// each pixel would take longer than all else.
type noise [1 << 14]float32

func newNoise(r *rand.Rand) *noise {
	var n noise
	for i := range n {
		n[i] = float32(r.NormFloat64())
	}
	return &n
}

// add adds noise with a standard deviation of sigma to each pixel.
func (n *noise) add(p *image.Gray, r *rand.Rand, sigma float64) {
	s := float32(sigma)
	for i := 0; i < len(p.Pix); i += 4 {
		bits := r.Uint64()
		for k := i; k < min(i+4, len(p.Pix)); k++ {
			v := float32(p.Pix[k]) + s*n[bits%(1<<14)] + .5
			p.Pix[k] = uint8(max(0, min(255, v)))
			bits >>= 16
		}
	}
}

// specks adds n dots of dirt of up to a radius.
func (ps planes) specks(r *rand.Rand, n int, radius float64) {
	w, h := ps.size()
	for range n {
		x, y, s, v := r.IntN(w), r.IntN(h), between(r, .4, radius), uint8(r.IntN(110))
		if radius < 1.7 { // of a fax
			v = 0
		}
		reach := int(s)
		for dy := -reach; dy <= reach; dy++ {
			for dx := -reach; dx <= reach; dx++ {
				if float64(dx*dx+dy*dy) <= s*s && x+dx >= 0 && y+dy >= 0 && x+dx < w && y+dy < h {
					for _, p := range ps {
						p.Pix[(y+dy)*p.Stride+x+dx] = v
					}
				}
			}
		}
	}
}

// streak draws a line down the page, as dirt in a feeder does.
func (ps planes) streak(r *rand.Rand, w, h int) {
	x, dark := r.IntN(w), between(r, .3, .9)
	for y := range h {
		for _, p := range ps {
			i := y*p.Stride + x
			v := float64(p.Pix[i]) * (1 - dark)
			if len(ps) == 1 && (p.Pix[i] == 0 || p.Pix[i] == 255) && dark > .6 {
				v = 0
			}
			p.Pix[i] = clamp(v)
		}
	}
}
