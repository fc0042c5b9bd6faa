package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/seosik/seosik/internal/form"
)

// reviews posts what a person says of a field, and returns the answer.
func (s *site) reviews(page form.PageID, field int, text string) *answer {
	s.Helper()
	return s.post(fmt.Sprintf("/pages/%d/corrections", page),
		url.Values{"field": {fmt.Sprint(field)}, "run": {"1"}, "seen": {"0"}, "text": {text}}, "HX-Request", "true")
}

// A probe is shown as a doubtful value to one person alone. Whoever takes it for
// right is told, and says then what is right; nothing else ever has it.
func TestVigilance(t *testing.T) {
	s := openSite(t)
	s.addUser("lee")
	tpl := s.addTemplate()
	const read = "2026-11-22"
	plain := s.addPage(tpl)
	s.get(fmt.Sprintf("/pages/%d", plain)).status(http.StatusOK).says(".left", "2") // the office has not turned it on
	s.post("/vigilance", url.Values{"share": {"0.3"}}).status(http.StatusBadRequest)
	if err := s.cfg.DB.SetVigilance(t.Context(), form.Command, 1); err != nil {
		t.Fatal(err)
	}
	found := func(page form.PageID) bool {
		return len(s.find("value="+read).all(fmt.Sprintf("[href=/pages/%d]", page))) > 0
	}
	probed := func() (page form.PageID, shown string) {
		page = s.addPage(tpl)
		s.index()
		if !found(page) {
			t.Error("a page is not found before it has a probe")
		}
		a := s.get(fmt.Sprintf("/pages/%d", page)).status(http.StatusOK).says(".left", "3")
		shown = attr(a.one("#field-0-input"), "value")
		if shown == read || len(shown) != len(read) || strings.Contains(string(a.body), read) {
			t.Fatalf("%q is shown", shown)
		}
		if again := attr(s.get(fmt.Sprintf("/pages/%d", page)).one("#field-0-input"), "value"); again != shown {
			t.Errorf("%q is shown, and then %q", shown, again)
		}
		// Its story gives it not away, and the sheet asks nothing of it.
		s.get(fmt.Sprintf("/pages/%d/story", page)).status(http.StatusOK).says("main", shown)
		if found(page) {
			t.Error("the history gives it away")
		}
		onSheet := func() bool {
			rows := s.get(fmt.Sprintf("/sheet?template=%d&field=%s&all=1", tpl.ID, tpl.Fields[0].ID)).status(http.StatusOK).all("tr.line")
			return slices.ContainsFunc(rows, func(n *html.Node) bool { return attr(n, "data-page") == fmt.Sprint(page) })
		}
		if onSheet() {
			t.Error("the sheet gives it away")
		}
		s.as("lee")
		if !onSheet() {
			t.Error("another one's sheet is without it")
		}
		if other := attr(s.get(fmt.Sprintf("/pages/%d", page)).one("#field-0-input"), "value"); other != read {
			t.Errorf("another one sees %q", other)
		}
		s.everything(page, func(path string, a *answer) {
			if strings.Contains(string(a.body), shown) {
				t.Errorf("%s has it too", path)
			}
		})
		s.as("admin")
		return page, shown
	}
	s.template = tpl

	missed, shown := probed()
	for range 2 { // the answer was lost, and it is sent again
		a := s.reviews(missed, 0, shown).status(http.StatusUnprocessableEntity).says("p.wrong", "한 글자를 바꾼 값")
		if got := attr(a.one("[name=told]"), "value"); got != "yes" {
			t.Errorf("the row says %q of it", got)
		}
	}
	r, err := s.cfg.DB.Record(t.Context(), form.Everything, missed)
	if err != nil || len(r.Values[0].Corrections) > 0 || r.Values[0].Text() != read {
		t.Errorf("a missed probe is kept: %+v, %v", r.Values[0], err)
	}
	a := s.get(fmt.Sprintf("/pages/%d", missed)).status(http.StatusOK).says("p.wrong", "한 글자를 바꾼 값")
	if got := attr(a.one("#field-0-input"), "value"); got != read {
		t.Errorf("then %q is shown", got)
	}
	s.reviews(missed, 0, read).status(http.StatusOK).says(".mark", "확인함")

	caught, _ := probed()
	s.reviews(caught, 0, read).status(http.StatusOK).says(".mark", "확인함").says(".left", "2")
	if s.index(); !found(caught) {
		t.Error("a page is not found after its probe is answered")
	}
	void, _ := probed()
	s.reviews(void, 0, "2026-12-31").status(http.StatusOK).says(".mark", "고침")
	insists, shown := probed()
	s.reviews(insists, 0, shown).status(http.StatusUnprocessableEntity)
	s.post(fmt.Sprintf("/pages/%d/corrections", insists), url.Values{"field": {"0"}, "run": {"1"}, "seen": {"0"}, "told": {"yes"}, "text": {shown}}, "HX-Request", "true").
		status(http.StatusOK).says(".mark", "고침")

	a = s.get("/vigilance").status(http.StatusOK).says("strong", "50.0 %").says("p", "2개 가운데 1개").says("td", "date").says("td", "스캔.png")
	if strings.Contains(text(a.one("main")), "admin") || len(a.all("tbody")) != 1 {
		t.Error("who missed it is said")
	}
	s.post("/vigilance", url.Values{"share": {"0"}}).goesTo("/vigilance")
	page := s.addPage(tpl)
	s.get(fmt.Sprintf("/pages/%d", page)).says(".left", "2")
}
