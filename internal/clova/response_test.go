package clova

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

var update = flag.Bool("update", false, "write the files of testdata")

// sheet is a template with everything that a template can have.
func sheet() *form.Template {
	cell := func(row, column float64) geom.Box { return geom.XYWH(column*50, 300+row*20, 50, 20) }
	return &form.Template{
		ID: 390, Name: "보험금 청구서", Width: 400, Height: 500,
		Title: form.Title{Name: "제목", Box: geom.XYWH(100, 10, 200, 30)},
		Fields: []form.Field{
			{ID: "name", Name: "name", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(10, 60, 100, 20)},
			{ID: "id", Name: "id", Kind: form.MultiBox, ValueType: form.Numeric, Box: geom.XYWH(10, 100, 40, 20), Boxes: []geom.Box{geom.XYWH(10, 100, 20, 20), geom.XYWH(30, 100, 20, 20)}},
			{ID: "fax", Name: "fax", Kind: form.Checkbox, ValueType: form.All, Box: geom.XYWH(10, 140, 10, 10), CheckedText: "Y"},
			{ID: "memo", Name: "memo", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(10, 160, 100, 40)},
			{ID: "never read", Name: "never read", Kind: form.MultiBox, ValueType: form.All, Box: geom.XYWH(10, 220, 10, 10), Boxes: []geom.Box{geom.XYWH(10, 220, 10, 10)}},
		},
		Tables: []form.Table{{
			Name: "items", Box: geom.XYWH(0, 300, 100, 60), Header: 1, Rows: make([]form.Row, 2), Columns: []form.Column{{Name: "품목"}, {Name: ""}},
			Cells: [][]geom.Box{{cell(0, 0), cell(0, 1)}, {cell(1, 0), cell(1, 1)}, {cell(2, 0), cell(2, 1)}},
		}},
		Combine: []form.Combined{{Name: "both", Parts: []form.Part{{Field: "name"}, {Text: "/"}, {Field: "id"}, {Text: "/"}, {Field: "items[1,0]"}}}},
	}
}

func quad(x, y, width, height float64) geom.Quad { return geom.XYWH(x, y, width, height).Quad() }

// filledSheet is a page that was found to be a sheet, twice as large as the template.
func filledSheet() Result {
	skewed := geom.Quad{{X: 200.5, Y: 20}, {X: 590, Y: 22}, {X: 589, Y: 80}, {X: 200, Y: 79}}
	value := func(r form.Reading) form.Value { return form.Value{Field: form.Field{ID: r.Field}, Reading: r} }
	return Result{
		UID:      "0123456789abcdef0123456789abcdef",
		Page:     form.Page{Number: 1, State: form.StateReview, Width: 800, Height: 1000, Template: 390, TemplateToPage: geom.Scale(2, 2), Score: 0.75},
		Template: sheet(),
		Title:    form.Reading{Field: form.TitleID, Text: "보험금", Confidence: 0.94674826, Where: skewed, Words: []form.Word{{Text: "보험금", Confidence: 0.9, Where: skewed}}},
		Values: []form.Value{
			value(form.Reading{Field: "items[2,1]", Confidence: 0.5, Where: quad(100, 680, 100, 40)}),
			value(form.Reading{Field: "items[1,0]", Text: "사과", Confidence: 0.9, Where: quad(4, 644, 30, 30), Words: []form.Word{{Text: "사가", Confidence: 0.4, Where: quad(4, 644, 30, 30)}}}),
			value(form.Reading{Field: "items[1,1]", Text: "세 개\n더", Confidence: 0.8, Where: quad(104, 644, 60, 30), Words: []form.Word{
				{Text: "세", Confidence: 0.25, Where: quad(104, 644, 10, 10)},
				{Text: "개", Confidence: 0.75, Where: quad(116, 644, 10, 12), LineBreak: true},
				{Text: "더", Confidence: 1, Where: quad(104, 660, 10, 10), LineBreak: true},
			}}),
			value(form.Reading{Field: "fax", Checked: true, Text: "Y", Confidence: 0.99464625, Where: quad(20, 280, 20, 20)}),
			value(form.Reading{Field: "id", Text: "7", Confidence: 0.5, Where: quad(20, 200, 80, 40), Words: []form.Word{
				{Text: "7", Confidence: 0.625, Where: quad(20, 200, 40, 40)}, {Confidence: 1, Where: quad(60, 200, 40, 40)},
			}}),
			value(form.Reading{Field: "name", Text: "홍 길동\n<귀하>", Confidence: 1, Where: quad(30, 120, 80, 40), Words: []form.Word{
				{Text: "홍", Confidence: 0.5, Where: geom.Quad{{X: 30, Y: 121}, {X: 40, Y: 120}, {X: 40, Y: 130}, {X: 30, Y: 131}}},
				{Text: "길동", Confidence: 0.5, Where: quad(45, 120, 30, 10), LineBreak: true},
				{Text: "<귀하>", Confidence: 0.5, Where: quad(31, 140, 40, 12)},
			}}),
			value(form.Reading{Field: "memo", Confidence: 0.97, Where: quad(20, 320, 200, 80)}),
		},
	}
}

func TestNewResponse(t *testing.T) {
	failed := func(f form.Failure) Result {
		return Result{UID: "u", Page: form.Page{Number: 1, State: form.StateFailed, Failure: f}}
	}
	unmatched := Result{UID: "u", Page: form.Page{Number: 2, State: form.StateUnmatched, Width: 800, Height: 1000}}
	plain := filledSheet()
	plain.Template = &form.Template{ID: 1, Name: "bare", Combine: []form.Combined{{Name: "a"}, {Name: "b", Parts: []form.Part{{Text: "t"}}}}}
	withCells := filledSheet()
	withCells.Cells = true
	tiff := []byte("II*\x00")
	for _, tt := range []struct {
		name    string // of the file in testdata, too
		version Version
		tables  bool
		data    []byte
		results []Result
	}{
		{"success_v2", V2, false, nil, []Result{filledSheet()}},
		{"success_v1", V1, false, nil, []Result{filledSheet()}},
		{"tables_v2", V2, true, nil, []Result{filledSheet()}},
		{"cells_v2", V2, false, nil, []Result{withCells}},
		{"cells_v1", V1, true, nil, []Result{withCells}},
		{"bare_v2", V2, false, nil, []Result{plain}},
		{"no_match_v2", V2, true, nil, []Result{unmatched}},
		{"no_match_v1", V1, false, nil, []Result{unmatched}},
		{"resolution_v2", V2, false, nil, []Result{failed(form.FailResolution)}},
		{"damaged_v1", V1, false, nil, []Result{failed(form.FailDamaged)}},
		{"pages_v2", V2, false, tiff, []Result{plain, unmatched, failed(form.FailDamaged)}},
		{"pages_v1", V1, false, tiff, []Result{unmatched, failed("new")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &Request{Version: tt.version, ID: "string", Timestamp: 5, Tables: tt.tables, Image: Image{Name: "test 1", Head: tt.data}}
			got, err := NewResponse(r, time.UnixMilli(1584067653255), tt.results).JSON()
			if err != nil {
				t.Fatal(err)
			}
			want := golden(t, tt.name+".json", got)
			if diff := cmp.Diff(parsed(t, want), parsed(t, got)); diff != "" {
				t.Errorf("NewResponse (-want +got):\n%s", diff)
			}
		})
	}
}

// golden returns a file of testdata. With -update it is written first.
func golden(t *testing.T, name string, got []byte) []byte {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		var b bytes.Buffer
		if err := json.Indent(&b, got, "", "  "); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// parsed returns data as parsed JSON, with numbers as they are written: 1.0 is
// not 1 to some clients.
func parsed(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// The last word of a field and of a title ends its line, and so does the last
// one of each line before it.
func TestTheLastWordOfAFieldEndsItsLine(t *testing.T) {
	r := filledSheet()
	image := NewImage2("n", &r)
	for _, tt := range []struct {
		where string
		words []SubField
		want  []bool
	}{
		{"two lines", image.Fields[0].SubFields, []bool{false, true, true}},
		{"a title of one word", image.Title.SubFields, []bool{true}},
	} {
		var got []bool
		for _, w := range tt.words {
			got = append(got, *w.LineBreak)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: line breaks %v, want %v", tt.where, got, tt.want)
		}
	}
	if boxes := image.Fields[1].SubFields; boxes[1].LineBreak != nil {
		t.Error("a box has a line break")
	}
}

// Every failure has words, and only a fault of ours refuses the request.
func TestAPageThatLiesBadlySaysSoBesideTheMessage(t *testing.T) {
	r := filledSheet()
	r.Page.Faults = []form.Fault{form.FaultLoose, form.FaultCut, form.FaultCoarse}
	image := NewImage2("claim", &r)
	want := "The print does not lie where the template has it. Part of the form is outside the image. The resolution is too low for the smallest field."
	if image.Warning != want || image.Message != "SUCCESS" {
		t.Errorf("message %q, warning %q", image.Message, image.Warning)
	}
	if old := image.v1(); old.Warning != want {
		t.Errorf("V1: warning %q", old.Warning)
	}
}

func TestRefusal(t *testing.T) {
	page := func(s form.State, f form.Failure) Result { return Result{Page: form.Page{State: s, Failure: f}} }
	done := page(form.StateDone, "")
	for _, tt := range []struct {
		name  string
		pages []Result
		want  error
	}{
		{"read", []Result{done}, nil},
		{"damaged", []Result{page(form.StateFailed, form.FailDamaged)}, nil},
		{"engine", []Result{page(form.StateFailed, form.FailEngine)}, ErrEngine},
		{"internal", []Result{page(form.StateFailed, form.FailInternal)}, ErrService},
		{"internal and engine", []Result{page(form.StateFailed, form.FailInternal), page(form.StateFailed, form.FailEngine)}, ErrEngine},
		{"engine, but one was read", []Result{page(form.StateFailed, form.FailEngine), done}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Refusal(tt.pages); !errors.Is(got, tt.want) {
				t.Errorf("Refusal = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		n    Number
		want string
	}{
		{0, "0.0"},
		{1, "1.0"},
		{8000, "8000.0"},
		{-12.5, "-12.5"},
		{453.7125, "453.7125"},
		{0.94674826, "0.94674826"},
		{1e-9, "0.000000001"},
		{0.999999, "0.999999"},
		{Number(math.NaN()), "0.0"},
		{Number(math.Inf(-1)), "0.0"},
		{1e300, "0.0"},
	} {
		if got, err := json.Marshal(tt.n); string(got) != tt.want || err != nil {
			t.Errorf("%v is written %s, %v, want %s", float64(tt.n), got, err, tt.want)
		}
	}
}

func TestPaged(t *testing.T) {
	for _, tt := range []struct {
		file string
		want bool
	}{
		{"", false},
		{"\x89PNG\r\n", false},
		{"II*\x00\x08", true},
		{"MM\x00*\x08", true},
		{"%PDF-1.7", true},
		{"\n\n%PDF-1.4", true},
	} {
		if got := Paged([]byte(tt.file)); got != tt.want {
			t.Errorf("Paged(%q) = %v", tt.file, got)
		}
	}
}

func TestErrorJSON(t *testing.T) {
	at := time.UnixMilli(1718923585496)
	for _, tt := range []struct {
		err    *Error
		status int
		code   string
	}{
		{ErrURL, 400, "0001"},
		{ErrSecret, 401, "0002"},
		{ErrBody, 400, "0011"},
		{ErrVersion, 400, "0021"},
		{ErrDomain, 400, "0022"},
		{ErrQuota, 400, "0023"},
		{ErrRate, 400, "0025"},
		{ErrTables, 400, "0028"},
		{ErrService, 500, "0500"},
		{ErrEngine, 500, "0501"},
		{ErrDeploy, 500, "1021"},
	} {
		t.Run(tt.code, func(t *testing.T) {
			if tt.err.Status != tt.status {
				t.Errorf("status %d, want %d", tt.err.Status, tt.status)
			}
			body, err := tt.err.JSON("/custom/v1/1/ab/infer", "428fad6f1e0f401193a14c772e379b82", at)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]any{
				"code": tt.code, "message": tt.err.Message, "path": "/external/v1/1/ab/infer",
				"traceId": "428fad6f1e0f401193a14c772e379b82", "timestamp": json.Number("1718923585496"),
			}
			if diff := cmp.Diff(any(want), parsed(t, body)); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
		})
	}
	if got := ErrBody.Because("x %d", 1).Message; got != "Request body invalid: x 1" {
		t.Errorf("message %q", got)
	}
	if got := ErrRate.Because("x").RetryAfter; got != ErrRate.RetryAfter || got < time.Second {
		t.Errorf("try again after %v", got)
	}
}
