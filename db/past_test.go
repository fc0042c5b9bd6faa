package db

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

func TestAPageIsReopened(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, _, pages := o.full(t)
	page, kim := pages[0], form.Person(o.user)
	state := func() form.State {
		t.Helper()
		p, err := o.Page(ctx, form.Everything, page)
		if err != nil {
			t.Fatal(err)
		}
		o.checkCounts(t)
		return p.State
	}
	if _, _, err := o.AddCorrection(ctx, kim, form.Correction{Page: page, Run: 1, Field: nameID, Text: "김철수"}, 0); err != nil {
		t.Fatal(err)
	}
	if err := o.Reopen(ctx, kim, page, "도장이 없음"); err != nil {
		t.Fatal(err)
	}
	if s := state(); s != form.StateReview {
		t.Errorf("it is %s", s)
	}
	if err := o.Reopen(ctx, kim, page, ""); !errors.Is(err, form.ErrConflict) {
		t.Errorf("reopened again: %v", err)
	}
	r, err := o.LastReopening(ctx, form.Everything, page)
	if err != nil || r.Note != "도장이 없음" || r.By == "" || !r.Open() {
		t.Errorf("LastReopening = %+v, %v", r, err)
	}
	// A correction does not end it.
	record, err := o.Record(ctx, form.Everything, page)
	if err != nil {
		t.Fatal(err)
	}
	last := record.Values[2].Latest().ID
	if _, p, err := o.AddCorrection(ctx, kim, form.Correction{Page: page, Run: 1, Field: sumID, Text: "6"}, last); err != nil || p.State != form.StateReview {
		t.Errorf("corrected, it is %s, %v", p.State, err)
	}
	if err := o.CloseReopening(ctx, kim, page); err != nil {
		t.Fatal(err)
	}
	if s := state(); s != form.StateDone {
		t.Errorf("then it is %s", s)
	}
	if err := o.CloseReopening(ctx, kim, page); !errors.Is(err, form.ErrConflict) {
		t.Errorf("closed again: %v", err)
	}
	// What is read anew is looked at anew.
	if err := o.Reopen(ctx, kim, page, ""); err != nil {
		t.Fatal(err)
	}
	chore := o.want(t, form.Reread{Page: page})
	p, readings := readAgain(o.template)
	if err := o.SaveRun(ctx, page, chore.Run, p, readings); err != nil {
		t.Fatal(err)
	}
	if s := state(); s != form.StateDone {
		t.Errorf("read again, it is %s", s)
	}
	// It comes along into the trash and back.
	if err := o.Trash(ctx, kim, page); err != nil {
		t.Fatal(err)
	}
	if n, err := o.Restore(ctx, kim, []form.PageID{page}, noJobs); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if s, err := o.StoryOf(ctx, form.Everything, page); err != nil || len(s.Reopenings) != 2 || len(s.Runs) != 2 {
		t.Errorf("story %+v, %v", s, err)
	}
}

func TestTheStoryOfAValue(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, _, pages := o.full(t)
	chore := o.want(t, form.Reread{Page: pages[0]})
	p, readings := readAgain(o.template, sumID)
	readings[2].Alternatives = []form.Alternative{{Text: "agaim", Confidence: 0.25}}
	if err := o.SaveRun(ctx, pages[0], chore.Run, p, readings); err != nil {
		t.Fatal(err)
	}
	s, err := o.StoryOf(ctx, form.Everything, pages[0])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range s.Values {
		for _, r := range v.Readings {
			got = append(got, fmt.Sprint(v.Field.Name, " ", r.Run, " ", r.Text, " ", len(r.Alternatives)))
		}
		for _, c := range v.Corrections {
			got = append(got, fmt.Sprint(v.Field.Name, " ", c.Run, " ", c.ByName, " ", c.Text))
		}
	}
	if len(got) < 6 || got[len(got)-2] != "sum 2 again 1" {
		t.Errorf("story %q", got)
	}
	if got[len(got)-1] != fmt.Sprint("sum 1 ", s.Values[len(s.Values)-1].Corrections[0].ByName, " 5") {
		t.Errorf("story %q", got)
	}
}

func TestManyPagesAreDoneBitByBit(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, _, pages := o.full(t)
	kim := form.Person(o.user)
	if err := o.DeletePage(ctx, form.Command, pages[2]); err != nil {
		t.Fatal(err)
	}
	var read []Chore
	enqueue := func(_ *sql.Tx, chores []Chore) error {
		read = chores // the last time counts
		return nil
	}
	for _, tt := range []struct {
		act   string
		to    form.UserID
		pages []form.PageID
		want  Bulk
		read  []Chore
	}{
		{BulkAssign, o.user, pages, Bulk{Total: 3, Done: 3, Skipped: 1}, nil}, // one is deleted
		{BulkAssign, 0, pages[:1], Bulk{Total: 1, Done: 1}, nil},
		{BulkAgain, 0, pages, Bulk{Total: 3, Done: 3, Skipped: 1}, []Chore{{Page: pages[0], Run: 2}, {Page: pages[1], Run: 2}}},
		{BulkAgain, 0, pages[:1], Bulk{Total: 1, Done: 1, Skipped: 1}, nil},       // it is waiting
		{BulkAssign, o.user, pages[:1], Bulk{Total: 1, Done: 1, Skipped: 1}, nil}, // it needs nobody
		{BulkTrash, 0, append(pages, pages[0]), Bulk{Total: 4, Done: 3, Skipped: 1}, nil},
	} {
		read = nil
		id, err := o.AddBulk(ctx, kim, Bulk{Act: tt.act, To: tt.to}, tt.pages)
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n > 0; {
			if n, err = o.DoBulk(ctx, enqueue); err != nil {
				t.Fatal(err)
			}
		}
		got, err := o.Bulk(ctx, o.user, id)
		tt.want.ID, tt.want.By, tt.want.Act, tt.want.To, tt.want.Finished = id, o.user, tt.act, tt.to, true
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%v, %s (-want +got):\n%s", err, tt.act, diff)
		}
		if diff := cmp.Diff(tt.read, read); diff != "" {
			t.Errorf("%s, to be read (-want +got):\n%s", tt.act, diff)
		}
		if tt.act == BulkAssign {
			want := []string(nil)
			if tt.want.Skipped == 0 || tt.want.Total > 1 {
				want = []string{fmt.Sprint(tt.to)}
			}
			if got := o.table(t, `SELECT assigned FROM queue WHERE page_id = ?`, pages[0]); !slices.Equal(got, want) {
				t.Errorf("assigned to %q, want %q", got, want)
			}
		}
		if _, err := o.Bulk(ctx, o.user+1, id); !errors.Is(err, form.ErrNotFound) {
			t.Errorf("somebody else sees it: %v", err)
		}
	}
	if n, err := o.CountTrash(ctx, form.Everything, 9); n != 2 || err != nil {
		t.Errorf("%d pages are in the trash, %v", n, err)
	}
	o.checkCounts(t)
}

// What is chosen is exported alone, of the template and the states that are asked for.
func TestPagesThatAreChosenAreExported(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	kim, other := form.Person(o.user), o.save(t, newTemplate(o.domain, "other"))
	_, docs := o.submit(t, "a.pdf", "b.pdf", "c.pdf", "d.pdf")
	var pages []form.PageID
	for i, doc := range docs {
		if i == 3 {
			o.template = other
		}
		pages = append(pages, o.read(t, doc, 1, [][]form.FieldID{nil, {sumID}, nil, nil}[i]...))
	}
	id, err := o.AddSelection(ctx, kim, []form.PageID{pages[3], pages[1], pages[0], 99})
	if err != nil {
		t.Fatal(err)
	}
	of, err := o.Selection(ctx, form.Everything, o.user, id)
	want := []Selected{{1, "claim", form.StateDone, 1}, {1, "claim", form.StateReview, 1}, {other.ID, "other", form.StateDone, 1}}
	if diff := cmp.Diff(want, of); diff != "" || err != nil {
		t.Errorf("%v, chosen (-want +got):\n%s", err, diff)
	}
	if _, err := o.Selection(ctx, form.Everything, o.user+1, id); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("somebody else sees it: %v", err)
	}
	for _, tt := range []struct {
		filter ExportFilter
		want   []form.PageID
	}{
		{ExportFilter{Template: 1}, pages[:1]},
		{ExportFilter{Template: 1, States: []form.State{form.StateDone, form.StateReview}}, pages[:2]},
		{ExportFilter{Template: other.ID}, pages[3:]},
		{ExportFilter{Template: 1, From: o.now().AddDate(0, 0, 1)}, nil},
	} {
		tt.filter.Selection = id
		var got []form.PageID
		for r, err := range o.Export(ctx, form.Everything, tt.filter) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r.Page.ID)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%+v writes %v, want %v", tt.filter, got, tt.want)
		}
	}
	// It is forgotten after a while, and nothing is done with its pages.
	if n, err := o.DoBulk(ctx, noJobs); n != 0 || err != nil {
		t.Errorf("DoBulk = %d, %v", n, err)
	}
	now := o.now().Add(keepBulk + time.Hour)
	o.now = func() time.Time { return now }
	if _, err := o.AddSelection(ctx, kim, pages[:1]); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Selection(ctx, form.Everything, o.user, id); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("it is still remembered: %v", err)
	}
}

func TestViewsAreSaved(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	lee, err := o.AddUser(ctx, form.Command, "lee", "hash")
	if err != nil {
		t.Fatal(err)
	}
	own, err := o.SaveView(ctx, form.Person(o.user), SavedView{Name: "나만", Filter: SavedFilter{State: "done"}})
	if err != nil {
		t.Fatal(err)
	}
	shared, err := o.SaveView(ctx, form.Person(o.user), SavedView{Name: "함께", Shared: true, Filter: SavedFilter{State: "review", Value: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	again, err := o.SaveView(ctx, form.Person(o.user), SavedView{Name: "나만", Filter: SavedFilter{State: "failed"}})
	if err != nil || again != own {
		t.Errorf("saved again: %d, %v, want %d", again, err, own)
	}
	if list, err := o.Views(ctx, o.user); err != nil || len(list) != 2 || list[0].Filter.State != "failed" {
		t.Errorf("own views %+v, %v", list, err)
	}
	if list, err := o.Views(ctx, lee.ID); err != nil || len(list) != 1 || list[0].ID != shared {
		t.Errorf("views of another %+v, %v", list, err)
	}
	if _, err := o.View(ctx, lee.ID, own); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("another sees it: %v", err)
	}
	if err := o.RemoveView(ctx, form.Person(lee.ID), shared); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("another removes it: %v", err)
	}
	if err := o.RemoveView(ctx, form.Person(o.user), shared); err != nil {
		t.Error(err)
	}
}

// What was read, said and keyed before there was a trash and an index of texts is
// found, put into the trash and brought back.
func TestThePastOfTheReleaseBefore(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, docs := o.submit(t, "a.pdf", "b.pdf", "c.pdf")
	for _, doc := range docs {
		o.begin(t, doc, 1)
	}
	page := o.keyed(t, docs[0])
	if _, err := o.key(t, page, nameID, o.people(t, 1)[0], "이영희", false); err != nil {
		t.Fatal(err)
	}
	corrected := o.read(t, docs[1], 1, sumID)
	o.correct(t, corrected, "7,654,321")
	deleted := o.read(t, docs[2], 1)
	for _, doc := range docs {
		if err := o.FinishDocument(ctx, doc); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.DeletePage(ctx, form.Person(o.user), deleted); err != nil {
		t.Fatal(err)
	}
	old := o.before(t, 22, append(readTables, "corrections", "entries", "awaiting", "tiles", "deletions")...)
	if n, err := old.Unindexed(ctx, 9); n != 2 || err != nil {
		t.Errorf("%d pages are to be indexed, %v", n, err)
	}
	old.index(t)
	for text, want := range map[string][]form.PageID{"7,654,321": {corrected}, "read date": {page}, "이영희": nil} {
		if got := old.with(t, text); !slices.Equal(got, want) {
			t.Errorf("%q is on %v, want %v", text, got, want)
		}
	}
	old.checkAwaiting(t)
	before := old.everything(t)
	for _, id := range []form.PageID{page, corrected} {
		if err := old.Trash(ctx, form.Person(old.user), id); err != nil {
			t.Fatal(err)
		}
	}
	if rows := old.table(t, `SELECT 1 FROM entries UNION ALL SELECT 1 FROM pages`); rows != nil {
		t.Errorf("%d rows are not in the trash", len(rows))
	}
	if n, err := old.Restore(ctx, form.Person(old.user), []form.PageID{page, corrected, deleted}, noJobs); n != 2 || err != nil {
		t.Fatalf("%d pages come back, %v", n, err)
	}
	if diff := cmp.Diff(before, old.everything(t)); diff != "" {
		t.Errorf("rows (-before +after):\n%s", diff)
	}
	old.checkAwaiting(t)
	old.checkCounts(t)
	if found, err := old.PageID(ctx, old.domain, old.table(t, `SELECT uid FROM deletions`)[0]); err != nil || found != deleted {
		t.Errorf("what was deleted before is page %d, %v", found, err)
	}
}
