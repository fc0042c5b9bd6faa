package export

import (
	"encoding/csv"
	"io"
	"iter"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/unicode/norm"

	"github.com/seosik/seosik/internal/form"
)

// bom makes Excel take the file for UTF-8 in every country.
const bom = "\ufeff"

// lineEnds makes all ends of lines within a value alike. The writer drops a CR
// that stands alone, and what it parted would be one word.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// csv writes a sheet. Lines end with CR LF.
func (o *Options) csv(w io.Writer, s *sheet, records iter.Seq2[form.Record, error]) error {
	if o.For == Spreadsheet && !o.CP949 {
		if _, err := io.WriteString(w, bom); err != nil {
			return err
		}
	}
	fit := func(s string, _ form.PageID, _ string) string { return s }
	if o.CP949 {
		fit = o.cp949()
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	heads := s.heads()
	line := func(page form.PageID, cells []string) error {
		for i, cell := range cells {
			if o.For == Spreadsheet {
				cell = forSpreadsheet(cell)
			}
			cells[i] = fit(lineEnds.Replace(cell), page, heads[i])
		}
		return out.Write(cells)
	}
	if err := line(0, s.heads()); err != nil {
		return err
	}
	for r, err := range records {
		if err != nil {
			return err
		}
		for l := range s.lines(&r) {
			if err := line(r.Page.ID, s.texts(l)); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// missing stands in the place of a character that CP949 does not have: the one
// that printers use for that, which no form has.
const missing = "〓"

// cp949 returns what puts the text of a cell into CP949 (the unified hangul code
// of Windows). What it does not have is told of.
func (o *Options) cp949() func(text string, page form.PageID, head string) string {
	encoder := korean.EUCKR.NewEncoder()
	encode := func(s string) (string, bool) {
		encoder.Reset()
		out, err := encoder.String(s)
		return out, err == nil
	}
	gap, _ := encode(missing)
	return func(text string, page form.PageID, head string) string {
		text = norm.NFC.String(text)
		if out, ok := encode(text); ok {
			return out
		}
		var b strings.Builder
		for _, r := range text {
			out, ok := encode(string(r))
			if !ok {
				o.misfit(form.Misfit{Page: page, Column: head, Char: string(r)})
				out = gap
			}
			b.WriteString(out)
		}
		return b.String()
	}
}

func (o *Options) misfit(m form.Misfit) {
	if o.Misfits != nil {
		o.Misfits.Add(m)
	}
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
