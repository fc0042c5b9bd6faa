package form

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seosik/seosik/internal/geom"
)

// grown returns a template with two fields, a group of two checkboxes and a table
// of a header and three rows.
func grown() *Template {
	t := &Template{Name: "form", Languages: []string{"ko"}, ImageName: "t.png", Image: "one", Width: 1000, Height: 1000}
	add := func(name string, kind Kind, x, y float64) {
		f := Field{ID: provisional(name), Name: name, Kind: kind, ValueType: All, Box: geom.XYWH(x, y, 100, 20)}
		if kind == Checkbox {
			f.Group = "answer"
		}
		t.Fields = append(t.Fields, f)
	}
	add("name", Normal, 10, 10)
	add("date", Normal, 10, 50)
	add("yes", Checkbox, 300, 10)
	add("no", Checkbox, 300, 50)
	t.Groups = []Group{{Name: "answer", Choose: ChooseOne}}
	table := Table{Name: "items", Box: geom.XYWH(0, 100, 200, 120), Header: 1, Columns: []Column{{Name: "what"}, {Name: "amount"}}}
	for r := range 4 {
		table.Cells = append(table.Cells, gridRow(r, 2))
	}
	table.Rows = make([]Row, 3)
	t.Tables = []Table{table}
	t.Combine = []Combined{{"both", []Part{{Field: "name"}, {Field: "items[1,0]"}}}}
	return t
}

// gridRow returns the cells of a row of the table of grown.
func gridRow(row, columns int) []geom.Box {
	var cells []geom.Box
	for c := range columns {
		cells = append(cells, geom.XYWH(100*float64(c), 100+30*float64(row), 100, 30))
	}
	return cells
}

func TestIdentify(t *testing.T) {
	before := grown()
	before.Identify(nil)
	if err := before.Validate(); err != nil {
		t.Fatal(err)
	}
	field := func(i int) FieldID { return before.Fields[i].ID }
	table := before.Tables[0]
	cell := func(row, column int) FieldID { return table.CellID(row, column) }
	none := FieldID("")
	for _, tt := range []struct {
		name   string
		change func(t *Template)
		want   []FieldID // of the places; none for a new one
	}{
		{"nothing", func(*Template) {}, []FieldID{field(0), field(1), field(2), field(3), cell(1, 0), cell(1, 1), cell(2, 0), cell(2, 1), cell(3, 0), cell(3, 1)}},
		{"renamed", func(t *Template) {
			t.Fields[1].Name = "day"
			t.Tables[0].Name = "goods"
			t.Tables[0].Columns[1].Name = "sum"
		}, []FieldID{field(0), field(1), field(2), field(3), cell(1, 0), cell(1, 1), cell(2, 0), cell(2, 1), cell(3, 0), cell(3, 1)}},
		{"moved", func(t *Template) { t.Fields[0].Box = geom.XYWH(700, 700, 100, 20) }, []FieldID{field(0), field(1), field(2), field(3), cell(1, 0), cell(1, 1), cell(2, 0), cell(2, 1), cell(3, 0), cell(3, 1)}},
		{"renamed and moved", func(t *Template) { t.Fields[0].Name = "other"; t.Fields[0].Box = geom.XYWH(700, 700, 100, 20) }, []FieldID{none, field(1), field(2), field(3), cell(1, 0), cell(1, 1), cell(2, 0), cell(2, 1), cell(3, 0), cell(3, 1)}},
		{"names swapped", func(t *Template) { t.Fields[0].Name, t.Fields[1].Name = "date", "name" }, []FieldID{field(1), field(0), field(2), field(3), cell(1, 0), cell(1, 1), cell(2, 0), cell(2, 1), cell(3, 0), cell(3, 1)}},
		{"text where a checkbox was", func(t *Template) { t.Fields[2].Kind, t.Fields[2].Name, t.Fields[2].Group = Normal, "x", "" }, []FieldID{field(0), field(1), none, field(3), cell(1, 0), cell(1, 1), cell(2, 0), cell(2, 1), cell(3, 0), cell(3, 1)}},
		{"removed", func(t *Template) { t.Fields = t.Fields[1:] }, []FieldID{field(1), field(2), field(3), cell(1, 0), cell(1, 1), cell(2, 0), cell(2, 1), cell(3, 0), cell(3, 1)}},
		{"row inserted above", func(t *Template) {
			items := &t.Tables[0]
			items.Cells = [][]geom.Box{gridRow(-1, 2), gridRow(0, 2), gridRow(1, 2), gridRow(2, 2), gridRow(3, 2)}
			items.Rows, items.Box = make([]Row, 4), geom.XYWH(0, 70, 200, 150)
		}, []FieldID{field(0), field(1), field(2), field(3), none, none, cell(1, 0), cell(1, 1), cell(2, 0), cell(2, 1), cell(3, 0), cell(3, 1)}},
		{"column inserted", func(t *Template) {
			items := &t.Tables[0]
			items.Columns = []Column{{Name: "what"}, {Name: "unit"}, {Name: "amount"}}
			for r := range items.Cells {
				items.Cells[r] = gridRow(r, 3)
			}
		}, []FieldID{field(0), field(1), field(2), field(3), cell(1, 0), none, cell(1, 1), cell(2, 0), none, cell(2, 1), cell(3, 0), none, cell(3, 1)}},
		{"table moved", func(t *Template) {
			t.Tables[0].Box = t.Tables[0].Box.Grow(0)
			for r := range t.Tables[0].Cells {
				for c := range t.Tables[0].Cells[r] {
					b := &t.Tables[0].Cells[r][c]
					*b = geom.XYWH(b.Min.X, b.Min.Y+500, 100, 30)
				}
			}
		}, []FieldID{field(0), field(1), field(2), field(3), cell(1, 0), cell(1, 1), cell(2, 0), cell(2, 1), cell(3, 0), cell(3, 1)}},
		{"another picture, half as large", func(t *Template) {
			half := t.scaled(500, 500)
			half.Width, half.Height, half.Image, half.Fields[0].Name = 500, 500, "two", "who"
			*t = *half
		}, []FieldID{field(0), field(1), field(2), field(3), cell(1, 0), cell(1, 1), cell(2, 0), cell(2, 1), cell(3, 0), cell(3, 1)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now := grown()
			tt.change(now)
			now.Combine = nil
			now.Identify(before)
			known := before.references()
			var got []FieldID
			for _, f := range now.Places() {
				if _, ok := known[f.ID]; !ok && f.ID.lasting() == "" && !strings.Contains(string(f.ID), ".") {
					t.Errorf("%s has the id %q", f.Name, f.ID)
				} else if !ok {
					f.ID = none
				}
				got = append(got, f.ID)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("ids (-want +got):\n%s", d)
			}
			if err := now.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

// What was gone in the version before has a new id when it comes back.
func TestIdentifyAddedBack(t *testing.T) {
	first, second, third := grown(), grown(), grown()
	first.Identify(nil)
	second.Fields, second.Combine = second.Fields[1:], nil
	second.Identify(first)
	third.Identify(second)
	if third.Fields[0].ID == first.Fields[0].ID || third.Fields[1].ID != first.Fields[1].ID || third.Groups[0].ID != first.Groups[0].ID {
		t.Errorf("ids %v after %v", third.Fields, first.Fields)
	}
}

func TestIdsOfAFileStay(t *testing.T) {
	want := grown()
	want.Identify(nil)
	if want.Combine[0].Parts[1].Field != want.Tables[0].CellID(1, 0) {
		t.Errorf("parts = %v", want.Combine[0].Parts)
	}
	data, err := EncodeTemplate(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeTemplate(data)
	if err != nil {
		t.Fatal(err)
	}
	got.Image = want.Image
	if d := cmp.Diff(want.references(), got.references()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	other := grown()
	other.Identify(nil)
	got.Identify(other) // a copy of the file of another template
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b Column) bool { return a.ID == b.ID })); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestBadIdsAreDefects(t *testing.T) {
	tpl := grown()
	tpl.Identify(nil)
	data, err := EncodeTemplate(tpl)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"no UUID", string(tpl.Fields[0].ID), "1", "fields[0] name: id: is not a UUID"},
		{"twice", string(tpl.Fields[0].ID), string(tpl.Fields[1].ID), "fields[1] date: id: is there twice: what fields[0] name: id has"},
		{"of a row too", tpl.Tables[0].Rows[1].ID, string(tpl.Fields[1].ID), "tables[0] items: rowIds[1]: is there twice"},
		{"too few", `"` + tpl.Tables[0].Columns[1].ID + `"`, `"",""`, "tables[0] items: columnIds: has 3 for 2 columns"},
	} {
		_, err := DecodeTemplate([]byte(strings.Replace(string(data), tt.old, tt.new, 1)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestAllDefectsComeAtOnce(t *testing.T) {
	_, err := DecodeTemplate([]byte(`{"name": "", "lang": "fr", "image": "t.png", "width": "wide", "height": 100, "color": 1,
 "fields": [{"name": "a", "type": "NORMAL", "box": [1, 1, 9]}, 5, {"name": "a", "type": "TEXT", "box": [1, 1, 9, 9], "rules": {"pattern": "(", "maximum": 3}}],
 "tables": {}, "groups": [{"name": "g", "choose": "two"}]}`))
	want := `width: is of the type string, and must be of the type whole number
color: there is no such member
fields[0] a: box: has 3 numbers where 4 belong
fields[1]: is of the type number, and must be of the type object
fields[2] a: rules.maximum: there is no such member
tables: is of the type object, and must be of the type list
name: is missing
lang: "fr" is not one of ko, ja, zh-TW, en
fields[2] a: the name is there twice
fields[2] a: type: "TEXT" is not one of NORMAL, MULTI_BOX, CHECKBOX
fields[2] a: rules.pattern: error parsing regexp: missing closing ): ` + "`(`" + `
groups[0] g: no CHECKBOX is of this group
groups[0] g: choose: "two" is not one of any, one, atMostOne, atLeastOne`
	if err == nil {
		t.Fatal("no error")
	}
	if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(err.Error(), "\n")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// What is wrong thousands of times is said a thousand times, and how often more.
func TestDefectsAreBounded(t *testing.T) {
	tpl := grown()
	tpl.Identify(nil)
	for range 5000 {
		tpl.Fields = append(tpl.Fields, tpl.Fields[0])
	}
	err := tpl.Validate()
	if _, last, _ := strings.Cut(err.Error(), "\nand "); !strings.HasSuffix(last, " more") || strings.Count(err.Error(), "\n") != maxDefects {
		t.Errorf("%d lines, the last %q", strings.Count(err.Error(), "\n"), last)
	}
}

// A draft may be anything that can be written down.
func TestDraftsBreakNothing(t *testing.T) {
	for _, text := range []string{
		`{}`, `{"fields": [{}], "tables": [{}], "groups": [{}], "combine": [{"parts": [{"field": "x"}]}]}`,
		`{"tables": [{"name": "t", "header": 5, "rows": -1, "columns": ["a"], "cells": [[], [[1, 1, 1, 1]]]}]}`,
		`{"tables": [{"name": "t", "header": -3, "columns": ["a"], "rules": [{"sum": ["b"]}], "cells": [[[1, 1, 1, 1]]]}]}`,
	} {
		tpl, err := DecodeStored([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		tpl.Identify(grown())
		if len(tpl.Defects()) == 0 {
			t.Errorf("%s has no defects", text)
		}
		data, err := EncodeTemplate(tpl)
		if err != nil || !json.Valid(data) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func BenchmarkIdentify(b *testing.B) {
	large := &Template{Width: 1000, Height: 1000}
	for i := range maxPlaces {
		name := fmt.Sprint("f", i)
		large.Fields = append(large.Fields, Field{ID: provisional(name), Name: name, Box: geom.XYWH(float64(i%100)*10, float64(i/100)*10, 9, 9)})
	}
	large.Identify(nil)
	for b.Loop() {
		now := *large
		now.Fields = append([]Field(nil), large.Fields...)
		for i := range now.Fields {
			now.Fields[i].ID, now.Fields[i].Name = "x", fmt.Sprint("g", i)
		}
		now.Identify(large)
	}
}
