package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/seosik/seosik/internal/sample/demo"
)

// A box is x, y, width and height in template px.
type box [4]float64

// The text of a template file, as every release reads it, with what each place
// is: its key, which stays the same where names, rows and columns change.
type (
	template struct {
		Name    string     `json:"name"`
		Lang    string     `json:"lang"`
		Image   string     `json:"image"`
		Width   int        `json:"width"`
		Height  int        `json:"height"`
		Title   *title     `json:"title,omitempty"`
		Fields  []field    `json:"fields"`
		Tables  []table    `json:"tables,omitempty"`
		Groups  []group    `json:"groups,omitempty"`
		Combine []combined `json:"combine,omitempty"`
	}
	title struct {
		Name string `json:"name"`
		Text string `json:"text"`
		Box  box    `json:"box"`
	}
	field struct {
		Key           string         `json:"-"`
		Name          string         `json:"name"`
		Type          string         `json:"type"`
		ValueType     string         `json:"valueType,omitempty"`
		Box           box            `json:"box"`
		Boxes         []box          `json:"boxes,omitempty"`
		CheckedText   string         `json:"checkedText,omitempty"`
		UncheckedText string         `json:"uncheckedText,omitempty"`
		Group         string         `json:"group,omitempty"`
		Rules         map[string]any `json:"rules,omitempty"`
	}
	table struct {
		Name       string           `json:"name"`
		Box        box              `json:"box"`
		Header     int              `json:"header"`
		Rows       int              `json:"rows"`
		Columns    []string         `json:"columns"`
		Cells      [][]box          `json:"cells"`
		Rules      []map[string]any `json:"rules,omitempty"`
		RowKeys    []string         `json:"-"` // below the header
		ColumnKeys []string         `json:"-"`
	}
	group struct {
		Name   string `json:"name"`
		Choose string `json:"choose"`
	}
	combined struct {
		Name  string `json:"name"`
		Parts []part `json:"parts"`
	}
	part struct {
		Field string `json:"field,omitempty"`
		Text  string `json:"text,omitempty"`
	}
)

// A place is a field or a cell of a version of a template.
type place struct {
	key  string
	name string // as answers have it
	box  box    // template px
	of   *field // nil for a cell
}

// places returns all that is read, in the order of answers: a cell that spans
// others once.
func (t *template) places() (all []place) {
	for i := range t.Fields {
		f := &t.Fields[i]
		all = append(all, place{f.Key, f.Name, f.Box, f})
	}
	for _, table := range t.Tables {
		for row, cells := range table.Cells[table.Header:] {
			for column, b := range cells {
				if column > 0 && cells[column-1] == b {
					continue
				}
				key := table.Name + "/" + table.RowKeys[row] + "/" + table.ColumnKeys[column]
				all = append(all, place{key, fmt.Sprintf("%s[%d].%s", table.Name, row+1, table.Columns[column]), b, nil})
			}
		}
	}
	return all
}

// names returns the names of all places by key.
func (t *template) names() map[string]string {
	names := make(map[string]string)
	for _, p := range t.places() {
		names[p.key] = p.name
	}
	return names
}

// scale is how large pages are drawn: 130 dpi, which can be read, and is small.
const scale = .65

// A paper is a part of the form of the demo.
type paper struct {
	blank *image.Gray
	text  template // its places
}

// cut returns the part of the form of the demo between two heights, in its px.
func cut(top, bottom int) (*paper, error) {
	form := demo.Load()
	whole, err := png.Decode(bytes.NewReader(form.Picture))
	if err != nil {
		return nil, err
	}
	const left, right = 110, 1544
	p := &paper{blank: image.NewGray(image.Rect(0, 0, round((right-left)*scale), round(float64(bottom-top)*scale)))}
	draw.CatmullRom.Scale(p.blank, p.blank.Rect, whole, image.Rect(left, top, right, bottom), draw.Src, nil)
	if err := json.Unmarshal(form.Template, &p.text); err != nil {
		return nil, err
	}
	move := func(b *box) {
		*b = box{(b[0] - left) * scale, (b[1] - float64(top)) * scale, b[2] * scale, b[3] * scale}
	}
	p.text.Width, p.text.Height, p.text.Title, p.text.Combine = p.blank.Rect.Dx(), p.blank.Rect.Dy(), nil, nil
	for i := range p.text.Fields {
		f := &p.text.Fields[i]
		f.Key = f.Name
		move(&f.Box)
		for k := range f.Boxes {
			move(&f.Boxes[k])
		}
	}
	for i := range p.text.Tables {
		move(&p.text.Tables[i].Box)
		for _, row := range p.text.Tables[i].Cells {
			for k := range row {
				move(&row[k])
			}
		}
	}
	return p, nil
}

func round(v float64) int { return int(math.Round(v)) }

// field returns the field of the paper with a key.
func (p *paper) field(key string) field {
	return p.text.Fields[slices.IndexFunc(p.text.Fields, func(f field) bool { return f.Key == key })]
}

// pick returns the fields with those keys.
func (p *paper) pick(keys ...string) (fields []field) {
	for _, key := range keys {
		fields = append(fields, p.field(key))
	}
	return fields
}

// rows returns the table of the paper with some of its rows, from 1, and columns.
func (p *paper) rows(rows, columns []int) table {
	whole := p.text.Tables[0]
	t := table{Name: whole.Name, Box: whole.Box, Header: 1, Rows: len(rows)}
	for _, c := range columns {
		t.Columns = append(t.Columns, whole.Columns[c])
		t.ColumnKeys = append(t.ColumnKeys, whole.Columns[c])
		t.Rules = append(t.Rules, whole.Rules[c])
	}
	for _, r := range append([]int{0}, rows...) {
		var cells []box
		for _, c := range columns {
			cells = append(cells, whole.Cells[r][c])
		}
		t.Cells = append(t.Cells, cells)
		if r > 0 {
			t.RowKeys = append(t.RowKeys, fmt.Sprint("row ", r))
		}
	}
	return t
}

// claims returns the versions of a template of the claim for travel expenses.
// The second one renames a field, a checkbox and a column; the third one has a
// row above others, a column between others, a field less, and one that moved.
func claims(p *paper) []template {
	first := p.text
	first.Title = &title{"제목", "1. 신청인", box{10, 8, 140, 26}}
	first.Fields = p.pick("성명", "사번", "소속", "직위", "휴대전화", "전자우편", "교통_열차", "교통_버스", "교통_항공", "교통_자가용", "교통_기타", "합계")
	first.Fields[2].Rules = map[string]any{"required": true, "in": "list:부서"}
	first.Groups = []group{{"교통수단", "atLeastOne"}}
	first.Combine = []combined{
		{"신청인", []part{{Field: "성명"}, {Text: " / "}, {Field: "사번"}}},
		{"기간", []part{{Field: "출장[0,1]"}, {Text: " ~ "}, {Field: "출장[0,2]"}}},
	}
	to, from, until, why := p.field("출장지").Box, p.field("출발일").Box, p.field("도착일").Box, p.field("출장목적").Box
	trip := table{
		Name: "출장", Box: box{to[0], to[1], why[2], why[1] + why[3] - to[1]}, Rows: 2,
		Columns: []string{"출장지", "출발일", "도착일"}, Cells: [][]box{{to, from, until}, {why, why, why}}, // the second row is one cell
		RowKeys: []string{"row 1", "row 2"}, ColumnKeys: []string{"출장지", "출발일", "도착일"},
	}
	first.Tables = []table{p.rows([]int{1, 3, 4, 5}, []int{0, 2, 3}), trip}

	second := first
	second.Fields = slices.Clone(first.Fields)
	second.Fields[4].Name = "연락처"
	second.Fields[10].Name = "교통_그밖"
	second.Tables = []table{p.rows([]int{1, 3, 4, 5}, []int{0, 2, 3}), trip}
	second.Tables[0].Columns[1] = "적요"

	third := second
	third.Fields = slices.Delete(slices.Clone(second.Fields), 5, 6) // 전자우편
	b := &third.Fields[3].Box                                       // 직위
	*b = box{b[0] + 12, b[1] + 3, b[2] - 90, b[3] - 6}
	third.Tables = []table{p.rows([]int{1, 2, 3, 4, 5}, []int{0, 1, 2, 3}), trip}
	third.Tables[0].Columns[2] = "적요"
	return []template{first, second, third}
}

// account returns a template of the bank account.
func account(p *paper) template {
	t := p.text
	t.Name, t.Tables = "입금 계좌 신고서", nil
	t.Fields = p.pick("은행명", "예금주", "계좌번호", "비고", "신청일", "신청인")
	t.Fields[0].Rules = map[string]any{"required": true, "in": []string{"신한은행", "국민은행", "농협은행", "하나은행"}}
	t.Combine = []combined{{"계좌", []part{{Field: "은행명"}, {Text: " "}, {Field: "계좌번호"}}}}
	return t
}

// write writes a template as a folder.
func (t *template) write(dir string, picture []byte) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "template.json"), text, 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, t.Image), picture, 0o600)
}

// A pen writes on papers.
type pen struct{ typeface *opentype.Font }

func newPen() (*pen, error) {
	data, err := os.ReadFile("/usr/share/fonts/truetype/nanum/NanumGothic.ttf")
	if err != nil {
		return nil, fmt.Errorf("%w: make run installs it", err)
	}
	typeface, err := opentype.Parse(data)
	return &pen{typeface}, err
}

// fill returns p with what is to be written in the places of the template by
// key: "x" is a mark in a checkbox.
func (w *pen) fill(p *paper, t *template, texts map[string]string) (*image.Gray, error) {
	page := image.NewGray(p.blank.Rect)
	copy(page.Pix, p.blank.Pix)
	known := make(map[string]place)
	for _, place := range t.places() {
		known[place.key] = place
	}
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		text := texts[key]
		place, ok := known[key]
		if !ok {
			return nil, fmt.Errorf("there is no place for %s", key)
		}
		boxes, letters := []box{place.box}, []string{text}
		if place.of != nil && place.of.Type == "MULTI_BOX" {
			boxes, letters = place.of.Boxes, nil
			for _, r := range text {
				letters = append(letters, string(r))
			}
		}
		for i, letter := range letters {
			var err error
			if place.of != nil && place.of.Type == "CHECKBOX" {
				w.cross(page, boxes[i])
			} else {
				err = w.print(page, boxes[i], letter)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return page, nil
}

// print writes a text in a box.
func (w *pen) print(page *image.Gray, b box, text string) error {
	face, err := opentype.NewFace(w.typeface, &opentype.FaceOptions{Size: min(19, .62*b[3]), DPI: 72})
	if err != nil {
		return err
	}
	d := font.Drawer{Dst: page, Src: image.Black, Face: face}
	x := b[0] + 8
	if width := float64(d.MeasureString(text)) / 64; len([]rune(text)) == 1 {
		x = b[0] + (b[2]-width)/2
	} else if width > b[2]-8 {
		return fmt.Errorf("%s does not fit", text)
	}
	d.Dot = fixed.Point26_6{X: fixed.Int26_6(64 * x), Y: fixed.Int26_6(64 * (b[1] + .5*b[3] + 7))}
	d.DrawString(text)
	return face.Close()
}

// cross puts a mark in a checkbox.
func (w *pen) cross(page *image.Gray, b box) {
	side := int(b[2])
	for i := 2; i < side-2; i++ {
		for k := range 3 {
			page.SetGray(int(b[0])+i, int(b[1])+i+k-1, color.Gray{})
			page.SetGray(int(b[0])+side-i, int(b[1])+i+k-1, color.Gray{})
		}
	}
}

// encode returns a page as a black and white PNG, shifted by a few px.
func encode(page *image.Gray, shift int) ([]byte, error) {
	r := image.Rect(0, 0, page.Rect.Dx()+2*shift, page.Rect.Dy()+2*shift)
	ink := image.NewPaletted(r, color.Palette{color.White, color.Black})
	for y := range page.Rect.Dy() {
		for x := range page.Rect.Dx() {
			if page.GrayAt(x, y).Y < 150 {
				ink.SetColorIndex(x+shift, y+shift, 1)
			}
		}
	}
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, ink)
	return b.Bytes(), err
}
