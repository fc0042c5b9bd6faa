package sample

import (
	"image/color"
	"math"
	"strings"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A sheet is a blank form that is being drawn.
type sheet struct {
	*canvas
	template *form.Template
	contents map[form.FieldID]Content
	labels   map[form.FieldID]string

	print, strong fontset
	size          float64    // px; of body text
	rule          float64    // px; width of the lines of a grid
	border        float64    // px; width of the line around a grid
	inset         float64    // px; of a field from the lines around it
	shade         color.RGBA // behind labels
	ink           color.RGBA
	corner        float64 // px; half the side of the square of a checkbox
}

// blank returns what was drawn.
func (s *sheet) blank() *Blank {
	return &Blank{Template: s.template, Image: s.picture(), Contents: s.contents, Labels: s.labels}
}

// A cell is a part of a row of a grid: a label if it has no put, otherwise a
// place that put draws.
type cell struct {
	width float64 // px; 0 for what the others leave, shared
	label string
	put   func(b geom.Box)
}

// row draws the cells of one row from left to right and returns its bottom.
func (s *sheet) row(b geom.Box, cells ...cell) float64 {
	rest, open := b.Width(), 0
	for _, c := range cells {
		rest -= c.width
		if c.width == 0 {
			open++
		}
	}
	x, label := b.Min.X, ""
	for i, c := range cells {
		w := c.width
		if w == 0 {
			w = rest / float64(open)
		}
		place := geom.XYWH(x, b.Min.Y, w, b.Height())
		if c.put == nil {
			s.label(place, c.label)
			label = c.label
		} else {
			s.labelled(label, func() { c.put(place) })
		}
		if i > 0 {
			s.vline(x, b.Min.Y, b.Max.Y, s.rule, s.ink)
		}
		x += w
	}
	s.hline(b.Min.X, b.Max.X, b.Min.Y, s.rule, s.ink) // the shades went over it
	s.hline(b.Min.X, b.Max.X, b.Max.Y, s.rule, s.ink)
	return b.Max.Y
}

// labelled has put add fields whose label is printed beside them.
func (s *sheet) labelled(label string, put func()) {
	from := len(s.template.Fields)
	put()
	for _, f := range s.template.Fields[from:] {
		if f.Kind != form.Checkbox { // each has its own
			s.labels[f.ID] = label
		}
	}
}

// label draws a shaded cell with its text, lines below each other.
func (s *sheet) label(b geom.Box, text string) {
	s.box(b, s.shade)
	lines := strings.Split(text, "\n")
	pitch := min(1.35*s.size, (b.Height()-4)/float64(len(lines)))
	y := b.Center().Y - pitch*float64(len(lines)-1)/2
	for _, line := range lines {
		s.textIn(s.print, line, geom.XYWH(b.Min.X+6, y-pitch/2, b.Width()-12, pitch), min(s.size, .9*pitch), center, s.ink)
		y += pitch
	}
}

// add makes f a field of the form.
func (s *sheet) add(f form.Field, c Content) {
	f.ID = form.FieldID(f.Name)
	if f.ValueType == "" {
		f.ValueType = form.All
	}
	s.template.Fields = append(s.template.Fields, f)
	s.contents[f.ID] = c
}

// field returns a cell that is a NORMAL field.
func (s *sheet) field(name string, c Content, rules form.Rules) func(geom.Box) {
	return func(b geom.Box) {
		s.add(form.Field{Name: name, Kind: form.Normal, ValueType: c.valueType(), Box: b.Grow(-s.inset), Rules: rules}, c)
	}
}

// boxes draws n squares for single characters from x on, with a printed dash
// after as many of them as dashes says, and adds the MULTI_BOX field.
func (s *sheet) boxes(name string, n int, c Content, x float64, in geom.Box, dashes []int, rules form.Rules) {
	height := min(in.Height()*.72, 50*s.size/26)
	gap := height * .42 // of a dash
	width := min(height*.86, (in.Max.X-x-gap*float64(len(dashes)+1))/float64(n))
	y := in.Center().Y - height/2
	f := form.Field{Name: name, Kind: form.MultiBox, ValueType: c.valueType(), Rules: rules}
	for i := range n {
		for _, d := range dashes {
			if d == i {
				s.hline(x+gap*.25, x+gap*.75, in.Center().Y, s.rule, s.ink)
				x += gap
			}
		}
		b := geom.XYWH(x, y, width, height)
		s.frame(b, s.rule, s.ink)
		f.Boxes = append(f.Boxes, b)
		f.Box = f.Box.Union(b)
		x += width
	}
	s.add(f, c)
}

// A choice is one checkbox of a group.
type choice struct{ name, label string }

// checks draws checkboxes with their labels side by side.
func (s *sheet) checks(group string, c Content, yes, no string, choices []choice, in geom.Box) {
	side := 2 * s.corner
	pad := .6 * s.size
	total := 0.0
	for _, ch := range choices {
		total += side + .4*s.size + s.width(s.print, ch.label)*s.size
	}
	room := in.Width() - 2*pad - total
	gap := math.Min(room/math.Max(1, float64(len(choices)-1)), 1.5*s.size)
	size := s.size
	if gap < .5*s.size { // too many words: print them smaller
		gap = .5 * s.size
		size *= math.Max(.6, (in.Width()-2*pad-gap*float64(len(choices)-1)-(side+.4*size)*float64(len(choices)))/
			(total-(side+.4*size)*float64(len(choices))))
	}
	x, y := in.Min.X+pad, in.Center().Y
	for _, ch := range choices {
		b := geom.XYWH(x, y-s.corner, side, side)
		s.frame(b, s.rule, s.ink)
		s.add(form.Field{Name: ch.name, Kind: form.Checkbox, Box: b, CheckedText: yes, UncheckedText: no, Group: group}, c)
		s.labels[form.FieldID(ch.name)] = ch.label
		x += side + .4*size
		s.text(s.print, ch.label, geom.Point{X: x, Y: y + .35*size}, size, 0, s.ink)
		x += s.width(s.print, ch.label)*size + gap
	}
}

// A column is a column of a table.
type column struct {
	name    string
	width   float64 // share of the table
	content Content
}

// table draws a table with one row of header and adds it to the form.
func (s *sheet) table(name string, b geom.Box, header float64, rows int, columns []column) {
	t := form.Table{Name: name, Box: b, Header: 1, Rows: make([]form.Row, rows)}
	heights := []float64{header}
	for range rows {
		heights = append(heights, (b.Height()-header)/float64(rows))
	}
	y := b.Min.Y
	for r, height := range heights {
		var cells []geom.Box
		x := b.Min.X
		for i, col := range columns {
			c := geom.XYWH(x, y, b.Width()*col.width, height)
			if r == 0 {
				s.label(c, col.name)
				t.Columns = append(t.Columns, form.Column{Name: col.name, ValueType: form.All})
			} else {
				s.contents[t.CellID(r, i)] = col.content
			}
			cells = append(cells, c.Grow(-s.inset))
			x = c.Max.X
		}
		t.Cells = append(t.Cells, cells)
		y += height
		s.hline(b.Min.X, b.Max.X, y, s.rule, s.ink)
	}
	x := b.Min.X
	for _, col := range columns[:len(columns)-1] {
		x += b.Width() * col.width
		s.vline(x, b.Min.Y, b.Max.Y, s.rule, s.ink)
	}
	s.frame(b, s.border, s.ink)
	s.template.Tables = append(s.template.Tables, t)
}

// underlined draws a line to write on and adds the field above it.
func (s *sheet) underlined(name string, c Content, b geom.Box, rules form.Rules) {
	s.hline(b.Min.X, b.Max.X, b.Max.Y, s.rule, s.ink)
	s.add(form.Field{Name: name, Kind: form.Normal, ValueType: c.valueType(), Box: geom.Box{
		Min: b.Min, Max: geom.Point{X: b.Max.X, Y: b.Max.Y - s.rule/2},
	}, Rules: rules}, c)
}

// heading prints the heading of a section above y and returns y.
func (s *sheet) heading(text string, x, y float64) float64 {
	s.text(s.strong, text, geom.Point{X: x, Y: y - .45*s.size}, 1.12*s.size, 0, s.ink)
	return y
}
