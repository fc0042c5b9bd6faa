package reader

import (
	"context"
	"fmt"
	"image"
	"slices"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/reader/ink"
	"github.com/seosik/seosik/internal/scan"
)

// How far around a box writing is looked for that may be of its field, in px at
// 200 dpi: lines go on to the right for long, and hardly leave their row.
const (
	alongReach  = 300.0
	acrossReach = 60.0
)

// Written returns around what people wrote in the fields and cells of text of
// the only template of c, in template px, on a page where it lies as said. Unlike
// a reading it follows writing out of the box: what lies for the most part in the
// box of another is that one's. Fields in which nothing was written are left
// out. It returns form.ErrNotFound where c has not exactly one template.
func (c *Catalog) Written(ctx context.Context, page scan.Page, templateToPage geom.Homography) (map[form.FieldID]geom.Box, error) {
	if len(c.entries) != 1 {
		return nil, fmt.Errorf("template to look by: %w", form.ErrNotFound)
	}
	e := c.entries[0]
	blank, done, err := c.Blank(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	fit := align.Fit{TemplateToPage: templateToPage}
	if e.reference != nil {
		fit = e.reference.Measure(page.Gray, templateToPage)
	}
	sheet := ink.NewSheet(blank, page.Gray, page.Color, templateToPage, fit.At)
	if fit.Bent() {
		sheet.Point = fit.Point
	}
	written := make(map[form.FieldID]geom.Box)
	for i, f := range e.places {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if f.Kind != form.Normal {
			continue
		}
		if box := writtenIn(sheet, e.places, i); !box.Empty() {
			written[f.ID] = box
		}
	}
	return written, nil
}

// Blank returns the picture of the only template of c, without what is written
// on a filled copy, until done is called.
func (c *Catalog) Blank(ctx context.Context) (_ *image.Gray, done func(), err error) {
	if len(c.entries) != 1 {
		return nil, nil, fmt.Errorf("template to look at: %w", form.ErrNotFound)
	}
	e := c.entries[0]
	blank, done, err := c.blanks.take(ctx, e.template.Image)
	if err != nil {
		return nil, nil, fmt.Errorf("template %q: %w", e.template.Name, err)
	}
	return e.withoutWriting(blank), done, nil
}

// writtenIn returns around what was written in places[i].
func writtenIn(s *ink.Sheet, places []form.Field, i int) (around geom.Box) {
	own, unit := places[i].Box, s.DPI()/200
	near := geom.Box{
		Min: own.Min.Sub(geom.Point{X: alongReach * unit, Y: acrossReach * unit}),
		Max: own.Max.Add(geom.Point{X: alongReach * unit, Y: acrossReach * unit}),
	}.Intersect(geom.XYWH(0, 0, float64(s.Blank.Rect.Dx()), float64(s.Blank.Rect.Dy())))
	w := s.Window(s.Lines, near, 0)
	w.Box = w.Rect(own) // how dark ink is, is known by what is in it
	var others []geom.Box
	for k := range places {
		if b := places[k].Box; k != i && !b.Intersect(near).Empty() {
			others = append(others, b)
		}
	}
	mine, free := sorted(w.Pieces(), own, others)
	for _, p := range withNext(mine, free) {
		around = around.Union(p)
	}
	return around
}

// sorted returns the pieces that lie in a box more than in any other, and those
// that for the most part lie in none.
func sorted(pieces []geom.Box, own geom.Box, others []geom.Box) (mine, free []geom.Box) {
	for _, p := range pieces {
		in, theirs := area(p.Intersect(own)), 0.0
		for _, b := range others {
			theirs = max(theirs, area(p.Intersect(b)))
		}
		switch {
		case in > 0 && in >= theirs && 4*in >= area(p):
			mine = append(mine, p)
		case 4*theirs < area(p):
			free = append(free, p)
		}
	}
	return mine, free
}

func area(b geom.Box) float64 {
	if b.Empty() {
		return 0
	}
	return b.Width() * b.Height()
}

// withNext returns mine with those of free that go on with it: in the same line,
// no further off than a wide space, or the parts of a letter above each other.
func withNext(mine, free []geom.Box) []geom.Box {
	if len(mine) == 0 {
		return nil
	}
	heights := make([]float64, len(mine))
	for i, p := range mine {
		heights[i] = max(p.Height(), p.Width()/2)
	}
	slices.Sort(heights)
	line := heights[len(heights)*3/4]
	for i := 0; i < len(mine); i++ {
		from := mine[i]
		reach := geom.Box{
			Min: from.Min.Sub(geom.Point{X: line, Y: .6 * line}),
			Max: from.Max.Add(geom.Point{X: line, Y: .6 * line}),
		}
		free = slices.DeleteFunc(free, func(p geom.Box) bool {
			next := !p.Intersect(reach).Empty()
			if next {
				mine = append(mine, p)
			}
			return next
		})
	}
	return mine
}
