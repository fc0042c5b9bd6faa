package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func TestWhatIsWrittenBesideFields(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.read()
	s.wait(s.handIn("domain", domain, "file:가.jpg", "done 성명=홍길동 margin=300,400 margin=500,100\ndone 성명=김철수 margin=20,500\nunmatched"))

	a := s.get("/pages/1").status(http.StatusOK)
	a.says("#margin-left", "칸 밖 글씨 2").says(".state", "완료")
	if n := len(a.all(".margin-row")); n != 2 {
		t.Fatalf("%d places, want 2", n)
	}
	crop := s.get("/pages/1/margin/1").status(http.StatusOK)
	if crop.Header.Get("Content-Type") != "image/png" || len(crop.body) == 0 {
		t.Errorf("crop of %s", crop.Header.Get("Content-Type"))
	}
	s.get("/queue").says("a", "칸 밖 글씨")
	s.get("/margin").status(http.StatusOK).says("[role=status]", "3").says("a", "가.jpg")
	s.get("/margin?template="+strconv.Itoa(int(s.template.ID))+"&after=1-1").says("[rel=first]", "처음으로")
	if n := len(s.get("/margin?after=1-2").all(".margin-row")); n != 1 {
		t.Errorf("%d places after those of the first page", n)
	}

	note := url.Values{"run": {"1"}, "answer": {"note"}, "text": {"<b>다음 주</b>에 다시 옴"}}
	a = s.post("/pages/1/margin/1", note, "HX-Request", "true").status(http.StatusOK)
	a.says(".margin-row", "메모로 남김 · admin").says("#margin-left", "칸 밖 글씨 1")
	s.get("/pages/1").says(".last-note", "<b>다음 주</b>에 다시 옴").says(".state", "완료")
	if strings.Contains(s.log.String(), "다음 주") {
		t.Error("a note is in the log")
	}
	s.post("/pages/1/margin/2", url.Values{"run": {"1"}, "answer": {"nothing"}}).goesTo("/pages/1")
	if n := len(s.get("/pages/1").all("#margin-left")); n != 0 {
		t.Error("it is open still")
	}
	s.post("/pages/1/margin/2", url.Values{"run": {"1"}, "answer": {"note"}, "text": {"아니"}}).status(http.StatusConflict)
	s.post("/pages/1/margin/2", url.Values{"run": {"1"}, "answer": {"open"}}).goesTo("/pages/1")
	s.get("/pages/1").says("#margin-left", "칸 밖 글씨 1")

	// From the list, with a script and without one.
	list := url.Values{"run": {"1"}, "answer": {"nothing"}, "in": {"list"}}
	a = s.post("/pages/2/margin/1", list, "HX-Request", "true").status(http.StatusOK).says(".margin-row", "볼 것 없음 · admin")
	if len(a.all("#review-head")) > 0 {
		t.Error("the list gets the head of a page")
	}
	s.post("/pages/1/margin/2", list).goesTo("/margin")
	s.get("/margin").says(".nothing", "없습니다")

	for name, tt := range map[string]struct {
		path   string
		form   url.Values
		status int
	}{
		"no answer":       {"/pages/1/margin/2", nil, http.StatusBadRequest},
		"no text":         {"/pages/1/margin/2", url.Values{"run": {"1"}, "answer": {"note"}, "text": {" "}}, http.StatusBadRequest},
		"of another run":  {"/pages/1/margin/2", url.Values{"run": {"2"}, "answer": {"nothing"}}, http.StatusNotFound},
		"of no run":       {"/pages/1/margin/2", url.Values{"answer": {"nothing"}}, http.StatusBadRequest},
		"no such place":   {"/pages/1/margin/9", list, http.StatusNotFound},
		"no such page":    {"/pages/9/margin/1", list, http.StatusNotFound},
		"no such answer":  {"/pages/1/margin/1", url.Values{"run": {"1"}, "answer": {"x"}}, http.StatusBadRequest},
		"no place at all": {"/pages/1/margin/x", list, http.StatusNotFound},
	} {
		if a := s.post(tt.path, tt.form); a.StatusCode != tt.status {
			t.Errorf("%s: status %d, want %d", name, a.StatusCode, tt.status)
		}
	}
	s.get("/margin?after=x").status(http.StatusBadRequest)
}

func TestAPageWithoutItsForm(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.read()
	s.wait(s.handIn("domain", domain, "file:가.jpg", "done 성명=홍길동\nunmatched"))
	path := attr(s.get("/pages/1").one("#viewer"), "data-unprinted")
	a := s.get(path).status(http.StatusOK)
	if a.Header.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(string(a.body), "\xff\xd8") {
		t.Errorf("a picture of %s", a.Header.Get("Content-Type"))
	}
	s.get(path, "If-None-Match", a.Header.Get("ETag")).status(http.StatusNotModified)
	if why := attr(s.get("/pages/2").one("#viewer"), "data-why"); !strings.Contains(why, "서식을 찾지 못한") {
		t.Errorf("it says %q", why)
	}
	s.get("/pages/2/unprinted").status(http.StatusNotFound)
	s.get("/pages/9/unprinted").status(http.StatusNotFound)
}
