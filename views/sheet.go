package views

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// A SheetPage shows many pages of a template as rows, of which one field is looked
// at.
type SheetPage struct {
	Frame
	Templates []Group         // to choose from
	Template  form.TemplateID // 0 where none has anything to look at
	Fields    []SheetField    // of the template
	Field     form.FieldID    // the one that is shown
	All       bool            // also what is not doubtful
	Rows      []SheetRow
}

// A SheetField is a field to choose, with how many of its values are open.
type SheetField struct {
	Field form.Field
	Open  int
}

// A SheetRow is the value of a page.
type SheetRow struct {
	Page  form.PageID
	Run   int
	File  string
	Label string // of the number of the page
	Index int    // of the value on its page
	Value form.Value
	Typed *form.Held // what was typed and not accepted; nil for nothing
	Image string     // address
}

func (m SheetPage) options() (options []Option) {
	for _, f := range m.Fields {
		text := placeLabel(f.Field)
		if f.Open > 0 {
			text = fmt.Sprintf("%s (%d)", text, f.Open)
		}
		options = append(options, Option{string(f.Field.ID), text, f.Field.ID == m.Field})
	}
	return options
}

// column is what the column that is shown is called.
func (m SheetPage) column() string {
	for _, f := range m.Fields {
		if f.Field.ID == m.Field {
			return placeLabel(f.Field)
		}
	}
	return ""
}

// beside returns the address of the next field that has something to look at, or
// with a step of -1 of the one before; empty where there is none.
func (m SheetPage) beside(step int) string {
	at := -1
	for i, f := range m.Fields {
		if f.Field.ID == m.Field {
			at = i
		}
	}
	for i := at + step; at >= 0 && i >= 0 && i < len(m.Fields); i += step {
		if m.All || m.Fields[i].Open > 0 {
			return m.path("/sheet", m.Fields[i].Field.ID)
		}
	}
	return ""
}

func (m SheetPage) path(path string, field form.FieldID) string {
	q := url.Values{"template": {strconv.FormatInt(int64(m.Template), 10)}, "field": {string(field)}}
	if m.All {
		q.Set("all", "1")
	}
	return path + "?" + q.Encode()
}

// more is where further rows are.
func (m SheetPage) more() string { return m.path("/sheet/rows", m.Field) }

func (r SheetRow) path() string { return pagePath(r.Page) }

func (r SheetRow) id() string { return "row-" + strconv.FormatInt(int64(r.Page), 10) }

func (r SheetRow) tall() bool {
	return r.Value.Field.Kind == form.Normal && strings.Contains(r.Value.Text(), "\n")
}

// text is what stands in the field.
func (r SheetRow) text() string {
	if r.Typed != nil {
		return r.Typed.Text
	}
	return r.Value.Text()
}

func (r SheetRow) checked() bool {
	if r.Typed != nil {
		return r.Typed.Checked
	}
	return r.Value.Checked()
}

// initial is what the value is without what was typed, as scripts have it.
func (r SheetRow) initial() string {
	if r.Value.Field.Kind == form.Checkbox {
		return strconv.FormatBool(r.Value.Checked())
	}
	return r.Value.Text()
}

// seen is the correction that the person has seen, 0 for none.
func (r SheetRow) seen() string {
	return strconv.FormatInt(int64(r.Value.Newest()), 10)
}

// mark is how far the value is.
func (r SheetRow) mark() string {
	switch c := r.Value.Latest(); {
	case r.Value.Doubtful():
		return "doubtful"
	case c == nil:
		return "read"
	case c.Accepted:
		return "accepted"
	}
	return "corrected"
}
