package ink

import (
	"image"

	"github.com/seosik/seosik/internal/geom"
)

// Unprint paints what is printed on a form in the colour of the paper: in planes, the
// colours of a page, which are page itself where it has none. Form is the blank as it
// lies on the page, in the same pixels, on an even ground; dpi is their resolution.
// What is written over print stays.
func Unprint(form, page *image.Gray, planes []*image.Gray, dpi float64) {
	s := NewSheet(form, page, page, geom.Identity, nil)
	printed := newMask(form.Rect.Dx(), form.Rect.Dy())
	side := int(tileSide * dpi / 200)
	for y := 0; y < printed.height; y += side {
		for x := 0; x < printed.width; x += side {
			s.printIn(printed, image.Rect(x, y, min(x+side, printed.width), min(y+side, printed.height)), dpi)
		}
	}
	ground := closed(form, int(strokeWide*dpi/100+.5))
	for _, p := range planes {
		Erase(p, printed.at)
		lightenBy(p, ground)
	}
}

// lightenBy makes img as much lighter as the ground of the form is darker than white:
// cells that are printed in a tint are paper.
func lightenBy(img, ground *image.Gray) {
	const darkest = 96 // gray value of a ground that is still one
	for y := range img.Rect.Dy() {
		row, of := img.Pix[y*img.Stride:][:img.Rect.Dx()], ground.Pix[y*ground.Stride:]
		for x, v := range row {
			row[x] = uint8(min(255, int(v)*255/max(int(of[x]), darkest)))
		}
	}
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
