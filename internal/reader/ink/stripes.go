package ink

import (
	"image"
	"slices"

	"github.com/seosik/seosik/internal/geom"
)

// Dirt on the glass of a feeder, and dead pixels of its sensor, draw lines through
// the whole picture, which are on no paper.
const (
	stripeSide  = 8   // px beside a column at which the paper is looked at
	stripeStep  = 4   // of so many rows one is looked at
	stripeDark  = .9  // of the paper beside; a stripe is darker
	stripeWhole = .97 // of the rows with paper at both sides; print ends before
	stripeRows  = .3  // of the rows have paper at both sides at least
	stripeThin  = .35 // of the light goes through a stripe under which ink can be told
)

// A stripe is columns of a picture, or rows, in which a share of the light is left.
type stripe struct {
	from, to int // px; to is behind it
	light    float64
}

// withoutStripes returns the page without lines that run straight through all of
// it, from top to bottom or from side to side, and those lines; the page itself
// where it has none. Where a line lets light through, it is made lighter by as
// much; else ink goes on below it where it is on both sides.
func withoutStripes(page *image.Gray) (out *image.Gray, columns, rows []stripe) {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	down := lines{page.Pix, w, h, 1, page.Stride}
	across := lines{page.Pix, h, w, page.Stride, 1}
	columns, rows = down.stripes(), across.stripes()
	if len(columns)+len(rows) == 0 {
		return page, nil, nil
	}
	out = image.NewGray(page.Rect)
	for y := range h {
		copy(out.Pix[y*out.Stride:][:w], page.Pix[y*page.Stride:])
	}
	for _, s := range columns {
		lines{out.Pix, w, h, 1, out.Stride}.mend(s)
	}
	for _, s := range rows {
		lines{out.Pix, h, w, out.Stride, 1}.mend(s)
	}
	return out, columns, rows
}

// lines are the columns of a picture, or its rows: n of them, each of length
// pixels.
type lines struct {
	pix          []uint8
	n, length    int
	across, down int // from a pixel to that of the next line, and to the next of its line
}

// stripes returns the stripes among the lines.
func (l lines) stripes() (found []stripe) {
	for i := stripeSide; i < l.n-stripeSide; i++ {
		light, is := l.dark(i)
		if !is {
			continue
		}
		if last := len(found) - 1; last >= 0 && found[last].to == i {
			found[last].to, found[last].light = i+1, min(found[last].light, light)
		} else {
			found = append(found, stripe{i, i + 1, light})
		}
	}
	return slices.DeleteFunc(found, func(s stripe) bool { return s.to-s.from > stripeSide })
}

// dark reports whether line i is darker than the paper at both its sides, all
// along, and which share of the light is left in it.
func (l lines) dark(i int) (light float64, is bool) {
	const lightPaper = 128
	paper, dark, line := 0, 0, 0
	seen, all := 0, 0
	first, last := l.length/50, l.length-l.length/50 // scanners have borders of their own
	for k := first; k < last; k += stripeStep {
		at := i*l.across + k*l.down
		a, v, b := int(l.pix[at-stripeSide*l.across]), int(l.pix[at]), int(l.pix[at+stripeSide*l.across])
		all++
		if min(a, b) < lightPaper || 4*max(a, b) > 5*min(a, b) {
			continue
		}
		seen++
		if float64(2*v) < stripeDark*float64(a+b) {
			dark++
		} else if seen > 20 && dark*2 < seen { // most lines are none
			return 0, false
		}
		paper, line = paper+a+b, line+2*v
	}
	if float64(seen) < stripeRows*float64(all) || float64(dark) < stripeWhole*float64(seen) {
		return 0, false
	}
	return float64(line) / float64(max(1, paper)), true
}

// mend takes a stripe away, with its soft borders.
func (l lines) mend(s stripe) {
	from, to := s.from-1, s.to+1
	for k := range l.length {
		row := k * l.down
		left, right := l.pix[(from-1)*l.across+row], l.pix[to*l.across+row]
		for i := from; i < to; i++ {
			p := &l.pix[i*l.across+row]
			border := i < s.from || i >= s.to
			switch {
			case border:
				*p = max(*p, min(left, right))
			case s.light >= stripeThin:
				*p = uint8(min(float64(*p)/s.light, 255))
			default:
				*p = max(left, right)
			}
		}
	}
}

// Striped returns how much of the width of box, in template px, is hidden below
// stripes that let no light through, in px at 200 dpi.
func (s *Sheet) Striped(box geom.Box) float64 {
	seen, px := s.ToPage(box).ApplyQuad(box.Quad()).Bounds(), 0
	count := func(stripes []stripe, low, high float64) {
		for _, t := range stripes {
			if t.light < stripeThin && float64(t.to) > low && float64(t.from) < high {
				px += t.to - t.from
			}
		}
	}
	count(s.columns, seen.Min.X, seen.Max.X)
	count(s.rows, seen.Min.Y, seen.Max.Y)
	return float64(px) * 200 / s.DPIAt(box)
}
