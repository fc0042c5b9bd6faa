package handlers

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

// index has all pages be found by what they hold.
func (s *site) index() {
	s.Helper()
	for n := 1; n > 0; {
		var err error
		if n, err = s.cfg.DB.IndexPages(s.Context()); err != nil {
			s.Fatal(err)
		}
	}
}

// past returns a site with three pages that are read.
func past(t *testing.T) *site {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.read()
	s.wait(s.handIn("domain", domain, "file:가.jpg", "done 성명=홍길동 번호=010-1234-5678\nreview 성명=김철수?"))
	s.wait(s.handIn("domain", domain, "file:나.jpg", "done 성명=홍길순 번호=7"))
	s.index()
	return s
}

func TestPagesAreFoundByTheirValues(t *testing.T) {
	s := past(t)
	a := s.find("value=" + url.QueryEscape("홍길"))
	a.says(".match", "홍길동").says(".match", "홍길순").says("[role=status]", "2쪽")
	if n := len(a.listed()); n != 2 {
		t.Errorf("%d pages", n)
	}
	address := a.Request.URL.RequestURI()
	if strings.Contains(address, "%") || strings.Contains(s.log.String(), "홍길") || strings.Contains(s.log.String(), url.QueryEscape("홍길")) {
		t.Errorf("what is looked for is in the address %s, or in the log", address)
	}
	for query, want := range map[string]int{
		"value=01012345678": 1,
		"value=" + url.QueryEscape("홍길동") + "&state=review":               0,
		"value=" + url.QueryEscape("김") + "&state=review":                 1,
		"value=" + url.QueryEscape("홍") + "&name=" + url.QueryEscape("나"): 1,
		"person=1":              3,
		"person=1&state=review": 1,
		"person=99":             0,
		"value=-":               0,
	} {
		if n := len(s.find(query).listed()); n != want {
			t.Errorf("%s: %d pages, want %d", query, n, want)
		}
	}
	s.post("/pages/search", url.Values{"value": {strings.Repeat("가", maxWords+1)}}).status(http.StatusBadRequest)
	// A corrected value is found as it was read, and as it is.
	s.find("value="+url.QueryEscape("김철")).says("td.cut", "가.jpg")
	// Words are the person's own, and not for ever.
	s.addUser("이")
	mine := s.client.Jar
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.client.Jar = jar
	s.logIn("이", testPassword)
	s.get(address).status(http.StatusOK).says(".nothing", "더 이상 보관")
	s.client.Jar = mine
	if n := len(s.get(address).status(http.StatusOK).listed()); n != 2 {
		t.Errorf("%d pages", n)
	}
	s.post("/logout", nil)
	s.logIn("admin", testPassword)
	s.get(address).status(http.StatusOK).says(".nothing", "더 이상 보관")
	s.post("/bulk", url.Values{"act": {"trash"}, "all": {"1"}, "filter": {a.Request.URL.RawQuery}}).status(http.StatusGone)
}

func TestFiltersAreSaved(t *testing.T) {
	s := past(t)
	a := s.find("state=done&value=" + url.QueryEscape("길순"))
	filter := attr(a.all("input[name=filter]")[0], "value")
	save := func(name string, more ...string) {
		t.Helper()
		v := url.Values{"name": {name}, "filter": {filter}}
		for _, m := range more {
			v.Set(m, "1")
		}
		s.post("/views", v).status(http.StatusSeeOther)
	}
	save("끝난 것", "shared")
	save("길순 씨", "words")
	open := func(id int) *answer {
		t.Helper()
		return s.get(s.get(fmt.Sprintf("/views/%d", id)).status(http.StatusSeeOther).Header.Get("Location")).status(http.StatusOK)
	}
	if a := open(1); len(a.listed()) != 2 || attr(a.one("#value"), "value") != "" {
		t.Errorf("the view lists %q", a.listed())
	}
	if a := open(2).says(".view", "끝난 것").says(".view", "길순 씨"); len(a.listed()) != 1 {
		t.Errorf("the view with words lists %q", a.listed())
	}
	v, err := s.cfg.DB.View(t.Context(), 1, 1)
	if err != nil || !v.Shared || v.Filter != (db.SavedFilter{State: "done"}) {
		t.Errorf("view %+v, %v", v, err)
	}
	s.post("/views", url.Values{"name": {" "}, "filter": {filter}}).status(http.StatusBadRequest)
	s.post("/views/2/remove", nil).goesTo("/pages")
	s.get("/views/2").status(http.StatusNotFound)
}

// finished waits until what is done with many pages is.
func (s *site) finished(path string) *answer {
	s.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if a := s.get(path).status(http.StatusOK); attr(a.one("#bulk"), "hx-get") == "" {
			return a
		}
	}
	s.Fatal("it never ends")
	return nil
}

func TestSomethingIsDoneWithManyPages(t *testing.T) {
	s := past(t)
	s.post("/bulk", url.Values{"act": {"trash"}}).status(http.StatusUnprocessableEntity)
	s.post("/bulk", url.Values{"act": {"burn"}, "page": {"1"}}).status(http.StatusBadRequest)
	all := url.Values{"act": {"trash"}, "all": {"1"}, "filter": {"state=done"}}
	s.post("/bulk", all).status(http.StatusOK).says("h1", "2쪽을 삭제할까요").says("p", "30일")
	all.Set("confirmed", "1")
	all.Set("count", "3")
	s.post("/bulk", all).status(http.StatusUnprocessableEntity).says(".wrong", "다릅니다")
	all.Set("count", "2")
	path := s.post("/bulk", all).status(http.StatusSeeOther).Header.Get("Location")
	s.finished(path).says("[role=status]", "2쪽을 마쳤습니다")
	if n := len(s.get("/pages").listed()); n != 1 {
		t.Errorf("%d pages are left", n)
	}
	left := s.get("/pages").one("input[name=page]")
	path = s.post("/bulk", url.Values{"act": {"again"}, "page": {attr(left, "value")}, "confirmed": {"1"}}).status(http.StatusSeeOther).Header.Get("Location")
	s.finished(path).says("[role=status]", "1쪽을 마쳤습니다")
}

// Who is to have pages is said before they are assigned; what needs nobody is left.
func TestManyPagesAreAssignedAndDownloaded(t *testing.T) {
	s := past(t)
	all := url.Values{"act": {"assign"}, "all": {"1"}, "filter": {""}, "to": {"1"}}
	a := s.get("/pages").status(http.StatusOK)
	a.one("select[name=to]")
	a = s.post("/bulk", all).status(http.StatusOK).says("h1", "3쪽을").says("p", "에게만 나오고")
	a.one("input[name=to]")
	s.post("/bulk", url.Values{"act": {"assign"}, "page": {"1"}}).status(http.StatusOK).says("h1", "모두에게")
	s.post("/bulk", url.Values{"act": {"assign"}, "page": {"1"}, "to": {"99"}}).status(http.StatusBadRequest)
	all.Set("confirmed", "1")
	s.finished(s.post("/bulk", all).status(http.StatusSeeOther).Header.Get("Location")).says("[role=status]", "건너뛰었습니다")
	counts, err := s.cfg.DB.QueueCounts(t.Context(), form.Everything, 1, db.QueueFilter{Who: db.WhoMine})
	if err != nil || len(counts) == 0 {
		t.Errorf("assigned: %v, %v", counts, err)
	}

	to := s.post("/bulk", url.Values{"act": {"export"}, "all": {"1"}, "filter": {"state=done"}}).status(http.StatusSeeOther).Header.Get("Location")
	a = s.get(to).status(http.StatusOK).says(".selected", "2쪽, 끝난 것 2쪽")
	f := url.Values{
		"template": {strconv.Itoa(int(s.template.ID))}, "format": {"csv"}, "columns": {"all"}, "state": {"done"},
		"selection": {attr(a.one("input[name=selection]"), "value")},
	}
	if got := string(s.made(f).body); strings.Count(got, "\n") != 3 {
		t.Errorf("what was chosen is %q", got)
	}
	f.Set("selection", "1")
	s.post("/export/files", f).status(http.StatusNotFound) // pages that were assigned, and chosen for nothing else
}

func TestAPageIsReopenedAndTellsItsStory(t *testing.T) {
	s := past(t)
	pages, err := s.cfg.DB.Pages(t.Context(), form.Everything, pagesIn(form.StateDone))
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/pages/%d", pages[0].ID)
	s.get(path).says(".reopen", "다시 검토")
	s.post(path+"/close", nil).goesTo(path) // nothing to do
	s.post(path+"/reopen", url.Values{"note": {"도장 확인"}}).goesTo(path)
	s.post(path+"/reopen", nil).status(http.StatusConflict)
	s.get(path).says(".reopen", "도장 확인").says(".state", "검토")
	s.get(path+"/story").status(http.StatusOK).says("li", "도장 확인").says("td", "홍길순").says("th", "성명")
	s.post(path+"/close", nil).goesTo(path)
	if p, err := s.cfg.DB.Page(t.Context(), form.Everything, pages[0].ID); err != nil || p.State != form.StateDone {
		t.Errorf("it is %s, %v", p.State, err)
	}
	s.get("/pages/999/story").status(http.StatusNotFound)
}

func TestSamplesAreRemoved(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", demoNames().template)))
	id, err := strconv.ParseInt(domain, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	var docs []form.Document
	for _, scan := range demo.Load().Scans {
		docs = append(docs, form.Document{Name: scan.Name, Blob: blob.KeyOf(scan.Data)})
	}
	if _, err := s.cfg.DB.AddSubmission(t.Context(), form.Person(1), form.Submission{Domain: form.DomainID(id)}, docs, func(_ *sql.Tx, chores []db.Chore) error {
		for i, c := range chores {
			docs[i].ID = c.Document
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		if _, err := s.cfg.DB.SetPages(t.Context(), d.ID, 1); err != nil {
			t.Fatal(err)
		}
	}
	s.get("/").says(".samples", "견본 모두 지우기")
	s.post("/samples/remove", nil).goesTo("/bulk/1")
	for n := 1; n > 0; {
		if n, err = s.cfg.DB.DoBulk(t.Context(), func(*sql.Tx, []db.Chore) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	s.finished("/bulk/1")
	if n := len(s.get("/pages").listed()); n != 0 {
		t.Errorf("%d pages are left", n)
	}
	if n, err := s.cfg.DB.CountTrash(t.Context(), form.Everything, 99); err != nil || n < len(demo.Load().Scans) {
		t.Errorf("%d pages are in the trash, %v", n, err)
	}
	if len(s.get("/").all(".samples")) != 0 {
		t.Error("samples are offered still")
	}
	s.post("/samples/remove", nil).goesTo("/")
}
