package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// logged returns the rows of the access log, the oldest first, after a row.
func (s *site) logged(after int64) (lines []string, last int64) {
	s.Helper()
	rows, err := s.cfg.DB.AccessLog(s.Context(), db.AccessFilter{Limit: 1000})
	if err != nil {
		s.Fatal(err)
	}
	slices.Reverse(rows)
	for _, r := range rows {
		if r.ID > after {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %d pages %s", r.Account, r.Address, r.Act, r.Subject, r.Pages, r.Purpose)))
		}
		last = max(last, r.ID)
	}
	return lines, last
}

// donePage returns the address of the newest page that is done.
func (s *site) donePage() string {
	s.Helper()
	pages, err := s.cfg.DB.Pages(s.Context(), form.Everything, db.PageFilter{States: []form.State{form.StateDone}})
	if err != nil || len(pages) == 0 {
		s.Fatal(pages, err)
	}
	return fmt.Sprintf("/pages/%d", pages[0].ID)
}

func TestTheAccessLogSaysWhoSawWhat(t *testing.T) {
	s := past(t)
	_, last := s.logged(0)
	done, review := s.donePage(), "/pages/"+pageID(t, s, form.StateReview)
	for _, tt := range []struct {
		do   func()
		want []string
	}{
		{func() { // with its pictures, one row
			s.get(review).status(http.StatusOK)
			s.get(review + "/picture").status(http.StatusOK)
			s.get(review + "/crops/0").status(http.StatusOK)
		}, []string{"admin 127.0.0.1 view page 1 pages"}},
		{func() { s.get(done + "/picture").status(http.StatusOK) }, []string{"admin 127.0.0.1 picture page 1 pages"}},
		{func() { s.get(done + "/story").status(http.StatusOK) }, []string{"admin 127.0.0.1 story page 1 pages"}},
		{func() { s.post(done+"/printed", nil).status(http.StatusNoContent) }, []string{"admin 127.0.0.1 print page 1 pages"}},
		{func() { s.find("value=" + url.QueryEscape("홍길")) }, []string{"admin 127.0.0.1 search search 2 pages"}},
		{func() { s.find("value=" + url.QueryEscape("없는 이름")) }, []string{"admin 127.0.0.1 search search 0 pages"}},
		{func() { s.get("/sheet?all=yes").status(http.StatusOK) }, []string{"admin 127.0.0.1 view sheet 3 pages"}},
		{func() { s.get("/export").status(http.StatusOK) }, []string{"admin 127.0.0.1 preview preview 2 pages"}},
		{func() {
			s.get(fmt.Sprintf("/export/csv?part=%d&personal=yes&purpose=audit&reason=%s", s.template.ID, url.QueryEscape("감사 12호"))).status(http.StatusOK)
		}, []string{"admin 127.0.0.1 export_taken template 2 pages audit: 감사 12호"}},
		{func() {
			s.made(url.Values{"template": {fmt.Sprint(s.template.ID)}, "format": {"csv"}, "personal": {"yes"}, "purpose": {"work"}, "reason": {"정산"}})
		}, []string{"admin  export_made export 2 pages work: 정산", "admin 127.0.0.1 export_taken export 0 pages work: 정산"}},
		{func() { s.post(done+"/delete", nil).status(http.StatusSeeOther) }, []string{"admin 127.0.0.1 trash page 1 pages"}},
		{func() { s.post("/logout", nil) }, []string{"admin 127.0.0.1 logout  0 pages"}},
		{func() { s.post("/login", url.Values{"user": {"admin"}, "password": {"wrong"}}) }, []string{"127.0.0.1 login_failed user 0 pages"}},
		{func() { s.post("/login", url.Values{"user": {"my password"}, "password": {"x"}}) }, []string{"127.0.0.1 login_failed  0 pages"}},
		{func() { s.logIn("admin", testPassword) }, []string{"admin 127.0.0.1 login  0 pages"}},
	} {
		tt.do()
		var got []string
		got, last = s.logged(last)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	}
	// Neither names nor what was looked for.
	rows, err := s.cfg.DB.Pool().QueryContext(t.Context(), `SELECT account || act || subject || purpose FROM access WHERE account || act || subject || purpose LIKE '%홍길%' OR purpose LIKE '%password%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if rows.Next() || rows.Err() != nil {
		t.Error("the log has what is personal")
	}
}

func TestNothingIsShownThatTheLogCannotSay(t *testing.T) {
	s := past(t)
	done := s.donePage()
	if _, err := s.cfg.DB.Pool().ExecContext(t.Context(), `
		CREATE TRIGGER access_full BEFORE INSERT ON access BEGIN SELECT RAISE (ABORT, 'full'); END`); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		done, done + "/story", done + "/picture", done + "/crops/0", "/sheet?all=yes", "/export", fmt.Sprintf("/export/csv?part=%d", s.template.ID),
	} {
		a := s.get(path)
		if a.StatusCode != http.StatusInternalServerError || strings.Contains(string(a.body), "홍길") || strings.HasPrefix(string(a.body), "\x89PNG") {
			t.Errorf("%s: status %d\n%s", path, a.StatusCode, a.body)
		}
	}
}
