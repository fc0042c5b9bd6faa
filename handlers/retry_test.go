package handlers

import (
	"database/sql"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"testing"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

func TestFailedPagesAreReadOnceMore(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("시험", "신청서")))
	s.read()
	failed := func() []form.PageInfo {
		t.Helper()
		pages, err := s.cfg.DB.Pages(t.Context(), form.Everything, pagesIn(form.StateFailed))
		if err != nil {
			t.Fatal(err)
		}
		return pages
	}
	if n := len(s.get("/pages?state=failed").all("#retry")); n != 0 {
		t.Error("nothing has failed, and something can be read again")
	}
	s.wait(s.handIn("domain", domain, "file:a.jpg", "failed damaged\nfailed engine", "file:b.jpg", "failed engine"))
	pages := failed()
	if len(pages) != 3 {
		t.Fatalf("%d pages failed, want 3", len(pages))
	}
	s.get("/pages?state=failed").status(http.StatusOK).says("#retry", "모든 이유 (3)").says("#retry", "깨진 파일 (1)").says("#retry", "판독 프로그램 멈춤 (2)")
	if n := len(s.get("/pages").all("#retry")); n != 0 {
		t.Error("the whole history offers to read failed pages again")
	}
	page := fmt.Sprintf("/pages/%d", pages[0].ID)
	s.get(page).status(http.StatusOK).says("button", "다시 읽기")
	s.post(page+"/retry", nil).goesTo(page)
	s.settled(pages[0].ID)
	for _, why := range []string{"damaged", ""} {
		s.post("/pages/retry", url.Values{"failure": {why}}).goesTo("/pages?state=failed")
		for _, p := range pages {
			s.settled(p.ID)
		}
	}
	runs := make(map[form.Failure]int) // they fail again each time
	for _, p := range failed() {
		runs[p.Failure] += p.Run
	}
	if runs[form.FailDamaged] != 3 || runs[form.FailEngine] != 2+3 {
		t.Errorf("they were read %v times, want the damaged one three times and the others five", runs)
	}
	s.post("/pages/retry", url.Values{"failure": {"nonsense"}}).status(http.StatusBadRequest)
	s.post("/pages/99/retry", nil).status(http.StatusNotFound)
}

// What keeps pages from being read is said in the list and on the page.
func TestTroubleIsSaid(t *testing.T) {
	s := openSite(t)
	domain := s.addDomain("시험", "신청서")
	var doc db.Chore
	id, err := s.cfg.DB.AddSubmission(t.Context(), form.Person(1), form.Submission{Domain: domain}, []form.Document{{Name: "a.pdf", Blob: "x"}},
		func(_ *sql.Tx, chores []db.Chore) error { doc = chores[0]; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.cfg.DB.Postpone(t.Context(), doc, form.TroubleFull); err != nil {
		t.Fatal(err)
	}
	pages, err := s.cfg.DB.PagesOf(t.Context(), form.Everything, id)
	if err != nil {
		t.Fatal(err)
	}
	const want = "디스크가 가득 차서"
	s.get(fmt.Sprintf("/submissions/%d", id)).says("#pages", want)
	s.get("/pages").says("table", want)
	s.get(fmt.Sprintf("/pages/%d", pages[0].ID)).says(".values", want)
}

func TestAFullDiskIsNoMistakeOfTheServer(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
		words  string
	}{
		{fmt.Errorf("submit: %w", &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}), http.StatusInsufficientStorage, "error.full"},
		{fmt.Errorf("add submission: %w", form.ErrFull), http.StatusInsufficientStorage, "error.full"},
		{fmt.Errorf("add submission: %w", form.ErrStorage), http.StatusServiceUnavailable, "error.storage"},
		{&fs.PathError{Op: "read", Path: "x", Err: syscall.EIO}, http.StatusServiceUnavailable, "error.storage"},
		{fs.ErrInvalid, http.StatusInternalServerError, "error.internal"},
	} {
		if o := explain(tt.err); o.status != tt.status || o.words != tt.words {
			t.Errorf("explain(%v) = %d, %s", tt.err, o.status, o.words)
		}
	}
}
