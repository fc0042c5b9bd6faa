package form

import (
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/geom"
)

// spanned returns a table of two columns and a header, in which the first row
// is one cell, and the second column of the rows below is another one.
func spanned() Table {
	at := func(x, y, w, h float64) geom.Box { return geom.XYWH(x, y, w, h) }
	wide, high := at(0, 20, 100, 20), at(50, 40, 50, 40)
	return Table{
		Name: "items", Box: at(0, 0, 100, 80), Header: 1, Rows: make([]Row, 3), Columns: []Column{{Name: "a"}, {Name: "b"}},
		Cells: [][]geom.Box{{at(0, 0, 50, 20), at(50, 0, 50, 20)}, {wide, wide}, {at(0, 40, 50, 20), high}, {at(0, 60, 50, 20), high}},
	}
}

func TestSpan(t *testing.T) {
	table := spanned()
	for _, tt := range []struct{ row, column, rows, columns int }{
		{0, 0, 1, 1}, {1, 0, 1, 2}, {1, 1, 0, 0}, {2, 0, 1, 1}, {2, 1, 2, 1}, {3, 0, 1, 1}, {3, 1, 0, 0},
	} {
		if rows, columns := table.Span(tt.row, tt.column); rows != tt.rows || columns != tt.columns {
			t.Errorf("Span(%d, %d) = %d, %d, want %d, %d", tt.row, tt.column, rows, columns, tt.rows, tt.columns)
		}
	}
}

func TestPlacesOfSpans(t *testing.T) {
	var ids []FieldID
	for _, f := range (&Template{Tables: []Table{spanned()}}).Places() {
		ids = append(ids, f.ID)
	}
	if want := []FieldID{"items[1,0]", "items[2,0]", "items[2,1]", "items[3,0]"}; !slices.Equal(ids, want) {
		t.Errorf("places = %q, want %q", ids, want)
	}
}

func TestCellNamesAreNoOthers(t *testing.T) {
	spans := spanned()
	same := spanned()
	same.Name, same.Columns = "b", []Column{{Name: "a.b"}, {Name: "a.b"}}
	same.Rows, same.Header, same.Cells = same.Rows[1:], 0, same.Cells[2:]
	template := &Template{Fields: []Field{{Name: "items.1.a"}}, Tables: []Table{spans, same}}
	var names []string
	for _, f := range template.Places()[1:] {
		names = append(names, template.CellName(&f))
	}
	want := []string{"items[1].a", "items[2].a", "items[2].b", "items[3].a", "b[1].a.b", "b[1].a.b[2]", "b[2].a.b"}
	if !slices.Equal(names, want) {
		t.Errorf("names = %q, want %q", names, want)
	}
	for _, name := range names { // a field cannot have one of them
		if checkName("name", name) == nil {
			t.Errorf("a field may be called %q", name)
		}
	}
}

func TestSumOverSpans(t *testing.T) {
	tpl := &Template{
		Fields: []Field{{ID: "total", Name: "total", Kind: Normal, Rules: Rules{Sum: []string{"items.b"}}}},
		Tables: []Table{spanned()},
	}
	values := Values(tpl, []Reading{{Field: "total", Text: "7"}, {Field: "items[2,1]", Text: "7"}}, nil)
	for _, v := range tpl.Across(values) {
		if !v.Kept {
			t.Errorf("the sum is broken: %+v", v)
		}
		if slices.Contains(v.Fields, "items[3,1]") || slices.Contains(v.Fields, "items[1,1]") {
			t.Errorf("the sum has parts that are no cells: %q", v.Fields)
		}
	}
}
