package handlers

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// What the machine read of the fields of a keyed page, and what the first person
// keyed, in words that are nowhere else.
const (
	secretName = "쀍뷁"
	secretSum  = "770077"
	firstName  = "뚫훍"
)

// addKeyed adds a page of a template of which two people key the name and a tick,
// and one the sum.
func (s *site) addKeyed() form.PageID {
	s.Helper()
	d, _, err := s.cfg.DB.AddDomain(s.Context(), form.Command, "시험", []string{"ko"})
	if err != nil {
		s.Fatal(err)
	}
	key, err := s.cfg.Blobs.Put(s.Context(), blankPNG(s, 100, 120))
	if err != nil {
		s.Fatal(err)
	}
	t, err := s.cfg.DB.SaveTemplate(s.Context(), form.Command, &form.Template{
		Domain: d.ID, Name: "청구서", Languages: []string{"ko"}, Stage: form.Service, Review: form.ReviewTwo,
		Image: key, ImageName: "template.png", Width: 100, Height: 120,
		Fields: []form.Field{
			{ID: "name", Name: "name", Label: "성명", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(10, 10, 40, 10), Rules: form.Rules{Pattern: "[가-힣]{2,3}"}},
			{ID: "sum", Name: "sum", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(10, 30, 40, 10), Handling: form.Handling{Review: form.ReviewKey}},
			{ID: "tick", Name: "tick", Kind: form.Checkbox, ValueType: form.All, Box: geom.XYWH(10, 50, 10, 10), CheckedText: "Y", UncheckedText: "N"},
			{ID: "day", Name: "day", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(10, 70, 40, 10), Handling: form.Handling{Review: form.ReviewMachine}},
		},
	})
	if err != nil {
		s.Fatal(err)
	}
	s.template = t
	var added db.Chore
	_, err = s.cfg.DB.AddSubmission(s.Context(), form.Command, form.Submission{Domain: t.Domain}, []form.Document{{Name: "청구.png", Blob: key, Size: 1}},
		func(_ *sql.Tx, chores []db.Chore) error {
			added = chores[0]
			return nil
		})
	if err != nil {
		s.Fatal(err)
	}
	task, err := s.cfg.DB.Begin(s.Context(), added)
	if err != nil {
		s.Fatal(err)
	}
	run, two := task.Open[0], []form.Reason{form.ReasonTwoReaders, form.ReasonTwo}
	word := func(text string) []form.Word {
		return []form.Word{{Text: text, Confidence: .5, Where: geom.XYWH(10, 10, 9, 9).Quad()}}
	}
	if err := s.cfg.DB.SaveRun(s.Context(), run.Page, run.Run, form.Page{
		Number: 1, State: form.StateReview, Width: 100, Height: 120, Image: key,
		Template: t.ID, Version: t.Version, TemplateToPage: geom.Identity,
	}, named(t, []form.Reading{
		{Field: "name", Text: secretName, Confidence: .9, Reasons: two, Words: word(secretName), Alternatives: []form.Alternative{{Text: secretName + "!", Confidence: .1}}},
		{Field: "sum", Text: secretSum, Confidence: .99, Reasons: []form.Reason{form.ReasonKey}, Words: word(secretSum)},
		{Field: "tick", Text: "Y", Checked: true, Confidence: .99, Reasons: two[1:]},
		{Field: "day", Text: "2026-11-29", Confidence: .99},
	})); err != nil {
		s.Fatal(err)
	}
	return run.Page
}

func (s *site) as(name string) {
	s.Helper()
	s.logIn(name, testPassword)
}

// says what is keyed on the review page.
func (s *site) keyOn(page form.PageID, field int, text string) *answer {
	s.Helper()
	what := "text"
	if field == 2 {
		what = "checked"
	}
	return s.post(fmt.Sprintf("/pages/%d/corrections", page), url.Values{"field": {fmt.Sprint(field)}, "run": {"1"}, "seen": {"0"}, what: {text}}, "HX-Request", "true")
}

func (s *site) keySecond(page form.PageID, field int, more ...string) *answer {
	s.Helper()
	v := url.Values{"field": {fmt.Sprint(field)}, "run": {"1"}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return s.post(fmt.Sprintf("/second/%d", page), v, "HX-Request", "true")
}

// everything asks for all pages that there are, and returns what is in none of
// them: secrets that are nowhere.
func (s *site) everything(page form.PageID, visit func(path string, a *answer)) {
	s.Helper()
	own := strings.NewReplacer(
		":page", fmt.Sprint(page), ":template", fmt.Sprint(s.template.ID), ":submission", "1", ":domain", fmt.Sprint(s.template.Domain),
		":list", "1", ":case", "1", "*", "app.css")
	for _, r := range (&server{Config: s.cfg}).routes() {
		if r.method != http.MethodGet || r.access == programs {
			continue
		}
		for field := range s.template.Fields {
			path := strings.ReplaceAll(own.Replace(r.path), ":field", fmt.Sprint(field))
			if strings.Contains(r.path, "/health/fields/:field") {
				path = strings.ReplaceAll(own.Replace(r.path), ":field", string(s.template.Fields[field].ID))
			}
			for _, query := range []string{"", fmt.Sprintf("?template=%d&format=program&all=yes&states=review&state=review&personal=yes&part=review", s.template.ID)} {
				a := s.get(path + query)
				visit(path+query, a)
			}
			if !strings.Contains(r.path, ":field") {
				break
			}
		}
	}
}

// The second person meets neither what the machine read nor what the first one
// keyed, in no byte that any page sends.
func TestTheFirstValueIsNowhere(t *testing.T) {
	s := openSite(t)
	page := s.addKeyed()
	for _, name := range []string{"kim", "lee", "park"} {
		s.addUser(name)
	}
	s.as("kim")
	a := s.get(fmt.Sprintf("/pages/%d", page)).status(http.StatusOK)
	if got := attr(a.one("#field-0-input"), "value"); got != "" {
		t.Errorf("the first person begins with %q", got)
	}
	a.says("label", "성명").says(".why", "두 사람이 따로")
	s.keyOn(page, 0, firstName).status(http.StatusOK).says(".mark", "다른 사람 차례").says(".why", "다른 사람이 한 번 더")

	// Nor what the first one is about to key again.
	kim, err := s.cfg.DB.UserByName(t.Context(), "kim")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cfg.DB.KeepTyped(t.Context(), form.Person(kim.ID), form.Typed{Page: page, Run: 1, Field: s.template.Fields[0].ID, Held: form.Held{Text: firstName}}); err != nil {
		t.Fatal(err)
	}

	s.as("lee")
	s.index()
	for _, secret := range []string{secretName, secretSum, firstName} {
		if a := s.find("value=" + url.QueryEscape(secret)); len(a.listed()) > 0 {
			t.Errorf("the history finds the page by %s", secret)
		}
	}
	s.find("value=2026-11-29").says(".match", "2026-11-29")
	seen := 0
	s.everything(page, func(path string, a *answer) {
		for _, secret := range []string{secretName, secretSum, firstName, url.QueryEscape(firstName)} {
			if bytes.Contains(a.body, []byte(secret)) || strings.Contains(fmt.Sprint(a.Header), secret) {
				t.Errorf("%s tells %s", path, secret)
			}
		}
		if a.StatusCode == http.StatusOK {
			seen++
		}
	})
	if seen < 30 {
		t.Errorf("only %d pages were seen", seen)
	}
	a = s.get("/second").status(http.StatusSeeOther)
	a = s.get(a.Header.Get("Location")).status(http.StatusOK).says("label", "성명")
	s.get(attr(a.one("img.crop"), "src")).status(http.StatusOK)
	if strings.Contains(s.log.String(), firstName) || strings.Contains(s.log.String(), secretName) {
		t.Error("the log tells it")
	}

	// What the second one hears is the same, whether it is the same or not.
	differs := s.keySecond(page, 0, "text", "뚫흙").status(http.StatusOK)
	s.as("kim")
	s.keyOn(page, 2, "true").status(http.StatusOK)
	s.as("lee")
	same := s.keySecond(page, 2, "checked", "true").status(http.StatusOK)
	if a, b := strings.ReplaceAll(string(differs.body), "성명", ""), strings.ReplaceAll(string(same.body), "tick", ""); strings.ReplaceAll(a, "field-0", "") != strings.ReplaceAll(b, "field-2", "") {
		t.Errorf("the answers differ:\n%s\n%s", a, b)
	}
	// Neither of the two settles it.
	for _, name := range []string{"kim", "lee"} {
		s.as(name)
		if a := s.get(fmt.Sprintf("/second/%d", page)); a.StatusCode != http.StatusSeeOther {
			t.Errorf("%s sees %d", name, a.StatusCode)
		}
		s.keySecond(page, 0, "text", firstName, "third", "yes", "take", "text").says("p", "그사이 다른 사람이")
		s.keyOn(page, 0, "쫡").status(http.StatusUnprocessableEntity)
	}
	// A third one sees both, and not whose they are.
	s.as("park")
	a = s.get(fmt.Sprintf("/second/%d", page)).status(http.StatusOK)
	a.says("b", firstName)
	if strings.Contains(string(a.body), "kim") || strings.Contains(string(a.body), "lee") || strings.Contains(string(a.body), secretName) {
		t.Error("the third person sees more than the two texts")
	}
	for range 2 { // the first answer got lost
		if a := s.keySecond(page, 0, "third", "yes", "take", "0").status(http.StatusOK); strings.Contains(string(a.body), "그사이") {
			t.Errorf("the third person hears that another was faster:\n%s", a.body)
		}
	}
	s.get(fmt.Sprintf("/second/%d", page)).goesTo("/second")
	// The sum takes one person, and the page is done.
	s.keyOn(page, 1, secretSum).status(http.StatusOK).says(".mark", "확인함").says(".state", "완료")
	a = s.get(fmt.Sprintf("/pages/%d", page)).status(http.StatusOK)
	s.index()
	s.find("value="+url.QueryEscape(firstName)).says(".match", firstName)
	for _, told := range []string{"kim", "lee", "park", firstName, "뚫흙", secretName, "보지 않고 입력", "둘 가운데 정함"} {
		if !strings.Contains(string(a.body), told) {
			t.Errorf("the story of the value lacks %s", told)
		}
	}
}

// Nobody is asked for a tick who has said nothing of it, and a value that others
// settled meanwhile says so.
func TestKeyingWhatMakesNoSense(t *testing.T) {
	s := openSite(t)
	page := s.addKeyed()
	s.addUser("kim")
	s.get("/second").status(http.StatusOK).says("h1", "지금 따로 입력할 값이 없습니다")
	s.keyOn(page, 2, "").status(http.StatusUnprocessableEntity)
	s.keySecond(page, 2).status(http.StatusUnprocessableEntity).says("p.wrong", "먼저 골라")
	s.keySecond(page, 9, "text", "x").status(http.StatusNotFound)
	s.post(fmt.Sprintf("/second/%d", page), url.Values{"field": {"0"}}).status(http.StatusBadRequest)
	s.keyOn(page, 0, "홍길동").status(http.StatusOK)
	s.get("/second").status(http.StatusOK).says("p", "다른 사람의 입력을 기다리는 값 1개").says("p.wrong", "세 번째 사람")
	s.as("kim")
	s.keyOn(page, 0, "홍길동").status(http.StatusOK).says(".mark", "고침")
	s.keySecond(page, 0, "text", "홍길순").status(http.StatusOK).says("p", "그사이 다른 사람이")
	s.post(fmt.Sprintf("/second/%d", page), url.Values{"field": {"2"}, "run": {"1"}, "checked": {"true"}}).goesTo(fmt.Sprintf("/second/%d", page))
	s.get("/second/99").status(http.StatusNotFound)
	s.keySecond(page, 2, "mark", "scribble").status(http.StatusBadRequest)

	// What one sees and another cannot make out, a third one cannot either.
	s.addUser("lee")
	s.as("admin")
	s.keySecond(page, 2, "mark", "illegible").status(http.StatusOK)
	s.as("lee")
	s.get(fmt.Sprintf("/second/%d", page)).status(http.StatusOK).says("b", "판독 불가").says("b", "체크함")
	s.keySecond(page, 2, "third", "yes", "mark", "illegible").status(http.StatusOK)
	r, err := s.cfg.DB.Record(t.Context(), form.Everything, page)
	if err != nil || r.Values[2].Mark() != form.MarkIllegible {
		t.Errorf("%+v, %v", r.Values[2], err)
	}
}

// Who has only to key what others have keyed keeps that while typing, too, and hears
// and keeps nothing else.
func TestASecondReviewerKeepsWhatIsTyped(t *testing.T) {
	s := openSite(t)
	page := s.addKeyed()
	second := s.colleague("lee", form.Grant{Role: form.SecondReviewer})
	typed := func(field, text string) *answer {
		return second.post(fmt.Sprintf("/pages/%d/typed", page), url.Values{"field": {field}, "run": {"1"}, "seen": {"0"}, "text": {text}}, "HX-Request", "true")
	}
	typed("0", "뚤").status(http.StatusForbidden) // nobody has keyed it
	s.keyOn(page, 0, firstName).status(http.StatusOK)
	if a := typed("0", "뚤").status(http.StatusOK); !strings.Contains(string(a.body), `"rows":{}`) {
		t.Errorf("the answer is %s", a.body)
	}
	second.get(fmt.Sprintf("/second/%d", page)).status(http.StatusOK).says("textarea", "뚤")
	for _, field := range []string{"1", "3"} { // keyed by one, and read by the machine
		typed(field, "7").status(http.StatusForbidden)
	}
	second.keySecond(page, 0, "text", "뚤흠").status(http.StatusOK)
	typed("0", "뚫").status(http.StatusForbidden) // it is up to a third
}

// What a second person has typed is there again, and nobody else sees it. What comes
// twice, since an answer got lost, is taken once.
func TestWhatIsKeyedIsKept(t *testing.T) {
	s := openSite(t)
	s.addUser("lee")
	s.addUser("park")
	page := s.addKeyed()
	s.keyOn(page, 0, firstName).status(http.StatusOK)
	s.as("lee")
	typed := func(text string) {
		s.post(fmt.Sprintf("/pages/%d/typed", page), url.Values{"field": {"0"}, "run": {"1"}, "seen": {"0"}, "text": {text}}, "HX-Request", "true").status(http.StatusOK)
	}
	second := fmt.Sprintf("/second/%d", page)
	typed("뚤")
	s.get(second).status(http.StatusOK).says("textarea", "뚤")
	s.as("park")
	if a := s.get(second).status(http.StatusOK); bytes.Contains(a.body, []byte("뚤")) {
		t.Error("another one sees what was typed")
	}
	s.as("lee")
	s.keySecond(page, 0, "text", "뚤흠").status(http.StatusOK).says("p", "입력했습니다")
	s.keySecond(page, 0, "text", "뚤흠").status(http.StatusOK).says("p", "입력했습니다")
	s.as("park")
	typed("뚫")
	s.get(second).status(http.StatusOK).says("textarea", "뚫")
	s.keySecond(page, 0, "third", "yes", "take", "text", "text", "뚫훔").status(http.StatusOK).says("p", "입력했습니다")
	s.keySecond(page, 0, "third", "yes", "take", "text", "text", "뚫훔").status(http.StatusOK).says("p", "입력했습니다")
	r, err := s.cfg.DB.Record(t.Context(), form.Everything, page)
	if err != nil || len(r.Values[0].Corrections) != 1 || r.Values[0].Text() != "뚫훔" {
		t.Errorf("%+v, %v", r.Values[0], err)
	}
}
