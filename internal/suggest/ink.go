package suggest

import (
	"image"
	"slices"

	"github.com/seosik/seosik/internal/raster"
)

const (
	paperBlock = 32 // pixels a side of the blocks of which each has one colour of paper
	inkLevel   = 56 // of 255: how much darker than its paper ink is
	shadeLevel = 7  // of 255: how much darker than the page the paper of a label is
)

// A paper is the colour of the paper of each block of a picture.
type paper struct {
	columns, rows int
	at            []uint8
	page          uint8 // of most blocks
}

// paperOf takes for paper what a third of the pixels of a block and those
// around it reach.
func paperOf(img *image.Gray) paper {
	p := paper{columns: (img.Rect.Dx() + paperBlock - 1) / paperBlock, rows: (img.Rect.Dy() + paperBlock - 1) / paperBlock}
	hists := make([][256]uint16, p.columns*p.rows)
	for y := range img.Rect.Dy() {
		for x, v := range img.Pix[y*img.Stride:][:img.Rect.Dx()] {
			hists[y/paperBlock*p.columns+x/paperBlock][v]++
		}
	}
	p.at = make([]uint8, len(hists))
	for r := range p.rows {
		for c := range p.columns {
			var sum [256]int
			n := 0
			for y := max(0, r-1); y <= min(p.rows-1, r+1); y++ {
				for x := max(0, c-1); x <= min(p.columns-1, c+1); x++ {
					for v, k := range hists[y*p.columns+x] {
						sum[v] += int(k)
						n += int(k)
					}
				}
			}
			p.at[r*p.columns+c] = brightest(&sum, n/3)
		}
	}
	sorted := slices.Sorted(slices.Values(p.at))
	p.page = sorted[len(sorted)*2/3]
	return p
}

// brightest returns the value that n pixels of a histogram reach.
func brightest(hist *[256]int, n int) uint8 {
	for v := 255; v > 0; v-- {
		if n -= hist[v]; n <= 0 {
			return uint8(v)
		}
	}
	return 0
}

// inkOf returns which pixels of img, row by row, are ink.
func inkOf(img *image.Gray, p paper) []bool {
	width := img.Rect.Dx()
	ink := make([]bool, width*img.Rect.Dy())
	for y := range img.Rect.Dy() {
		line := p.at[y/paperBlock*p.columns:]
		for x, v := range img.Pix[y*img.Stride:][:width] {
			ink[y*width+x] = int(v)+inkLevel <= int(line[x/paperBlock])
		}
	}
	return ink
}

// maxPieces bounds the work for a picture of nothing but noise; a dense page
// has a few thousand.
const maxPieces = 60_000

// piecesOf returns the connected pieces of ink, the topmost first, without
// specks. A picture of noise has none.
func piecesOf(ink []bool, width int, least int) []image.Rectangle {
	_, all := raster.Pieces(ink, width)
	var boxes []image.Rectangle
	for _, p := range all {
		if max(p.Box.Dx(), p.Box.Dy()) >= least {
			boxes = append(boxes, p.Box)
		}
	}
	if len(boxes) > maxPieces {
		return nil
	}
	return boxes
}

// middle returns the typical gray value in box: that which half of its pixels
// reach.
func middle(img *image.Gray, box image.Rectangle) uint8 {
	box = box.Intersect(img.Rect)
	var hist [256]int
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for _, v := range img.Pix[y*img.Stride:][box.Min.X:box.Max.X] {
			hist[v]++
		}
	}
	return brightest(&hist, box.Dx()*box.Dy()/2)
}
