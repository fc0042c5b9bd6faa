package reader

import (
	"image"
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader/ink"
)

// A template may want another probability for a field than the server does, and a
// person for each reading of it.
func TestTheTemplateSaysWhatIsDoubtful(t *testing.T) {
	p := emptyPage()
	found := judged{kind: confidence.Line, evidence: confidence.Evidence{"length": 3, "asked-second": 1, "both": 1, "mean": 1}}
	found.field = &form.Field{}
	sure := New(Config{Engine: ocr.Func(nil), Doubt: .001}).judge(p, found).Confidence
	for _, tt := range []struct {
		name  string
		doubt float64
		of    form.Handling
		want  []form.Reason
	}{
		{"sure", sure / 2, form.Handling{}, nil},
		{"unsure", sure + .001, form.Handling{}, []form.Reason{form.ReasonUnsure}},
		{"the field needs more", sure / 2, form.Handling{Confidence: sure + .001}, []form.Reason{form.ReasonUnsure}},
		{"the field needs less", sure + .001, form.Handling{Confidence: sure / 2}, nil},
		{"a person", sure / 2, form.Handling{Review: form.ReviewPerson}, []form.Reason{form.ReasonPerson}},
		{"a person, and unsure", sure + .001, form.Handling{Review: form.ReviewPerson}, []form.Reason{form.ReasonUnsure, form.ReasonPerson}},
	} {
		found.field = &form.Field{Handling: tt.of}
		if got := New(Config{Engine: ocr.Func(nil), Doubt: tt.doubt}).judge(p, found).Reasons; !slices.Equal(got, tt.want) {
			t.Errorf("%s: reasons %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Where hardly a line of a page can be read, specks in a field may be what is
// left of writing.
func TestAnEmptyFieldOnAnUnreadablePage(t *testing.T) {
	for _, tt := range []struct {
		name string
		both float64 // of each of the other lines
		dust float64
		lost bool
	}{
		{"a readable page", 1, .5, false},
		{"an unreadable page", 0, .5, true},
		{"no speck", 0, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			blank := judged{field: &form.Field{}, kind: confidence.Blank, evidence: confidence.Evidence{"dust": tt.dust}}
			found := []judged{blank}
			for range 8 {
				found = append(found, judged{kind: confidence.Line, evidence: confidence.Evidence{"length": 3, "asked-second": 1, "both": tt.both, "mean": 1}})
			}
			addPage(found)
			if found[0].lost != tt.lost {
				t.Fatalf("lost = %v, want %v", found[0].lost, tt.lost)
			}
			p := emptyPage()
			if v := New(Config{Engine: ocr.Func(nil)}).judge(p, found[0]); (v.Confidence <= lostBlank) != tt.lost || (len(v.Reasons) > 0) != tt.lost {
				t.Errorf("confidence %.3f, reasons %v", v.Confidence, v.Reasons)
			}
		})
	}
}

// emptyPage returns a small page that lies as its template does.
func emptyPage() *placed {
	img := image.NewGray(image.Rect(0, 0, 100, 100))
	return &placed{residualAt: func(geom.Box) float64 { return 0 }, Sheet: &ink.Sheet{Blank: img, Page: img, TemplateToPage: geom.Identity}}
}
