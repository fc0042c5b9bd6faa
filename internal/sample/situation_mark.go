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

// markSituations are those of marks that are not inside their box, and of
// pages on which a box is not what it was on the template.
var markSituations = []situation{
	{name: "ring on label", writer: beside(ringOnLabel)},
	{name: "tick on label", writer: beside(tickOnLabel)},
	{name: "tick beside box", writer: beside(tickBesideBox)},
	{name: "tail into neighbour", writer: beside(tailIntoNeighbour)},
	{name: "struck out", writer: struckOut},
	{name: "out of focus", page: outOfFocus},
	{name: "motion", page: motion},
	{name: "halftone", page: halftone},
	{name: "highlighter on labels", sheet: highlightLabels},
	{name: "filled copy", sheet: filledCopy},
	{name: "bubbles", values: bubbleSheet, sheet: fadedTemplate},
}

// beside has most of the checkboxes that are marked on a form marked in an odd
// way.
func beside(odd func(w *writer, b *Blank, f form.Field)) func(*rand.Rand, *Blank, *writer) {
	return func(r *rand.Rand, b *Blank, w *writer) {
		w.odd = func(f form.Field, checked bool) bool {
			if !checked || chance(r, .3) {
				return false
			}
			odd(w, b, f)
			return true
		}
	}
}

// label returns the box of the print right of a checkbox, as far as words go.
func (b *Blank) label(f form.Field) geom.Box {
	side := f.Box.Height()
	band := f.Box.Grow(.1 * side)
	var label geom.Box
	for x := f.Box.Max.X + .2*side; x < float64(b.Image.Rect.Max.X); x++ {
		if !label.Empty() && x-label.Max.X > .45*side || label.Empty() && x-f.Box.Max.X > side {
			break
		}
		top, bottom := math.Inf(1), math.Inf(-1)
		for y := band.Min.Y; y < band.Max.Y; y++ {
			if b.Image.GrayAt(int(x), int(y)).Y < 160 {
				top, bottom = min(top, y), max(bottom, y+1)
			}
		}
		if bottom > top {
			label = label.Union(geom.Box{Min: geom.Point{X: x, Y: top}, Max: geom.Point{X: x + 1, Y: bottom}})
		}
	}
	return label
}

// penned draws strokes of a mark around a point, half px for 1, and returns
// the box around them.
func (w *writer) penned(strokes [][]geom.Point, at geom.Point, half float64) (ink geom.Box) {
	width := half * between(w.r, .13, .3)
	for _, stroke := range strokes {
		for i, p := range stroke {
			stroke[i] = geom.Point{X: at.X + half*p.X, Y: at.Y + half*p.Y}
		}
		ink = ink.Union(w.stroke(stroke, width, nil, w.ink))
	}
	return ink
}

func ringOnLabel(w *writer, b *Blank, f form.Field) {
	label, half := b.label(f), f.Box.Height()/2
	o := label.Center()
	across, down := label.Width()/2/half+between(w.r, .3, .8), between(w.r, 1.1, 1.7)
	start, turn := between(w.r, -2.5, -1), between(w.r, 5.8, 6.9)
	var ring []geom.Point
	for i := range 33 {
		sin, cos := math.Sincos(start + turn*float64(i)/32)
		ring = append(ring, geom.Point{X: across * cos * (1 + .06*float64(i)/32), Y: down * sin})
	}
	w.penned([][]geom.Point{ring}, o, half)
}

func tickOnLabel(w *writer, b *Blank, f form.Field) {
	label := b.label(f)
	at := geom.Point{X: label.Min.X + between(w.r, .2, .8)*label.Width(), Y: label.Center().Y + between(w.r, -.2, .2)*f.Box.Height()}
	w.penned(pick(w.r, []mark{tick, tick, cross})(w.r), at, f.Box.Height()/2*between(w.r, .9, 1.4))
}

// tickBesideBox ticks left of a box, or above it with the tip in it.
func tickBesideBox(w *writer, _ *Blank, f form.Field) {
	half := f.Box.Height() / 2
	at := f.Box.Center().Add(geom.Point{X: -half * between(w.r, 1.8, 2.4), Y: half * between(w.r, -.4, .4)})
	if chance(w.r, .4) {
		at = f.Box.Center().Add(geom.Point{X: half * between(w.r, -.3, .5), Y: -half * between(w.r, 1, 1.5)})
	}
	w.penned(tick(w.r), at, half*between(w.r, .8, 1.1))
}

// tailIntoNeighbour ticks a box and runs on into the nearest other one.
func tailIntoNeighbour(w *writer, b *Blank, f form.Field) {
	half, to := f.Box.Height()/2, geom.Point{}
	for _, g := range b.Template.Places() {
		if c := g.Box.Center(); g.Kind == form.Checkbox && g.ID != f.ID && (to == geom.Point{} || f.Box.Center().Distance(c) < f.Box.Center().Distance(to)) {
			to = c
		}
	}
	marks := tick(w.r)
	w.penned(marks, f.Box.Center(), half)
	if o := f.Box.Center(); o.Distance(to) < 16*half && to != (geom.Point{}) {
		end := to.Add(geom.Point{X: half * between(w.r, -.6, .6), Y: half * between(w.r, -.6, .6)})
		w.penned([][]geom.Point{curve([]geom.Point{{}, {X: (end.X - o.X) / half, Y: (end.Y - o.Y) / half}}, .04, w.r, 14)}, o, half)
	}
}

// struckOut has some checkboxes that are not meant marked first, and then
// struck out with their label.
func struckOut(r *rand.Rand, b *Blank, w *writer) {
	w.odd = func(f form.Field, checked bool) bool {
		if checked || chance(r, .6) {
			return false
		}
		label, half := b.label(f), f.Box.Height()/2
		w.penned(pick(w.r, []mark{tick, cross, blacken})(w.r), f.Box.Center(), half)
		from := geom.Point{X: f.Box.Min.X - between(w.r, 0, half), Y: f.Box.Center().Y + half*between(w.r, -.4, .4)}
		for range 1 + r.IntN(2) {
			end := geom.Point{X: (label.Max.X-from.X)/half + between(w.r, -.2, 1), Y: between(w.r, -.5, .5)}
			w.penned([][]geom.Point{curve([]geom.Point{{Y: between(w.r, -.3, .3)}, end}, .02, w.r, 12)}, from, half)
		}
		return true
	}
}

// pixelsPerMillimetre returns those of the picture of p, of a form as large as forms are.
func (b *Blank) pixelsPerMillimetre(p *Paper) float64 {
	t := b.Template
	middle := geom.Point{X: float64(t.Width) / 2, Y: float64(t.Height) / 2}
	return p.TemplateToPage.ScaleAt(middle) * float64(max(t.Width, t.Height)) / 297
}

// outOfFocus blurs the picture by 0.2 to 0.8 mm.
func outOfFocus(r *rand.Rand, b *Blank, p *Paper) {
	radius := between(r, .2, .8) * b.pixelsPerMillimetre(p)
	var reach []image.Point
	for y := -int(radius) - 1; y <= int(radius)+1; y++ {
		for x := -int(radius) - 1; x <= int(radius)+1; x++ {
			if math.Hypot(float64(x), float64(y)) <= radius {
				reach = append(reach, image.Pt(x, y))
			}
		}
	}
	p.Image = averaged(p.Image, reach)
}

// motion blurs the picture by 0.3 to 1.2 mm in one direction.
func motion(r *rand.Rand, b *Blank, p *Paper) {
	length := between(r, .3, 1.2) * b.pixelsPerMillimetre(p)
	sin, cos := math.Sincos(between(r, 0, math.Pi))
	var reach []image.Point
	for t := -length / 2; t <= length/2; t += .5 {
		reach = append(reach, image.Pt(int(math.Round(t*cos)), int(math.Round(t*sin))))
	}
	p.Image = averaged(p.Image, slices.Compact(reach))
}

// averaged returns picture with each pixel the mean of those that lie as far
// from it as reach says.
func averaged(picture image.Image, reach []image.Point) image.Image {
	var out planes
	for _, p := range split(picturesRGBA(picture), true) {
		w, h := p.Rect.Dx(), p.Rect.Dy()
		q, sums := image.NewGray(p.Rect), make([]uint32, w)
		for y := range h {
			clear(sums)
			for _, d := range reach {
				row := p.Pix[min(max(y+d.Y, 0), h-1)*p.Stride:][:w]
				for x := range sums {
					sums[x] += uint32(row[min(max(x+d.X, 0), w-1)])
				}
			}
			for x, sum := range sums {
				q.Pix[y*q.Stride+x] = uint8(sum / uint32(len(reach)))
			}
		}
		out = append(out, q)
	}
	return out.press(90)
}

// picturesRGBA returns picture as one in RGBA, whose corner is (0, 0).
func picturesRGBA(picture image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: picture.Bounds().Size()})
	draw.Draw(out, out.Rect, picture, picture.Bounds().Min, draw.Src)
	return out
}

// halftone scans tinted paper in black and white, its gray as a pattern of
// dots: ordered, or by error diffusion (Floyd and Steinberg, 1976).
func halftone(r *rand.Rand, _ *Blank, p *Paper) {
	g := ToGray(picturesRGBA(p.Image))
	tint, ordered, cell := between(r, .72, .97), chance(r, .6), 1+r.IntN(2)
	w, h := g.Rect.Dx(), g.Rect.Dy()
	out := image.NewGray(g.Rect)
	errs := make([]float64, w+2)
	for y := range h {
		next, carry := make([]float64, w+2), 0.0
		for x := range w {
			v := float64(g.Pix[y*g.Stride+x]) * tint
			threshold := 127.0
			if ordered {
				threshold = 255 * (float64(bayer[y/cell%4][x/cell%4]) + .5) / 16
			} else {
				v += errs[x+1] + carry
			}
			if v >= threshold {
				out.Pix[y*out.Stride+x] = 255
			}
			if e := v - float64(out.Pix[y*out.Stride+x]); !ordered {
				carry = e * 7 / 16
				next[x] += e * 3 / 16
				next[x+1] += e * 5 / 16
				next[x+2] += e / 16
			}
		}
		errs = next
	}
	p.Image = out
}

// bayer is the matrix of ordered dither of 4x4 (Bayer, 1973).
var bayer = [4][4]int{{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}}

// highlightLabels goes over the labels of checkboxes with a marker that begins
// inside the box, or before it.
func highlightLabels(r *rand.Rand, b *Blank, _ *Paper, c *canvas) {
	hue := pick(r, []color.RGBA{{255, 150, 190, 255}, {255, 245, 90, 255}, {150, 240, 140, 255}, {150, 215, 255, 255}, {255, 195, 110, 255}})
	start := between(r, -.2, 1)
	for _, f := range b.Template.Places() {
		if f.Kind != form.Checkbox || chance(r, .2) {
			continue
		}
		label, side := b.label(f), f.Box.Height()
		top, x := f.Box.Min.Y-between(r, -.1, .4)*side, f.Box.Min.X+(start+between(r, -.15, .15))*side
		c.wash(geom.Box{Min: geom.Point{X: x, Y: top}, Max: geom.Point{X: max(label.Max.X, x) + between(r, 0, .5)*side, Y: top + between(r, 1, 1.7)*side}}, hue)
	}
}

// wash lets hue take from what is in b what it takes from white.
func (c *canvas) wash(b geom.Box, hue color.RGBA) {
	r := image.Rect(int(b.Min.X), int(b.Min.Y), int(b.Max.X), int(b.Max.Y)).Intersect(c.img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			p := c.img.Pix[c.img.PixOffset(x, y):]
			for i, v := range [3]uint8{hue.R, hue.G, hue.B} {
				p[i] = uint8(uint32(p[i]) * uint32(v) / 255)
			}
		}
	}
}

// filledCopy makes the template of another filled copy of the form.
func filledCopy(r *rand.Rand, b *Blank, _ *Paper, _ *canvas) {
	seed := r.Uint64()
	copied, err := b.Fill(seed, Style{Hand: true, Empty: .1})
	if err == nil { // there is a font: the form itself was drawn with it
		b.Image = toGray(copied.Image)
	}
}

// bubbleSheet makes b an answer sheet: rows of bubbles that stand close
// together, whose rings are printed fainter on the template than they come out
// on the page.
func bubbleSheet(r *rand.Rand, b *Blank, values map[form.FieldID]Value) {
	clear(values)
	width, height := 1654, 2339
	c := newCanvas(width, height)
	t := &form.Template{Languages: b.Template.Languages, Name: b.Template.Name, ImageName: "template.png", Width: width, Height: height}
	set, err := needFonts(b.language(), typed)
	if err != nil {
		return // the form itself could not have been drawn
	}
	print := withFallback(pick(r, set), b.language())
	ink := gray(uint8(r.IntN(60)))
	box := c.textIn(print, b.Template.Name, geom.XYWH(200, 110, 1250, 80), 56, center, ink)
	t.Title = form.Title{Text: b.Template.Name, Box: box.Grow(8)}
	high := between(r, 22, 30)
	wide := high * pick(r, []float64{1, 1, between(r, 1.2, 1.6)})
	pitch, gap := high*between(r, 1.25, 1.7), wide*between(r, 1.15, 1.6)
	options, letters := 4+r.IntN(7), pick(r, []string{"", "ABCDEFGHIJ", "1234567890"})
	pale, rule := uint8(between(r, 30, 200)), between(r, 1, 2.2)
	number := 0
	for x := 190.0; x+90+gap*float64(options) < 1500; x += 120 + gap*float64(options) {
		for y := 260.0; y < 2150; y += pitch {
			number++
			c.textIn(print, digits(r, 2), geom.XYWH(x, y, 60, high), .8*high, right, ink)
			chosen := r.IntN(options + 1)
			for i := range options {
				f := form.Field{
					ID: form.FieldID(string(rune('a'+i)) + digits(r, 1) + "_" + thousands(number)), Kind: form.Checkbox, ValueType: form.All,
					Box: geom.XYWH(x+80+gap*float64(i), y, wide, high), CheckedText: "Y", UncheckedText: "N",
				}
				f.Name = string(f.ID)
				c.oval(f.Box, rule, gray(pale))
				if letters != "" {
					c.textIn(print, letters[i:i+1], f.Box, .7*high, center, gray(pale))
				}
				t.Fields = append(t.Fields, f)
				values[f.ID] = Value{Checked: i == chosen}
			}
		}
	}
	b.Template, b.Image, b.Contents, b.Labels = t, c.picture(), map[form.FieldID]Content{}, map[form.FieldID]string{}
}

// oval draws the line of an ellipse.
func (c *canvas) oval(b geom.Box, width float64, ink color.RGBA) {
	var ps []geom.Point
	for i := range 33 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 32)
		ps = append(ps, geom.Point{X: b.Center().X + b.Width()/2*cos, Y: b.Center().Y + b.Height()/2*sin})
	}
	c.stroke(ps, width, nil, ink)
}

// fadedTemplate makes the print of the template up to five times fainter than
// that of the page.
func fadedTemplate(r *rand.Rand, b *Blank, _ *Paper, _ *canvas) {
	share := between(r, .2, 1)
	tones := curveOf(func(v float64) float64 { return 255 - (255-v)*share })
	apply(b.Image, &tones)
}
