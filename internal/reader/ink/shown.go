package ink

import (
	"image"
	"math"

	"github.com/seosik/seosik/internal/geom"
)

// A Print tells where the print of the template is to be seen on a page. Where it
// is not, as in glare, under a folded corner or where a copy has lost it, what was
// written is not to be seen either, and an empty field looks as any other does.
type Print struct {
	columns, rows int
	all, seen     []int32 // pixels of print that were looked at, by cell of printCell template px
}

const (
	printCell  = 16    // template px; a side of the cells in which print is counted
	printBlock = 8     // cells; a side of the blocks that lie evenly
	printDark  = 96    // darkness from which the template's print should be seen
	printOff   = 3.0   // px at 200 dpi by which print may lie beside where it should
	printSeen  = .12   // how dark it is at least, as a share of the paper around
	printLeast = 16    // and by how many gray values: desks are dark, and have grain
	printFew   = 30    // print of fewer pixels says nothing
	printPart  = 100.0 // px at 200 dpi; fields are looked at in parts about as long
	printNear  = 30.0  // px at 200 dpi around a field in which print is looked at
)

// Print looks for the print of the template on the page: at every second pixel of
// every second row.
func (s *Sheet) Print() *Print {
	b := s.Blank.Rect
	p := &Print{columns: (b.Dx() + printCell - 1) / printCell, rows: (b.Dy() + printCell - 1) / printCell}
	p.all, p.seen = make([]int32, p.columns*p.rows), make([]int32, p.columns*p.rows)
	light := lightOf(s.Page)
	const side = printCell * printBlock
	for top := 0; top < b.Dy(); top += side {
		for left := 0; left < b.Dx(); left += side {
			block := image.Rect(left, top, left+side, top+side).Intersect(b)
			s.lookAt(p, block, light)
		}
	}
	return p
}

// lookAt looks for the print of a block of the template.
func (s *Sheet) lookAt(p *Print, block image.Rectangle, light lights) {
	box := geom.XYWH(float64(block.Min.X), float64(block.Min.Y), float64(block.Dx()), float64(block.Dy()))
	toPage := s.ToPage(box)
	reach := int(math.Ceil(printOff * s.DPIAt(box) / 200))
	for y := block.Min.Y; y < block.Max.Y; y += 2 {
		row := s.Blank.Pix[s.Blank.PixOffset(0, y):]
		for x := block.Min.X; x < block.Max.X; x += 2 {
			if 255-row[x] < printDark {
				continue
			}
			q := toPage.Apply(geom.Point{X: float64(x) + .5, Y: float64(y) + .5})
			at := image.Pt(int(q.X), int(q.Y))
			if !at.In(s.Page.Rect) {
				continue
			}
			cell := y/printCell*p.columns + x/printCell
			p.all[cell]++
			paper := float64(light.at(at))
			if paper-float64(darkestAround(s.Page, at, reach)) >= max(printSeen*paper, printLeast) {
				p.seen[cell]++
			}
		}
	}
}

// Lost returns the share of the print in and around box, in template px, that is
// not to be seen: in that part of the box where most of it is not. It is 0 where
// there is hardly any print.
func (s *Sheet) Lost(p *Print, box geom.Box) float64 {
	unit := s.DPI() / 200
	parts := max(1, int(box.Width()/(printPart*unit)))
	most := 0.0
	for i := range parts {
		part := box
		part.Min.X = box.Min.X + box.Width()*float64(i)/float64(parts)
		part.Max.X = box.Min.X + box.Width()*float64(i+1)/float64(parts)
		part = part.Grow(printNear * unit)
		all, seen := int32(0), int32(0)
		for r := max(0, int(part.Min.Y)/printCell); r < min(p.rows, int(part.Max.Y)/printCell+1); r++ {
			for c := max(0, int(part.Min.X)/printCell); c < min(p.columns, int(part.Max.X)/printCell+1); c++ {
				all, seen = all+p.all[r*p.columns+c], seen+p.seen[r*p.columns+c]
			}
		}
		if all >= printFew {
			most = max(most, 1-float64(seen)/float64(all))
		}
	}
	return most
}

// darkestAround returns the darkest pixel of img within reach of at.
func darkestAround(img *image.Gray, at image.Point, reach int) uint8 {
	r := image.Rect(at.X-reach, at.Y-reach, at.X+reach+1, at.Y+reach+1).Intersect(img.Rect)
	darkest := uint8(255)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range img.Pix[y*img.Stride+r.Min.X : y*img.Stride+r.Max.X] {
			darkest = min(darkest, v)
		}
	}
	return darkest
}

// lights are how light the paper of a page is, by cell: what an eighth of its
// pixels reach.
type lights struct {
	columns, rows int
	of            []uint8
}

const lightCell = 24 // px

func lightOf(img *image.Gray) lights {
	l := lights{columns: max(1, img.Rect.Dx()/lightCell), rows: max(1, img.Rect.Dy()/lightCell)}
	l.of = make([]uint8, l.columns*l.rows)
	for i := range l.of {
		var hist [256]int
		r := image.Rect(0, 0, lightCell, lightCell).Add(image.Pt(i%l.columns, i/l.columns).Mul(lightCell)).Intersect(img.Rect)
		for y := r.Min.Y; y < r.Max.Y; y += 2 {
			for x := r.Min.X; x < r.Max.X; x += 2 {
				hist[img.Pix[y*img.Stride+x]]++
			}
		}
		l.of[i] = uint8(quantile(hist[:], (r.Dx()+1)/2*((r.Dy()+1)/2), .6))
	}
	return l
}

func (l lights) at(p image.Point) uint8 {
	return l.of[min(p.Y/lightCell, l.rows-1)*l.columns+min(p.X/lightCell, l.columns-1)]
}
