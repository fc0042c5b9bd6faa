package align

import (
	"cmp"
	"image"
	"math"
	"slices"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

const (
	// roomFor is the share of the picture that must lie beside a form before
	// another is looked for: twelve cards of a size fill an A4 sheet.
	roomFor = .05
	// maxForms is how many forms are looked for on one picture.
	maxForms = 24
	// overlap is the share of a form that may lie on others: margins do.
	overlap = .15
	// fewDark is how many dark px a square of the page, a block, has at least
	// where something is printed or written in it.
	fewDark = 5
	// streak is how much of a row or column of squares has ink where that is a
	// line across the page: print has margins.
	streak = .85
	// samePaper is how bright the paper of another form is at least, against that
	// of those found.
	samePaper = .7
	// enoughInk is in how many squares there must be ink for a form to be there:
	// the print of a card beside a page. A page has some 1,000.
	enoughInk = 60
	// muchInk is in how many there must be for something to be left that is no
	// form: notes and edges have less.
	muchInk = 120
	// rim is how far around a form, in shares of its shorter side, ink is taken
	// for the edge of its paper.
	rim = .02
)

// Forms is what lies on one picture.
type Forms struct {
	// Matches are the forms that were found, from the top to the bottom of the
	// picture and, beside each other, from the left. There is one at least: where
	// none was found, it has candidates alone.
	Matches []Match
	// Left is around print beside them that is none of the templates and may be a
	// form, in px of the page; empty where there is none.
	Left geom.Box
}

// FindMore returns which of the references lie on page, of which Find returned
// first: where there is room beside that, what else is there, the same reference
// again among others; and where nothing was found on the whole of page, what is
// on the halves of it. It returns ErrNoMatch where no form is found.
//
// What was found is taken away, and the rest is looked at anew (sequential
// RANSAC, Vincent and Laganière 2001), in more detail than the whole.
func (s *Set) FindMore(page *image.Gray, first Match) (Forms, error) {
	h := hunt{set: s, page: page}
	one := first.Score > 0
	if one {
		h.found = []Match{first}
		if !h.room() {
			return Forms{Matches: h.found}, nil
		}
	}
	h.count()
	if one {
		h.look(h.picture(), 2)
	} else {
		h.halves(h.picture(), 0)
		if len(h.found) > 0 {
			h.look(h.picture(), 1)
		}
	}
	if len(h.found) == 0 {
		return Forms{Matches: []Match{first}}, ErrNoMatch
	}
	if len(h.found) > 1 {
		h.refine()
	}
	return Forms{Matches: h.found, Left: h.left()}, nil
}

// Cut returns the part of page, in px of page, inside a quad, and where its top
// left corner lies. What is outside the quad is as bright as its paper.
func Cut(page *image.Gray, part geom.Quad) (*image.Gray, geom.Point) {
	r := whole(part.Bounds()).Intersect(page.Rect)
	cut := image.NewGray(image.Rect(0, 0, r.Dx(), r.Dy()))
	at := geom.Point{X: float64(r.Min.X), Y: float64(r.Min.Y)}
	var inside [256]int
	for y := range r.Dy() {
		row := page.Pix[(r.Min.Y+y)*page.Stride+r.Min.X:][:r.Dx()]
		copy(cut.Pix[y*cut.Stride:], row)
		for x, v := range row {
			if part.Contains(at.Add(geom.Point{X: float64(x) + .5, Y: float64(y) + .5})) {
				inside[v]++
			}
		}
	}
	paper := median(inside[:])
	for y := range r.Dy() {
		row := cut.Pix[y*cut.Stride:][:r.Dx()]
		for x := range row {
			if !part.Contains(at.Add(geom.Point{X: float64(x) + .5, Y: float64(y) + .5})) {
				row[x] = paper
			}
		}
	}
	return cut, at
}

// median returns the gray value that half of the pixels of a histogram do not
// exceed: that of the paper.
func median(pixels []int) uint8 {
	all, dark := 0, 0
	for _, n := range pixels {
		all += n
	}
	for v, n := range pixels {
		if dark += n; 2*dark >= all {
			return uint8(v)
		}
	}
	return raster.Paper
}

// whole returns the smallest rectangle of whole px that holds b.
func whole(b geom.Box) image.Rectangle {
	return image.Rect(int(math.Floor(b.Min.X)), int(math.Floor(b.Min.Y)), int(math.Ceil(b.Max.X)), int(math.Ceil(b.Max.Y)))
}

// A hunt is a search for several forms on a page.
type hunt struct {
	set   *Set
	page  *image.Gray
	found []Match

	scale         float64 // px a side of a square
	width, height int     // squares
	ink           []bool  // those with ink, row by row
}

func (h *hunt) picture() geom.Box {
	return geom.XYWH(0, 0, float64(h.page.Rect.Dx()), float64(h.page.Rect.Dy()))
}

// sheet returns where the paper of m lies on the page, d template px more on
// every side.
func (h *hunt) sheet(m *Match, d float64) geom.Quad {
	r := h.set.index.refs[m.Index]
	return m.TemplateToPage.ApplyQuad(geom.XYWH(0, 0, r.width, r.height).Grow(d).Quad())
}

// taken reports whether a point of the page lies on a form that was found, or
// right beside it.
func (h *hunt) taken(p geom.Point) bool {
	return slices.ContainsFunc(h.found, func(m Match) bool {
		r := h.set.index.refs[m.Index]
		return h.sheet(&m, rim*min(r.width, r.height)).Contains(p)
	})
}

// room reports whether another form may lie beside those found.
func (h *hunt) room() bool {
	const n = 32
	free := 0
	for i := range n * n {
		x, y := (float64(i%n)+.5)/n, (float64(i/n)+.5)/n
		if !h.taken(geom.Point{X: x * float64(h.page.Rect.Dx()), Y: y * float64(h.page.Rect.Dy())}) {
			free++
		}
	}
	return float64(free) > roomFor*n*n
}

// count finds out where there is ink on paper that is as bright as that of the
// forms found, or as most of the brightest where none is: not on the desk below
// them.
func (h *hunt) count() {
	img, scale := reduced(h.page, h.detail())
	ink, paper := clean(img), paperOf(img)
	h.scale = block * scale
	h.width, h.height = paper.w, paper.h
	h.ink = make([]bool, h.width*h.height)
	enough := int32(float64(h.brightness(paper)) * samePaper)
	for i := range h.ink {
		if paper.value[i] < enough {
			continue
		}
		square := image.Rect(0, 0, block, block).Add(image.Pt(i%h.width*block, i/h.width*block))
		h.ink[i] = inked(ink, square.Intersect(ink.Rect))
	}
	h.forgetStreaks()
}

// forgetStreaks takes away what runs across the whole page, as dust on a sensor
// draws it, and the edges of a lid.
func (h *hunt) forgetStreaks() {
	rows, columns := make([]int, h.height), make([]int, h.width)
	for i, ink := range h.ink {
		if ink {
			rows[i/h.width]++
			columns[i%h.width]++
		}
	}
	for i := range h.ink {
		if float64(rows[i/h.width]) > streak*float64(h.width) || float64(columns[i%h.width]) > streak*float64(h.height) {
			h.ink[i] = false
		}
	}
}

// detail returns the longer side, in px, to which the page is reduced: that at
// which the largest form found is as large as a page by itself, or half of the
// page where none is.
func (h *hunt) detail() int {
	sheet, all := 0., float64(longer(h.page))
	for i := range h.found {
		b := h.sheet(&h.found[i], 0).Bounds()
		sheet = max(sheet, b.Width(), b.Height())
	}
	if sheet == 0 {
		sheet = all / 2
	}
	return int(workSide * max(1, min(3, all/sheet)))
}

// inked reports whether there is print or writing in a part of clean ink: dark
// strokes, and paper around them. A desk or cloth is of many grays.
func inked(ink *image.Gray, part image.Rectangle) bool {
	dark, gray := 0, 0
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for _, v := range ink.Pix[y*ink.Stride+part.Min.X:][:part.Dx()] {
			switch {
			case v < raster.Paper/2:
				dark++
			case v < raster.Paper:
				gray++
			}
		}
	}
	return dark >= fewDark && gray <= 3*dark && dark < block*block/2
}

// brightness returns that of the paper of the forms found, or else of the
// brightest tenth of all, in 1/256.
func (h *hunt) brightness(paper grid) int32 {
	var on []int32
	for i, v := range paper.value {
		c := geom.Point{X: (float64(i%h.width) + .5) * h.scale, Y: (float64(i/h.width) + .5) * h.scale}
		if len(h.found) == 0 || h.taken(c) {
			on = append(on, v)
		}
	}
	slices.Sort(on)
	if len(h.found) == 0 {
		return on[len(on)*9/10]
	}
	return on[len(on)/2]
}

// rest returns the bounds of the ink in a box that is on no form found, and in
// how many squares it is.
func (h *hunt) rest(in geom.Box) (box geom.Box, n int) {
	for i, ink := range h.ink {
		square := geom.XYWH(float64(i%h.width)*h.scale, float64(i/h.width)*h.scale, h.scale, h.scale)
		c := square.Center()
		if ink && geom.XYWH(c.X, c.Y, 0, 0).In(in) && !h.taken(c) {
			box = box.Union(square)
			n++
		}
	}
	return box, n
}

// look adds the forms that are found in a box and, where none is any more, in
// the halves of what is left of it, and so on.
func (h *hunt) look(in geom.Box, depth int) {
	for len(h.found) < maxForms {
		rest, n := h.rest(in)
		if n < enoughInk {
			return
		}
		m, err := h.find(rest.Grow(2 * h.scale))
		if err != nil || h.overlaps(&m) {
			in = rest
			break
		}
		h.found = append(h.found, m)
	}
	if depth > 0 && len(h.found) < maxForms {
		h.halves(in, depth-1)
	}
}

// halves looks at both halves of a box, across its longer side.
func (h *hunt) halves(in geom.Box, depth int) {
	one, two, c := in, in, in.Center()
	if in.Width() > in.Height() {
		one.Max.X, two.Min.X = c.X, c.X
	} else {
		one.Max.Y, two.Min.Y = c.Y, c.Y
	}
	h.look(one, depth)
	h.look(two, depth)
}

// find returns what lies in a box of the page, with what was found taken away.
func (h *hunt) find(in geom.Box) (Match, error) {
	v, at := h.view(in)
	found, guesses := h.set.look(v)
	m := Match{Candidates: candidates(found, guesses)}
	if len(found) == 0 || !found[0].fit.sure() {
		return m, ErrNoMatch
	}
	m.Index, m.Fit = found[0].index, found[0].fit
	m.TemplateToPage = geom.Shift(at).After(m.TemplateToPage)
	return m, nil
}

// view returns the view of a box of the page, and where its corner lies. Forms
// that were found are white in it.
func (h *hunt) view(in geom.Box) (view, geom.Point) {
	r := whole(in).Intersect(h.page.Rect)
	if r.Dx() < 2*edge || r.Dy() < 2*edge {
		r = h.page.Rect
	}
	crop := h.page.SubImage(r).(*image.Gray)
	v := newView(&image.Gray{Pix: crop.Pix, Stride: crop.Stride, Rect: image.Rect(0, 0, r.Dx(), r.Dy())}, workSide)
	at := geom.Point{X: float64(r.Min.X), Y: float64(r.Min.Y)}
	toPage := geom.Shift(at).After(v.workTo())
	for y := range v.clean.Rect.Dy() {
		row := v.clean.Pix[y*v.clean.Stride:][:v.clean.Rect.Dx()]
		for x := range row {
			p := toPage.Apply(geom.Point{X: float64(x) + .5, Y: float64(y) + .5})
			if row[x] != raster.Paper && h.taken(p) {
				row[x] = raster.Paper
			}
		}
	}
	return v, at
}

// overlaps reports whether much of m lies on other forms or outside the page.
func (h *hunt) overlaps(m *Match) bool {
	const n = 16
	r := h.set.index.refs[m.Index]
	picture, over := h.picture(), 0
	for i := range n * n {
		p := m.TemplateToPage.Apply(geom.Point{X: (float64(i%n) + .5) / n * r.width, Y: (float64(i/n) + .5) / n * r.height})
		if !(geom.Box{Min: p, Max: p}).In(picture) || h.taken(p) {
			over++
		}
	}
	return float64(over) > overlap*n*n
}

// refine places each form as exactly as if it lay alone, and brings them into
// their order.
func (h *hunt) refine() {
	all := h.found
	for i := range all {
		m := &all[i]
		h.found = slices.Concat(all[:i], all[i+1:]) // the others are taken away
		r := h.set.index.refs[m.Index]
		v, at := h.view(h.sheet(m, 0).Bounds().Grow(h.scale))
		toPage, _ := r.approach(v, r.toWork(v, geom.Shift(geom.Point{X: -at.X, Y: -at.Y}).After(m.TemplateToPage)))
		if fit := r.refine(v, toPage); fit.sure() {
			fit.TemplateToPage = geom.Shift(at).After(fit.TemplateToPage)
			m.Fit = fit
		}
	}
	h.found = h.inRows(all)
}

// inRows returns matches from the top to the bottom of the page, those beside
// each other from the left.
func (h *hunt) inRows(all []Match) (sorted []Match) {
	bounds := func(m Match) geom.Box { return h.sheet(&m, 0).Bounds() }
	slices.SortStableFunc(all, func(a, b Match) int { return cmp.Compare(bounds(a).Min.Y, bounds(b).Min.Y) })
	for len(all) > 0 {
		n := 1
		for n < len(all) && bounds(all[n]).Min.Y < bounds(all[0]).Center().Y {
			n++
		}
		slices.SortStableFunc(all[:n], func(a, b Match) int { return cmp.Compare(bounds(a).Min.X, bounds(b).Min.X) })
		sorted, all = append(sorted, all[:n]...), all[n:]
	}
	return sorted
}

// left returns the bounds of what is printed beside the forms found, where that
// may be a form, or else an empty box.
func (h *hunt) left() geom.Box {
	rest, n := h.rest(h.picture())
	if n < muchInk {
		return geom.Box{}
	}
	return rest
}
