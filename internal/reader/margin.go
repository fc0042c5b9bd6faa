package reader

import (
	"cmp"
	"image"
	"slices"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

const (
	// mostMargins is how many margins are told of a page: where there are
	// more, people look at the page itself.
	mostMargins = 12
	// markReach is how far around a checkbox its marks go, in its height.
	markReach = .7
)

// elsewhere are the faults with which what seems to be written may be print of the
// form that lies elsewhere.
var elsewhere = []form.Fault{form.FaultLoose, form.FaultTitle, form.FaultEdition}

// margins returns where something is written that is in no field, in page px:
// nothing on a page with faults that make what is print look written.
func (p *placed) margins(faults []form.Fault) (places []geom.Quad) {
	if slices.ContainsFunc(faults, func(f form.Fault) bool { return slices.Contains(elsewhere, f) }) {
		return nil
	}
	found := p.page.Beside(p.explained())
	found = slices.DeleteFunc(found, func(b geom.Box) bool {
		seen := p.ToPage(b).ApplyQuad(b.Quad()).Bounds()
		return slices.ContainsFunc(p.missing, func(r image.Rectangle) bool { return !boxOf(r).Intersect(seen).Empty() })
	})
	slices.SortStableFunc(found, func(a, b geom.Box) int { return cmp.Compare(area(b), area(a)) })
	found = found[:min(len(found), mostMargins)]
	slices.SortStableFunc(found, func(a, b geom.Box) int { return cmp.Compare(a.Min.Y, b.Min.Y) })
	for _, b := range found {
		places = append(places, p.ToPage(b).ApplyQuad(b.Quad()))
	}
	return places
}

// explained returns where writing is expected, in template px: in fields and what
// goes on from there, in what is not to be read, and in the title.
func (p *placed) explained() (boxes []geom.Box) {
	slack := textMargin / 2 * p.DPI() / 200
	for i := range p.entry.places {
		f := &p.entry.places[i]
		own := f.Box.Grow(slack)
		if f.Kind == form.Checkbox {
			own = f.Box.Grow(markReach * f.Box.Height())
		}
		boxes = append(boxes, own, p.reach(f).box)
		boxes = append(boxes, f.Ignore...)
	}
	return append(boxes, p.entry.template.Title.Box)
}
