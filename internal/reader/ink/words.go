package ink

import (
	"image"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// How words are looked for on a whole page.
const (
	wordsDPI = 100.0 // enough to see where writing is, in a quarter of the pixels of reading it
	enough   = 190.0 // dpi from which half of them are enough
	tileSide = 500.0 // px at 200 dpi; of the parts of the page in each of which print has moved as one
	// What is so near to each other is one word, in px at 200 dpi: letters side by
	// side, and the parts of a letter above each other.
	besideReach = 12.0
	aboveReach  = 4.0
)

// A Written is what is written on a page: in fields, beside them, and between them.
type Written struct {
	s     *Sheet
	scale float64 // pixels of ink for one template px
	ink   mask    // no print, no remains of it, and no specks
}

// Written looks for what is written on the page.
func (s *Sheet) Written() *Written {
	c, step := s.coarse()
	scale := wordsDPI / c.DPI()
	return &Written{s, scale / step, c.inked(scale)}
}

// Words returns around each word, in template px. Words are told by smearing the
// ink, as Wong, Casey and Wahl (1982) do.
func (w *Written) Words() []geom.Box {
	const unit = wordsDPI / 200
	var words []geom.Box
	for _, g := range w.ink.together(besideReach*unit/2, aboveReach*unit/2) {
		if float64(g.box.Dy()) >= smallest*unit {
			words = append(words, w.inTemplate(g.box))
		}
	}
	return words
}

// inTemplate returns r, in pixels of the ink, in template px.
func (w *Written) inTemplate(r image.Rectangle) geom.Box {
	return scaled(geom.XYWH(float64(r.Min.X), float64(r.Min.Y), float64(r.Dx()), float64(r.Dy())), 1/w.scale)
}

// A group is ink that belongs together.
type group struct {
	box  image.Rectangle
	area int // pixels of ink
}

// together returns the ink of m that is no further apart than twice across and along.
func (m mask) together(across, along int) []group {
	labels, pieces := raster.Pieces(m.smear(across, along).at, m.width)
	groups := make([]group, len(pieces))
	for i, l := range labels {
		if l > 0 && m.at[i] {
			g := &groups[l-1]
			g.box = g.box.Union(image.Rect(i%m.width, i/m.width, i%m.width+1, i/m.width+1))
			g.area++
		}
	}
	return groups
}

// coarse returns s in no more pixels than words take, as far as halves go, and
// how many template px of s are one of its own.
func (s *Sheet) coarse() (_ *Sheet, step float64) {
	c := *s
	step, reduction := 1.0, 1.0
	dpi := s.DPIAt(geom.XYWH(0, 0, float64(s.Blank.Rect.Dx()), float64(s.Blank.Rect.Dy())))
	for ; c.DPI() >= enough; step *= 2 {
		c.Blank = raster.Half(c.Blank)
	}
	for ; dpi >= enough*reduction; reduction *= 2 {
		c.Lines = raster.Half(c.Lines)
	}
	at := func(b geom.Box) geom.Homography {
		return geom.Scale(1/reduction, 1/reduction).After(s.ToPage(scaled(b, step))).After(geom.Scale(step, step))
	}
	c.At = at
	if s.Point != nil {
		c.Point = func(p geom.Point) geom.Point {
			p = s.Point(geom.Point{X: p.X * step, Y: p.Y * step})
			return geom.Point{X: p.X / reduction, Y: p.Y / reduction}
		}
	}
	c.TemplateToPage = geom.Scale(1/reduction, 1/reduction).After(s.TemplateToPage).After(geom.Scale(step, step))
	return &c, step
}

// scaled returns b in other pixels, of which one of its own has so many.
func scaled(b geom.Box, by float64) geom.Box {
	return geom.Box{Min: geom.Point{X: by * b.Min.X, Y: by * b.Min.Y}, Max: geom.Point{X: by * b.Max.X, Y: by * b.Max.Y}}
}

// inked returns what is written on the page, in pixels at a scale of the template.
func (s *Sheet) inked(scale float64) mask {
	width, height := int(float64(s.Blank.Rect.Dx())*scale), int(float64(s.Blank.Rect.Dy())*scale)
	ink := newMask(width, height)
	for _, tile := range tilesOf(ink) {
		s.inkOf(ink, tile, scale)
	}
	return ink
}

// tilesOf returns the parts of m in each of which print has moved as one.
func tilesOf(m mask) (tiles []image.Rectangle) {
	const side = int(tileSide * wordsDPI / 200)
	for y := 0; y < m.height; y += side {
		for x := 0; x < m.width; x += side {
			tiles = append(tiles, image.Rect(x, y, min(x+side, m.width), min(y+side, m.height)))
		}
	}
	return tiles
}

// inkOf puts what is written in tile, in pixels at a scale of the template, into
// ink: no print, no remains of it, and no specks.
func (s *Sheet) inkOf(ink mask, tile image.Rectangle, scale float64) {
	const margin = 16 // pixels, so that letters are whole
	box := scaled(geom.XYWH(float64(tile.Min.X), float64(tile.Min.Y), float64(tile.Dx()), float64(tile.Dy())), 1/scale)
	w := s.windowAt(s.Lines, box, margin/scale, scale)
	_, found, nearPrint, _ := w.withoutPrint(nil)
	labels, pieces := found.pieces(nearPrint)
	for i, l := range labels {
		if l == 0 {
			continue
		}
		p := pieces[l-1]
		at := image.Pt(i%found.width-margin, i/found.width-margin).Add(tile.Min)
		if speck := float64(max(p.box.Dx(), p.box.Dy())) < smallest*w.Unit(); !p.remains() && !speck && at.In(tile) {
			ink.at[at.Y*ink.width+at.X] = true
		}
	}
}
