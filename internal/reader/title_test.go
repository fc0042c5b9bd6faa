package reader

import (
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/sample/demo"
)

func TestOtherTitle(t *testing.T) {
	for _, tt := range []struct {
		name, printed, read string
		sure                float64
		want                bool
	}{
		{"the same, spaced out", "전입신고서", "전 입 신 고 서", .99, false},
		{"a character misread", "보험금 청구서", "보험금 정구서", .99, false},
		{"another form", "보험금 청구서", "휴가 신청서", .99, true},
		{"perhaps another form", "보험금 청구서", "휴가 신청서", .6, false},
		{"nothing read", "보험금 청구서", "", .99, false},
		{"a template without the text of its title", "", "휴가 신청서", .99, false},
		{"case and signs", "Change of Address", "<CHANGE OF ADDRESS>", .99, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := otherTitle(form.Title{Text: tt.printed}, form.Reading{Text: tt.read, Confidence: tt.sure}); got != tt.want {
				t.Errorf("otherTitle(%q, %q at %.2f) = %v, want %v", tt.printed, tt.read, tt.sure, got, tt.want)
			}
		})
	}
}

func TestNoTitle(t *testing.T) {
	for _, tt := range []struct {
		name, printed, read string
		sure                float64
		reasons             []form.Reason
		want                bool
	}{
		{"there", "전입신고서", "전입신고서", .99, nil, false},
		{"paper in its place", "전입신고서", "", .99, nil, true},
		{"perhaps paper", "전입신고서", "", .6, nil, false},
		{"not seen", "전입신고서", "", .95, []form.Reason{form.ReasonNotSeen}, false},
		{"a template without the text of its title", "", "", .99, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := noTitle(form.Title{Text: tt.printed}, form.Reading{Text: tt.read, Confidence: tt.sure, Reasons: tt.reasons}); got != tt.want {
				t.Errorf("noTitle(%q, %q at %.2f) = %v, want %v", tt.printed, tt.read, tt.sure, got, tt.want)
			}
		})
	}
}

func TestWithTheTitleOfAnotherFormAllIsDoubtful(t *testing.T) {
	tpl, cat := demoForm(t)
	sure := confidence.Model{}
	for k := range confidence.Default() {
		sure[k] = confidence.Weights{Bias: 9}
	}
	for text, want := range map[string]bool{"가": false, "휴가 신청서": true} {
		tpl.Title.Text = text // "가" is what is read
		r := New(Config{Engine: ocr.Func(echo), Model: sure})
		res := readAll(t, r, demo.Load().Scans[0].Data, cat)[0]
		if got := slices.Contains(res.Page.Faults, form.FaultTitle); got != want {
			t.Errorf("%q: faults = %v", text, res.Page.Faults)
		}
		for _, v := range res.Readings {
			want := want && v.Text != "" && v.Text != "N" // where nothing stands there is no answer
			if got := slices.Contains(v.Reasons, form.ReasonOtherForm); got != want || got && v.Confidence > .5 {
				t.Errorf("%q: %s is %.2f sure, %v", text, v.Field, v.Confidence, v.Reasons)
			}
		}
		if want && res.Page.State != form.StateReview {
			t.Errorf("%q: the page is %s", text, res.Page.State)
		}
	}
}
