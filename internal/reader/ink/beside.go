package ink

import (
	"image"
	"math"

	"github.com/seosik/seosik/internal/geom"
)

// What is written where no field is: notes in the margin, stamps, corrections outside
// of the boxes. People see most of what else is on paper at once for what it is: dust,
// staples, holes, edges.

// Sizes in px at 200 dpi, which are an eighth of a millimetre.
const (
	noteAcross = 40.0 // what is no further apart, side by side, is one note
	noteAlong  = 24.0 // the same, one above the other
	noteLong   = 22.0 // a note is as long at least,
	noteShort  = 11.0 // as wide,
	noteArea   = 90.0 // and has so much ink, in square px
	edgeNear   = 14.0 // what reaches so near to the edge of the sheet is the edge, or what lies beside it,
	edgeWide   = 48.0 // and so near what runs along it
	edgeAlong  = 4    // so many times as long as it is wide
	strokeLong = 90.0 // from that on a piece that is no more than one stroke is a rule, a fold or a staple
	strokeOnce = 4.5  // so wide is a piece then, for its length, at most
	pieceLong  = 600. // nothing that is written hangs together for longer
	holeLeast  = 34.0 // a hole is as wide at least,
	holeMost   = 68.0 // and at most,
	holeNear   = 150. // and as near to the edge of the sheet
	redderBy   = 24   // gray values by which red ink is darker than the page without it
)

// explainedShare is the share of a piece of ink in what explains it from which all of
// it is explained: ticks and strokes of letters leave their boxes. Seals are pressed
// beside a name and over it.
const explainedShare = .12

// Beside returns around what is written where nothing explains it, in template px:
// boxes that do are in template px, too.
func (w *Written) Beside(explained []geom.Box) (notes []geom.Box) {
	known := newMask(w.ink.width, w.ink.height)
	for _, b := range explained {
		known.fill(pixels(scaled(b, w.scale)))
	}
	ink, red := w.ink, w.red()
	if red.at != nil {
		ink = ink.without(red.grow(2)) // pale remains of it
	}
	left := w.unexplained(ink, known)
	if red.at != nil {
		for i, on := range w.unexplained(red, known).at {
			left.at[i] = left.at[i] || on
		}
	}
	const unit = wordsDPI / 200
	for _, g := range left.together(noteAcross*unit/2, noteAlong*unit/2) {
		long, short := float64(max(g.box.Dx(), g.box.Dy())), float64(min(g.box.Dx(), g.box.Dy()))
		if long >= noteLong*unit && short >= noteShort*unit && float64(g.area) >= noteArea*unit*unit {
			notes = append(notes, w.inTemplate(g.box))
		}
	}
	return notes
}

// unexplained returns the pieces of ink that are writing, and that known does not
// explain.
func (w *Written) unexplained(ink, known mask) mask {
	labels, pieces := ink.pieces(known)
	keep := make([]bool, len(pieces))
	for i, p := range pieces {
		keep[i] = float64(p.on) < explainedShare*float64(p.area) && !w.atEdge(p.box) && !stroke(p)
	}
	for i, p := range pieces {
		if keep[i] && w.hole(p, labels, i+1) {
			keep[i] = besideOthers(i, pieces, keep)
		}
	}
	return only(labels, ink.width, func(piece int) bool { return keep[piece] })
}

// besideOthers reports whether a piece stands beside others that are kept, as letters
// do and holes do not.
func besideOthers(i int, pieces []inkPiece, keep []bool) bool {
	const gap = int(noteAcross * wordsDPI / 200)
	near := pieces[i].box.Inset(-gap)
	for k, o := range pieces {
		if k != i && keep[k] && o.box.Overlaps(near) {
			return true
		}
	}
	return false
}

// atEdge reports whether r reaches the edge of the sheet, or of its picture.
func (w *Written) atEdge(r image.Rectangle) bool {
	const edge, wide = int(edgeNear * wordsDPI / 200), int(edgeWide * wordsDPI / 200)
	sheet := image.Rect(0, 0, w.ink.width, w.ink.height)
	inner := sheet.Inset(wide)
	runsDown := (r.Min.X < inner.Min.X || r.Max.X > inner.Max.X) && r.Dy() > edgeAlong*r.Dx()
	runsAcross := (r.Min.Y < inner.Min.Y || r.Max.Y > inner.Max.Y) && r.Dx() > edgeAlong*r.Dy()
	if !r.In(sheet.Inset(edge)) || runsDown || runsAcross {
		return true
	}
	box := w.inTemplate(r.Inset(-edge))
	seen := w.s.ToPage(box).ApplyQuad(box.Quad()).Bounds()
	return !pixels(seen).In(w.s.Page.Rect)
}

// stroke reports whether a piece is no more than one long stroke, or longer than
// writing is.
func stroke(p inkPiece) bool {
	const unit = wordsDPI / 200
	long := float64(max(p.box.Dx(), p.box.Dy()))
	return long >= pieceLong*unit || long >= strokeLong*unit && float64(p.area) <= strokeOnce*unit*long
}

// hole reports whether piece n of labels is a hole that was punched, or its rim:
// round, and near the edge of the sheet.
func (w *Written) hole(p inkPiece, labels []int32, n int) bool {
	const unit = wordsDPI / 200
	r := p.box
	long, short := float64(max(r.Dx(), r.Dy())), float64(min(r.Dx(), r.Dy()))
	if short < holeLeast*unit || long > holeMost*unit || long > 1.2*short || r.In(image.Rect(0, 0, w.ink.width, w.ink.height).Inset(int(holeNear*unit))) {
		return false
	}
	middle := geom.Point{X: float64(r.Min.X+r.Max.X) / 2, Y: float64(r.Min.Y+r.Max.Y) / 2}
	outside, rim, inside := 0, 0, 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if int(labels[y*w.ink.width+x]) != n {
				continue
			}
			switch far := middle.Distance(geom.Point{X: float64(x) + .5, Y: float64(y) + .5}) / (long / 2); {
			case far > 1.1:
				outside++
			case far > .65:
				rim++
			case far < .5:
				inside++
			}
		}
	}
	ring, disc := 10*rim > 9*p.area, 10*inside > 8*int(.25*math.Pi*short*short/4)
	return 20*outside < p.area && (ring || disc)
}

// red returns where there is red ink, which is not among the ink of w, and the
// template has no print; without pixels where the page has none.
func (w *Written) red() mask {
	if !w.s.Red() {
		return mask{}
	}
	red := newMask(w.ink.width, w.ink.height)
	for _, tile := range tilesOf(red) {
		toPage := w.s.ToPage(w.inTemplate(tile))
		for y := tile.Min.Y; y < tile.Max.Y; y++ {
			for x := tile.Min.X; x < tile.Max.X; x++ {
				p := geom.Point{X: (float64(x) + .5) / w.scale, Y: (float64(y) + .5) / w.scale}
				on, at := pixelAt(p), pixelAt(toPage.Apply(p))
				if at.In(w.s.Page.Rect) && int(w.s.Inked.GrayAt(at.X, at.Y).Y)-int(w.s.Page.GrayAt(at.X, at.Y).Y) >= redderBy {
					red.at[y*red.width+x] = w.s.Blank.GrayAt(on.X, on.Y).Y > 255-blankLevel
				}
			}
		}
	}
	return red
}

func pixelAt(p geom.Point) image.Point { return image.Pt(int(math.Floor(p.X)), int(math.Floor(p.Y))) }

// fill marks the pixels of r.
func (m mask) fill(r image.Rectangle) {
	r = r.Intersect(image.Rect(0, 0, m.width, m.height))
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			m.at[y*m.width+x] = true
		}
	}
}

// without returns m without the pixels of other.
func (m mask) without(other mask) mask {
	out := newMask(m.width, m.height)
	for i, on := range m.at {
		out.at[i] = on && !other.at[i]
	}
	return out
}
