package views

import (
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"github.com/seosik/seosik/internal/form"
)

// A Grid is a table of a form with what its cells hold.
type Grid struct {
	Page    form.PageID
	Run     int // of the page
	Index   int // of the table on the template
	Title   string
	Columns []GridColumn
	Rows    []GridRow
	Spare   int // rows at the end that are blank and surely so
}

// A GridColumn is a column, and the totals that it is a part of.
type GridColumn struct {
	Title  string
	Totals []GridTotal
	Cells  []int // indices of its fields
}

// A GridTotal is a field that is the sum of others.
type GridTotal struct {
	Title string
	Field int   // its index
	Parts []int // indices of all fields that it is the sum of
}

// A GridRow is a row below the header.
type GridRow struct {
	Number int
	Spare  bool // is at the end, and surely blank
	Cells  []GridCell
}

// A GridCell is a value that takes so many rows and columns.
type GridCell struct {
	ReviewRow
	Down, Along int
}

// Grids returns the tables of t with those of rows that are their cells, and the
// other rows.
func Grids(t *form.Template, rows []ReviewRow) (grids []Grid, rest []ReviewRow) {
	if t == nil {
		return nil, rows
	}
	cells := make(map[form.FieldID]ReviewRow)
	indices := make(map[form.FieldID]int, len(rows))
	for _, r := range rows {
		indices[r.Value.Field.ID] = r.Index
		if r.Value.Field.Table == "" {
			rest = append(rest, r)
		} else {
			cells[r.Value.Field.ID] = r
		}
	}
	sums := t.Sums()
	for i := range t.Tables {
		if g := grid(t, i, cells); len(g.Rows) > 0 {
			g.total(t, sums, indices, titles(rows))
			grids = append(grids, g)
		}
	}
	return grids, rest
}

// doubtfulRows returns how many rows are doubtful, which are the first: the tables
// come behind those.
func (p ReviewPage) doubtfulRows() (n int) {
	for _, r := range p.Rows {
		if r.Value.Doubtful() {
			n++
		}
	}
	return n
}

func titles(rows []ReviewRow) map[int]string {
	of := make(map[int]string, len(rows))
	for _, r := range rows {
		of[r.Index] = r.Label()
	}
	return of
}

// grid returns the table of t with the given index.
func grid(t *form.Template, index int, cells map[form.FieldID]ReviewRow) Grid {
	table := &t.Tables[index]
	g := Grid{Index: index, Title: table.Title(), Columns: make([]GridColumn, len(table.Columns))}
	for i, c := range table.Columns {
		g.Columns[i].Title = c.Title()
	}
	filled := 0 // rows, up to the last that is not surely blank
	for row := table.Header; row < len(table.Cells); row++ {
		line := GridRow{Number: row - table.Header + 1}
		for column := range table.Columns {
			r, ok := cells[table.CellID(row, column)]
			if !ok {
				continue
			}
			down, along := table.Span(row, column)
			if down == 0 {
				continue
			}
			g.Page, g.Run = r.Page, r.Run
			line.Cells = append(line.Cells, GridCell{r, down, along})
			g.Columns[column].Cells = append(g.Columns[column].Cells, r.Index)
			if r.Value.Doubtful() || r.text() != "" {
				filled = row - table.Header + down
			}
		}
		if len(line.Cells) > 0 || len(g.Rows) > 0 {
			g.Rows = append(g.Rows, line)
		}
	}
	for i := min(len(g.Rows), filled+1); i < len(g.Rows); i++ {
		g.Rows[i].Spare = true
		g.Spare++
	}
	return g
}

// total notes the totals that columns of g are a part of.
func (g *Grid) total(t *form.Template, sums []form.Sum, indices map[form.FieldID]int, titles map[int]string) {
	for i := range g.Columns {
		c := &g.Columns[i]
		for _, s := range sums {
			total := GridTotal{Field: indices[s.Total], Title: titles[indices[s.Total]]}
			mine := 0
			for _, id := range s.Parts {
				total.Parts = append(total.Parts, indices[id])
				for _, cell := range c.Cells {
					if cell == indices[id] {
						mine++
					}
				}
			}
			if mine > 1 { // one cell is no column that is added up
				c.Totals = append(c.Totals, total)
			}
		}
	}
}

func (g Grid) id() string { return "grid-" + strconv.Itoa(g.Index) }

func (g Grid) action() string {
	return "/pages/" + strconv.FormatInt(int64(g.Page), 10) + "/corrections/many"
}

// summed reports whether a column of g is added up.
func (g Grid) summed() bool {
	for _, c := range g.Columns {
		if len(c.Totals) > 0 {
			return true
		}
	}
	return false
}

// fields writes indices of fields.
func fields(indices []int) string {
	words := make([]string, len(indices))
	for i, n := range indices {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, " ")
}

const (
	narrowCell = 3  // characters of a Latin font
	wideCell   = 36 // what is longer is scrolled
)

// size returns how wide the cell of r is, in characters of a Latin font.
func (r ReviewRow) size() string {
	n := 1
	for _, r := range r.text() {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return strconv.Itoa(min(wideCell, max(narrowCell, n)))
}

// Many is what came of correcting many cells at once.
type Many struct {
	Rows   []ReviewRow // that were to be corrected
	Others []ReviewRow // of which there is now something else to say
	Head   ReviewHead
	Stale  string // names of cells that somebody else has corrected meanwhile, where nothing was kept
}
