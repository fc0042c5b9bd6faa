package clova

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// corners is the JSON of a boundingPoly.
func corners(x, y, width, height float64) string {
	at := func(x, y float64) string { return fmt.Sprintf(`{"x":%.1f,"y":%.1f}`, x, y) }
	return `{"vertices":[` + strings.Join([]string{at(x, y), at(x+width, y), at(x+width, y+height), at(x, y+height)}, ",") + `]}`
}

func wordList(texts ...string) (list []form.Word) {
	for i, text := range texts {
		text, last := strings.CutSuffix(text, "\n")
		list = append(list, form.Word{Text: text, Confidence: .5, Where: geom.XYWH(10*float64(i), 0, 8, 9).Quad(), LineBreak: last})
	}
	return list
}

func sameJSON(t *testing.T, got any, want string) {
	t.Helper()
	data, err := encode(got)
	if err != nil {
		t.Fatal(err)
	}
	var g, w any
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("%v in %s", err, want)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestNewGeneral(t *testing.T) {
	sheet := form.Sheet{
		Number: 1, Width: 100, Height: 200, Words: wordList("가", "나\n", "다\n"),
		Grids: []form.Grid{{Where: geom.XYWH(0, 0, 50, 20).Quad(), Cells: []form.GridCell{
			{Row: 0, Column: 0, RowSpan: 1, ColumnSpan: 2, Where: geom.XYWH(0, 0, 50, 10).Quad(), Words: wordList("다\n")},
			{Row: 1, Column: 0, RowSpan: 1, ColumnSpan: 1, Where: geom.XYWH(0, 10, 25, 10).Quad()},
		}}},
	}
	empty := form.Sheet{Number: 2, Width: 10, Height: 10}
	damaged := form.Sheet{Number: 3, Failure: form.FailDamaged}
	field := func(x float64, text string, more string) string {
		return fmt.Sprintf(`{"valueType":"ALL","boundingPoly":%s,"inferText":%q,"inferConfidence":0.5%s}`, corners(x, 0, 8, 9), text, more)
	}
	image := func(result, message, more string) string {
		return fmt.Sprintf(`{"uid":"","name":"n","inferResult":%q,"message":%q,"validationResult":{"result":"NO_REQUESTED"},%s}`, result, message, more)
	}
	info := func(width, height, page int) string {
		return fmt.Sprintf(`"convertedImageInfo":{"width":%d,"height":%d,"pageIndex":%d,"longImage":false},`, width, height, page)
	}
	two := `"type":"NORMAL","lineBreak":`
	fields2 := `"fields":[` + field(0, "가", ","+two+"false") + "," + field(10, "나", ","+two+"true") + "," + field(0, "다", ","+two+"true") + `]`
	fields2 = strings.Replace(fields2, field(0, "다", ","+two+"true"), field(20, "다", ","+two+"true"), 1)
	fields1 := `"fields":[` + field(0, "가", "") + "," + field(10, "나", "") + "," + field(20, "다", "") + `]`
	cell := func(line string, c float64, row, span int, where string) string {
		return fmt.Sprintf(`{"cellTextLines":[%s],"boundingPoly":%s,"inferConfidence":%.1f,"rowSpan":1,"rowIndex":%d,"columnSpan":%d,"columnIndex":0}`, line, where, c, row, span)
	}
	word := fmt.Sprintf(`{"cellWords":[{"boundingPoly":%s,"inferText":"다","inferConfidence":0.5}],"boundingPoly":%[1]s,"inferConfidence":0.5}`, corners(0, 0, 8, 9))
	tables := fmt.Sprintf(`,"tables":[{"cells":[%s,%s],"boundingPoly":%s,"inferConfidence":0.5}]`,
		cell(word, .5, 0, 2, corners(0, 0, 50, 10)), cell(fmt.Sprintf(`{"cellWords":[],"boundingPoly":%s,"inferConfidence":0.0}`, corners(0, 10, 25, 10)), 0, 1, 1, corners(0, 10, 25, 10)), corners(0, 0, 50, 20))
	for _, tt := range []struct {
		name    string
		version Version
		tables  bool
		sheet   form.Sheet
		want    string
	}{
		{"V2", V2, false, sheet, image("SUCCESS", "SUCCESS", info(100, 200, 0)+fields2)},
		{"V2 with tables", V2, true, sheet, image("SUCCESS", "SUCCESS", info(100, 200, 0)+fields2+tables)},
		{"V1", V1, true, sheet, image("SUCCESS", "SUCCESS", fields1)},
		{"empty", V2, true, empty, image("SUCCESS", "SUCCESS", info(10, 10, 1)+`"fields":[]`)},
		{"empty V1", V1, false, empty, image("SUCCESS", "SUCCESS", `"fields":[]`)},
		{"damaged", V2, false, damaged, image("ERROR", "The image is damaged and cannot be decoded.", `"fields":[]`)},
		{"damaged V1", V1, false, damaged, image("ERROR", "The image is damaged and cannot be decoded.", `"fields":[]`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &Request{Version: tt.version, ID: "r", Tables: tt.tables, Image: Image{Name: "n"}}
			answer := NewGeneral(r, time.UnixMilli(7), []form.Sheet{tt.sheet})
			switch image := answer.Images[0].(type) {
			case *General2:
				image.UID = ""
			case *General1:
				image.UID = ""
			}
			sameJSON(t, answer, fmt.Sprintf(`{"version":%q,"requestId":"r","timestamp":7,"images":[%s]}`, tt.version, tt.want))
		})
	}
}

// Clients of General OCR read coordinates as integers, and find a line in each
// cell of a table.
func TestGeneralHasWholeNumbers(t *testing.T) {
	skewed := geom.Quad{{X: 0.4, Y: -0.4}, {X: 9.5, Y: 1.25}, {X: 9.49, Y: 7.75}, {X: -0.2, Y: 7}}
	words := []form.Word{{Text: "가", Confidence: .25, Where: skewed}, {Text: "나", Where: skewed}}
	sheets := []form.Sheet{{Number: 1, Width: 10, Height: 10, Words: words, Grids: []form.Grid{{
		Where: skewed, Cells: []form.GridCell{
			{RowSpan: 1, ColumnSpan: 1, Where: skewed, Words: words[:1]},
			{RowSpan: 1, ColumnSpan: 1, Where: skewed, Words: words},
			{Column: 1, RowSpan: 1, ColumnSpan: 1, Where: skewed},
		},
	}}}}
	for version, want := range map[Version]int{V1: 2, V2: 12} { // words; and a table, cells, lines and words of cells
		body, err := NewGeneral(&Request{Version: version, Tables: true}, time.UnixMilli(7), sheets).JSON()
		if err != nil {
			t.Fatal(err)
		}
		coordinates := regexp.MustCompile(`"[xy]":([^,}]*)`).FindAllStringSubmatch(string(body), -1)
		if len(coordinates) != want*8 {
			t.Errorf("%s: %d coordinates, want %d", version, len(coordinates), want*8)
		}
		for _, c := range coordinates {
			if !regexp.MustCompile(`^\d+\.0$`).MatchString(c[1]) {
				t.Errorf("%s: coordinate %s", version, c[1])
			}
		}
		if version == V2 && !bytes.Contains(body, []byte(`"inferText":"나","inferConfidence":0.0,"type":"NORMAL","lineBreak":true`)) {
			t.Errorf("the last word of the page ends no line in %s", body)
		}
	}
	if words[0].Where != skewed {
		t.Error("the words of the sheet were changed")
	}
}

func TestSheetRefusal(t *testing.T) {
	engine := form.Sheet{Failure: form.FailEngine}
	for _, tt := range []struct {
		name   string
		sheets []form.Sheet
		want   error
	}{
		{"read", []form.Sheet{{}}, nil},
		{"bad file", []form.Sheet{{Failure: form.FailDamaged}}, nil},
		{"engine", []form.Sheet{engine}, ErrEngine},
		{"some read", []form.Sheet{engine, {}}, nil},
		{"program", []form.Sheet{{Failure: form.FailInternal}}, ErrService},
	} {
		if got := SheetRefusal(tt.sheets); !errors.Is(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestNewResult(t *testing.T) {
	r := filledSheet()
	template := r.Template
	for i := range r.Values {
		if f, ok := template.Place(r.Values[i].Field.ID); ok {
			r.Values[i].Field = f
		}
	}
	say := func(id form.FieldID, c form.Correction) {
		for i := range r.Values {
			if r.Values[i].Field.ID == id {
				r.Values[i].Corrections = append(r.Values[i].Corrections, c)
			}
		}
	}
	say("name", form.Correction{Text: "다른 이"})
	say("name", form.Correction{Text: "김철수"})
	say("id", form.Correction{Text: "12"})
	say("fax", form.Correction{Checked: false})
	r.Validation = form.Validation{Verdict: form.NotValid, Message: "sum"}
	answer := NewResult("n", &r, time.UnixMilli(7))
	if answer.State != form.StateReview || len(answer.Images) != 1 {
		t.Fatalf("answer %+v", answer)
	}
	image := answer.Images[0]
	if want := (ValidationResult{"INVALID", "sum"}); image.ValidationResult != want {
		t.Errorf("validation %+v, want %+v", image.ValidationResult, want)
	}
	type field struct {
		text     string
		reviewed bool
		subs     int
	}
	want := []field{{"김철수", true, 0}, {"12", true, 2}, {"", true, 0}, {"", false, 0}, {"", false, 1}}
	for i, f := range image.Fields {
		if got := (field{f.InferText, *f.Reviewed, len(f.SubFields)}); got != want[i] {
			t.Errorf("%s: %+v, want %+v", f.Name, got, want[i])
		}
		if *f.Reviewed && f.InferConfidence != 1 {
			t.Errorf("%s: confidence %v, want 1", f.Name, f.InferConfidence)
		}
	}
	if f := image.Fields[2]; *f.Checked {
		t.Error("the checkbox is checked still")
	}
	if got := image.Fields[1].SubFields[1].InferText; got != "2" {
		t.Errorf("second box %q, want 2", got)
	}
	if got := image.CombineResult.Text; got != "김철수/12/사과" {
		t.Errorf("combined %q", got)
	}
	say("fax", form.Correction{Mark: form.MarkNotApplicable})
	say("id", form.Correction{Mark: form.MarkIllegible})
	marked := NewResult("n", &r, time.UnixMilli(7)).Images[0].Fields
	if f := marked[2]; f.Mark != form.MarkNotApplicable || f.InferText != "" || *f.Checked || !*f.Reviewed {
		t.Errorf("not applicable: %+v", f)
	}
	if f := marked[1]; f.Mark != form.MarkIllegible || f.InferText != "" || len(f.SubFields) != 2 {
		t.Errorf("illegible: %+v", f)
	}
	say("id", form.Correction{Mark: form.MarkWithdrawn})
	if f := NewResult("n", &r, time.UnixMilli(7)).Images[0].Fields[1]; f.Mark != "" || *f.Reviewed || f.InferConfidence == 1 {
		t.Errorf("withdrawn: %+v", f)
	}
	r.Cells = true
	cells := NewResult("n", &r, time.UnixMilli(7)).Images[0].Fields
	if len(cells) != 9 || cells[5].Name != "items[1].품목" || *cells[5].Reviewed {
		t.Errorf("with cells as fields: %+v", cells)
	}
	sameJSON(t, NewResult("n", &Result{UID: "u", Page: form.Page{State: form.StateReading}}, time.UnixMilli(7)), `{"version":"V2","timestamp":7,"uid":"u","state":"reading","images":[]}`)
}

func TestSum(t *testing.T) {
	store := newStore(t)
	sum := func(change func(*Request)) string {
		r := &Request{Version: V2, ID: "r", Timestamp: 1, Image: Image{Name: "n", Format: "jpg", File: store.fileOf(t, "data"), Templates: []form.TemplateID{1}}}
		change(r)
		s, err := r.Sum()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	base := sum(func(*Request) {})
	// Of the release before, whose keys are still good.
	if want := "497411cb6ae703bd11363e709083346dd1c1ec80a6d578e4930dbcdbb0b371bc"; base != want {
		t.Errorf("sum %s, want %s", base, want)
	}
	if base != sum(func(r *Request) { r.Timestamp = 2 }) {
		t.Error("the timestamp makes a difference")
	}
	for name, change := range map[string]func(*Request){
		"version":   func(r *Request) { r.Version = V1 },
		"id":        func(r *Request) { r.ID = "s" },
		"data":      func(r *Request) { r.Image.File = store.fileOf(t, "dato") },
		"no data":   func(r *Request) { r.Image.File = nil },
		"templates": func(r *Request) { r.Image.Templates = nil },
		"tables":    func(r *Request) { r.Tables = true },
		"url":       func(r *Request) { r.Image.URL = "http://x" },
	} {
		if sum(change) == base {
			t.Errorf("%s makes no difference", name)
		}
	}
}

func TestTablesAsked(t *testing.T) {
	store := newStore(t)
	for value, want := range map[string]bool{"true": true, "false": false, `"true"`: true, `"false"`: false, `"True"`: true, "null": false, "1": false, "{}": false} {
		body := `{"version":"V2","enableTableDetection":` + value + `,"images":[{"format":"jpg","data":"aGk="}]}`
		r, err := ReadRequest("application/json", strings.NewReader(body), store.Store, Limits{})
		if err != nil || r.Tables != want {
			t.Errorf("%s: %v, %v; want %v", value, r, err, want)
		}
	}
}
