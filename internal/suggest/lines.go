package suggest

import (
	"image"
	"slices"

	"github.com/seosik/seosik/internal/form"
)

// Sizes in millimetres of a page of A4, and others.
const (
	lineLeast  = 8.   // length of a rule to write on
	lineWhole  = .6   // share of the width of the page from which a rule divides sections
	lineHigh   = 2.0  // height of what is written on a rule, times that of text
	lineRoom   = .8   // the same at least
	lineTitle  = .5   // share of a rule that has text right above it, at least, if it underlines that
	lineEdge   = .4   // share of a rule along which there are cells, at least, if it is part of them
	lineAlone  = .2   // share of it that has ink right beside it, at most
	linesPitch = 16.0 // between rules that are written on together, at most
)

// underlines makes fields of rules that are no part of a cell.
func (d *draft) underlines() {
	var boxes []image.Rectangle
	for _, r := range d.level {
		if box, ok := d.overRule(r); ok {
			boxes = append(boxes, box)
		}
	}
	for len(boxes) > 0 {
		n := d.together(boxes)
		box := boxes[0].Union(boxes[n-1])
		d.underline(box, boxes[0])
		boxes = boxes[n:]
	}
}

// together returns how many of the first boxes are lines of one text: of the same
// ends, close below each other, and without a name but for the first.
func (d *draft) together(boxes []image.Rectangle) int {
	n, near := 1, int(2*d.unit)
	for ; n < len(boxes); n++ {
		a, b := boxes[n-1], boxes[n]
		if abs(a.Min.X-b.Min.X) > near || abs(a.Max.X-b.Max.X) > near || float64(b.Max.Y-a.Max.Y) > linesPitch*d.unit {
			break
		}
		if _, named := d.phraseLeft(b, d.cellOf(b)); named {
			break
		}
	}
	return n
}

// underline adds the field in box, whose first line is given.
func (d *draft) underline(box, first image.Rectangle) {
	cell := d.cellOf(first)
	name, sure := "", sureLine
	if p, ok := d.phraseLeft(first, cell); ok {
		name = clean(p.text)
	} else if p, ok := d.phraseBelow(box); ok && float64(box.Dx()) <= lineWhole*float64(d.img.Rect.Dx()) {
		name = clean(p.text)
	} else if cell >= 0 {
		name = d.cellLabel(cell)
	}
	if p, ok := d.phraseRight(first, cell); ok && name == "" {
		name = clean(p.text)
	}
	if name == "" {
		sure = bareLine
		if float64(box.Dx()) > lineWhole*float64(d.img.Rect.Dx()) {
			return
		}
	}
	if sealed.MatchString(keyOf(name)) {
		return
	}
	value, rules := meant(name, 0)
	d.add(form.Field{Name: name, Kind: form.Normal, ValueType: value, Box: boxOf(box), Rules: rules}, sure)
}

// overRule returns the place above a rule on which one writes, and whether it is such a rule.
func (d *draft) overRule(r rule) (image.Rectangle, bool) {
	if float64(r.length()) < lineLeast*d.unit || d.edges(r) || d.crowns(r) {
		return image.Rectangle{}, false
	}
	dark := func(x, y int) bool { return image.Pt(x, y).In(d.img.Rect) && d.ink[y*d.img.Rect.Dx()+x] }
	for _, beside := range []float64{.3, .6} { // letters, of which the rule is strokes
		if company(r, dark, max(2, int(beside*d.unit))) >= lineAlone {
			return image.Rectangle{}, false
		}
	}
	top, covered := r.Low-int(lineHigh*float64(d.body)), 0
	for _, p := range d.phrases {
		shared := min(p.box.Max.X, r.To) - max(p.box.Min.X, r.From)
		if shared <= 0 || p.box.Max.Y < top || p.box.Min.Y >= r.Low {
			continue
		}
		if r.Low-p.box.Max.Y < d.body && !isHint(p.text) {
			covered += shared
		} else if !isHint(p.text) {
			top = max(top, p.box.Max.Y)
		}
	}
	if float64(covered) >= lineTitle*float64(r.length()) {
		return image.Rectangle{}, false
	}
	for _, o := range d.level {
		if o.High <= r.Low-2 && o.High > top && min(o.To, r.To)-max(o.From, r.From) > r.length()/5 {
			top = o.High
		}
	}
	top = max(top, 0)
	if float64(r.Low-top) < lineRoom*float64(d.body) {
		return image.Rectangle{}, false
	}
	box := image.Rect(r.From, top, r.To, r.Middle())
	if i := d.cellOf(box); i >= 0 && (d.used[i] || d.roles[i] == label && d.shades && d.shaded(d.cells[i].inner)) {
		return image.Rectangle{}, false
	}
	return box, !d.taken(box)
}

// crowns reports whether r is the upper edge of something drawn, such as a frame
// with round corners.
func (d *draft) crowns(r rule) bool {
	return slices.ContainsFunc(d.pieces, func(p image.Rectangle) bool {
		return abs(p.Min.Y-r.Low) <= 2 && p.Min.X <= r.From && p.Max.X >= r.To && 2*p.Dy() >= 3*d.body && p.Dx() <= 2*r.length()
	})
}

// taken reports whether most of box is a field already.
func (d *draft) taken(box image.Rectangle) bool {
	b := boxOf(box)
	return slices.ContainsFunc(d.out.Fields, func(f Field) bool {
		shared := f.Box.Intersect(b)
		return !shared.Empty() && shared.Width()*shared.Height() > .5*b.Width()*b.Height()
	})
}

// edges reports whether r is a side of cells, rows or checkboxes.
func (d *draft) edges(r rule) bool {
	near, along := max(4, int(.5*d.unit)), 0
	side := func(b image.Rectangle) {
		if abs(b.Min.Y-r.Middle()) <= near || abs(b.Max.Y-r.Middle()) <= near {
			along += max(0, min(b.Max.X, r.To)-max(b.Min.X, r.From))
		}
	}
	for _, c := range d.cells {
		side(c.box)
	}
	for _, row := range d.rows {
		side(row.bounds())
	}
	for _, t := range d.ticks {
		side(t)
	}
	return float64(along) >= lineEdge*float64(r.length())
}

// phraseBelow returns the caption under a line, as for a signature.
func (d *draft) phraseBelow(box image.Rectangle) (best phrase, ok bool) {
	nearest := d.body
	for _, p := range d.phrases {
		gap := p.box.Min.Y - box.Max.Y
		inside := p.box.Min.X >= box.Min.X-d.body && p.box.Max.X <= box.Max.X+d.body
		if inside && gap >= -p.size/3 && gap < nearest && hasLetters(p.text) && !isHint(p.text) {
			best, nearest, ok = p, gap, true
		}
	}
	return best, ok
}

const behindReach = 2 // between a line and the name behind it, times the height of text

// phraseRight returns the print right behind box, in the given cell or, for -1,
// anywhere, as in "_____ 은행".
func (d *draft) phraseRight(box image.Rectangle, cell int) (best phrase, ok bool) {
	nearest := behindReach * d.body
	for i, p := range d.phrases {
		gap, middle := p.box.Min.X-box.Max.X, (p.box.Min.Y+p.box.Max.Y)/2
		if gap < -d.body/2 || gap >= nearest || middle < box.Min.Y-d.body/3 || middle > box.Max.Y+d.body/3 {
			continue
		}
		if cell >= 0 && d.within[i] != cell || !hasLetters(p.text) || isHint(p.text) {
			continue
		}
		best, nearest, ok = p, gap, true
	}
	return best, ok
}

const (
	titlePart  = .35 // share of the page, from its head, in which its title is
	titleLarge = 1.15
)

// title takes the largest line at the head of the page.
func (d *draft) title() {
	best, ok := phrase{}, false
	for i, p := range d.phrases {
		if float64(p.box.Max.Y) > titlePart*float64(d.img.Rect.Dy()) || !hasLetters(p.text) || len([]rune(p.text)) < 2 {
			continue
		}
		if c := d.within[i]; c >= 0 && (d.roles[c] == label && d.shades || d.left[c] >= 0 || d.roles[c] == captions) {
			continue
		}
		if !ok || p.size > best.size {
			best, ok = p, true
		}
	}
	if !ok || float64(best.size) < titleLarge*float64(d.body) {
		return
	}
	text := best.text
	if rs := []rune(text); len(rs) > 200 {
		text = string(rs[:200])
	}
	d.out.Title = form.Title{Text: text, Box: boxOf(best.box.Inset(-best.size / 8).Intersect(d.img.Rect))}
	d.out.Name = clean(text)
}
