// Package export writes finished records as CSV.
//
// # Spreadsheets and programs
//
// A spreadsheet guesses at what it opens: it takes a Korean file without a
// byte order mark for CP949, drops the zeros of 0123, shows 110234567890 as
// 1.1E+11, makes a date of 3-4, and runs a cell that begins with an equals
// sign. For [Spreadsheet] such cells are written so that they show what the
// paper says. For [Program] every value is written as it is.
package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// An Audience says who reads the file.
type Audience int

// The audiences.
const (
	Spreadsheet Audience = iota // opened by a person, in Excel say
	Program                     // read by a program, to the letter
)

// Options say how a file is written.
type Options struct {
	For Audience
	// Impersonal leaves out fields, columns and combined fields with personal data.
	Impersonal bool
	// Heads of the columns before the fields, in the reader's language.
	File, Page, Row string
	// Retired returns the head of a column that is in no version after the given one.
	Retired func(name string, version int) string
}

// bom makes Excel take the file for UTF-8 in every country.
const bom = "\ufeff"

// Fields writes a line for each record: its file, its page, its fields, and the
// combined fields. Versions are those that records may have, the newest first:
// its fields and combined fields stand in its order under its names; those that
// only older ones have follow. Lines end with CR LF. On an error, from records
// or from w, what has been written is not a whole file.
func Fields(w io.Writer, versions []*form.Template, records iter.Seq2[form.Record, error], o Options) error {
	out := o.leftOut(versions)
	fields, joins := columns(versions, out.fieldsOf, &o), columns(versions, out.combinedOf, &o)
	ours, theirs := 0, 0 // of the newest version
	if len(versions) > 0 {
		ours, theirs = len(out.fieldsOf(versions[0])), len(out.combinedOf(versions[0]))
	}
	line := func(cells []string, field, combine func(column) string) []string {
		for _, part := range []struct {
			columns []column
			cell    func(column) string
		}{{fields[:ours], field}, {joins[:theirs], combine}, {fields[ours:], field}, {joins[theirs:], combine}} {
			for _, c := range part.columns {
				cells = append(cells, part.cell(c))
			}
		}
		return cells
	}
	head := func(c column) string { return c.head }
	return write(w, line([]string{o.File, o.Page}, head, head), o.For, func(out func(...string) error) error {
		for r, err := range records {
			if err != nil {
				return err
			}
			text := texts(r.Values)
			field := func(c column) string { return text(form.FieldID(c.key)) }
			if err := out(line(of(&r), field, combined(&r, text))...); err != nil {
				return err
			}
		}
		return nil
	})
}

// of returns the file and the page of r.
func of(r *form.Record) []string {
	return []string{r.Page.DocumentName, r.Page.Label()}
}

// combined returns the texts of the combined fields of r.
func combined(r *form.Record, text func(form.FieldID) string) func(column) string {
	return func(of column) string {
		for _, c := range r.Template.Combine {
			if c.Name == of.key {
				return c.Join(text)
			}
		}
		return ""
	}
}

// Table writes a line for each row below the header of a table that is not
// blank: the record's file and page, the row's number from 1 as that page has
// it, and its cells. Versions are as for Fields, and rows and columns in the
// order of the newest that has the table. The table is that with the given id,
// or else with that name. It returns form.ErrNotFound where there is none.
func Table(w io.Writer, versions []*form.Template, id string, records iter.Seq2[form.Record, error], o Options) error {
	key, err := find(versions, id)
	if err != nil {
		return err
	}
	out := o.leftOut(versions)
	all := columns(versions, func(t *form.Template) []column {
		if table := tableOf(t, key); table != nil {
			return out.columnsOf(table)
		}
		return nil
	}, &o)
	order := rowOrder(versions, key)
	head := []string{o.File, o.Page, o.Row}
	for _, c := range all {
		head = append(head, c.head)
	}
	layouts := make(map[int]layout)
	return write(w, head, o.For, func(line func(...string) error) error {
		for r, err := range records {
			if err != nil {
				return err
			}
			table := tableOf(r.Template, key)
			if table == nil {
				continue
			}
			if layouts[r.Template.Version] == nil {
				layouts[r.Template.Version] = layoutOf(table, all, order)
			}
			if err := rows(&r, layouts[r.Template.Version], line); err != nil {
				return err
			}
		}
		return nil
	})
}

// rows writes a line for each row that is not blank.
func rows(r *form.Record, l layout, line func(...string) error) error {
	text := texts(r.Values)
	for _, row := range l {
		cells := append(of(r), row.number)
		blank := true
		for _, id := range row.cells {
			s := text(id)
			blank = blank && s == ""
			cells = append(cells, s)
		}
		if blank {
			continue
		}
		if err := line(cells...); err != nil {
			return err
		}
	}
	return nil
}

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

// texts returns what each field holds. A checkbox without words of its own
// holds 1 or 0.
func texts(values []form.Value) func(form.FieldID) string {
	byField := make(map[form.FieldID]string, len(values))
	for i := range values {
		v := &values[i]
		s := v.Text()
		if f := v.Field; f.Kind == form.Checkbox && f.CheckedText == "" && f.UncheckedText == "" {
			s = "0"
			if v.Checked() {
				s = "1"
			}
		}
		byField[v.Field.ID] = s
	}
	return func(id form.FieldID) string { return byField[id] }
}

func write(w io.Writer, head []string, a Audience, body func(line func(...string) error) error) error {
	if a == Spreadsheet {
		if _, err := io.WriteString(w, bom); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	line := func(cells ...string) error {
		if a == Spreadsheet {
			for i, s := range cells {
				cells[i] = forSpreadsheet(s)
			}
		}
		return out.Write(cells)
	}
	if err := line(head...); err != nil {
		return err
	}
	if err := body(line); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// mangled matches what a spreadsheet would show as something else: digits
// with a zero in front, more digits than it shows, and what it takes for a
// date and shows as another one. 2026-11-22 it shows as it is.
var mangled = regexp.MustCompile(`^(0[0-9]+|[0-9]{12,}|[0-9]{1,4}[-/][0-9]{1,2}|[0-9]{1,3}[-/][0-9]{1,2}[-/][0-9]{1,4})$`)

// forSpreadsheet returns s as a cell that a spreadsheet shows as s and never
// runs. A cell made of digits and signs is written ="0123", which shows 0123.
// Before a character that would begin a formula stands an apostrophe (OWASP,
// CSV injection).
func forSpreadsheet(s string) string {
	if mangled.MatchString(s) {
		return `="` + s + `"`
	}
	if s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}
