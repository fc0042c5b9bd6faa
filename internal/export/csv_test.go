package export

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

func template() *form.Template {
	box := func(column, row float64) geom.Box { return geom.XYWH(10*column, 10*row, 10, 10) }
	return &form.Template{
		Fields: []form.Field{
			{ID: "이름", Name: "이름", Kind: form.Normal},
			{ID: "no", Name: "no", Kind: form.MultiBox},
			{ID: "agree", Name: "agree", Kind: form.Checkbox},
			{ID: "fax", Name: "fax", Kind: form.Checkbox, CheckedText: "예"},
		},
		Tables: []form.Table{{
			Name: "items", Header: 1, Rows: make([]form.Row, 2), Columns: []form.Column{{Name: "품목"}, {Name: "금액"}},
			Cells: [][]geom.Box{{box(0, 0), box(1, 0)}, {box(0, 1), box(1, 1)}, {box(0, 2), box(1, 2)}},
		}},
		Combine: []form.Combined{{Name: "id", Parts: []form.Part{{Field: "이름"}, {Text: "/"}, {Field: "no"}}}},
	}
}

func records(t *form.Template, texts ...map[form.FieldID]string) iter.Seq2[form.Record, error] {
	return func(yield func(form.Record, error) bool) {
		for i, m := range texts {
			var rs []form.Reading
			for id, s := range m {
				rs = append(rs, form.Reading{Field: id, Text: s, Checked: s == "예"})
			}
			if !yield(form.Record{
				Page:     form.PageInfo{Page: form.Page{Number: i + 1}, DocumentName: "스캔, 1.pdf"},
				Template: t,
				Values:   form.Values(t, rs, nil),
			}, nil) {
				return
			}
		}
	}
}

var heads = Options{
	Head: func(key string) string {
		if head, ok := map[string]string{form.ColumnFile: "파일", form.ColumnPage: "쪽", form.ColumnRow: "행"}[key]; ok {
			return head
		}
		return key
	},
	Retired: func(name string, version int) string { return fmt.Sprintf("%s (~%d)", name, version) },
	Sheet:   func(key string) string { return "항목" + key },
	State:   func(s form.State) string { return string(s) },
	Link:    func(id form.PageID) string { return fmt.Sprint("/pages/", id) },
}

func one(t *form.Template) []*form.Template { return []*form.Template{t} }

// Of three versions the newest says what columns are called and how they and rows
// are ordered; what it has no more follows.
func TestVersions(t *testing.T) {
	first, second, third := template(), template(), template()
	first.Version, second.Version, third.Version = 1, 2, 3
	second.Fields[0].Name = "성명"
	second.Fields = append(second.Fields, form.Field{ID: "memo", Name: "메모", Kind: form.Normal})
	third.Fields = third.Fields[:2]
	third.Fields[0], third.Fields[1] = third.Fields[1], third.Fields[0]
	third.Combine = nil
	third.Fields[1].Name = "성명"
	rowsOf := func(t *form.Template, rows, columns string) {
		table := &t.Tables[0]
		table.ID, table.Rows = "t", nil
		for _, r := range rows {
			table.Rows = append(table.Rows, form.Row{ID: string(r)})
		}
		for i, c := range columns {
			table.Columns[i].ID = string(c)
		}
		table.Cells = table.Cells[:1]
		for range rows {
			table.Cells = append(table.Cells, []geom.Box{geom.XYWH(0, 10*float64(len(table.Cells)), 10, 10), geom.XYWH(10, 10*float64(len(table.Cells)), 10, 10)})
		}
	}
	rowsOf(first, "ab", "xy")
	rowsOf(second, "ba", "xy")
	rowsOf(third, "cab", "zx") // a row above, and a column for another
	third.Tables[0].Name, third.Tables[0].Columns[0].Name = "물품", "단위"
	record := func(tpl *form.Template, texts map[form.FieldID]string) form.Record {
		var rs []form.Reading
		for id, s := range texts {
			rs = append(rs, form.Reading{Field: id, Text: s})
		}
		return form.Record{
			Page:     form.PageInfo{Page: form.Page{Number: tpl.Version}, DocumentName: "a.pdf"},
			Template: tpl,
			Values:   form.Values(tpl, rs, nil),
		}
	}
	list := func(yield func(form.Record, error) bool) {
		_ = yield(record(first, map[form.FieldID]string{"이름": "김", "no": "1", "fax": "예", "a.x": "사과", "b.y": "2"}), nil) &&
			yield(record(second, map[form.FieldID]string{"이름": "이", "no": "2", "memo": "새로", "a.x": "배", "b.x": "감"}), nil) &&
			yield(record(third, map[form.FieldID]string{"이름": "박", "no": "3", "c.z": "개", "a.x": "귤"}), nil)
	}
	versions := []*form.Template{third, second, first}
	o := heads
	o.For = Program
	var fields strings.Builder
	if err := writeFields(&fields, versions, list, o); err != nil {
		t.Fatal(err)
	}
	want := "파일,쪽,no,성명,agree (~2),fax (~2),메모 (~2),id (~2)\r\n" +
		"a.pdf,1,1,김,0,예,,김/1\r\na.pdf,2,2,이,0,,새로,이/2\r\na.pdf,3,3,박,,,,\r\n"
	if d := cmp.Diff(want, fields.String()); d != "" {
		t.Errorf("fields (-want +got):\n%s", d)
	}
	for _, id := range []string{"t", "물품", "items"} { // the id, the name, the name before
		var table strings.Builder
		if err := writeTable(&table, versions, id, list, o); err != nil {
			t.Fatal(err)
		}
		want := "파일,쪽,행,단위,금액,금액 (~2)\r\n" +
			"a.pdf,1,1,,사과,\r\na.pdf,1,2,,,2\r\na.pdf,2,2,,배,\r\na.pdf,2,1,,감,\r\na.pdf,3,1,개,,\r\na.pdf,3,2,,귤,\r\n"
		if d := cmp.Diff(want, table.String()); d != "" {
			t.Errorf("table %s (-want +got):\n%s", id, d)
		}
	}
}

func TestFields(t *testing.T) {
	tpl := template()
	var b strings.Builder
	err := writeFields(&b, one(tpl), records(tpl,
		map[form.FieldID]string{"이름": "김\n철수", "no": "0123", "agree": "", "fax": "예"},
		map[form.FieldID]string{"이름": `=HYPERLINK("x")`, "no": "12"},
	), heads)
	if err != nil {
		t.Fatal(err)
	}
	want := "\ufeff파일,쪽,이름,no,agree,fax,id\r\n" +
		"\"스캔, 1.pdf\",1,\"김\r\n철수\",\"=\"\"0123\"\"\",0,예,\"김\r\n철수/0123\"\r\n" +
		"\"스캔, 1.pdf\",2,\"'=HYPERLINK(\"\"x\"\")\",12,0,,\"'=HYPERLINK(\"\"x\"\")/12\"\r\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// What a person said instead of a text is written as the domain has it.
func TestMarks(t *testing.T) {
	tpl := template()
	var said []form.Correction
	for field, m := range map[form.FieldID]form.Mark{"이름": form.MarkIllegible, "no": form.MarkEmpty, "agree": form.MarkNotApplicable, "fax": form.MarkIllegible} {
		said = append(said, form.Correction{ID: 1, Field: field, Mark: m})
	}
	o := heads
	o.For, o.Illegible = Program, "●"
	list := func(yield func(form.Record, error) bool) {
		yield(form.Record{Page: form.PageInfo{Page: form.Page{Number: 1}, DocumentName: "a.pdf"}, Template: tpl, Values: form.Values(tpl, nil, said)}, nil)
	}
	var b strings.Builder
	if err := writeFields(&b, one(tpl), list, o); err != nil {
		t.Fatal(err)
	}
	if want := "파일,쪽,이름,no,agree,fax,id\r\na.pdf,1,●,,,●,●/\r\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}

func TestFieldsForPrograms(t *testing.T) {
	tpl := template()
	o := heads
	o.For = Program
	var b strings.Builder
	if err := writeFields(&b, one(tpl), records(tpl, map[form.FieldID]string{"이름": "-1", "no": "0123"}), o); err != nil {
		t.Fatal(err)
	}
	want := "파일,쪽,이름,no,agree,fax,id\r\n\"스캔, 1.pdf\",1,-1,0123,0,,-1/0123\r\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// What holds personal data is left out with what is made of it; the newest version
// that has a field says whether it does.
func TestImpersonal(t *testing.T) {
	older, newer := template(), template()
	older.Version, newer.Version = 1, 2
	older.Fields[0].Personal = form.PersonalName // no more
	newer.Fields[1].Personal = form.PersonalResident
	older.Fields = append(older.Fields, form.Field{ID: "phone", Name: "phone", Handling: form.Handling{Personal: form.PersonalContact}})
	newer.Tables[0].Columns[0].Personal = form.PersonalHealth
	newer.Combine = append(newer.Combine,
		form.Combined{Name: "cell", Parts: []form.Part{{Field: "items[1,0]"}}},
		form.Combined{Name: "plain", Parts: []form.Part{{Field: "이름"}, {Field: "items[1,1]"}}})
	o := heads
	o.For, o.Impersonal = Program, true
	list := records(newer, map[form.FieldID]string{"이름": "김", "no": "7", "agree": "", "items[1,0]": "약", "items[1,1]": "9", "items[2,0]": "약"})
	for _, tt := range []struct {
		name  string
		write func(*strings.Builder) error
		want  string
	}{
		{
			"fields", func(b *strings.Builder) error { return writeFields(b, []*form.Template{newer, older}, list, o) },
			"파일,쪽,이름,agree,fax,plain\r\n\"스캔, 1.pdf\",1,김,0,,김9\r\n",
		},
		{
			"a table", func(b *strings.Builder) error { return writeTable(b, []*form.Template{newer, older}, "items", list, o) },
			"파일,쪽,행,금액\r\n\"스캔, 1.pdf\",1,1,9\r\n",
		},
	} {
		var b strings.Builder
		if err := tt.write(&b); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, b.String()); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

func TestTableLeavesBlankRowsOut(t *testing.T) {
	tpl := template()
	var b strings.Builder
	err := writeTable(&b, one(tpl), "items", records(tpl, map[form.FieldID]string{"items[2,0]": "연필", "items[2,1]": "1,000"}), heads)
	if err != nil {
		t.Fatal(err)
	}
	want := "\ufeff파일,쪽,행,품목,금액\r\n\"스캔, 1.pdf\",1,2,연필,\"1,000\"\r\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if err := writeTable(&b, one(tpl), "absent", records(tpl), heads); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("unknown table: %v", err)
	}
}

func TestErrorsArePassedOn(t *testing.T) {
	broken := errors.New("broken")
	fails := func(yield func(form.Record, error) bool) { yield(form.Record{}, broken) }
	var b strings.Builder
	if err := writeFields(&b, one(template()), fails, heads); !errors.Is(err, broken) {
		t.Errorf("Fields = %v", err)
	}
	if err := writeTable(&b, one(template()), "items", fails, heads); !errors.Is(err, broken) {
		t.Errorf("Table = %v", err)
	}
}

func TestForSpreadsheet(t *testing.T) {
	for in, want := range map[string]string{
		"":               "",
		"김철수":            "김철수",
		"0":              "0",
		"007":            `="007"`,
		"123":            "123",
		"123456789012":   `="123456789012"`,
		"010-1234-5678":  "010-1234-5678",
		"3-4":            `="3-4"`,
		"1/2":            `="1/2"`,
		"2026-11-22":     "2026-11-22",
		"11/22/2026":     `="11/22/2026"`,
		"22-11-03":       `="22-11-03"`,
		"12,000":         "12,000",
		"0.5":            "0.5",
		"=1+1":           "'=1+1",
		"+82":            "'+82",
		"-5":             "'-5",
		"@x":             "'@x",
		"\tx":            "'\tx",
		"＝1":             "'＝1",
		"0\"&cmd|' /C'!": "0\"&cmd|' /C'!",
	} {
		if got := forSpreadsheet(in); got != want {
			t.Errorf("forSpreadsheet(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzFieldsAreReadBack(f *testing.F) {
	f.Add("김철수", "0123")
	f.Add("a\"b,c\r\nd", "=1")
	f.Fuzz(func(t *testing.T, name, no string) {
		tpl := template()
		o := heads
		o.For = Program
		var b strings.Builder
		if err := writeFields(&b, one(tpl), records(tpl, map[form.FieldID]string{"이름": name, "no": no}), o); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
		if err != nil || len(lines) != 2 {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		// All ends of lines become alike; nothing else may differ.
		if got, want := lines[1][2], lineEnds.Replace(name); got != want {
			t.Errorf("read back %q, want %q", got, want)
		}
	})
}

// writeFields writes the fields of records.
func writeFields(w io.Writer, versions []*form.Template, records iter.Seq2[form.Record, error], o Options) error {
	return Write(w, versions, &form.Export{Format: form.FormatCSV}, records, o)
}

// writeTable writes the rows of the table with an id or name.
func writeTable(w io.Writer, versions []*form.Template, id string, records iter.Seq2[form.Record, error], o Options) error {
	return Write(w, versions, &form.Export{Format: form.FormatCSV, Part: id}, records, o)
}
