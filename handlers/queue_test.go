package handlers

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

// colleague returns the site as another person sees it, who is logged in.
func (s *site) colleague(name string, grants ...form.Grant) *site {
	s.Helper()
	s.addUser(name, grants...)
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	client := *s.client
	client.Jar = jar
	other := &site{TB: s.TB, cfg: s.cfg, blobs: s.blobs, server: s.server, client: &client, log: s.log}
	other.logIn(name, testPassword)
	return other
}

// exactly ends the test where the answer is another.
func (a *answer) exactly(want string) {
	a.s.Helper()
	a.status(http.StatusOK)
	if got := strings.TrimSpace(string(a.body)); got != want {
		a.s.Fatalf("%s: %s, want %s", a.Request.URL.Path, got, want)
	}
}

func TestTwoClerksOnOneQueue(t *testing.T) {
	s := openSite(t)
	tpl := s.addTemplate()
	first, second, third := s.addPage(tpl), s.addPage(tpl), s.addPage(tpl)
	lee := s.colleague("lee")
	page := func(id form.PageID) string { return fmt.Sprintf("/pages/%d", id) }
	after := func(id form.PageID) url.Values { return url.Values{"after": {fmt.Sprint(id)}, "order": {"worst"}} }

	s.get("/review?order=worst").goesTo(page(first) + "?order=worst")
	lee.get("/review?order=worst").goesTo(page(second) + "?order=worst")
	lee.get(page(first)).status(http.StatusOK).says("[role=alert]", "admin 님이 보고 있습니다. 늦어도 5분 뒤에는 풀립니다.")
	lee.post(page(first)+"/claim", nil).exactly(`{"by":"admin","free":299,"mine":false}`)
	s.post(page(first)+"/claim", nil).exactly(`{"mine":true}`)

	ahead := after(first)
	ahead.Set("with", "ahead")
	s.post("/queue/next", ahead).exactly(fmt.Sprintf(`{"page":%d,"path":"/pages/%d?order=worst","left":3,"of":3,"done":0}`, third, third))
	lee.post("/queue/next", after(second)).exactly(fmt.Sprintf(`{"page":%d,"path":"/pages/%d?order=worst","left":3,"of":3,"done":0}`, second, second)) // nothing else is free
	s.post("/queue/next", after(first)).exactly(fmt.Sprintf(`{"page":%d,"path":"/pages/%d?order=worst","left":3,"of":3,"done":0}`, third, third))

	lee.get("/queue").status(http.StatusOK).says(".with", "admin 보는 중 · 5분 안에 풀림").says(".with", "내가 보는 중")
	lee.post(page(third)+"/claim/take?order=worst", nil).goesTo(page(third) + "?order=worst")
	s.post(page(third)+"/claim", nil, "HX-Request", "true").status(http.StatusOK)
	s.get(page(third)+"/queue").status(http.StatusOK).says("[role=alert]", "lee 님이 보고 있습니다")
	lee.post(page(third)+"/claim/release", url.Values{"left": {"true"}}).status(http.StatusNoContent)
	s.post(page(third)+"/claim", nil).exactly(`{"mine":true}`)
	s.post(page(third)+"/claim/release?order=worst", nil).goesTo("/queue?order=worst")
}

func TestPagesAreSetAsideHandedOverAndNoted(t *testing.T) {
	s := openSite(t)
	tpl := s.addTemplate()
	first, second := s.addPage(tpl), s.addPage(tpl)
	lee := s.colleague("lee")
	page := fmt.Sprintf("/pages/%d", first)

	s.post(page+"/aside?order=quick", url.Values{"kind": {"rescan"}}).goesTo(fmt.Sprintf("/review?after=%d&order=quick", first))
	s.get("/review").goesTo(fmt.Sprintf("/pages/%d", second))
	s.get("/queue?state=rescan").status(http.StatusOK).says("td", "다시 스캔").says("a", "스캔.png")
	a := s.post(page+"/aside", url.Values{"kind": {"later"}}, "HX-Request", "true").status(http.StatusOK)
	if a.says("#queue-bar", "나중에 · admin"); a.Header.Get("HX-Trigger") != "queue:leave" {
		t.Error("the page stays open though it is set aside")
	}
	s.post(page+"/aside", url.Values{"kind": {"none"}, "back": {"later"}}).goesTo("/queue?state=later")

	p, err := s.cfg.DB.Page(t.Context(), form.Everything, second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.cfg.DB.SetPages(t.Context(), p.Document, 1); err != nil {
		t.Fatal(err)
	}
	gone, next := fmt.Sprint(second), url.Values{"then": {"next"}}
	s.post("/pages/"+gone+"/delete?order=quick", next).goesTo("/review?after=" + gone + "&order=quick&trashed=" + gone)
	s.get("/review?after=" + gone + "&trashed=" + gone).goesTo(page + "?trashed=" + gone)
	if a := s.get(page+"?trashed="+gone).status(http.StatusOK).says("#trashed", "30일"); attr(a.one(".reviewing"), "data-path") != page {
		t.Error("what was deleted is said for ever")
	}
	s.post("/trash/restore", url.Values{"page": {gone}, "then": {"page"}}).goesTo("/pages/" + gone)
	if a := s.post("/pages/"+gone+"/delete", next, "HX-Request", "true").status(http.StatusOK).says("form", "30일"); a.Header.Get("HX-Trigger") != "queue:trashed" {
		t.Error("the page stays open though it is deleted")
	}
	s.post("/trash/restore", url.Values{"page": {gone}}).goesTo("/trash")

	s.post(page+"/assign", url.Values{"user": {"2"}, "note": {"도장을 <b>보세요</b>"}}).goesTo(page)
	lee.get("/queue?who=mine").status(http.StatusOK).says(".with", "담당 lee").says(".with", "메모 1")
	lee.get(page).says(".last-note", "도장을 <b>보세요</b>")
	lee.post(page+"/notes", url.Values{"text": {"봤습니다"}}, "HX-Request", "true").status(http.StatusOK).says("li", "봤습니다")
	if strings.Contains(s.log.String(), "도장") {
		t.Error("a note is in the log")
	}
	for name, tt := range map[string]struct {
		path   string
		form   url.Values
		status int
	}{
		"no such kind":  {page + "/aside", url.Values{"kind": {"x"}}, http.StatusBadRequest},
		"no such user":  {page + "/assign", url.Values{"user": {"99"}}, http.StatusNotFound},
		"a long note":   {page + "/notes", url.Values{"text": {strings.Repeat("가", 1001)}}, http.StatusUnprocessableEntity},
		"no such page":  {"/pages/99/claim", nil, http.StatusNotFound},
		"no such order": {"/queue/next", url.Values{"order": {"worst; --"}}, http.StatusBadRequest},
		"no such state": {"/queue/next", url.Values{"state": {"second"}}, http.StatusBadRequest},
		"no such age":   {"/queue/next", url.Values{"age": {"-1"}}, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			if a := s.post(tt.path, tt.form); a.StatusCode != tt.status {
				t.Errorf("status %d, want %d", a.StatusCode, tt.status)
			}
		})
	}
}

func TestWhereNothingIsToReview(t *testing.T) {
	s := openSite(t)
	s.get("/queue").status(http.StatusOK).says(".nothing", "여기에는 검토할 것이 없습니다.")
	s.post("/queue/next", nil).status(http.StatusNoContent)
	if len(s.get("/queue").all("#start")) > 0 {
		t.Error("there is something to start")
	}
}
