package form

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seosik/seosik/internal/beside"
	"github.com/seosik/seosik/internal/geom"
)

// whole has every member that the template file knows.
const whole = `{
 "name": "보험금 청구서", "lang": "ko, en", "image": "template.png", "width": 1654, "height": 2339,
 "title": {"name": "title", "text": "보험금 청구서 (인보험용)", "box": [478, 110, 698, 73]},
 "review": "key",
 "fields": [
  {"name": "name", "label": "피보험자 성명", "type": "NORMAL", "valueType": "ALL", "box": [350, 270, 470, 60], "ignore": [[700, 270, 40, 60]],
   "rules": {"required": true, "pattern": "[가-힣]{2,5}"}, "personal": "name", "review": "two", "confidence": 0.99},
  {"name": "id", "type": "MULTI_BOX", "valueType": "NUMERIC", "box": [1062, 270, 88, 54], "boxes": [[1062, 275, 44, 54], [1106, 275, 44, 54]]},
  {"name": "fax", "type": "CHECKBOX", "box": [580, 1330, 28, 28], "checkedText": "Y", "uncheckedText": "N", "group": "notify"}],
 "tables": [{"name": "items", "label": "청구 내역", "box": [120, 610, 300, 112], "header": 1, "rows": 1,
  "columns": ["월일", "품목"], "labels": ["", "진료 품목"], "personal": ["", "health"], "review": ["person", ""], "confidence": [0, 0.5], "cells": [[[120, 610, 141, 56], [261, 610, 159, 56]], [[120, 666, 141, 56], [261, 666, 159, 56]]]}],
 "combine": [{"name": "both", "parts": [{"field": "name"}, {"text": "-"}, {"field": "items[1,0]"}]}]
}`

func TestDecodeTemplate(t *testing.T) {
	got, err := DecodeTemplate([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	want := &Template{
		Name: "보험금 청구서", Languages: []string{"ko", "en"}, ImageName: "template.png", Width: 1654, Height: 2339,
		Title: Title{"title", "보험금 청구서 (인보험용)", geom.XYWH(478, 110, 698, 73)}, Review: ReviewKey,
		Fields: []Field{
			{
				ID: "name", Name: "name", Label: "피보험자 성명", Kind: Normal, ValueType: All, Box: geom.XYWH(350, 270, 470, 60),
				Ignore: []geom.Box{geom.XYWH(700, 270, 40, 60)}, Rules: Rules{Required: true, Pattern: "[가-힣]{2,5}"},
				Handling: Handling{PersonalName, ReviewTwo, .99},
			},
			{
				ID: "id", Name: "id", Kind: MultiBox, ValueType: Numeric, Box: geom.XYWH(1062, 270, 88, 54),
				Boxes: []geom.Box{geom.XYWH(1062, 275, 44, 54), geom.XYWH(1106, 275, 44, 54)},
			},
			{
				ID: "fax", Name: "fax", Kind: Checkbox, ValueType: All, Box: geom.XYWH(580, 1330, 28, 28),
				CheckedText: "Y", UncheckedText: "N", Group: "notify",
			},
		},
		Tables: []Table{{
			Name: "items", Label: "청구 내역", Box: geom.XYWH(120, 610, 300, 112), Header: 1, Rows: make([]Row, 1), Columns: []Column{
				{Name: "월일", Handling: Handling{Review: ReviewPerson}}, {Name: "품목", Label: "진료 품목", Handling: Handling{Personal: PersonalHealth, Confidence: .5}},
			},
			Cells: [][]geom.Box{
				{geom.XYWH(120, 610, 141, 56), geom.XYWH(261, 610, 159, 56)},
				{geom.XYWH(120, 666, 141, 56), geom.XYWH(261, 666, 159, 56)},
			},
		}},
		Combine: []Combined{{"both", []Part{{Field: "name"}, {Text: "-"}, {Field: "items[1,0]"}}}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("DecodeTemplate (-want +got):\n%s", d)
	}
	if cell := got.Places()[4]; cell.Handling != (Handling{PersonalHealth, ReviewKey, .5}) {
		t.Errorf("a cell has %+v, want what its column has, and the policy of the template", cell.Handling)
	}
	var ids []FieldID
	for _, f := range got.Places() {
		ids = append(ids, f.ID)
	}
	if d := cmp.Diff([]FieldID{"name", "id", "fax", "items[1,0]", "items[1,1]"}, ids); d != "" {
		t.Errorf("Places (-want +got):\n%s", d)
	}
}

func TestEncodeTemplateIsReadBack(t *testing.T) {
	want, err := DecodeTemplate([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	data, err := EncodeTemplate(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeTemplate(data)
	if err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestDecodeTemplateNamesTheFieldAndTheReason(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"not JSON", "{", "[[", "not JSON at byte"},
		{"unknown key", `"group"`, `"gruop"`, `fields[2] fax: gruop: there is no such member`},
		{"wrong type", `"width": 1654`, `"width": "wide"`, "width: is of the type string"},
		{"something after", `"field": "items[1,0]"}]}]
}`, `"field": "items[1,0]"}]}]
} {}`, "something after"},
		{"no name", `"보험금 청구서", "lang"`, `" ", "lang"`, "name: is missing"},
		{"language", `"ko, en"`, `"ko, fr"`, `lang: "fr" is not one of`},
		{"no language", `"ko, en"`, `""`, "lang: must name"},
		{"language twice", `"ko, en"`, `"ko,ko"`, `lang: "ko" is there twice`},
		{"image elsewhere", `"template.png"`, `"../template.png"`, "image: must be"},
		{"picture too large", `"width": 1654`, `"width": 8001`, "width, height: must be"},
		{"box outside", `[350, 270, 470, 60]`, `[1350, 270, 470, 60]`, "fields[0] name: box: lies outside"},
		{"no box", `"box": [580, 1330, 28, 28], `, ``, "fields[2] fax: box: is missing"},
		{"ignore outside", `[700, 270, 40, 60]`, `[700, -2, 40, 60]`, "fields[0] name: ignore[0]: lies outside"},
		{"ignore often", `[700, 270, 40, 60]`, `[700, 270, 40, 60]` + strings.Repeat(`, [700, 270, 40, 60]`, maxBoxes), "fields[0] name: ignore: there are more"},
		{"long group", `"notify"`, `"` + strings.Repeat("가", maxName+1) + `"`, "fields[2] fax: group: is longer than 100"},
		{"type", `"CHECKBOX"`, `"CHECK"`, `fields[2] fax: type: "CHECK" is not`},
		{"value type", `"NUMERIC"`, `"DIGITS"`, `fields[1] id: valueType: "DIGITS"`},
		{"same name", `"name": "id"`, `"name": "name"`, "fields[1] name: the name is there twice"},
		{"bracket in name", `"name": "fax"`, `"name": "fax[0]"`, "fields[2] fax[0]: name: must not"},
		{"boxes missing", `, "boxes": [[1062, 275, 44, 54], [1106, 275, 44, 54]]`, ``, "fields[1] id: boxes: a MULTI_BOX"},
		{"pattern", `[가-힣]{2,5}`, `[가-`, "fields[0] name: rules.pattern: "},
		{"long label", `"피보험자 성명"`, `"` + strings.Repeat("가", maxName+1) + `"`, "fields[0] name: label: is longer than 100"},
		{"label that cannot be seen", `"청구 내역"`, `"청구\u200b내역"`, "tables[0] items: label: "},
		{"blank label of a column", `["", "진료 품목"]`, `["", " "]`, "tables[0] items: labels[1]: is missing"},
		{"labels of columns", `["", "진료 품목"]`, `["진료 품목"]`, "tables[0] items: labels: has 1 for 2 columns"},
		{"personal", `"personal": "name"`, `"personal": "names"`, `fields[0] name: personal: "names" is not one of resident, `},
		{"review", `"review": "two"`, `"review": "three"`, `fields[0] name: review: "three" is not one of machine, person, key, two`},
		{"review of all", `"review": "key"`, `"review": "none"`, `review: "none" is not one of machine, person, key, two`},
		{"confidence of all", `"confidence": 0.99`, `"confidence": 1`, "fields[0] name: confidence: must be between"},
		{"confidence below none", `"confidence": 0.99`, `"confidence": -0.5`, "fields[0] name: confidence: must be between"},
		{"personal of a column", `"health"`, `"body"`, `tables[0] items: personal[1]: "body" is not`},
		{"review of a column", `["person", ""]`, `["none", ""]`, `tables[0] items: review[0]: "none" is not`},
		{"confidence of a column", `[0, 0.5]`, `[0, 2]`, "tables[0] items: confidence[1]: must be between"},
		{"personal of columns", `["", "health"]`, `["health"]`, "tables[0] items: personal: has 1 for 2 columns"},
		{"rows", `"rows": 1`, `"rows": 2`, "tables[0] items: cells: header and rows say 1+2 rows, there are 2"},
		{"columns", `"월일", "품목"`, `"월일"`, "tables[0] items: cells[0]: has 2 boxes for 1 columns"},
		{"combine", `"items[1,0]"`, `"items[0,0]"`, `combine[0] both: parts: there is no field "items[0,0]"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(whole, tt.old, tt.new, 1)
			if text == whole {
				t.Fatalf("%q is not in the template", tt.old)
			}
			_, err := DecodeTemplate([]byte(text))
			if _, ok := errors.AsType[*InvalidTemplateError](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("DecodeTemplate = %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestATemplateOfPagesUponPages(t *testing.T) {
	tpl, err := DecodeTemplate([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 11 {
		tpl.Fields = append(tpl.Fields, Field{
			ID: FieldID(fmt.Sprint("f", i)), Name: fmt.Sprint("f", i), Kind: Normal, ValueType: All, Box: geom.XYWH(0, 0, float64(tpl.Width), float64(tpl.Height)),
		})
	}
	if err := tpl.Validate(); err == nil || !strings.Contains(err.Error(), "larger than 10 times the page") {
		t.Errorf("Validate = %v", err)
	}
}

func TestTemplatesOfTheBench(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(beside.Bench(t, ""), "*", "*", "template.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates, %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeTemplate(data); err != nil {
			t.Errorf("%s: %v", filepath.Base(filepath.Dir(file)), err)
		}
	}
}

func TestProblems(t *testing.T) {
	for _, tt := range []struct {
		name  string
		field Field
		text  string
		want  []Reason
	}{
		{"free", Field{Kind: Normal}, "anything", nil},
		{"empty", Field{Kind: Normal, Rules: Rules{Pattern: "a+"}}, " ", nil},
		{"required", Field{Kind: Normal, Rules: Rules{Required: true}}, "", []Reason{ReasonRequired}},
		{"pattern", Field{Kind: Normal, Rules: Rules{Pattern: "a|b"}}, "b", nil},
		{"pattern of the whole", Field{Kind: Normal, Rules: Rules{Pattern: "a|b"}}, "ab", []Reason{ReasonPattern}},
		{"numeric", Field{Kind: Normal, ValueType: Numeric}, "010-1234-5678", nil},
		{"letters in numeric", Field{Kind: Normal, ValueType: Numeric}, "0l0", []Reason{ReasonNotNumeric}},
		{"checkbox", Field{Kind: Checkbox, Rules: Rules{Required: true}}, "", nil},
	} {
		if d := cmp.Diff(tt.want, tt.field.Problems(tt.text)); d != "" {
			t.Errorf("%s: Problems (-want +got):\n%s", tt.name, d)
		}
	}
}

func TestValues(t *testing.T) {
	tpl, err := DecodeTemplate([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	values := Values(tpl,
		[]Reading{{Field: "name", Text: "김", Reasons: []Reason{ReasonUnsure}}, {Field: "fax", Text: "N"}},
		[]Correction{{ID: 1, Field: "fax", Text: "Y", Checked: true}, {ID: 2, Field: "fax", Text: "N"}})
	if len(values) != len(tpl.Places()) {
		t.Fatalf("%d values, want one a place", len(values))
	}
	name, fax := values[0], values[2]
	if !name.Doubtful() || name.Text() != "김" {
		t.Errorf("name: doubtful %v, text %q", name.Doubtful(), name.Text())
	}
	if fax.Doubtful() || fax.Text() != "N" || fax.Checked() || fax.Latest().ID != 2 {
		t.Errorf("fax: doubtful %v, text %q, checked %v", fax.Doubtful(), fax.Text(), fax.Checked())
	}
	if got, want := tpl.Combine[0].Join(TextOf(values)), "김-"; got != want {
		t.Errorf("Join = %q, want %q", got, want)
	}
}

func FuzzDecodeTemplate(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(ruledFile))
	f.Fuzz(func(t *testing.T, data []byte) {
		tpl, err := DecodeTemplate(data)
		if err != nil {
			return
		}
		text, err := EncodeTemplate(tpl)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeTemplate(text); err != nil {
			t.Errorf("not read back: %v", err)
		}
	})
}
