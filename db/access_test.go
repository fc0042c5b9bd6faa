package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

// logged returns the access log, oldest first, after row number last.
func (o *office) logged(t testing.TB, last int) []string {
	t.Helper()
	return o.table(t, `
		SELECT concat_ws(' ', who, account, iif(address = '', '-', address), act, iif(subject = '', '-', subject), subject_id, pages, purpose)
		FROM access WHERE id > ? ORDER BY id`, last)
}

// chained fails where the log is not a chain.
func (o *office) chained(t testing.TB) (rows int) {
	t.Helper()
	before := noAccess
	for r, err := range o.AccessChain(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(r.Hash, r.After(before)) {
			t.Fatalf("row %d does not follow the one before", r.ID)
		}
		before = r.Hash
		rows++
	}
	return rows
}

func TestTheAccessLogSaysWhoDidWhatFromWhere(t *testing.T) {
	o, ctx := newServing(t), WithAddress(t.Context(), "10.0.0.7")
	_, _, pages := o.full(t)
	last := len(o.logged(t, 0))
	kim := form.Person(o.user)
	if _, _, err := o.AddCorrection(ctx, kim, form.Correction{Page: pages[0], Run: 1, Field: nameID, Text: "김철수"}, 0); err != nil {
		t.Fatal(err)
	}
	for _, a := range []Access{
		{By: kim, Act: AccessView, Pages: pages[:1]},
		{By: kim, Act: AccessView, Subject: "sheet", Pages: pages},
		{By: form.Program(o.domain), Act: AccessRecord, Pages: pages[1:2]},
		{Act: AccessFailedLogin, Subject: "user", ID: int64(o.user)},
		{By: kim, Act: AccessExportTaken, Subject: "export", ID: 4, Pages: pages[2:], Purpose: "감사"},
	} {
		if err := o.Saw(ctx, a).Wait(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Trash(ctx, kim, pages[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Restore(ctx, kim, pages[:1], noJobs); err != nil {
		t.Fatal(err)
	}
	if err := o.DeletePage(ctx, kim, pages[0]); err != nil {
		t.Fatal(err)
	}
	who := fmt.Sprintf("person %d kim 10.0.0.7 ", o.user)
	page := func(act string, id form.PageID) string { return fmt.Sprintf("%s%s page %d 1 ", who, act, id) }
	if diff := cmp.Diff([]string{
		page("correct", pages[0]),
		page("view", pages[0]),
		who + "view sheet 0 3 ",
		fmt.Sprintf("program %d office 10.0.0.7 record page %d 1 ", o.domain, pages[1]),
		fmt.Sprintf("stranger  10.0.0.7 login_failed user %d 0 ", o.user),
		who + "export_taken export 4 1 감사",
		page("trash", pages[0]),
		page("restore", pages[0]),
		page("delete", pages[0]),
	}, o.logged(t, last)); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	o.chained(t)
	// Whose data: a page is found alone and among others, newest first.
	var acts []string
	rows, err := o.AccessLog(ctx, AccessFilter{Page: pages[2]})
	for _, r := range rows {
		acts = append(acts, r.Act)
	}
	if err != nil || strings.Join(acts, " ") != "export_taken view correct submit" && strings.Join(acts, " ") != "export_taken view correct" {
		t.Errorf("of page %d: %s, %v", pages[2], acts, err)
	}
	if got, err := o.AccessPages(ctx, rows[1].ID, 0, 9); err != nil || !slices.Equal(got, pages) {
		t.Errorf("AccessPages = %v, %v, want %v", got, err, pages)
	}
}

func TestTheAccessLogIsFilteredAndWalkedThrough(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	lee, err := o.AddUser(ctx, form.Command, "lee", "hash")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 60 {
		by := form.Person(o.user)
		if i%3 == 0 {
			by = form.Person(lee.ID)
		}
		a := Access{At: from.Add(time.Duration(i) * time.Hour), By: by, Act: []string{AccessView, AccessPrint}[i%2], Pages: []form.PageID{form.PageID(i%5 + 1)}}
		if err := o.Saw(ctx, a).Wait(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		f    AccessFilter
		want int
	}{
		{AccessFilter{From: from}, 60},
		{AccessFilter{From: from, Who: WhoPerson(lee.ID)}, 20},
		{AccessFilter{From: from, Act: AccessPrint}, 30},
		{AccessFilter{Who: WhoPerson(lee.ID), Act: AccessPrint}, 10},
		{AccessFilter{Page: 2}, 12},
		{AccessFilter{Page: 2, Who: WhoPerson(lee.ID)}, 4},
		{AccessFilter{From: from.Add(10 * time.Hour), To: from.Add(12 * time.Hour)}, 2},
		{AccessFilter{Act: "nothing"}, 0},
	} {
		seen := make(map[int64]bool)
		f := tt.f
		for f.Limit = 7; ; {
			rows, err := o.AccessLog(ctx, f)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range rows {
				if seen[r.ID] || i > 0 && r.AtMillis > rows[i-1].AtMillis {
					t.Errorf("%+v: row %d comes twice, or too early", tt.f, r.ID)
				}
				seen[r.ID], f.After = true, r.Spot()
			}
			if len(rows) < f.Limit {
				break
			}
		}
		if len(seen) != tt.want {
			t.Errorf("%+v: %d rows, want %d", tt.f, len(seen), tt.want)
		}
	}
}

func TestManyAccessesAtTheSameTimeAreOneChain(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	before := o.chained(t)
	var all []*Kept
	for range 500 {
		all = append(all, o.Saw(ctx, Access{By: form.Person(o.user), Act: AccessView, Pages: []form.PageID{1}}))
	}
	nobody := o.Saw(ctx, Access{By: form.Person(99), Act: AccessView}) // must not keep the others out
	for _, k := range all {
		if err := k.Wait(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := nobody.Wait(ctx); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("a person that there is not: %v", err)
	}
	if n := o.chained(t); n != before+500 {
		t.Errorf("%d rows, want %d", n, before+500)
	}
}

func TestTheAccessLogIsNeitherChangedNorForgotten(t *testing.T) {
	o, ctx, now := &office{DB: openTest(t)}, t.Context(), time.Now()
	o.now = func() time.Time { return now.AddDate(-3, 0, 0) }
	kim, err := o.AddUser(ctx, form.Command, "kim", "hash")
	if err != nil {
		t.Fatal(err)
	}
	o.user = kim.ID
	saw := func(n int) {
		t.Helper()
		for range n {
			if err := o.Saw(ctx, Access{By: form.Person(o.user), Act: AccessView, Subject: "sheet", Pages: []form.PageID{1, 5000}}).Wait(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	saw(4)
	o.now = func() time.Time { return now.AddDate(0, -13, 0) }
	saw(2)
	for _, statement := range []string{
		`UPDATE access SET act = 'login'`, `DELETE FROM access`, `UPDATE access_pages SET block = 7`, `DELETE FROM access_pages`,
	} {
		if _, err := o.write.ExecContext(ctx, statement); err == nil {
			t.Errorf("%s is done", statement)
		}
	}
	o.now = func() time.Time { return now }
	sign := func(h *Head) { h.Key, h.Signature = []byte("k"), []byte("s") }
	all := o.chained(t)
	n, h, err := o.CutAccess(ctx, sign)
	if err != nil || n != all-2 || !h.Cut || h.Row != int64(all-2) {
		t.Errorf("CutAccess = %d, %+v, %v; there were %d", n, h, err, all)
	}
	if n, h, err := o.CutAccess(ctx, sign); n != 0 || h.Row != 0 || err != nil {
		t.Errorf("again: %d, %+v, %v", n, h, err)
	}
	if rows := o.table(t, `SELECT access_id FROM access_pages`); len(rows) != 4 {
		t.Errorf("blocks are left of %v", rows)
	}
	before := h.Hash
	for r, err := range o.AccessChain(context.WithoutCancel(ctx)) {
		if err != nil || !bytes.Equal(r.Hash, r.After(before)) {
			t.Errorf("row %d does not follow: %v", r.ID, err)
		}
		before = r.Hash
	}
	// Not even with a signature may what is younger than a year be forgotten.
	if _, err := o.write.ExecContext(ctx, `INSERT INTO access_heads (row, hash, at, cut, key, signature) SELECT id, hash, at, 1, x'', x'' FROM access`); err != nil {
		t.Fatal(err)
	}
	saw(1)
	if _, err := o.write.ExecContext(ctx, `DELETE FROM access WHERE id = (SELECT max(id) FROM access)`); err == nil {
		t.Error("what was seen just now is forgotten")
	}
	if err := o.SetAccessRules(ctx, form.Person(o.user), AccessRules{Months: 11, Factor: 2, Seen: 1, SeenMost: 1, Taken: 1, TakenMost: 1}); err == nil {
		t.Error("it may be kept for less than a year")
	}
}

func TestTheReportOfAMonthIsSignedOnce(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	begins := time.Date(2026, 9, 1, 0, 0, 0, 0, time.Local)
	o.now = func() time.Time { return begins.AddDate(0, 0, 3) }
	kim := form.Person(o.user)
	for _, a := range []Access{
		{By: kim, Act: AccessView, Pages: []form.PageID{1}},
		{By: kim, Act: AccessView, Pages: []form.PageID{2, 3}, Subject: "sheet"},
		{By: kim, Act: AccessExportTaken, Subject: "export", ID: 1, Pages: []form.PageID{2, 3}, Purpose: "감사 대응"},
		{Act: AccessFailedLogin, Subject: "user", ID: int64(o.user)},
	} {
		if err := o.Saw(ctx, a).Wait(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.SignReport(ctx, kim, begins, "x"); !errors.Is(err, form.ErrConflict) {
		t.Errorf("signed before the month is over: %v", err)
	}
	if raised, err := o.Raise(ctx, Alarm{Day: o.now(), Who: WhoPerson(o.user), Account: "kim", Kind: AlarmSeen, Pages: 9, Usual: 2}); !raised || err != nil {
		t.Fatal(raised, err)
	}
	o.now = func() time.Time { return begins.AddDate(0, 1, 1) }
	if err := o.SignReport(ctx, kim, begins, "이상 없음"); err != nil {
		t.Fatal(err)
	}
	if err := o.SignReport(ctx, kim, begins, "x"); !errors.Is(err, form.ErrConflict) {
		t.Errorf("signed again: %v", err)
	}
	r, err := o.AccessReport(ctx, begins)
	if err != nil || r.Signed == nil || r.Signed.By != "kim" || r.Signed.Note != "이상 없음" {
		t.Fatalf("%+v, %v", r, err)
	}
	var got []string
	for _, c := range r.Tallies {
		got = append(got, fmt.Sprint(c.Who, " ", c.Account, " ", c.Act, " ", c.Times, " ", c.Pages))
	}
	who := WhoPerson(o.user) + " kim "
	if diff := cmp.Diff([]string{who + "export_taken 1 2", who + "view 2 3", "stranger  login_failed 1 0"}, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if len(r.Alarms) != 1 || len(r.Taken) != 1 || r.Taken[0].Purpose != "감사 대응" || len(r.Failed) != 1 || r.Failed[0].Name != "kim" || r.Rows != 4 || r.Hash == "" {
		t.Errorf("report %+v", r)
	}
	for _, statement := range []string{`UPDATE access_reports SET note = ''`, `DELETE FROM access_reports`} {
		if _, err := o.write.ExecContext(ctx, statement); err == nil {
			t.Errorf("%s is done", statement)
		}
	}
	if err := o.AnswerAlarm(ctx, kim, r.Alarms[0].ID, "명단 확인"); err != nil {
		t.Fatal(err)
	}
	if err := o.AnswerAlarm(ctx, kim, r.Alarms[0].ID, ""); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("answered again: %v", err)
	}
	if open, err := o.Alarms(ctx, time.Time{}, time.Time{}); len(open) != 0 || err != nil {
		t.Errorf("%d alarms are open, %v", len(open), err)
	}
}

func TestADatabaseWithoutAnAccessLogGetsOne(t *testing.T) {
	path, pool := openAt(t, 28)
	for _, statement := range []string{
		`INSERT INTO users (id, name, password_hash, created_at) VALUES (1, 'kim', '', 1)`,
		`INSERT INTO domains (id, name, languages, hash, created_at) VALUES (1, 'office', 'ko', printf('%064d', 1), 1)`,
		`INSERT INTO trash (page_id, uid, document_id, number, part, submission_id, domain_id, name, state, actor, user_id, at, contents)
			VALUES (1, printf('%032d', 1), 1, 1, 0, 1, 1, 'a.png', 'done', 'person', 1, 1, '[]')`,
	} {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	pool.Close()
	o := &office{DB: openFile(t, path), domain: 1, user: 1}
	if n, err := o.EmptyTrash(t.Context()); n != 1 || err != nil {
		t.Errorf("%d emptied, %v", n, err)
	}
	if diff := cmp.Diff([]string{"system  - empty_trash page 1 1 "}, o.logged(t, 0)); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	o.chained(t)
}
