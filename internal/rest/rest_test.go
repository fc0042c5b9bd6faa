package rest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

func TestReadSearch(t *testing.T) {
	seoul := time.FixedZone("KST", 9*60*60)
	uid := strings.Repeat("0a", 16)
	for _, tt := range []struct {
		name, body string
		want       Search
	}{
		{"nothing", ``, Search{Limit: 50}},
		{"all", `{}`, Search{Limit: 50}},
		{
			"everything", `{"template":2,"states":["done","review"],"document":"가","submission":7,"limit":1,"next":"` + Cursor(uid) + `"}`,
			Search{Template: 2, States: []form.State{form.StateDone, form.StateReview}, Document: "가", Submission: 7, Limit: 1, After: uid},
		},
		{
			"days, of which the last one counts whole", `{"from":"2026-11-01","to":"2026-11-01"}`,
			Search{From: time.Date(2026, 11, 1, 0, 0, 0, 0, seoul), To: time.Date(2026, 11, 2, 0, 0, 0, 0, seoul), Limit: 50},
		},
		{
			"times", `{"from":"2026-11-01T08:30:00+09:00","to":"2026-11-01T00:00:00Z"}`,
			Search{From: time.Date(2026, 11, 1, 8, 30, 0, 0, seoul), To: time.Date(2026, 11, 1, 9, 0, 0, 0, seoul), Limit: 50},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadSearch(strings.NewReader(tt.body), MaxPages, seoul)
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("error %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// What a stranger sends is read, or refused with a sentence.
func FuzzReadSearch(f *testing.F) {
	for _, body := range []string{``, `{"template":2,"states":["done"],"from":"2026-11-01","next":"AAAAAAAAAAAAAAAAAAAAAA"}`, `{"limit":0}`, `[`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s, err := ReadSearch(strings.NewReader(body), MaxPages, time.UTC)
		if e := new(Error); err != nil && !errors.As(err, &e) {
			t.Errorf("%q: %v", body, err)
		}
		if err == nil && (s.Limit < 1 || s.Limit > MaxPages || s.After != "" && len(s.After) != 32) {
			t.Errorf("%q is read as %+v", body, s)
		}
	})
}

// FuzzReadFiles fuzzes the other bodies that programs send.
func FuzzReadFiles(f *testing.F) {
	for _, body := range []string{``, `{"files":[{"name":"a.png","data":"aGVsbG8="}],"templates":[1]}`, `{"uids":["a","b"]}`, `{"files":null}`, `[[[[`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		_, files := ReadFiles(strings.NewReader(body))
		uids, pages := ReadUIDs(strings.NewReader(body))
		for _, err := range []error{files, pages} {
			if e := new(Error); err != nil && !errors.As(err, &e) {
				t.Errorf("%q: %v", body, err)
			}
		}
		if pages == nil && (len(uids) == 0 || len(uids) > MaxRecords) {
			t.Errorf("%q has %d pages", body, len(uids))
		}
	})
}

func TestACheckboxIsWhatTheTemplateHasForItsState(t *testing.T) {
	box := form.Field{ID: "동의", Name: "동의", Kind: form.Checkbox, CheckedText: "예", UncheckedText: "아니오"}
	template := &form.Template{Fields: []form.Field{box}}
	v := form.Value{
		Field: box, Reading: form.Reading{Checked: true, Text: "예", Confidence: 0.5, Reasons: []form.Reason{form.ReasonFaint}},
		Corrections: []form.Correction{{Checked: false, ByName: "kim"}},
	}
	got := NewRecord(&form.Record{Template: template, Values: []form.Value{v}}).Values[0]
	if got.Text != "아니오" || *got.Checked || !*got.Reading.Checked || got.Corrections[0].Text != "아니오" || !got.Reviewed || got.Doubtful {
		t.Errorf("got %+v", got)
	}
}

func TestMarksAndOverrides(t *testing.T) {
	box := form.Field{ID: "동의", Name: "동의", Kind: form.Checkbox, CheckedText: "예", UncheckedText: "아니오"}
	said := func(cs ...form.Correction) Value {
		v := form.Value{Field: box, Reading: form.Reading{Checked: true, Reasons: []form.Reason{form.ReasonFaint}}, Corrections: cs}
		return NewRecord(&form.Record{Template: &form.Template{Fields: []form.Field{box}}, Values: []form.Value{v}}).Values[0]
	}
	kept, illegible, withdrawn := form.Correction{Checked: true, Override: true}, form.Correction{Mark: form.MarkIllegible}, form.Correction{Mark: form.MarkWithdrawn}
	if v := said(kept); !v.Override || !v.Corrections[0].Override || v.Text != "예" {
		t.Errorf("kept: %+v", v)
	}
	if v := said(kept, illegible); v.Override || v.Mark != form.MarkIllegible || v.Text != "" || *v.Checked || v.Corrections[1].Text != "" || !v.Reviewed {
		t.Errorf("illegible: %+v", v)
	}
	if v := said(illegible, withdrawn); v.Mark != "" || v.Reviewed || !v.Doubtful || v.Text != "예" || v.Corrections[1].Mark != form.MarkWithdrawn {
		t.Errorf("withdrawn: %+v", v)
	}
}
