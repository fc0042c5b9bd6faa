package handlers

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/rest"
)

// uncounted adds a document that nobody will ever read, and returns the uid of
// its page.
func (a *api) uncounted() (uid string) {
	a.Helper()
	id, err := a.cfg.DB.AddSubmission(a.Context(), form.Program(a.domain.ID), form.Submission{Domain: a.domain.ID}, []form.Document{{Name: "a.pdf"}},
		func(*sql.Tx, []db.Chore) error { return nil })
	if err != nil {
		a.Fatal(err)
	}
	pages, err := a.cfg.DB.PagesOf(a.Context(), form.Everything, id)
	if err != nil {
		a.Fatal(err)
	}
	return pages[0].UID
}

func TestOwnDeletion(t *testing.T) {
	a := newAPI(t)
	remove := func(path string) *answer {
		a.Helper()
		return a.own(http.MethodDelete, path, nil)
	}
	gone := func(path string) {
		a.Helper()
		if got := remove(path).status(http.StatusNoContent); len(got.body) > 0 {
			t.Errorf("DELETE %s: %s", path, got.body)
		}
		remove(path).refusedOwn(rest.ErrNotFound, "")
	}
	taken := a.handInOwn("file:가.jpg", "filled", "file:나.tif", "II*\x00blank damaged filled")
	left := a.findAll("pages", "", 1)
	if len(left) != 4 {
		t.Fatalf("pages %q", left)
	}

	// A list is gone through while what it lists is deleted.
	var first, second struct {
		Pages []rest.Page
		Next  string
	}
	read(a.ask("pages/search", `{"limit":2}`), &first)
	for _, p := range first.Pages {
		gone("pages/" + p.UID)
	}
	read(a.ask("pages/search", fmt.Sprintf(`{"limit":2,"next":%q}`, first.Next)), &second)
	if len(second.Pages) != 2 || second.Pages[0].Document != "나.tif" || second.Pages[0].Number != 3 || second.Pages[1].Document != "가.jpg" {
		t.Errorf("then %+v", second.Pages)
	}
	a.own(http.MethodGet, "records/"+first.Pages[0].UID, nil).refusedOwn(rest.ErrNotFound, "")
	a.get(fmt.Sprintf("%sresults/%s", a.domain.InvokePath()[:len(a.domain.InvokePath())-len("infer")], first.Pages[0].UID), "X-OCR-SECRET", a.secret).
		status(http.StatusBadRequest)
	var progress rest.Progress
	read(a.get(taken.Progress, "X-OCR-SECRET", a.secret), &progress)
	if progress.Documents != 2 || progress.Pages[form.StateDone] != 2 || progress.Pages[form.StateUnmatched]+progress.Pages[form.StateFailed] != 0 {
		t.Errorf("progress %+v", progress)
	}

	// Each to itself.
	other, otherSecret, err := a.cfg.DB.AddDomain(t.Context(), form.Command, "other", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	submission := fmt.Sprintf("submissions/%d", taken.Submission)
	for _, path := range []string{"pages/" + taken.Pages[0].UID, submission, "submissions/99", "submissions/x", "pages/x"} {
		a.do(http.MethodDelete, fmt.Sprintf("/api/v1/domains/%d/%s", other.ID, path), nil, "X-OCR-SECRET", otherSecret).refusedOwn(rest.ErrNotFound, "")
	}
	// What a person has put into the trash is nowhere either, and goes for good.
	a.addUser("김")
	inTrash, err := a.cfg.DB.PageByUID(t.Context(), a.domain.ID, second.Pages[1].UID)
	if err == nil {
		err = a.cfg.DB.Trash(t.Context(), form.Person(1), inTrash.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	a.own(http.MethodGet, "records/"+second.Pages[1].UID, nil).refusedOwn(rest.ErrNotFound, "")
	gone(submission)
	a.get(taken.Progress, "X-OCR-SECRET", a.secret).refusedOwn(rest.ErrNotFound, "")
	if n, err := a.cfg.DB.CountTrash(t.Context(), form.Everything, 9); n != 0 || err != nil {
		t.Errorf("%d pages are in the trash, %v", n, err)
	}
	remove("pages/"+a.uncounted()).refusedOwn(rest.ErrNotYet, "")
}

func TestACallThatIsRepeatedAfterDeletionIsANewOne(t *testing.T) {
	a := newAPI(t)
	send := func() (taken rest.Submitted) {
		a.Helper()
		body, kind := parts(t, "file:a.jpg", "filled")
		read(a.own(http.MethodPost, "submissions", body, "Content-Type", kind, "Idempotency-Key", "k").status(http.StatusAccepted), &taken)
		return taken
	}
	first := send()
	a.own(http.MethodDelete, fmt.Sprintf("submissions/%d", first.Submission), nil).status(http.StatusNoContent)
	if second := send(); second.Submission == first.Submission || second.Pages[0].UID == first.Pages[0].UID {
		t.Errorf("again %+v, first %+v", second, first)
	}

	infer := func() []byte {
		a.Helper()
		body, kind := parts(t, "message", `{"version":"V2","requestId":"r","timestamp":0,"images":[{"format":"jpg","name":"a"}]}`, "file:a.jpg", "filled")
		return a.call(a.domain.InvokePath(), body, "Content-Type", kind, "Idempotency-Key", "i").status(http.StatusOK).body
	}
	answer := infer()
	if again := infer(); !bytes.Equal(answer, again) {
		t.Fatalf("not the same answer:\n%s\n%s", answer, again)
	}
	list, err := a.cfg.DB.Submissions(t.Context(), form.Everything, db.SubmissionFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.cfg.DB.DeleteSubmission(t.Context(), form.Command, list[0].ID); err != nil {
		t.Fatal(err)
	}
	if again := infer(); bytes.Equal(answer, again) {
		t.Error("the answer is that of what was deleted")
	}
}

func TestPeopleDelete(t *testing.T) {
	s := openSite(t)
	template := s.addTemplate()
	page := s.addPage(template)
	p, err := s.cfg.DB.Page(t.Context(), form.Everything, page)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.cfg.DB.SetPages(t.Context(), p.Document, 1); err != nil {
		t.Fatal(err)
	}
	screen, submission := fmt.Sprintf("/pages/%d", page), fmt.Sprintf("/submissions/%d", p.Submission)
	s.get(screen).says("details", "이 쪽 삭제")
	s.get(submission).says("details", "이 묶음 삭제")
	s.post(screen+"/delete", nil, "Sec-Fetch-Site", "cross-site").status(http.StatusForbidden)
	s.get(screen).status(http.StatusOK)
	if got := s.post(screen+"/delete", nil).status(http.StatusSeeOther).Header.Get("Location"); got != "/pages" {
		t.Errorf("the last page leads to %s", got)
	}
	for _, path := range []string{screen, submission, submission + "/pages", screen + "/picture"} {
		s.get(path).status(http.StatusNotFound)
	}
	s.post(screen+"/delete", nil).status(http.StatusNotFound)

	// It comes back, with all that it was.
	s.get("/trash").status(http.StatusOK).says("td.cut", p.DocumentName)
	chosen := url.Values{"page": {fmt.Sprint(page)}}
	s.post("/trash/restore", chosen).goesTo("/trash")
	s.get(screen).status(http.StatusOK)
	s.get("/trash").says(".nothing", "비어")
	s.post("/trash/purge", chosen).goesTo("/trash") // nothing that is not in the trash
	s.get(screen).status(http.StatusOK)
	s.post(screen+"/delete", nil).goesTo("/pages")
	s.post("/trash/purge", chosen).goesTo("/trash")
	s.get("/trash").says(".nothing", "비어")
	for _, path := range []string{"/trash/restore", "/trash/purge"} {
		s.post(path, chosen).goesTo("/trash") // there is nothing to do any more
		s.post(path, url.Values{"page": {"x"}}).status(http.StatusBadRequest)
	}
	s.get(screen).status(http.StatusNotFound)

	other := s.addPage(template)
	if p, err = s.cfg.DB.Page(t.Context(), form.Everything, other); err != nil {
		t.Fatal(err)
	}
	if got := s.post(fmt.Sprintf("/submissions/%d/delete", p.Submission), nil).status(http.StatusSeeOther).Header.Get("Location"); got != "/" {
		t.Errorf("the submission leads to %s", got)
	}
	if _, err := s.cfg.DB.Page(t.Context(), form.Everything, other); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("Page = %v", err)
	}
	// Going on to the next page does not end with the one that is gone.
	s.get(fmt.Sprintf("/review?after=%d", other)).status(http.StatusOK)
}
