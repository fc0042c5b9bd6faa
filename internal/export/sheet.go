package export

import (
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A sheet is what makes one CSV file, a sheet of a workbook, or a part of the
// lines of JSON.
type sheet struct {
	key, name string
	columns   []column // that are written
	offered   []column // those there are
	own       bool     // some of columns are of the template
	lines     func(*form.Record) iter.Seq[line]
}

// A line is a line of a sheet: of a page, of a row of a table, or of a value.
type line struct {
	record *form.Record
	row    string                       // of a table, from 1
	at     func(column) form.FieldID    // where the value of a column stands; empty for nowhere
	text   func(form.FieldID) string    // what stands there
	value  map[form.FieldID]*form.Value // that stands there
	more   map[string]string            // what the other columns hold
	joined func(name string) string     // what a combined field holds
}

func (s *sheet) heads() []string {
	heads := make([]string, len(s.columns))
	for i, c := range s.columns {
		heads[i] = c.head
	}
	return heads
}

func (s *sheet) texts(l line) []string {
	cells := make([]string, len(s.columns))
	for i, c := range s.columns {
		cells[i] = c.of(l)
	}
	return cells
}

// blank reports whether no column of the template holds anything.
func (s *sheet) blank(l line) bool {
	for _, c := range s.columns {
		if c.kind == ofTemplate && c.of(l) != "" {
			return false
		}
	}
	return true
}

// choose has the columns written that are asked for, of those there are.
func (o *Options) choose(s *sheet, offered []column) {
	s.offered = offered
	if o.Columns == nil {
		for _, c := range offered {
			if !c.spare {
				s.columns = append(s.columns, c)
			}
		}
	}
	by := make(map[string]column, len(offered))
	for _, c := range offered {
		by[c.key] = c
	}
	for _, chosen := range o.Columns {
		c, ok := by[chosen.Key]
		if !ok {
			continue
		}
		if chosen.Name != "" {
			c.head, c.named = chosen.Name, true
		}
		s.columns = append(s.columns, c)
	}
	for _, c := range s.columns {
		s.own = s.own || c.kind != ofPage
	}
}

// ofPages returns the columns that each line may begin with.
func (o *Options) ofPages(row bool) (list []column) {
	for _, key := range form.ExportColumns {
		if key == form.ColumnRow && !row {
			continue
		}
		usual := key == form.ColumnFile || key == form.ColumnPage || key == form.ColumnRow || key == form.ColumnAgain && o.Again
		list = append(list, column{key: key, head: o.Head(key), kind: ofPage, spare: !usual})
	}
	return list
}

// fields returns the sheet with a line for each page.
func (o *Options) fields(versions []*form.Template) *sheet {
	out := o.leftOut(versions)
	fields, joins := o.columns(versions, out.fieldsOf), o.columns(versions, out.combinedOf)
	ours, theirs := 0, 0 // of the newest version
	if len(versions) > 0 {
		ours, theirs = len(out.fieldsOf(versions[0], o)), len(out.combinedOf(versions[0], o))
	}
	s := &sheet{name: o.Sheet("")}
	offered := o.ofPages(false)
	for _, part := range [][]column{fields[:ours], joins[:theirs], fields[ours:], joins[theirs:]} {
		offered = append(offered, part...)
	}
	o.choose(s, offered)
	s.lines = func(r *form.Record) iter.Seq[line] {
		return func(yield func(line) bool) {
			l := o.lineOf(r)
			l.at = func(c column) form.FieldID { return form.FieldID(c.key) }
			yield(l)
		}
	}
	return s
}

// table returns the sheet with a line for each row of a table that is not blank,
// below its header. The table is that with a key, in the order of the newest
// version that has it.
func (o *Options) table(versions []*form.Template, key string) *sheet {
	out := o.leftOut(versions)
	name := ""
	of := o.columns(versions, func(t *form.Template, o *Options) []column {
		table := tableOf(t, key)
		if table == nil {
			return nil
		}
		if name == "" {
			name = o.tableName(table)
		}
		return out.columnsOf(table, o)
	})
	s := &sheet{key: key, name: name}
	o.choose(s, append(o.ofPages(true), of...))
	order, layouts := rowOrder(versions, key), make(map[int]layout)
	s.lines = func(r *form.Record) iter.Seq[line] {
		return func(yield func(line) bool) {
			table := tableOf(r.Template, key)
			if table == nil {
				return
			}
			if layouts[r.Template.Version] == nil {
				layouts[r.Template.Version] = layoutOf(table, of, order)
			}
			l := o.lineOf(r)
			for _, row := range layouts[r.Template.Version] {
				l.row = row.number
				l.at = func(c column) form.FieldID { return row.cells[c.key] }
				if !s.blank(l) && !yield(l) {
					return
				}
			}
		}
	}
	return s
}

// lineOf returns a line of r.
func (o *Options) lineOf(r *form.Record) line {
	l := line{record: r, text: o.texts(r.Values), value: make(map[form.FieldID]*form.Value, len(r.Values))}
	for i := range r.Values {
		l.value[r.Values[i].Field.ID] = &r.Values[i]
	}
	l.joined = func(name string) string {
		for _, c := range r.Template.Combine {
			if c.Name == name {
				return c.Join(l.text)
			}
		}
		return ""
	}
	l.more = map[string]string{
		form.ColumnFile:     r.Page.DocumentName,
		form.ColumnPage:     r.Page.Label(),
		form.ColumnID:       strconv.FormatInt(int64(r.Page.ID), 10),
		form.ColumnUID:      r.Page.UID,
		form.ColumnReceived: moment(r.Page.ReceivedAt),
		form.ColumnFinished: moment(r.Page.FinishedAt),
		form.ColumnVersion:  strconv.Itoa(r.Page.Version),
		form.ColumnNotes:    notesOf(r),
	}
	if o.State != nil {
		l.more[form.ColumnState] = o.State(r.Page.State)
	}
	if o.Link != nil {
		l.more[form.ColumnLink] = o.Link(r.Page.ID)
	}
	if r.Again {
		l.more[form.ColumnAgain] = "1"
	}
	return l
}

// notesOf returns what people wrote about a page, a line each.
func notesOf(r *form.Record) string {
	lines := make([]string, len(r.Notes))
	for i, n := range r.Notes {
		lines[i] = n.Text
	}
	return strings.Join(lines, "\n")
}

// moment returns t as it is written; empty for the zero time.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.DateTime)
}

// texts returns what each field holds. A checkbox without words of its own
// holds 1 or 0.
func (o *Options) texts(values []form.Value) func(form.FieldID) string {
	byField := make(map[form.FieldID]string, len(values))
	for i := range values {
		byField[values[i].Field.ID] = o.textOf(&values[i])
	}
	return func(id form.FieldID) string { return byField[id] }
}

func (o *Options) textOf(v *form.Value) string {
	if f := &v.Field; v.Mark() == "" && v.Sight != form.SightHidden && f.Kind == form.Checkbox && f.CheckedText == "" && f.UncheckedText == "" {
		if v.Checked() {
			return "1"
		}
		return "0"
	}
	return v.Written(o.Illegible)
}

// what the columns of the part of provenance are known by.
const (
	columnField      = "#field"
	columnTable      = "#table"
	columnValue      = "#value"
	columnMachine    = "#machine"
	columnConfidence = "#confidence"
	columnReasons    = "#reasons"
	columnRule       = "#rule"
	columnMark       = "#mark"     // what a person said instead of a text
	columnOverride   = "#override" // a person kept it though it breaks a rule
	columnBy         = "#by"
	columnAt         = "#at"
	columnBox        = "#box"
)

var provenanceColumns = []string{
	form.ColumnID, form.ColumnFile, form.ColumnPage, columnTable, form.ColumnRow, columnField, columnValue,
	columnMachine, columnConfidence, columnReasons, columnRule, columnMark, columnOverride, columnBy, columnAt, columnBox, form.ColumnLink,
}

// provenance returns the sheet with a line for each value of a page.
func (o *Options) provenance(versions []*form.Template) *sheet {
	out := o.leftOut(versions)
	s := &sheet{key: form.PartProvenance, name: o.Sheet(form.PartProvenance)}
	for _, key := range provenanceColumns {
		s.columns = append(s.columns, column{key: key, head: o.Head(key), kind: ofPage})
	}
	s.lines = func(r *form.Record) iter.Seq[line] {
		return func(yield func(line) bool) {
			l := o.lineOf(r)
			for i := range r.Values {
				v := &r.Values[i]
				if out.hides(r.Template, &v.Field) {
					continue
				}
				for key, text := range o.origin(r.Template, v) {
					l.more[key] = text
				}
				l.row = ""
				if v.Field.Table != "" {
					l.row = strconv.Itoa(r.Template.RowBelow(&v.Field))
				}
				if !yield(l) {
					return
				}
			}
		}
	}
	return s
}

// origin returns where a value comes from.
func (o *Options) origin(t *form.Template, v *form.Value) map[string]string {
	m := map[string]string{
		columnTable: "", columnField: o.title(&v.Field), columnValue: o.textOf(v), columnMark: string(v.Mark()), columnOverride: "", columnBy: "", columnAt: "", columnBox: boxOf(v),
		columnMachine: v.Reading.Text, columnConfidence: "", columnReasons: reasonsOf(v), columnRule: string(v.Reading.Ruled),
	}
	if v.Field.Table != "" {
		m[columnTable] = o.tableName(tableNamed(t, v.Field.Table))
	}
	if v.Reading.Engine != "" {
		m[columnConfidence] = strconv.FormatFloat(v.Reading.Confidence, 'f', 3, 64)
	}
	if c := v.Latest(); c != nil {
		m[columnBy], m[columnAt] = c.ByName, moment(c.At)
		if c.Override {
			m[columnOverride] = "yes"
		}
	}
	return m
}

func reasonsOf(v *form.Value) string {
	var list []string
	for _, r := range v.Reading.Reasons {
		list = append(list, string(r))
	}
	return strings.Join(list, " ")
}

// boxOf returns the corners of where a value was read, in pixels of the page,
// clockwise from top left.
func boxOf(v *form.Value) string {
	var list []string
	for _, n := range cornersOf(v) {
		list = append(list, strconv.Itoa(n))
	}
	return strings.Join(list, " ")
}

func cornersOf(v *form.Value) (list []int) {
	if v.Reading.Engine == "" {
		return nil
	}
	for _, p := range v.Reading.Where {
		list = append(list, int(p.X+0.5), int(p.Y+0.5))
	}
	return list
}
