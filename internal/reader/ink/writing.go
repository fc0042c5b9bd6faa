package ink

import (
	"image"
	"slices"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// A Writing is what was written in a window, without what was printed there.
type Writing struct {
	Lines  []Line          // from top to bottom; none where nothing was written
	Bounds image.Rectangle // around the ink, px of the window; empty where nothing was written
	Area   int             // pixels of ink
	Dust   int             // pixels of ink in the box that were taken for dust or for print
	Pen    uint8           // how dark the ink is, from 0 for paper to 255 for black
	Soft   float64         // the share of the ink that is much paler than the pen, from 0 to 1
	Print  float64         // the share of the ink that is on print or beside it, from 0 to 1
	Cut    bool            // the ink goes over the border of the box, or a neighbour's comes in
}

// Writing returns what was written in w, parts to ignore left out.
func (w *Window) Writing(ignore []image.Rectangle) Writing {
	k := w.writing(ignore)
	out := k.Writing
	if out.Area > 0 {
		out.Lines = k.lines(w.Unit())
	}
	return out
}

// RedInk reports whether there is ink in box, in template px, that is not in
// Inked because it is as red as a seal. Ink over the border is a seal's.
func (s *Sheet) RedInk(box geom.Box, margin float64) bool {
	if !s.Red() {
		return false
	}
	k := s.Window(s.Page, box, margin).writing(nil)
	return k.Area > 0 && !k.Cut
}

// A penned is a writing with its ink.
type penned struct {
	Writing
	ink   plane // 0 where nothing was written
	level uint8 // darkness from which a pixel is ink
}

// Sizes in template px at 200 dpi, which are an eighth of a millimetre.
const (
	printReach = 1.5 // how far ink of the blank spreads on a page at most
	nearReach  = 2.0 // px of the window at 200 dpi and above; what is left of print lies so near to it
	fitReach   = 4.0 // how far print may lie from where it should
	smallest   = 8.0 // a piece of ink that is smaller than this is no character by itself
	speck      = 3.0 // square px; a smaller piece is dust
	leastDash  = 4.0 // a minus is at least as wide
)

// writing returns what was written in w, parts to ignore left out.
func (w *Window) writing(ignore []image.Rectangle) penned {
	filled, ink, nearPrint, level := w.withoutPrint(ignore)
	return chosen(w, filled, ink, nearPrint, level)
}

// withoutPrint returns how dark w is, its ink without what was printed, where
// print is or nearly is, and the darkness from which a pixel is ink.
func (w *Window) withoutPrint(ignore []image.Rectangle) (filled plane, ink, nearPrint mask, level uint8) {
	filled, blank := darkness(w.Filled), darkness(w.Blank)
	unit := w.Unit()
	printed := printOf(filled, blank, int(fitReach*unit+.5))
	for _, r := range ignore {
		filled.clear(r)
	}
	level = inkLevel(filled, printed, w.Box, w.faint)
	printed = printed.spread(filled, level, int(printReach*unit+1))
	return filled, printed.takenFrom(filled, level), printed.grow(int(nearReach*min(unit, 1) + .5)), level
}

// A mask marks pixels.
type mask struct {
	width, height int
	at            []bool
}

func newMask(width, height int) mask { return mask{width, height, make([]bool, width*height)} }

const blankLevel = 40 // darkness from which the blank is printed

// printOf returns where the blank's print lies on the page: the ink of blank,
// moved by at most reach pixels so that it lies best on ink of filled.
func printOf(filled, blank plane, reach int) mask {
	var spots []image.Point
	for y := range blank.height {
		for x, v := range blank.at[y*blank.width:][:blank.width] {
			if v >= blankLevel {
				spots = append(spots, image.Pt(x, y))
			}
		}
	}
	d := bestShift(filled, spots, reach)
	m := newMask(blank.width, blank.height)
	for _, s := range spots {
		if s = s.Add(d); s.In(filled.rect()) {
			m.at[s.Y*m.width+s.X] = true
		}
	}
	return m
}

// bestShift returns by how much spots are best moved to lie on ink. The
// darkness of a pixel counts up to a bound, so that black writing does not
// outweigh gray lines, and far moves must be worth it.
func bestShift(filled plane, spots []image.Point, reach int) image.Point {
	const bound = 128
	if len(spots) < 20 {
		return image.Point{}
	}
	if n := 4000; len(spots) > n { // enough to tell
		step := len(spots)/n + 1
		var few []image.Point
		for i := 0; i < len(spots); i += step {
			few = append(few, spots[i])
		}
		spots = few
	}
	best, at := -1.0, image.Point{}
	for dy := -reach; dy <= reach; dy++ {
		for dx := -reach; dx <= reach; dx++ {
			sum := 0
			for _, s := range spots {
				if x, y := s.X+dx, s.Y+dy; x >= 0 && y >= 0 && x < filled.width && y < filled.height {
					sum += int(min(filled.at[y*filled.width+x], bound))
				}
			}
			far := float64(dx*dx+dy*dy) / float64(reach*reach+1)
			if score := float64(sum) * (1 - .1*far); score > best {
				best, at = score, image.Pt(dx, dy)
			}
		}
	}
	return at
}

// grow returns m with every marked pixel spread by r to all sides.
func (m mask) grow(r int) mask { return m.smear(r, r) }

// smear returns m with every marked pixel spread by across to the left and the
// right, and by along up and down.
func (m mask) smear(across, along int) mask {
	wide, out := newMask(m.width, m.height), newMask(m.width, m.height)
	for y := range m.height {
		for x, on := range m.at[y*m.width:][:m.width] {
			if on {
				for i := max(0, x-across); i <= min(m.width-1, x+across); i++ {
					wide.at[y*m.width+i] = true
				}
			}
		}
	}
	for y := range m.height {
		for x, on := range wide.at[y*m.width:][:m.width] {
			if on {
				for j := max(0, y-along); j <= min(m.height-1, y+along); j++ {
					out.at[j*m.width+x] = true
				}
			}
		}
	}
	return out
}

// printShare is the share of the pixels around print that are inked where it is
// wider on the page than on the blank. Strokes that cross it are fewer.
const printShare = 1. / 6

// spread returns m grown by as many pixels, at most most, as the print is wider
// on this page than on the blank: by none where the page is the blank with
// something typed on it, and then strokes that run along the print are kept.
func (m mask) spread(filled plane, level uint8, most int) mask {
	for range most {
		wider := m.grow(1)
		around, inked := 0, 0
		for i, on := range wider.at {
			if on && !m.at[i] {
				around++
				if filled.at[i] >= level {
					inked++
				}
			}
		}
		if float64(inked) < printShare*float64(around) {
			break
		}
		m = wider
	}
	return m
}

// takenFrom returns the ink of filled without the print that m marks. Strokes
// that cross the print stay whole: ink under the print is kept where there is
// ink on both sides of it, above and below or left and right.
func (m mask) takenFrom(filled plane, level uint8) mask {
	ink := newMask(m.width, m.height)
	for i, v := range filled.at {
		ink.at[i] = v >= level && !m.at[i]
	}
	bridged := newMask(m.width, m.height)
	bridge := func(start, step, n int) {
		last := -1 // the last free ink before the print
		for k := range n {
			i := start + k*step
			switch {
			case ink.at[i]:
				if last >= 0 && k-last > 1 {
					for j := last + 1; j < k; j++ {
						bridged.at[start+j*step] = true
					}
				}
				last = k
			case !m.at[i] || filled.at[i] < level:
				last = -1
			}
		}
	}
	for x := range m.width {
		bridge(x, m.width, m.height)
	}
	for y := range m.height {
		bridge(y*m.width, 1, m.width)
	}
	for i, on := range bridged.at {
		ink.at[i] = ink.at[i] || on
	}
	return ink
}

// clear makes r paper.
func (p plane) clear(r image.Rectangle) {
	r = r.Intersect(p.rect())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		clear(p.at[y*p.width+r.Min.X : y*p.width+r.Max.X])
	}
}

// faintest is the darkness from which ink can be told from soiled paper.
const faintest = 36

// inkLevel returns the darkness from which a pixel within r is ink: well above
// the noise of the paper, and nearly half as dark as the pen is, or a sixth
// where thin strokes have become faint.
func inkLevel(filled plane, printed mask, r image.Rectangle, faint bool) uint8 {
	var hist [256]int
	paper := 0 // pixels that are not clearly ink
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if i := y*filled.width + x; !printed.at[i] {
				hist[filled.at[i]]++
				if filled.at[i] < 2*faintest {
					paper++
				}
			}
		}
	}
	noise := quantile(hist[:2*faintest], paper, .75)
	level := max(faintest, 4*noise)
	dark := 0
	for v := level; v < 256; v++ {
		dark += hist[v]
	}
	if dark > 0 {
		above := make([]int, 256)
		copy(above[level:], hist[min(level, 256):])
		pen := quantile(above, dark, .8)
		if faint {
			level = max(level, pen/6)
		} else {
			level = max(level, pen*2/5)
		}
	}
	return uint8(min(level, 255))
}

// quantile returns the value below which a share of the total of hist lies.
func quantile(hist []int, total int, share float64) int {
	left := int(float64(total) * share)
	for v, n := range hist {
		if left -= n; left < 0 {
			return v
		}
	}
	return len(hist) - 1
}

// chosen keeps the pieces of ink that are writing in this field: no specks, no
// remains of print, and nothing that belongs to a neighbour.
func chosen(w *Window, filled plane, ink, nearPrint mask, level uint8) penned {
	// Thin strokes come broken from a fax: what nearly touches is one piece.
	labels, pieces := raster.Pieces(ink.grow(1).at, ink.width)
	area := make([]int, len(pieces)) // of ink proper
	onPrint := make([]int, len(pieces))
	inBox := make([]int, len(pieces))
	inOther := make([]int, len(w.Others)*len(pieces))
	for y := range ink.height {
		for x := range ink.width {
			i := y*ink.width + x
			if l := labels[i]; l > 0 && ink.at[i] {
				area[l-1]++
				if nearPrint.at[i] {
					onPrint[l-1]++
				}
				if image.Pt(x, y).In(w.Box) {
					inBox[l-1]++
				}
				for k, r := range w.Others {
					if image.Pt(x, y).In(r) {
						inOther[k*len(pieces)+int(l)-1]++
					}
				}
			}
		}
	}
	unit := w.Unit()
	keep := make([]bool, len(pieces))
	small := func(r image.Rectangle) bool { return float64(max(r.Dx(), r.Dy())) < smallest*unit }
	var big []image.Rectangle
	for i := range pieces {
		p := &pieces[i]
		p.Box = p.Box.Inset(1) // it was grown by 1
		remains := 10*onPrint[i] > 7*area[i]
		outside := 2*inBox[i] < area[i]
		for k := range w.Others {
			outside = outside || inOther[k*len(pieces)+i] > inBox[i]
		}
		keep[i] = !outside && (!remains || dot(p.Box, area[i], unit))
		if keep[i] && !small(p.Box) {
			big = append(big, p.Box)
		}
	}
	line := lineHeight(big)
	var letters image.Rectangle
	for _, r := range big {
		letters = letters.Union(r)
	}
	out := penned{ink: newPlane(ink.width, ink.height), level: level}
	printed := 0
	for i, p := range pieces {
		// Points lie low: where letters leave the field, they are outside.
		keep[i] = keep[i] || small(p.Box) && p.Box.In(letters) && 10*onPrint[i] <= 7*area[i]
		if keep[i] && small(p.Box) {
			dash := float64(p.Box.Dx()) >= leastDash*unit && 2*p.Box.Dx() >= 3*p.Box.Dy()
			keep[i] = float64(area[i]) >= speck*unit*unit && belongs(p.Box, dash, big, line)
			if 10*onPrint[i] > 7*area[i] {
				keep[i] = keep[i] && onBaseLine(p.Box, big, line)
			}
		}
		if !keep[i] {
			out.Dust += inBox[i]
		} else {
			out.Bounds = out.Bounds.Union(p.Box)
			out.Area += area[i]
			printed += onPrint[i]
			out.Cut = out.Cut || !p.Box.In(w.Box)
		}
	}
	kept := newMask(ink.width, ink.height)
	for i, l := range labels {
		kept.at[i] = l > 0 && ink.at[i] && keep[l-1]
	}
	soft := kept.grow(1)
	for i, on := range soft.at {
		// The soft edges of strokes come along, those of print do not.
		if on && (kept.at[i] || !nearPrint.at[i] && !ink.at[i]) {
			out.ink.at[i] = filled.at[i]
		}
	}
	out.Pen = uint8(min(255, out.darkest(out.Bounds)))
	out.Soft = out.softness()
	out.Print = float64(printed) / float64(max(1, out.Area))
	return out
}

// softness returns the share of the ink that is much paler than the pen, from
// 0 to 1: the edges of strokes in a sharp picture, most of them in a blurred
// one.
func (w *penned) softness() float64 {
	soft, ink := 0, 0
	for _, v := range w.ink.at {
		if v < w.level {
			continue
		}
		ink++
		if int(v) < int(w.Pen)*2/3 {
			soft++
		}
	}
	return float64(soft) / float64(max(1, ink))
}

// lineHeight returns how high a line of the writing is whose larger pieces
// are given: what most of its characters reach.
func lineHeight(big []image.Rectangle) int {
	if len(big) == 0 {
		return 0
	}
	heights := make([]int, len(big))
	for i, r := range big {
		heights[i] = max(r.Dy(), r.Dx()/2)
	}
	slices.Sort(heights)
	return heights[len(heights)*3/4]
}

// dot reports whether a piece on print may be a point all the same: as wide as
// high, and larger than what is left of a rule.
func dot(r image.Rectangle, area int, unit float64) bool {
	long, wide := max(r.Dx(), r.Dy()), min(r.Dx(), r.Dy())
	return float64(long) < smallest*unit && 2*long <= 3*wide && float64(area) >= 2*speck*unit*unit && 4*area >= 3*r.Dx()*r.Dy()
}

// onBaseLine reports whether r stands behind a character and ends where that
// ends.
func onBaseLine(r image.Rectangle, big []image.Rectangle, line int) bool {
	return slices.ContainsFunc(big, func(b image.Rectangle) bool {
		off := r.Max.Y - b.Max.Y
		return r.Min.X >= b.Max.X && r.Min.X-b.Max.X < line/2 && off <= line/10 && -off <= line/10
	})
}

// belongs reports whether the small piece r is a part of a character, or stands
// where a character as small as it stands: behind another one, not above the
// line and not below it, but for commas, which hang from it, or before it if it
// is a dash, which may be a minus, or lower between two. Specks stand anywhere.
func belongs(r image.Rectangle, dash bool, big []image.Rectangle, line int) bool {
	middle := (r.Min.Y + r.Max.Y) / 2
	for _, b := range big {
		before := dash && r.Max.X <= b.Min.X && b.Min.X-r.Max.X < line/2
		if before && middle > b.Min.Y+b.Dy()/3 && middle < b.Max.Y-b.Dy()/5 {
			return true
		}
		if r.Overlaps(image.Rect(b.Min.X-2, b.Min.Y-line/3, b.Max.X+2, b.Max.Y+line/3)) {
			return true
		}
		behind := r.Min.X >= b.Max.X && r.Min.X-b.Max.X < line*2/3
		comma := r.Min.Y < b.Max.Y+line/5 && middle < b.Max.Y+line*2/5
		if behind && middle > b.Min.Y+b.Dy()/3 && (middle < b.Max.Y+line/4 || comma) {
			return true
		}
	}
	return between(r, big, line)
}

// between reports whether r stands in the gap between two characters and hangs
// no lower than points do that people write low.
func between(r image.Rectangle, big []image.Rectangle, line int) bool {
	x, left, right := (r.Min.X+r.Max.X)/2, false, false
	for _, b := range big {
		if low := r.Min.Y > (b.Min.Y+b.Max.Y)/2 && r.Max.Y < b.Max.Y+line*3/5; !low {
			continue
		}
		left = left || b.Max.X <= x && r.Min.X-b.Max.X < line*2/3
		right = right || x <= b.Min.X && b.Min.X-r.Max.X < line*2/3
	}
	return left && right
}
