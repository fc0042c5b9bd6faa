// Package export writes records as CSV, as a workbook, or as JSON Lines.
//
// # Spreadsheets and programs
//
// A spreadsheet guesses at what it opens: it takes a Korean file without a
// byte order mark for CP949, drops the zeros of 0123, shows 110234567890 as
// 1.1E+11, makes a date of 3-4, and runs a cell that begins with an equals
// sign. In CSV for a [Spreadsheet] such cells are written so that they show what
// the paper says; in a workbook all cells are texts. For a [Program] every value
// is written as it is.
//
// # What does not fit
//
// CP949 does not have all characters, and a cell of a workbook holds 32,767. What
// cannot be written as it is, is told of.
package export

import (
	"io"
	"iter"
	"slices"

	"github.com/seosik/seosik/internal/form"
)

// An Audience says who reads a CSV file.
type Audience int

// The audiences.
const (
	Spreadsheet Audience = iota // opened by a person, in Excel say
	Program                     // read by a program, to the letter
)

// Options say how a file is written. Its functions say things in the reader's
// language.
type Options struct {
	For   Audience
	CP949 bool // of CSV; UTF-8 otherwise
	// Impersonal leaves out fields, columns and combined fields with personal data.
	Impersonal bool
	Titles     bool                // columns have the names that people read, and not those of the API
	Columns    []form.ExportColumn // nil for the usual ones
	Again      bool                // the usual ones have form.ColumnAgain
	Provenance bool                // beside each value, where it comes from: not of CSV
	Illegible  string              // what stands for what nobody can read

	Head    func(key string) string               // of a column that is not of the template
	Retired func(name string, version int) string // the head of a column that is in no version after the given one
	Sheet   func(key string) string               // what the sheet of the fields, "", or of form.PartProvenance is called
	State   func(form.State) string               // what a state is called
	Link    func(form.PageID) string              // the address of a page
	TempDir string                                // where a workbook is until it is written; empty for that of the machine
	Misfits *form.Misfits                         // gets what did not fit; nil for nobody
}

// OptionsOf returns the options of x, without the functions and the rest.
func OptionsOf(x *form.Export) Options {
	o := Options{
		CP949: x.CP949, Impersonal: !x.Personal, Titles: x.Titles, Columns: x.Columns, Again: x.Since, Provenance: x.Provenance,
	}
	if x.Literal {
		o.For = Program
	}
	return o
}

// Write writes records as x says. Versions are those that records may have, the
// newest first: columns stand in its order under its names; those that only older
// ones have follow. On an error, from records or from w, what has been written is
// not a whole file. It returns form.ErrNotFound where there is no such table.
func Write(w io.Writer, versions []*form.Template, x *form.Export, records iter.Seq2[form.Record, error], o Options) error {
	sheets, err := o.sheets(versions, x)
	if err != nil {
		return err
	}
	sheets = slices.DeleteFunc(sheets, func(s *sheet) bool { return len(s.columns) == 0 && x.Format != form.FormatJSONL })
	if len(sheets) == 0 {
		return form.Invalid("columns", "there are none")
	}
	switch x.Format {
	case form.FormatCSV:
		return o.csv(w, sheets[0], records)
	case form.FormatXLSX:
		return o.workbook(w, sheets, records)
	default:
		return o.jsonLines(w, sheets, records)
	}
}

// sheets returns what x writes.
func (o *Options) sheets(versions []*form.Template, x *form.Export) ([]*sheet, error) {
	switch {
	case x.Format != form.FormatCSV:
		return o.all(versions), nil
	case x.Part == "":
		return []*sheet{o.fields(versions)}, nil
	case x.Part == form.PartProvenance:
		return []*sheet{o.provenance(versions)}, nil
	}
	key, err := find(versions, x.Part)
	if err != nil {
		return nil, err
	}
	return []*sheet{o.table(versions, key)}, nil
}

// all returns the sheet of the fields, those of the tables of which something is
// to be written, and that of what they come from.
func (o *Options) all(versions []*form.Template) []*sheet {
	sheets := []*sheet{o.fields(versions)}
	known := make(map[string]bool)
	for _, t := range versions {
		for i := range t.Tables {
			key := tableKey(&t.Tables[i])
			if known[key] {
				continue
			}
			known[key] = true
			if s := o.table(versions, key); s.own {
				sheets = append(sheets, s)
			}
		}
	}
	if o.Provenance {
		sheets = append(sheets, o.provenance(versions))
	}
	return sheets
}

// A Preview is the beginning of what is written of a sheet.
type Preview struct {
	Name  string
	Heads []string
	Rows  [][]string
}

// Previews returns the first rows, so many, of each sheet that x writes of records.
func Previews(versions []*form.Template, x *form.Export, records iter.Seq2[form.Record, error], rows int, o Options) ([]Preview, error) {
	sheets, err := o.sheets(versions, x)
	if err != nil {
		return nil, err
	}
	list := make([]Preview, len(sheets))
	for i, s := range sheets {
		list[i] = Preview{Name: s.name, Heads: s.heads()}
	}
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		for i, s := range sheets {
			for l := range s.lines(&r) {
				if len(list[i].Rows) < rows {
					list[i].Rows = append(list[i].Rows, s.texts(l))
				}
			}
		}
	}
	return list, nil
}

// A Choice is a column that can be written.
type Choice struct {
	Key, Head string
	Table     string // that it is of; empty for none
	Usual     bool   // written where no columns are chosen
}

// Choices lists the columns that there are to choose from, in their order.
func Choices(versions []*form.Template, o Options) (list []Choice) {
	o.Columns = nil
	known := make(map[string]bool)
	add := func(columns []column, table string) {
		for _, c := range columns {
			if !known[c.key] {
				known[c.key] = true
				list = append(list, Choice{c.key, c.head, table, !c.spare})
			}
		}
	}
	all := o.all(versions)
	for _, s := range all {
		add(s.offered, "")
		break
	}
	for _, s := range all[1:] {
		if s.key != form.PartProvenance {
			add(s.offered, s.name)
		}
	}
	return list
}
