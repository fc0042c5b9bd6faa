package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

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

// printed says that what is at an address is printed, as the browser does.
func (s *site) printed(path string, pages ...string) {
	s.Helper()
	s.post("/printed", url.Values{"path": {path}, "page": pages}).status(http.StatusNoContent)
}

// Who may print is who may look: second reviewers too, and nobody what is not theirs.
func TestPrintsOfSecondReviewersAreLogged(t *testing.T) {
	s := past(t)
	domain := s.template.Domain
	second := s.colleague("second", form.Grant{Domain: domain, Role: form.SecondReviewer})
	page := strings.TrimPrefix(s.donePage(), "/pages/")
	_, last := s.logged(0)
	second.printed("/second/" + page)
	if got, _ := s.logged(last); !slices.Equal(got, []string{"second 127.0.0.1 print page 1 pages"}) {
		t.Errorf("log %q", got)
	}
	// One of them was destroyed while they were shown: the others are on the paper.
	_, last = s.logged(0)
	s.printed("/sheet", "999999", page)
	if got, _ := s.logged(last); !slices.Equal(got, []string{"admin 127.0.0.1 print sheet 1 pages"}) {
		t.Errorf("log %q", got)
	}
	stranger := s.colleague("stranger", form.Grant{Domain: s.addDomain("남의집", "남의서식"), Role: form.Reader})
	for path, pages := range map[string][]string{"/pages/" + page: nil, "/sheet": {page}} {
		stranger.post("/printed", url.Values{"path": {path}, "page": pages}).status(http.StatusNotFound)
	}
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
		{func() { s.printed(done + "/story") }, []string{"admin 127.0.0.1 print page 1 pages"}},
		{func() { s.printed("/sheet", "1", "2") }, []string{"admin 127.0.0.1 print sheet 2 pages"}},
		{func() { s.printed("/templates/1/tests") }, []string{"admin 127.0.0.1 print template 0 pages"}},
		{func() { s.printed("/account") }, nil},
		{func() { s.find("value=" + url.QueryEscape("홍길")) }, []string{"admin 127.0.0.1 search search 2 pages"}},
		{func() { s.find("value=" + url.QueryEscape("없는 이름")) }, []string{"admin 127.0.0.1 search search 0 pages"}},
		{func() { s.get("/sheet?all=yes").status(http.StatusOK) }, []string{"admin 127.0.0.1 view sheet 3 pages"}},
		{func() { s.get("/export").status(http.StatusOK) }, []string{"admin 127.0.0.1 preview preview 2 pages"}},
		{func() {
			s.get(fmt.Sprintf("/export/csv?part=%d&personal=yes&purpose=audit&reason=%s", s.template.ID, url.QueryEscape("감사 12호"))).status(http.StatusOK)
		}, []string{"admin 127.0.0.1 export_taken template 2 pages audit: 감사 12호"}},
		{func() {
			s.made(url.Values{"template": {fmt.Sprint(s.template.ID)}, "format": {"csv"}, "personal": {"yes"}, "purpose": {"work"}, "reason": {"정산"}})
		}, []string{"admin  export_made export 2 pages work: 정산", "admin 127.0.0.1 export_taken export 2 pages work: 정산"}},
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

func TestTheAccessLogIsShownAndSigned(t *testing.T) {
	s := past(t)
	done := s.donePage()
	id := strings.TrimPrefix(done, "/pages/")
	s.get(done).status(http.StatusOK)
	s.get("/sheet?all=yes").status(http.StatusOK)
	s.post("/login", url.Values{"user": {"admin"}, "password": {"wrong"}})
	a := s.get("/admin/access?page=" + id + "&who=person+1").status(http.StatusOK)
	a.says("td", "쪽을 봄").says("td", "127.0.0.1").says(".chain", "마지막 줄")
	if n := len(a.all("tr")); n != 3 { // with the head
		t.Errorf("%d rows", n)
	}
	s.get(done+"/story").says("h2", "이 쪽을 본 사람").says("td", "쪽을 봄")
	s.get("/admin/access?after=x").status(http.StatusBadRequest)
	s.post("/admin/access/rules", url.Values{"months": {"11"}, "factor": {"2"}, "seen": {"1"}, "seen_most": {"2"}, "taken": {"1"}, "taken_most": {"2"}}).
		status(http.StatusUnprocessableEntity).says(".wrong", "12개월보다 짧게")
	s.post("/admin/access/rules", url.Values{"months": {"36"}, "factor": {"2"}, "seen": {"1"}, "seen_most": {"2"}, "taken": {"1"}, "taken_most": {"2"}}).goesTo("/admin/access")
	s.get("/admin/access").says("summary", "36개월")

	month := time.Now().AddDate(0, 0, -time.Now().Day()).Format("2006-01") // the last
	this := time.Now().Format("2006-01")
	s.get("/admin/access/report?month="+this).says("td", "로그인 실패").says("p", "이 달이 끝나야")
	s.post("/admin/access/report", url.Values{"month": {this}, "note": {"x"}}).status(http.StatusSeeOther)
	s.get("/admin/access/report?month="+this).says("p", "이 달이 끝나야")
	s.post("/admin/access/report", url.Values{"month": {month}, "note": {"이상 없음"}}).goesTo("/admin/access/report?month=" + month)
	s.get("/admin/access/report").says(".sign", "이상 없음").says("b", "admin 님이")
	if raised, err := s.cfg.DB.Raise(t.Context(), db.Alarm{Day: time.Now(), Who: "person 1", Account: "admin", Kind: db.AlarmSeen, Pages: 900, Usual: 20}); !raised || err != nil {
		t.Fatal(raised, err)
	}
	s.get("/admin/access").says("li", "900쪽을 봄")
	s.post("/admin/access/alarms/1", url.Values{"note": {"명단 확인"}}).goesTo("/admin/access")
	if n := len(s.get("/admin/access").all(".alarms")); n != 0 {
		t.Error("the alarm is still there")
	}
}

func TestPagesAreHeldAndDestroyed(t *testing.T) {
	s := past(t)
	id := strings.TrimPrefix(s.donePage(), "/pages/")
	s.post("/admin/holds", url.Values{"page": {id}}).status(http.StatusOK).says("h1", "1쪽을 보존할까요?")
	s.post("/admin/holds", url.Values{"page": {id}, "chosen": {"1"}, "reason": {""}}).status(http.StatusBadRequest)
	s.post("/admin/holds", url.Values{"page": {id}, "chosen": {"1"}, "reason": {"소송"}}).goesTo("/admin/retention")
	s.post("/pages/"+id+"/delete", nil).status(http.StatusConflict).says("h1", "보존 중")
	s.get("/admin/retention").says("li", "소송")
	s.post("/admin/holds/1/lift", url.Values{"why": {"확정"}}).goesTo("/admin/retention")
	s.get("/admin/retention").says("li", "확정")

	template := fmt.Sprint(s.template.ID)
	s.post("/admin/retention", url.Values{"template": {template}, "state": {"done"}, "since": {"finished"}, "days": {"1"}}).goesTo("/admin/retention")
	s.get("/admin/retention").says("td", "끝난 날부터 1일").says("b", "내일 0쪽")
	if _, err := s.cfg.DB.Pool().ExecContext(t.Context(), `UPDATE pages SET finished_at = 1 WHERE id = ?`, id); err != nil {
		t.Fatal(err)
	}
	s.get("/admin/retention").says("b", "내일 1쪽")
	for n := 1; n > 0; {
		var err error
		if n, err = s.cfg.DB.DestroyDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s.get("/pages/" + id).status(http.StatusNotFound)
	s.get("/admin/destructions/1").says("h1", "파기 확인서 제1호").says("dd", id)
	if list := string(s.get("/admin/destructions/1/pages").status(http.StatusOK).body); !strings.HasPrefix(list, id+" ") || strings.Count(list, "\n") != 1 {
		t.Errorf("the list is %q", list)
	}
	s.post("/admin/retention", url.Values{"template": {template}, "state": {"done"}, "since": {"finished"}, "days": {"0"}}).goesTo("/admin/retention")
	s.get("/admin/retention").says("p", "정해진 것이 없습니다")
}

// What was found in the log is said where the office looks.
func TestWhetherTheLogIsWholeIsShown(t *testing.T) {
	s := openSite(t)
	for _, tt := range []struct {
		found     form.LogCheck
		in, words string
	}{
		{form.LogCheck{}, ".soft", "아직 검증하지 않았습니다"},
		{form.LogCheck{At: time.Now(), Rows: 1234}, ".state", "1,234줄 모두"},
		{form.LogCheck{At: time.Now().AddDate(0, 0, -5), Rows: 7}, ".state", "검증하지 못했습니다"},
		{form.LogCheck{At: time.Now(), Rows: 4, Row: 5, Why: "it is not there"}, ".state", "5번 줄"},
	} {
		if err := s.cfg.DB.LogChecked(t.Context(), tt.found); err != nil {
			t.Fatal(err)
		}
		for _, page := range []string{"/admin/access", "/admin/machine"} {
			s.get(page).says(tt.in, tt.words)
		}
	}
}

// Rows are looked for by program, and the report of a month lists what lets somebody
// do or see more.
func TestProgramsAndGrantsAreInTheLog(t *testing.T) {
	s := openSite(t)
	domain := s.addDomain("총무과", "출장 신청서")
	program := form.Program(domain)
	if err := s.cfg.DB.Saw(t.Context(), db.Access{By: program, Act: db.AccessRecord, Pages: []form.PageID{7}}).Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := s.get(fmt.Sprintf("/admin/access?who=program+%d", domain)).status(http.StatusOK)
	a.says("option", "프로그램: 총무과").says("td", "프로그램: 총무과")
	if n := len(a.all("tr")); n != 2 { // with the head
		t.Errorf("%d rows", n)
	}
	if err := s.cfg.DB.RotateSigningKey(t.Context(), form.Command, domain); err != nil {
		t.Fatal(err)
	}
	if err := s.cfg.DB.SetAccessRules(t.Context(), form.Command, db.AccessRules{Months: 24, Factor: 3, Seen: 1, SeenMost: 2, Taken: 1, TakenMost: 2}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	r, err := s.cfg.DB.AccessReport(t.Context(), time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.Local))
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range []string{"rotate_signing_key", "set_access_rules"} {
		if !slices.ContainsFunc(r.Granted, func(l db.Listed) bool { return l.Act == act }) {
			t.Errorf("%s is not among what was granted: %+v", act, r.Granted)
		}
	}
	if _, err := s.cfg.DB.Raise(t.Context(), db.Alarm{Day: now, Who: "command", Kind: db.AlarmTaken, Pages: 900, Usual: 20}); err != nil {
		t.Fatal(err)
	}
	s.get("/admin/access").says(".state", "명령줄 ·")
}

// What somebody should look into is said under Administration, and how much there is on
// each page of who administers the office, and of nobody else.
func TestTheOfficeIsToldWhatToLookInto(t *testing.T) {
	s := openSite(t)
	kim := s.colleague("kim", form.Grant{Role: form.Reviewer})
	matters := func(want ...string) {
		t.Helper()
		a := s.get("/admin").status(http.StatusOK)
		var got []string
		for _, section := range a.all(".matters") {
			for n := range section.Descendants() {
				if n.Data == "li" {
					got = append(got, text(n))
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("matters (-want +got):\n%s", diff)
		}
		if marks := s.get("/account").all(".matters-mark"); len(marks) != min(1, len(want)) || len(want) > 0 && !strings.HasPrefix(text(marks[0]), fmt.Sprint(len(want))) {
			t.Errorf("%d marks, want one of %d", len(marks), len(want))
		}
		if len(kim.get("/account").all(".matters-mark")) > 0 {
			t.Error("a reviewer is told")
		}
	}
	matters("아직 백업이 없습니다.")
	ctx, now := t.Context(), time.Now()
	made := form.Backup{At: now, File: "/backups/a.tar"}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(s.cfg.DB.BackupMade(ctx, form.System, made))
	matters()
	// In the last month somebody saw something, and too much today.
	last := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.Local).AddDate(0, 0, -1)
	check(s.cfg.DB.Saw(ctx, db.Access{At: last, By: form.Command, Act: db.AccessView, Pages: []form.PageID{7}}).Wait(ctx))
	_, err := s.cfg.DB.Raise(ctx, db.Alarm{Day: now, Who: "person 1", Account: "admin", Kind: db.AlarmSeen, Pages: 900, Usual: 20})
	check(err)
	check(s.cfg.DB.LogChecked(ctx, form.LogCheck{At: now, Row: 5, Why: "it is not there"}))
	made.At = now.AddDate(0, 0, -8)
	check(s.cfg.DB.BackupMade(ctx, form.System, made))
	check(s.cfg.DB.BackupFailed(ctx, form.BackupFailure{At: now, Why: "full"}))
	unsigned := last.Format("2006-01") + "의 접속기록 점검에 아직 아무도 서명하지 않았습니다."
	matters("접속기록이 쓰이고 서명된 그대로가 아닙니다.", "평소와 다른 양: 아무도 확인하지 않은 것 1건", "마지막 백업이 실패했습니다.", "마지막 백업이 너무 오래되었습니다.", unsigned)
	s.post("/admin/access/alarms/1", url.Values{"note": {"확인"}}).goesTo("/admin/access")
	s.post("/admin/access/report", url.Values{"month": {last.Format("2006-01")}, "note": {"이상 없음"}}).status(http.StatusSeeOther)
	check(s.cfg.DB.LogChecked(ctx, form.LogCheck{At: now.AddDate(0, 0, -4), Rows: 4}))
	made.At = now
	check(s.cfg.DB.BackupMade(ctx, form.System, made))
	matters("접속기록을 며칠째 검증하지 못했습니다.")
}
