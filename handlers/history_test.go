package handlers

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// pagesIn returns a filter for the pages in a state, or for all.
func pagesIn(s form.State) db.PageFilter {
	f := db.PageFilter{Limit: 1000}
	if s != "" {
		f.States = []form.State{s}
	}
	return f
}

// listed returns the file names of the pages that are listed.
func (a *answer) listed() (names []string) {
	for _, n := range a.all("td.cut") {
		if strings.Contains(attr(n, "title"), ".") {
			names = append(names, text(n))
		}
	}
	return names
}

func TestHistory(t *testing.T) {
	s := openSite(t)
	s.get("/pages").status(http.StatusOK).says(".nothing", "아직 올린 것이 없습니다.")
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.read()
	s.wait(s.handIn("domain", domain, "file:첫째_1.jpg", "done 성명=홍길동\nunmatched"))
	s.wait(s.handIn("domain", domain, "file:둘째.pdf", "failed damaged"))
	today, tomorrow := time.Now().Format(time.DateOnly), time.Now().AddDate(0, 0, 1).Format(time.DateOnly)
	template := strconv.Itoa(int(s.template.ID))
	tests := []struct {
		name, query string
		want        []string
	}{
		{"all, newest first", "", []string{"둘째.pdf", "첫째_1.jpg", "첫째_1.jpg"}},
		{"state", "state=unmatched", []string{"첫째_1.jpg"}},
		{"template", "template=" + template, []string{"첫째_1.jpg"}},
		{"name", "name=" + url.QueryEscape("둘"), []string{"둘째.pdf"}},
		{"name with a sign of LIKE", "name=_1", []string{"첫째_1.jpg", "첫째_1.jpg"}},
		{"name as a Mac writes it", "name=" + url.QueryEscape("\u1103\u116e\u11af"), []string{"둘째.pdf"}},
		{"today", "from=" + today + "&to=" + today, []string{"둘째.pdf", "첫째_1.jpg", "첫째_1.jpg"}},
		{"tomorrow", "from=" + tomorrow, nil},
		{"until yesterday", "to=2020-01-01", nil},
		{"all at once", "state=done&template=" + template + "&name=jpg&from=" + today, []string{"첫째_1.jpg"}},
		{"empty form", "state=&template=&from=&to=&name=", []string{"둘째.pdf", "첫째_1.jpg", "첫째_1.jpg"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.find(tt.query)
			if diff := cmp.Diff(tt.want, a.listed()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	for _, query := range []string{"state=x", "template=x", "template=-1", "after=x", "from=22.11.2026", "after=9999999"} {
		if a := s.get("/pages?" + query); a.StatusCode/100 != 4 {
			t.Errorf("%s: status %d", query, a.StatusCode)
		}
	}
}

func TestHistoryHasParts(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.read()
	s.wait(s.handIn("domain", domain, "file:많다.tif", strings.Repeat("unmatched\n", 2*historyPart+5)))
	var counts []int
	a := s.find("name=" + url.QueryEscape("많"))
	a.says("[role=status]", "105쪽")
	follow := func(rel string) bool {
		links := a.all("a[rel=" + rel + "]")
		if len(links) > 0 {
			a = s.get(attr(links[0], "href")).status(http.StatusOK)
		}
		return len(links) > 0
	}
	for more := true; more; more = follow("next") {
		counts = append(counts, len(a.listed()))
	}
	if diff := cmp.Diff([]int{historyPart, historyPart, 5}, counts); diff != "" {
		t.Errorf("pages in each part, -want +got:\n%s", diff)
	}
	counts = nil
	for more := true; more; more = follow("prev") {
		counts = append(counts, len(a.listed()))
	}
	if diff := cmp.Diff([]int{5, historyPart, historyPart}, counts); diff != "" {
		t.Errorf("pages in each part backwards, -want +got:\n%s", diff)
	}
	if !follow("last") || len(a.listed()) != historyPart {
		t.Errorf("the last part has %d pages", len(a.listed()))
	}
	if !follow("first") || len(a.all("a[rel=first]")) != 0 {
		t.Error("the first part is not the first")
	}
}

// find looks for pages as the form of the history does.
func (s *site) find(query string) *answer {
	s.Helper()
	q, err := url.ParseQuery(query)
	if err != nil {
		s.Fatal(err)
	}
	to := s.post("/pages/search", q).status(http.StatusSeeOther).Header.Get("Location")
	return s.get(to).status(http.StatusOK)
}

func TestExport(t *testing.T) {
	s := openSite(t)
	s.get("/export").says(".nothing", "아직 템플릿이 없습니다.")
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.read()
	s.wait(s.handIn("domain", domain,
		"file:가.jpg", "done 성명=홍길동 번호=0123 내역[1,0]=숙박비 내역[1,1]=90000",
		"file:나.jpg", "review 성명=김철수?"))
	a := s.get("/export").status(http.StatusOK)
	if got := text(a.one("#part")); got != "항목 표 내역 값의 근거" {
		t.Errorf("parts: %q", got)
	}
	id := strconv.Itoa(int(s.template.ID))
	tests := []struct {
		name, query string
		want        [][]string
	}{
		{"fields", "part=" + id + "&state=done", [][]string{{"파일", "쪽", "성명", "번호"}, {"가.jpg", "1", "홍길동", `="0123"`}}},
		{"for a program", "for=program&part=" + id, [][]string{{"파일", "쪽", "성명", "번호"}, {"가.jpg", "1", "홍길동", "0123"}}},
		{"more states", "state=done&state=review&part=" + id, [][]string{
			{"파일", "쪽", "성명", "번호"}, {"가.jpg", "1", "홍길동", `="0123"`}, {"나.jpg", "1", "김철수", ""},
		}},
		{"table", "part=" + url.QueryEscape(id+":내역"), [][]string{{"파일", "쪽", "행", "품목", "금액"}, {"가.jpg", "1", "1", "숙박비", "90000"}}},
		{"no such days", "to=2020-01-01&part=" + id, [][]string{{"파일", "쪽", "성명", "번호"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.get("/export/csv?" + tt.query).status(http.StatusOK)
			body, hasMark := strings.CutPrefix(string(a.body), "\ufeff")
			if hasMark == strings.Contains(tt.query, "program") {
				t.Errorf("byte order mark: %v", hasMark)
			}
			got, err := csv.NewReader(strings.NewReader(body)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			_, params, err := mime.ParseMediaType(a.Header.Get("Content-Disposition"))
			if err != nil || !strings.HasPrefix(params["filename"], "출장 신청서") || !strings.HasSuffix(params["filename"], ".csv") {
				t.Errorf("file name %q, %v", params["filename"], err)
			}
		})
	}
	for _, query := range []string{"", "part=99", "part=x", "part=" + id + ":none", "part=" + id + "&state=x", "part=" + id + "&from=x"} {
		a := s.get("/export/csv?" + query)
		if a.StatusCode/100 != 4 || a.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: status %d, %q", query, a.StatusCode, a.Header.Get("Content-Disposition"))
		}
	}
}

// Personal data is in the file only where it is asked for.
func TestExportOfPersonalData(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.ruled(func(f *form.Template) {
		f.Fields[0].Personal = form.PersonalName
		f.Combine = []form.Combined{{Name: "표제", Parts: []form.Part{{Field: f.Fields[0].ID}, {Text: "님"}}}}
	})
	s.read()
	s.wait(s.handIn("domain", domain, "file:가.jpg", "done 성명=홍길동 번호=12"))
	s.get(templatePath(s.template.ID)).says(".personal", "개인정보: 이름")
	s.get("/export").says("label", "개인정보 항목도 내려받기")
	for query, want := range map[string]string{
		"":                                     "파일,쪽,번호\r\n가.jpg,1,12\r\n",
		"&personal=yes&purpose=audit&reason=x": "파일,쪽,성명,번호,표제\r\n가.jpg,1,홍길동,12,홍길동님\r\n",
	} {
		a := s.get("/export/csv?for=program&part=" + strconv.Itoa(int(s.template.ID)) + query).status(http.StatusOK)
		if diff := cmp.Diff(want, string(a.body)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
	s.get("/export/csv?part="+strconv.Itoa(int(s.template.ID))+"&personal=yes").status(http.StatusUnprocessableEntity).says("h1", "쓰는 목적")
}

// What is in no version any more can still be had: its columns follow, marked,
// and its table is one of the parts.
func TestExportOfWhatHasRetired(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.read()
	s.wait(s.handIn("domain", domain, "file:가.jpg", "done 성명=홍길동 번호=12 내역[1,0]=숙박비"))
	next := *s.template
	next.Fields = slices.Clone(next.Fields[:1])
	next.Fields[0].Name = "이름"
	next.Tables = nil
	if _, err := s.cfg.DB.SaveTemplate(t.Context(), form.Command, &next); err != nil {
		t.Fatal(err)
	}
	if got := text(s.get("/export").one("#part")); got != "항목 표 내역 (폐지 · 버전 1까지) 값의 근거" {
		t.Errorf("parts: %q", got)
	}
	id := strconv.Itoa(int(s.template.ID))
	for part, want := range map[string][][]string{
		id:         {{"파일", "쪽", "이름", "번호 (폐지 · 버전 1까지)"}, {"가.jpg", "1", "홍길동", "12"}},
		id + ":내역": {{"파일", "쪽", "행", "품목 (폐지 · 버전 1까지)", "금액 (폐지 · 버전 1까지)"}, {"가.jpg", "1", "1", "숙박비", ""}},
	} {
		got, err := csv.NewReader(bytes.NewReader(s.get("/export/csv?for=program&part=" + url.QueryEscape(part)).status(http.StatusOK).body)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", part, diff)
		}
	}
}

func TestExportBreaksOff(t *testing.T) {
	s := openSite(t)
	s.addDomain("총무과", "출장 신청서")
	tests := []struct {
		name    string
		records int // before the error
	}{
		{"before anything is sent", 1},
		{"later", 1000}, // more than is sent at a time
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := func(yield func(form.Record, error) bool) {
				for range tt.records {
					if !yield(form.Record{Page: form.PageInfo{DocumentName: strings.Repeat("x", 100)}}, nil) {
						return
					}
				}
				yield(form.Record{}, errors.New("disk on fire"))
			}
			server := httptest.NewServer(handlerOf(s, func(srv *server, c echo.Context) error {
				return srv.sendCSV(c, []*form.Template{s.template}, &form.Export{Format: form.FormatCSV}, list)
			}))
			defer server.Close()
			resp, err := http.Get(server.URL + "/try/1")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			_, err = io.ReadAll(resp.Body)
			if whole := resp.StatusCode == http.StatusOK && err == nil; whole {
				t.Error("the download looks whole")
			}
		})
	}
}

// Days are those of the zone that the server is in: before nine in the morning
// in Seoul, the day has not begun in UTC.
func TestDaysAreOfTheTimeZone(t *testing.T) {
	zone := time.Local
	t.Cleanup(func() { time.Local = zone })
	time.Local = time.FixedZone("KST", 9*3600)
	c := echo.New().NewContext(httptest.NewRequest("GET", "/pages?from=2026-11-02&to=2026-11-02", nil), nil)
	from, to, err := days(c)
	if err != nil {
		t.Fatal(err)
	}
	early := time.Date(2026, 11, 1, 23, 30, 0, 0, time.UTC) // 08:30 in Seoul
	if early.Before(from) || !early.Before(to) || !to.Equal(from.Add(24*time.Hour)) {
		t.Errorf("the 2nd of November is from %v to %v", from, to)
	}

	// Where it is another day now than in UTC, whatever time it is.
	now := time.Now().UTC()
	hours := 12
	if now.Hour() < 12 {
		hours = -12
	}
	time.Local = time.FixedZone("", hours*3600)
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.read()
	s.wait(s.handIn("domain", domain, "file:첫째.jpg", "done 성명=홍길동"))
	here, utc := now.Local().Format(time.DateOnly), now.Format(time.DateOnly)
	if got := s.get("/pages?from=" + here + "&to=" + here).listed(); len(got) != 1 {
		t.Errorf("pages of %s: %v, want one", here, got)
	}
	if got := s.get("/pages?from=" + utc + "&to=" + utc).listed(); len(got) != 0 {
		t.Errorf("pages of %s: %v, want none", utc, got)
	}
}
