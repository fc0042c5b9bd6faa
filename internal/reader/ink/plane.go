package ink

import "image"

// A plane holds how dark each pixel of a picture is, from 0 for the paper
// around it to 255 for black.
type plane struct {
	width, height int
	at            []uint8
}

func newPlane(width, height int) plane {
	return plane{width, height, make([]uint8, width*height)}
}

func (p plane) rect() image.Rectangle { return image.Rect(0, 0, p.width, p.height) }

// paperCell is the size of the cells in each of which the paper has one gray
// value: larger than strokes are wide, smaller than shadows are.
const paperCell = 32 // pixels

// darkness returns how dark img is against its paper, which may be gray,
// tinted to gray, or unevenly lit.
func darkness(img *image.Gray) plane {
	p := newPlane(img.Rect.Dx(), img.Rect.Dy())
	paper := paperOf(img)
	for y := range p.height {
		white := paper.line(y)
		row := img.Pix[y*img.Stride:][:p.width]
		out := p.at[y*p.width:][:p.width]
		for x, v := range row {
			c, d := cellAt(x, paper.columns)
			w := (white[c]*(paperCell-d) + white[min(c+1, paper.columns-1)]*d) / paperCell
			if int(v) < w {
				out[x] = uint8(255 * (w - int(v)) / w)
			}
		}
	}
	return p
}

// A paper is the gray value of the paper at the middles of a grid of cells.
type paper struct {
	columns, rows int
	at            []int
}

func paperOf(img *image.Gray) paper {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	p := paper{columns: max(1, (width+paperCell/2)/paperCell), rows: max(1, (height+paperCell/2)/paperCell)}
	p.at = make([]int, p.columns*p.rows)
	for r := range p.rows {
		for c := range p.columns {
			// Each cell looks at its neighbours too, so that dense writing finds paper.
			cell := image.Rect((c-1)*paperCell, (r-1)*paperCell, (c+2)*paperCell, (r+2)*paperCell)
			p.at[r*p.columns+c] = max(1, brightest(img, cell.Intersect(image.Rect(0, 0, width, height))))
		}
	}
	return p
}

// brightest returns a gray value that a third of the pixels of r reach: paper
// with its noise, and not the few brightest specks.
func brightest(img *image.Gray, r image.Rectangle) int {
	var hist [256]int
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range img.Pix[y*img.Stride+r.Min.X : y*img.Stride+r.Max.X] {
			hist[v]++
		}
	}
	left := r.Dx() * r.Dy() / 3
	for v := 255; v > 0; v-- {
		if left -= hist[v]; left <= 0 {
			return v
		}
	}
	return 0
}

// line returns the gray value of the paper in row y at the middle of each
// column of cells.
func (p paper) line(y int) []int {
	r, d := cellAt(y, p.rows)
	above, below := p.at[r*p.columns:], p.at[min(r+1, p.rows-1)*p.columns:]
	line := make([]int, p.columns)
	for c := range line {
		line[c] = (above[c]*(paperCell-d) + below[c]*d) / paperCell
	}
	return line
}

// cellAt returns the cell whose middle is before position i, and how far
// behind that middle i is.
func cellAt(i, cells int) (cell, offset int) {
	i -= paperCell / 2
	if i < 0 {
		return 0, 0
	}
	if cell = i / paperCell; cell >= cells-1 {
		return cells - 1, 0
	}
	return cell, i % paperCell
}
