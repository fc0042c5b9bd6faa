// Package grid finds ruled tables: it looks for thin straight lines, puts
// those that touch together, and makes cells out of what they enclose. A line
// that is missing between two places makes one cell of them.
//
// Lines are dark on light paper, and level or upright to within a degree or
// so; a page that lies askew is straightened before. Tables without lines are
// not found.
//
// # Coordinates
//
// Pixels of the picture, whose origin is (0, 0).
package grid

import (
	"cmp"
	"image"
	"slices"
)

// A Table is a ruled table.
type Table struct {
	Box   image.Rectangle // the middles of its outer lines
	Cells []Cell          // row by row
}

// A Cell is a cell of a table. Rows and columns count from 0.
type Cell struct {
	Row, Column         int
	RowSpan, ColumnSpan int             // at least 1
	Box                 image.Rectangle // the middles of its lines
}

// Find returns the tables in img, the highest first. Rules tells, for every
// pixel of img row by row, whether it belongs to a line of one of them.
func Find(img *image.Gray) (tables []Table, rules []bool) {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	f := newFinder(width, height)
	level, levelMask := f.lines(img)
	upright, uprightMask := f.lines(transposed(img))
	rules = make([]bool, width*height)
	for _, g := range f.groups(level, upright) {
		t := f.table(g)
		if len(t.Cells) < 2 {
			continue
		}
		tables = append(tables, t)
		for y := max(0, t.Box.Min.Y-f.thick); y < min(height, t.Box.Max.Y+f.thick); y++ {
			for x := max(0, t.Box.Min.X-f.thick); x < min(width, t.Box.Max.X+f.thick); x++ {
				rules[y*width+x] = rules[y*width+x] || levelMask[y*width+x] || uprightMask[x*height+y]
			}
		}
	}
	slices.SortStableFunc(tables, func(a, b Table) int { return cmp.Compare(a.Box.Min.Y, b.Box.Min.Y) })
	return tables, rules
}

// A finder knows the sizes to look for. They are parts of the page: a page of
// 297 mm height has rules of 4 mm at least, and of 1.2 mm thickness at most.
type finder struct {
	least int // length of a line, pixels
	thick int // thickness of a line at most, pixels
}

func newFinder(width, height int) finder {
	long := max(width, height)
	return finder{least: max(16, long/70), thick: max(4, long/250)}
}

func transposed(img *image.Gray) *image.Gray {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, height, width))
	for y := range height {
		for x, v := range img.Pix[y*img.Stride:][:width] {
			out.Pix[x*out.Stride+y] = v
		}
	}
	return out
}

// A group is lines that touch each other, by way of others at least.
type group struct{ level, upright []Line }

// maxPairs bounds the work for a picture that is made of lines, such as a
// fabric. No table has so many.
const maxPairs = 50_000_000

// groups returns the lines that touch, together.
func (f finder) groups(level, upright []Line) []group {
	if len(level)*len(upright) > maxPairs {
		return nil
	}
	// Each line begins as a group of its own; where two touch, one's
	// representative becomes that of the other.
	parent := make([]int, len(level)+len(upright))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for i, l := range level {
		for j, u := range upright {
			if u.From-f.thick <= l.High && u.To+f.thick >= l.Low && l.From-f.thick <= u.High && l.To+f.thick >= u.Low {
				parent[root(i)] = root(len(level) + j)
			}
		}
	}
	byRoot := make(map[int]*group)
	var order []int
	at := func(i int) *group {
		r := root(i)
		if byRoot[r] == nil {
			byRoot[r] = new(group)
			order = append(order, r)
		}
		return byRoot[r]
	}
	for i, l := range level {
		g := at(i)
		g.level = append(g.level, l)
	}
	for j, u := range upright {
		g := at(len(level) + j)
		g.upright = append(g.upright, u)
	}
	var groups []group
	for _, r := range order {
		groups = append(groups, *byRoot[r])
	}
	return groups
}
