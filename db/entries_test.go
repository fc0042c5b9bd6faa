package db

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

// keyed returns a page of which two people are to key the name and the sum.
func (o *office) keyed(t testing.TB, doc form.DocumentID) form.PageID {
	t.Helper()
	var readings []form.Reading
	for _, f := range o.template.Fields {
		r := form.Reading{Field: f.ID, Text: "read " + f.Name, Confidence: .999, Engine: "test"}
		if f.ID != dateID {
			r.Reasons = []form.Reason{form.ReasonUnsure, form.ReasonTwo}
		}
		readings = append(readings, r)
	}
	id, err := o.savePage(t.Context(), doc, form.Page{Number: 1, State: form.StateReview, Template: o.template.ID, Version: o.template.Version}, readings)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// people adds so many users.
func (o *office) people(t testing.TB, n int) (ids []form.UserID) {
	t.Helper()
	for i := range n {
		u, err := o.AddUser(t.Context(), form.Command, fmt.Sprintf("typist %d", i), "hash")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, u.ID)
	}
	return ids
}

func (o *office) key(t testing.TB, page form.PageID, field form.FieldID, by form.UserID, text string, third bool) (form.PageInfo, error) {
	t.Helper()
	return o.AddEntry(t.Context(), form.Person(by), form.Field{ID: field, Kind: form.Normal},
		form.Correction{Page: page, Run: 1, Field: field, Text: text, Accepted: text == "read name"}, third)
}

func TestTwoWhoKeyTheSameSettleIt(t *testing.T) {
	o := newOffice(t)
	people := o.people(t, 3)
	_, docs := o.submit(t, "a.png")
	page := o.keyed(t, docs[0])
	if _, _, err := o.AddCorrection(t.Context(), form.Person(o.user), form.Correction{Page: page, Run: 1, Field: nameID, Text: "홍길동"}, 0); !errors.Is(err, form.ErrConflict) {
		t.Errorf("one person alone: %v", err)
	}
	steps := []struct {
		name  string
		field form.FieldID
		by    int
		text  string
		third bool
		err   error
		left  int // doubtful values
		waits int // of those, for another one
	}{
		{"the first", nameID, 0, "홍 길동", false, nil, 2, 1},
		{"the first again", nameID, 0, "홍길동", false, nil, 2, 1},
		{"nothing differs yet", nameID, 1, "홍길동", true, form.ErrConflict, 2, 1},
		{"the second, in wide characters", sumID, 1, "１２０", false, nil, 2, 2},
		{"the second says the same", sumID, 2, "120", false, nil, 1, 1},
		{"settled", sumID, 0, "120", false, form.ErrConflict, 1, 1},
		{"the second says something else", nameID, 1, "홍길둥", false, nil, 1, 1},
		{"the first settles nothing", nameID, 0, "홍길동", true, form.ErrConflict, 1, 1},
		{"nor says it again", nameID, 0, "홍길둥", false, form.ErrConflict, 1, 1},
		{"the third has to see both", nameID, 2, "홍길동", false, form.ErrConflict, 1, 1},
		{"the third", nameID, 2, "홍길동", true, nil, 0, 0},
	}
	for _, s := range steps {
		_, err := o.key(t, page, s.field, people[s.by], s.text, s.third)
		if !errors.Is(err, s.err) {
			t.Fatalf("%s: %v, want %v", s.name, err, s.err)
		}
		p, err := o.Page(t.Context(), form.Everything, page)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprint(s.waits)
		if got := o.table(t, `SELECT awaiting FROM pages`); p.Doubtful != s.left || got[0] != want {
			t.Errorf("%s: %d left, %s wait, want %d and %s", s.name, p.Doubtful, got[0], s.left, want)
		}
		o.checkAwaiting(t)
	}
	r, err := o.Record(t.Context(), form.Everything, page)
	if err != nil {
		t.Fatal(err)
	}
	if r.Page.State != form.StateDone || r.Values[0].Text() != "홍길동" || r.Values[2].Text() != "120" || len(r.Values[0].Corrections) != 1 {
		t.Errorf("%s: %+v", r.Page.State, r.Values)
	}
	keyed, err := o.KeyedOf(t.Context(), form.Everything, page)
	if err != nil {
		t.Fatal(err)
	}
	var story []string
	for _, e := range keyed[nameID].Entries {
		story = append(story, fmt.Sprintf("%s %s %t", e.ByName, e.Held.Text, e.Third))
	}
	if diff := cmp.Diff([]string{"typist 0 홍 길동 false", "typist 0 홍길동 false", "typist 1 홍길둥 false", "typist 2 홍길동 true"}, story); diff != "" {
		t.Errorf("the story (-want +got):\n%s", diff)
	}
	if rows := o.table(t, `SELECT 1 FROM awaiting`); len(rows) > 0 {
		t.Errorf("%d still wait", len(rows))
	}
	for _, statement := range []string{`UPDATE entries SET text = ''`, `DELETE FROM entries`} {
		if _, err := o.Pool().ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s is possible", statement)
		}
	}
	if err := o.DeleteDocument(t.Context(), form.Command, docs[0]); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"entries", "awaiting", "probes"} {
		if rows := o.table(t, `SELECT 1 FROM `+table); len(rows) > 0 {
			t.Errorf("%s has %d rows after the page went", table, len(rows))
		}
	}
}

// checkAwaiting compares what is noted with what follows from entries.
func (o *office) checkAwaiting(t testing.TB) {
	t.Helper()
	got := o.table(t, `SELECT concat_ws(' ', page_id, field, first_by, coalesce(second_by, '-')) FROM awaiting ORDER BY page_id, field`)
	want := o.table(t, `
		SELECT concat_ws(' ', page_id, field, first_by, coalesce((
			SELECT o.user_id FROM entries o WHERE o.page_id = f.page_id AND o.field = f.field AND o.user_id <> f.first_by LIMIT 1), '-'))
		FROM (SELECT page_id, field, user_id AS first_by FROM entries WHERE id IN (SELECT min(id) FROM entries GROUP BY page_id, field)) f
		WHERE NOT EXISTS (SELECT 1 FROM corrections c WHERE c.page_id = f.page_id AND c.field = f.field)
		ORDER BY page_id, field`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what waits (-want +got):\n%s", diff)
	}
}

// What waits goes to others than those who have keyed it, to one at a time, the
// oldest first.
func TestNextKeyed(t *testing.T) {
	o := newOffice(t)
	now := time.UnixMilli(1e12)
	o.now = func() time.Time { return now }
	people := o.people(t, 4)
	_, docs := o.submit(t, "a.png", "b.png")
	first, second := o.keyed(t, docs[0]), o.keyed(t, docs[1])
	next := func(who int) string {
		t.Helper()
		page, err := o.NextKeyed(t.Context(), form.Person(people[who]), form.Everything)
		if errors.Is(err, form.ErrNotFound) {
			return "none"
		}
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(page)
	}
	expect := func(what string, who int, want string) {
		t.Helper()
		if got := next(who); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	say := func(page form.PageID, field form.FieldID, who int, text string) {
		t.Helper()
		if _, err := o.key(t, page, field, people[who], text, false); err != nil {
			t.Fatal(err)
		}
	}
	a, b := fmt.Sprint(first), fmt.Sprint(second)
	expect("nothing was keyed", 1, "none")
	say(first, nameID, 0, "가")
	say(second, nameID, 0, "나")
	expect("not who was the first", 0, "none")
	expect("the oldest", 1, a)
	expect("which another one does not get", 2, b)
	expect("and has again", 1, a)
	expect("a third person comes later", 3, "none")
	now = now.Add(keyLease + time.Second)
	expect("nobody has it for ever", 3, a)
	say(first, nameID, 3, "라")
	expect("they differ: not who keyed it", 3, b)
	expect("but somebody else", 1, a)
	if q, err := o.KeyQueue(t.Context(), form.Everything, people[0]); err != nil || q != (KeyQueue{Mine: 0, Waiting: 2, People: 5}) {
		t.Errorf("%+v, %v", q, err)
	}
	if q, err := o.KeyQueue(t.Context(), form.Everything, people[3]); err != nil || q.Mine != 1 {
		t.Errorf("%+v, %v", q, err)
	}
	// The other queue has what nobody has keyed yet, and nothing else.
	if page, err := o.NextForPerson(t.Context(), form.Everything, ReviewFilter{}, 0); err != nil || page != first {
		t.Errorf("page %d, %v", page, err)
	}
	say(first, sumID, 0, "1")
	if page, err := o.NextForPerson(t.Context(), form.Everything, ReviewFilter{}, 0); err != nil || page != second {
		t.Errorf("page %d, %v", page, err)
	}
	differ, err := o.Disputed(t.Context(), form.Everything, first, people[1])
	if want := [2]form.Entry{{Field: nameID, Held: form.Held{Text: "가"}}, {Field: nameID, Held: form.Held{Text: "라"}}}; err != nil || len(differ) != 1 || differ[nameID] != want {
		t.Errorf("%+v, %v", differ, err)
	}
	for _, who := range []int{0, 3} { // they see nothing of each other's
		if differ, err := o.Disputed(t.Context(), form.Everything, first, people[who]); err != nil || len(differ) > 0 {
			t.Errorf("%d sees %+v, %v", who, differ, err)
		}
	}
}

// Whoever of many comes first and second, one value is settled once, by two who
// said the same.
func TestManyKeyAtOnce(t *testing.T) {
	o := newOffice(t)
	people := o.people(t, 6)
	_, docs := o.submit(t, "a.png")
	page := o.keyed(t, docs[0])
	var wg sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for i, by := range people {
		for _, field := range []form.FieldID{nameID, sumID} {
			wg.Go(func() {
				text := "같다"
				if field == sumID {
					text = strings.Repeat("x", i+1) // all differ
				}
				if _, err := o.key(t, page, field, by, text, false); err == nil {
					mu.Lock()
					made++
					mu.Unlock()
				} else if !errors.Is(err, form.ErrConflict) {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if made != 4 {
		t.Errorf("%d entries were taken, want two of each field", made)
	}
	rows := o.table(t, `SELECT concat_ws(' ', field, text) FROM corrections`)
	if want := []string{string(nameID) + " 같다"}; !slices.Equal(rows, want) {
		t.Errorf("%q was settled", rows)
	}
	o.checkAwaiting(t)
}

// Pages that were read before there were entries and probes are keyed blind, and
// altered, as others are.
func TestEntriesAfterTheReleaseBefore(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, docs := o.submit(t, "a.png", "b.png")
	for _, doc := range docs {
		o.begin(t, doc, 1)
	}
	before := o.keyed(t, docs[0])
	corrected := o.read(t, docs[1], 1, sumID)
	o.correct(t, corrected, "5")
	old := o.before(t, 20, append(readTables, "corrections")...)
	old.checkAwaiting(t)
	old.checkCounts(t)
	if share, err := old.Vigilance(ctx); share != 0 || err != nil {
		t.Errorf("vigilance is %v, %v", share, err)
	}
	said := func(page form.PageID, field int) string {
		r, err := old.Record(ctx, form.Everything, page)
		if err != nil {
			t.Fatal(err)
		}
		return r.Values[field].Text()
	}
	if got := said(corrected, 0); got != "5" {
		t.Errorf("what was said is %q", got)
	}
	people := old.people(t, 2)
	for i, want := range []struct{ doubtful, awaiting int }{{2, 1}, {1, 0}} {
		p, err := old.key(t, before, nameID, people[i], "홍길동", false)
		if err != nil || p.Doubtful != want.doubtful {
			t.Fatalf("%d doubtful values, %v, want %d", p.Doubtful, err, want.doubtful)
		}
		if got := old.table(t, `SELECT awaiting FROM pages WHERE id = ?`, before); got[0] != fmt.Sprint(want.awaiting) {
			t.Errorf("%s wait for another person, want %d", got, want.awaiting)
		}
	}
	old.checkAwaiting(t)
	if got := said(before, 0); got != "홍길동" {
		t.Errorf("it is settled as %q", got)
	}
	if _, err := old.Pool().ExecContext(ctx, `DELETE FROM entries`); err == nil {
		t.Error("what was keyed can be deleted")
	}
	if err := old.DeletePage(ctx, form.Person(old.user), before); err != nil {
		t.Error(err)
	}
}
