package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// finish uploads a file of four pages, and has a person say who is named on the
// second and the third.
func (s *site) finish() {
	s.Helper()
	s.wait(s.handIn("domain", fmt.Sprint(s.template.Domain), "template", "", "file:가.jpg", strings.Join([]string{
		"done 성명=홍길동 번호=0123=>0124",
		"review 성명=홍길도?=>홍길동 번호=1",
		"review 성명=홍길동?=>흥길동? 번호=1=>1?",
		"done=>failed 성명=홍길동",
	}, "\n")))
	pages, err := s.cfg.DB.Pages(s.Context(), form.Everything, db.PageFilter{Limit: 9})
	if err != nil || len(pages) != 4 {
		s.Fatal(pages, err)
	}
	for _, p := range pages {
		if p.Number == 2 || p.Number == 3 {
			s.post(fmt.Sprintf("/pages/%d/corrections", p.ID), url.Values{"field": {"0"}, "run": {"1"}, "seen": {"0"}, "text": {"홍길동"}}).
				status(http.StatusSeeOther)
		}
	}
}

// dried waits until the dry run has ended, and returns the page.
func (s *site) dried(path string) *answer {
	s.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		a := s.get(path).status(http.StatusOK)
		if len(a.all("#dry-progress")) == 0 {
			return a
		}
		if time.Now().After(deadline) {
			s.Fatalf("not finished after 10 s:\n%s", a.body)
		}
	}
}

func TestADraftIsTriedAndReleased(t *testing.T) {
	s := openSite(t)
	s.addDomain("시험", "신청서")
	s.read()
	s.finish()
	next := s.template.Clone()
	next.Fields[0].Box.Max.X += 20
	next.Stage = ""
	if _, err := s.cfg.DB.SaveTemplate(t.Context(), form.Command, next); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/templates/%d", s.template.ID)
	a := s.get(path+"/release").status(http.StatusOK).
		says("h2", "배포할 것: 초안").says("#dry-known", "미리 돌려 보지 않은 채로").says("p", "버전 1은 폐지되며").says("a", "배포")
	if n := len(a.all("button[name=stage]")); n != 2 {
		t.Errorf("%d ways to go", n)
	}
	s.post(path+"/dry-run", url.Values{"version": {"0"}, "pages": {"7"}}).status(http.StatusBadRequest)
	s.post(path+"/dry-run", url.Values{"version": {"9"}, "pages": {"50"}}).status(http.StatusNotFound)
	s.post(path+"/dry-run", url.Values{"version": {"0"}, "pages": {"50"}}).goesTo(path + "/release?version=0")
	a = s.dried(path+"/release").
		says(".verdict", "3쪽에서 확인된 값 2개 가운데 0개 같음, 1개 나아짐, 1개 나빠짐").
		says("h3", "나빠진 값 1").says("h3", "나아진 값 1").says("h3", "달라졌지만 사람이 확인하지 않은 값 1").says("h3", "더는 읽지 못하는 쪽 1").says("li", "읽다가 멈춥니다").
		says("td.worse", "흥길동").says("td.better", "홍길동").says("td.other", "0124").says("p", "새로 사람에게 올 값 1개, 이제 오지 않을 값 1개").
		says("#dry-known", "확인된 값 2개")
	crops := a.all("img")
	if len(crops) != 3 {
		t.Fatalf("%d crops", len(crops))
	}
	if crop := s.get(attr(crops[0], "src")).status(http.StatusOK); crop.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the crop is %q", crop.Header.Get("Content-Type"))
	}
	s.get(path + "/dry-run/crops/99/none").status(http.StatusNotFound)
	// What asks for news gets all there is, and the place where it belongs.
	if news := s.get(path+"/dry-run?version=0", "HX-Request", "true").status(http.StatusOK); news.Header.Get("HX-Retarget") != "#dry" {
		t.Errorf("put at %q", news.Header.Get("HX-Retarget"))
	}

	s.post(path+"/release", url.Values{"version": {"0"}, "stage": {"beta"}, "note": {"넓힘"}, "print": {"of before"}}).
		status(http.StatusUnprocessableEntity).says(".wrong", "바뀌었습니다").says("#note", "넓힘")
	s.post(path+"/release", url.Values{"version": {"0"}, "stage": {"beta"}, "note": {strings.Repeat("가", form.MaxNote+1)}}).
		status(http.StatusUnprocessableEntity).says(".wrong", "1000").says("#note", "가")
	s.post(path+"/release", url.Values{"version": {"0"}, "stage": {"beta"}, "note": {"넓힘"}, "print": {attr(a.one("input[name=print]"), "value")}}).goesTo(path + "/release")
	s.get(path+"/release").says("h2", "배포할 것: 베타 · 버전 2").says("b", "버전 2: 초안 → 베타").says(".note", "넓힘").
		says("p", "확인된 값 2개").says("#dry-known", "확인된 값 2개")
	s.post(path+"/release", url.Values{"version": {"2"}, "stage": {"service"}}).goesTo(path + "/release")
	s.get(path+"/release").says("button", "서비스에서 내리기").says("li", "버전 2에 자리를 내줌").says(".soft", "admin")
	// The version before was not run: it would go without.
	s.get(path+"/release?version=1").says(".stale", "다른 내용").says("#dry-known", "미리 돌려 보지 않은 채로").says("button", "서비스 배포")
	s.post(path+"/retire", url.Values{"version": {"2"}, "note": {"내림"}}).goesTo(path + "/release")
	s.get(path + "/release?version=9").status(http.StatusNotFound)
	s.get("/templates/99/release").status(http.StatusNotFound)
}

// What has defects is not released, and the page says where to mend it.
func TestADraftWithDefectsIsNotReleased(t *testing.T) {
	s := openSite(t)
	s.addDomain("시험", "신청서")
	bad := s.template.Clone()
	bad.Fields[0].Box.Max.X = 9000
	if _, err := s.cfg.DB.SaveDraft(t.Context(), form.Command, bad); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/templates/%d", s.template.ID)
	a := s.get(path+"/release").status(http.StatusOK).says("a", "고치러 가기").says("li", "그림 밖")
	if len(a.all("button[name=stage]")) != 0 {
		t.Error("it can be released")
	}
	s.post(path+"/release", url.Values{"version": {"0"}, "stage": {"beta"}}).status(http.StatusUnprocessableEntity).says("li", "그림 밖")
	s.post(path+"/dry-run", url.Values{"version": {"0"}, "pages": {"50"}}).status(http.StatusUnprocessableEntity)
}

func TestADryRunIsStopped(t *testing.T) {
	s := openSite(t)
	s.addDomain("시험", "신청서")
	path := fmt.Sprintf("/templates/%d", s.template.ID)
	// Nothing reads: it waits.
	s.post(path+"/dry-run", url.Values{"version": {"1"}, "pages": {"200"}}, "HX-Request", "true").status(http.StatusOK).says("button", "그만두기")
	s.get(path+"/dry-run?version=1", "HX-Request", "true").status(http.StatusOK).says("[role=status]", "닮은 양식")
	s.post(path+"/dry-run/stop", url.Values{"version": {"1"}}, "HX-Request", "true").status(http.StatusOK).
		says("p", "중간에 그만둠").says("p", "마친 쪽이 아직 없어").says("button", "다시 돌려 보기")
}
