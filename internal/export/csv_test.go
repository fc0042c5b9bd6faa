package export

import (
	"encoding/csv"
	"errors"
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
			Name: "items", Header: 1, Rows: 2, Columns: []string{"품목", "금액"},
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
				Page:   form.PageInfo{Page: form.Page{Number: i + 1}, DocumentName: "스캔, 1.pdf"},
				Values: form.Values(t, rs, nil),
			}, nil) {
				return
			}
		}
	}
}

var heads = Options{File: "파일", Page: "쪽", Row: "행"}

func TestFields(t *testing.T) {
	tpl := template()
	var b strings.Builder
	err := Fields(&b, tpl, records(tpl,
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

func TestFieldsForPrograms(t *testing.T) {
	tpl := template()
	o := heads
	o.For = Program
	var b strings.Builder
	if err := Fields(&b, tpl, records(tpl, map[form.FieldID]string{"이름": "-1", "no": "0123"}), o); err != nil {
		t.Fatal(err)
	}
	want := "파일,쪽,이름,no,agree,fax,id\r\n\"스캔, 1.pdf\",1,-1,0123,0,,-1/0123\r\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestTableLeavesBlankRowsOut(t *testing.T) {
	tpl := template()
	var b strings.Builder
	err := Table(&b, tpl, "items", records(tpl, map[form.FieldID]string{"items[2,0]": "연필", "items[2,1]": "1,000"}), heads)
	if err != nil {
		t.Fatal(err)
	}
	want := "\ufeff파일,쪽,행,품목,금액\r\n\"스캔, 1.pdf\",1,2,연필,\"1,000\"\r\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if err := Table(&b, tpl, "absent", records(tpl), heads); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("unknown table: %v", err)
	}
}

func TestErrorsArePassedOn(t *testing.T) {
	broken := errors.New("broken")
	fails := func(yield func(form.Record, error) bool) { yield(form.Record{}, broken) }
	var b strings.Builder
	if err := Fields(&b, template(), fails, heads); !errors.Is(err, broken) {
		t.Errorf("Fields = %v", err)
	}
	if err := Table(&b, template(), "items", fails, heads); !errors.Is(err, broken) {
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
		if err := Fields(&b, tpl, records(tpl, map[form.FieldID]string{"이름": name, "no": no}), o); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
		if err != nil || len(lines) != 2 {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		// A reader of CSV makes LF of CR LF; nothing else may differ.
		plain := strings.NewReplacer("\r\n", "\n")
		if got, want := lines[1][2], plain.Replace(name); got != want && plain.Replace(got) != want {
			t.Errorf("read back %q, want %q", got, want)
		}
	})
}
