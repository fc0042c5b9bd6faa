package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// ruled gives the template of the site rules, as its next version.
func (s *site) ruled(change func(t *form.Template)) {
	s.Helper()
	next := *s.template
	next.Fields = append([]form.Field(nil), next.Fields...)
	change(&next)
	var err error
	if s.template, err = s.cfg.DB.SaveTemplate(s.Context(), form.Command, &next); err != nil {
		s.Fatal(err)
	}
}

func TestListPages(t *testing.T) {
	s := openSite(t)
	id := s.addDomain("총무과", "출장 신청서")
	s.ruled(func(f *form.Template) {
		f.Fields[0].Rules.In.Ref = "list:은행"
		f.Tables = append([]form.Table(nil), f.Tables...)
		f.Tables[0].Columns[1].Rules = form.Rules{Critical: true}
		f.Fields = append(f.Fields, form.Field{
			ID: "동의", Name: "동의", Kind: form.Checkbox, ValueType: form.All, Box: geom.XYWH(10, 110, 20, 20), Group: "g",
		})
		f.Groups = []form.Group{{Name: "g", Choose: form.ChooseOne}}
	})
	template := fmt.Sprintf("/templates/%d", s.template.ID)
	path := fmt.Sprintf("/domains/%d/lists", id)
	s.get(template).status(http.StatusOK).says(".wrong", "값 목록이 없습니다: 은행").says("td", "‘은행’ 목록의 값(목록이 없습니다)").
		says("td", "내역 · 금액").says("td", "중요").says("td", "꼭 하나만 표시")

	s.get(fmt.Sprintf("/domains/%d", id)).says("a", "값 목록")
	s.get(path).status(http.StatusOK).says(".nothing", "아직 목록이 없습니다.")
	s.post(path, url.Values{"name": {"은행"}, "values": {"국민은행\r\n신한은행\r\n\r\n국민은행"}}).goesTo(path + "/1?saved")
	detail := s.get(path+"/1?saved").status(http.StatusOK).says("h1", "은행").says(".saved", "저장했습니다").says("span", "출장 신청서")
	if got := text(detail.one("textarea")); got != "국민은행 신한은행" {
		t.Errorf("values %q", got)
	}
	s.get(path).says("td", "은행").says("td", "2").says("td", "출장 신청서")
	if got := s.get(template).status(http.StatusOK); strings.Contains(text(got.one("main")), "값 목록이 없습니다") {
		t.Error("the template page misses a list that is there")
	}

	s.post(path, url.Values{"name": {"은행"}, "values": {"농협"}}).status(http.StatusUnprocessableEntity).says(".wrong", "이미 있습니다")
	s.post(path, url.Values{"name": {"a[0]"}, "values": {"농협"}}).status(http.StatusUnprocessableEntity).says(".wrong", "name")
	s.post(path, url.Values{"name": {"빈"}, "values": {" "}}).status(http.StatusUnprocessableEntity).says(".wrong", "values")
	s.post(path+"/1", url.Values{"values": {strings.Repeat("가", 201)}}).status(http.StatusUnprocessableEntity).says(".wrong", "line 1")
	s.post(path+"/1", url.Values{"values": {"농협"}}).goesTo(path + "/1?saved")
	if l, err := s.cfg.DB.List(t.Context(), id, 1); err != nil || l.Text() != "농협\n" {
		t.Errorf("values %v, %v", l, err)
	}
	large := strings.Repeat(strings.Repeat("가", 150)+"\n", form.MaxListBytes/451)
	s.post(path+"/1", url.Values{"values": {large}}).goesTo(path + "/1?saved")

	for _, p := range []string{path + "/1", path, "/domains/9/lists", path + "/9"} {
		want := http.StatusOK
		if strings.Contains(p, "9") {
			want = http.StatusNotFound
		}
		for _, lang := range []string{"ko", "en"} {
			a := s.get(p, "Accept-Language", lang).status(want)
			checkWords(t, a)
			checkLabels(t, a)
			checkIDs(t, a)
		}
	}
	s.post(path+"/1/remove", nil).goesTo(path)
	s.post(path+"/1/remove", nil).status(http.StatusNotFound)
	s.post(path+"/1", url.Values{"values": {"농협"}}).status(http.StatusNotFound)
	if strings.Contains(s.log.String(), "농협") || strings.Contains(s.log.String(), "국민은행") {
		t.Error("values are in the log")
	}
}

// A clerk is told which rules are broken, by the values as they are now, and
// may keep what breaks them.
func TestReviewSaysWhichRulesAreBroken(t *testing.T) {
	s := openSite(t)
	s.addDomain("총무과", "출장 신청서")
	s.ruled(func(f *form.Template) {
		f.Fields[0].Rules.In.Texts = []string{"홍길동", "임꺽정"}
		f.Fields[1].Rules.Sum = []string{"내역.금액"}
	})
	s.read()
	domain := fmt.Sprint(s.template.Domain)
	submission := s.handIn("domain", domain, "template", "", "file:가.jpg", "review 성명=홍길도? 번호=300? 내역[1,1]=100 내역[2,1]=250?")
	s.wait(submission)
	id := pageID(t, s, form.StateReview)
	a := s.get("/pages/" + id).status(http.StatusOK)
	for field, want := range map[string]string{
		"#field-0-why": "다음 중 하나여야 합니다: 홍길동, 임꺽정",
		"#field-1-why": "내역 · 금액의 합은 350입니다",
		"#field-3-why": "더하면 350인데 번호 칸의 값은 300입니다", // the first cell: nobody doubts its reading
	} {
		a.says(field, want)
	}
	correct := func(field, text string) *answer {
		return s.post("/pages/"+id+"/corrections", url.Values{"field": {field}, "run": {"1"}, "seen": {"0"}, "text": {text}}, "HX-Request", "true").
			status(http.StatusOK)
	}
	// The sum fits now: what is said of its other parts goes.
	fits := correct("5", "200").says(".mark", "고침")
	if got := text(fits.one("#field-1-why")); strings.TrimSpace(got) != "잘못 읽었을 수 있습니다" {
		t.Errorf("of the total it says %q", got)
	}
	if got := text(fits.one("#field-3-why")); strings.TrimSpace(got) != "" {
		t.Errorf("of the other part it says %q", got)
	}
	// What breaks a rule is said, and kept where the person says so once more.
	correct("0", "홍길도").says(".mark", "확인함").says("#field-0-why", "다음 중 하나여야 합니다")
	correct("1", "301").says("[data-broken]", "내역 · 금액의 합은 300입니다").says("#field-1-why", "내역 · 금액의 합은 300입니다").says("#field-3-why", "더하면 300").says(".state", "검토 필요")
	if strings.Contains(s.log.String(), "홍길도") {
		t.Error("a value is in the log")
	}
}
