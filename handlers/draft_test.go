package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A shownDraft is what the builder is told of a draft.
type shownDraft struct {
	Revision int64
	Template *struct {
		Fields          []map[string]any
		Groups, Combine []any
	}
	Suggested *struct {
		Fields, Tables, Groups []map[string]any
		Title                  map[string]any
	}
	Defects   []draftDefect
	People    []person
	ChangedBy string
	Refused   []refusedChange
}

func (a *answer) draft() (d shownDraft) {
	a.s.Helper()
	a.status(http.StatusOK)
	if err := json.Unmarshal(a.body, &d); err != nil {
		a.s.Fatal(err)
	}
	return d
}

// change sends changes of the draft at path, as the script does.
func (s *site) change(path, changes string) *answer {
	s.Helper()
	return s.do(http.MethodPost, path+"/changes?tab=one", strings.NewReader(`{"revision": 1, "at": ["x"], "changes": `+changes+`}`),
		"Content-Type", "application/json", "HX-Request", "true")
}

func TestDraft(t *testing.T) {
	s := openSite(t)
	s.addDomain("총무과", "출장 신청서")
	path := templatePath(s.template.ID) + "/draft"
	s.get(path).status(http.StatusNotFound)
	s.get(path + "/news?revision=0").status(http.StatusNotFound)
	s.change(path, `[]`).status(http.StatusNotFound)
	s.get(path + "?version=9").status(http.StatusNotFound)
	if v := s.get(path + "?version=1").draft(); v.Revision != 0 || len(v.Template.Fields) != 2 || len(v.Suggested.Fields) != 0 || len(v.Defects) != 0 {
		t.Errorf("version 1 is %+v", v)
	}

	s.post(path, url.Values{"version": {"7"}}).status(http.StatusNotFound)
	for range 2 {
		s.post(path, url.Values{"version": {"0"}}).goesTo(templatePath(s.template.ID) + "/build")
	}
	first := s.get(path + "?tab=one").draft()
	if first.Template.Combine == nil || first.Template.Groups == nil || first.Suggested.Tables == nil || first.Suggested.Title != nil ||
		!cmp.Equal(first.People, []person{{"admin", []string{}, true}}) || first.Defects == nil || first.ChangedBy != "admin" {
		t.Errorf("the draft is %+v", first)
	}
	id := first.Template.Fields[0]["id"]
	got := s.change(path, fmt.Sprintf(`[
		{"part": "fields", "id": %[1]q, "before": {"name": "성명"}, "after": {"name": ""}},
		{"part": "fields", "id": %[1]q, "before": {"valueType": "NUMERIC"}, "after": {"valueType": "SPIRAL"}},
		{"part": "template", "id": "", "before": {"title": null}, "after": {"title": {"box": [0, 0, 0, 5]}}}]`, id)).draft()
	want := []draftDefect{
		{"title", 0, "", "box", "없거나 1px보다 작습니다"},
		{"fields", 0, id.(string), "name", "없습니다"},
	}
	if diff := cmp.Diff(want, got.Defects); diff != "" {
		t.Errorf("defects: want -, got +\n%s", diff)
	}
	if got.Revision != first.Revision+1 || got.Template.Fields[0]["name"] != "" ||
		!cmp.Equal(got.Refused, []refusedChange{{form.Refusal{Part: "fields", ID: id.(string), Property: "valueType"}, ""}}) {
		t.Errorf("changed: %+v", got)
	}
	if !cmp.Equal(got.People, []person{{"admin", []string{"x"}, true}}) {
		t.Errorf("people: %+v", got.People)
	}
	news := s.get(fmt.Sprintf("%s/news?revision=%d&tab=two&at=a,b", path, got.Revision)).draft()
	if news.Template != nil || news.Defects != nil || news.Revision != got.Revision ||
		!cmp.Equal(news.People, []person{{"admin", []string{"a", "b"}, true}, {"admin", []string{"x"}, false}}) {
		t.Errorf("no news: %+v", news)
	}
	if news := s.get(fmt.Sprintf("%s/news?revision=%d", path, first.Revision)).draft(); news.Template == nil || len(news.Defects) != 2 {
		t.Errorf("news: %+v", news)
	}
	s.get(path + "/news?revision=x").status(http.StatusBadRequest)

	s.addUser("lee")
	s.logIn("lee", testPassword)
	got = s.change(path, fmt.Sprintf(`[
		{"part": "fields", "id": %[1]q, "before": {"name": "성명"}, "after": {"name": "이름"}},
		{"part": "fields", "id": %[1]q, "before": {"name": ""}, "after": {"name": "이름"}}]`, id)).draft()
	if got.ChangedBy != "lee" || len(got.Refused) != 1 || got.Refused[0].By != "admin" {
		t.Errorf("after another: %+v", got)
	}
}

func TestDraftSuggestions(t *testing.T) {
	s := openSite(t)
	s.addDomain("총무과", "출장 신청서")
	if _, err := s.cfg.DB.StartDraft(t.Context(), form.Command, s.template.ID, 0); err != nil {
		t.Fatal(err)
	}
	text, err := form.EncodeTemplate(&form.Template{
		Title:  form.Title{Text: "신청서", Box: geom.XYWH(0, 0, 90, 20)},
		Fields: []form.Field{{Name: "동의", Kind: form.Checkbox, Box: geom.XYWH(5, 5, 10, 10), Group: "동의"}},
		Groups: []form.Group{{Name: "동의", Choose: form.ChooseOne}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cfg.DB.Suggest(t.Context(), form.Command, s.template.ID, text); err != nil {
		t.Fatal(err)
	}
	got := s.get(templatePath(s.template.ID) + "/draft").draft().Suggested
	if len(got.Fields) != 1 || len(fmt.Sprint(got.Fields[0]["id"])) != 36 || got.Groups[0]["choose"] != "one" || got.Title["text"] != "신청서" {
		t.Errorf("suggested: %+v", got)
	}
}

// What is no change is answered with a sentence, and nothing of it is logged.
func TestWhatIsNoChangeOfADraft(t *testing.T) {
	s := openSite(t)
	s.addDomain("총무과", "출장 신청서")
	path := templatePath(s.template.ID) + "/draft"
	s.post(path, url.Values{"version": {"0"}}).status(http.StatusSeeOther)
	for name, changes := range map[string]string{
		"no JSON":      `[{"비밀"`,
		"no list":      `{"비밀": 1}`,
		"another type": `[{"part": 1, "비밀": 1}]`,
		"nothing":      `[{}]`,
		"unknown":      `[{"part": "template", "before": {}, "after": {"비밀": 1}}]`,
		"deep":         strings.Repeat(`[`, 20_000),
	} {
		a := s.change(path, changes).status(http.StatusUnprocessableEntity)
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") || len(a.body) == 0 || len(a.body) > 500 {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	s.change(path, `["`+strings.Repeat("a", maxDraftChanges)+`"]`).status(http.StatusRequestEntityTooLarge)
	if log := s.log.String(); strings.Contains(log, "비밀") {
		t.Errorf("logged:\n%s", log)
	}
	stranger := s.client.Jar
	s.client.Jar = nil
	s.get(path).status(http.StatusSeeOther)
	s.client.Jar = stranger
}

func TestPresence(t *testing.T) {
	p, kim, lee := newPresence(), form.User{ID: 1, Name: "kim"}, form.User{ID: 2, Name: "lee"}
	now := time.Unix(0, 0)
	p.see(7, "k", kim, []string{"a"}, now)
	want := []person{{"kim", []string{"a"}, false}, {"lee", nil, true}}
	if got := p.see(7, "l", lee, nil, now.Add(5*time.Second)); !cmp.Equal(got, want) {
		t.Errorf("both: %+v", got)
	}
	if got := p.see(7, "k", lee, []string{"b"}, now.Add(6*time.Second)); !cmp.Equal(got, []person{{"kim", []string{"a"}, false}, {"lee", nil, false}}) {
		t.Errorf("in the tab of another: %+v", got)
	}
	if got := p.see(7, "l", lee, nil, now.Add(9*time.Second)); !cmp.Equal(got, []person{{"lee", nil, true}}) {
		t.Errorf("one is gone: %+v", got)
	}
	if got := p.see(8, "k", kim, nil, now.Add(9*time.Second)); !cmp.Equal(got, []person{{"kim", nil, true}}) {
		t.Errorf("in another draft: %+v", got)
	}
	for i := range 3 * maxPresent {
		p.see(9, fmt.Sprint(i), kim, nil, now.Add(10*time.Second))
	}
	if got := p.see(9, "", kim, nil, now.Add(10*time.Second)); len(got) != maxPresent {
		t.Errorf("%d are in a draft", len(got))
	}
	for i := range 2 * maxDrafts {
		p.see(form.TemplateID(100+i), "k", kim, nil, now.Add(11*time.Second))
	}
	if len(p.drafts) > maxDrafts {
		t.Errorf("somebody is in %d drafts", len(p.drafts))
	}
	p.see(1, "", kim, nil, now.Add(time.Hour))
	if p.see(1, "", kim, nil, now.Add(time.Hour)); len(p.drafts) > 1 {
		t.Errorf("%d drafts are not forgotten", len(p.drafts))
	}
	if at := selected(append([]string{"", strings.Repeat("x", 37)}, make([]string, 500)...)); len(at) != 0 {
		t.Errorf("selected: %q", at)
	}
}
