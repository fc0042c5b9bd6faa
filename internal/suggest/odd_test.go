package suggest

import (
	"image"
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// Texts may stand before their checkboxes.
func TestTextsBeforeCheckboxes(t *testing.T) {
	d := newDrawing()
	d.labelled(100, "동의여부")
	d.print(220, 114, "예")
	d.frame(image.Rect(240, 113, 254, 127))
	d.print(320, 114, "아니오")
	d.frame(image.Rect(366, 113, 380, 127))
	s := d.suggest(t)
	check(t, s, tickOf("예", "동의여부", 240, 113), tickOf("아니오", "동의여부", 366, 113))
	if want := []form.Group{{Name: "동의여부", Choose: form.ChooseAtMostOne}}; !slices.Equal(s.Groups, want) {
		t.Errorf("groups are %v, want %v", s.Groups, want)
	}
}

// A name may stand behind the line that is written on.
func TestNamesBehindLines(t *testing.T) {
	d := newDrawing()
	d.level(100, 300, 116)
	d.print(310, 102, "은행")
	s := d.suggest(t)
	if len(s.Fields) != 1 || s.Fields[0].Name != "은행" {
		t.Fatalf("fields are %+v", s.Fields)
	}
}

// Letters of a label may stand below each other.
func TestUprightLabels(t *testing.T) {
	d := newDrawing()
	d.frame(image.Rect(80, 100, 120, 200))
	d.frame(image.Rect(120, 100, 700, 200))
	for i, letter := range []string{"신", "청", "인"} {
		d.print(94, 112+28*i, letter)
	}
	check(t, d.suggest(t), normal("신청인", 120, 100, 580, 100))
}

func TestMarkOfPostcodes(t *testing.T) {
	d := newDrawing()
	d.print(100, 110, "〒")
	for i := range 7 {
		x := 130 + 24*i
		if i >= 3 {
			x += 20
		}
		d.frame(image.Rect(x, 104, x+24, 130))
	}
	d.level(208, 216, 117)
	s := d.suggest(t)
	check(t, s,
		form.Field{Kind: form.MultiBox, Name: "郵便番号_1", Box: geom.XYWH(130, 104, 72, 26), Boxes: make([]geom.Box, 3)},
		form.Field{Kind: form.MultiBox, Name: "郵便番号_2", Box: geom.XYWH(222, 104, 96, 26), Boxes: make([]geom.Box, 4)})
	if f := s.Fields[0]; f.ValueType != form.Numeric {
		t.Errorf("the value type of a postcode is %s", f.ValueType)
	}
}

// Cells of a header may be merged.
func TestTableWithMergedHeader(t *testing.T) {
	d := newDrawing()
	d.frame(image.Rect(80, 100, 300, 160))
	d.frame(image.Rect(300, 100, 600, 130))
	d.frame(image.Rect(300, 130, 450, 160))
	d.frame(image.Rect(450, 130, 600, 160))
	d.print(120, 124, "품명")
	d.print(400, 109, "금액")
	d.print(330, 139, "공급가액")
	d.print(480, 139, "세액")
	for r := range 3 {
		y := 160 + 30*r
		d.frame(image.Rect(80, y, 300, y+30))
		d.frame(image.Rect(300, y, 450, y+30))
		d.frame(image.Rect(450, y, 600, y+30))
	}
	s := d.suggest(t)
	if len(s.Tables) != 1 || len(s.Fields) != 0 {
		t.Fatalf("tables %v, fields %v", s.Tables, s.Fields)
	}
	if got := s.Tables[0]; !slices.Equal(names(got.Columns), []string{"품명", "공급가액", "세액"}) || len(got.Rows) != 3 || got.Columns[2].Rules.Min == nil {
		t.Errorf("the table has %+v, %d rows", got.Columns, len(got.Rows))
	}
}

// Fine dashes guide the digits of one number, and the edge of a frame with round
// corners is no line to write on.
func TestGuidesAndFrames(t *testing.T) {
	d := newDrawing()
	d.labelled(100, "주민등록번호")
	d.frame(image.Rect(80, 140, 200, 180))
	d.frame(image.Rect(200, 140, 700, 180))
	d.print(100, 154, "성명")
	for y := 100; y < 180; y += 4 {
		for _, x := range []int{240, 275} {
			d.fill(image.Rect(x, y, x+1, y+3), 0)
		}
	}
	d.level(104, 396, 300)
	d.level(104, 396, 360)
	d.upright(100, 304, 356)
	d.upright(400, 304, 356)
	for k := range 4 { // corners
		for _, at := range []image.Point{{100 + k, 304 - k}, {400 - k, 304 - k}, {100 + k, 356 + k}, {400 - k, 356 + k}} {
			d.fill(image.Rect(at.X, at.Y, at.X+1, at.Y+1), 0)
		}
	}
	d.print(150, 320, "안내")
	check(t, d.suggest(t), normal("주민등록번호", 200, 100, 500, 40), normal("성명", 200, 140, 500, 40))
}

// The strokes of a letter that touch a rule divide no cell.
func TestStrokesOnRules(t *testing.T) {
	d := newDrawing()
	d.labelled(100, "성명")
	d.labelled(140, "주소")
	d.level(130, 140, 112)
	d.upright(139, 112, 140)
	check(t, d.suggest(t), normal("성명", 200, 100, 500, 40), normal("주소", 200, 140, 500, 40))
}
