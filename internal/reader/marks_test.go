package reader

import (
	"flag"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/mark"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader/ink"
	"github.com/seosik/seosik/internal/sample"
)

// A checkbox is right where it is as a person sees it, or doubtful where it may
// be so.
func TestMarksOnBadPaper(t *testing.T) {
	claims := []string{"claim_disease", "claim_injury", "claim_traffic", "claim_etc", "notify_sms", "notify_mail", "notify_fax"}
	for _, tt := range []struct {
		file, form    string
		boxes, marked []string
	}{
		{"marks-beside-boxes.jpg", "ko-claim", claims, []string{"claim_disease", "claim_traffic", "notify_mail", "notify_fax"}},
		{"out-of-focus-checkboxes.jpg", "ko-claim", claims, []string{"notify_mail", "notify_fax"}},
		{"halftone-gray-paper.png", "ko-claim", claims, []string{"notify_mail", "notify_fax"}},
		{
			"highlighter-label-half-box.jpg", "en-enroll",
			[]string{"cov_medical", "cov_dental", "cov_vision", "cov_life", "single", "married", "widowed"},
			[]string{"cov_life", "widowed"},
		},
	} {
		t.Run(tt.file, func(t *testing.T) {
			_, readings := readFault(t, ocr.Func(mute), tt.form, tt.file)
			for _, name := range tt.boxes {
				v, ok := readings[name]
				if !ok || v.Checked != slices.Contains(tt.marked, name) && (len(v.Reasons) == 0 || v.Confidence >= .9) {
					t.Errorf("%s: checked %v, confidence %.3f, reasons %v", name, v.Checked, v.Confidence, v.Reasons)
				}
			}
		})
	}
}

// Digits in boxes are read on halftones too, which lost those that are pale.
func TestDigitsOnAHalftone(t *testing.T) {
	_, readings := readFault(t, ocr.Func(mute), "ko-claim", "halftone-gray-paper.png")
	for name, want := range map[string]string{"id": "462161", "rrn_front": "900725", "rrn_back": "2", "account": "14050761454334"} {
		if v := readings[name]; v.Text != want {
			t.Errorf("%s: %q, want %q, confidence %.3f", name, v.Text, want, v.Confidence)
		}
	}
}

func TestAnEmptyBoxWithinANumberIsDoubtful(t *testing.T) {
	row := func(text string) *rowTask {
		r := &rowTask{cells: make([]mark.Cell, len(text)), symbols: make([]mark.Symbol, len(text)), field: &form.Field{}}
		for i := range len(text) {
			if r.cells[i].Blank = text[i] == ' '; !r.cells[i].Blank {
				r.symbols[i][strings.IndexByte(mark.Alphabet, text[i])] = 1
			}
		}
		return r
	}
	for text, want := range map[string]bool{"12 4": true, "1  4": true, "1234": false, "  34": false, "12  ": false, "AB C": false, "    ": false} {
		if got := row(text).gap(); got != want {
			t.Errorf("%q: gap %v, want %v", text, got, want)
		}
	}
}

var (
	markPages = flag.Int("mark-pages", 3, "pages to draw in each situation of marks")
	markSeed  = flag.Uint64("mark-seed", 90001, "of the first of them")
)

// How many checkboxes of 1,000 may be wrong and called certain in a situation of
// package sample, on other pages than floors were found on.
var markFloors = map[sample.Situation]float64{
	"": 0, "ring on label": 15, "tick on label": 15, "tick beside box": 15, "tail into neighbour": 60, "struck out": 30,
	"out of focus": 40, "motion": 100, "halftone": 30, "bubbles": 5, "filled copy": 20,
}

// TestMarksInSituations reads the checkboxes of drawn forms, without an engine,
// and prints how many are wrong, silent (wrong and called certain) and doubtful.
func TestMarksInSituations(t *testing.T) {
	if testing.Short() {
		t.Skip("draws many pages")
	}
	for _, name := range append([]sample.Situation{""}, sample.Situations()...) {
		floor, ours := markFloors[name]
		if !ours {
			continue
		}
		boxes, wrong, silent, doubtful := 0, 0, 0, 0
		for i := range *markPages {
			seed := *markSeed + uint64(i)
			paper, readings := readMarks(t, name, seed)
			for _, v := range readings {
				boxes++
				right, doubted := paper.Truth[v.Field].Checked == v.Checked, len(v.Reasons) > 0
				doubtful += int(truth(doubted))
				wrong += int(truth(!right))
				if !right && !doubted {
					silent++
					t.Logf("%s: seed %d, %s: checked %v, %.4f", name, seed, v.Field, v.Checked, v.Confidence)
				}
			}
		}
		per := func(n int) float64 { return 1000 * float64(n) / float64(max(1, boxes)) }
		t.Logf("%-22s %5d boxes, of 1,000 wrong %5.1f, silent %5.1f, doubtful %5.1f", name, boxes, per(wrong), per(silent), per(doubtful))
		if few := 2; silent > few && per(silent) > floor {
			t.Errorf("%s: of 1,000 checkboxes %.1f are wrong and called certain, want %.1f at most", name, per(silent), floor)
		}
	}
}

// readMarks draws a page in a situation and reads its checkboxes. It lies where
// it was drawn, but for half a pixel.
func readMarks(t *testing.T, name sample.Situation, seed uint64) (*sample.Paper, []form.Reading) {
	t.Helper()
	blank, err := sample.Layout(seed, form.Languages[seed%uint64(len(form.Languages))])
	if err != nil {
		t.Fatal(err)
	}
	style := sample.RandomStyle(seed)
	paper, err := blank.Meet(name, blank.Invent(seed, style.Empty), seed, style, sample.Levels[seed/4%uint64(len(sample.Levels))])
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 77))
	lies := paper.TemplateToPage.After(geom.Shift(geom.Point{X: .5 * r.NormFloat64(), Y: .5 * r.NormFloat64()}))
	e := &entry{template: blank.Template, places: blank.Template.Places()}
	p := &placed{
		Sheet: ink.NewSheet(e.withoutWriting(blank.Image), sample.ToGray(paper.Image), paper.Image, lies, nil), entry: e,
		residualAt: func(geom.Box) float64 { return .3 },
	}
	var found []judged
	for _, f := range p.checkboxes() {
		found = append(found, p.checkbox(f).reading())
	}
	addPage(found)
	reader, readings := New(Config{Engine: ocr.Func(mute)}), make([]form.Reading, len(found))
	for i, j := range found {
		readings[i] = reader.judge(p, j)
	}
	return paper, readings
}
