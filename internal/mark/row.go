package mark

import (
	"image"

	"github.com/seosik/seosik/internal/raster"
)

// A Cell is what was found in one box of a row.
type Cell struct {
	Blank bool // nothing is written in it
	// Glyph is the ink of the cell alone, dark on white paper, without print.
	// It may be larger than the box, as writing is. It is nil in a blank cell.
	Glyph *image.Gray
	// At is the place of the glyph's top-left corner in the crop.
	At image.Point
	// Ink is the area of the ink as a share of the area of the box.
	Ink float64
}

// Row returns what is in the boxes of a row of single-character boxes. Filled
// and blank are crops of the same place of the page and of the template's
// picture, at the same scale, and the boxes are in their pixels, counted from
// the top-left corner. Around the boxes the crops should show a quarter of a
// box more, so that print and writing there can be told from what is inside.
func Row(filled, blank *image.Gray, boxes []image.Rectangle) []Cell {
	if len(boxes) == 0 {
		return nil
	}
	s := newSheet(filled, blank, boxes)
	s.threshold()
	owner := s.assign()
	cells := make([]Cell, len(boxes))
	for i := range boxes {
		cells[i] = s.cell(i, owner)
	}
	return cells
}

// A sheet is the ink of a row, all boxes together.
type sheet struct {
	boxes  []image.Rectangle
	height float64 // of the middle box, px: the unit of length
	ink    plane
	noise  float32
	level  float32 // from which a pixel is ink
	labels []int32
	pieces []raster.Piece
}

func newSheet(filled, blank *image.Gray, boxes []image.Rectangle) *sheet {
	bounds := boxes[0]
	for _, b := range boxes {
		bounds = bounds.Union(b)
	}
	unit := float64(boxes[len(boxes)/2].Dy())
	margin := max(4, int(unit/4))
	whole := bounds.Inset(-margin)
	all := register(darkness(filled, whole), darkness(blank, whole), shift{}, max(2, int(unit/18)))
	s := &sheet{boxes: boxes, height: unit, ink: newPlane(filled.Rect.Dx(), filled.Rect.Dy())}
	middle := boxes[len(boxes)/2].Inset(-margin)
	look := lookOf(darkness(filled, middle), darkness(blank, middle).moved(all.x, all.y), looks)
	var noises []float32
	for i, box := range boxes {
		window := box.Inset(-margin)
		page, form, start, seen := darkness(filled, window), darkness(blank, window), all, look
		if placed := form.moved(all.x, all.y); page.grain(placed) >= coarseGrain {
			page, form, _ = softened(page, placed)
			start, seen = shift{}, looks[0] // both are soft by as much
		}
		o, _ := lay(page, form, start, 1, seen)
		noises = append(noises, o.noise)
		s.take(o, window, s.column(i))
	}
	s.noise = quantile(noises, .5)
	return s
}

// column returns the part of the crop that is nearer to box i than to its
// neighbours in the row.
func (s *sheet) column(i int) image.Rectangle {
	r := image.Rect(-1<<20, -1<<20, 1<<20, 1<<20)
	if i > 0 {
		r.Min.X = (s.boxes[i-1].Max.X + s.boxes[i].Min.X) / 2
	}
	if i+1 < len(s.boxes) {
		r.Max.X = (s.boxes[i].Max.X + s.boxes[i+1].Min.X) / 2
	}
	return r
}

// take copies the ink of o, which was laid at window, where it is in column.
func (s *sheet) take(o overlay, window, column image.Rectangle) {
	r := window.Intersect(column).Intersect(image.Rect(0, 0, s.ink.width, s.ink.height))
	for y := r.Min.Y; y < r.Max.Y; y++ {
		from := o.ink.at[(y-window.Min.Y)*o.ink.width+r.Min.X-window.Min.X:]
		copy(s.ink.at[y*s.ink.width+r.Min.X:y*s.ink.width+r.Max.X], from)
	}
}

// faintest is the darkness from which ink can be told from soiled paper.
const faintest = .09

// threshold finds the ink and its connected pieces. What is ink depends on
// how dark the pen of this row is.
func (s *sheet) threshold() {
	s.level = max(faintest, 5*s.noise)
	var dark []float32
	for _, v := range s.ink.at {
		if v >= s.level {
			dark = append(dark, v)
		}
	}
	if len(dark) > 0 {
		s.level = max(s.level, .4*quantile(dark, .75))
	}
	ink := make([]bool, len(s.ink.at))
	for i, v := range s.ink.at {
		ink[i] = v >= s.level
	}
	s.labels, s.pieces = raster.Pieces(ink, s.ink.width)
}

// assign returns for each piece of ink the box that it belongs to, or -1
// where that is for each pixel to say: a piece with much ink in more than one
// column, as of digits that touch.
func (s *sheet) assign() []int {
	share := make([][]int, len(s.pieces))
	for i := range share {
		share[i] = make([]int, len(s.boxes))
	}
	for i := range s.boxes {
		r := s.column(i).Intersect(image.Rect(0, 0, s.ink.width, s.ink.height))
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for _, l := range s.labels[y*s.ink.width+r.Min.X : y*s.ink.width+r.Max.X] {
				if l > 0 {
					share[l-1][i]++
				}
			}
		}
	}
	owner := make([]int, len(s.pieces))
	for p, counts := range share {
		best, total := 0, 0
		for i, n := range counts {
			total += n
			if n > counts[best] {
				best = i
			}
		}
		owner[p] = best
		if 5*counts[best] < 4*total {
			owner[p] = -1
		}
	}
	return owner
}

// cell gathers the ink of box i.
func (s *sheet) cell(i int, owner []int) Cell {
	column := s.column(i)
	reach := s.boxes[i].Inset(-int(s.height / 3)).Intersect(image.Rect(0, 0, s.ink.width, s.ink.height))
	mine := func(x, y int) bool {
		l := s.labels[y*s.ink.width+x]
		return l > 0 && (owner[l-1] == i || owner[l-1] < 0 && x >= column.Min.X && x < column.Max.X)
	}
	ink := make([]bool, reach.Dx()*reach.Dy())
	for y := reach.Min.Y; y < reach.Max.Y; y++ {
		for x := reach.Min.X; x < reach.Max.X; x++ {
			ink[(y-reach.Min.Y)*reach.Dx()+x-reach.Min.X] = mine(x, y)
		}
	}
	labels, pieces := raster.Pieces(ink, reach.Dx())
	keep, area := s.significant(pieces, s.boxes[i].Sub(reach.Min))
	if area == 0 {
		return Cell{Blank: true}
	}
	bounds := image.Rectangle{}
	for n, p := range pieces {
		if keep[n] {
			bounds = bounds.Union(p.Box)
		}
	}
	bounds = bounds.Inset(-2).Intersect(image.Rect(0, 0, reach.Dx(), reach.Dy()))
	glyph := raster.New(bounds.Dx(), bounds.Dy())
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if s.near(labels, keep, x, y, reach.Dx()) {
				v := s.ink.value(x+reach.Min.X, y+reach.Min.Y)
				glyph.Pix[(y-bounds.Min.Y)*glyph.Stride+x-bounds.Min.X] = uint8(255 - min(255, float32(255*v)))
			}
		}
	}
	box := s.boxes[i]
	return Cell{Glyph: glyph, At: reach.Min.Add(bounds.Min), Ink: float64(area) / float64(box.Dx()*box.Dy())}
}

// near reports whether pixel (x, y) or one beside it belongs to a kept piece:
// the soft edge of a stroke is part of it.
func (s *sheet) near(labels []int32, keep []bool, x, y, width int) bool {
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			i := (y+dy)*width + x + dx
			if x+dx < 0 || x+dx >= width || i < 0 || i >= len(labels) {
				continue
			}
			if l := labels[i]; l > 0 && keep[l-1] {
				return true
			}
		}
	}
	return false
}

// significant says which pieces are writing and not specks or what overhangs
// from elsewhere, and returns the area of those.
func (s *sheet) significant(pieces []raster.Piece, box image.Rectangle) (keep []bool, area int) {
	keep = make([]bool, len(pieces))
	h := s.height
	largest := -1
	inner := box.Inset(int(h / 10))
	for n, p := range pieces {
		long := max(p.Box.Dx(), p.Box.Dy())
		if float64(long) < .13*h || !p.Box.Overlaps(inner) {
			continue
		}
		if largest < 0 || p.Area > pieces[largest].Area {
			largest = n
		}
	}
	if largest < 0 || float64(pieces[largest].Area) < .005*h*h {
		return keep, 0
	}
	main := pieces[largest]
	around := main.Box.Inset(-int(h / 10))
	for n, p := range pieces {
		big := 12*p.Area >= main.Area && p.Box.Overlaps(inner)
		if n == largest || big || p.Area >= 4 && p.Box.In(around) {
			keep[n] = true
			area += p.Area
		}
	}
	return keep, area
}
