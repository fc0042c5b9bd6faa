package handlers

import (
	"bytes"
	"database/sql"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

func blankPNG(t testing.TB, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// addTemplate adds a domain with a template in service: a name, a checkbox,
// and a date that people are not asked about.
func (s *site) addTemplate() *form.Template {
	s.Helper()
	d, _, err := s.cfg.DB.AddDomain(s.Context(), form.Command, "시험", []string{"ko"})
	if err != nil {
		s.Fatal(err)
	}
	key, err := s.cfg.Blobs.Put(s.Context(), blankPNG(s, 100, 120))
	if err != nil {
		s.Fatal(err)
	}
	t, err := s.cfg.DB.SaveTemplate(s.Context(), form.Command, &form.Template{
		Domain: d.ID, Name: "신청서", Languages: []string{"ko"}, Stage: form.Service,
		Image: key, ImageName: "template.png", Width: 100, Height: 120,
		Fields: []form.Field{
			{ID: "date", Name: "date", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(10, 10, 40, 10)},
			{ID: "이름", Name: "이름", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(10, 30, 40, 10)},
			{ID: "fax", Name: "fax", Kind: form.Checkbox, ValueType: form.All, Box: geom.XYWH(10, 50, 10, 10), CheckedText: "Y", UncheckedText: "N"},
		},
	})
	if err != nil {
		s.Fatal(err)
	}
	return t
}

// addPage adds a page of t on which the name and the checkbox are doubtful.
func (s *site) addPage(t *form.Template, faults ...form.Fault) form.PageID {
	s.Helper()
	ctx := s.Context()
	key, err := s.cfg.Blobs.Put(s.Context(), blankPNG(s, 100, 120))
	if err != nil {
		s.Fatal(err)
	}
	docs := []form.Document{{Name: "스캔.png", Blob: key, Size: 1}}
	var added db.Chore
	_, err = s.cfg.DB.AddSubmission(ctx, form.Command, form.Submission{Domain: t.Domain}, docs, func(_ *sql.Tx, chores []db.Chore) error {
		added = chores[0]
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	task, err := s.cfg.DB.Begin(ctx, added)
	if err != nil {
		s.Fatal(err)
	}
	doubt := []form.Reason{form.ReasonUnsure}
	run := task.Open[0]
	readings := named(t, []form.Reading{
		{Field: "date", Text: "2026-11-22", Confidence: .99},
		{Field: "이름", Text: "김철슈", Confidence: .4, Reasons: doubt},
		{Field: "fax", Text: "N", Confidence: .6, Reasons: doubt},
	})
	if whole, faulty := form.Whole(faults); faulty {
		readings = append(readings, whole)
	}
	if err := s.cfg.DB.SaveRun(ctx, run.Page, run.Run, form.Page{
		Number: 1, State: form.StateReview, Width: 100, Height: 120, Image: key,
		Template: t.ID, Version: t.Version, TemplateToPage: geom.Identity, Faults: faults,
	}, readings); err != nil {
		s.Fatal(err)
	}
	return run.Page
}

func TestReviewShowsTheDoubtfulValuesFirst(t *testing.T) {
	s := openSite(t)
	id := s.addPage(s.addTemplate())
	a := s.get(fmt.Sprintf("/pages/%d", id)).status(http.StatusOK)
	var labels []string
	for _, n := range a.all("label") {
		if strings.HasPrefix(attr(n, "for"), "relogin-") {
			continue
		}
		labels = append(labels, text(n))
	}
	if got := fmt.Sprint(labels); got != "[이름 fax date]" {
		t.Errorf("labels %s", got)
	}
	a.says(".mark", "확인 필요").says(".left", "2")
	for _, n := range a.all(".crop img") {
		s.get(attr(n, "src")).status(http.StatusOK)
	}
	s.get(attr(a.one("#viewer"), "data-image")).status(http.StatusOK)
}

func TestCorrectionsSettleThePage(t *testing.T) {
	s := openSite(t)
	id := s.addPage(s.addTemplate())
	post := fmt.Sprintf("/pages/%d/corrections", id)
	s.post(post, url.Values{"field": {"1"}, "run": {"1"}, "seen": {"0"}, "text": {"김철수"}}, "HX-Request", "true").
		status(http.StatusOK).says(".mark", "고침").says(".left", "1").says("b", "김철슈")
	s.post(post, url.Values{"field": {"2"}, "run": {"1"}, "seen": {"0"}}, "HX-Request", "true").
		status(http.StatusOK).says(".mark", "확인함").says(".state", "완료")

	r, err := s.cfg.DB.Record(t.Context(), form.Everything, id)
	if err != nil {
		t.Fatal(err)
	}
	name, fax := r.Values[1], r.Values[2]
	if c := name.Latest(); c == nil || c.Text != "김철수" || c.Accepted || c.ByName != "admin" {
		t.Errorf("name: %+v", c)
	}
	if c := fax.Latest(); c == nil || c.Text != "N" || c.Checked || !c.Accepted {
		t.Errorf("fax: %+v", c)
	}
	s.get("/review").status(http.StatusOK).says("h1", "지금은 검토할 쪽이 없습니다")
}

func TestAValueIsShownWhereItWasRead(t *testing.T) {
	place := geom.Scale(2, 2)
	field := form.Field{Box: geom.XYWH(10, 10, 30, 10)}
	below := form.Reading{Where: geom.XYWH(24, 36, 40, 20).Quad()} // page px
	for _, tt := range []struct {
		name    string
		place   geom.Homography
		reading form.Reading
		want    geom.Box
	}{
		{"half a line low", place, below, geom.XYWH(10, 10, 30, 18)},
		{"nowhere", place, form.Reading{}, field.Box},
		{"on a page that was not placed", geom.Homography{}, below, field.Box},
	} {
		p := form.PageInfo{Page: form.Page{TemplateToPage: tt.place}}
		if got := placeOf(p, form.Value{Field: field, Reading: tt.reading}); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestAPageWithAFaultIsLookedAtAsAWhole(t *testing.T) {
	s := openSite(t)
	tpl := s.addTemplate()
	id := s.addPage(tpl, form.FaultTitle)
	path := fmt.Sprintf("/pages/%d", id)
	for _, field := range []string{"1", "2"} {
		s.post(path+"/corrections", url.Values{"field": {field}, "run": {"1"}, "seen": {"0"}}, "HX-Request", "true").
			status(http.StatusOK).says(".state", "검토")
	}
	s.get(path).status(http.StatusOK).says("#whole", "쪽 전체").says(".faults", "제목").says(".left", "1")

	s.post(path+"/whole", url.Values{"run": {"2"}}, "HX-Request", "true").status(http.StatusConflict)
	s.post(path+"/whole", url.Values{}, "HX-Request", "true").status(http.StatusBadRequest)
	for range 2 { // two people who look at it say the same
		s.post(path+"/whole", url.Values{"run": {"1"}}, "HX-Request", "true").
			status(http.StatusOK).says(".state", "완료").says(".mark", "admin")
	}
	r, err := s.cfg.DB.Record(t.Context(), form.Everything, id)
	if err != nil || len(r.Whole.Corrections) != 1 || r.Whole.Doubtful() {
		t.Errorf("%+v, %v", r.Whole, err)
	}

	whole := s.addPage(tpl)
	s.get(fmt.Sprintf("/pages/%d", whole)).status(http.StatusOK)
	s.post(fmt.Sprintf("/pages/%d/whole", whole), url.Values{"run": {"1"}}).status(http.StatusNotFound)
}

func TestCorrectionsDoNotOverwriteEachOther(t *testing.T) {
	s := openSite(t)
	id := s.addPage(s.addTemplate())
	post := fmt.Sprintf("/pages/%d/corrections", id)
	s.post(post, url.Values{"field": {"1"}, "run": {"1"}, "seen": {"0"}, "text": {"김철수"}}, "HX-Request", "true").status(http.StatusOK)
	a := s.post(post, url.Values{"field": {"1"}, "run": {"1"}, "seen": {"0"}, "text": {"김영희"}}, "HX-Request", "true").
		status(http.StatusUnprocessableEntity).says(".wrong", "admin").says("strong", "김철수")
	if got := attr(a.one("#field-1-input"), "value"); got != "김영희" {
		t.Errorf("the form lost what was typed: %q", got)
	}
	// The answer has been seen now, and can be replaced.
	var seen string
	for _, n := range a.all("[name=seen]") {
		seen = attr(n, "value")
	}
	s.post(post, url.Values{"field": {"1"}, "run": {"1"}, "seen": {seen}, "text": {"김영희"}}, "HX-Request", "true").status(http.StatusOK)
	r, err := s.cfg.DB.Record(t.Context(), form.Everything, id)
	if err != nil || len(r.Values[1].Corrections) != 2 || r.Values[1].Text() != "김영희" {
		t.Errorf("%+v, %v", r.Values[1], err)
	}
}

func TestCorrectionsThatMakeNoSense(t *testing.T) {
	s := openSite(t)
	id := s.addPage(s.addTemplate())
	post := fmt.Sprintf("/pages/%d/corrections", id)
	for _, tt := range []struct {
		name, path string
		form       url.Values
		want       int
	}{
		{"no such page", "/pages/99/corrections", url.Values{"field": {"1"}, "run": {"1"}, "seen": {"0"}}, http.StatusNotFound},
		{"no such field", post, url.Values{"field": {"9"}, "run": {"1"}, "seen": {"0"}}, http.StatusNotFound},
		{"no field", post, url.Values{"run": {"1"}, "seen": {"0"}}, http.StatusNotFound},
		{"not seen", post, url.Values{"field": {"1"}, "run": {"1"}}, http.StatusBadRequest},
		{"seen before it was said", post, url.Values{"field": {"1"}, "run": {"1"}, "seen": {"99"}, "text": {"x"}}, http.StatusUnprocessableEntity},
		{"not UTF-8", post, url.Values{"field": {"1"}, "run": {"1"}, "seen": {"0"}, "text": {"\xff"}}, http.StatusBadRequest},
		{"too long", post, url.Values{"field": {"1"}, "run": {"1"}, "seen": {"0"}, "text": {string(bytes.Repeat([]byte("a"), maxValue+1))}}, http.StatusBadRequest},
	} {
		s.post(tt.path, tt.form).status(tt.want)
	}
	s.get(fmt.Sprintf("/pages/%d/crops/9", id)).status(http.StatusNotFound)
	s.get("/pages/99/picture").status(http.StatusNotFound)
}

func TestWithoutScriptsACorrectionShowsThePageAgain(t *testing.T) {
	s := openSite(t)
	id := s.addPage(s.addTemplate())
	s.post(fmt.Sprintf("/pages/%d/corrections", id), url.Values{"field": {"1"}, "run": {"1"}, "seen": {"0"}, "text": {"김철수"}}).
		goesTo(fmt.Sprintf("/pages/%d", id))
}

func TestWithoutScriptsAStaleCorrectionIsNotLost(t *testing.T) {
	s := openSite(t)
	id := s.addPage(s.addTemplate())
	post := fmt.Sprintf("/pages/%d/corrections", id)
	name := url.Values{"field": {"1"}, "run": {"1"}, "seen": {"0"}, "text": {"김철수"}}
	fax := url.Values{"field": {"2"}, "run": {"1"}, "seen": {"0"}}
	s.post(post, name).status(http.StatusSeeOther)
	s.post(post, fax).status(http.StatusSeeOther)

	name.Set("text", "김영희")
	a := s.post(post, name).status(http.StatusUnprocessableEntity).says("h1", "스캔.png").says("p.wrong", "admin").says("strong", "김철수")
	if got := attr(a.one("#field-1-input"), "value"); got != "김영희" {
		t.Errorf("the form lost what was typed: %q", got)
	}
	a.one("#field-0-input") // the other fields are there too
	fax.Set("checked", "true")
	a = s.post(post, fax).status(http.StatusUnprocessableEntity)
	if len(a.all("input[checked]")) != 1 {
		t.Error("the form lost what was ticked")
	}
	r, err := s.cfg.DB.Record(t.Context(), form.Everything, id)
	if err != nil || r.Values[1].Text() != "김철수" || r.Values[2].Checked() {
		t.Errorf("%+v, %v", r.Values, err)
	}
}

func TestCorrectionsHaveNoControlCharacters(t *testing.T) {
	s := openSite(t)
	id := s.addPage(s.addTemplate())
	s.post(fmt.Sprintf("/pages/%d/corrections", id), url.Values{
		"field": {"1"}, "run": {"1"}, "seen": {"0"}, "text": {"\x00김\x1b철\u0085수\r\n둘째\t줄\x7f \x00"},
	}).status(http.StatusSeeOther)
	r, err := s.cfg.DB.Record(t.Context(), form.Everything, id)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Values[1].Text(), "김철수\n둘째\t줄"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestNextPage(t *testing.T) {
	s := openSite(t)
	tpl := s.addTemplate()
	first, second := s.addPage(tpl), s.addPage(tpl)
	s.get("/review").goesTo(fmt.Sprintf("/pages/%d", first))
	s.get(fmt.Sprintf("/review?after=%d", first)).goesTo(fmt.Sprintf("/pages/%d", second))
	s.get(fmt.Sprintf("/review?after=%d", second)).goesTo(fmt.Sprintf("/pages/%d", first))
}
