package suggest

import (
	"image"
	"slices"
	"strconv"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

const (
	tableRows    = 2  // below the header, at least
	tableColumns = 2  // at least
	filledShare  = .7 // of the cells of a table have text: it is a filled copy
)

// A strip is cells of one height beside each other, by their index, from left to
// right.
type strip []int

// tables makes tables of strips of cells that lie below each other: a header of
// print, then rows to write in. Their cells are used up.
func (d *draft) tables() {
	strips := d.strips()
	below := d.below(strips)
	inside := make([]bool, len(strips)) // hangs below another one
	for _, j := range below {
		if j >= 0 {
			inside[j] = true
		}
	}
	for i := range strips {
		if inside[i] {
			continue
		}
		var chain []strip
		for k := i; k >= 0; k = below[k] {
			chain = append(chain, strips[k])
		}
		d.tablesIn(chain)
	}
}

// strips returns all cells, each in one strip.
func (d *draft) strips() []strip {
	near := max(3, int(.6*d.unit))
	next, first := make([]int, len(d.cells)), make([]bool, len(d.cells))
	for i := range first {
		next[i], first[i] = -1, true
	}
	for i, c := range d.cells {
		for j, o := range d.cells {
			if i != j && abs(o.box.Min.X-c.box.Max.X) <= near && abs(o.box.Min.Y-c.box.Min.Y) <= near && abs(o.box.Max.Y-c.box.Max.Y) <= near {
				next[i], first[j] = j, false
				break
			}
		}
	}
	var strips []strip
	for i := range d.cells {
		if !first[i] {
			continue
		}
		var s strip
		for k := i; k >= 0 && len(s) < len(d.cells); k = next[k] {
			s = append(s, k)
		}
		strips = append(strips, s)
	}
	return strips
}

// below returns, for each strip, the one that continues its columns below it, or -1.
func (d *draft) below(strips []strip) []int {
	near := max(3, int(.6*d.unit))
	fits := func(a, b strip) bool {
		if len(a) != len(b) || abs(d.cells[a[0]].box.Max.Y-d.cells[b[0]].box.Min.Y) > near || d.cells[b[0]].box.Min.Y <= d.cells[a[0]].box.Min.Y {
			return false
		}
		for k := range a {
			if x, y := d.cells[a[k]].box, d.cells[b[k]].box; abs(x.Min.X-y.Min.X) > near || abs(x.Max.X-y.Max.X) > near {
				return false
			}
		}
		return true
	}
	below := make([]int, len(strips))
	for i, a := range strips {
		below[i] = -1
		if len(a) >= tableColumns {
			below[i] = slices.IndexFunc(strips, func(b strip) bool { return fits(a, b) })
		}
	}
	return below
}

// tablesIn makes tables of strips of the same columns that hang together.
func (d *draft) tablesIn(chain []strip) {
	if header := d.headerAbove(chain); header != nil {
		chain = append([]strip{header}, chain...)
	}
	for len(chain) > tableRows {
		if !d.isHeader(chain[0]) {
			chain = chain[1:]
			continue
		}
		rows, columns := d.bodyOf(chain)
		if rows >= tableRows && len(columns) >= tableColumns {
			d.table(chain[:rows+1], columns)
			chain = chain[rows:]
		}
		chain = chain[1:]
	}
}

// headerAbove returns the cells above the first strip of a chain, where they are a
// header of cells that are merged, and so no strip of as many; nil where they are not.
func (d *draft) headerAbove(chain []strip) strip {
	first := chain[0]
	if len(chain) < tableRows || len(first) < tableColumns || d.isHeader(first) {
		return nil
	}
	header, merged := make(strip, len(first)), false
	for k, i := range first {
		a := d.above[i]
		if a < 0 || d.used[a] || d.roles[a] != label || len(d.texts[a]) == 0 {
			return nil
		}
		header[k] = a
		merged = merged || d.cells[a].box.Min.Y != d.cells[header[0]].box.Min.Y || k > 0 && a == header[k-1]
	}
	if !merged {
		return nil
	}
	return header
}

// isHeader reports whether there is print in every cell but one at most, and
// nothing to write in.
func (d *draft) isHeader(s strip) bool {
	bare := 0
	for _, i := range s {
		switch {
		case d.used[i] || d.roles[i] == holder || d.roles[i] == place && len(d.texts[i]) > 0:
			return false
		case len(d.texts[i]) == 0:
			bare++
		}
	}
	return bare == 0 || bare == 1 && len(s) > 2
}

// bodyOf returns how many rows follow the header of chain, and which columns are
// written in.
func (d *draft) bodyOf(chain []strip) (rows int, columns []int) {
	body, texts, cells := chain[1:], 0, 0
	for n, s := range body {
		if slices.ContainsFunc(s, func(i int) bool { return d.used[i] }) {
			body = body[:n]
			break
		}
		for _, i := range s {
			cells++
			if len(d.texts[i]) > 0 {
				texts++
			}
		}
	}
	headed := 0
	for _, i := range chain[0] {
		if known(clean(d.textOf(i))) {
			headed++
		}
	}
	filled := cells > 0 && float64(texts) >= filledShare*float64(cells) && (d.shades || 2*headed >= len(chain[0]))
	writes := func(i int) bool { return d.roles[i] == place || filled && d.roles[i] != holder && !d.shadedLabel(i) }
	for c := range chain[0] {
		n := 0
		for _, s := range body {
			if writes(s[c]) {
				n++
			}
		}
		if 2*n > len(body) {
			columns = append(columns, c)
		}
	}
	leftover := func(i int) bool { return d.filled && d.roles[i] != holder && !d.shadedLabel(i) }
	for rows < len(body) && len(columns) > 0 && !slices.ContainsFunc(columns, func(c int) bool { return !writes(body[rows][c]) && !leftover(body[rows][c]) }) {
		rows++
	}
	return rows, columns
}

func (d *draft) shadedLabel(i int) bool {
	return d.shades && len(d.texts[i]) > 0 && d.shaded(d.cells[i].inner)
}

// table adds the table of a header and rows; columns are those that are read.
func (d *draft) table(chain []strip, columns []int) {
	t := form.Table{Header: 1, Rows: make([]form.Row, len(chain)-1)}
	inset := max(0, int(tableInset*d.unit))
	var all image.Rectangle
	for _, c := range columns {
		name := clean(d.textOf(chain[0][c]))
		value, rules := meant(name, 0)
		if same := slices.ContainsFunc(t.Columns, func(o form.Column) bool { return o.Name == name }); same && name != "" {
			name += " " + strconv.Itoa(len(t.Columns)+1)
		}
		t.Columns = append(t.Columns, form.Column{
			Name: name, ValueType: value, Rules: rules, Handling: form.Handling{Personal: personal(name)},
		})
	}
	for i, s := range chain {
		var boxes []geom.Box
		for _, c := range columns {
			box := d.cells[s[c]].box
			if i == 0 { // as wide as its column, and down to it
				below := d.cells[chain[1][c]].box
				box.Min.X, box.Max.X, box.Max.Y = below.Min.X, below.Max.X, below.Min.Y
			}
			all = all.Union(box)
			boxes = append(boxes, boxOf(box.Inset(inset)))
		}
		t.Cells = append(t.Cells, boxes)
		for _, cell := range s {
			d.used[cell] = true
			if i == 0 {
				d.roles[cell] = label
			}
		}
	}
	t.Box = boxOf(all)
	t.Name = d.heading(all)
	d.out.Tables = append(d.out.Tables, Table{t, sureTable})
}

// heading returns the print right above a table, such as the title of a section.
func (d *draft) heading(box image.Rectangle) string {
	best, nearest := "", 3*d.body
	for i, p := range d.phrases {
		gap := box.Min.Y - p.box.Max.Y
		if gap >= -p.size/3 && gap < nearest && p.box.Min.X < box.Max.X && p.box.Max.X > box.Min.X && d.within[i] < 0 && hasLetters(p.text) {
			best, nearest = clean(p.text), gap
		}
	}
	return best
}
