package ink

import (
	"image"
	"math"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// A ground is what writing stands on: paper, and on it the strokes of a marker,
// shadows, stains, and cells that are printed darker. It is found by scale:
// grounds are wider than any stroke. Black-on-white closing with a square, the
// lightest of what is near and of that the darkest, fills strokes and leaves the
// edges of all that is wider where they are, sharp ones and soft ones alike
// (Soille, Morphological Image Analysis, 2nd ed., chapters 4 and 8). Dividing by the
// ground makes the paper even.

// Sizes at 100 dpi, in px, which are a quarter of a millimetre.
const (
	strokeWide = 13.0 // wider is ground; strokes and the letters of titles are less
	bandWide   = 81.0 // narrower, in one direction, is a ground of its own on another
	barLong    = 32.0 // a stroke of a marker is as long at least
	blockWide  = 24.0 // what is dark and as wide, and long, may be a shadow
	blockLong  = 60.0
	solidLong  = 48.0 // what is black, and as long, hides what is under it
)

// In shares of the lighter ground around.
const (
	evenGround = .88 // a ground that is no darker is left as it is
	markerDark = .5  // markers on white paper are no darker
	shadowDark = .22 // in deeper shadows nothing can be read
)

// A solid is where a page is black, wider than any stroke: what was written there
// is not seen.
type solid struct {
	mask          []bool // nil where there is none
	width, height int
	factor        float64 // px of the page for one of the mask
}

// at reports whether p, in px of the page, is in s.
func (s solid) at(p geom.Point) bool {
	x, y := int(math.Floor(p.X/s.factor)), int(math.Floor(p.Y/s.factor))
	return s.mask != nil && x >= 0 && y >= 0 && x < s.width && y < s.height && s.mask[y*s.width+x]
}

// Covered returns the share of box, in template px, that is black on the page and
// not on the template: a bar, or marker on a fax.
func (s *Sheet) Covered(box geom.Box) float64 {
	if s.black.mask == nil {
		return 0
	}
	const columns, rows = 40, 10
	toPage, n := s.ToPage(box), 0
	for i := range columns * rows {
		at := geom.Point{
			X: box.Min.X + (float64(i%columns)+.5)*box.Width()/columns,
			Y: box.Min.Y + (float64(i/columns)+.5)*box.Height()/rows,
		}
		p := image.Pt(int(at.X), int(at.Y))
		if s.black.at(toPage.Apply(at)) && p.In(s.Blank.Rect) && s.Blank.GrayAt(p.X, p.Y).Y >= printDark {
			n++
		}
	}
	return float64(n) / (columns * rows)
}

// OnEvenGround returns the picture of a form with an even ground: the picture
// itself where its ground is even, or is made of dots.
func OnEvenGround(form *image.Gray) *image.Gray {
	even, _ := onEvenGround(form, DPI(form.Rect.Dx(), form.Rect.Dy()), func(geom.Point) bool { return true })
	return even
}

// evenOut makes the ground of the page even. A desk beside the form does not count.
func (s *Sheet) evenOut() {
	pageToTemplate, err := s.TemplateToPage.Inverse()
	if err != nil {
		return
	}
	const margin = .02 // of the sheet, within which a desk may be seen
	sheet := geom.XYWH(0, 0, float64(s.Blank.Rect.Dx()), float64(s.Blank.Rect.Dy()))
	form := sheet.Grow(-margin * sheet.Width())
	s.Page, s.black = onEvenGround(s.Page, s.DPIAt(sheet), func(p geom.Point) bool {
		p = pageToTemplate.Apply(p)
		return geom.Box{Min: p, Max: p}.In(form)
	})
}

// onEvenGround returns img, of a resolution, with its ground made even, and where
// it is black; or img itself where no ground changes inside, or all is black and
// white.
func onEvenGround(img *image.Gray, dpi float64, inside func(geom.Point) bool) (*image.Gray, solid) {
	small, factor := img, 1.0
	for ; dpi >= 150*factor; factor *= 2 {
		small = raster.Half(small)
	}
	unit := dpi / factor / 100
	if !changes(small, unit, func(p geom.Point) bool { return inside(geom.Point{X: p.X * factor, Y: p.Y * factor}) }) {
		return img, solid{}
	}
	near := closed(small, int(strokeWide*unit+.5))
	far := twice(closed(lightestOfFour(near), int(bandWide/2*unit+.5)), near.Rect)
	ground, black := groundOf(small, near, far, unit)
	hidden := solid{black, small.Rect.Dx(), small.Rect.Dy(), factor}
	const few = .0001 // pixels between; of a stroke of a marker there are more
	if gray(img) < few {
		return img, hidden
	}
	return divided(img, darkened(ground), factor), hidden
}

// changes reports whether the ground of a picture changes inside: whether there
// are cells without strokes that are much darker than others nearby. Unit is px
// for one at 100 dpi.
func changes(small *image.Gray, unit float64, inside func(geom.Point) bool) bool {
	const (
		reach  = 4   // cells around one
		enough = 6   // cells that are dark
		stroke = .75 // of the lightest pixel of a cell without strokes all others have at least this share
		dark   = .84 // most tints of forms are lighter
	)
	side := max(1, int(strokeWide/2*unit)) // one at least lies in each ground that is wider than strokes
	w, h := small.Rect.Dx()/side, small.Rect.Dy()/side
	light := make([]float64, w*h) // 0 with strokes
	for i := range light {
		low, high, sum := uint8(255), uint8(0), 0
		for y := i / w * side; y < (i/w+1)*side; y++ {
			for _, v := range small.Pix[y*small.Stride+i%w*side:][:side] {
				low, high, sum = min(low, v), max(high, v), sum+int(v)
			}
		}
		if float64(low) >= stroke*float64(high) {
			light[i] = float64(sum) / float64(side*side)
		}
	}
	n := 0
	for i, v := range light {
		if v == 0 {
			continue
		}
		x, y := i%w, i/w
		lightest := v
		for r := max(0, y-reach); r <= min(h-1, y+reach); r++ {
			for _, o := range light[r*w+max(0, x-reach) : r*w+min(w, x+reach+1)] {
				lightest = max(lightest, o)
			}
		}
		if v < dark*lightest && inside(geom.Point{X: float64(x*side + side/2), Y: float64(y*side + side/2)}) {
			if n++; n >= enough {
				return true
			}
		}
	}
	return false
}

// closed returns img closed by a square of a size in px.
func closed(img *image.Gray, size int) *image.Gray {
	out := image.NewGray(img.Rect)
	for y := range img.Rect.Dy() {
		copy(out.Pix[y*out.Stride:][:out.Stride], img.Pix[y*img.Stride:])
	}
	lighten(out, size)
	invert(out)
	lightenBack(out, size)
	invert(out)
	return out
}

// lightestOfFour returns img at half its size, each pixel the lightest of four;
// twice returns it at twice its size, as large as r.
func lightestOfFour(img *image.Gray) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, (img.Rect.Dx()+1)/2, (img.Rect.Dy()+1)/2))
	for y := range img.Rect.Dy() {
		to := out.Pix[y/2*out.Stride:]
		for x, v := range img.Pix[y*img.Stride:][:img.Rect.Dx()] {
			to[x/2] = max(to[x/2], v)
		}
	}
	return out
}

func twice(img *image.Gray, r image.Rectangle) *image.Gray {
	out := image.NewGray(r)
	for y := range r.Dy() {
		from, to := img.Pix[y/2*img.Stride:], out.Pix[y*out.Stride:][:r.Dx()]
		for x := range to {
			to[x] = from[x/2]
		}
	}
	return out
}

func invert(img *image.Gray) {
	for i, v := range img.Pix {
		img.Pix[i] = 255 - v
	}
}

// lighten makes each pixel of img as light as the lightest of the square of which
// it is the first, in steps of twice as many pixels.
func lighten(img *image.Gray, size int) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for _, n := range doublings(size) {
		for y := range h {
			row := img.Pix[y*w:][:w]
			for x := range w - min(n, w) {
				row[x] = max(row[x], row[x+n])
			}
		}
		for y := range h - min(n, h) {
			row, other := img.Pix[y*w:][:w], img.Pix[(y+n)*w:][:w]
			for x, v := range other {
				row[x] = max(row[x], v)
			}
		}
	}
}

// lightenBack is lighten with the squares of which a pixel is the last.
func lightenBack(img *image.Gray, size int) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for _, n := range doublings(size) {
		for y := range h {
			row := img.Pix[y*w:][:w]
			for x := w - 1; x >= n; x-- {
				row[x] = max(row[x], row[x-n])
			}
		}
		for y := h - 1; y >= n; y-- {
			row, other := img.Pix[y*w:][:w], img.Pix[(y-n)*w:][:w]
			for x, v := range other {
				row[x] = max(row[x], v)
			}
		}
	}
}

// doublings returns the steps by which a run of one pixel becomes one of size.
func doublings(size int) (steps []int) {
	n := 1
	for ; 2*n <= size; n *= 2 {
		steps = append(steps, n)
	}
	if n < size {
		steps = append(steps, size-n)
	}
	return steps
}

// groundOf returns the ground of a picture out of its closings by a small and a
// large square, and where it is black. What is dark in the small one only is
// ground where it is as long as strokes of a marker are and as light, or as large
// as shadows are, or a corner of what is also dark around it; it is none where it
// is a filled box, a thick stroke or a bar.
func groundOf(small, near, far *image.Gray, unit float64) (ground *image.Gray, black []bool) {
	dark := make([]bool, len(near.Pix))
	for i, v := range near.Pix {
		dark[i] = float64(v) < evenGround*float64(far.Pix[i])
	}
	w := near.Rect.Dx()
	labels, pieces := raster.Pieces(dark, w)
	parts := make([]struct{ near, far, border, joined int }, len(pieces))
	for i, l := range labels {
		if l > 0 {
			parts[l-1].near += int(near.Pix[i])
			parts[l-1].far += int(far.Pix[i])
		}
	}
	beside := func(i, other int) {
		l := labels[i]
		if l == 0 || labels[other] == l {
			return
		}
		p := &parts[l-1]
		p.border++
		if 20*int(near.Pix[other])*pieces[l-1].Area <= 23*p.near {
			p.joined++
		}
	}
	for i := range labels {
		if i%w > 0 {
			beside(i, i-1)
			beside(i-1, i)
		}
		if i >= w {
			beside(i, i-w)
			beside(i-w, i)
		}
	}
	is, hides := make([]bool, len(pieces)), make([]bool, len(pieces))
	for k, p := range pieces {
		long := float64(max(p.Box.Dx(), p.Box.Dy())) / unit
		share := float64(parts[k].near) / float64(max(1, parts[k].far))
		block := float64(p.Area) >= blockWide*unit*unit*long && long >= blockLong && share >= shadowDark
		is[k] = long >= barLong && share >= markerDark || block || 10*parts[k].joined >= parts[k].border && parts[k].joined > 0
		hides[k] = !is[k] && long >= solidLong
	}
	ground = image.NewGray(near.Rect)
	var grounds []int // the pixels of those that are darker
	for i, l := range labels {
		if l > 0 && !is[l-1] {
			ground.Pix[i] = far.Pix[i]
		} else {
			ground.Pix[i] = near.Pix[i]
		}
		if l > 0 && is[l-1] {
			grounds = append(grounds, i)
		}
		if l > 0 && hides[l-1] {
			if black == nil {
				black = make([]bool, len(labels))
			}
			black[i] = true
		}
	}
	round(small, ground, grounds, int(strokeWide*unit))
	return ground, black
}

// round lets dark grounds, whose pixels are given, go on for some steps where the
// picture is as light as they are, and flat: a square does not fit into the round
// ends of strokes.
func round(small, ground *image.Gray, pixels []int, steps int) {
	const like = .1 // of the ground
	w, inner := ground.Rect.Dx(), ground.Rect.Inset(1)
	is := make([]uint8, len(ground.Pix)) // the ground that each pixel goes on with, 0 for none
	for _, i := range pixels {
		is[i] = max(1, ground.Pix[i])
	}
	for range steps {
		var next []int
		for _, i := range pixels {
			g := float64(is[i])
			for _, k := range [4]int{i - 1, i + 1, i - w, i + w} {
				at := image.Pt(k%w, k/w)
				if k < 0 || !at.In(inner) || is[k] > 0 {
					continue
				}
				if v := float64(lightestAround(small, at)); v <= (1+like)*g && v >= (1-like)*g && v < float64(ground.Pix[k]) {
					ground.Pix[k], is[k] = uint8(v), is[i]
					next = append(next, k)
				}
			}
		}
		pixels = next
	}
}

// lightestAround returns the lightest of the nine pixels around at, which is not
// at the border.
func lightestAround(img *image.Gray, at image.Point) (lightest uint8) {
	for y := at.Y - 1; y <= at.Y+1; y++ {
		for _, v := range img.Pix[y*img.Stride+at.X-1 : y*img.Stride+at.X+2] {
			lightest = max(lightest, v)
		}
	}
	return lightest
}

// darkened returns img with each pixel as dark as the darkest of the nine around it.
func darkened(img *image.Gray) *image.Gray {
	invert(img)
	lighten(img, 2)
	lightenBack(img, 2)
	invert(img)
	return img
}

// divided returns img divided by its ground, a picture that is smaller by factor:
// paper is white. At sharp edges the ground is as dark as on their darker side,
// so that no line is left of them.
func divided(img, ground *image.Gray, factor float64) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, w, h))
	last := image.Pt(ground.Rect.Dx()-1, ground.Rect.Dy()-1)
	at := make([]int, w)          // the pixel of ground at or before each column
	between := make([]int, w)     // how far it is on its way to the next, 1/256
	line := make([]int, last.X+1) // ground along a row, 1/256
	place := func(i, last int) (int, int) {
		p := min(max((float64(i)+.5)/factor-.5, 0), float64(last))
		n := min(int(p), max(last-1, 0))
		return n, int((p - float64(n)) * 256)
	}
	for x := range w {
		at[x], between[x] = place(x, last.X)
	}
	for y := range h {
		above, far := place(y, last.Y)
		a, b := ground.Pix[above*ground.Stride:], ground.Pix[min(above+1, last.Y)*ground.Stride:]
		for i := range line {
			line[i] = int(a[i])*(256-far) + int(b[i])*far
		}
		row, to := img.Pix[y*img.Stride:][:w], out.Pix[y*out.Stride:][:w]
		for x, v := range row {
			i := at[x]
			g := line[i] + (line[min(i+1, last.X)]-line[i])*between[x]/256
			to[x] = uint8(min(255*256*int(v)/max(g, 256), 255))
		}
	}
	return out
}
