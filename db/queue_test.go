package db

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

// colleague adds a user.
func (o *office) colleague(t testing.TB, name string) form.Actor {
	t.Helper()
	u, err := o.AddUser(t.Context(), form.Command, name, "hash", form.Grant{Role: form.Reviewer})
	if err != nil {
		t.Fatal(err)
	}
	return form.Person(u.ID)
}

// queued adds n pages, of which page i has some doubtful values.
func (o *office) queued(t testing.TB, n int) (pages []form.PageID) {
	t.Helper()
	doubtful := [][]form.FieldID{{sumID}, {sumID, nameID}, {sumID, nameID, dateID}}
	for i := range n {
		_, docs := o.submit(t, fmt.Sprintf("%d.png", i))
		o.begin(t, docs[0], 1)
		pages = append(pages, o.read(t, docs[0], 1, doubtful[i%3]...))
	}
	return pages
}

// next returns the next page of the queue, 0 for none.
func (o *office) next(t testing.TB, by form.Actor, f QueueFilter, after form.PageID, ahead bool) form.PageID {
	t.Helper()
	id, err := o.NextInQueue(t.Context(), by, form.Everything, f, after, ahead)
	if err != nil && !errors.Is(err, form.ErrNotFound) {
		t.Fatal(err)
	}
	return id
}

func TestOrdersOfTheQueue(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	pages := o.queued(t, 3) // with one, two and three doubtful values
	_, docs := o.submit(t, "4.png")
	none, err := o.savePage(ctx, docs[0], form.Page{Number: 1, State: form.StateUnmatched}, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.checkCounts(t)
	for _, tt := range []struct {
		name string
		f    QueueFilter
		want []form.PageID
	}{
		{"oldest first", QueueFilter{}, []form.PageID{pages[0], pages[1], pages[2], none}},
		{"worst first", QueueFilter{Order: form.WorstFirst}, []form.PageID{none, pages[2], pages[1], pages[0]}},
		{"quick", QueueFilter{Order: form.QuickFirst}, []form.PageID{pages[2], pages[1], pages[0], none}},
		{"of a template", QueueFilter{Template: o.template.ID, Order: form.WorstFirst}, []form.PageID{pages[2], pages[1], pages[0]}},
		{"of a state", QueueFilter{Lanes: []form.Lane{form.LaneUnmatched}}, []form.PageID{none}},
		{"of another domain", QueueFilter{Domain: 99}, nil},
		{"of yesterday", QueueFilter{Before: time.Now().AddDate(0, 0, -1)}, nil},
		{"of today", QueueFilter{Before: time.Now().Add(time.Hour)}, []form.PageID{pages[0], pages[1], pages[2], none}},
		{"of one person", QueueFilter{Who: WhoMine}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kim := o.colleague(t, tt.name)
			var listed, given []form.PageID
			for f := tt.f; ; f.After = listed[len(listed)-1] { // one by one
				f.Limit = 1
				rows, err := o.Queue(ctx, form.Everything, kim.User, f)
				if err != nil {
					t.Fatal(err)
				}
				if len(rows) == 0 {
					break
				}
				listed = append(listed, rows[0].Page.ID)
			}
			if diff := cmp.Diff(tt.want, listed); diff != "" {
				t.Errorf("listed (-want +got):\n%s", diff)
			}
			for after := form.PageID(0); len(given) < len(tt.want); given = append(given, after) {
				after = o.next(t, kim, tt.f, after, false)
			}
			if diff := cmp.Diff(tt.want, given); diff != "" {
				t.Errorf("given (-want +got):\n%s", diff)
			}
			if len(given) > 0 {
				last := given[len(given)-1]
				if again := o.next(t, kim, tt.f, last, false); again != given[0] {
					t.Errorf("after the last one comes %d, want the first that was left, %d", again, given[0])
				} else if err := o.ReleasePage(ctx, kim, form.Everything, again); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestManyWhoAskAtOnceNeverGetTheSamePage(t *testing.T) {
	o := newOffice(t)
	const people, pages = 8, 40
	o.queued(t, pages)
	var all sync.WaitGroup
	var mu sync.Mutex
	holder := make(map[form.PageID]form.UserID)
	for i := range people {
		by := o.colleague(t, fmt.Sprint("clerk ", i))
		all.Go(func() {
			var after form.PageID
			for {
				ahead := o.next(t, by, QueueFilter{}, after, true)
				got := o.next(t, by, QueueFilter{}, after, false)
				if got == 0 {
					return
				}
				if ahead != 0 && after != 0 && got != ahead {
					t.Errorf("%d was to come next, and %d came", ahead, got)
				}
				mu.Lock()
				if other := holder[got]; other != 0 {
					t.Errorf("page %d is open at %d and at %d", got, other, by.User)
				}
				holder[got] = by.User
				mu.Unlock()
				for n, field := range []form.FieldID{sumID, nameID, dateID} {
					_, _, err := o.AddCorrection(t.Context(), by, form.Correction{Page: got, Run: 1, Field: field, Text: fmt.Sprint(n)}, 0)
					if err != nil {
						t.Error(err)
					}
				}
				after = got
			}
		})
	}
	all.Wait()
	if len(holder) != pages {
		t.Errorf("%d pages were given, want %d", len(holder), pages)
	}
	o.checkCounts(t)
	if rows := o.table(t, `SELECT 1 FROM claims`); len(rows) > 0 {
		t.Errorf("%d claims are left", len(rows))
	}
	if done := o.table(t, `SELECT sum(n) || '' FROM tallies`); done[0] != fmt.Sprint(pages) {
		t.Errorf("%s pages are counted as finished", done)
	}
}

func TestAClaim(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	kim, lee := form.Person(o.user), o.colleague(t, "lee")
	pages := o.queued(t, 4)
	claim := func(by form.Actor, page, after, want form.PageID) {
		t.Helper()
		h, err := o.ClaimPage(ctx, by, form.Everything, page, after)
		if err != nil || h.By != form.UserID(want) || h.Free > claimTerm || h.Free < claimTerm-time.Minute {
			t.Errorf("claimed by %d for %v (%v), want by %d", h.By, h.Free, err, want)
		}
	}
	is := func(what string, got, want form.PageID) {
		t.Helper()
		if got != want {
			t.Errorf("%s: page %d, want %d", what, got, want)
		}
	}
	is("first", o.next(t, kim, QueueFilter{}, 0, false), pages[0])
	is("begun again", o.next(t, kim, QueueFilter{}, 0, false), pages[0])
	is("of another", o.next(t, lee, QueueFilter{}, 0, false), pages[1])
	claim(lee, pages[0], 0, form.PageID(o.user)) // somebody else has it
	is("ahead", o.next(t, kim, QueueFilter{}, pages[0], true), pages[2])
	is("ahead, asked again", o.next(t, kim, QueueFilter{}, pages[0], true), pages[2])
	is("ahead of that", o.next(t, kim, QueueFilter{}, pages[2], true), pages[3])
	is("where all are taken", o.next(t, lee, QueueFilter{}, pages[1], true), 0)
	// Who goes on to what was put by leaves the page before.
	claim(kim, pages[2], pages[0], form.PageID(o.user))
	is("left by another", o.next(t, lee, QueueFilter{}, pages[1], false), pages[0])
	is("what is put by comes next", o.next(t, kim, QueueFilter{}, pages[2], false), pages[3])

	// A claim that nobody renews is over.
	if _, err := o.Pool().ExecContext(ctx, `UPDATE claims SET until = 0`); err != nil {
		t.Fatal(err)
	}
	claim(lee, pages[3], 0, form.PageID(lee.User))
	if err := o.TakePage(ctx, kim, form.Everything, pages[3]); err != nil {
		t.Fatal(err)
	}
	claim(lee, pages[3], 0, form.PageID(o.user))
	if _, _, err := o.AddCorrection(ctx, lee, form.Correction{Page: pages[3], Run: 1, Field: sumID, Text: "5"}, 0); err != nil {
		t.Errorf("who has no claim cannot correct: %v", err)
	}
	if h, err := o.ClaimPage(ctx, lee, form.Everything, pages[3], 0); err != nil || h != (form.Claim{}) {
		t.Errorf("a page that needs nobody is claimed: %v, %v", h, err)
	}
	if _, err := o.ClaimPage(ctx, lee, form.Within(99), pages[0], 0); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("claimed out of scope: %v", err)
	}
}

func TestTwoWhoSayTheSameDoNotContradictEachOther(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	page, lee := o.queued(t, 2)[1], o.colleague(t, "lee")
	said := form.Correction{Page: page, Run: 1, Field: sumID, Text: "5"}
	first, _, err := o.AddCorrection(ctx, form.Person(o.user), said, 0)
	if err != nil {
		t.Fatal(err)
	}
	second, p, err := o.AddCorrection(ctx, lee, said, 0)
	if err != nil || second.ID != first.ID || p.Doubtful != 1 {
		t.Errorf("the same again: %+v, %v", second, err)
	}
	if said.Text = "6"; !errors.Is(func() error { _, _, err := o.AddCorrection(ctx, lee, said, 0); return err }(), form.ErrConflict) {
		t.Error("something else is no conflict")
	}
}

func TestSetAsideAssignedAndNoted(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	kim, lee := form.Person(o.user), o.colleague(t, "lee")
	pages := o.queued(t, 3)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		o.checkCounts(t)
	}
	must(o.SetAside(ctx, kim, form.Everything, pages[0], form.LaneRescan))
	must(o.AssignPage(ctx, kim, form.Everything, pages[1], lee.User, " see the stamp "))
	if got := o.next(t, kim, QueueFilter{}, 0, false); got != pages[2] {
		t.Errorf("page %d comes, want %d: one is set aside, one is for somebody else", got, pages[2])
	}
	if got := o.next(t, lee, QueueFilter{Who: WhoMine}, 0, false); got != pages[1] {
		t.Errorf("page %d comes to whom it is for, want %d", got, pages[1])
	}
	care, err := o.Care(ctx, form.Everything, pages[1])
	must(err)
	if len(care.Notes) != 1 || care.Notes[0].Text != "see the stamp" || care.AssignedTo != "lee" || care.Held.ByName != "lee" {
		t.Errorf("handed over: %+v", care)
	}
	care, err = o.Care(ctx, form.Everything, pages[0])
	must(err)
	if care.Lane != form.LaneRescan || care.AsideBy != "kim" || care.AsideAt.IsZero() {
		t.Errorf("set aside: %+v", care)
	}
	for who, want := range map[Who][]form.PageID{WhoCan: {pages[2]}, WhoMine: nil, WhoAll: {pages[1], pages[2]}, WhoHeld: {pages[1]}} {
		rows, err := o.Queue(ctx, form.Everything, kim.User, QueueFilter{Who: who})
		must(err)
		var got []form.PageID
		for _, r := range rows {
			got = append(got, r.Page.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("who=%s (-want +got):\n%s", who, diff)
		}
	}
	n, err := o.QueueCounts(ctx, form.Everything, kim.User, QueueFilter{})
	must(err)
	if diff := cmp.Diff(map[form.Lane]int{form.LaneReview: 1, form.LaneRescan: 1}, n); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
	must(o.SetAside(ctx, lee, form.Everything, pages[0], ""))
	must(o.AssignPage(ctx, kim, form.Everything, pages[1], 0, ""))
	must(o.ReleasePage(ctx, lee, form.Everything, pages[1]))
	must(o.ReleasePage(ctx, kim, form.Everything, pages[2]))
	if got := o.next(t, kim, QueueFilter{}, 0, false); got != pages[0] {
		t.Errorf("page %d comes, want %d, which is put back", got, pages[0])
	}
	// What is done is in no queue.
	must(o.SetAside(ctx, kim, form.Everything, pages[0], form.LaneLater))
	_, _, err = o.AddCorrection(ctx, kim, form.Correction{Page: pages[0], Run: 1, Field: sumID, Text: "5"}, 0)
	must(err)
	if err := o.SetAside(ctx, kim, form.Everything, pages[0], form.LaneLater); !errors.Is(err, form.ErrConflict) {
		t.Errorf("a page that is done is set aside: %v", err)
	}
	must(o.DeletePage(ctx, kim, pages[1]))
	for _, table := range []string{"queue", "claims", "assignments", "asides", "notes", "passed"} {
		if rows := o.table(t, `SELECT page_id || '' FROM `+table+` WHERE page_id IN (?, ?)`, pages[0], pages[1]); len(rows) > 0 {
			t.Errorf("left in %s: %q", table, rows)
		}
	}
}

func TestPace(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	kim := form.Person(o.user)
	morning := time.Date(2026, 11, 27, 9, 0, 0, 0, time.Local)
	at := morning
	o.now = func() time.Time { return at }
	for _, page := range o.queued(t, 10) {
		for _, field := range []form.FieldID{sumID, nameID, dateID} {
			if _, _, err := o.AddCorrection(ctx, kim, form.Correction{Page: page, Run: 1, Field: field, Text: "5"}, 0); err != nil {
				t.Fatal(err)
			}
		}
		at = at.Add(3 * time.Minute)
	}
	got, err := o.Pace(ctx, kim.User, 0, morning.Add(-9*time.Hour)) // 09:30
	if err != nil || got.Done != 10 || got.Hour < 19 || got.Hour > 21 {
		t.Errorf("%+v, %v, want 10 done, 20 an hour", got, err)
	}
	got, err = o.Pace(ctx, kim.User, 99, morning)
	if err != nil || got != (Pace{}) {
		t.Errorf("of another template: %+v, %v", got, err)
	}
	at = morning.AddDate(0, 0, 1)
	if got, err = o.Pace(ctx, kim.User, 0, at.Add(-9*time.Hour)); err != nil || got != (Pace{}) {
		t.Errorf("the next day: %+v, %v", got, err)
	}
}

// People of some domains walk an index of theirs.
func TestTheQueueOfSomeDomains(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.png", "b.png")
	first := o.read(t, docs[0], 1, sumID)
	o.read(t, docs[1], 1, sumID)
	other, _, err := o.AddDomain(ctx, form.Command, "other", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		in   form.Scope
		want int
	}{
		"all":       {form.Everything, 2},
		"both":      {form.Within(o.domain, other.ID), 2},
		"the other": {form.Within(other.ID), 0},
		"none":      {form.Scope{}, 0},
	} {
		for _, order := range []form.QueueOrder{form.OldestFirst, form.WorstFirst, form.QuickFirst} {
			rows, err := o.Queue(ctx, tt.in, o.user, QueueFilter{Order: order})
			if err != nil || len(rows) != tt.want || len(rows) > 0 && rows[0].Page.ID != first {
				t.Errorf("%s, %q: %d rows, %v", name, order, len(rows), err)
			}
		}
	}
}
