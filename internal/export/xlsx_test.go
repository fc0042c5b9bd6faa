package export

import (
	"bytes"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/seosik/seosik/internal/form"
)

// book writes a workbook and returns the rows of its sheets, by name.
func book(t *testing.T, versions []*form.Template, records iter.Seq2[form.Record, error], o Options) (*excelize.File, map[string][][]string) {
	t.Helper()
	o.TempDir = t.TempDir()
	var b bytes.Buffer
	if err := Write(&b, versions, &form.Export{Format: form.FormatXLSX}, records, o); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	sheets := make(map[string][][]string)
	for _, name := range f.GetSheetList() {
		if sheets[name], err = f.GetRows(name); err != nil {
			t.Fatal(err)
		}
	}
	return f, sheets
}

func TestWorkbook(t *testing.T) {
	tpl := template()
	f, got := book(t, one(tpl), records(tpl,
		map[form.FieldID]string{"이름": "김\n철수", "no": "0123", "agree": "", "fax": "예", "items[1,0]": "=1+1", "items[2,1]": "110234567890"},
		map[form.FieldID]string{"이름": `=HYPERLINK("x")`},
	), heads)
	want := map[string][][]string{
		"항목": {
			{"파일", "쪽", "이름", "no", "agree", "fax", "id"},
			{"스캔, 1.pdf", "1", "김\n철수", "0123", "0", "예", "김\n철수/0123"},
			{"스캔, 1.pdf", "2", `=HYPERLINK("x")`, "", "0", "", `=HYPERLINK("x")/`},
		},
		"items": {
			{"파일", "쪽", "행", "품목", "금액"},
			{"스캔, 1.pdf", "1", "1", "=1+1"},
			{"스캔, 1.pdf", "1", "2", "", "110234567890"},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for _, cell := range []string{"C3", "D2"} {
		kind, err := f.GetCellType("항목", cell)
		if err != nil || kind != excelize.CellTypeInlineString {
			t.Errorf("%s is of type %v, %v", cell, kind, err)
		}
		if formula, err := f.GetCellFormula("항목", cell); err != nil || formula != "" {
			t.Errorf("%s has the formula %q, %v", cell, formula, err)
		}
		id, err := f.GetCellStyle("항목", cell)
		if err != nil {
			t.Fatal(err)
		}
		if style, err := f.GetStyle(id); err != nil || style.NumFmt != textFormat {
			t.Errorf("%s has the format %+v, %v: what is typed there would be run", cell, style, err)
		}
	}
}

func TestWorkbookTellsOfWhatItCannotHold(t *testing.T) {
	tpl := template()
	o := heads
	o.Misfits = new(form.Misfits)
	long := strings.Repeat("가", cellLimit) + "😀"
	_, got := book(t, one(tpl), records(tpl,
		map[form.FieldID]string{"이름": "a\x01b\x00", "no": long},
		map[form.FieldID]string{"이름": "_x0041_", "no": " \t끝 "},
		map[form.FieldID]string{"이름": strings.Repeat("가", cellLimit)},
	), o)
	rows := got["항목"]
	if rows[1][2] != "a\ufffdb\ufffd" || rows[1][3] != long[:3*cellLimit] {
		t.Errorf("written as %q and %d bytes", rows[1][2], len(rows[1][3]))
	}
	if rows[2][2] != "_x0041_" || rows[2][3] != " \t끝 " || len(rows[3][2]) != 3*cellLimit {
		t.Errorf("written as %q, %q, %d bytes", rows[2][2], rows[2][3], len(rows[3][2]))
	}
	want := []form.Misfit{
		{Column: "이름", Char: "U+0001"},
		{Column: "이름", Char: "U+0000"},
		{Column: "no", Long: cellLimit + 2},
		{Column: "id", Char: "U+0001"},
		{Column: "id", Char: "U+0000"},
		{Column: "id", Long: cellLimit + 7},
		{Column: "id", Long: cellLimit + 1},
	}
	if d := cmp.Diff(want, o.Misfits.List); d != "" {
		t.Errorf("misfits (-want +got):\n%s", d)
	}
}

func TestSheetNames(t *testing.T) {
	b := &workbook{names: make(map[string]bool)}
	for _, tt := range []struct{ in, want string }{
		{"품목", "품목"},
		{"품목", "품목 (2)"},
		{"a/b[c]:*?\\", "a_b_c_____"},
		{"'따옴'", "따옴"},
		{"", "_"},
		{"History", "_History"},
		{"a\x00b", "a_b"},
		{"Sheet1", "Sheet1"},
		{strings.Repeat("가", 40), strings.Repeat("가", 31)},
		{strings.Repeat("가", 40), strings.Repeat("가", 27) + " (2)"},
		{strings.Repeat("가", 30) + "😀", strings.Repeat("가", 30)},
	} {
		if got := b.sheetName(tt.in); got != tt.want {
			t.Errorf("sheetName(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// More rows than a sheet has go on in another.
func TestWorkbookGoesOn(t *testing.T) {
	before := rowLimit
	rowLimit = 3
	defer func() { rowLimit = before }()
	tpl := template()
	tpl.Name = "x"
	row := map[form.FieldID]string{"no": "1"}
	_, got := book(t, one(tpl), records(tpl, row, row, row, row, row), heads)
	for name, rows := range map[string]int{"항목": 3, "항목 (2)": 3, "항목 (3)": 2} {
		if len(got[name]) != rows || got[name][0][0] != "파일" {
			t.Errorf("%s has %d rows: %q", name, len(got[name]), got[name])
		}
	}
}

func TestChosenColumns(t *testing.T) {
	tpl := template()
	o := heads
	o.Columns = []form.ExportColumn{
		{Key: "no", Name: "번호"}, {Key: form.ColumnID}, {Key: "+id"}, {Key: "items.1", Name: "값"}, {Key: "이름"}, {Key: "gone"}, {Key: form.ColumnRow},
	}
	list := records(tpl, map[form.FieldID]string{"이름": "김", "no": "7", "items[1,0]": "사과", "items[2,1]": "9"})
	_, got := book(t, one(tpl), list, o)
	want := map[string][][]string{
		"항목":    {{"번호", "#id", "id", "이름"}, {"7", "0", "김/7", "김"}},
		"items": {{"#id", "값", "행"}, {"0", "9", "2"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	o.Columns = []form.ExportColumn{{Key: "no"}}
	if _, got := book(t, one(tpl), list, o); len(got) != 1 {
		t.Errorf("a table of which nothing is chosen has a sheet: %q", got)
	}
}

func TestChoices(t *testing.T) {
	tpl := template()
	var usual, spare []string
	for _, c := range Choices(one(tpl), heads) {
		if c.Usual {
			usual = append(usual, c.Table+":"+c.Key)
		} else {
			spare = append(spare, c.Key)
		}
	}
	if want := strings.Fields(":#file :#page :이름 :no :agree :fax :+id items:#row items:items.0 items:items.1"); !slices.Equal(usual, want) {
		t.Errorf("usual: %q, want %q", usual, want)
	}
	if want := strings.Fields("#id #uid #state #received #finished #version #again #link #notes"); !slices.Equal(spare, want) {
		t.Errorf("others: %q, want %q", spare, want)
	}
}
