package suggest

import (
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"math/bits"
	"slices"

	"github.com/seosik/seosik/internal/raster"
)

const (
	agreeSlack  = 7   // of so many copies, one may lack what is printed
	agreeLess   = .03 // share of the print that a copy may have less of than the best ones, to have a vote
	agreeReach  = .13 // millimetres of A4 by which print may lie off in a copy
	agreeFaint  = 40  // of 255: how much darker than white print is, at least
	crossPiece  = 8.  // millimetres: what is larger is no place where writing crosses
	crossAround = .8  // millimetres around the ink of a piece in which writing goes on
	crossShare  = .75 // of the ink there is print in the better half of the copies, at least, or writing crosses
	crossRounds = 3   // pieces that spoke for each other fall together
	colourAlike = 24  // of 255: what a copy may be off from the blank, to colour it
	colourLeast = 12  // of 128: colour that is more than a tinge
	colourShare = 5e-4
)

// A layer says for each pixel of the sheets which of them have ink there, a bit a
// sheet.
type layer []uint32

// common returns the blank that the sheets have in common.
func (p *pile) common() *Common {
	reach := max(1, int(agreeReach*float64(max(p.width, p.height))/297+.5))
	ink, near := p.layers(reach)
	printed := p.vote(ink, near, reach)
	gray := image.NewGray(image.Rect(0, 0, p.width, p.height))
	values := make([]uint8, 0, len(p.sheets))
	for i := range gray.Pix {
		values = values[:0]
		for k, s := range p.sheets {
			if printed[i] || near[i]&(1<<k) == 0 {
				values = append(values, s.luma.Pix[i])
			}
		}
		switch {
		case len(values) == 0:
			gray.Pix[i] = p.lightest(i%p.width, i/p.width, 2*reach+1)
			continue
		case len(values) > 1:
			slices.Sort(values)
		}
		gray.Pix[i] = values[len(values)/2]
		if printed[i] { // the lead has thin print whole; others may be off a little
			gray.Pix[i] = min(p.sheets[0].luma.Pix[i], gray.Pix[i])
		}
	}
	return &Common{Gray: gray, Picture: p.colour(gray), Lead: p.lead, ToLead: p.toLead, Strangers: p.strangers}
}

// lightest returns the lightest value of any sheet within so many pixels.
func (p *pile) lightest(x, y, reach int) (v uint8) {
	for _, s := range p.sheets {
		for row := max(0, y-reach); row <= min(p.height-1, y+reach); row++ {
			v = max(v, slices.Max(s.luma.Pix[row*p.width+max(0, x-reach):row*p.width+min(p.width, x+reach+1)]))
		}
	}
	return v
}

// layers returns where the sheets have ink, and where they have some within reach.
func (p *pile) layers(reach int) (ink, near layer) {
	ink, near = make(layer, p.width*p.height), make(layer, p.width*p.height)
	for k, s := range p.sheets {
		own := make([]bool, len(ink))
		for i, v := range s.luma.Pix {
			if own[i] = int(v)+agreeFaint <= 255; own[i] {
				ink[i] |= 1 << k
			}
		}
		for i, on := range grown(own, p.width, reach) {
			if on {
				near[i] |= 1 << k
			}
		}
	}
	return ink, near
}

// vote returns which pixels are print.
func (p *pile) vote(ink, near layer, reach int) []bool {
	voters := p.voters(ink, near)
	need := bits.OnesCount32(voters)
	need -= need / agreeSlack
	printed := make([]bool, len(near))
	for i, sheets := range near {
		printed[i] = bits.OnesCount32(sheets&voters) >= need
	}
	for range crossRounds {
		if !p.dropCrossings(printed, ink, reach) {
			break
		}
	}
	return printed
}

// voters returns the sheets that have nearly all print in its place, a bit a sheet:
// not those whose print is too faint or that lie badly. The lead is one of them, and
// there are PileLeast at least, if there are as many sheets.
func (p *pile) voters(ink, near layer) uint32 {
	n := len(p.sheets)
	has, all := make([]int, n), 0
	for i, sheets := range near {
		if ink[i]&1 == 0 || 2*bits.OnesCount32(sheets) <= n {
			continue
		}
		all++
		for k := range has {
			has[k] += int(sheets >> k & 1)
		}
	}
	order := make([]int, n)
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(has[b], has[a]) }) // the lead has all
	voters, enough := uint32(0), float64(has[order[min(n, PileLeast)/2]])-agreeLess*float64(all)
	for rank, k := range order {
		if rank < PileLeast || float64(has[k]) >= enough {
			voters |= 1 << k
		}
	}
	return voters
}

// dropCrossings takes away the pieces of print that are where writing of all copies
// crosses by chance: around them, most copies have ink that is no print. It reports
// whether there were any.
func (p *pile) dropCrossings(printed []bool, ink layer, reach int) bool {
	labels, pieces := raster.Pieces(printed, p.width)
	near := grown(printed, p.width, reach)
	unit := float64(max(p.width, p.height)) / 297
	var dropped []int
	for n, piece := range pieces {
		if float64(max(piece.Box.Dx(), piece.Box.Dy())) > crossPiece*unit {
			continue
		}
		reach := int(crossAround * unit)
		box := piece.Box.Inset(-reach).Intersect(image.Rect(0, 0, p.width, p.height))
		if p.crossed(box, around(labels, int32(n+1), p.width, box, reach), near, ink) {
			dropped = append(dropped, n)
		}
	}
	for _, n := range dropped {
		box := pieces[n].Box
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for i := y*p.width + box.Min.X; i < y*p.width+box.Max.X; i++ {
				printed[i] = printed[i] && labels[i] != int32(n+1)
			}
		}
	}
	return len(dropped) > 0
}

// around returns which pixels of box are within reach of the piece of that label. What
// is written in a printed box is not around that.
func around(labels []int32, label int32, width int, box image.Rectangle, reach int) []bool {
	own := make([]bool, 0, box.Dx()*box.Dy())
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for _, l := range labels[y*width+box.Min.X : y*width+box.Max.X] {
			own = append(own, l == label)
		}
	}
	return grown(own, box.Dx(), reach)
}

// crossed reports whether much of the ink in those pixels of box is no print, in most
// copies.
func (p *pile) crossed(box image.Rectangle, around, near []bool, ink layer) bool {
	shares := make([]float64, len(p.sheets))
	for k := range shares {
		all, print := 0, 0
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := range box.Dx() {
				i := y*p.width + box.Min.X + x
				if around[(y-box.Min.Y)*box.Dx()+x] && ink[i]&(1<<k) != 0 {
					all++
					if near[i] {
						print++
					}
				}
			}
		}
		shares[k] = float64(print) / float64(max(1, all))
	}
	slices.Sort(shares)
	sum, better := 0., shares[len(shares)/2:]
	for _, s := range better {
		sum += s
	}
	return sum < crossShare*float64(len(better))
}

// grown returns ink with that within so many pixels of it, in a square.
func grown(ink []bool, width, reach int) []bool {
	across, out := make([]bool, len(ink)), make([]bool, len(ink))
	for from := 0; from < len(ink); from += width {
		for x := range width {
			across[from+x] = slices.Contains(ink[from+max(0, x-reach):from+min(width, x+reach+1)], true)
		}
	}
	height := len(ink) / width
	for y := range height {
		for k := max(0, y-reach); k <= min(height-1, y+reach); k++ {
			for x, on := range across[k*width:][:width] {
				out[y*width+x] = out[y*width+x] || on
			}
		}
	}
	return out
}

// chroma returns the blue and red difference of picture, where its paper has none;
// nil where the picture has no colour.
func chroma(picture image.Image) (cb, cr *image.Gray) {
	if _, ok := picture.(*image.Gray); ok {
		return nil, nil
	}
	b := picture.Bounds()
	flat := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(flat, flat.Rect, picture, b.Min, draw.Src)
	cb, cr = image.NewGray(flat.Rect), image.NewGray(flat.Rect)
	var blue, red [256]int
	for i := range cb.Pix {
		_, cb.Pix[i], cr.Pix[i] = color.RGBToYCbCr(flat.Pix[4*i], flat.Pix[4*i+1], flat.Pix[4*i+2])
		blue[cb.Pix[i]]++
		red[cr.Pix[i]]++
	}
	tinge := [2]int{int(brightest(&blue, len(cb.Pix)/2)), int(brightest(&red, len(cb.Pix)/2))}
	coloured := 0
	for i := range cb.Pix {
		u, v := int(cb.Pix[i])-tinge[0], int(cr.Pix[i])-tinge[1]
		cb.Pix[i], cr.Pix[i] = uint8(min(255, max(0, 128+u))), uint8(min(255, max(0, 128+v)))
		if abs(u)+abs(v) > colourLeast {
			coloured++
		}
	}
	if float64(coloured) < colourShare*float64(len(cb.Pix)) {
		return nil, nil
	}
	return cb, cr
}

// colour returns the blank in the colours of the copies that are there as light or
// dark as it is, or gray itself where none has colours.
func (p *pile) colour(gray *image.Gray) image.Image {
	if !slices.ContainsFunc(p.sheets, func(s sheet) bool { return s.cb != nil }) {
		return gray
	}
	out := image.NewRGBA(gray.Rect)
	for y := range p.height {
		for x := range p.width {
			i := y*gray.Stride + x
			cb, cr := p.chromaAt(x, y, gray.Pix[i])
			r, g, b := color.YCbCrToRGB(gray.Pix[i], cb, cr)
			copy(out.Pix[4*i:], []uint8{r, g, b, 255})
		}
	}
	return out
}

// chromaAt returns the mean colour of the copies that have about the given luma at
// a pixel.
func (p *pile) chromaAt(x, y int, luma uint8) (cb, cr uint8) {
	blue, red, n := 0, 0, 0
	for _, s := range p.sheets {
		v := s.luma.Pix[y*p.width+x]
		if s.cb == nil || v == raster.Paper || abs(int(v)-int(luma)) > colourAlike {
			continue // also where the copy ends
		}
		i := y/2*s.cb.Stride + x/2
		blue, red, n = blue+int(s.cb.Pix[i]), red+int(s.cr.Pix[i]), n+1
	}
	if n == 0 {
		return 128, 128
	}
	return uint8(blue / n), uint8(red / n)
}
