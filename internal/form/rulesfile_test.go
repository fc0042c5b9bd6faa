package form

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const ruledFile = `{"name": "세금계산서", "lang": "ko", "image": "t.png", "width": 100, "height": 100, "fields": [
 {"name": "bank", "type": "NORMAL", "box": [1, 1, 9, 9], "rules": {"in": "list:banks", "critical": true}},
 {"name": "sex", "type": "NORMAL", "box": [1, 1, 9, 9], "rules": {"in": ["남", "여"]}},
 {"name": "day", "type": "NORMAL", "box": [1, 1, 9, 9], "rules": {"date": true, "notBefore": "2020-01-31", "notAfter": "today"}},
 {"name": "rrn", "type": "MULTI_BOX", "valueType": "NUMERIC", "box": [1, 1, 9, 9], "boxes": [[1, 1, 9, 9]], "rules": {"check": "kr-resident"}},
 {"name": "total", "type": "NORMAL", "box": [1, 1, 9, 9], "rules": {"min": 0, "max": 1000.5, "sum": ["items.amount", "tax"]}},
 {"name": "tax", "type": "NORMAL", "box": [1, 1, 9, 9]},
 {"name": "yes", "type": "CHECKBOX", "box": [1, 1, 9, 9], "group": "answer", "rules": {"critical": true}},
 {"name": "no", "type": "CHECKBOX", "box": [1, 1, 9, 9], "group": "answer"}],
"tables": [{"name": "items", "box": [1, 1, 9, 9], "header": 0, "rows": 1, "columns": ["what", "amount", "extra"],
 "cells": [[[1, 1, 9, 9], [11, 1, 9, 9], [21, 1, 9, 9]]],
 "valueTypes": ["ALL", "NUMERIC", "ALL"], "rules": [{}, {"min": 1, "sum": ["extra"]}, {"in": "list:banks"}]}],
"groups": [{"name": "answer", "choose": "one"}]}`

func TestRulesAreReadAndWritten(t *testing.T) {
	tpl, err := DecodeTemplate([]byte(ruledFile))
	if err != nil {
		t.Fatal(err)
	}
	want := []Rules{
		{In: In{Ref: "list:banks"}, Critical: true},
		{In: In{Texts: []string{"남", "여"}}},
		{Date: true, NotBefore: "2020-01-31", NotAfter: Today},
		{Check: KRResident},
		{Min: number64(0), Max: number64(1000.5), Sum: []string{"items.amount", "tax"}},
		{},
		{Critical: true},
		{},
		{},
		{Min: number64(1), Sum: []string{"extra"}},
		{In: In{Ref: "list:banks"}},
	}
	tpl.Lists = map[string]*List{"banks": {Name: "banks"}}
	var got []Rules
	places := tpl.Places()
	for _, f := range places {
		got = append(got, f.Rules)
		if f.Language != "ko" || (f.Rules.In.Ref != "") != (f.List == tpl.Lists["banks"] && f.List != nil) {
			t.Errorf("%s: language %q, list %v", f.ID, f.Language, f.List)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if amount := places[9]; amount.ID != "items[0,1]" || amount.ValueType != Numeric {
		t.Errorf("cell %s is %s, want NUMERIC", amount.ID, amount.ValueType)
	}
	if diff := cmp.Diff([]string{"banks"}, tpl.ListNames()); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
	tpl.Lists = nil
	data, err := EncodeTemplate(tpl)
	if err != nil {
		t.Fatal(err)
	}
	again, err := DecodeTemplate(data)
	if err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	if diff := cmp.Diff(tpl, again); diff != "" {
		t.Errorf("not read back (-want +got):\n%s", diff)
	}
}

func TestRulesThatCannotBeAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"in of another kind", `"in": "list:banks", "c`, `"in": 5, "c`, `rules.in: must be "list:"`},
		{"in of numbers", `["남", "여"]`, `[1, 2]`, `rules.in: must be "list:"`},
		{"empty in", `"in": "list:banks", "c`, `"in": "", "c`, `rules.in: must be "list:"`},
		{"in that is no list", `"in": "list:banks", "c`, `"in": "banks", "c`, `fields[0] bank: rules.in: must be "list:"`},
		{"list without a name", `"in": "list:banks", "c`, `"in": "list:", "c`, `fields[0] bank: rules.in: is missing`},
		{"no texts", `["남", "여"]`, `[]`, `fields[1] sex: rules.in: names no text`},
		{"empty text", `["남", "여"]`, `["남", " "]`, `fields[1] sex: rules.in[1]: is empty`},
		{"hidden text", `["남", "여"]`, `["남", "\u202e"]`, `fields[1] sex: rules.in[1]: has a character`},
		{"long text", `["남", "여"]`, `["` + strings.Repeat("가", maxListValue+1) + `"]`, `fields[1] sex: rules.in[0]: is longer`},
		{"many texts", `["남", "여"]`, `["남"` + strings.Repeat(`, "여"`, maxInline) + `]`, `fields[1] sex: rules.in: has more than`},
		{"first day", `2020-01-31`, `2020-02-30`, "fields[2] day: rules.notBefore: must be a day"},
		{"last day", `"today"`, `"tomorrow"`, "fields[2] day: rules.notAfter: must be a day"},
		{"days the wrong way round", `"today"`, `"2020-01-30"`, "fields[2] day: rules: notBefore is later"},
		{"check", `kr-resident`, `kr-person`, `fields[3] rrn: rules.check: "kr-person" is not one of kr-resident, `},
		{"limits the wrong way round", `"min": 0,`, `"min": 2000,`, "fields[4] total: rules: min is more"},
		{"limit too large", `"max": 1000.5`, `"max": 1e16`, "fields[4] total: rules: min and max must"},
		{"sum of nothing known", `"tax"]`, `"taxes"]`, `fields[4] total: rules.sum: there is no field "taxes"`},
		{"sum of no column", `items.amount`, `items.sum`, `there is no field "items.sum"`},
		{"sum of itself", `"tax"]`, `"total"]`, `fields[4] total: rules.sum: "total" is what it is the sum of`},
		{"sum of one twice", `"tax"]`, `"tax", "tax"]`, `fields[4] total: rules.sum: "tax" is there twice`},
		{"sum of checkboxes", `"tax"]`, `"yes"]`, `fields[4] total: rules.sum: "yes" is a CHECKBOX`},
		{"cell of itself", `["extra"]`, `["amount"]`, `tables[0] items: rules[1].sum: "amount" is what`},
		{"cell of its own column", `["extra"]`, `["items.amount"]`, `tables[0] items: rules[1].sum: "items.amount" is what`},
		{"checkbox with a sum", `"rules": {"critical": true}}`, `"rules": {"sum": ["tax"]}}`, "fields[6] yes: rules: a CHECKBOX has none"},
		{"pattern of a column", `{"min": 1, `, `{"pattern": "(", `, "tables[0] items: rules[1].pattern: "},
		{"two columns of one name", `["what", "amount", "extra"]`, `["amount", "amount", "extra"]`, `"items.amount" may be either`},
		{"rules of columns", `[{}, {"min"`, `[{"min"`, "tables[0] items: rules: has 2 for 3 columns"},
		{"value types of columns", `["ALL", "NUMERIC", "ALL"]`, `["ALL"]`, "tables[0] items: valueTypes: has 1 for 3"},
		{"value type of a column", `["ALL", "NUMERIC", "ALL"]`, `["ALL", "NUMBER", "ALL"]`, `tables[0] items: valueTypes[1]: "NUMBER"`},
		{"unknown rule", `"date": true`, `"day": true`, `rules.day: there is no such member`},
		{"group that is not there", `"name": "answer"`, `"name": "question"`, "groups[0] question: no CHECKBOX"},
		{"group twice", `"choose": "one"}`, `"choose": "one"}, {"name": "answer", "choose": "any"}`, "groups[1] answer: the name is there twice"},
		{"choose", `"choose": "one"`, `"choose": "two"`, `groups[0] answer: choose: "two" is not`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(ruledFile, tt.old, tt.new, 1)
			if text == ruledFile {
				t.Fatalf("%q is not in the template", tt.old)
			}
			_, err := DecodeTemplate([]byte(text))
			if _, ok := errors.AsType[*InvalidTemplateError](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("DecodeTemplate = %v, want %q in it", err, tt.want)
			}
		})
	}
}

// The rules of a template must not ask for more work than its fields do.
func TestRulesAreBoundedTogether(t *testing.T) {
	texts := make([]string, maxInline)
	for i := range texts {
		texts[i] = fmt.Sprint(i)
	}
	tpl := patterned(maxInlines/maxInline+1, "")
	for i := range tpl.Fields {
		tpl.Fields[i].Rules.In.Texts = texts
	}
	if err := tpl.Validate(); err == nil || !strings.Contains(err.Error(), "texts together") {
		t.Errorf("Validate = %v, want too many texts", err)
	}
	tpl = patterned(maxSummed/maxAddends+2, "")
	for i := range tpl.Fields {
		for k := range maxAddends {
			if k != i {
				tpl.Fields[i].Rules.Sum = append(tpl.Fields[i].Rules.Sum, fmt.Sprint("f", k))
			}
		}
	}
	if err := tpl.Validate(); err == nil || !strings.Contains(err.Error(), "cells together") {
		t.Errorf("Validate = %v, want sums that are too long", err)
	}
}
