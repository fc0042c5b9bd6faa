package raster

import "image"

// A Piece is a set of ink pixels each of which touches another one of it, by
// a side or a corner.
type Piece struct {
	Box  image.Rectangle // around its pixels
	Area int             // pixels
}

// Pieces divides the ink of a picture of the given width into its connected
// pieces. It returns them and, for every pixel, the number of its piece from
// 1, or 0 where there is no ink. Piece n of the labels is pieces[n-1]; they
// are in the order of their first pixels, row by row.
func Pieces(ink []bool, width int) (labels []int32, pieces []Piece) {
	labels = make([]int32, len(ink))
	var stack []int
	for i, on := range ink {
		if !on || labels[i] != 0 {
			continue
		}
		n := int32(len(pieces) + 1)
		piece := Piece{Box: image.Rect(i%width, i/width, i%width+1, i/width+1)}
		labels[i] = n
		stack = append(stack[:0], i)
		for len(stack) > 0 {
			p := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := p%width, p/width
			piece.Area++
			piece.Box.Min.X, piece.Box.Min.Y = min(piece.Box.Min.X, x), min(piece.Box.Min.Y, y)
			piece.Box.Max.X, piece.Box.Max.Y = max(piece.Box.Max.X, x+1), max(piece.Box.Max.Y, y+1)
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					q := p + dy*width + dx
					if x+dx < 0 || x+dx >= width || q < 0 || q >= len(ink) || !ink[q] || labels[q] != 0 {
						continue
					}
					labels[q] = n
					stack = append(stack, q)
				}
			}
		}
		pieces = append(pieces, piece)
	}
	return labels, pieces
}
