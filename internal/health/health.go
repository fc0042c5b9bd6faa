// Package health says of a template's fields whether their boxes hold what
// people write in them, and which boxes would: from where the writing lay on
// pages, and from the print of the blank. It looks at no page itself.
//
// All boxes are in pixels of the template's picture.
package health

import (
	"image"
	"slices"

	"github.com/seosik/seosik/internal/geom"
)

const (
	// Enough is on how many pages writing has to touch the border of a box
	// before another one is proposed.
	Enough = 5
	// held is the share of the writing that a proposed box holds at each side.
	held = .95
)

// Sizes in px at 200 dpi.
const (
	slack   = 1.0   // writing that ends so close to the border touches it
	margin  = 6.0   // between a proposed box and the writing, where there is free paper
	inset   = 3.0   // between a proposed box and print or another box
	along   = 1000. // how far free paper is looked over, to the sides
	across  = 60.0  // the same, up and down
	apart   = 3.0   // two boxes none of whose sides are further from each other are the same
	printed = 3     // dark px in a row or column that are print
)

// ruled is the share of a row or column that is dark where there is a line.
const ruled = .6

// darkness from which a pixel of the blank is print.
const darkness = 40

// A side of a box.
type side int

const (
	left side = iota
	top
	right
	bottom
)

var sides = [...]side{left, top, right, bottom}

func (s side) opposite() side { return (s + 2) % 4 }

// out returns how far out the side s of b is: it grows as the box does.
func (s side) out(b geom.Box) float64 {
	switch s {
	case left:
		return -b.Min.X
	case top:
		return -b.Min.Y
	case right:
		return b.Max.X
	default:
		return b.Max.Y
	}
}

// put moves the side s of b to where out says.
func (s side) put(b *geom.Box, out float64) {
	switch s {
	case left:
		b.Min.X = -out
	case top:
		b.Min.Y = -out
	case right:
		b.Max.X = out
	default:
		b.Max.Y = out
	}
}

// level reports whether s is the left or the right side.
func (s side) level() bool { return s == left || s == right }

// Touches reports whether writing reaches the border of box, or over it. Unit is
// how many px of the template are one at 200 dpi.
func Touches(box, writing geom.Box, unit float64) bool {
	return !writing.Empty() && slices.ContainsFunc(sides[:], func(s side) bool { return touches(s, box, writing, unit) })
}

func touches(s side, box, writing geom.Box, unit float64) bool {
	return s.out(writing) > s.out(box)-slack*unit
}

// A Field is what a better box is found from.
type Field struct {
	Blank   *image.Gray // the template's picture, without writing
	Unit    float64     // px of it that are one at 200 dpi
	Box     geom.Box    // as it is
	Others  []geom.Box  // of all other fields and cells
	Writing []geom.Box  // on each page where something was written
}

// Touching returns on how many pages writing touches the border of the box.
func (f *Field) Touching() (n int) {
	for _, w := range f.Writing {
		if Touches(f.Box, w, f.Unit) {
			n++
		}
	}
	return n
}

// Better returns the box that would hold what was written, where on enough pages
// that touches the border, and another would: a side at which writing is cut
// moves out over free paper to the next print or the next box, or else to where
// the writing ends. The side opposite to it comes back where it lies over a line
// or another box, as that of a box that was shifted.
func (f *Field) Better() (box geom.Box, ok bool) {
	if f.Touching() < Enough {
		return f.Box, false
	}
	return f.better(Enough)
}

// Candidates returns boxes that may hold what was read wrongly, where there are
// any: that of Better, also where the border is touched on fewer pages; the box
// with the writing and no more; and the box as large as it is, but shifted.
func (f *Field) Candidates() (boxes []geom.Box) {
	add := func(b geom.Box) {
		same := func(c geom.Box) bool { return f.same(b, c) }
		if !b.Empty() && !same(f.Box) && !slices.ContainsFunc(boxes, same) {
			boxes = append(boxes, b)
		}
	}
	if b, ok := f.better(1); ok {
		add(b)
	}
	grown, shifted := f.Box, f.Box
	for _, s := range f.cut(1) {
		out := f.stop(s, f.reached(s, held)+margin*f.Unit)
		by := max(0, out-s.out(f.Box))
		s.put(&grown, s.out(f.Box)+by)
		s.put(&shifted, s.out(shifted)+by)
		s.opposite().put(&shifted, s.opposite().out(shifted)-by)
	}
	add(f.inside(grown))
	add(f.inside(shifted))
	return boxes
}

func (f *Field) better(least int) (box geom.Box, ok bool) {
	box = f.Box
	cut := f.cut(least)
	for _, s := range cut {
		s.put(&box, f.free(s))
	}
	for _, s := range cut {
		back := s.opposite()
		if !slices.Contains(cut, back) {
			back.put(&box, f.stop(back, back.out(box)))
		}
	}
	box = f.inside(box)
	return box, !box.Empty() && !f.same(box, f.Box)
}

// cut returns the sides at which writing touches the border on so many pages.
func (f *Field) cut(least int) (cut []side) {
	for _, s := range sides {
		n := 0
		for _, w := range f.Writing {
			if touches(s, f.Box, w, f.Unit) {
				n++
			}
		}
		if n >= least {
			cut = append(cut, s)
		}
	}
	return cut
}

// reached returns how far out a share of the writing stays at side s.
func (f *Field) reached(s side, share float64) float64 {
	outs := make([]float64, len(f.Writing))
	for i, w := range f.Writing {
		outs[i] = s.out(w)
	}
	slices.Sort(outs)
	return outs[min(len(outs)-1, int(share*float64(len(outs))))]
}

// free returns where side s goes to where writing is cut: as far as paper is
// free, or to where the writing ends where that is all free.
func (f *Field) free(s side) float64 {
	reach := across
	if s.level() {
		reach = along
	}
	writing := f.reached(s, held)
	if end := f.stop(s, writing+margin*f.Unit); end < writing+margin*f.Unit {
		return end // a line, or another box, within the writing
	}
	far := writing + reach*f.Unit
	if end := f.until(s, writing+margin*f.Unit, far, f.printAt); end < far {
		return end
	}
	return writing + margin*f.Unit
}

// stop returns to where side s may go on its way to a place further out, coming
// from where most of the writing is still inside of it: to before a line or
// another box.
func (f *Field) stop(s side, to float64) float64 {
	return f.until(s, min(s.out(f.Box), f.reached(s, .25)), to, f.lineAt)
}

// until returns the last place before another box, or before that at which there
// is something, on the way of side s.
func (f *Field) until(s side, from, to float64, there func(s side, out float64) bool) float64 {
	to = max(from, to)
	for _, b := range f.Others {
		if edge := -s.opposite().out(b); f.beside(s, b) && edge > from && edge-inset*f.Unit < to {
			to = max(from, edge-inset*f.Unit)
		}
	}
	for out := from; out < to+inset*f.Unit; out++ {
		if there(s, out) {
			return max(from, min(to, out-inset*f.Unit))
		}
	}
	return to
}

// middle returns where most of the writing lies: print above and below it is not
// in the way of the sides.
func (f *Field) middle() geom.Box {
	var b geom.Box
	for _, s := range sides {
		s.put(&b, f.reached(s, .5))
	}
	b.Min.Y, b.Max.Y = b.Min.Y+.15*b.Height(), b.Max.Y-.15*b.Height()
	return b
}

// beside reports whether b is in the way of side s.
func (f *Field) beside(s side, b geom.Box) bool {
	m := f.middle()
	if s.level() {
		return b.Min.Y < m.Max.Y && m.Min.Y < b.Max.Y
	}
	return b.Min.X < m.Max.X && m.Min.X < b.Max.X
}

func (f *Field) printAt(s side, out float64) bool {
	dark, _ := f.dark(s, out)
	return float64(dark) >= max(1, printed*f.Unit)
}

func (f *Field) lineAt(s side, out float64) bool {
	dark, of := f.dark(s, out)
	return float64(dark) >= ruled*float64(of)
}

// dark returns how many px of the blank are print, and of how many, in the row
// or column that side s would pass over.
func (f *Field) dark(s side, out float64) (dark, of int) {
	m := f.middle()
	from, to, at := int(m.Min.Y), int(m.Max.Y)+1, int(out)
	if !s.level() {
		from, to = int(m.Min.X), int(m.Max.X)+1
	}
	if s == left || s == top {
		at = int(-out)
	}
	for i := from; i < to; i++ {
		p := image.Pt(at, i)
		if !s.level() {
			p = image.Pt(i, at)
		}
		if p.In(f.Blank.Rect) && 255-f.Blank.GrayAt(p.X, p.Y).Y >= darkness {
			dark++
		}
	}
	return dark, to - from
}

// inside returns the part of b that is on the template, in whole px.
func (f *Field) inside(b geom.Box) geom.Box {
	if b.Empty() {
		return geom.Box{}
	}
	r := image.Rect(int(b.Min.X), int(b.Min.Y), int(b.Max.X+.5), int(b.Max.Y+.5)).Intersect(f.Blank.Rect)
	return geom.XYWH(float64(r.Min.X), float64(r.Min.Y), float64(r.Dx()), float64(r.Dy()))
}

// same reports whether two boxes are nearly the same.
func (f *Field) same(a, b geom.Box) bool {
	return !slices.ContainsFunc(sides[:], func(s side) bool {
		d := s.out(a) - s.out(b)
		return d > apart*f.Unit || d < -apart*f.Unit
	})
}
