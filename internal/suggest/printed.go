package suggest

import (
	"image"
	"slices"

	"github.com/seosik/seosik/internal/grid"
)

// maxPrinted is how many lines Printed returns at most, of each direction.
const maxPrinted = 2000

// Printed returns the lines that are printed on the page, upright and level:
// its rules, and the sides of checkboxes and single boxes that are no rules.
// Fields can be laid along them.
func (p *Page) Printed() (upright, level []grid.Line) {
	for _, r := range p.upright {
		upright = append(upright, r.Line)
	}
	for _, r := range p.level {
		level = append(level, r.Line)
	}
	boxes := slices.Clone(p.ticks)
	for _, r := range p.rows {
		boxes = append(boxes, r...)
	}
	for _, b := range boxes {
		turned := image.Rect(b.Min.Y, b.Min.X, b.Max.Y, b.Max.X)
		upright = p.withSides(upright, turned)
		level = p.withSides(level, b)
	}
	return upright[:min(len(upright), maxPrinted)], level[:min(len(level), maxPrinted)]
}

// withSides adds the level sides of a box to lines, where they have none there.
func (p *Page) withSides(lines []grid.Line, b image.Rectangle) []grid.Line {
	for _, at := range []int{b.Min.Y, b.Max.Y} {
		there := slices.ContainsFunc(lines, func(l grid.Line) bool {
			return abs(l.Middle()-at) <= p.edge() && l.From < b.Max.X && l.To > b.Min.X
		})
		if !there {
			lines = append(lines, grid.Line{From: b.Min.X, To: b.Max.X, Low: at, High: at})
		}
	}
	return lines
}
