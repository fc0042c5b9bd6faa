package grid

import (
	"cmp"
	"image"
	"slices"
)

// A border is a place across the lines of one direction, where one or several
// of them lie.
type border struct {
	at    int
	lines []Line
}

// borders puts lines that lie beside each other on one border. The ends of the
// lines that cross them are borders too: the sides of tables are often open.
func (f finder) borders(lines []Line, first, last int) []border {
	slices.SortFunc(lines, func(a, b Line) int { return cmp.Compare(a.Middle(), b.Middle()) })
	var bs []border
	for _, l := range lines {
		if n := len(bs) - 1; n >= 0 && l.Middle()-bs[n].at <= f.thick {
			bs[n].lines = append(bs[n].lines, l)
			bs[n].at = bs[n].center()
		} else {
			bs = append(bs, border{l.Middle(), []Line{l}})
		}
	}
	if len(bs) == 0 || bs[0].at-first > 2*f.thick {
		bs = append([]border{{at: first}}, bs...)
	}
	if last-bs[len(bs)-1].at > 2*f.thick {
		bs = append(bs, border{at: last})
	}
	return bs
}

// center returns the middle of the lines of b, long ones counting more.
func (b border) center() int {
	sum, weight := 0, 0
	for _, l := range b.lines {
		sum += l.Middle() * (l.To - l.From)
		weight += l.To - l.From
	}
	return sum / max(1, weight)
}

// drawn returns the share of from..to that the lines of b cover.
func (b border) drawn(from, to, slack int) float64 {
	from, to = from+slack, to-slack
	if to <= from {
		from, to = from-slack, to+slack
	}
	covered := 0
	end := from
	sorted := slices.Clone(b.lines)
	slices.SortFunc(sorted, func(a, b Line) int { return cmp.Compare(a.From, b.From) })
	for _, l := range sorted {
		if start := max(l.From, end); min(l.To, to) > start {
			covered += min(l.To, to) - start
			end = min(l.To, to)
		}
	}
	return float64(covered) / float64(max(1, to-from))
}

const (
	separates = .7  // share of the side of a cell that is drawn, at least
	enclosed  = .55 // of all its sides: less is what lies beside a table
)

// A lattice is all borders of a table, whether they divide anything or not.
type lattice struct {
	f             finder
	rows, columns []border
	taken         []bool // places that are part of a cell, row by row
}

// table returns what the lines of g enclose.
func (f finder) table(g group) Table {
	if len(g.level) == 0 || len(g.upright) == 0 {
		return Table{}
	}
	all := image.Rectangle{}
	for _, l := range g.level {
		all = all.Union(image.Rect(l.From, l.Low, l.To, l.High))
	}
	for _, u := range g.upright {
		all = all.Union(image.Rect(u.Low, u.From, u.High, u.To))
	}
	l := &lattice{f: f, rows: f.borders(g.level, all.Min.Y, all.Max.Y), columns: f.borders(g.upright, all.Min.X, all.Max.X)}
	l.taken = make([]bool, (len(l.rows)-1)*(len(l.columns)-1))
	t := Table{}
	for row := range len(l.rows) - 1 {
		for column := range len(l.columns) - 1 {
			if l.taken[row*(len(l.columns)-1)+column] {
				continue
			}
			if c := l.cell(row, column); l.encloses(c) {
				t.Cells = append(t.Cells, c)
				t.Box = t.Box.Union(c.Box)
			}
		}
	}
	compact(t.Cells)
	return t
}

// cell takes the cell whose top left place is given.
func (l *lattice) cell(row, column int) Cell {
	c := Cell{Row: row, Column: column, RowSpan: 1, ColumnSpan: 1}
	free := func(row, column int) bool { return !l.taken[row*(len(l.columns)-1)+column] }
	for next := column + 1; next < len(l.columns)-1 && free(row, next) && !l.between(row, next); next++ {
		c.ColumnSpan++
	}
	joins := func(next int) bool {
		for k := column; k < column+c.ColumnSpan; k++ {
			if !free(next, k) || l.below(next, k) || k > column && l.between(next, k) {
				return false
			}
		}
		return true
	}
	for next := row + 1; next < len(l.rows)-1 && joins(next); next++ {
		c.RowSpan++
	}
	for r := row; r < row+c.RowSpan; r++ {
		for k := column; k < column+c.ColumnSpan; k++ {
			l.taken[r*(len(l.columns)-1)+k] = true
		}
	}
	c.Box = image.Rect(l.columns[column].at, l.rows[row].at, l.columns[column+c.ColumnSpan].at, l.rows[row+c.RowSpan].at)
	return c
}

// between reports whether there is a line on the left of a place.
func (l *lattice) between(row, column int) bool {
	return l.columns[column].drawn(l.rows[row].at, l.rows[row+1].at, l.f.thick) >= separates
}

// below reports whether there is a line above a place, which is below another.
func (l *lattice) below(row, column int) bool {
	return l.rows[row].drawn(l.columns[column].at, l.columns[column+1].at, l.f.thick) >= separates
}

// encloses reports whether lines are drawn around enough of c.
func (l *lattice) encloses(c Cell) bool {
	b, slack := c.Box, l.f.thick
	top, bottom := l.rows[c.Row], l.rows[c.Row+c.RowSpan]
	left, right := l.columns[c.Column], l.columns[c.Column+c.ColumnSpan]
	drawn := float64(b.Dx())*(top.drawn(b.Min.X, b.Max.X, slack)+bottom.drawn(b.Min.X, b.Max.X, slack)) +
		float64(b.Dy())*(left.drawn(b.Min.Y, b.Max.Y, slack)+right.drawn(b.Min.Y, b.Max.Y, slack))
	return drawn >= enclosed*float64(2*b.Dx()+2*b.Dy())
}

// compact numbers rows and columns anew, without those at whose border no
// cell begins.
func compact(cells []Cell) {
	renumber := func(start, span func(*Cell) *int) {
		begins := make(map[int]bool)
		for i := range cells {
			begins[*start(&cells[i])] = true
		}
		before := func(at int) (n int) {
			for b := range begins {
				if b < at {
					n++
				}
			}
			return n
		}
		for i := range cells {
			first, end := *start(&cells[i]), *start(&cells[i])+*span(&cells[i])
			*start(&cells[i]), *span(&cells[i]) = before(first), before(end)-before(first)
		}
	}
	renumber(func(c *Cell) *int { return &c.Row }, func(c *Cell) *int { return &c.RowSpan })
	renumber(func(c *Cell) *int { return &c.Column }, func(c *Cell) *int { return &c.ColumnSpan })
}
