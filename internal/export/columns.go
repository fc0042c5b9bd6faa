package export

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seosik/seosik/internal/form"
)

// A column is a field, a column of a table, or a combined field, through all
// versions of a template.
type column struct {
	key  string // its id, or the name of a combined field
	head string
}

// columns returns the columns of versions, the newest first: those of the newest
// in its order, then those that it has no more, marked.
func columns(versions []*form.Template, of func(*form.Template) []column, o *Options) []column {
	var all []column
	known := make(map[string]bool)
	for i, t := range versions {
		for _, c := range of(t) {
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

func (out leftOut) fieldsOf(t *form.Template) []column {
	var list []column
	for _, f := range t.Fields {
		if !out.places[string(f.ID)] {
			list = append(list, column{string(f.ID), f.Name})
		}
	}
	return list
}

func (out leftOut) combinedOf(t *form.Template) []column {
	var list []column
	for _, c := range t.Combine {
		if !out.combined[c.Name] {
			list = append(list, column{c.Name, c.Name})
		}
	}
	return list
}

func (out leftOut) columnsOf(t *form.Table) []column {
	var list []column
	for i, c := range t.Columns {
		if !out.places[columnOf(t, i)] {
			list = append(list, column{columnKey(t, i), c.Name})
		}
	}
	return list
}

// columnKey and rowKey return what columns and rows are known by: their ids, or
// their numbers in a template that was never kept.
func columnKey(t *form.Table, i int) string { return cmp.Or(t.Columns[i].ID, fmt.Sprint(i)) }

func rowKey(t *form.Table, i int) string { return cmp.Or(t.Rows[i].ID, fmt.Sprint(i)) }

// tableKey returns what a table is known by.
func tableKey(t *form.Table) string { return cmp.Or(t.ID, t.Name) }

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
// rows in the order of the newest version, the cells in that of the columns.
type layout []layoutRow

type layoutRow struct {
	number string // of the row, from 1
	cells  []form.FieldID
}

// layoutOf returns the layout of table by all columns, in the order of the rows
// that order has. Those that it does not have follow.
func layoutOf(table *form.Table, all []column, order map[string]int) layout {
	at := make(map[string]int)
	for i := range table.Columns {
		at[columnKey(table, i)] = i
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
		l[i] = layoutRow{fmt.Sprint(row + 1), make([]form.FieldID, len(all))}
		for k, c := range all {
			if column, ok := at[c.key]; ok {
				l[i].cells[k] = table.CellID(table.Header+row, column)
			}
		}
	}
	return l
}
