package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

// What was typed and left is there when its person comes back, and can be taken
// back; what was said can be undone and said again.
func TestTypedAndUndone(t *testing.T) {
	s := openSite(t)
	id := s.addPage(s.addTemplate())
	page := fmt.Sprintf("/pages/%d", id)
	say := func(path, text string, more ...string) *answer {
		v := url.Values{"field": {"1"}, "run": {"1"}, "seen": {"0"}, "text": {text}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return s.post(page+path, v, "HX-Request", "true")
	}
	name := func() *form.Value {
		t.Helper()
		r, err := s.cfg.DB.Record(t.Context(), form.Everything, id)
		if err != nil {
			t.Fatal(err)
		}
		return &r.Values[1]
	}
	say("/typed", "김").status(http.StatusOK)
	if a := s.get(page).status(http.StatusOK); attr(a.one("#field-1-input"), "value") != "김" || attr(a.one("#field-1-input"), "data-initial") != "김철슈" {
		t.Error("what was typed is not there")
	}
	if name().Text() != "김철슈" {
		t.Error("it counts already")
	}
	say("/typed", "김철슈").status(http.StatusOK)
	if a := s.get(page); attr(a.one("#field-1-input"), "value") != "김철슈" {
		t.Error("what was taken back is there")
	}
	a := say("/corrections", "", "mark", "illegible").status(http.StatusOK).says(".chip", "판독 불가")
	first := a.Header.Get("X-Said")
	if v := name(); v.Mark() != form.MarkIllegible || fmt.Sprint(v.Newest()) != first {
		t.Errorf("X-Said %q of %+v", first, v)
	}
	say("/corrections", "", "mark", "withdrawn").status(http.StatusBadRequest)
	undo := say("/corrections/restore", "", "seen", first, "as", "0").status(http.StatusOK)
	var said struct{ Said form.CorrectionID }
	if err := json.Unmarshal(undo.body, &said); err != nil {
		t.Fatal(err)
	}
	if v := name(); !v.Doubtful() || v.Newest() != said.Said {
		t.Errorf("undone: %+v", v)
	}
	say("/corrections/restore", "", "seen", first, "as", first).status(http.StatusConflict)
	say("/corrections/restore", "", "seen", fmt.Sprint(said.Said), "as", first).status(http.StatusOK)
	if v := name(); v.Mark() != form.MarkIllegible {
		t.Errorf("redone: %+v", v)
	}
}

// A script that says whose page it runs on is told that its person is not logged
// in, also where another one is: it asks for the password in place.
func TestAScriptIsToldThatNobodyIsLoggedIn(t *testing.T) {
	s := openSite(t)
	id := s.addPage(s.addTemplate())
	path := fmt.Sprintf("/pages/%d/typed", id)
	v := url.Values{"field": {"1"}, "run": {"1"}, "seen": {"0"}, "text": {"x"}}
	s.post(path, v, "X-Person", "1").status(http.StatusOK)
	s.post(path, v, "X-Person", "2").status(http.StatusUnauthorized)
	s.post("/logout", nil)
	s.post(path, v, "X-Person", "1", "HX-Request", "true").status(http.StatusUnauthorized)
	s.post(path, v).goesTo("/login")
}

// What a person typed or said is kept only where the answer says so.
func TestAnswersSayWhatIsKept(t *testing.T) {
	s := openSite(t)
	id := s.addPage(s.addTemplate())
	kept := func(path string, status int, want string) {
		t.Helper()
		v := url.Values{"field": {"1"}, "run": {"1"}, "seen": {"0"}, "text": {"x"}}
		if a := s.post(fmt.Sprintf("/pages/%d%s", id, path), v, "HX-Request", "true", "X-Person", "1"); a.StatusCode != status || a.Header.Get(keptHeader) != want {
			t.Errorf("%s: status %d, %s %q", path, a.StatusCode, keptHeader, a.Header.Get(keptHeader))
		}
	}
	kept("/typed", http.StatusOK, "true")
	kept("/corrections", http.StatusOK, "true")
	kept("/claim", http.StatusOK, "")
	a, err := s.cfg.DB.Admission(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a.Factor = form.FactorAll
	if err := s.cfg.DB.SetAdmission(t.Context(), form.Command, a); err != nil {
		t.Fatal(err)
	}
	kept("/corrections", http.StatusNoContent, "")
}
