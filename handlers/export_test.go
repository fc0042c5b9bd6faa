package handlers

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/seosik/seosik/internal/form"
)

// exports returns a site with two pages that are done and one that is not, and a
// form that asks for all that is done.
func exports(t *testing.T) (*site, url.Values) {
	t.Helper()
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.read()
	s.wait(s.handIn("domain", domain,
		"file:가.jpg", "done 성명=홍길동 번호=0123 내역[1,0]=숙박비 내역[1,1]=90000",
		"file:나.jpg", "done 성명=뷁é 번호==1+1", "file:다.jpg", "review 성명=김철수?"))
	return s, url.Values{"template": {strconv.Itoa(int(s.template.ID))}, "format": {"csv"}, "state": {"done"}, "columns": {"all"}}
}

// made sends a form and returns the file that comes of it.
func (s *site) made(f url.Values) *answer {
	s.Helper()
	a := s.post("/export/files", f).status(http.StatusSeeOther)
	to := a.Header.Get("Location")
	if !strings.HasPrefix(to, "/export/files/") {
		s.Fatalf("sent to %s, and not to the file", to)
	}
	return s.get(to).status(http.StatusOK)
}

func having(f url.Values, pairs ...string) url.Values {
	g := make(url.Values)
	for k, v := range f {
		g[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		g[pairs[i]] = nil
	}
	for i := 0; i < len(pairs); i += 2 {
		g.Add(pairs[i], pairs[i+1])
	}
	return g
}

func TestExportsAreMade(t *testing.T) {
	s, f := exports(t)
	a := s.made(f)
	if got := string(a.body); got != "\ufeff파일,쪽,성명,번호\r\n가.jpg,1,홍길동,\"=\"\"0123\"\"\"\r\n나.jpg,1,뷁é,'=1+1\r\n" {
		t.Errorf("CSV: %q", got)
	}
	a = s.made(having(f, "format", "xlsx"))
	book, err := excelize.OpenReader(bytes.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if rows, err := book.GetRows("내역"); err != nil || len(rows) != 2 || rows[1][4] != "90000" {
		t.Errorf("the sheet of the table: %q, %v", rows, err)
	}
	a = s.made(having(f, "format", "jsonl", "personal", "yes", "purpose", "work", "reason", "정산"))
	if got := string(a.body); strings.Count(got, "\n") != 2 || !strings.Contains(got, `"tables":{"내역":[{"row":"1","품목":"숙박비","금액":"90000"}]}`) {
		t.Errorf("JSON: %s", got)
	}
	a = s.made(having(f, "columns", "own", "key", "#id", "key", string(s.template.Fields[0].ID), "name", "", "name", "이름",
		"use", "#id", "use", string(s.template.Fields[0].ID)))
	if !strings.HasPrefix(string(a.body), "\ufeff쪽 번호(ID),이름\r\n1,홍길동\r\n") {
		t.Errorf("chosen columns: %q", a.body)
	}
	a = s.made(having(f, "encrypt", "yes", "password", "열려라 참깨 123"))
	if !bytes.HasPrefix(a.body, []byte("PK")) || bytes.Contains(a.body, []byte("홍길동")) {
		t.Errorf("encrypted: %q", a.body)
	}
	s.post("/export/files", having(f, "encrypt", "yes", "password", "짧다")).status(http.StatusUnprocessableEntity).says(".wrong", "암호를 10자 이상 적으십시오.")
	for _, bad := range []url.Values{having(f, "format", "pdf"), having(f, "template", "99"), having(f, "state", "lost"), having(f, "days", "x")} {
		if a := s.post("/export/files", bad); a.StatusCode/100 != 4 {
			t.Errorf("%v: status %d", bad, a.StatusCode)
		}
	}
}

// What CP949 does not have is said before the file is taken.
func TestExportTellsOfWhatDoesNotFit(t *testing.T) {
	s, f := exports(t)
	to := s.post("/export/files", having(f, "cp949", "yes")).status(http.StatusSeeOther).Header.Get("Location")
	if to != "/export#files" {
		t.Fatalf("sent to %s", to)
	}
	a := s.get("/export/files").status(http.StatusOK)
	a.says("summary", "파일에 그대로 들어가지 못한 것이 1개 있습니다.")
	a.says("li", "2쪽 · 성명: é")
	file := s.get(attr(a.all("a")[0], "href")).status(http.StatusOK)
	if !bytes.Contains(file.body, []byte("\xa1\xeb")) || file.Header.Get("Content-Type") != "text/csv; charset=euc-kr" {
		t.Errorf("%q, %s", file.body, file.Header.Get("Content-Type"))
	}
	s.post(attr(a.one("form"), "action"), nil).status(http.StatusSeeOther)
	s.get(attr(a.all("a")[0], "href")).status(http.StatusNotFound)
}

func TestExportShowsWhatItWouldWrite(t *testing.T) {
	s, f := exports(t)
	a := s.get("/export").status(http.StatusOK)
	if got := text(a.all("tbody")[0]); !strings.Contains(got, "홍길동") || strings.Contains(got, "김철수") {
		t.Errorf("the page shows %q", got)
	}
	a = s.post("/export/form", having(f, "state", "review", "columns", "own"), "HX-Request", "true").status(http.StatusOK)
	if got := text(a.all("tbody")[0]); !strings.Contains(got, "김철수") {
		t.Errorf("for review: %q", got)
	}
	if strings.Contains(string(a.body), "<html") {
		t.Error("all of the page is sent")
	}
	keys := func(a *answer) (keys []string) {
		for _, n := range a.all("input[name=key]") {
			keys = append(keys, attr(n, "value"))
		}
		return keys
	}
	before := keys(a)
	moved := having(f, "columns", "own", "down", before[0])
	moved["key"] = before
	after := keys(s.post("/export/form", moved, "HX-Request", "true").status(http.StatusOK))
	if len(before) < 5 || before[0] != after[1] || before[1] != after[0] {
		t.Errorf("moved down: %q, then %q", before, after)
	}
	s.post("/export/form", having(f, "from", "2030-01-01"), "HX-Request", "true").says("p", "고른 조건에 맞는 쪽이 없습니다.")
}

func TestProfilesOfExports(t *testing.T) {
	s, f := exports(t)
	if err := os.Mkdir(s.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	now := time.Now().Local()
	to := s.post("/export/profiles", having(f, "profile-name", "매일", "since", "yes", "folder", s.folder, "at", now.Add(-time.Minute).Format("15:04"))).
		status(http.StatusSeeOther).Header.Get("Location")
	a := s.get(to).status(http.StatusOK)
	a.says(".saved", "저장했습니다.")
	a.says("a[aria-current=page]", "매일")
	id := attr(a.one("input[name=profile]"), "value")
	f = having(f, "profile", id, "since", "yes")
	if got := string(s.made(f).body); strings.Count(got, "\n") != 3 {
		t.Errorf("at first %q", got)
	}
	if got := string(s.made(f).body); got != "\ufeff파일,쪽,고쳐져 다시,성명,번호\r\n" {
		t.Errorf("then %q", got)
	}
	s.post("/export/profiles", having(f, "profile", "0", "profile-name", "매일")).status(http.StatusUnprocessableEntity).says(".wrong", "같은 이름")
	s.post("/export/profiles", having(f, "profile-name", "x", "folder", "/etc")).status(http.StatusBadRequest)
	s.post("/export/profiles", having(f, "profile-name", "../x")).status(http.StatusUnprocessableEntity)
	s.post("/export/profiles/"+id+"/make", nil).status(http.StatusSeeOther)
	for end := time.Now().Add(20 * time.Second); !strings.Contains(string(s.get("/export/files").body), s.folder); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("what is wanted now is not made")
		}
	}
	if list, err := os.ReadDir(s.folder); err != nil || len(list) != 1 {
		t.Errorf("made now: %v, %v", list, err)
	}
	s.post("/export/profiles/999/make", nil).status(http.StatusNotFound)
	s.post("/export/profiles/"+id+"/delete", nil).status(http.StatusSeeOther)
	s.get("/export?profile=" + id).status(http.StatusNotFound)
}

// What a schedule wants made is in its folder, and the page says so.
func TestExportsOfSchedules(t *testing.T) {
	s, _ := exports(t)
	p := form.Profile{Name: "매일", Export: form.Export{Template: s.template.ID, Format: form.FormatCSV}, Schedule: form.Schedule{Folder: s.folder, Hours: 1}}
	if _, err := s.cfg.DB.SaveProfile(t.Context(), form.Command, form.Everything, p); err != nil {
		t.Fatal(err)
	}
	if _, err := s.cfg.DB.Pool().ExecContext(t.Context(), `UPDATE profiles SET next_at = 1`); err != nil {
		t.Fatal(err)
	}
	until := func(what string, ok func(*answer) bool) {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			a := s.get("/export/files").status(http.StatusOK)
			if ok(a) {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%s: %s", what, text(a.one("#files")))
			}
		}
	}
	until("the folder is not there", func(a *answer) bool { return strings.Contains(string(a.body), "폴더가 없거나") })
	if err := os.Mkdir(s.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := s.cfg.DB.Pool().ExecContext(t.Context(), `UPDATE river_job SET scheduled_at = datetime('now') WHERE kind = 'export'`); err != nil {
		t.Fatal(err)
	}
	until("it is not made", func(a *answer) bool { return strings.Contains(string(a.body), s.folder) })
	if list, err := os.ReadDir(s.folder); err != nil || len(list) != 1 || !strings.HasPrefix(list[0].Name(), "매일 ") {
		t.Errorf("%v, %v", list, err)
	}
}
