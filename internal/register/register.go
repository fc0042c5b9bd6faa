// Package register moves the fields of a template to another picture of the same
// form: scanned anew, at another resolution, or of an edition in which some of
// the print has moved.
//
// The old picture is registered on the new one as a page would be. Then the
// surroundings of each field are looked for near where that puts them: print that
// has moved takes its fields along.
//
// # Coordinates
//
// Boxes are in pixels of the picture that they are on. Shifts are in work px: of
// the old picture, reduced to some 150 dpi.
package register

import (
	"errors"
	"image"
	"math"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// ErrOtherForm reports a picture of another form, or one with too little print to
// tell.
var ErrOtherForm = errors.New("register: the picture is of another form")

// A Stray is a field or table that did not move with the rest of the form.
type Stray struct {
	Name   string
	Lost   bool     // what stood around it was not found
	Before geom.Box // where it would be if it had moved with the rest; px of the new picture
	After  geom.Box // where it is put
}

// Move returns t on another picture: with the size of that, and its boxes where
// they belong. The old picture is the one of t. Strays are in the order of t, fields
// first. It returns ErrOtherForm where the old form is not to be found.
func Move(t *form.Template, before, after *image.Gray) (moved *form.Template, strays []Stray, err error) {
	fit, err := place(before, after)
	if err != nil {
		return nil, nil, err
	}
	m := newMover(fit, before, after)
	moved = t.Clone()
	moved.Width, moved.Height = after.Rect.Dx(), after.Rect.Dy()
	if !moved.Title.Box.Empty() {
		moved.Title.Box = m.look(moved.Title.Box).box(moved.Title.Box)
	}
	for i := range moved.Fields {
		m.field(&moved.Fields[i])
	}
	for i := range moved.Tables {
		m.table(&moved.Tables[i])
	}
	return moved, m.strays, nil
}

// place returns where the old form lies on the new picture. The new form may be
// found on the old picture where the old one is not found on the new, as when much
// has been added.
func place(before, after *image.Gray) (align.Fit, error) {
	was, err := align.Prepare(before)
	if err != nil {
		return align.Fit{}, ErrOtherForm
	}
	was = was.Rigid()
	fit, err := was.Place(after)
	if err == nil {
		return fit, nil
	}
	is, err := align.Prepare(after)
	if err != nil {
		return align.Fit{}, ErrOtherForm
	}
	back, err := is.Rigid().Place(before)
	if err != nil {
		return align.Fit{}, ErrOtherForm
	}
	toAfter, err := back.TemplateToPage.Inverse()
	if err != nil {
		return align.Fit{}, ErrOtherForm
	}
	fit, _ = was.Refine(after, toAfter) // it is sure in the other direction
	return fit, nil
}

// Sizes in millimetres of A4.
const (
	stray     = 1.2 // how far something moves apart from the rest, before it is told
	still     = .4  // what is measured is not told from no movement
	reach     = 14. // how far something is looked for
	wide      = 14. // around a field, on its left and right: there are the labels
	high      = 6.  // above and below
	close     = 1.  // around a field, for its exact place
	workSide  = 1754
	coarsest  = 6 // work px a pixel in which what moved is looked for
	coarse    = 3
	trusted   = .85 // likeness from which something stands where it was
	leastLike = .6  // likeness from which something is found
	leastInk  = 6   // of 255; standard deviation of print
)

// A mover finds where fields are on the new picture.
type mover struct {
	fit    align.Fit
	scale  float64 // px of the old picture a work px
	unit   float64 // work px a millimetre
	before [3]*image.Gray
	after  [3]*image.Gray // in the frame of the old picture
	steps  [3]float64     // work px a pixel of those: coarsest, coarse, 1
	page   geom.Box       // of the new picture
	strays []Stray
}

func newMover(fit align.Fit, before, after *image.Gray) *mover {
	width, height := before.Rect.Dx(), before.Rect.Dy()
	side := float64(max(width, height))
	m := &mover{
		fit:   fit,
		scale: max(1, side/workSide),
		steps: [3]float64{coarsest, coarse, 1},
		page:  geom.XYWH(0, 0, float64(after.Rect.Dx()), float64(after.Rect.Dy())),
	}
	m.unit = side / m.scale / 297
	m.before[2] = raster.Reduce(before, m.scale)
	w, h := m.before[2].Rect.Dx(), m.before[2].Rect.Dy()
	m.after[2] = raster.Warp(after, fit.TemplateToPage.After(geom.Scale(m.scale, m.scale)), w, h)
	for i := range 2 {
		m.before[i], m.after[i] = raster.Reduce(m.before[2], m.steps[i]), raster.Reduce(m.after[2], m.steps[i])
	}
	return m
}

// A placed is where something is on the new picture.
type placed struct {
	at    geom.Homography // px of the old picture to those of the new
	shift geom.Point      // work px; from where the rest of the form has it
	lost  bool
}

// box returns where a box of the old picture is. Its sides stay level.
func (p placed) box(b geom.Box) geom.Box {
	q := p.at.ApplyQuad(b.Quad())
	middle := func(a, b geom.Point) geom.Point { return geom.Point{X: (a.X + b.X) / 2, Y: (a.Y + b.Y) / 2} }
	return geom.Box{
		Min: geom.Point{X: middle(q[0], q[3]).X, Y: middle(q[0], q[1]).Y},
		Max: geom.Point{X: middle(q[1], q[2]).X, Y: middle(q[3], q[2]).Y},
	}
}

func (p placed) boxes(bs []geom.Box) []geom.Box {
	var moved []geom.Box
	for _, b := range bs {
		moved = append(moved, p.box(b))
	}
	return moved
}

// field moves f.
func (m *mover) field(f *form.Field) {
	p, was := m.look(f.Box), f.Box
	f.Box = p.box(f.Box)
	f.Boxes, f.Ignore = p.boxes(f.Boxes), p.boxes(f.Ignore)
	m.tell(f.Name, p, was, f.Box, 0)
}

// table moves t, and each of its rows to where that is. Cells that were one stay
// one.
func (m *mover) table(t *form.Table) {
	whole, was, apart := m.look(t.Box), t.Box, 0.
	cells := make(map[geom.Box]geom.Box)
	rows := make([][]geom.Box, len(t.Cells))
	for r, row := range t.Cells {
		var around geom.Box
		for _, cell := range row {
			around = around.Union(cell)
		}
		p := whole
		if len(row) > 0 {
			p = m.lookNear(around, whole)
		}
		apart = max(apart, p.shift.Distance(whole.shift))
		for _, cell := range row {
			if _, ok := cells[cell]; !ok {
				cells[cell] = p.box(cell)
			}
			rows[r] = append(rows[r], cells[cell])
		}
	}
	t.Cells, t.Box = rows, whole.box(t.Box)
	for _, cell := range cells {
		t.Box = t.Box.Union(cell)
	}
	m.tell(t.Name, whole, was, t.Box, apart)
}

// tell notes what moved apart from the rest, or by parts of it.
func (m *mover) tell(name string, p placed, was, is geom.Box, apart float64) {
	if !p.lost && max(apart, math.Hypot(p.shift.X, p.shift.Y)) <= stray*m.unit {
		return
	}
	rest := placed{at: m.fit.TemplateToPage}
	m.strays = append(m.strays, Stray{name, p.lost, rest.box(was).Intersect(m.page), is.Intersect(m.page)})
}
