package suggest

import (
	"image"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/scan"
)

func TestDeclaredNames(t *testing.T) {
	for name, want := range map[string]string{
		"name":                                "name",
		"form1[0].#subform[0].applicant[0]":   "applicant",
		"topmostSubform[0].Page1[0].f1_01[0]": "",
		"topmostSubform[0].Page1[0].c1_1[2]":  "",
		"Text1":                               "",
		"Check Box 12":                        "",
		"텍스트3":                                "",
		"undefined_4":                         "",
		"12":                                  "",
		"":                                    "",
		"전화번호":                                "전화번호",
		"address1":                            "address1",
		"Date":                                "Date",
		"page.sum[x]":                         "sum(x)",
	} {
		if got := says(name); got != want {
			t.Errorf("%q says %q, want %q", name, got, want)
		}
	}
}

// found is a page on which were found a field, a row of boxes, checkboxes of a
// question, a field that nothing declares, and a table.
func found() *Form {
	field := func(name string, kind form.Kind, box geom.Box) Field {
		return Field{form.Field{ID: form.FieldID(name), Name: name, Kind: kind, ValueType: form.All, Box: box}, .9}
	}
	row := field("생년월일", form.MultiBox, geom.XYWH(20, 100, 160, 20))
	for i := range 8 {
		row.Boxes = append(row.Boxes, geom.XYWH(20+20*float64(i), 100, 20, 20))
	}
	male, female := field("남", form.Checkbox, geom.XYWH(20, 140, 10, 10)), field("여", form.Checkbox, geom.XYWH(60, 140, 10, 10))
	male.Group, male.CheckedText, female.Group, female.CheckedText = "성별", "남", "성별", "여"
	table := Table{Table: form.Table{
		Name: "내역", Header: 1, Rows: make([]form.Row, 1), Columns: make([]form.Column, 2),
		Cells: [][]geom.Box{{geom.XYWH(20, 200, 50, 20), geom.XYWH(70, 200, 50, 20)}, {geom.XYWH(20, 220, 50, 20), geom.XYWH(70, 220, 50, 20)}},
	}}
	return &Form{
		Picture: image.NewGray(image.Rect(0, 0, 400, 400)), StraightToPage: geom.Identity,
		Suggestion: Suggestion{
			Fields: []Field{field("성명", form.Normal, geom.XYWH(20, 20, 200, 30)), row, male, female, field("비고", form.Normal, geom.XYWH(20, 300, 200, 30))},
			Tables: []Table{table}, Groups: []form.Group{{Name: "성별", Choose: form.ChooseAtMostOne}},
		},
	}
}

func TestDeclaredFieldsTakeThePlaceOfFound(t *testing.T) {
	f := found()
	at := func(d scan.Declared, x, y, width, height float64) scan.Declared {
		d.X, d.Y, d.Width, d.Height = x, y, width, height
		return d
	}
	f.Declare([]scan.Declared{
		at(scan.Declared{Name: "Text1", Kind: scan.DeclaredText}, 22, 22, 196, 26),
		at(scan.Declared{Name: "birth", Kind: scan.DeclaredText, Comb: 8}, 21, 101, 158, 18),
		at(scan.Declared{Name: "sex", Kind: scan.DeclaredRadio, Value: "0"}, 20, 140, 10, 10),
		at(scan.Declared{Name: "sex", Kind: scan.DeclaredRadio, Value: "1"}, 60, 140, 10, 10),
		at(scan.Declared{Name: "amount", Kind: scan.DeclaredText}, 21, 221, 48, 18),
		at(scan.Declared{Name: "amount", Kind: scan.DeclaredText}, 71, 221, 48, 18),
		at(scan.Declared{Name: "agree", Kind: scan.DeclaredCheckbox, Value: "Yes"}, 300, 20, 10, 10),
		at(scan.Declared{Name: "bank", Kind: scan.DeclaredChoice, Options: []string{"국민", " ", "신한", "국민"}}, 300, 60, 60, 20),
		at(scan.Declared{Name: "pin", Kind: scan.DeclaredText, Comb: 4}, 300, 100, 40, 20),
		at(scan.Declared{Name: "away", Kind: scan.DeclaredText}, 500, 100, 40, 20),
	}, []string{"ko"})
	type row struct {
		Name  string
		Kind  form.Kind
		Boxes int
		Group string
		Text  string
	}
	var got []row
	for _, g := range f.Fields {
		got = append(got, row{g.Name, g.Kind, len(g.Boxes), g.Group, g.CheckedText})
	}
	want := []row{
		{"성명", form.Normal, 0, "", ""},
		{"agree", form.Checkbox, 0, "", "agree"},
		{"bank", form.Normal, 0, "", ""},
		{"birth", form.MultiBox, 8, "", ""},
		{"pin", form.MultiBox, 4, "", ""},
		{"남", form.Checkbox, 0, "sex", "남"},
		{"여", form.Checkbox, 0, "sex", "여"},
		{"amount", form.Normal, 0, "", ""},
		{"amount 2", form.Normal, 0, "", ""},
		{"비고", form.Normal, 0, "", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if birth := f.Fields[3]; birth.Boxes[0] != geom.XYWH(20, 100, 20, 20) || !birth.Rules.Date {
		t.Errorf("a row of boxes is not as it is printed: %+v", birth)
	}
	if diff := cmp.Diff([]string{"국민", "신한"}, f.Fields[2].Rules.In.Texts); diff != "" {
		t.Errorf("choices (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]form.Group{{Name: "sex", Choose: form.ChooseAtMostOne}}, f.Groups); diff != "" || len(f.Tables) != 0 {
		t.Errorf("%d tables; groups (-want +got)\n%s", len(f.Tables), diff)
	}
	if err := f.Template("x", []string{"ko"}, "x.png", 400, 400).Validate(); err != nil {
		t.Error(err)
	}
}

func TestDeclaredFieldsAreWhereThePageWasStraightened(t *testing.T) {
	f := found()
	f.StraightToPage = geom.Shift(geom.Point{X: 5, Y: -3})
	f.Declare([]scan.Declared{{Name: "name", Kind: scan.DeclaredText, X: 25, Y: 17, Width: 200, Height: 30}}, []string{"ko"})
	if got := f.Fields[0]; got.Name != "name" || got.Box != geom.XYWH(20, 20, 200, 30) {
		t.Errorf("%+v", got)
	}
	before := len(f.Fields)
	if f.Declare(nil, nil); len(f.Fields) != before {
		t.Error("what declares nothing changes something")
	}
}
