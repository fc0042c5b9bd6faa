package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// openTests returns a site that reads, whose template 1 has a version in service
// and a draft, in which a field is of another type.
func openTests(t testing.TB) *site {
	t.Helper()
	s := openSite(t)
	s.addDomain("총무과", "출장 신청서")
	s.read()
	s.draft(func(f *form.Template) { f.Fields[1].ValueType = form.All })
	return s
}

// draft changes the draft of the site's template.
func (s *site) draft(change func(*form.Template)) *form.Template {
	s.Helper()
	draft := s.template.Clone()
	draft.Stage = form.Draft
	change(draft)
	draft, err := s.cfg.DB.SaveDraft(s.Context(), form.Command, draft)
	if err != nil {
		s.Fatal(err)
	}
	return draft
}

// tests returns the page at path once nothing is read any more.
func (s *site) tests(path string) *answer {
	s.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		a := s.get(path).status(http.StatusOK)
		news := attr(a.one("#cases"), "hx-get")
		if news == "" {
			return a
		}
		if a := s.get(news).status(http.StatusOK); a.Header.Get("HX-Refresh") == "" {
			a.one("#cases")
		}
		if time.Now().After(deadline) {
			s.Fatalf("still reading:\n%s", a.body)
		}
	}
}

// lines returns what the list says of each page.
func (a *answer) lines() (lines []string) {
	for _, list := range a.all(".lines") {
		for n := range list.ChildNodes() {
			if n.Data == "li" {
				lines = append(lines, text(n))
			}
		}
	}
	return lines
}

// valueOf returns the form of the value with a label.
func (a *answer) valueOf(label string) (values url.Values, classes string) {
	a.s.Helper()
	for _, n := range a.all("form.value") {
		values := make(url.Values)
		found := false
		for d := range n.Descendants() {
			found = found || d.Data == "label" && text(d) == label
			if d.Data == "input" && (attr(d, "type") != "checkbox") {
				values.Set(attr(d, "name"), attr(d, "value"))
			}
		}
		if found {
			return values, attr(n, "class")
		}
	}
	a.s.Fatalf("there is no value %q\n%s", label, a.body)
	return nil, ""
}

func TestATemplateIsTested(t *testing.T) {
	s := openTests(t)
	s.get("/templates/1/tests").status(http.StatusOK).says(".nothing", "채운 사본을 놓으면")
	s.upload("/templates/1/tests", nil, map[string][]byte{"김.pdf": []byte("review 성명=김철수 번호=0123?\nunmatched")}).goesTo("/templates/1/tests?case=1")
	a := s.tests("/templates/1/tests")
	if got, want := a.lines(), []string{"김.pdf 1쪽 확인한 값이 없습니다", "김.pdf 2쪽 템플릿 없음"}; !slices.Equal(got, want) {
		t.Errorf("the list says %q, want %q", got, want)
	}
	a.says("#test-head", "확인 전 6개").says("#test-head", "초").says(".why", "잘못 읽었을 수 있습니다")
	if rows := a.all("form.value"); len(rows) != 6 || !strings.Contains(text(rows[0]), "번호") {
		t.Errorf("%d values, the doubtful one not first", len(rows))
	}
	s.get(attr(a.one("#viewer"), "data-image")).status(http.StatusOK)
	for _, crop := range a.all("img[loading=lazy]")[:2] {
		s.get(attr(crop, "src")).status(http.StatusOK)
	}
	seen, err := s.cfg.DB.AccessLog(t.Context(), db.AccessFilter{Act: db.AccessPicture})
	if err != nil || len(seen) != 1 || seen[0].Subject != "case" || seen[0].SubjectID != 1 {
		t.Errorf("of its pictures the access log says %+v, %v", seen, err)
	}
	s.get("/templates/1/tests?case=2").says(".wrong", "템플릿을 찾지 못했습니다").says("li", "다시 스캔")

	// A tick, and a correction.
	value, _ := a.valueOf("성명")
	value.Set("right", "true")
	answer := s.post("/templates/1/tests/1/values", value, "HX-Request", "true").status(http.StatusOK)
	answer.says("#test-head", "확인 전 5개")
	if _, class := answer.valueOf("성명"); !strings.Contains(class, "accepted") {
		t.Errorf("the value has class %q", class)
	}
	if got := answer.lines(); got[0] != "김.pdf 1쪽 1개 중 1개 맞음" {
		t.Errorf("the list says %q", got)
	}
	value, _ = a.valueOf("번호")
	value.Set("right", "true")
	value.Set("text", "9123")
	s.post("/templates/1/tests/1/values", value).goesTo("/templates/1/tests?case=1")
	s.post("/templates/1/tests/1/right", url.Values{"read": value["read"]}).goesTo("/templates/1/tests?case=1")
	a = s.tests("/templates/1/tests?case=1")
	if got := a.lines()[0]; got != "김.pdf 1쪽 6개 중 5개 맞음 1개 틀림: 번호" {
		t.Errorf("the list says %q", got)
	}
	if rows := a.all("form.value"); !strings.Contains(attr(rows[0], "class"), "wrong-read") || !strings.Contains(text(rows[0]), "0123") {
		t.Errorf("what was read wrong is not first, or not shown: %s", text(rows[0]))
	}
	// What is no longer said.
	value.Del("right")
	s.post("/templates/1/tests/1/values", value, "HX-Request", "true").status(http.StatusOK).says("#test-head", "확인 전 1개")

	// None of it is anywhere else, and it goes when it is deleted.
	if pages, err := s.cfg.DB.Pages(t.Context(), form.Everything, db.PageFilter{}); err != nil || len(pages) > 0 {
		t.Errorf("in the history: %v, %v", pages, err)
	}
	if strings.Contains(s.log.String(), "김철수") || strings.Contains(s.log.String(), "김.pdf") {
		t.Error("the log says what was read")
	}
	s.post("/templates/1/tests/1/delete", nil).goesTo("/templates/1/tests")
	s.get("/templates/1/tests?case=1").status(http.StatusNotFound)
}

func TestCasesAreReadAgainWithADraftThatChanged(t *testing.T) {
	s := openTests(t)
	s.upload("/templates/1/tests", nil, map[string][]byte{"a.png": []byte("done 성명=김철수 번호=0123")}).goesTo("/templates/1/tests?case=1")
	a := s.tests("/templates/1/tests")
	value, _ := a.valueOf("성명")
	s.post("/templates/1/tests/1/right", url.Values{"read": value["read"]}).goesTo("/templates/1/tests?case=1")

	// The draft changes: a field is gone, another is new.
	service := s.template
	s.template = s.draft(func(f *form.Template) {
		f.Fields[1] = form.Field{ID: "새것", Name: "새것", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(300, 300, 50, 20)}
	})
	a = s.tests("/templates/1/tests")
	if got := a.lines()[0]; !strings.Contains(got, "템플릿이 바뀌었습니다") {
		t.Errorf("the list says %q", got)
	}
	s.post("/templates/1/tests/1/values", value).status(http.StatusSeeOther) // of a page that was open before
	s.post("/templates/1/tests/1/right", url.Values{"read": value["read"]}).status(http.StatusSeeOther)
	s.post("/templates/1/tests/read", nil).goesTo("/templates/1/tests")
	a = s.tests("/templates/1/tests")
	if got := a.lines()[0]; got != "a.png 5개 중 5개 맞음 없어진 필드 1개" {
		t.Errorf("the list says %q", got)
	}
	if _, class := a.valueOf("새것"); !strings.Contains(class, "read") {
		t.Errorf("the new field has class %q", class)
	}
	s.template = service
	// The version in service has it still, and has not read anything yet.
	s.post("/templates/1/tests/read?version=1", nil).goesTo("/templates/1/tests?version=1")
	if got := s.tests("/templates/1/tests?version=1").lines()[0]; got != "a.png 6개 중 6개 맞음" {
		t.Errorf("the list says %q", got)
	}
	// Where all is read, all is read again.
	s.post("/templates/1/tests/read?version=1", nil).goesTo("/templates/1/tests?version=1")
	s.tests("/templates/1/tests?version=1")

	// With defects nothing is read, and the page says what is wrong.
	s.draft(func(f *form.Template) { f.Fields[0].Box = geom.XYWH(0, 0, 9e9, 9e9) })
	s.post("/templates/1/tests/read", nil).goesTo("/templates/1/tests")
	s.tests("/templates/1/tests").says(".wrong", "아직 읽을 수 없습니다").says("li", "그림 밖")
}

func TestOddSamples(t *testing.T) {
	s := openTests(t)
	many := make(map[string][]byte)
	for i := range maxSamples + 1 {
		many[fmt.Sprint(i, ".png")] = []byte("done")
	}
	s.upload("/templates/1/tests", nil, many).status(http.StatusUnprocessableEntity).says(".wrong", "한 번에 20개까지")
	s.upload("/templates/1/tests", nil, nil).status(http.StatusUnprocessableEntity).says(".wrong", "파일")
	s.post("/templates/1/tests", nil).status(http.StatusBadRequest)
	s.upload("/templates/9/tests", nil, many).status(http.StatusNotFound)
	s.upload("/templates/1/tests", nil, map[string][]byte{"a.png": []byte("failed damaged"), "b.png": []byte("done 성명=홍")}).status(http.StatusSeeOther)
	a := s.tests("/templates/1/tests")
	if got := strings.Join(a.lines(), "\n"); !strings.Contains(got, "잘렸거나") || !strings.Contains(got, "확인한 값이 없습니다") {
		t.Errorf("the list says %q", got)
	}
	value, _ := a.valueOf("성명")
	for path, form := range map[string]url.Values{
		"/templates/1/tests/9/values": value,
		"/templates/9/tests/1/values": value,
		"/templates/1/tests/x/delete": nil,
	} {
		s.post(path, form).status(http.StatusNotFound)
	}
	for name, wrong := range map[string]string{"field": "nobody", "read": "nothing"} {
		odd := url.Values{"field": value["field"], "read": value["read"], "right": {"true"}, "text": {"x"}}
		odd.Set(name, wrong)
		for id := 1; id <= 2; id++ {
			s.post(fmt.Sprintf("/templates/1/tests/%d/values", id), odd).status(http.StatusConflict)
		}
	}
	for _, path := range []string{"?case=x", "?case=9", "?version=7", "/1/picture?read=x", "/1/crops/x?read=x", "/list?waiting=x"} {
		if got := s.get("/templates/1/tests" + path).StatusCode; got != http.StatusNotFound && got != http.StatusBadRequest {
			t.Errorf("%s: status %d", path, got)
		}
	}
	// A case of one template is none of another's.
	s.addDomain("재무과", "청구서")
	s.upload("/templates/2/tests", nil, map[string][]byte{"c.png": []byte("done")}).status(http.StatusSeeOther)
	s.get("/templates/2/tests?case=1").status(http.StatusNotFound)
	s.post("/templates/2/tests/1/delete", nil).status(http.StatusNotFound)
}
