package ink

import (
	"image"
	"slices"

	"github.com/seosik/seosik/internal/geom"
)

// How it is told that a picture does not show a part of the page. A transfer that
// broke leaves what has not come gray, black or white, and decoders do so with a
// stream that is damaged: without any grain, over the whole width of the page.
const (
	bandCell  = 16 // px; a side of the cells that are looked at
	bandCells = 3  // a band is at least as many cells high
	bandGrain = 2  // gray values by which the pixels of a band differ at most
	// bandTone is by how many gray values a band differs from the paper at least
	// to be something else.
	bandTone = 24
	// bandPrint is how many cells of a band must be missing print: with letters
	// or heavy lines, as faxes lose hairlines.
	bandPrint = 5
	// bandAlone is how much of the rest of the page may be without grain where
	// that alone tells. Scanners make paper white that is nearly so.
	bandAlone = .005
)

// Missing returns the parts of the page, in its pixels, of which there is no
// picture: bands from side to side without any grain, that are not as dark as
// the paper, or lack the print that the template has there, on a page that has
// grain everywhere else.
func (s *Sheet) Missing() []image.Rectangle {
	upright := cellsOf(s.Page)
	bands := append(upright.bands(), upright.turned().bands()...)
	if len(bands) == 0 {
		return nil
	}
	paper, alone := upright.around(bands)
	var missing []image.Rectangle
	for _, b := range bands {
		b.Max = s.edge(b.Max, upright)
		tone := int(s.Page.Pix[s.Page.PixOffset(b.Min.X, b.Min.Y)])
		dark := tone < paper-bandTone || tone > paper+bandTone
		if alone || dark && !s.shaded(b) || s.lacksPrint(b) {
			missing = append(missing, b)
		}
	}
	return missing
}

// edge returns p, where cells of the page end, or what lies beyond the last of them.
func (s *Sheet) edge(p image.Point, c cells) image.Point {
	if p.X == c.columns*bandCell {
		p.X = s.Page.Rect.Max.X
	}
	if p.Y == c.rows*bandCell {
		p.Y = s.Page.Rect.Max.Y
	}
	return p
}

// A cell is the darkest and the lightest pixel of a part of a picture.
type cell struct{ low, high uint8 }

func (c cell) flat() bool { return c.high-c.low <= bandGrain }

// cells are those of a picture, row by row.
type cells struct {
	columns, rows int
	at            []cell
	across        bool // columns and rows are exchanged
}

func cellsOf(img *image.Gray) cells {
	c := cells{columns: img.Rect.Dx() / bandCell, rows: img.Rect.Dy() / bandCell}
	c.at = make([]cell, c.columns*c.rows)
	for i := range c.at {
		c.at[i].low = 255
	}
	for y := range c.rows * bandCell {
		row := img.Pix[y*img.Stride:][:c.columns*bandCell]
		line := c.at[y/bandCell*c.columns:][:c.columns]
		for i := range line {
			low, high := line[i].low, line[i].high
			for _, v := range row[i*bandCell:][:bandCell] {
				low, high = min(low, v), max(high, v)
			}
			line[i] = cell{low, high}
		}
	}
	return c
}

// turned returns c with columns for rows: pages are turned when they are read.
func (c cells) turned() cells {
	t := cells{columns: c.rows, rows: c.columns, at: make([]cell, len(c.at)), across: true}
	for i, v := range c.at {
		t.at[i%c.columns*t.columns+i/c.columns] = v
	}
	return t
}

// bands returns the parts of the picture, in its pixels, that have no grain from
// side to side.
func (c cells) bands() (bands []image.Rectangle) {
	if c.columns == 0 {
		return nil
	}
	first, low, high := 0, 0, 0
	end := func(row int) {
		if row-first >= bandCells {
			r := image.Rect(0, first*bandCell, c.columns*bandCell, row*bandCell)
			if c.across {
				r = image.Rect(r.Min.Y, r.Min.X, r.Max.Y, r.Max.X)
			}
			bands = append(bands, r)
		}
		first = row
	}
	for row := range c.rows {
		l, h := 255, 0
		for _, v := range c.at[row*c.columns:][:c.columns] {
			l, h = min(l, int(v.low)), max(h, int(v.high))
		}
		switch {
		case h-l > bandGrain:
			end(row)
			first = row + 1
			continue
		case row > first && max(h, high)-min(l, low) > bandGrain:
			end(row)
		case row > first:
			l, h = min(l, low), max(h, high)
		}
		low, high = l, h
	}
	end(c.rows)
	return bands
}

// around returns how light the paper is around bands, and whether there is grain
// everywhere but in them.
func (c cells) around(bands []image.Rectangle) (paper int, alone bool) {
	var hist [256]int
	flat, all := 0, 0
	for i, v := range c.at {
		at := image.Pt(i%c.columns*bandCell, i/c.columns*bandCell)
		if slices.ContainsFunc(bands, func(b image.Rectangle) bool { return at.In(b) }) {
			continue
		}
		hist[v.high]++
		all++
		if v.flat() {
			flat++
		}
	}
	return quantile(hist[:], all, .5), all > len(c.at)/10 && float64(flat) < bandAlone*float64(all)
}

// under calls found for every second pixel of every second row of the blank that
// lies within band, a rectangle of the page, with its place there and its darkness.
func (s *Sheet) under(band image.Rectangle, found func(at image.Point, dark uint8)) {
	for y := 0; y < s.Blank.Rect.Dy(); y += 2 {
		for x := 0; x < s.Blank.Rect.Dx(); x += 2 {
			p := s.TemplateToPage.Apply(geom.Point{X: float64(x) + .5, Y: float64(y) + .5})
			if at := image.Pt(int(p.X), int(p.Y)); at.In(band) {
				found(at, 255-s.Blank.Pix[s.Blank.PixOffset(x, y)])
			}
		}
	}
}

// lacksPrint reports whether the template has print where band is, which is seen
// to have none.
func (s *Sheet) lacksPrint(band image.Rectangle) bool {
	const letter, share = 145, .2 // darkness of print, and how much of a cell letters cover at least
	width := band.Dx()/bandCell + 1
	all, dark := make([]int, width*(band.Dy()/bandCell+1)), make([]int, width*(band.Dy()/bandCell+1))
	inner := band.Inset(bandCell / 2) // print may lie a little beside where it should
	s.under(inner, func(at image.Point, v uint8) {
		i := (at.Y-band.Min.Y)/bandCell*width + (at.X-band.Min.X)/bandCell
		all[i]++
		if v >= letter {
			dark[i]++
		}
	})
	n := 0
	for i := range all {
		if dark[i] > 2 && float64(dark[i]) >= share*float64(all[i]) {
			n++
		}
	}
	return n >= bandPrint
}

// shaded reports whether the template itself is darker than its paper where band is.
func (s *Sheet) shaded(band image.Rectangle) bool {
	shaded, all := 0, 0
	s.under(band, func(_ image.Point, v uint8) {
		all++
		if v >= bandTone {
			shaded++
		}
	})
	return 2*shaded > all
}
