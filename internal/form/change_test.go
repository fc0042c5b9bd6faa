package form

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// changeCases are what changes make of a document. The script of the builder does
// the same with them: its tests read them too.
func changeCases(t testing.TB) (document json.RawMessage, cases []changeCase) {
	t.Helper()
	data, err := os.ReadFile("testdata/changes.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Document json.RawMessage
		Cases    []changeCase
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all.Document, all.Cases
}

type changeCase struct {
	Name    string
	Changes []Change
	Want    json.RawMessage
	Refused []Refusal
}

func decoded(t testing.TB, document []byte) *Template {
	t.Helper()
	f, err := DecodeStored(document)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// shownDocument returns f as a browser has it.
func shownDocument(t testing.TB, f *Template) (shown any) {
	t.Helper()
	text, err := EncodeDocument(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &shown); err != nil {
		t.Fatal(err)
	}
	return shown
}

func TestChange(t *testing.T) {
	document, cases := changeCases(t)
	for _, tt := range cases {
		t.Run(tt.Name, func(t *testing.T) {
			before := decoded(t, document)
			got, refused, err := before.Change(tt.Changes)
			if err != nil {
				t.Fatal(err)
			}
			var want any
			if err := json.Unmarshal(tt.Want, &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, shownDocument(t, got)); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
			if fmt.Sprint(refused) != fmt.Sprint(tt.Refused) {
				t.Errorf("refused %v, want %v", refused, tt.Refused)
			}
			if diff := cmp.Diff(shownDocument(t, decoded(t, document)), shownDocument(t, before)); diff != "" {
				t.Errorf("what was there before is another\n%s", diff)
			}
			if len(refused) > 0 {
				return
			}
			again, refused, err := got.Change(tt.Changes[max(0, len(tt.Changes)-1):])
			if diff := cmp.Diff(want, shownDocument(t, again)); diff != "" || len(refused) > 0 || err != nil {
				t.Errorf("the last again: refused %v, %v\n%s", refused, err, diff)
			}
		})
	}
}

// What a change says is kept as a template file would have it.
func TestChangeIsTidied(t *testing.T) {
	document, _ := changeCases(t)
	f := decoded(t, document)
	id := string(f.Fields[0].ID)
	change := func(before, after string) Change {
		c := Change{Part: "fields", ID: id}
		for text, to := range map[string]*map[string]json.RawMessage{before: &c.Before, after: &c.After} {
			if err := json.Unmarshal([]byte(text), to); err != nil {
				t.Fatal(err)
			}
		}
		return c
	}
	got, refused, err := f.Change([]Change{
		change(`{"box": [10.001, 20, 30, 40], "valueType": null, "rules": {}}`, `{"box": [1.004, 2, 3, 4], "rules": {"min": 0, "date": false}, "valueType": "ALL"}`),
		change(`{"box": [1, 2.002, 3, 4], "rules": {"min": 0}, "boxes": []}`, `{"box": [1, 2, 3, 5], "rules": {}}`),
	})
	if err != nil || len(refused) > 0 {
		t.Fatalf("refused %v, %v", refused, err)
	}
	shown := shownDocument(t, got).(map[string]any)["fields"].([]any)[0]
	want := map[string]any{"id": id, "name": "a", "type": "NORMAL", "valueType": "ALL", "box": []any{1., 2., 3., 5.}}
	if diff := cmp.Diff(any(want), shown); diff != "" {
		t.Error(diff)
	}
}

// A list without entries is the same as none, as the builder has it.
func TestChangeOfNoGroups(t *testing.T) {
	document, _ := changeCases(t)
	f := decoded(t, document)
	f.Groups, f.Combine = nil, nil
	group := json.RawMessage(`[{"id": "0193a3f2-7c10-7b4e-9d21-0005ac1e00aa", "name": "g", "choose": "one"}]`)
	got, refused, err := f.Change([]Change{
		{Part: "template", Before: map[string]json.RawMessage{"groups": json.RawMessage("[]")}, After: map[string]json.RawMessage{"groups": group}},
		{Part: "template", Before: map[string]json.RawMessage{"groups": group}, After: map[string]json.RawMessage{"groups": json.RawMessage("[]")}},
		{Part: "template", Before: map[string]json.RawMessage{"groups": json.RawMessage("[]"), "combine": json.RawMessage("[]")}, After: map[string]json.RawMessage{"groups": group, "combine": json.RawMessage(`[{"name": "c", "parts": []}]`)}},
	})
	if err != nil || len(refused) > 0 || len(got.Groups) != 1 || len(got.Combine) != 1 {
		t.Errorf("%d groups, refused %v, %v", len(got.Groups), refused, err)
	}
}

func TestChangeRefusesWhatIsNone(t *testing.T) {
	document, _ := changeCases(t)
	const field = `00000000-0000-4000-8000-00000000000a`
	many := func(n int, of string) string { return strings.Repeat(of+",", n-1) + of }
	for name, changes := range map[string]string{
		"a part that there is not":    `[{"part": "columns", "id": "` + field + `", "after": {}}]`,
		"no part":                     `[{}]`,
		"no id":                       `[{"part": "fields", "before": {"name": "a"}, "after": {"name": "b"}}]`,
		"an id that is none":          `[{"part": "fields", "id": "a", "after": {"id": "a"}}]`,
		"neither before nor after":    `[{"part": "fields", "id": "` + field + `"}]`,
		"another id in what is added": `[{"part": "fields", "id": "00000000-0000-4000-8000-00000000000d", "after": {"id": "` + field + `"}}]`,
		"an id that changes":          `[{"part": "fields", "id": "` + field + `", "before": {"id": "` + field + `"}, "after": {"id": "00000000-0000-4000-8000-00000000000d"}}]`,
		"an unknown property":         `[{"part": "fields", "id": "` + field + `", "before": {}, "after": {"colour": 1}}]`,
		"a property in capitals":      `[{"part": "fields", "id": "` + field + `", "before": {}, "after": {"Name": "x"}}]`,
		"a property of another part":  `[{"part": "template", "before": {}, "after": {"width": 10}}]`,
		"all fields at once":          `[{"part": "template", "before": {}, "after": {"fields": []}}]`,
		"a name that is a number":     `[{"part": "fields", "id": "` + field + `", "before": {"name": "a"}, "after": {"name": 1}}]`,
		"a box of three":              `[{"part": "fields", "id": "` + field + `", "before": {}, "after": {"box": [1, 2, 3]}}]`,
		"a box out of this world":     `[{"part": "fields", "id": "` + field + `", "before": {"box": [10, 20, 30, 40]}, "after": {"box": [1e308, 2, 1e308, 4]}}]`,
		"rules that are a list":       `[{"part": "fields", "id": "` + field + `", "before": {}, "after": {"rules": [1]}}]`,
		"deep rules":                  `[{"part": "fields", "id": "` + field + `", "before": {}, "after": {"rules": ` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}}]`,
		"an order of others":          `[{"part": "template", "before": {"order": ["` + field + `"]}, "after": {"order": ["b"]}}]`,
		"an order of one twice":       `[{"part": "template", "before": {"order": ["a", "a"]}, "after": {"order": ["a", "a"]}}]`,
		"an order from nowhere":       `[{"part": "template", "after": {"order": ["` + field + `"]}}]`,
		"too many changes":            `[` + many(maxChanges+1, `{}`) + `]`,
		"too many cells": `[{"part": "tables", "id": "00000000-0000-4000-8000-00000000000d", "after": {"id": "00000000-0000-4000-8000-00000000000d", "cells": [[` +
			many(2*maxPlaces, `[0,0,1,1]`) + `]]}}]`,
	} {
		t.Run(name, func(t *testing.T) {
			var list []Change
			if err := json.Unmarshal([]byte(changes), &list); err != nil {
				t.Fatal(err)
			}
			f, refused, err := decoded(t, document).Change(list)
			_, invalid := errors.AsType[*InvalidError](err)
			_, template := errors.AsType[*InvalidTemplateError](err)
			if !invalid && !template || f != nil || refused != nil {
				t.Errorf("Change = %v, %v, %v", f, refused, err)
			}
		})
	}
}

// Most of what people do to a draft leaves it with defects.
func TestChangeKeepsDefects(t *testing.T) {
	document, _ := changeCases(t)
	var changes []Change
	const text = `[
		{"part": "fields", "id": "00000000-0000-4000-8000-00000000000d", "after": {"id": "00000000-0000-4000-8000-00000000000d", "type": "SPIRAL", "box": [-5, 0, 0, 1e6]}},
		{"part": "tables", "id": "00000000-0000-4000-8000-000000000001", "before": {"columns": ["a", "b"]}, "after": {"columns": ["a", "b", "c"]}},
		{"part": "template", "before": {"combine": []}, "after": {"combine": [{"name": "", "parts": [{"field": "nobody"}]}]}}]`
	if err := json.Unmarshal([]byte(text), &changes); err != nil {
		t.Fatal(err)
	}
	f, refused, err := decoded(t, document).Change(changes)
	if err != nil || len(refused) > 0 || len(f.Fields) != 4 || len(f.Tables[0].Columns) != 3 || f.Combine[0].Parts[0].Field != "nobody" {
		t.Fatalf("%+v, refused %v, %v", f, refused, err)
	}
	if len(f.Defects()) < 5 {
		t.Errorf("defects are %v", f.Defects())
	}
}

func FuzzChange(f *testing.F) {
	document, cases := changeCases(f)
	for _, c := range cases {
		text, err := json.Marshal(c.Changes)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var changes []Change
		if json.Unmarshal(text, &changes) != nil {
			return
		}
		next, _, err := decoded(t, document).Change(changes)
		if err != nil {
			return
		}
		_ = next.Defects()
		kept, err := EncodeTemplate(next)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := EncodeTemplate(decoded(t, kept)); err != nil || string(again) != string(kept) {
			t.Errorf("kept as\n%s\nand then\n%s\n%v", kept, again, err)
		}
	})
}
