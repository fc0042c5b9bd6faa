package sample

import (
	"math/rand/v2"
	"slices"

	"github.com/seosik/seosik/internal/geom"
)

// A Noted is a filled form on which more is written than it asks for.
type Noted struct {
	*Filled
	Notes []geom.Box // template px; around what is written where no field is
}

const (
	noteTries = 400  // places tried for a note
	noteFree  = 14.0 // px at 200 dpi around a note, without print and fields
	noteApart = 70.0 // the same, without other notes
)

// Annotate writes values on b, as Fill does, and up to n notes at places where there
// are neither fields nor print: in the hand of who fills it in, or a seal now and then.
func (b *Blank) Annotate(seed uint64, style Style, n int) (*Noted, error) {
	w, err := b.writer(seed, style)
	if err != nil {
		return nil, err
	}
	w.fill(b, b.Invent(seed, style.Empty))
	p := &Noted{Filled: &Filled{Image: w.img, Truth: w.truth}}
	r := newRand(seed, "notes")
	v, ok := vocabularies[b.language()]
	if !ok {
		v = english
	}
	for range n {
		if chance(r, .2) {
			radius := between(r, 32, 60) * w.unit
			if box := b.free(r, p.Notes, 2*radius, 2*radius, w.unit); !box.Empty() {
				p.Seal(r.Uint64(), "印", box.Center(), radius, chance(r, .5))
				p.Notes = append(p.Notes, box)
			}
			continue
		}
		text, size := v.value(r, Words, 0), between(r, 24, 40)*w.unit
		if box := b.free(r, p.Notes, w.measure(text)*size, size, w.unit); !box.Empty() {
			p.Notes = append(p.Notes, w.line(text, geom.Point{X: box.Min.X, Y: box.Max.Y - .15*size}, size))
		}
	}
	return p, nil
}

// free returns a box of a size in px, somewhere on b where nothing is; empty where
// there is no such place.
func (b *Blank) free(r *rand.Rand, notes []geom.Box, width, height, unit float64) geom.Box {
	const edge = 30 // px at 200 dpi; nobody writes nearer to the edge of the paper
	bounds := b.Image.Rect
	for range noteTries {
		x := between(r, edge*unit, max(edge*unit+1, float64(bounds.Dx())-width-edge*unit))
		y := between(r, edge*unit, max(edge*unit+1, float64(bounds.Dy())-height-edge*unit))
		box := geom.XYWH(x, y, width, height)
		taken := func(o geom.Box) bool { return !o.Intersect(box.Grow(noteApart * unit)).Empty() }
		if box.Max.X < float64(bounds.Max.X) && b.blank(box.Grow(noteFree*unit)) && !slices.ContainsFunc(notes, taken) {
			return box
		}
	}
	return geom.Box{}
}

// blank reports whether there is neither print nor a field in box.
func (b *Blank) blank(box geom.Box) bool {
	for _, f := range b.Template.Places() {
		if !f.Box.Intersect(box).Empty() {
			return false
		}
	}
	for y := max(0, int(box.Min.Y)); y < min(b.Image.Rect.Dy(), int(box.Max.Y)+1); y++ {
		for x := max(0, int(box.Min.X)); x < min(b.Image.Rect.Dx(), int(box.Max.X)+1); x++ {
			if b.Image.GrayAt(x, y).Y < 200 {
				return false
			}
		}
	}
	return true
}
