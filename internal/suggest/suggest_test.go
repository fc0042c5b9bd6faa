package suggest

import (
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/sample"
)

// A drawing is a blank form of A4 at 100 dpi, with its print.
type drawing struct {
	img  *image.Gray
	text map[image.Point]string // by where it begins
}

func newDrawing() *drawing {
	return &drawing{raster.New(827, 1169), make(map[image.Point]string)}
}

func (d *drawing) fill(r image.Rectangle, v uint8) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			d.img.Pix[y*d.img.Stride+x] = v
		}
	}
}

func (d *drawing) level(x0, x1, y int)   { d.fill(image.Rect(x0, y, x1, y+1), 0) }
func (d *drawing) upright(x, y0, y1 int) { d.fill(image.Rect(x, y0, x+1, y1), 0) }
func (d *drawing) frame(r image.Rectangle) {
	d.level(r.Min.X, r.Max.X+1, r.Min.Y)
	d.level(r.Min.X, r.Max.X+1, r.Max.Y)
	d.upright(r.Min.X, r.Min.Y, r.Max.Y+1)
	d.upright(r.Max.X, r.Min.Y, r.Max.Y+1)
}

// print draws letters of 11 x 12 pixels that nobody can read but the test.
func (d *drawing) print(x, y int, text string) {
	d.text[image.Pt(x, y)] = text
	for range []rune(text) {
		for k := range 4 {
			d.fill(image.Rect(x+3*k, y+k%2, x+3*k+1, y+12-k%2), 0)
		}
		d.fill(image.Rect(x, y+5, x+10, y+6), 0)
		x += 13
	}
}

// texts returns what is printed in each line of p.
func (d *drawing) texts(t *testing.T, p *Page) []string {
	t.Helper()
	var texts []string
	for _, l := range p.print {
		text := ""
		for at, s := range d.text {
			if at.In(l.Inset(-4)) {
				text = s
			}
		}
		texts = append(texts, text)
	}
	return texts
}

func (d *drawing) suggest(t *testing.T) Suggestion {
	t.Helper()
	p := Look(d.img)
	s := p.Suggest(d.texts(t, p), []string{"ko"})
	if len(s.Fields)+len(s.Tables) > 0 {
		if err := s.Template("t", []string{"ko"}, "t.png", d.img.Rect.Dx(), d.img.Rect.Dy()).Validate(); err != nil {
			t.Errorf("the template is not valid: %v", err)
		}
	}
	return s
}

// check compares fields, each as "KIND name box", with boxes to within 3 px.
func check(t *testing.T, s Suggestion, want ...form.Field) {
	t.Helper()
	if len(s.Fields) != len(want) {
		t.Errorf("%d fields, want %d: %v", len(s.Fields), len(want), s.Fields)
		return
	}
	for i, w := range want {
		g := s.Fields[i]
		if g.Kind != w.Kind || g.Name != w.Name || g.Group != w.Group || len(g.Boxes) != len(w.Boxes) || away(g.Box, w.Box) > 3 {
			t.Errorf("field %d is %s %q %v, group %q, %d boxes; want %s %q %v, group %q, %d boxes",
				i, g.Kind, g.Name, g.Box, g.Group, len(g.Boxes), w.Kind, w.Name, w.Box, w.Group, len(w.Boxes))
		}
		if g.Confidence <= 0 || g.Confidence > 1 {
			t.Errorf("confidence of %s is %v", g.Name, g.Confidence)
		}
	}
}

func away(a, b geom.Box) float64 {
	return max(math.Abs(a.Min.X-b.Min.X), math.Abs(a.Min.Y-b.Min.Y), math.Abs(a.Max.X-b.Max.X), math.Abs(a.Max.Y-b.Max.Y))
}

func normal(name string, x, y, w, h float64) form.Field {
	return form.Field{Kind: form.Normal, Name: name, Box: geom.XYWH(x, y, w, h)}
}

func tickOf(name, group string, x, y float64) form.Field {
	return form.Field{Kind: form.Checkbox, Name: name, Group: group, Box: geom.XYWH(x, y, 14, 14)}
}

// labelled draws a row of a label and a place.
func (d *drawing) labelled(y int, label string) {
	d.frame(image.Rect(80, y, 200, y+40))
	d.frame(image.Rect(200, y, 700, y+40))
	d.print(100, y+14, label)
}

func TestCells(t *testing.T) {
	d := newDrawing()
	d.labelled(100, "성명:")
	d.labelled(140, "생년월일")
	d.labelled(180, "신청 금액")
	s := d.suggest(t)
	check(t, s, normal("성명", 200, 100, 500, 40), normal("생년월일", 200, 140, 500, 40), normal("신청 금액", 200, 180, 500, 40))
	if !s.Fields[1].Rules.Date || s.Fields[2].Rules.Min == nil {
		t.Errorf("rules are %+v and %+v", s.Fields[1].Rules, s.Fields[2].Rules)
	}
}

func TestPlacesForSealsAreNoFields(t *testing.T) {
	d := newDrawing()
	d.labelled(100, "이름")
	d.labelled(140, "검인")
	check(t, d.suggest(t), normal("이름", 200, 100, 500, 40))
}

func TestCaptionsInCells(t *testing.T) {
	d := newDrawing()
	d.frame(image.Rect(80, 100, 400, 150))
	d.frame(image.Rect(400, 100, 700, 150))
	d.print(88, 103, "Lastname")
	d.print(408, 103, "Date")
	check(t, d.suggest(t), normal("Lastname", 80, 117, 320, 33), normal("Date", 400, 117, 300, 33))
}

// What is written in a filled copy is no label.
func TestFilledCopy(t *testing.T) {
	d := newDrawing()
	for i, label := range []string{"성명", "주소", "직업", "사유"} {
		y := 100 + 40*i
		d.fill(image.Rect(80, y, 200, y+40), 220)
		d.labelled(y, label)
		d.print(220, y+14, "가나다라")
	}
	check(t, d.suggest(t), normal("성명", 200, 100, 500, 40), normal("주소", 200, 140, 500, 40),
		normal("직업", 200, 180, 500, 40), normal("사유", 200, 220, 500, 40))
}

func TestUnits(t *testing.T) {
	d := newDrawing()
	d.labelled(100, "금액")
	d.print(680, 114, "원")
	check(t, d.suggest(t), normal("금액", 200, 100, 479, 40))
}

func TestRowsOfBoxes(t *testing.T) {
	d := newDrawing()
	d.labelled(100, "주민등록번호")
	for i := range 13 {
		x := 210 + 20*i
		if i >= 6 {
			x += 12
		}
		d.frame(image.Rect(x, 107, x+20, 133))
	}
	d.level(333, 339, 120)
	s := d.suggest(t)
	check(t, s, form.Field{Kind: form.MultiBox, Name: "주민등록번호", Box: geom.XYWH(210, 107, 272, 26), Boxes: make([]geom.Box, 13)})
	if f := s.Fields[0]; f.ValueType != form.Numeric || f.Rules.Check != form.KRResident {
		t.Errorf("value type %s, rules %+v", f.ValueType, f.Rules)
	}
}

func TestCheckboxes(t *testing.T) {
	d := newDrawing()
	d.labelled(100, "성별")
	d.frame(image.Rect(210, 113, 224, 127))
	d.print(232, 114, "남")
	d.frame(image.Rect(300, 113, 314, 127))
	d.print(322, 114, "여")
	s := d.suggest(t)
	check(t, s, tickOf("남", "성별", 210, 113), tickOf("여", "성별", 300, 113))
	if want := []form.Group{{Name: "성별", Choose: form.ChooseAtMostOne}}; !slices.Equal(s.Groups, want) {
		t.Errorf("groups are %v, want %v", s.Groups, want)
	}
}

// A checkbox that is marked is one all the same; a square with a bar through it is
// a letter.
func TestMarkedCheckbox(t *testing.T) {
	d := newDrawing()
	d.frame(image.Rect(210, 113, 224, 127))
	for k := range 9 {
		d.fill(image.Rect(213+k, 115+k, 214+k, 116+k), 0)
	}
	d.print(232, 114, "동의함")
	d.frame(image.Rect(210, 213, 224, 227))
	d.level(210, 224, 220)
	d.print(232, 214, "일자")
	check(t, d.suggest(t), tickOf("동의함", "", 210, 113))
}

func TestCirclesAndBrackets(t *testing.T) {
	d := newDrawing()
	for _, x := range []float64{217, 307} {
		for k := range 360 {
			sin, cos := math.Sincos(float64(k) * math.Pi / 180)
			for _, r := range []float64{6.2, 6.8} {
				d.img.Pix[int(120+r*sin)*d.img.Stride+int(x+r*cos)] = 0
			}
		}
	}
	d.print(232, 114, "예")
	d.print(322, 114, "아니오")
	d.upright(210, 200, 216)
	d.level(210, 214, 200)
	d.level(210, 214, 215)
	d.upright(226, 200, 216)
	d.level(223, 227, 200)
	d.level(223, 227, 215)
	d.print(234, 202, "우편")
	s := d.suggest(t)
	if len(s.Fields) != 3 {
		t.Fatalf("fields are %v", s.Fields)
	}
	for i, want := range []string{"예", "아니오", "우편"} {
		if f := s.Fields[i]; f.Kind != form.Checkbox || f.Name != want {
			t.Errorf("field %d is %s %q, want the checkbox %q", i, f.Kind, f.Name, want)
		}
	}
}

func TestLinesToWriteOn(t *testing.T) {
	d := newDrawing()
	d.print(100, 100, "제출일")
	d.level(150, 300, 116)
	d.print(320, 100, "신청인")
	for x := 370; x < 520; x += 5 { // dotted
		d.fill(image.Rect(x, 115, x+2, 117), 0)
	}
	d.print(100, 300, "제목")
	d.level(100, 126, 314) // underlines it
	s := d.suggest(t)
	if len(s.Fields) != 2 || s.Fields[0].Name != "제출일" || s.Fields[1].Name != "신청인" || !s.Fields[0].Rules.Date {
		t.Fatalf("fields are %+v", s.Fields)
	}
	if b := s.Fields[0].Box; math.Abs(b.Max.Y-116) > 2 || math.Abs(b.Min.X-150) > 2 || math.Abs(b.Max.X-300) > 2 || b.Height() < 12 {
		t.Errorf("the place on the line is %v", b)
	}
}

func TestTables(t *testing.T) {
	d := newDrawing()
	d.print(80, 80, "세부내역")
	columns := []int{80, 300, 400, 600}
	for r := range 4 {
		for c := range 3 {
			d.frame(image.Rect(columns[c], 100+30*r, columns[c+1], 130+30*r))
		}
	}
	for c, name := range []string{"품명", "수량", "금액"} {
		d.print(columns[c]+20, 109, name)
	}
	s := d.suggest(t)
	if len(s.Tables) != 1 || len(s.Fields) != 0 {
		t.Fatalf("tables %v, fields %v", s.Tables, s.Fields)
	}
	got := s.Tables[0]
	if got.Name != "세부내역" || !slices.Equal(names(got.Columns), []string{"품명", "수량", "금액"}) || got.Header != 1 || len(got.Rows) != 3 {
		t.Errorf("the table is %q of %v with %d rows", got.Name, names(got.Columns), len(got.Rows))
	}
	if b := got.Cells[1][0]; away(b, geom.XYWH(80, 130, 220, 30)) > 3 {
		t.Errorf("the first cell is %v", b)
	}
	if got.Columns[1].ValueType != form.Numeric || got.Columns[2].Rules.Min == nil {
		t.Errorf("columns %+v", got.Columns)
	}
}

func TestNamesAreUnique(t *testing.T) {
	d := newDrawing()
	d.labelled(100, "성명")
	d.labelled(140, "성명")
	d.frame(image.Rect(300, 300, 500, 340)) // nothing names it
	check(t, d.suggest(t), normal("성명", 200, 100, 500, 40), normal("성명 2", 200, 140, 500, 40), normal("항목", 300, 300, 200, 40))
}

func TestStraighten(t *testing.T) {
	d := newDrawing()
	for y := 100; y < 900; y += 40 {
		d.labelled(y, "성명")
	}
	sin, cos := math.Sincos(1.3 * math.Pi / 180)
	turned := raster.Warp(d.img, geom.Homography{cos, -sin, 10, sin, cos, -5, 0, 0, 1}, 827, 1169)
	h := Straighten(turned)
	if got := math.Asin(h[3]) * 180 / math.Pi; math.Abs(got+1.3) > .06 {
		t.Errorf("the page is turned by %v°, want -1.3", got)
	}
	if h := Straighten(d.img); h != geom.Identity {
		t.Errorf("a straight page is turned by %v", h)
	}
	color := image.NewRGBA(image.Rect(0, 0, 20, 20))
	if got := Turn(color, h).Bounds(); got != color.Rect {
		t.Errorf("the turned picture has %v", got)
	}
}

// Pictures that are made to take long, or to be full of fields, do neither.
func TestHostilePictures(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pictures := map[string]func(x, y int) bool{
		"black":  func(x, y int) bool { return true },
		"noise":  func(x, y int) bool { return r.IntN(2) == 0 },
		"specks": func(x, y int) bool { return r.IntN(12) == 0 },
		"lines":  func(x, y int) bool { return y%7 == 0 },
		"grid":   func(x, y int) bool { return y%20 == 0 || x%20 == 0 },
		"squares": func(x, y int) bool {
			return (x%16 == 0 || x%16 == 9) && y%16 < 10 || (y%16 == 0 || y%16 == 9) && x%16 < 10
		},
		"cells": func(x, y int) bool { return y%44 == 0 || x%70 == 0 },
		"dots":  func(x, y int) bool { return x%4 == 0 && y%4 == 0 },
	}
	for name, dark := range pictures {
		t.Run(name, func(t *testing.T) {
			img := raster.New(1654, 2339)
			for i := range img.Pix {
				if dark(i%1654, i/1654) {
					img.Pix[i] = 0
				}
			}
			began := time.Now()
			p := Look(img)
			texts := make([]string, len(p.print))
			for i := range texts {
				texts[i] = "가"
			}
			s := p.Suggest(texts, []string{"ko"})
			cells := 0
			for _, table := range s.Tables {
				cells += len(table.Cells) * len(table.Columns)
			}
			if len(s.Fields)+cells > maxPlaces {
				t.Errorf("%d fields and %d cells", len(s.Fields), cells)
			}
			if took := time.Since(began); took > time.Minute { // some 2 s on a machine that has nothing else to do
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestTinyPictures(t *testing.T) {
	for _, size := range []int{1, 2, 10, 33} {
		img := raster.New(size, size)
		Straighten(img)
		if s := Look(img).Suggest(nil, nil); len(s.Fields) > 0 {
			t.Errorf("%d px: %v", size, s.Fields)
		}
	}
}

func TestClean(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"성명 :", "성명"},
		{"1. 신청인", "신청인"},
		{"① 주소", "주소"},
		{"※ 비고*", "비고"},
		{"2 Business name", "Business name"},
		{"Name (as shown on your income tax return)", "Name"},
		{"[별지] 이름", "(별지) 이름"},
		{"#번호", "번호"},
		{"□ 동의", "동의"},
		{"2024", "2024"},
		{"", ""},
		{strings.Repeat("가", 200), strings.Repeat("가", maxLabel)},
	} {
		if got := clean(tt.text); got != tt.want {
			t.Errorf("clean(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestMeant(t *testing.T) {
	for _, tt := range []struct {
		label string
		boxes int
		value form.ValueType
		rule  string
	}{
		{"주민등록번호", 0, form.Numeric, "kr-resident"},
		{"주민등록번호", 13, form.Numeric, "kr-resident"},
		{"주민등록번호", 7, form.Numeric, ""},
		{"주민등록번호(앞)", 0, form.Numeric, ""},
		{"사업자 등록번호", 0, form.Numeric, "kr-business"},
		{"생 년 월 일", 0, form.All, "date"},
		{"생년월일", 8, form.Numeric, "date"},
		{"생년월일", 6, form.Numeric, ""},
		{"전입일", 0, form.All, "date"},
		{"입원일수", 0, form.Numeric, ""},
		{"휴대전화", 0, form.Numeric, "pattern"},
		{"E-mail", 0, form.All, "pattern"},
		{"합계금액", 0, form.All, "min"},
		{"國民身分證統一編號", 10, form.All, "tw-id"},
		{"統一編號", 8, form.Numeric, "tw-business"},
		{"マイナンバー", 12, form.Numeric, "jp-individual"},
		{"申請日期", 0, form.All, "date"},
		{"Date of birth", 0, form.All, "date"},
		{"Annual salary", 0, form.All, "min"},
		{"접수번호", 0, form.Numeric, ""},
		{"차량번호", 0, form.All, ""},
		{"비고", 0, form.All, ""},
	} {
		value, rules := meant(tt.label, tt.boxes)
		if got := ruleOf(rules); value != tt.value || got != tt.rule {
			t.Errorf("meant(%q, %d) = %s %q, want %s %q", tt.label, tt.boxes, value, got, tt.value, tt.rule)
		}
	}
}

func ruleOf(r form.Rules) string {
	switch {
	case r.Check != "":
		return string(r.Check)
	case r.Date:
		return "date"
	case r.Pattern != "":
		return "pattern"
	case r.Min != nil:
		return "min"
	}
	return ""
}

func TestPersonal(t *testing.T) {
	for label, want := range map[string]form.Personal{
		"주민등록번호": form.PersonalResident, "외국인 등록번호": form.PersonalAlien, "여권번호": form.PersonalPassport, "운전면허번호": form.PersonalLicence,
		"카드번호": form.PersonalCard, "계좌번호": form.PersonalAccount, "진단명": form.PersonalHealth, "성 명": form.PersonalName, "예금주": form.PersonalName,
		"휴대폰": form.PersonalContact, "E-mail": form.PersonalContact, "주소": form.PersonalContact,
		"氏名": form.PersonalName, "マイナンバー": form.PersonalResident, "電話番号": form.PersonalContact, "口座番号": form.PersonalAccount, "病名": form.PersonalHealth,
		"姓名": form.PersonalName, "國民身分證統一編號": form.PersonalResident, "護照號碼": form.PersonalPassport, "居留證號碼": form.PersonalAlien, "地址": form.PersonalContact,
		"Name": form.PersonalName, "Applicant's name": form.PersonalName, "Social security number": form.PersonalResident, "Driver's license no.": form.PersonalLicence,
		"Card number": form.PersonalCard, "Account number": form.PersonalAccount, "Diagnosis": form.PersonalHealth, "Home address": form.PersonalContact,
		"회사명": "", "품명": "", "진단서": "", "사업자등록번호": "", "統一編號": "", "금액": "", "비고": "", "접수번호": "", "Company name": "", "Date": "", "": "",
	} {
		if got := personal(label); got != want {
			t.Errorf("personal(%q) = %q, want %q", label, got, want)
		}
	}
}

// Numbers that people write keep the pattern for them.
func TestPatternOfPhones(t *testing.T) {
	_, rules := meant("연락처", 0)
	f := form.Field{Kind: form.Normal, ValueType: form.Numeric, Rules: rules}
	for _, number := range []string{"010-1234-5678", "02) 123-4567", "(02) 123-4567", "+82 10 1234 5678", "0212345678"} {
		if problems := f.Problems(number); len(problems) > 0 {
			t.Errorf("%q breaks %v", number, problems)
		}
	}
	if len(f.Problems("12")) == 0 {
		t.Error("12 passes for a number")
	}
}

func TestBlank(t *testing.T) {
	d := newDrawing()
	d.labelled(100, "성명")
	engine := ocr.Func(func(c ocr.Crop) (ocr.Text, error) {
		return ocr.Text{Words: []ocr.Word{{Text: "성명", Confidence: .99, Box: c.Image.Rect, LineBreak: true}}}, nil
	})
	f, err := Blank(t.Context(), engine, d.img, d.img, []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	check(t, f.Suggestion, normal("성명", 200, 100, 500, 40))
	broken := ocr.Func(func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, ocr.ErrEngine })
	if _, err := Blank(t.Context(), broken, d.img, d.img, []string{"ko"}); !errors.Is(err, ocr.ErrEngine) {
		t.Errorf("error is %v, want %v", err, ocr.ErrEngine)
	}
	unsure := ocr.Func(func(c ocr.Crop) (ocr.Text, error) {
		return ocr.Text{Words: []ocr.Word{{Text: "성명", Confidence: .1, Box: c.Image.Rect}}}, nil
	})
	if f, err := Blank(t.Context(), unsure, d.img, d.img, []string{"ko"}); err != nil || len(f.Fields) > 0 && f.Fields[0].Name == "성명" {
		t.Errorf("what is not sure is a name: %v, %v", f.Fields, err)
	}
}

// Forms that are drawn have nearly all their fields found, scanned ones too. The
// figures are in the README; this only sees that they do not fall.
func TestDrawnForms(t *testing.T) {
	if testing.Short() {
		t.Skip("draws forms")
	}
	for _, level := range []sample.Level{sample.Clean, sample.Scanned} {
		truth, got, right := 0, 0, 0
		for seed := range uint64(2) {
			b, err := sample.Layout(70_001+seed, form.Languages[seed%4])
			if errors.Is(err, sample.ErrNoFont) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			page, toPage := sample.Degrade(b.Image, level, seed)
			gray := sample.ToGray(page)
			toStraight, err := Straighten(gray).Inverse()
			if err != nil {
				t.Fatal(err)
			}
			p := Look(Turn(gray, Straighten(gray)).(*image.Gray))
			texts := make([]string, len(p.print))
			for i := range texts {
				texts[i] = fmt.Sprintf("글%d", i)
			}
			s := p.Suggest(texts, b.Template.Languages)
			found := s.Template("t", []string{"ko"}, "t.png", 1, 1).Places()
			got += len(found)
			for _, f := range b.Template.Places() {
				truth++
				box := toStraight.After(toPage).ApplyQuad(f.Box.Quad()).Bounds()
				if slices.ContainsFunc(found, func(g form.Field) bool { return g.Kind == f.Kind && shares(g.Box, box) }) {
					right++
				}
			}
		}
		p, r := float64(right)/float64(got), float64(right)/float64(truth)
		if f1 := 2 * p * r / (p + r); f1 < .93 {
			t.Errorf("%s: F1 %.3f: %d of %d found, %d suggested", level, f1, right, truth, got)
		}
	}
}

// shares reports whether two boxes share half of what they cover.
func shares(a, b geom.Box) bool {
	c := a.Intersect(b)
	if c.Empty() {
		return false
	}
	shared := c.Width() * c.Height()
	return shared >= .5*(a.Width()*a.Height()+b.Width()*b.Height()-shared)
}

func names(columns []form.Column) (names []string) {
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names
}
