package handlers

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

// openDemo returns a site with the template of the demo in service.
func openDemo(t testing.TB) *site {
	t.Helper()
	s, set := openSite(t), demo.Load()
	f, err := form.DecodeTemplate(set.Template)
	if err != nil {
		t.Fatal(err)
	}
	d, _, err := s.cfg.DB.AddDomain(t.Context(), form.Command, "데모", f.Languages)
	if err != nil {
		t.Fatal(err)
	}
	if f.Image, err = s.cfg.Blobs.Put(t.Context(), set.Picture); err != nil {
		t.Fatal(err)
	}
	f.Domain, f.Stage = d.ID, form.Service
	if s.template, err = s.cfg.DB.SaveTemplate(t.Context(), form.Command, f); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestANewPictureTakesTheFieldsAlong(t *testing.T) {
	s := openDemo(t)
	s.get("/templates/1").status(http.StatusOK).says("a", "대표 샘플 바꾸기")
	s.get("/templates/1/replace").status(http.StatusOK).one("input[type=file]")
	a := s.upload("/templates/1/replace", nil, map[string][]byte{"scan.png": demo.Load().Picture}).status(http.StatusSeeOther)
	to, err := url.Parse(a.Header.Get("Location"))
	if err != nil || to.Path != "/templates/1/replace/compare" {
		t.Fatalf("goes to %q, %v", a.Header.Get("Location"), err)
	}
	s.get(to.String()).status(http.StatusOK).says(".state", "함께 옮겨졌습니다")
	s.get("/templates/1/replace/picture?" + to.RawQuery).status(http.StatusOK)
	if _, err := s.cfg.DB.Draft(t.Context(), form.Everything, 1); err == nil {
		t.Error("there is a draft before the picture is kept")
	}
	// Somebody has begun to edit meanwhile.
	draft, err := s.cfg.DB.StartDraft(t.Context(), form.Command, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	draft.Fields[0].Name = "다른 이름"
	if _, err := s.cfg.DB.SaveDraft(t.Context(), form.Command, draft); err != nil {
		t.Fatal(err)
	}
	s.post("/templates/1/replace/keep", url.Values{"of": {to.Query().Get("of")}}).goesTo("/templates/1/build")
	kept, err := s.cfg.DB.Draft(t.Context(), form.Everything, 1)
	if err != nil || kept.Fields[0].Name != "다른 이름" || kept.Fields[0].ID != s.template.Fields[0].ID {
		t.Errorf("a draft %+v, %v", kept.Fields[0], err)
	}
	for i, f := range kept.Fields {
		if d := f.Box.Min.Distance(s.template.Fields[i].Box.Min); d > 1.5 {
			t.Errorf("%s moved by %.1f px", f.Name, d)
		}
	}
	s.get("/templates/1/replace/compare?of=forged").status(http.StatusNotFound)
}

func TestAPictureOfAnotherFormIsRefused(t *testing.T) {
	s := openDemo(t)
	s.upload("/templates/1/replace", nil, map[string][]byte{"x.png": blankForm(t, 9, 0)}).
		status(http.StatusUnprocessableEntity).says(".wrong", "다른 서식").says("a", "템플릿 생성")
	s.upload("/templates/1/replace", nil, map[string][]byte{"x.png": []byte("hello")}).status(http.StatusUnsupportedMediaType).says(".wrong", "읽을 수 없는")
	s.upload("/templates/1/replace", nil, nil).status(http.StatusUnprocessableEntity).says(".wrong", "파일을 골라")
	s.upload("/templates/9/replace", nil, nil).status(http.StatusNotFound)
}
