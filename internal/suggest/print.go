package suggest

import (
	"cmp"
	"image"
	"slices"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// Sizes, most of them as shares of the height of text.
const (
	letterLeast = .3   // millimetres of A4, of a letter's longer side
	shredThin   = .35  // millimetres, of what is left of a rule
	shredNear   = .6   // millimetres between that and the rule
	letterMost  = 14.  // the same, of its height
	letterLong  = 25.  // of what is one piece, times its height
	rowGap      = .12  // white between two lines
	splitGap    = 1.25 // white between two parts of a line, times its height
	spreadGap   = 5.   // the same between single letters that are spread over a label
	accentHigh  = .5   // a line so low is a part of the one beside it
	accentGap   = .35
	halfGap     = .12    // white between the halves of letters such as 금, of their height
	halvesHigh  = 1.7    // height of both
	speckHigh   = .6     // what is lower than this is no line
	maxLetters  = 20_000 // of a page; a dense one has a few thousand
	maxLines    = 600    // that are read; a dense page has some 150
)

// findLines puts letters together that have little white between them.
func (p *Page) findLines() []image.Rectangle {
	letters := p.letters()
	if len(letters) > maxLetters {
		return nil
	}
	byCell := make(map[int][]image.Rectangle)
	for _, q := range letters {
		c := p.cellOf(q)
		byCell[c] = append(byCell[c], q)
	}
	var all []image.Rectangle
	for _, c := range keys(byCell) {
		parts := slices.DeleteFunc(p.cut(byCell[c], p.body, 0), func(l image.Rectangle) bool { return float64(l.Dy()) < speckHigh*float64(p.body) })
		all = append(all, p.spread(parts)...)
	}
	slices.SortFunc(all, byPlace)
	return all
}

func keys(m map[int][]image.Rectangle) []int {
	var ks []int
	for k := range m {
		ks = append(ks, k)
	}
	slices.Sort(ks)
	return ks
}

// letters returns the pieces of ink that may be print, where rules, checkboxes
// and rows of boxes are taken away.
func (p *Page) letters() []image.Rectangle {
	width := p.img.Rect.Dx()
	ink := slices.Clone(p.ink)
	wipe := func(b image.Rectangle) {
		b = b.Intersect(p.img.Rect)
		for y := b.Min.Y; y < b.Max.Y; y++ {
			clear(ink[y*width+b.Min.X : y*width+b.Max.X])
		}
	}
	border := max(1, int(.12*p.unit))
	for _, r := range p.level {
		if p.ruling(r) {
			wipe(image.Rect(r.From, r.Low-border, r.To, r.High+border))
		}
	}
	for _, r := range p.upright {
		if p.ruling(r) {
			wipe(image.Rect(r.Low-border, r.From, r.High+border, r.To))
		}
	}
	for _, c := range p.cells {
		out, in := c.box.Inset(-border-1), c.inner.Inset(border)
		wipe(image.Rect(out.Min.X, out.Min.Y, out.Max.X, in.Min.Y))
		wipe(image.Rect(out.Min.X, in.Max.Y, out.Max.X, out.Max.Y))
		wipe(image.Rect(out.Min.X, out.Min.Y, in.Min.X, out.Max.Y))
		wipe(image.Rect(in.Max.X, out.Min.Y, out.Max.X, out.Max.Y))
	}
	margin := max(2, int(.3*p.unit))
	for _, t := range p.ticks {
		wipe(t.Inset(-margin))
	}
	for _, r := range p.rows {
		wipe(r.bounds().Inset(-margin))
	}
	var letters []image.Rectangle
	for _, q := range piecesOf(ink, width, max(2, int(letterLeast*p.unit))) {
		if float64(q.Dy()) <= letterMost*p.unit && float64(q.Dx()) <= letterLong*float64(q.Dy()) && !p.shred(q) {
			letters = append(letters, q)
		}
	}
	return letters
}

// shred reports whether a piece of ink is what is left of a rule that is not quite
// straight: thin, along a side of a cell.
func (p *Page) shred(q image.Rectangle) bool {
	if long, thin := max(q.Dx(), q.Dy()), min(q.Dx(), q.Dy()); float64(thin) > max(2, shredThin*p.unit) || long < 3*thin {
		return false
	}
	near := max(4, int(shredNear*p.unit))
	return slices.ContainsFunc(p.cells, func(c cell) bool {
		return q.Overlaps(c.inner.Inset(-near)) && !q.In(c.inner.Inset(near))
	})
}

const rulingLeast = 9 // millimetres of A4: no stroke of a letter is so long

// ruling reports whether r is no stroke of a letter.
func (p *Page) ruling(r rule) bool { return float64(r.length()) >= rulingLeast*p.unit || r.dotted }

// letterSize returns about how high most print is, in pixels.
func (p *Page) letterSize() int {
	var sizes []int
	for _, q := range p.pieces {
		if h := float64(q.Dy()); h >= 1.2*p.unit && h <= 6*p.unit && q.Dx() <= 3*q.Dy() {
			sizes = append(sizes, q.Dy())
		}
	}
	if len(sizes) == 0 {
		return int(3 * p.unit)
	}
	slices.Sort(sizes)
	return sizes[len(sizes)*6/10]
}

// bodySize returns how high most lines of print are.
func (p *Page) bodySize() int {
	var sizes []int
	for _, l := range p.print {
		if l.Dx() > l.Dy() {
			sizes = append(sizes, l.Dy())
		}
	}
	if len(sizes) == 0 {
		return p.letterSize()
	}
	slices.Sort(sizes)
	return max(sizes[len(sizes)/2], int(1.5*p.unit))
}

// cut divides letters where there is white all through: into lines, the lines into
// parts, and those again, as columns have lines of their own (the recursive X-Y
// cut of Nagy and Seth, 1984).
func (p *Page) cut(letters []image.Rectangle, body, depth int) []image.Rectangle {
	const deepest = 12
	rows := mergeLow(divide(letters, max(1, int(rowGap*float64(body))), false), body)
	var all []image.Rectangle
	for _, row := range rows {
		gap := min(union(row).Dy(), 3*body)
		parts := divide(row, max(2, int(splitGap*float64(gap))), true)
		if len(rows) == 1 && len(parts) == 1 || depth == deepest {
			all = append(all, union(row))
			continue
		}
		for _, part := range parts {
			all = append(all, p.cut(part, body, depth+1)...)
		}
	}
	return all
}

// divide puts letters together between which there are fewer than gap pixels of
// white, from top to bottom or, along a line, from left to right.
func divide(letters []image.Rectangle, gap int, along bool) [][]image.Rectangle {
	span := func(r image.Rectangle) (from, to int) {
		if along {
			return r.Min.X, r.Max.X
		}
		return r.Min.Y, r.Max.Y
	}
	slices.SortFunc(letters, func(a, b image.Rectangle) int {
		x, _ := span(a)
		y, _ := span(b)
		return cmp.Compare(x, y)
	})
	var parts [][]image.Rectangle
	end := 0
	for i, l := range letters {
		from, to := span(l)
		if i == 0 || from-end >= gap {
			parts = append(parts, nil)
			end = to
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], l)
		end = max(end, to)
	}
	return parts
}

// mergeLow puts parts of letters, such as dots and bars, to the line beside them.
func mergeLow(rows [][]image.Rectangle, body int) [][]image.Rectangle {
	var merged [][]image.Rectangle
	for _, row := range rows {
		if n := len(merged); n > 0 {
			a, b := union(merged[n-1]), union(row)
			low, gap, high := accentHigh*float64(body), float64(b.Min.Y-a.Max.Y), float64(a.Union(b).Dy())
			accent := (float64(a.Dy()) < low || float64(b.Dy()) < low) && gap <= accentGap*float64(body) && high <= 1.4*float64(body)
			if accent || gap <= halfGap*high && high <= halvesHigh*float64(body) {
				merged[n-1] = append(merged[n-1], row...)
				continue
			}
		}
		merged = append(merged, row)
	}
	return merged
}

func union(boxes []image.Rectangle) (all image.Rectangle) {
	for _, b := range boxes {
		all = all.Union(b)
	}
	return all
}

// spread puts single letters together that stand in one line with wide white
// between them, as in "성   명".
func (p *Page) spread(parts []image.Rectangle) []image.Rectangle {
	slices.SortFunc(parts, func(a, b image.Rectangle) int { return cmp.Compare(a.Min.X, b.Min.X) })
	type chain struct {
		box  image.Rectangle
		last image.Rectangle
		one  bool // is of single letters
	}
	var chains []chain
	for _, b := range parts {
		single := float64(b.Dx()) <= 1.35*float64(b.Dy())
		joined := false
		for i := range chains {
			c := &chains[i]
			if single && c.one && beside(c.last, b) && b.Min.X >= c.last.Max.X && float64(b.Min.X-c.last.Max.X) <= spreadGap*float64(max(b.Dy(), c.last.Dy())) && !p.apart(c.last, b) {
				c.box, c.last, joined = c.box.Union(b), b, true
				break
			}
		}
		if !joined {
			chains = append(chains, chain{b, b, single})
		}
	}
	boxes := make([]image.Rectangle, len(chains))
	for i, c := range chains {
		boxes[i] = c.box
	}
	return boxes
}

// crop returns the picture of a line of print for a reader of lines, which see
// ink so many pixels high, with so much white around it. Wide white within the line
// is narrowed.
func (p *Page) crop(line image.Rectangle, height, padding int) *image.Gray {
	line = line.Inset(-1).Intersect(p.img.Rect)
	squeezed := p.squeeze(line)
	factor := float64(height) / float64(max(1, line.Dy()))
	width := max(1, int(float64(squeezed.Rect.Dx())*factor))
	out := image.NewGray(image.Rect(0, 0, min(width, maxCrop)+2*padding, height+2*padding))
	white := p.paper.at[(line.Min.Y+line.Max.Y)/2/paperBlock*p.paper.columns+(line.Min.X+line.Max.X)/2/paperBlock]
	for i := range out.Pix {
		out.Pix[i] = white
	}
	ink := raster.Warp(squeezed, geom.Scale(1/factor, 1/factor), min(width, maxCrop), height)
	for y := range height {
		copy(out.Pix[(y+padding)*out.Stride+padding:], ink.Pix[y*ink.Stride:][:ink.Rect.Dx()])
	}
	return out
}

const (
	maxCrop     = 4000 // pixels of the width of a line
	squeezeFrom = .6   // white within a line that is narrowed, times its height
	squeezeTo   = .3
)

// squeeze returns the part of the page in line without most of the white between
// its words, where that is wide.
func (p *Page) squeeze(line image.Rectangle) *image.Gray {
	width := p.img.Rect.Dx()
	var columns []int
	run := 0
	for x := line.Min.X; x < line.Max.X; x++ {
		inked := false
		for y := line.Min.Y; y < line.Max.Y && !inked; y++ {
			inked = p.ink[y*width+x]
		}
		if inked {
			if high := float64(line.Dy()); float64(run) > squeezeFrom*high {
				columns = columns[:len(columns)-run+int(squeezeTo*high)]
			}
			run = 0
		} else {
			run++
		}
		columns = append(columns, x)
	}
	out := image.NewGray(image.Rect(0, 0, len(columns), line.Dy()))
	for y := range line.Dy() {
		for i, x := range columns {
			out.Pix[y*out.Stride+i] = p.img.Pix[(line.Min.Y+y)*p.img.Stride+x]
		}
	}
	return out
}
