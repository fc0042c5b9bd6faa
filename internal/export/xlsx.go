package export

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/seosik/seosik/internal/form"
)

const (
	cellLimit  = excelize.TotalCellChars // UTF-16 code units of a cell
	sheetLimit = 31                      // UTF-16 code units of the name of a sheet
	textFormat = 49                      // what is typed into such a cell stays text
)

// rowLimit is how many rows a sheet has; fewer in tests.
var rowLimit = excelize.TotalRows

// A workbook is an XLSX file that is being written: excelize makes all of it but
// the rows below the heads. Those lie in files until the end, as texts: none is
// run, and 0123 stays as it is. The stream writer of excelize keeps up to 48 MB
// for each sheet.
type workbook struct {
	*Options
	file       *excelize.File
	dir        string
	text, head int             // styles
	names      map[string]bool // of sheets, in lower case
	sheets     []*sheetRows    // in their order
}

// workbook writes sheets side by side.
func (o *Options) workbook(w io.Writer, sheets []*sheet, records iter.Seq2[form.Record, error]) (err error) {
	b := &workbook{Options: o, file: excelize.NewFile(), names: make(map[string]bool)}
	defer b.file.Close()
	if b.dir, err = os.MkdirTemp(o.TempDir, "workbook-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if b.text, err = b.file.NewStyle(&excelize.Style{NumFmt: textFormat}); err != nil {
		return err
	}
	if b.head, err = b.file.NewStyle(&excelize.Style{NumFmt: textFormat, Font: &excelize.Font{Bold: true}}); err != nil {
		return err
	}
	defer func() {
		for _, rows := range b.sheets {
			rows.file.Close()
		}
	}()
	if err := b.fill(sheets, records); err != nil {
		return err
	}
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return &zipWithRows{Writer: zip.NewWriter(w), book: b} })
	return b.file.Write(io.Discard)
}

// fill writes the rows of all sheets.
func (b *workbook) fill(sheets []*sheet, records iter.Seq2[form.Record, error]) (err error) {
	open := make([]*sheetRows, len(sheets))
	for i, s := range sheets {
		if open[i], err = b.begin(s); err != nil {
			return err
		}
	}
	for r, err := range records {
		if err != nil {
			return err
		}
		for i, s := range sheets {
			for l := range s.lines(&r) {
				if open[i].n >= rowLimit {
					if open[i], err = b.begin(s); err != nil {
						return err
					}
				}
				if err := open[i].add(r.Page.ID, s.texts(l)); err != nil {
					return err
				}
			}
		}
	}
	for _, rows := range b.sheets {
		if err := rows.out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// begin begins a sheet with its heads.
func (b *workbook) begin(s *sheet) (_ *sheetRows, err error) {
	first := len(b.sheets) == 0
	name := b.sheetName(s.name)
	if first { // there always is one
		err = b.file.SetSheetName(b.file.GetSheetName(0), name)
	} else {
		_, err = b.file.NewSheet(name)
	}
	if err != nil {
		return nil, err
	}
	rows := &sheetRows{book: b, heads: s.heads(), n: 1}
	if rows.file, err = os.CreateTemp(b.dir, ""); err != nil {
		return nil, err
	}
	rows.out = bufio.NewWriterSize(rows.file, 64<<10)
	b.sheets = append(b.sheets, rows)
	return rows, b.setHeads(name, rows)
}

func (b *workbook) setHeads(name string, rows *sheetRows) error {
	for i, head := range rows.heads {
		column, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return form.Invalid("columns", "are more than a sheet has")
		}
		rows.letters = append(rows.letters, column)
		if err := b.file.SetCellStr(name, column+"1", rows.fit(0, head, head)); err != nil {
			return err
		}
	}
	last := rows.letters[len(rows.letters)-1]
	if err := b.file.SetCellStyle(name, "A1", last+"1", b.head); err != nil {
		return err
	}
	if err := b.file.SetColWidth(name, "A", last, 18); err != nil {
		return err
	}
	return b.file.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

// sheetRows is the rows of a sheet, in the XML of its part.
type sheetRows struct {
	book    *workbook
	heads   []string
	letters []string // of its columns
	file    *os.File
	out     *bufio.Writer // to file; it keeps the first error
	n       int           // with the heads
}

// escaped matches what a spreadsheet would take for a character.
var escaped = regexp.MustCompile(`_(x[0-9A-Fa-f]{4}_)`)

// add adds a row.
func (rows *sheetRows) add(page form.PageID, texts []string) error {
	rows.n++
	n := strconv.Itoa(rows.n)
	rows.write(`<row r="`, n, `">`)
	style := strconv.Itoa(rows.book.text)
	for i, text := range texts {
		if text == "" {
			continue
		}
		rows.write(`<c r="`, rows.letters[i], n, `" s="`, style, `" t="inlineStr"><is><t xml:space="preserve">`)
		text = escaped.ReplaceAllString(rows.fit(page, rows.heads[i], text), "_x005F_$1")
		if err := xml.EscapeText(rows.out, []byte(text)); err != nil {
			return err
		}
		rows.write(`</t></is></c>`)
	}
	_, err := rows.out.WriteString(`</row>`)
	return err
}

func (rows *sheetRows) write(texts ...string) {
	for _, s := range texts {
		_, _ = rows.out.WriteString(s) // the next write has its error
	}
}

// fit returns text as a cell can hold it. What is lost is told of.
func (rows *sheetRows) fit(page form.PageID, head, text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || !unicode.IsControl(r) && r != '\ufffe' && r != '\uffff' {
			return r
		}
		if r == '\r' {
			return -1
		}
		rows.book.misfit(form.Misfit{Page: page, Column: head, Char: fmt.Sprintf("U+%04X", r)})
		return utf8.RuneError
	}, text)
	if len(text) <= cellLimit {
		return text
	}
	if units := utf16.Encode([]rune(text)); len(units) > cellLimit {
		rows.book.misfit(form.Misfit{Page: page, Column: head, Long: len(units)})
		return cut(text, cellLimit)
	}
	return text
}

// cut returns the beginning of s, so many UTF-16 code units.
func cut(s string, units int) string {
	for i, r := range s {
		if units -= utf16.RuneLen(r); units < 0 {
			return s[:i]
		}
	}
	return s
}

// sheetName returns a name for a sheet that is like name, and that no other has.
func (b *workbook) sheetName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) || !unicode.IsGraphic(r) {
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, "' ")
	if name == "" || strings.EqualFold(name, "history") { // which Excel keeps for itself
		name = "_" + name
	}
	unique := cut(name, sheetLimit)
	for n := 2; b.names[strings.ToLower(unique)]; n++ {
		suffix := fmt.Sprintf(" (%d)", n)
		unique = cut(name, sheetLimit-len(suffix)) + suffix
	}
	b.names[strings.ToLower(unique)] = true
	return unique
}

// A zipWithRows puts the rows into the sheets that excelize writes.
type zipWithRows struct {
	*zip.Writer
	book *workbook
	part *sheetPart // the last one that was begun
}

// Create begins a part of the workbook.
func (z *zipWithRows) Create(name string) (io.Writer, error) {
	if err := z.finish(); err != nil {
		return nil, err
	}
	w, err := z.Writer.Create(name)
	var number int
	if _, no := fmt.Sscanf(name, "xl/worksheets/sheet%d.xml", &number); no != nil || err != nil {
		return w, err
	}
	z.part = &sheetPart{out: w, rows: z.book.sheets[number-1]}
	return z.part, nil
}

// Close writes what is left.
func (z *zipWithRows) Close() error {
	if err := z.finish(); err != nil {
		return err
	}
	return z.Writer.Close()
}

func (z *zipWithRows) finish() error {
	if z.part == nil {
		return nil
	}
	part := z.part
	z.part = nil
	return part.finish()
}

// A sheetPart gathers the sheet that excelize writes, without rows.
type sheetPart struct {
	bytes.Buffer
	out  io.Writer
	rows *sheetRows
}

// dimension matches what excelize says of the size of a sheet.
var dimension = regexp.MustCompile(`<dimension[^>]*>(</dimension>)?`)

// finish writes the sheet with its rows.
func (p *sheetPart) finish() error {
	before, after, ok := bytes.Cut(dimension.ReplaceAll(p.Bytes(), nil), []byte("</sheetData>"))
	if !ok {
		return fmt.Errorf("a sheet has no place for its rows")
	}
	if _, err := p.out.Write(before); err != nil {
		return err
	}
	if _, err := p.rows.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(p.out, p.rows.file); err != nil {
		return err
	}
	_, err := p.out.Write(append([]byte("</sheetData>"), after...))
	return err
}
