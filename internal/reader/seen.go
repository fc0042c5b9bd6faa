package reader

import (
	"image"
	"slices"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// unseenFrom is the share of a field that the picture does not show from which
// what was read may not be all. The rest of a field is no more sure than a half.
const unseenFrom = .03

// unseen returns the share of f that the picture of the page does not show: what
// lies outside of it, and where it has nothing. Of single boxes the worst counts.
func (p *placed) unseen(f *form.Field) float64 {
	return p.hidden(f, func(at image.Point) bool {
		return !at.In(p.Page.Rect) || in(p.missing, at)
	})
}

// lacks reports whether a field lies where the page has no picture.
func (p *placed) lacks(missing []image.Rectangle) bool {
	if len(missing) == 0 {
		return false
	}
	return slices.ContainsFunc(p.entry.places, func(f form.Field) bool {
		return p.hidden(&f, func(at image.Point) bool { return in(missing, at) }) > unseenFrom
	})
}

// What is known of a field where hardly any print is to be seen, or which is
// blackened, is not worth more than half.
const (
	lostFrom = .35 // of the print around a field, where it is that part of a picture that has lost it
	// lostOnFax is the same on pages in black and white, on which thin print is
	// lost everywhere.
	lostOnFax   = .97
	coveredFrom = .2 // of a field
)

// veiled reports whether the picture shows the place of box, and not what is on
// it: there is glare, a folded corner lies over it, or it is blackened.
func (p *placed) veiled(box geom.Box) bool {
	limit := lostFrom
	if p.Bilevel() {
		limit = lostOnFax
	}
	return p.lost(box) > limit || p.Covered(box) > coveredFrom
}

// lost returns the share of the print in and around box that is not to be seen.
func (p *placed) lost(box geom.Box) float64 {
	if p.print == nil {
		return 0
	}
	return p.Lost(p.print, box)
}

func in(parts []image.Rectangle, at image.Point) bool {
	return slices.ContainsFunc(parts, func(r image.Rectangle) bool { return at.In(r) })
}

// hidden returns the share of f whose points, in page px, are out of sight.
// Borders do not count: fields often reach a line's width over the print.
func (p *placed) hidden(f *form.Field, outOfSight func(at image.Point) bool) float64 {
	const columns, rows = 40, 10
	share := func(box geom.Box) float64 {
		slack := min(cutAt*p.DPI()/200, box.Width()/4, box.Height()/4)
		box = box.Grow(-slack)
		toPage, n := p.ToPage(box), 0
		for i := range columns * rows {
			at := toPage.Apply(geom.Point{
				X: box.Min.X + (float64(i%columns)+.5)*box.Width()/columns,
				Y: box.Min.Y + (float64(i/columns)+.5)*box.Height()/rows,
			})
			if outOfSight(image.Pt(int(at.X), int(at.Y))) {
				n++
			}
		}
		return float64(n) / (columns * rows)
	}
	if len(f.Boxes) == 0 {
		return share(f.Box)
	}
	worst := 0.0
	for _, b := range f.Boxes {
		worst = max(worst, share(b))
	}
	return worst
}
