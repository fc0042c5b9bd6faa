package handlers

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// shows returns the numbers of the pages in the rows of a, and the states
// they are in.
func (a *answer) shows() (rows []string) {
	for _, n := range a.all("tr") {
		if strings.HasPrefix(attr(n, "id"), "page-") {
			rows = append(rows, strings.Join(strings.Fields(text(n)), " "))
		}
	}
	return rows
}

// asks returns what a page asks for when it asks for news.
func (a *answer) asks() string {
	path := attr(a.one("#pages"), "hx-get")
	and := "?"
	if strings.Contains(path, "?") {
		and = "&"
	}
	for _, n := range a.all("input") {
		path += and + attr(n, "name") + "=" + attr(n, "value")
		and = "&"
	}
	return path
}

func TestASubmissionSendsOnlyWhatIsNew(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	path := s.handIn("domain", domain, "file:가.jpg", "done", "file:나.jpg", "done", "file:다.jpg", "done")
	list, err := s.cfg.DB.Pages(t.Context(), form.Everything, db.PageFilter{})
	if err != nil || len(list) != 3 {
		t.Fatal(len(list), err)
	}
	second := list[1].Document
	a := s.get(path).status(http.StatusOK)

	s.get(a.asks(), "HX-Request", "true").status(http.StatusNoContent)

	if _, err := s.cfg.DB.Begin(t.Context(), db.Chore{Document: second}); err != nil {
		t.Fatal(err)
	}
	news := s.get(a.asks(), "HX-Request", "true").status(http.StatusOK)
	if got := news.Header.Get("HX-Reswap"); got != "none" {
		t.Errorf("HX-Reswap = %q: the table would be replaced", got)
	}
	if got := fmt.Sprint(news.shows()); got != "[읽는 중 나.jpg 1]" {
		t.Errorf("rows %s", got)
	}
	for _, n := range append([]*html.Node{news.one("#tally")}, news.all("tr")...) {
		if attr(n, "hx-swap-oob") != "true" {
			t.Errorf("#%s has no place", attr(n, "id"))
		}
	}
	news.says("#tally", "지금까지 3쪽")

	// A page that is found may come between two others.
	if _, err := s.cfg.DB.SetPages(t.Context(), second, 2); err != nil {
		t.Fatal(err)
	}
	whole := s.get(a.asks(), "HX-Request", "true").status(http.StatusOK)
	if got := whole.shows(); len(got) != 4 || whole.Header.Get("HX-Reswap") != "" {
		t.Errorf("rows %q", got)
	}
	whole.says("#pages", "지금까지 4쪽")
	s.get(whole.asks(), "HX-Request", "true").status(http.StatusNoContent)

	// At the end it is told once, and asks no more.
	for _, d := range list {
		if err := s.cfg.DB.FailDocument(t.Context(), d.Document, form.FailDamaged); err != nil {
			t.Fatal(err)
		}
	}
	end := s.get(whole.asks(), "HX-Request", "true").status(http.StatusOK).says("#pages", "모두 4쪽")
	if got := end.shows(); len(got) != 4 || attr(end.one("#pages"), "hx-get") != "" {
		t.Errorf("rows %q, asks %q", got, attr(end.one("#pages"), "hx-get"))
	}
	for _, bad := range []string{"?seen=x&found=1", "?seen=1&found=x", "?after=x"} {
		s.get(path + "/pages" + bad).status(http.StatusBadRequest)
	}
	s.get(path + "/pages?after=99").status(http.StatusNotFound)
}

func TestASubmissionIsListedInParts(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	path := s.handIn("domain", domain, "file:가.pdf", "done", "file:나.pdf", "done")
	docs, err := s.cfg.DB.Pages(t.Context(), form.Everything, db.PageFilter{})
	if err != nil || len(docs) != 2 {
		t.Fatal(len(docs), err)
	}
	for _, d := range docs {
		task, err := s.cfg.DB.SetPages(t.Context(), d.Document, 149)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range task.Open {
			if err := s.cfg.DB.SaveRun(t.Context(), run.Page, run.Run, form.Page{State: form.StateUnmatched}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	var got []string
	var lengths []int
	a := s.get(path)
	for {
		a.status(http.StatusOK).says("[role=status]", "지금까지 298쪽")
		if next := attr(a.one("#next"), "href"); next != fmt.Sprintf("/pages/%d", docs[1].ID) {
			t.Errorf("review begins at %s", next)
		}
		s.get(a.asks(), "HX-Request", "true").status(http.StatusNoContent)
		got = append(got, a.shows()...)
		lengths = append(lengths, len(a.shows()))
		further := a.all("[rel=next]")
		if len(further) == 0 {
			break
		}
		a = s.get(attr(further[0], "href"))
	}
	if fmt.Sprint(lengths) != "[100 100 98]" {
		t.Errorf("parts of %v", lengths)
	}
	for i, row := range got {
		want := fmt.Sprintf("템플릿 없음 %s.pdf %d 템플릿 고르기", []string{"가", "나"}[i/149], i%149+1)
		if row != want {
			t.Fatalf("row %d is %q, want %q", i, row, want)
		}
	}
	if first := attr(a.one("[rel=first]"), "href"); first != path {
		t.Errorf("the first part is at %s", first)
	}
}
