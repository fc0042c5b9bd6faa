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
	"strconv"
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
	// Heads of the columns before the fields, in the reader's language.
	File, Page, Row string
}

// bom makes Excel take the file for UTF-8 in every country.
const bom = "\ufeff"

// Fields writes a line for each record: its file, its page, the fields of t in
// order, and the combined fields. Lines end with CR LF. On an error, from
// records or from w, what has been written is not a whole file.
func Fields(w io.Writer, t *form.Template, records iter.Seq2[form.Record, error], o Options) error {
	head := []string{o.File, o.Page}
	for _, f := range t.Fields {
		head = append(head, f.Name)
	}
	for _, c := range t.Combine {
		head = append(head, c.Name)
	}
	return write(w, head, o.For, func(line func(...string) error) error {
		for r, err := range records {
			if err != nil {
				return err
			}
			cells := []string{r.Page.DocumentName, strconv.Itoa(r.Page.Number)}
			text := texts(r.Values)
			for _, f := range t.Fields {
				cells = append(cells, text(f.ID))
			}
			for _, c := range t.Combine {
				cells = append(cells, c.Join(text))
			}
			if err := line(cells...); err != nil {
				return err
			}
		}
		return nil
	})
}

// Table writes a line for each row below the header of the named table that
// is not blank: the record's file and page, the row's number from 1, and its
// cells. It returns form.ErrNotFound where t has no such table.
func Table(w io.Writer, t *form.Template, name string, records iter.Seq2[form.Record, error], o Options) error {
	table, err := find(t, name)
	if err != nil {
		return err
	}
	head := append([]string{o.File, o.Page, o.Row}, table.Columns...)
	return write(w, head, o.For, func(line func(...string) error) error {
		for r, err := range records {
			if err != nil {
				return err
			}
			text := texts(r.Values)
			for row := table.Header; row < table.Header+table.Rows; row++ {
				cells := []string{r.Page.DocumentName, strconv.Itoa(r.Page.Number), strconv.Itoa(row - table.Header + 1)}
				blank := true
				for column := range table.Columns {
					s := text(table.CellID(row, column))
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
		}
		return nil
	})
}

func find(t *form.Template, name string) (*form.Table, error) {
	for i := range t.Tables {
		if t.Tables[i].Name == name {
			return &t.Tables[i], nil
		}
	}
	return nil, fmt.Errorf("table: %w", form.ErrNotFound)
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
