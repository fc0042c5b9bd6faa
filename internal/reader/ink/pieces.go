package ink

import (
	"image"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// Pieces returns around what hangs together of the writing in w, in template
// px, whichever field it is of: no print, no remains of it, and nothing smaller
// than a character.
func (w *Window) Pieces() []geom.Box {
	_, ink, nearPrint, _ := w.withoutPrint(nil)
	labels, pieces := raster.Pieces(ink.grow(1).at, ink.width)
	area, onPrint := make([]int, len(pieces)), make([]int, len(pieces))
	for i, l := range labels {
		if l > 0 && ink.at[i] {
			area[l-1]++
			if nearPrint.at[i] {
				onPrint[l-1]++
			}
		}
	}
	var boxes []geom.Box
	for i, p := range pieces {
		r := p.Box.Inset(1) // it was grown by 1
		small := float64(max(r.Dx(), r.Dy())) < smallest*w.Unit()
		if remains := 10*onPrint[i] > 7*area[i]; !small && !remains {
			boxes = append(boxes, w.inTemplate(r))
		}
	}
	return boxes
}

// inTemplate returns r, in pixels of w, in template px.
func (w *Window) inTemplate(r image.Rectangle) geom.Box {
	at := func(p image.Point) geom.Point {
		return w.toTemplate.Apply(geom.Point{X: float64(p.X), Y: float64(p.Y)})
	}
	return geom.Box{Min: at(r.Min), Max: at(r.Max)}
}
