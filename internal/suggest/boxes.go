package suggest

import (
	"cmp"
	"image"
	"slices"
)

// Sizes in millimetres of a page of A4.
const (
	frameLeast = 1.8 // side of a frame
	tickMost   = 7.  // side of a checkbox
	charMost   = 14. // width of a box for one character
	charGap    = 1.2 // between boxes of one row, times their width
	boxesApart = .2  // the same between those of one field
)

const (
	outlined  = .75 // share of each side of a frame that has ink
	squarish  = 1.2 // longer side of a checkbox, times the shorter one at most
	rowLeast  = 3   // boxes that make a row
	sameWidth = .25 // by how much boxes of a row differ in width and height, as a share
)

// frames returns the boxes around the pieces of ink that run along all four sides
// of theirs, corners round or not.
func frames(ink []bool, width int, pieces []image.Rectangle, unit float64) []image.Rectangle {
	least := int(frameLeast * unit)
	var boxes []image.Rectangle
	for _, p := range pieces {
		if p.Dx() < least || p.Dy() < least || p.Dx() > 40*p.Dy() || p.Dy() > 40*p.Dx() {
			continue
		}
		if p.Dx() > width*9/10 { // around the whole form
			continue
		}
		depth := max(2, min(p.Dx(), p.Dy())/6)
		depth = min(depth, max(3, int(.6*unit)))
		if framed(ink, width, p, depth) {
			half := max(0, depth/4)
			boxes = append(boxes, p.Inset(half))
		}
	}
	return boxes
}

// framed reports whether there is ink along each side of box, so deep.
func framed(ink []bool, width int, box image.Rectangle, depth int) bool {
	level := func(from, to int) float64 {
		n := 0
		for x := box.Min.X; x < box.Max.X; x++ {
			for y := from; y < to; y++ {
				if ink[y*width+x] {
					n++
					break
				}
			}
		}
		return float64(n) / float64(box.Dx())
	}
	upright := func(from, to int) float64 {
		n := 0
		for y := box.Min.Y; y < box.Max.Y; y++ {
			if slices.Contains(ink[y*width+from:y*width+to], true) {
				n++
			}
		}
		return float64(n) / float64(box.Dy())
	}
	return level(box.Min.Y, box.Min.Y+depth) >= outlined && level(box.Max.Y-depth, box.Max.Y) >= outlined &&
		upright(box.Min.X, box.Min.X+depth) >= outlined && upright(box.Max.X-depth, box.Max.X) >= outlined
}

// A row is boxes for single characters, from left to right.
type row []image.Rectangle

func (r row) bounds() (all image.Rectangle) {
	for _, b := range r {
		all = all.Union(b)
	}
	return all
}

// parts returns the boxes of r that stand close, from left to right.
func (r row) parts() []row {
	var all []row
	for i, b := range r {
		if i == 0 || float64(b.Min.X-r[i-1].Max.X) > boxesApart*float64(r[0].Dx()) {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], b)
	}
	return all
}

// rows returns the rows among boxes, and the boxes that are in none. Boxes of a row
// stand close, or with a dash between them.
func rows(boxes []image.Rectangle, dashed func(gap image.Rectangle) bool, unit float64) (all []row, rest []image.Rectangle) {
	sorted := slices.Clone(boxes)
	slices.SortFunc(sorted, func(a, b image.Rectangle) int {
		return cmp.Or(cmp.Compare(a.Min.X, b.Min.X), cmp.Compare(a.Min.Y, b.Min.Y))
	})
	used := make([]bool, len(sorted))
	for i, first := range sorted {
		if used[i] || float64(first.Dx()) > charMost*unit || first.Dx() > 2*first.Dy() || first.Dy() > 3*first.Dx() {
			continue
		}
		r, members := row{first}, []int{i}
		for j := i + 1; j < len(sorted) && float64(sorted[j].Min.X-r[len(r)-1].Max.X) <= charGap*float64(first.Dx()); j++ {
			last := r[len(r)-1]
			if used[j] || !alike(last, sorted[j]) || sorted[j].Min.X < last.Max.X-last.Dx()/4 {
				continue
			}
			gap := image.Rect(last.Max.X, last.Min.Y, sorted[j].Min.X, last.Max.Y)
			if float64(gap.Dx()) > boxesApart*float64(first.Dx()) && !dashed(gap) {
				break
			}
			r, members = append(r, sorted[j]), append(members, j)
		}
		if len(r) >= rowLeast {
			for _, m := range members {
				used[m] = true
			}
			all = append(all, r)
		}
	}
	for i, b := range sorted {
		if !used[i] {
			rest = append(rest, b)
		}
	}
	return all, rest
}

// alike reports whether two boxes may belong to one row.
func alike(a, b image.Rectangle) bool {
	near := func(x, y int) bool { return float64(abs(x-y)) <= max(3, sameWidth*float64(min(x, y))) }
	return near(a.Dx(), b.Dx()) && near(a.Dy(), b.Dy()) && abs(a.Min.Y-b.Min.Y) <= max(3, a.Dy()/8)
}

// isSquare reports whether b has the shape and size of a checkbox.
func isSquare(b image.Rectangle, unit float64) bool {
	long, short := max(b.Dx(), b.Dy()), min(b.Dx(), b.Dy())
	return float64(short) >= frameLeast*unit && float64(long) <= tickMost*unit && float64(long) <= squarish*float64(short)
}

// overlap returns what two boxes share, as a share of what they cover together.
func overlap(a, b image.Rectangle) float64 {
	shared := a.Intersect(b)
	if shared.Empty() {
		return 0
	}
	n := shared.Dx() * shared.Dy()
	return float64(n) / float64(a.Dx()*a.Dy()+b.Dx()*b.Dy()-n)
}

// holds reports whether the middle of b lies in a.
func holds(a, b image.Rectangle) bool {
	return image.Pt((b.Min.X+b.Max.X)/2, (b.Min.Y+b.Max.Y)/2).In(a)
}
