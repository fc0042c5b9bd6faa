package mark

import (
	"image"
	"math"
	"slices"

	"github.com/seosik/seosik/internal/raster"
)

// A Line shows checkboxes that stand side by side, from left to right, with what
// is printed beside them, on a page and on the template's picture at the same scale.
type Line struct {
	Filled, Blank *image.Gray
	Boxes         []image.Rectangle
	Others        []image.Rectangle // places of other fields
	Blurred       bool              // the print of the page is out of focus, or moved
}

// Around is what lies around a checkbox and may be meant for it. Areas are in
// areas of the box.
type Around struct {
	Beside float64 // area of ink that belongs to no box and lies nearest to this one or to its label
	Tail   float64 // area of ink in the box that is the end of a mark of another box
	Over   float64 // what darkens its label beyond its print, as a share of the print
	Struck float64 // share of the width of its label in which is such ink
	Wide   float64 // how wide its label is, in sides of the box; 0 where there is none
}

// penLevel is the darkness from which ink beside a box is a pen's: less may be
// uneven light.
const penLevel = .2

// Around looks at the ink between and around the boxes of a line.
func (l Line) Around() []Around {
	around := make([]Around, len(l.Boxes))
	v := l.seen()
	for _, c := range v.clusters() {
		if v.writing(c) || !v.markLike(c) {
			continue
		}
		if owner := v.owner(c); owner >= 0 {
			for i, n := range c.inside {
				if i != owner && float64(n) < .6*float64(c.inside[owner]) {
					around[i].Tail += float64(n) / v.area
				}
			}
			continue
		}
		for _, i := range v.nearest(c) {
			around[i].Beside += float64(c.free) / v.area
		}
	}
	for i := range around {
		around[i].Over, around[i].Struck = v.over(i)
		around[i].Wide = float64(v.labels[i].Dx()) / v.side
	}
	return around
}

// A lineSeen is a line of boxes with its ink.
type lineSeen struct {
	checkbox
	boxes, others []image.Rectangle // where they lie on the page
	labels        []image.Rectangle // print beside each; may be empty
	ink           []bool
	area          float64
	leftwards     bool // labels stand left of their boxes
	page, form    plane
	look          look
}

// seen returns the ink of l.
func (l Line) seen() *lineSeen {
	side := 1
	for _, b := range l.Boxes {
		side = max(side, b.Dx(), b.Dy())
	}
	window := image.Rectangle{Max: l.Filled.Rect.Size()}
	page, form := darkness(l.Filled, window), darkness(l.Blank, window)
	at := register(page, form, shift{}, max(2, side/9))
	page, form, _ = softened(page, form.moved(at.x, at.y))
	moved := image.Pt(int(math.Round(at.x)), int(math.Round(at.y)))
	near := nearPrint(form)
	candidates := looks
	if l.Blurred {
		candidates = slices.Concat(looks, blurs)
	}
	v := &lineSeen{area: float64(side * side), page: page, form: form, look: lookOf(page, form, candidates)}
	expected := v.look(form)
	v.overlay = subtract(page, expected, gainOf(page, expected, near))
	v.side, v.level = float64(side), max(penLevel, 5*v.noise)
	for _, b := range l.Boxes {
		v.boxes = append(v.boxes, b.Add(moved))
	}
	for _, b := range l.Others {
		v.others = append(v.others, b.Add(moved))
	}
	v.ink = make([]bool, len(v.overlay.ink.at))
	for i, d := range v.overlay.ink.at {
		v.ink[i] = d >= v.level
	}
	v.label()
	return v
}

// label finds the print right of each box, or left of each where none is right
// of the last.
func (v *lineSeen) label() {
	n := len(v.boxes)
	ends := append([]int{0}, make([]int, n)...)
	for i, b := range v.boxes {
		ends[i+1] = b.Max.X
	}
	right, left := make([]image.Rectangle, n), make([]image.Rectangle, n)
	for i, b := range v.boxes {
		next := v.form.width
		if i+1 < n {
			next = v.boxes[i+1].Min.X
		}
		right[i] = v.print(b, b.Max.X, next, 1)
		left[i] = v.print(b, b.Min.X-1, ends[i]-1, -1)
	}
	if v.leftwards = right[n-1].Empty() && !left[0].Empty(); v.leftwards {
		v.labels = left
	} else {
		v.labels = right
	}
}

// print returns the print beside b, from one column to another, up to a gap that
// is wider than a box.
func (v *lineSeen) print(b image.Rectangle, from, to, step int) (r image.Rectangle) {
	form := v.form
	gap, edge := 0, int(v.side/8)
	for x := from + step*edge; x*step < to*step && x >= 0 && x < form.width; x += step {
		top, bottom, n := b.Max.Y, b.Min.Y, 0
		for y := max(0, b.Min.Y-edge); y < min(form.height, b.Max.Y+edge); y++ {
			if form.at[y*form.width+x] >= 2*printed {
				top, bottom, n = min(top, y), max(bottom, y+1), n+1
			}
		}
		if n == 0 || n >= b.Dy()+edge { // nothing, or an upright rule
			if gap++; float64(gap) > 1.2*v.side {
				break
			}
			continue
		}
		gap = 0
		r = r.Union(image.Rect(x, top, x+1, bottom))
	}
	return r
}

// A cluster is pieces of ink that are near each other.
type cluster struct {
	box    image.Rectangle
	free   int   // pixels that are not right beside print
	inside []int // of these, those in each box
	others int   // and those in other fields
}

// clusters joins the pieces of ink that print or a shaking hand keeps apart.
func (v *lineSeen) clusters() []cluster {
	w := v.overlay.ink.width
	wide := newPlane(w, v.overlay.ink.height)
	for i, on := range v.ink {
		if on {
			wide.at[i] = 1
		}
	}
	for range max(1, int(v.side/14)) {
		wide = wide.spread()
	}
	joined := make([]bool, len(wide.at))
	for i, d := range wide.at {
		joined[i] = d > 0
	}
	labels, pieces := raster.Pieces(joined, w)
	all := make([]cluster, len(pieces))
	for i := range all {
		all[i].inside = make([]int, len(v.boxes))
	}
	edge := int(max(1, v.side/10))
	for i, on := range v.ink {
		if !on {
			continue
		}
		c, at := &all[labels[i]-1], image.Pt(i%w, i/w)
		c.box = c.box.Union(image.Rectangle{at, at.Add(image.Pt(1, 1))})
		if v.beside(at.X, at.Y) {
			continue
		}
		c.free++
		for k, b := range v.boxes {
			if at.In(b.Inset(edge)) {
				c.inside[k]++
			}
		}
		for _, b := range v.others {
			if at.In(b) {
				c.others++
				break
			}
		}
	}
	return all
}

// writing reports whether c belongs to another field.
func (v *lineSeen) writing(c cluster) bool { return float64(c.others) > .15*float64(c.free) }

// markLike reports whether c is as large as marks are, and no stripe across
// the page.
func (v *lineSeen) markLike(c cluster) bool {
	long, wide := float64(max(c.box.Dx(), c.box.Dy())), float64(min(c.box.Dx(), c.box.Dy()))
	stripe := (c.box.Dy() >= v.overlay.ink.height-2 || c.box.Dx() >= v.overlay.ink.width-2) && wide < .25*v.side
	return long >= .5*v.side && wide >= .08*v.side && float64(c.free) >= .035*v.area && !stripe
}

// owner returns the box that c is in, or -1.
func (v *lineSeen) owner(c cluster) int {
	best := -1
	for i, n := range c.inside {
		if n > 0 && (best < 0 || n > c.inside[best]) {
			best = i
		}
	}
	if best >= 0 && float64(c.inside[best]) < .3*float64(c.free) && float64(c.inside[best]) < .06*v.area {
		return -1
	}
	return best
}

// nearest returns the box whose label c lies on, or else the nearest boxes: two
// where nobody could say which.
func (v *lineSeen) nearest(c cluster) []int {
	m := c.box.Min.Add(c.box.Max).Div(2)
	for i, l := range v.labels {
		if over := l.Intersect(c.box); !l.Empty() && (m.X >= l.Min.X && m.X < l.Max.X && !over.Empty() || 2*over.Dx() > l.Dx()) {
			return []int{i}
		}
	}
	distance := make([]float64, len(v.boxes))
	least := math.Inf(1)
	for i, b := range v.boxes {
		dx := float64(max(0, b.Min.X-m.X, m.X-b.Max.X))
		dy := float64(max(0, b.Min.Y-m.Y, m.Y-b.Max.Y))
		distance[i] = math.Hypot(dx, dy) / v.side
		least = min(least, distance[i])
	}
	var near []int
	for i, d := range distance {
		if d <= 2.5 && d <= 1.5*least+.2 {
			near = append(near, i)
		}
	}
	return near
}

// over returns what darkens the label of a box beyond its print, as a share of
// that, and the share of its columns in which is such ink. Print that is a little beside its place darkens all labels of a page alike.
func (v *lineSeen) over(i int) (over, struck float64) {
	l := v.labels[i]
	if l.Empty() {
		return 0, 0
	}
	r := l.Inset(-int(v.side / 4)).Intersect(image.Rect(0, 0, v.page.width, v.page.height))
	page, form := v.page.part(r), v.form.part(r)
	at := register(page, form, shift{}, 2)
	form = form.moved(at.x, at.y)
	expected := v.look(form)
	gain := gainOf(page, expected, nearPrint(form))
	print, more := float32(0), float32(0)
	columns := make([]bool, page.width)
	l = l.Sub(r.Min).Intersect(image.Rect(0, 0, page.width, page.height))
	for k, d := range page.at {
		want := min(1, float32(gain*expected.at[k]))
		if x := k % page.width; x >= l.Min.X && x < l.Max.X {
			print += want
			if d-want >= v.level {
				more += d - want
				columns[x] = true
			}
		}
	}
	covered := 0
	for _, is := range columns {
		if is {
			covered++
		}
	}
	return float64(more / max(1, print)), float64(covered) / float64(l.Dx())
}
