package db

import (
	"testing"

	"github.com/seosik/seosik/internal/form"
)

// What was said of a value can be withdrawn: it is doubtful again, and its page
// is for a person. Another word counts as the first did.
func TestWhatWasSaidIsWithdrawn(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.png")
	id := o.read(t, docs[0], 1, sumID)
	say := func(c form.Correction, after form.CorrectionID, want form.State, doubtful int) form.CorrectionID {
		t.Helper()
		c.Page, c.Run, c.Field = id, 1, sumID
		added, p, err := o.AddCorrection(ctx, form.Person(o.user), c, after)
		if err != nil {
			t.Fatal(err)
		}
		if p.State != want || p.Doubtful != doubtful || p.FinishedAt.IsZero() == (want == form.StateDone) {
			t.Errorf("after %+v: state %s, %d doubtful, finished %v", c, p.State, p.Doubtful, p.FinishedAt)
		}
		if added.Mark != c.Mark || added.Override != c.Override {
			t.Errorf("added %+v for %+v", added, c)
		}
		o.checkCounts(t)
		return added.ID
	}
	sum := func() form.Value {
		t.Helper()
		r, err := o.Record(ctx, form.Everything, id)
		if err != nil {
			t.Fatal(err)
		}
		return r.Values[2]
	}
	read := sum()
	last := say(form.Correction{Text: "5", Override: true}, 0, form.StateDone, 0)
	if v := sum(); !v.Overridden() || v.Text() != "5" {
		t.Errorf("kept against a rule: %+v", v)
	}
	last = say(form.Correction{Mark: form.MarkIllegible}, last, form.StateDone, 0)
	if v := sum(); v.Mark() != form.MarkIllegible || v.Text() != "" || v.Doubtful() {
		t.Errorf("illegible: %+v", v)
	}
	last = say(form.Correction{Mark: form.MarkWithdrawn}, last, form.StateReview, 1)
	if v := sum(); v.Latest() != nil || v.Newest() != last || v.Mark() != "" || v.Text() != read.Text() || !v.Doubtful() {
		t.Errorf("withdrawn: %+v", v)
	}
	say(form.Correction{Mark: form.MarkEmpty}, last, form.StateDone, 0)
	if v := sum(); v.Mark() != form.MarkEmpty || v.Doubtful() || len(v.Corrections) != 4 {
		t.Errorf("empty: %+v", v)
	}
}

// What people said before there were marks is a text.
func TestCorrectionsBeforeThereWereMarks(t *testing.T) {
	o := newOffice(t)
	_, docs := o.submit(t, "a.png")
	id := o.read(t, docs[0], 1, sumID)
	if _, _, err := o.AddCorrection(t.Context(), form.Person(o.user), form.Correction{Page: id, Run: 1, Field: sumID, Text: "5"}, 0); err != nil {
		t.Fatal(err)
	}
	got := o.before(t, 18, append(readTables, "corrections")...)
	r, err := got.Record(t.Context(), form.Everything, id)
	if err != nil || r.Page.State != form.StateDone {
		t.Fatalf("%s, %v", r.Page.State, err)
	}
	v := r.Values[2]
	if c := v.Latest(); c == nil || c.Text != "5" || c.Mark != "" || c.Override || v.Text() != "5" {
		t.Errorf("%+v", v)
	}
	if _, _, err := got.AddCorrection(t.Context(), form.Person(o.user), form.Correction{Page: id, Run: 1, Field: sumID, Mark: form.MarkWithdrawn}, v.Newest()); err != nil {
		t.Error(err)
	}
	got.checkCounts(t)
}
