package reader

import (
	"image"
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/scan"
)

// letteringOf returns letters of which each is 20 px wide and 40 high, from (x, y) on. An
// underscore is a space.
func letteringOf(text string, x, y float64) (letters []scan.Letter) {
	space := true
	for _, r := range text {
		if r != '_' {
			letters = append(letters, scan.Letter{Text: string(r), Sound: true, Space: space, X: x, Y: y, Width: 20, Height: 40})
		}
		space, x = r == '_', x+30
	}
	return letters
}

// inked blackens where letters stand.
func inked(img *image.Gray, letters []scan.Letter) {
	for _, l := range letters {
		blacken(img, image.Rect(int(l.X), int(l.Y), int(l.X+l.Width), int(l.Y+l.Height)))
	}
}

// reads returns an engine that reads the same in every line.
func reads(text string) ocr.Func {
	return func(c ocr.Crop) (ocr.Text, error) {
		w := ocr.Word{Text: text, Confidence: .9, Box: c.Image.Rect.Inset(padding)}
		for _, r := range text {
			w.Symbols = append(w.Symbols, ocr.Symbol{Text: string(r), Confidence: .9, Box: w.Box})
		}
		return ocr.Text{Words: []ocr.Word{w}}, nil
	}
}

// What a file tells counts where it explains the ink, and only there.
func TestWhatTheFileTells(t *testing.T) {
	letters := func(change func(l []scan.Letter)) []scan.Letter {
		l := letteringOf("가나다라_마바사아자차", 200, 330)
		change(l)
		return l
	}
	all := func(set func(l *scan.Letter)) func([]scan.Letter) {
		return func(ls []scan.Letter) {
			for i := range ls {
				set(&ls[i])
			}
		}
	}
	nothing := func([]scan.Letter) {}
	for _, tt := range []struct {
		name    string
		letters []scan.Letter
		ink     []scan.Letter // nil for letters
		read    string
		want    string
		least   float64
		most    float64
		reason  form.Reason
	}{
		{"as it was read", letters(nothing), nil, "가나다라마바사아자차", "가나다라 마바사아자차", .99, 1, ""},
		{"read nearly so", letters(nothing), nil, "가나다라마바사아자처", "가나다라 마바사아자차", .99, 1, ""},
		{"its fonts lie", letters(nothing), nil, "거너더러머버서어저처", "거너더러머버서어저처", 0, 1, ""},
		{"below a scan", letters(all(func(l *scan.Letter) { l.Hidden = true })), nil, "가나다라마바사아자처", "가나다라마바사아자처", 0, 1, ""},
		{"shapes of a font", letters(all(func(l *scan.Letter) { l.Sound = false })), nil, "가나다라마바사아자처", "가나다라마바사아자처", 0, 1, ""},
		{"beside the ink", letters(all(func(l *scan.Letter) { l.X += 60 })), letteringOf("가나다라_마바사아자차", 200, 330), "가나다라마바사아자처", "가나다라마바사아자처", 0, 1, ""},
		{"less than the ink", letters(nothing)[:6], letteringOf("가나다라_마바사아자차", 200, 330), "가나다라마바사아자처", "가나다라마바사아자처", 0, 1, ""},
		{"not drawn", letters(all(func(l *scan.Letter) { l.Lacking = true })), letteringOf("", 0, 0), "", "가나다라 마바사아자차", 0, .5, form.ReasonNotDrawn},
		{"partly drawn", letters(func(l []scan.Letter) { l[0].Lacking = true }), letteringOf("가나다라_마바사아자차", 200, 330)[1:], "나다라마바사아자차", "가나다라 마바사아자차", 0, .5, form.ReasonNotDrawn},
		{"two lines", slices.Concat(letteringOf("가나다라마", 200, 305), letteringOf("바사아자차", 200, 355)), nil, "가나다라마", "가나다라마\n바사아자차", .98, 1, ""},
		{"nothing on the page", letters(nothing), letteringOf("", 0, 0), "", "", 0, 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ink := tt.ink
			if ink == nil {
				ink = tt.letters
			}
			p, _ := drawn(t, func(img *image.Gray) { inked(img, ink) })
			p.letters = tt.letters
			readings, _, err := New(Config{Engine: reads(tt.read)}).fields(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			v := readings[1]
			if v.Text != tt.want || v.Confidence < tt.least || v.Confidence > tt.most {
				t.Errorf("%q, %.3f; want %q from %v to %v", v.Text, v.Confidence, tt.want, tt.least, tt.most)
			}
			if tt.reason != "" && !slices.Contains(v.Reasons, tt.reason) || notDrawn(v) != (tt.reason == form.ReasonNotDrawn) {
				t.Errorf("reasons %v, want %v", v.Reasons, tt.reason)
			}
		})
	}
}

// Print that the template has too tells nothing about what is filled in.
func TestTheFileTellsOfThePrintToo(t *testing.T) {
	label, value := letteringOf("성명", 200, 330), letteringOf("가나다라마바사아자차", 400, 330)
	p, page := drawn(t, func(img *image.Gray) { inked(img, append(label, value...)) })
	inked(p.Blank, label)
	p.letters = append(label, value...)
	_ = page
	readings, _, err := New(Config{Engine: reads("가나다라마바사아자차")}).fields(t.Context(), p)
	if err != nil || readings[1].Text != "가나다라마바사아자차" || readings[1].Confidence < .99 {
		t.Errorf("%+v, %v", readings[1], err)
	}
}

// A row of boxes has a letter in each that is not blank.
func TestWhatTheFileTellsInARow(t *testing.T) {
	digits := slices.Concat(letteringOf("1", 210, 330), letteringOf("2", 310, 330), letteringOf("3", 410, 330))
	p, _ := drawn(t, func(img *image.Gray) { inked(img, digits) })
	f := &p.entry.places[1]
	f.Kind, f.ValueType = form.MultiBox, form.Numeric
	for i := range 4 {
		f.Boxes = append(f.Boxes, geom.XYWH(200+100*float64(i), 310, 60, 80))
	}
	p.letters = digits
	task := p.row(f)
	if !task.told.exact || task.told.text != "123" || len(task.told.words) != 4 || task.told.words[3].Text != "" {
		t.Errorf("%+v", task.told)
	}
	p.letters = digits[:2]
	if p.row(f).told.exact {
		t.Error("a box has ink, and the file tells of none")
	}
}

// A checkbox is as sure as what is drawn and what the file says are the same.
func TestWhatTheFileSaysOfACheckbox(t *testing.T) {
	for _, checked := range []bool{true, false} {
		p, _ := drawn(t, func(img *image.Gray) { blacken(img, image.Rect(210, 320, 240, 350)) })
		f := &p.entry.places[1]
		f.Kind, f.Box = form.Checkbox, geom.XYWH(200, 310, 50, 50)
		p.filled = []scan.Declared{{Kind: scan.DeclaredCheckbox, Checked: checked, X: 202, Y: 312, Width: 46, Height: 46}}
		readings, _, err := New(Config{Engine: ocr.Func(echo)}).fields(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		v := readings[1]
		if !v.Checked || (v.Confidence >= .99) != checked || slices.Contains(v.Reasons, form.ReasonFile) == checked {
			t.Errorf("the file says %v: %+v", checked, v)
		}
	}
}
