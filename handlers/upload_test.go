package handlers

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// parts returns a multipart body and its content type: pairs are the names and
// values of fields; a name "file:x.pdf" is a file called x.pdf.
func parts(t testing.TB, pairs ...string) (*bytes.Buffer, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		var err error
		if name, isFile := strings.CutPrefix(pairs[i], "file:"); isFile {
			part, e := w.CreateFormFile("file", name)
			if err = e; err == nil {
				_, err = part.Write([]byte(pairs[i+1]))
			}
		} else {
			err = w.WriteField(pairs[i], pairs[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b, w.FormDataContentType()
}

// handIn hands files in and returns the address of their submission.
func (s *site) handIn(pairs ...string) string {
	s.Helper()
	body, kind := parts(s, pairs...)
	a := s.do(http.MethodPost, "/submissions", body, "Content-Type", kind).status(http.StatusSeeOther)
	return a.Header.Get("Location")
}

// wait waits until the machine has finished with a submission.
func (s *site) wait(path string) *answer {
	s.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		a := s.get(path).status(http.StatusOK)
		if attr(a.one("#pages"), "hx-get") == "" {
			return a
		}
		if time.Now().After(deadline) {
			s.Fatalf("not finished after 10 s:\n%s", a.body)
		}
	}
}

func TestUpload(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.client.Jar.SetCookies(mustParse(t, s.server.URL), []*http.Cookie{{Name: "language", Value: "en"}})
	path := s.handIn("domain", domain, "template", "",
		"file:가.jpg", "done 성명=홍길동 번호=0123\nreview 성명=홍길도?\nunmatched",
		"file:나.pdf", "failed encrypted",
		"file:다.png", "")

	a := s.get(path).status(http.StatusOK).says("[role=status]", "3 pages so far")
	if live := a.one("#pages"); attr(live, "hx-get") != path+"/pages" || attr(live, "hx-trigger") != "every 1s" {
		t.Errorf("the page does not ask again: %v", live.Attr)
	}
	if got := len(a.all("tbody")); got != 1 {
		t.Fatalf("%d tables", got)
	}
	fragment := s.get(path+"/pages", "HX-Request", "true").status(http.StatusOK)
	if len(fragment.all("header")) != 0 || len(fragment.all("#pages")) != 1 {
		t.Errorf("the fragment is not one:\n%s", fragment.body)
	}

	s.read()
	a = s.wait(path).says("[role=status]", "5 pages")
	var counts []string
	sum := 0
	for _, n := range a.all(".number") {
		if n.Data == "b" {
			counts = append(counts, text(n))
			c, _ := strconv.Atoi(text(n))
			sum += c
		}
	}
	if got := strings.Join(counts, " "); got != "0 0 1 1 1 2" || sum != 5 {
		t.Errorf("waiting, reading, review, done, unmatched, failed: %s", got)
	}
	a.says("td", "The PDF is locked with a password. Save it without one and upload it again.")
	a.says("td", "The file is empty.")
	a.says("td", "Review 1 value")
	if next := attr(a.one("#next"), "href"); next != "/pages/"+pageID(t, s, form.StateReview) {
		t.Errorf("the review begins at %s", next)
	}
	if strings.Contains(s.log.String(), "가.jpg") {
		t.Error("the log has a file name")
	}
}

// pageID returns the ID of the only page in a state.
func pageID(t testing.TB, s *site, state form.State) string {
	t.Helper()
	pages, err := s.cfg.DB.Pages(t.Context(), form.Everything, pagesIn(state))
	if err != nil || len(pages) != 1 {
		t.Fatalf("%d pages in state %s, %v", len(pages), state, err)
	}
	return strconv.Itoa(int(pages[0].ID))
}

func TestUploadByScript(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	body, kind := parts(t, "domain", domain, "file:가.jpg", "done")
	a := s.do(http.MethodPost, "/submissions", body, "Content-Type", kind, "HX-Request", "true").status(http.StatusNoContent)
	if got := a.Header.Get("HX-Redirect"); got != "/submissions/1" {
		t.Errorf("goes to %q", got)
	}
}

func TestBadUploads(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.cfg.Limits.Bytes, s.cfg.UploadBytes, s.cfg.UploadFiles = 1000, 5000, 3
	jar := s.client.Jar
	s.start()
	s.client.Jar = jar
	tests := []struct {
		name   string
		pairs  []string
		status int
		says   string
	}{
		{"no file", []string{"domain", domain}, http.StatusUnprocessableEntity, "올릴 파일을 골라 주세요."},
		{"no name", []string{"domain", domain, "file:", ""}, http.StatusUnprocessableEntity, "올릴 파일을 골라 주세요."},
		{"no such domain", []string{"domain", "99", "file:a.jpg", "done"}, http.StatusNotFound, "찾는 것이 없습니다."},
		{"no domain", []string{"file:a.jpg", "done"}, http.StatusNotFound, "찾는 것이 없습니다."},
		{"domain that is no number", []string{"domain", "x", "file:a.jpg", "done"}, http.StatusBadRequest, "요청을 이해하지 못했습니다."},
		{"no such template", []string{"domain", domain, "template", "99", "file:a.jpg", "done"}, http.StatusNotFound, "찾는 것이 없습니다."},
		{"too many bytes", []string{"domain", domain, "file:a.jpg", strings.Repeat("x", 6000)}, http.StatusRequestEntityTooLarge, "한 번에 올리기에는 너무 큽니다."},
		{"too many files", []string{"domain", domain, "file:a", "1", "file:b", "2", "file:c", "3", "file:d", "4"}, http.StatusRequestEntityTooLarge, "한 번에 올리기에는 너무 큽니다."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body, kind := parts(t, tt.pairs...)
			s.do(http.MethodPost, "/submissions", body, "Content-Type", kind).status(tt.status).says("main", tt.says)
		})
	}
	t.Run("not multipart", func(t *testing.T) {
		s.post("/submissions", url.Values{"domain": {domain}}).status(http.StatusBadRequest)
	})
	t.Run("cut off", func(t *testing.T) {
		body, kind := parts(t, "domain", domain, "file:a.jpg", "done 성명=홍길동")
		body.Truncate(body.Len() - 60)
		s.do(http.MethodPost, "/submissions", body, "Content-Type", kind).status(http.StatusBadRequest)
	})
	list, err := s.cfg.DB.Pages(t.Context(), form.Everything, pagesIn(""))
	if err != nil || len(list) != 0 {
		t.Errorf("%d pages were taken in, %v", len(list), err)
	}
}

func TestUploadPage(t *testing.T) {
	s := openSite(t)
	s.get("/").says("h1", "서식 올리기").says("main", "먼저 도메인을 만들어 주세요.")
	if _, _, err := s.cfg.DB.AddDomain(t.Context(), form.Command, "가나다", []string{"ko"}); err != nil {
		t.Fatal(err)
	}
	s.get("/").says("main", "서비스 중인 템플릿이 없습니다")
	s.addDomain("총무과", "출장 신청서")
	second := s.addDomain("경리과", "지출 결의서")
	a := s.get("/").says("#domain", "가나다").says("#domain", "총무과").says("#template", "찾기 (자동)")
	if strings.Contains(text(a.one("#template")), "출장 신청서") {
		t.Error("templates of another domain are offered")
	}
	a = s.get("/templates/options?domain="+strconv.Itoa(int(second)), "HX-Request", "true").status(http.StatusOK)
	if got := string(a.body); !strings.Contains(got, "지출 결의서") || !strings.Contains(got, "찾기 (자동)") || strings.Contains(got, "출장") {
		t.Errorf("options of the second domain: %s", got)
	}
	if len(a.all("header")) != 0 {
		t.Error("a whole page is sent")
	}
}

func TestSamples(t *testing.T) {
	s := openSite(t)
	s.addDomain("총무과", "출장 신청서")
	if got := s.get("/").all(".samples"); len(got) > 0 {
		t.Error("samples are offered where nothing can read them")
	}
	domain := strconv.Itoa(int(s.addDomain("데모", demoNames().template)))
	s.handIn("domain", domain, "file:가.jpg", "done") // now this is the usual domain
	names := demoNames().scans
	a := s.get("/")
	if got := len(a.all("button[name=sample]")); got != len(names)+1 {
		t.Fatalf("%d buttons for %d samples", got, len(names))
	}
	tests := []struct {
		sample string
		want   []string
	}{
		{"all", names},
		{"1", names[1:2]},
	}
	for _, tt := range tests {
		a := s.post("/samples", url.Values{"domain": {domain}, "sample": {tt.sample}}).status(http.StatusSeeOther)
		if got := s.get(a.Header.Get("Location")).listed(); !slices.Equal(got, tt.want) {
			t.Errorf("sample %s: %q, want %q", tt.sample, got, tt.want)
		}
	}
	for _, bad := range []string{"", "x", "-1", strconv.Itoa(len(names))} {
		s.post("/samples", url.Values{"domain": {domain}, "sample": {bad}}).status(http.StatusBadRequest)
	}
	s.post("/samples", url.Values{"domain": {"99"}, "sample": {"all"}}).status(http.StatusNotFound)
}

func mustParse(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
