package handlers

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// unmatched uploads a file that the machine finds no template for, and returns
// its page. What it says after unmatched is read when the page is read again.
func (s *site) unmatched(text string) form.PageID {
	s.Helper()
	s.wait(s.handIn("domain", fmt.Sprint(s.template.Domain), "template", "", "file:lost.png", "unmatched "+text))
	pages, err := s.cfg.DB.Pages(s.Context(), form.Everything, db.PageFilter{Limit: 1})
	if err != nil || len(pages) != 1 || pages[0].State != form.StateUnmatched {
		s.Fatal(pages, err)
	}
	return pages[0].ID
}

// settled waits until a page has been read, and returns it.
func (s *site) settled(id form.PageID) form.PageInfo {
	s.Helper()
	ctx, stop := context.WithTimeout(s.Context(), 10*time.Second)
	defer stop()
	for ctx.Err() == nil {
		p, err := s.cfg.DB.Page(ctx, form.Everything, id)
		if err != nil {
			s.Fatal(err)
		}
		if p.State.Final() {
			return p
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.Fatal("the page is never read")
	return form.PageInfo{}
}

func noJobs(*sql.Tx, []db.Chore) error { return nil }

// keepJob sets wish in place of adding a job.
func keepJob(wish *db.Chore) db.Enqueue {
	return func(_ *sql.Tx, chores []db.Chore) error {
		*wish = chores[0]
		return nil
	}
}

const squarely = "0,0 800,0 800,600 0,600" // corners of the site's template on its page

func TestAnUnmatchedPageIsPlacedByHand(t *testing.T) {
	s := openSite(t)
	s.addDomain("시험", "신청서")
	s.read()
	id := s.unmatched("성명=홍길동 번호=12?")
	path := fmt.Sprintf("/pages/%d", id)
	a := s.get(path).status(http.StatusOK).says(".wrong", "맞는 템플릿을 찾지 못했습니다")
	if got := attr(a.one("a.main"), "href"); got != path+"/place" {
		t.Errorf("placing is at %q", got)
	}
	a = s.get(path+"/place").status(http.StatusOK).says("option", "신청서")
	if n := len(a.all("button.corner")); n != 4 {
		t.Errorf("%d corners", n)
	}
	if got := attr(a.one("#corners"), "data-initial"); got != "" {
		t.Errorf("corners of a page that was never found: %q", got)
	}
	var outline struct {
		Width, Height int
		Boxes         [][]float64
	}
	if err := json.Unmarshal(s.get(fmt.Sprintf("/templates/%d/outline", s.template.ID)).status(http.StatusOK).body, &outline); err != nil {
		t.Fatal(err)
	}
	if outline.Width != 800 || outline.Height != 600 || len(outline.Boxes) != len(s.template.Places()) {
		t.Errorf("outline %+v", outline)
	}

	template := fmt.Sprint(s.template.ID)
	turned := "700,50 700,550 100,550 100,50" // by a quarter
	s.post(path+"/place", url.Values{"template": {template}, "corners": {turned}}).goesTo(path)
	p := s.settled(id)
	if p.State != form.StateReview || p.Run != 2 || p.Template != s.template.ID {
		t.Errorf("the page is %s, run %d, of template %d", p.State, p.Run, p.Template)
	}
	a = s.get(path).says(".left", "1").says("summary", "2번 읽음").says("li", "손으로 맞춤")
	a.one("#place")
	// It opens where it was placed.
	a = s.get(path + "/place").status(http.StatusOK)
	if got := attr(a.one("#corners"), "data-initial"); got != "700.0,50.0 700.0,550.0 100.0,550.0 100.0,50.0" {
		t.Errorf("corners %s", got)
	}
	if got := attr(a.one("option[selected=]"), "value"); got != template {
		t.Errorf("template %s is chosen", got)
	}
}

func TestWhatIsPlacedWronglyIsRefused(t *testing.T) {
	s := openSite(t)
	s.addDomain("시험", "신청서")
	other := s.template
	s.addDomain("다른", "신청서")
	s.read()
	own, foreign := fmt.Sprint(s.template.ID), fmt.Sprint(other.ID)
	id := s.unmatched("")
	path := fmt.Sprintf("/pages/%d", id)
	for _, tt := range []struct {
		name, template, corners string
		status                  int
	}{
		{"mirrored", own, "800,0 0,0 0,600 800,600", http.StatusBadRequest},
		{"folded", own, "0,0 800,600 800,0 0,600", http.StatusBadRequest},
		{"a point", own, "1,1 1,1 1,1 1,1", http.StatusBadRequest},
		{"not a number", own, "NaN,0 800,0 800,600 0,600", http.StatusBadRequest},
		{"far away", own, "0,0 1e9,0 1e9,600 0,600", http.StatusBadRequest},
		{"three corners", own, "0,0 800,0 800,600", http.StatusBadRequest},
		{"template of another domain", foreign, squarely, http.StatusNotFound},
		{"no such template", "99", squarely, http.StatusNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, what := range []string{"/place", "/fit"} {
				s.post(path+what, url.Values{"template": {tt.template}, "corners": {tt.corners}}).status(tt.status)
			}
		})
	}
	// The blank template has no print that could be found.
	s.post(path+"/fit", url.Values{"template": {own}, "corners": {squarely}}, "HX-Request", "true").status(http.StatusUnprocessableEntity)
	if p := s.settled(id); p.State != form.StateUnmatched || p.Run != 1 {
		t.Errorf("the page is %s, run %d", p.State, p.Run)
	}
}

func TestUnmatchedPagesAreReadAgain(t *testing.T) {
	s := openSite(t)
	s.addDomain("시험", "신청서")
	s.read()
	first, second := s.unmatched("성명=홍길동"), s.unmatched("성명=김영희?")
	template := fmt.Sprintf("/templates/%d", s.template.ID)
	s.get(template).status(http.StatusOK).says("#again", "2개")
	s.get("/pages?state=unmatched").status(http.StatusOK).says("#again", "2개")
	if n := len(s.get("/pages?state=done").all("#again")); n != 0 {
		t.Error("pages that are done can be read again in one go")
	}
	s.post(template+"/again", nil, "HX-Request", "true").status(http.StatusOK)
	if a, b := s.settled(first), s.settled(second); a.State != form.StateDone || b.State != form.StateReview {
		t.Errorf("the pages are %s and %s", a.State, b.State)
	}
	if n := len(s.get(template).all("#again button")); n != 0 {
		t.Error("there is nothing more to read again")
	}
	third := s.unmatched("성명=이순신")
	s.post("/pages/again", nil).goesTo("/pages?state=unmatched")
	if p := s.settled(third); p.State != form.StateDone {
		t.Errorf("the page is %s", p.State)
	}
}

func TestAPageThatIsReadAgainIsShownAgain(t *testing.T) {
	s := openSite(t)
	s.addDomain("시험", "신청서")
	s.read()
	id := s.unmatched("성명=홍길동?")
	ready := fmt.Sprintf("/pages/%d/ready", id)
	if a := s.get(ready).status(http.StatusNoContent); a.Header.Get("HX-Refresh") != "true" {
		t.Error("a page that has been read is not shown anew")
	}
	if err := s.cfg.DB.AddReread(t.Context(), form.Person(1), form.Reread{Page: id}, noJobs); err != nil {
		t.Fatal(err)
	}
	if a := s.get(ready).status(http.StatusNoContent); a.Header.Get("HX-Refresh") != "" {
		t.Error("a page that waits is shown anew")
	}
	path := fmt.Sprintf("/pages/%d", id)
	s.get(path).says("p", "아직 읽고 있습니다")
	s.get(path + "/place").goesTo(path)
}

func TestACorrectionOfAnEarlierRunIsRefused(t *testing.T) {
	s := openSite(t)
	s.addDomain("시험", "신청서")
	s.read()
	id := s.unmatched("성명=홍길동?")
	path := fmt.Sprintf("/pages/%d", id)
	for run := 2; run <= 3; run++ {
		s.post(path+"/place", url.Values{"template": {fmt.Sprint(s.template.ID)}, "corners": {squarely}}).goesTo(path)
		s.settled(id)
	}
	values := url.Values{"field": {"0"}, "run": {"2"}, "seen": {"0"}, "text": {"홍길순"}}
	s.post(path+"/corrections", values, "HX-Request", "true").status(http.StatusConflict)
	values.Set("run", "3")
	s.post(path+"/corrections", values, "HX-Request", "true").status(http.StatusOK)
}

func TestAPageThatLiesBadlySaysSo(t *testing.T) {
	s := openSite(t)
	id := s.addPage(s.addTemplate())
	p, err := s.cfg.DB.Page(t.Context(), form.Everything, id)
	if err != nil {
		t.Fatal(err)
	}
	var wish db.Chore
	if err := s.cfg.DB.AddReread(t.Context(), form.Person(1), form.Reread{Page: id}, keepJob(&wish)); err != nil {
		t.Fatal(err)
	}
	p.State, p.Faults = form.StateReview, []form.Fault{form.FaultLoose, form.FaultCut, form.FaultCoarse}
	if err := s.cfg.DB.SaveRun(t.Context(), wish.Page, wish.Run, p.Page, []form.Reading{{Field: "date", Text: "1", Reasons: []form.Reason{form.ReasonUnsure}}}); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"어긋나", "그림 밖", "해상도"} {
		s.get(fmt.Sprintf("/pages/%d", id)).says(".faults", words)
		s.get(fmt.Sprintf("/pages/%d/place", id)).says(".faults", words)
	}
}
