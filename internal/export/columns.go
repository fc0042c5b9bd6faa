package export

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seosik/seosik/internal/form"
)

// A column is a field, a column of a table, or a combined field, through all
// versions of a template; or says something of the page.
type column struct {
	key   string // as of form.ExportColumn
	head  string
	kind  columnKind
	spare bool // written only where it is chosen
	named bool // head was chosen
}

type columnKind int

const (
	ofTemplate columnKind = iota // a field, or a column of a table
	ofCombined
	ofPage
)

// of returns what the column holds in l.
func (c column) of(l line) string {
	switch {
	case c.kind == ofTemplate:
		return l.text(l.at(c))
	case c.kind == ofCombined:
		return l.joined(c.key[len(combinedKey):])
	case c.key == form.ColumnRow:
		return l.row
	}
	return l.more[c.key]
}

// combinedKey is what the keys of combined fields begin with.
const combinedKey = "+"

// columns returns the columns of versions, the newest first: those of the newest
// in its order, then those that it has no more, marked.
func (o *Options) columns(versions []*form.Template, of func(*form.Template, *Options) []column) []column {
	var all []column
	known := make(map[string]bool)
	for i, t := range versions {
		for _, c := range of(t, o) {
			if known[c.key] {
				continue
			}
			known[c.key] = true
			if i > 0 {
				c.head = o.Retired(c.head, t.Version)
			}
			all = append(all, c)
		}
	}
	return all
}

func (out leftOut) fieldsOf(t *form.Template, o *Options) []column {
	var list []column
	for i := range t.Fields {
		if f := &t.Fields[i]; !out.places[string(f.ID)] {
			list = append(list, column{key: string(f.ID), head: o.title(f)})
		}
	}
	return list
}

func (out leftOut) combinedOf(t *form.Template, _ *Options) []column {
	var list []column
	for _, c := range t.Combine {
		if !out.combined[c.Name] {
			list = append(list, column{key: combinedKey + c.Name, head: c.Name, kind: ofCombined})
		}
	}
	return list
}

func (out leftOut) columnsOf(t *form.Table, o *Options) []column {
	var list []column
	for i := range t.Columns {
		if key := columnOf(t, i); !out.places[key] {
			list = append(list, column{key: key, head: o.columnTitle(&t.Columns[i])})
		}
	}
	return list
}

// title, columnTitle and tableName return what a field, a column and a table are
// called.
func (o *Options) title(f *form.Field) string {
	if o.Titles {
		return f.Title()
	}
	return f.Name
}

func (o *Options) columnTitle(c *form.Column) string {
	if o.Titles {
		return c.Title()
	}
	return c.Name
}

func (o *Options) tableName(t *form.Table) string {
	if o.Titles {
		return t.Title()
	}
	return t.Name
}

// columnKey and rowKey return what columns and rows are known by: their ids, or
// their numbers in a template that was never kept.
func columnKey(t *form.Table, i int) string { return cmp.Or(t.Columns[i].ID, fmt.Sprint(i)) }

func rowKey(t *form.Table, i int) string { return cmp.Or(t.Rows[i].ID, fmt.Sprint(i)) }

// tableKey returns what a table is known by.
func tableKey(t *form.Table) string { return cmp.Or(t.ID, t.Name) }

// find returns the key of the table with an id, or else with a name in the
// newest version that has it.
func find(versions []*form.Template, id string) (key string, err error) {
	for _, is := range []func(t *form.Table) bool{
		func(t *form.Table) bool { return tableKey(t) == id },
		func(t *form.Table) bool { return t.Name == id },
	} {
		for _, t := range versions {
			for i := range t.Tables {
				if is(&t.Tables[i]) {
					return tableKey(&t.Tables[i]), nil
				}
			}
		}
	}
	return "", fmt.Errorf("table: %w", form.ErrNotFound)
}

// tableNamed returns the table of t with a name.
func tableNamed(t *form.Template, name string) *form.Table {
	return &t.Tables[slices.IndexFunc(t.Tables, func(table form.Table) bool { return table.Name == name })]
}

// tableOf returns the table of t with a key, or nil.
func tableOf(t *form.Template, key string) *form.Table {
	i := slices.IndexFunc(t.Tables, func(table form.Table) bool { return tableKey(&table) == key })
	if i < 0 {
		return nil
	}
	return &t.Tables[i]
}

// rowOrder returns where each row of a table stands in the newest version that
// has the table.
func rowOrder(versions []*form.Template, key string) map[string]int {
	order := make(map[string]int)
	for _, t := range versions {
		if table := tableOf(t, key); table != nil {
			for i := range table.Rows {
				order[rowKey(table, i)] = i
			}
			return order
		}
	}
	return order
}

// A layout is where the cells of a table stand in a version of a template: the
// rows in the order of the newest version.
type layout []layoutRow

type layoutRow struct {
	number string                  // of the row, from 1
	cells  map[string]form.FieldID // by the keys of columns
}

// layoutOf returns the layout of table by all columns, in the order of the rows
// that order has. Those that it does not have follow.
func layoutOf(table *form.Table, all []column, order map[string]int) layout {
	at := make(map[string]int)
	for i := range table.Columns {
		at[columnOf(table, i)] = i
	}
	rows := make([]int, len(table.Rows))
	for i := range rows {
		rows[i] = i
	}
	place := func(row int) int {
		if n, ok := order[rowKey(table, row)]; ok {
			return n
		}
		return len(order) + row
	}
	slices.SortFunc(rows, func(a, b int) int { return place(a) - place(b) })
	l := make(layout, len(rows))
	for i, row := range rows {
		l[i] = layoutRow{fmt.Sprint(row + 1), make(map[string]form.FieldID, len(all))}
		for _, c := range all {
			if column, ok := at[c.key]; ok {
				l[i].cells[c.key] = table.CellID(table.Header+row, column)
			}
		}
	}
	return l
}
