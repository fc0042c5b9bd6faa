package reader

import (
	"errors"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
)

// A speaker is a second reader for tests.
type speaker struct {
	ocr.Func
	languages []string
}

func (s speaker) Languages() []string { return s.languages }

// saying returns what an engine says that has read text.
func saying(text string, sure float64) ocr.Text {
	w := ocr.Word{Text: text, Confidence: sure, Box: image.Rect(padding, padding, 40, 40)}
	for _, r := range text {
		w.Symbols = append(w.Symbols, ocr.Symbol{Text: string(r), Confidence: sure})
	}
	return ocr.Text{Words: []ocr.Word{w}}
}

func TestTwoReaders(t *testing.T) {
	for _, tt := range []struct {
		name     string
		language string
		first    ocr.Text // in the form's language
		english  ocr.Text
		second   ocr.Text
		want     string
		asked    []string // languages that the second reader is asked in; nil where it is not
		split    bool
	}{
		{"Hangul is not the second's", "ko", saying("가나", .9), ocr.Text{}, saying("x", 1), "가나", nil, false},
		{"Japanese neither", "ja", saying("ひばり", .9), ocr.Text{}, saying("x", 1), "ひばり", nil, false},
		{"both agree", "ko", saying("1O0", .6), saying("100", .5), saying("100", .5), "100", []string{"en"}, false},
		{"the second is surer", "ko", saying("7oo", .6), saying("7oo", .6), saying("700", .9), "700", []string{"en"}, true},
		{"the first is surer", "ko", saying("700", .9), saying("700", .9), saying("7oo", .3), "700", []string{"en"}, true},
		{"the second sees nothing", "ko", saying("100", .9), saying("100", .9), ocr.Text{}, "100", []string{"en"}, true},
		{"Chinese", "zh-TW", saying("王小朋", .5), ocr.Text{}, saying("王小明", .9), "王小明", []string{"zh-TW"}, true},
		{"a character left out", "zh-TW", saying("教育訓練", .8), ocr.Text{}, saying("教育訓", 1), "教育訓練", []string{"zh-TW"}, true},
		{"a character of China", "zh-TW", saying("吳芳儀", .6), ocr.Text{}, saying("吴芳儀", .98), "吳芳儀", []string{"zh-TW"}, true},
		{"Hangul taken for Chinese", "ko", saying("엄초", .5), ocr.Text{}, saying("主制", .9), "엄초", []string{"en"}, true},
		{"English", "en", saying("Frievd", .8), saying("Frievd", .8), saying("Friend", .9), "Friend", []string{"en"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := drawn(t, func(img *image.Gray) { blacken(img, image.Rect(300, 330, 420, 370)) })
			p.entry.template.Languages = []string{tt.language}
			first := ocr.Func(func(c ocr.Crop) (ocr.Text, error) {
				if tt.language != "en" && slices.Equal(c.Languages, []string{"en"}) {
					return tt.english, nil
				}
				return tt.first, nil
			})
			var asked []string
			second := speaker{func(c ocr.Crop) (ocr.Text, error) {
				asked = c.Languages
				return tt.second, nil
			}, []string{"en", "zh-TW"}}
			r := New(Config{Engine: first, Second: second, Doubt: 1})
			p.second = r.secondReader()
			readings, _, err := r.fields(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			got := readings[1]
			if got.Text != tt.want || !slices.Equal(asked, tt.asked) {
				t.Errorf("read %q, the second reader asked in %q, want %q, %q", got.Text, asked, tt.want, tt.asked)
			}
			if split := slices.Contains(got.Reasons, form.ReasonTwoReaders); split != tt.split {
				t.Errorf("reasons = %v, want %v that two readers disagree", got.Reasons, tt.split)
			}
			if tt.split && tt.second.Words != nil && len(got.Alternatives) == 0 {
				t.Error("what the other reader read is not shown")
			}
		})
	}
}

// A model for Korean that was dropped in is asked for Hangul too.
func TestASecondReaderOfHangul(t *testing.T) {
	p, _ := drawn(t, func(img *image.Gray) { blacken(img, image.Rect(300, 330, 420, 370)) })
	second := speaker{func(ocr.Crop) (ocr.Text, error) { return saying("홍길동", .95), nil }, []string{"en", "ko", "zh-TW"}}
	r := New(Config{Engine: ocr.Func(func(ocr.Crop) (ocr.Text, error) { return saying("흥길동", .5), nil }), Second: second})
	p.second = r.secondReader()
	readings, _, err := r.fields(t.Context(), p)
	if err != nil || readings[1].Text != "홍길동" {
		t.Errorf("read %q, %v, want 홍길동", readings[1].Text, err)
	}
}

func TestAPageIsReadWhereTheSecondReaderFails(t *testing.T) {
	p, _ := drawn(t, func(img *image.Gray) { blacken(img, image.Rect(300, 330, 420, 370)) })
	second := speaker{func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, ocr.ErrEngine }, []string{"en"}}
	r := New(Config{Engine: ocr.Func(func(ocr.Crop) (ocr.Text, error) { return saying("100", .9), nil }), Second: second})
	p.second = r.secondReader()
	var seen confidence.Evidence
	r.cfg.Observe = func(_ int, id form.FieldID, _ confidence.Kind, e confidence.Evidence) {
		if id == "b" {
			seen = e
		}
	}
	readings, _, err := r.fields(t.Context(), p)
	if err != nil || readings[1].Text != "100" {
		t.Errorf("read %q, %v, want 100", readings[1].Text, err)
	}
	if seen["asked-second"] != 0 || slices.Contains(readings[1].Reasons, form.ReasonTwoReaders) {
		t.Errorf("a reader that failed counts as one that saw nothing: %v, %v", seen, readings[1].Reasons)
	}
	broken := New(Config{Engine: ocr.Func(func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, ocr.ErrEngine }), Second: second})
	if _, _, err := broken.fields(t.Context(), p); !errors.Is(err, ocr.ErrEngine) {
		t.Errorf("fields where the first reader fails = %v, want ErrEngine", err)
	}
}

// Where the second reader fails, the first one looks twice, as where there is
// only one.
func TestWithoutTheSecondReaderTheFirstLooksTwice(t *testing.T) {
	p, _ := drawn(t, func(img *image.Gray) { blacken(img, image.Rect(300, 330, 420, 370)) })
	p.entry.template.Languages = []string{"en"}
	looks := 0
	first := ocr.Func(func(ocr.Crop) (ocr.Text, error) {
		looks++
		return saying("100", .9), nil
	})
	failing := speaker{func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, ocr.ErrEngine }, []string{"en"}}
	r := New(Config{Engine: first, Second: failing})
	p.second = r.secondReader()
	if _, _, err := r.fields(t.Context(), p); err != nil || looks != 2 {
		t.Errorf("%d looks, %v, want 2", looks, err)
	}
}

// A model may know other scripts than that of an English form.
func TestEnglishFormsHaveEnglishCharacters(t *testing.T) {
	for language, want := range map[string]bool{"en": true, "zh-TW": false} {
		p, _ := drawn(t, func(img *image.Gray) { blacken(img, image.Rect(300, 330, 420, 370)) })
		p.entry.template.Languages = []string{language}
		charset := ""
		second := speaker{func(c ocr.Crop) (ocr.Text, error) {
			charset = c.Charset
			return saying("57", .9), nil
		}, []string{"en", "zh-TW"}}
		r := New(Config{Engine: ocr.Func(func(ocr.Crop) (ocr.Text, error) { return saying("57", .9), nil }), Second: second})
		p.second = r.secondReader()
		if _, _, err := r.fields(t.Context(), p); err != nil || (charset != "") != want || strings.ContainsAny(charset, "ちク") {
			t.Errorf("%s: asked for %q, %v", language, charset, err)
		}
	}
}
