package suggest

import (
	"cmp"
	"image"
	"slices"
)

// A Page is what is drawn on a straight page: rules, the cells between them,
// rows of boxes and checkboxes. It is the part that needs no reading.
type Page struct {
	img    *image.Gray
	unit   float64 // pixels a millimetre, if the page is A4
	paper  paper
	ink    []bool
	pieces []image.Rectangle

	level, upright []rule
	cells          []cell // without those of rows and checkboxes
	rows           []row
	ticks          []image.Rectangle // checkboxes
	wide           []image.Rectangle // brackets between which one writes
	print          []image.Rectangle // lines of print
	body           int               // height of most of them, pixels
	filled         bool              // there may be writing in its cells
}

// Look finds what is drawn on a page that lies straight, see [Straighten].
func Look(img *image.Gray) *Page { return look(img, false) }

// look is Look of a page that may have writing in its cells.
func look(img *image.Gray, filled bool) *Page {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	p := &Page{img: img, unit: float64(max(width, height)) / 297, filled: filled}
	p.paper = paperOf(img)
	p.ink = inkOf(img, p.paper)
	p.pieces = piecesOf(p.ink, width, max(2, int(.25*p.unit)))
	p.level, p.upright = rulesOf(img, p.ink, p.pieces, p.unit)
	l := lattice{level: p.level, upright: p.upright, unit: p.unit, area: width * height}
	cells := l.cells()
	cells = cells[:min(len(cells), maxPlaces)]
	around := frames(p.ink, width, p.pieces, p.unit)
	for _, f := range around[:min(len(around), maxPlaces)] {
		if !slices.ContainsFunc(cells, func(c cell) bool { return !c.open && overlap(c.box, f) > .6 }) {
			cells = slices.DeleteFunc(cells, func(c cell) bool { return overlap(c.box, f) > .6 })
			cells = append(cells, cell{box: f, inner: f.Inset(max(1, int(.2*p.unit)))})
		}
	}
	p.sort(cells)
	p.marks()
	if filled {
		p.ticked()
	}
	p.body = p.letterSize()
	p.print = p.findLines()
	p.body = p.bodySize()
	return p
}

// marks adds the checkboxes that are printed as circles or brackets.
func (p *Page) marks() {
	rings := p.rings()
	for _, b := range rings {
		taken := slices.ContainsFunc(p.ticks, func(t image.Rectangle) bool { return overlap(t, b) > .3 })
		if !taken && p.standsAlone(b, nil) && slices.ContainsFunc(rings, func(o image.Rectangle) bool { return o != b && inLine(o, b) && p.standsAlone(o, nil) }) {
			p.ticks = append(p.ticks, b)
		}
	}
	for _, b := range p.brackets() {
		if float64(b.Dx()) <= bracketTick*float64(b.Dy()) {
			p.ticks = append(p.ticks, b)
		} else {
			p.wide = append(p.wide, b)
		}
	}
	slices.SortFunc(p.ticks, byPlace)
}

const tickOut = .5 // how far a mark reaches out of its checkbox, times its side, at most

// ticked adds the checkboxes with marks in them, across their sides too: the pieces
// of ink that have the outline of a checkbox in whose line they stand.
func (p *Page) ticked() {
	for n := 0; n < len(p.ticks) && n < maxPlaces; n++ { // those that are found have lines too
		like := p.ticks[n]
		most := like.Dx() + int(tickOut*float64(like.Dx()))
		for _, q := range p.pieces {
			if !isSquare(like, p.unit) || q.Dx() > most || q.Dy() > most || slices.ContainsFunc(p.ticks, q.Overlaps) {
				continue
			}
			if box, ok := p.outline(like, q); ok && !p.follows(q) {
				p.ticks = append(p.ticks, box)
				p.cells = slices.DeleteFunc(p.cells, func(c cell) bool { return c.box.In(q.Inset(-p.edge())) })
			}
		}
	}
	slices.SortFunc(p.ticks, byPlace)
}

// follows reports whether something as small stands close before the piece q, as where
// both are letters.
func (p *Page) follows(q image.Rectangle) bool {
	before := image.Rect(q.Min.X-int(tickClear*float64(q.Dx())), q.Min.Y, q.Min.X, q.Max.Y)
	return slices.ContainsFunc(p.pieces, func(o image.Rectangle) bool {
		return o != q && o.Dx() <= 2*q.Dx() && o.Dy() <= 2*q.Dy() && o.Overlaps(before)
	})
}

// outline returns where in the piece of ink q is the outline of a box like that, in
// one line with it: in the middle of where it may be.
func (p *Page) outline(like, q image.Rectangle) (image.Rectangle, bool) {
	var sum image.Point
	n, within := 0, q.Inset(-1).Intersect(p.img.Rect)
	for y := within.Min.Y; y+like.Dy()+2 <= within.Max.Y; y++ {
		for x := within.Min.X; x+like.Dx()+2 <= within.Max.X; x++ {
			box := image.Rect(x, y, x+like.Dx()+2, y+like.Dy()+2) // with its line
			if inLine(like, box.Inset(1)) && framed(p.ink, p.img.Rect.Dx(), box, p.edge()) {
				sum, n = sum.Add(box.Inset(1).Min), n+1
			}
		}
	}
	if n == 0 {
		return image.Rectangle{}, false
	}
	return like.Sub(like.Min).Add(sum.Div(n)), true
}

// inLine reports whether two marks of one size stand beside or below each other.
func inLine(a, b image.Rectangle) bool {
	return abs(a.Dx()-b.Dx()) <= max(2, b.Dx()/8) && (abs(a.Min.Y-b.Min.Y) <= b.Dy()/4 || abs(a.Min.X-b.Min.X) <= b.Dx()/4)
}

func byPlace(a, b image.Rectangle) int {
	return cmp.Or(cmp.Compare(a.Min.Y, b.Min.Y), cmp.Compare(a.Min.X, b.Min.X))
}

// sort tells rows of boxes and checkboxes from other cells.
func (p *Page) sort(cells []cell) {
	var small []image.Rectangle
	for _, c := range cells {
		if float64(max(c.box.Dx(), c.box.Dy())) <= 1.5*charMost*p.unit && !c.open {
			small = append(small, c.box)
		}
	}
	found, rest := rows(small, p.dashed, p.unit)
	for _, r := range found {
		if stacked(r, small) {
			rest = append(rest, r...)
		} else {
			p.rows = append(p.rows, r)
		}
	}
	for _, b := range rest {
		if slices.ContainsFunc(p.ticks, func(t image.Rectangle) bool { return overlap(t, b) > .3 }) {
			continue
		}
		if isSquare(b, p.unit) && p.hollow(b) && p.standsAlone(b, rest) {
			p.ticks = append(p.ticks, b)
		}
	}
	for _, c := range cells {
		taken := slices.ContainsFunc(p.ticks, func(t image.Rectangle) bool { return overlap(t, c.box) > .3 }) || slices.ContainsFunc(p.rows, func(r row) bool {
			return slices.Contains(r, c.box) || overlap(r.bounds(), c.box) > .8 || c.box.In(r.bounds().Inset(-max(4, int(.5*p.unit))))
		})
		if !taken && p.worthy(c) {
			p.cells = append(p.cells, c)
		}
	}
	slices.SortFunc(p.cells, func(a, b cell) int { return byPlace(a.box, b.box) })
	slices.SortFunc(p.rows, func(a, b row) int { return byPlace(a.bounds(), b.bounds()) })
}

// worthy reports whether a cell is large enough to be written in. Smaller ones are
// between the strokes of letters.
func (p *Page) worthy(c cell) bool {
	return float64(c.inner.Dy()) >= placeHigh*p.unit && float64(c.inner.Dx()) >= placeWide*p.unit
}

// dashed reports whether nothing is printed in gap but a dash, or nothing at all.
func (p *Page) dashed(gap image.Rectangle) bool {
	inner := gap.Inset(max(1, min(p.edge(), gap.Dx()/4))).Intersect(p.img.Rect) // lines of boxes are thick where they are blurred
	band := p.inked(inner)
	return band.Empty() || float64(band.Dy()) <= .25*float64(gap.Dy())
}

// inked returns the box around the ink in box.
func (p *Page) inked(box image.Rectangle) (all image.Rectangle) {
	width := p.img.Rect.Dx()
	box = box.Intersect(p.img.Rect)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if p.ink[y*width+x] {
				all = all.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return all
}

// stacked reports whether other boxes stand on most of r, or hang below them, as in
// a table.
func stacked(r row, boxes []image.Rectangle) bool {
	n := 0
	for _, b := range r {
		if slices.ContainsFunc(boxes, func(o image.Rectangle) bool {
			return abs(o.Min.X-b.Min.X) <= 3 && abs(o.Max.X-b.Max.X) <= 3 && (abs(o.Max.Y-b.Min.Y) <= 3 || abs(o.Min.Y-b.Max.Y) <= 3)
		}) {
			n++
		}
	}
	return 2*n > len(r)
}

// hollow reports whether there is not more than a mark in a box: no bar from side
// to side, as in 日 and 田.
func (p *Page) hollow(b image.Rectangle) bool {
	inner, width := b.Inset(max(2, b.Dx()/5)), p.img.Rect.Dx()
	rows, columns, n := make([]int, max(0, inner.Dy())), make([]int, max(0, inner.Dx())), 0
	for y := inner.Min.Y; y < inner.Max.Y; y++ {
		for x := inner.Min.X; x < inner.Max.X; x++ {
			if p.ink[y*width+x] {
				n++
				rows[y-inner.Min.Y]++
				columns[x-inner.Min.X]++
			}
		}
	}
	bar := func(of, full int) bool { return float64(of) >= .9*float64(full) }
	return float64(n) <= tickFull*float64(inner.Dx()*inner.Dy()) &&
		!slices.ContainsFunc(rows, func(k int) bool { return bar(k, inner.Dx()) }) && !slices.ContainsFunc(columns, func(k int) bool { return bar(k, inner.Dy()) })
}

const (
	tickFull   = .4  // share of the middle of a checkbox that has ink, at most: it may be marked
	tickText   = .65 // side of a checkbox, as a share of the height of the text beside it, at least
	tickClear  = .3  // white beside a checkbox, as a share of its side, that no letter of a word has
	tickBare   = .08 // white on its right, at least
	tickLetter = .75 // side of a checkbox that stands as close to its text as letters do
)

// standsAlone reports whether a square is no part of a letter, nor a letter: it
// is as high as the text beside it, and there is white around it. Where there is
// little, another one like it is in its line, with white before it.
func (p *Page) standsAlone(b image.Rectangle, all []image.Rectangle) bool {
	side := float64(b.Dx())
	if !p.clearLeft(b) {
		return false
	}
	right := p.inked(image.Rect(b.Max.X+p.edge(), b.Min.Y, b.Max.X+max(p.edge()+1, int(tickClear*side)), b.Max.Y))
	if right.Empty() {
		return side >= tickText*float64(p.lineHeight(b))
	}
	return float64(right.Min.X-b.Max.X) >= tickBare*side && side >= tickLetter*float64(p.lineHeight(b)) && slices.ContainsFunc(all, func(o image.Rectangle) bool {
		return o != b && inLine(o, b) && isSquare(o, p.unit) && p.hollow(o) && p.clearLeft(o) && !p.divided(o, b)
	})
}

// divided reports whether an upright rule stands between two boxes of a line.
func (p *Page) divided(a, b image.Rectangle) bool {
	y, from, to := (b.Min.Y+b.Max.Y)/2, min(a.Max.X, b.Max.X), max(a.Min.X, b.Min.X)
	return slices.ContainsFunc(p.upright, func(u rule) bool {
		return u.Middle() > from && u.Middle() < to && u.From < y && u.To > y && 2*u.length() > 3*b.Dy()
	})
}

// edge returns how far the line around a checkbox reaches beyond its middle, in
// pixels.
func (p *Page) edge() int { return max(2, int(.35*p.unit)) }

func (p *Page) clearLeft(b image.Rectangle) bool {
	edge := p.edge()
	return p.inked(image.Rect(b.Min.X-edge-max(3, int(tickClear*float64(b.Dx()))), b.Min.Y+edge, b.Min.X-edge, b.Max.Y-edge)).Empty()
}

// lineHeight returns the height of the text on the right of b, near it, or 0.
func (p *Page) lineHeight(b image.Rectangle) int {
	var all image.Rectangle
	reach := image.Rect(b.Max.X+1, b.Min.Y, b.Max.X+2*b.Dx(), b.Max.Y)
	for _, q := range p.pieces {
		if float64(max(q.Dx(), q.Dy())) <= tickMost*1.5*p.unit && q.Overlaps(reach) && q != b {
			all = all.Union(q)
		}
	}
	return all.Dy()
}

// shaded reports whether the paper in box is darker than that around it.
func (p *Page) shaded(box image.Rectangle) bool {
	const reach = 10 // blocks
	var sum []uint8
	for y := max(0, box.Min.Y/paperBlock-reach); y <= min(p.paper.rows-1, box.Max.Y/paperBlock+reach); y++ {
		for x := max(0, box.Min.X/paperBlock-reach); x <= min(p.paper.columns-1, box.Max.X/paperBlock+reach); x++ {
			sum = append(sum, p.paper.at[y*p.paper.columns+x])
		}
	}
	slices.Sort(sum)
	return int(middle(p.img, box))+shadeLevel <= int(sum[len(sum)*2/3])
}

// cellOf returns the smallest cell that holds box, or -1.
func (p *Page) cellOf(box image.Rectangle) int {
	best, area := -1, 0
	for i, c := range p.cells {
		if holds(c.box, box) {
			if a := c.box.Dx() * c.box.Dy(); best < 0 || a < area {
				best, area = i, a
			}
		}
	}
	return best
}
