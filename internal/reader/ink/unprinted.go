package ink

import (
	"image"
	"math"
	"slices"

	"github.com/seosik/seosik/internal/geom"
)

// Unprint paints what is printed on a form in the colour of the paper: in planes, the
// colours of a page, which are page itself where it has none. Form is the blank as it
// lies on the page, in the same pixels, on an even ground; dpi is their resolution.
// What is written over print stays.
func Unprint(form, page *image.Gray, planes []*image.Gray, dpi float64) {
	s := NewSheet(form, page, page, geom.Identity, nil)
	printed := newMask(form.Rect.Dx(), form.Rect.Dy())
	side := max(64, int(tileSide*dpi/200)) // a tile has 24 pixels more on all sides
	for y := 0; y < printed.height; y += side {
		for x := 0; x < printed.width; x += side {
			s.printIn(printed, image.Rect(x, y, min(x+side, printed.width), min(y+side, printed.height)), dpi)
		}
	}
	ground := closed(form, int(strokeWide*dpi/100+.5))
	for _, p := range planes {
		lightenBy(p, ground)
		Erase(p, printed.at)
	}
}

// lightenBy makes img as much lighter as the ground of the form, which is darker than
// white, has made it darker: cells that are printed in a tint are paper.
func lightenBy(img, ground *image.Gray) {
	const darkest = 96 // gray value of a ground that is still one
	var by [256]int    // 1/256
	strength := tintOn(img, ground)
	for v := range by {
		by[v] = int(256 * math.Pow(255/float64(max(v, darkest)), strength))
	}
	for y := range img.Rect.Dy() {
		row, of := img.Pix[y*img.Stride:][:img.Rect.Dx()], ground.Pix[y*ground.Stride:]
		for x, v := range row {
			row[x] = uint8(min(255, int(v)*by[of[x]]/256))
		}
	}
}

// tintOn returns how strong the tints of a ground are on img, where 1 is as on the
// form: in the middle, over places on both sides of the edge of one.
func tintOn(img, ground *image.Gray) float64 {
	const (
		apart, step = 24, 8 // px
		differ      = 8     // gray values
	)
	var found []float64
	for y := step; y < img.Rect.Dy(); y += step {
		row, of := img.Pix[y*img.Stride:][:img.Rect.Dx()], ground.Pix[y*ground.Stride:]
		for x := 0; x+apart < len(row); x += step {
			if a, b := int(of[x]), int(of[x+apart]); max(a, b)-min(a, b) >= differ && min(a, b, int(row[x]), int(row[x+apart])) > 0 {
				found = append(found, math.Log(float64(row[x])/float64(row[x+apart]))/math.Log(float64(a)/float64(b)))
			}
		}
	}
	if len(found) == 0 {
		return 1
	}
	slices.Sort(found)
	return min(max(found[len(found)/2], 0), 1.5)
}

// printIn marks what of tile is printed in printed.
func (s *Sheet) printIn(printed mask, tile image.Rectangle, dpi float64) {
	const margin = 24 // pixels, so that letters are whole
	w := s.windowAt(s.Lines, geom.XYWH(float64(tile.Min.X), float64(tile.Min.Y), float64(tile.Dx()), float64(tile.Dy())), margin, 1)
	w.dpi = dpi
	_, ink, nearPrint, _ := w.withoutPrint(nil)
	labels, pieces := ink.pieces(nearPrint)
	kept := only(labels, ink.width, func(piece int) bool { return !pieces[piece].remains() }).grow(1)
	for y := tile.Min.Y; y < tile.Max.Y; y++ {
		for x := tile.Min.X; x < tile.Max.X; x++ {
			i := (y-tile.Min.Y+margin)*ink.width + x - tile.Min.X + margin
			printed.at[y*printed.width+x] = (nearPrint.at[i] || ink.at[i]) && !kept.at[i]
		}
	}
}
