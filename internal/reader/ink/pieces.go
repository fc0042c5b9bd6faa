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
	_, pieces := ink.pieces(nearPrint)
	var boxes []geom.Box
	for _, p := range pieces {
		if small := float64(max(p.box.Dx(), p.box.Dy())) < smallest*w.Unit(); !small && !p.remains() {
			boxes = append(boxes, w.inTemplate(p.box))
		}
	}
	return boxes
}

// An inkPiece is what hangs together of the ink of a mask.
type inkPiece struct {
	box      image.Rectangle
	area, on int // pixels of ink; of those, that are marked in another mask
}

// remains reports whether p is what is left of print, on or beside which it lies.
func (p inkPiece) remains() bool { return 10*p.on > 7*p.area }

// pieces divides the ink of m into pieces, of which what nearly touches is one, as
// strokes come broken from a fax. It returns them and, for every pixel, the number of
// its piece from 1, or 0. Other says which pixels are marked.
func (m mask) pieces(other mask) (labels []int32, pieces []inkPiece) {
	labels, all := raster.Pieces(m.grow(1).at, m.width)
	pieces = make([]inkPiece, len(all))
	for i, p := range all {
		pieces[i].box = p.Box.Inset(1) // it was grown by 1
	}
	for i, l := range labels {
		if l == 0 || !m.at[i] {
			labels[i] = 0
			continue
		}
		pieces[l-1].area++
		if other.at[i] {
			pieces[l-1].on++
		}
	}
	return labels, pieces
}

// only returns the pixels of labels whose piece is to be kept.
func only(labels []int32, width int, keep func(piece int) bool) mask {
	out := newMask(width, len(labels)/max(1, width))
	for i, l := range labels {
		out.at[i] = l > 0 && keep(int(l)-1)
	}
	return out
}

// inTemplate returns r, in pixels of w, in template px.
func (w *Window) inTemplate(r image.Rectangle) geom.Box {
	at := func(p image.Point) geom.Point {
		return w.toTemplate.Apply(geom.Point{X: float64(p.X), Y: float64(p.Y)})
	}
	return geom.Box{Min: at(r.Min), Max: at(r.Max)}
}
