package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// newServing returns an office whose template is in service.
func newServing(t testing.TB) *office {
	t.Helper()
	return newOffice(t)
}

// again has a page wait to be read again and begins to.
func (o *office) again(t testing.TB, page form.PageID, template form.TemplateID) Chore {
	t.Helper()
	id := o.want(t, form.Reread{Page: page, Template: template})
	if _, err := o.Begin(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	return id
}

func (o *office) want(t testing.TB, r form.Reread) (id Chore) {
	t.Helper()
	if err := o.AddReread(t.Context(), form.Person(o.user), r, func(_ *sql.Tx, ids []Chore) error {
		id = ids[0]
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

func (o *office) unmatched(t testing.TB, doc form.DocumentID) form.PageID {
	t.Helper()
	id, err := o.savePage(t.Context(), doc, form.Page{Number: 1, State: form.StateUnmatched, Width: 10, Height: 20, Image: blob.KeyOf(nil)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// readAgain is what a reader makes of a page by template f.
func readAgain(f *form.Template, doubtful ...form.FieldID) (form.Page, []form.Reading) {
	p := form.Page{
		Number: 1, State: form.StateDone, Width: 10, Height: 20, Image: blob.KeyOf(nil),
		Template: f.ID, Version: f.Version, TemplateToPage: geom.Identity, Faults: []form.Fault{form.FaultCut, form.FaultLoose},
	}
	var readings []form.Reading
	for _, field := range f.Fields {
		r := form.Reading{Field: field.ID, Text: "again", Confidence: 0.5}
		for _, id := range doubtful {
			if id == field.ID {
				r.Reasons, p.State = []form.Reason{form.ReasonUnsure}, form.StateReview
			}
		}
		readings = append(readings, r)
	}
	return p, readings
}

func (o *office) texts(t testing.TB, page form.PageID) map[form.FieldID]string {
	t.Helper()
	r, err := o.Record(t.Context(), form.Everything, page)
	if err != nil {
		t.Fatal(err)
	}
	texts := make(map[form.FieldID]string)
	for _, v := range r.Values {
		texts[v.Field.ID] = v.Text()
	}
	return texts
}

func TestWhatPeopleSaidOutlivesAReadingWithTheSameTemplate(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, docs := o.submit(t, "a.png")
	page := o.read(t, docs[0], 1, nameID, sumID)
	c, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: page, Run: 1, Field: sumID, Text: "5"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	id := o.again(t, page, o.template.ID)
	p, readings := readAgain(o.template, sumID)
	if err := o.SaveRun(ctx, id.Page, id.Run, p, readings); err != nil {
		t.Fatal(err)
	}
	// Only sum was doubtful, and of that a person had said what it holds.
	info, err := o.Page(ctx, form.Everything, page)
	if err != nil || info.State != form.StateDone || info.Run != 2 || info.Doubtful != 0 {
		t.Errorf("%v, state %s, run %d, %d doubtful", err, info.State, info.Run, info.Doubtful)
	}
	if diff := cmp.Diff(p.Faults, info.Faults); diff != "" {
		t.Errorf("faults:\n%s", diff)
	}
	if got := o.texts(t, page); got[sumID] != "5" || got[nameID] != "again" {
		t.Errorf("values %v", got)
	}
	// A person who still sees the first run is told.
	if _, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: page, Run: 1, Field: nameID, Text: "x"}, 0); !errors.Is(err, form.ErrConflict) {
		t.Errorf("a correction of the run before: %v", err)
	}
	if _, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: page, Run: 2, Field: sumID, Text: "6"}, c.ID); err != nil {
		t.Error(err)
	}
	if got := o.texts(t, page); got[sumID] != "6" {
		t.Errorf("sum is %q after another correction", got[sumID])
	}
}

func TestAnotherTemplateBeginsAnew(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	other := o.save(t, newTemplate(o.domain, "other"))
	_, docs := o.submit(t, "a.png")
	page := o.read(t, docs[0], 1, sumID)
	if _, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: page, Run: 1, Field: sumID, Text: "5"}, 0); err != nil {
		t.Fatal(err)
	}
	id := o.again(t, page, other.ID)
	p, readings := readAgain(other, sumID)
	if err := o.SaveRun(ctx, id.Page, id.Run, p, readings); err != nil {
		t.Fatal(err)
	}
	info, err := o.Page(ctx, form.Everything, page)
	if err != nil || info.State != form.StateReview || info.Doubtful != 1 || info.TemplateName != "other" {
		t.Errorf("%v, state %s, %d doubtful, template %s", err, info.State, info.Doubtful, info.TemplateName)
	}
	if got := o.texts(t, page)[sumID]; got != "again" {
		t.Errorf("sum is %q", got)
	}
	h, err := o.HistoryOf(ctx, form.Everything, page)
	if err != nil || len(h.Runs) != 2 {
		t.Fatalf("%v, history %+v", err, h)
	}
	first, second := h.Runs[0], h.Runs[1]
	if first.TemplateName != "claim" || first.State != form.StateDone || len(first.Corrections) != 1 || first.Corrections[0].Text != "5" {
		t.Errorf("first run %+v", first)
	}
	if second.TemplateName != "other" || second.By != "kim" || second.ByHand || second.At.IsZero() || len(second.Corrections) != 0 {
		t.Errorf("second run %+v", second)
	}
}

func TestAReadingInVainLeavesThePageAsItWas(t *testing.T) {
	for _, tt := range []struct {
		name  string
		end   func(*office, context.Context, Chore) error
		why   form.Failure
		state form.State // of a page that was unmatched
		run   int        // of that page
	}{
		{"failed", func(o *office, ctx context.Context, id Chore) error {
			return o.SaveRun(ctx, id.Page, id.Run, form.Page{Number: 1, State: form.StateFailed, Failure: form.FailEngine}, nil)
		}, form.FailEngine, form.StateUnmatched, 1},
		{"died", func(o *office, ctx context.Context, id Chore) error {
			if err := o.Blame(ctx, id.Page, id.Run, form.FailInternal); err != nil {
				return err
			}
			return o.Blame(ctx, id.Page, id.Run, form.FailInternal)
		}, form.FailInternal, form.StateUnmatched, 1},
		{"not found", func(o *office, ctx context.Context, id Chore) error {
			return o.SaveRun(ctx, id.Page, id.Run, form.Page{Number: 1, State: form.StateUnmatched, Width: 10, Height: 20}, nil)
		}, form.FailNotFound, form.StateUnmatched, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o, ctx := newServing(t), t.Context()
			_, docs := o.submit(t, "a.png", "b.png")
			read, unmatched := o.read(t, docs[0], 1, sumID), o.unmatched(t, docs[1])
			before := o.texts(t, read)
			for _, page := range []form.PageID{read, unmatched} {
				if err := tt.end(o, ctx, o.again(t, page, o.template.ID)); err != nil {
					t.Fatal(err)
				}
			}
			p, err := o.Page(ctx, form.Everything, read)
			if err != nil || p.State != form.StateReview || p.Run != 1 || p.Template != o.template.ID {
				t.Errorf("%v, page %+v", err, p)
			}
			if diff := cmp.Diff(before, o.texts(t, read)); diff != "" {
				t.Errorf("values:\n%s", diff)
			}
			h, err := o.HistoryOf(ctx, form.Everything, read)
			if err != nil || h.Failure != tt.why || len(h.Runs) != 2 {
				t.Fatalf("%v, failure %q, want %q; %d runs", err, h.Failure, tt.why, len(h.Runs))
			}
			if first, vain := h.Runs[0], h.Runs[1]; !first.Counts || first.Failure != "" || vain.Counts || vain.Number != 2 || vain.Failure != tt.why || vain.By != "kim" {
				t.Errorf("runs %+v", h.Runs)
			}
			// What comes of it the next time counts, and nothing is in vain any more.
			c := o.again(t, read, o.template.ID)
			again, readings := readAgain(o.template)
			if err := o.SaveRun(ctx, c.Page, c.Run, again, readings); err != nil {
				t.Fatal(err)
			}
			if h, err = o.HistoryOf(ctx, form.Everything, read); err != nil || h.Failure != "" || len(h.Runs) != 3 || !h.Runs[2].Counts || h.Runs[0].Counts {
				t.Errorf("%v, history %+v", err, h)
			}
			p, err = o.Page(ctx, form.Everything, unmatched)
			if err != nil || p.State != tt.state || p.Run != tt.run {
				t.Errorf("%v, the unmatched page is %s, run %d", err, p.State, p.Run)
			}
		})
	}
}

func TestAPageIsReadAgainOnce(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, docs := o.submit(t, "a.png")
	page := o.unmatched(t, docs[0])
	id := o.again(t, page, o.template.ID)
	none := func(*sql.Tx, []Chore) error { return nil }
	if err := o.AddReread(ctx, form.Person(o.user), form.Reread{Page: page}, none); !errors.Is(err, form.ErrConflict) {
		t.Errorf("a second wish: %v", err)
	}
	p, readings := readAgain(o.template)
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() { errs[i] = o.SaveRun(ctx, id.Page, id.Run, p, readings) })
	}
	all.Wait()
	var kept int
	for _, err := range errs {
		if err == nil {
			kept++
		} else if !errors.Is(err, form.ErrConflict) {
			t.Error(err)
		}
	}
	if info, err := o.Page(ctx, form.Everything, page); err != nil || kept != 1 || info.Run != 2 || info.State != form.StateDone {
		t.Errorf("%v, kept %d times, run %d, %s", err, kept, info.Run, info.State)
	}
	if task, err := o.Begin(ctx, id); err != nil || !task.Finished {
		t.Errorf("%v, task %+v", err, task)
	}
}

// A document may still be read, and may fail, while one of its pages is to be
// read again.
func TestReadingAgainIsApartFromTheFirstReading(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, docs := o.submit(t, "a.pdf")
	if _, err := o.Begin(ctx, Chore{Document: docs[0]}); err != nil {
		t.Fatal(err)
	}
	page := o.unmatched(t, docs[0])
	pose := geom.Homography{1, 0, 5, 0, 1, 7, 0, 0, 1}
	id := o.want(t, form.Reread{Page: page, Template: o.template.ID, TemplateToPage: pose})
	task, err := o.Begin(ctx, Chore{Document: docs[0]})
	if err != nil || len(task.Open) != 0 || task.Finished {
		t.Errorf("%v, task %+v", err, task)
	}
	if _, err := o.savePage(ctx, docs[0], form.Page{Number: 1, State: form.StateUnmatched}, nil); !errors.Is(err, form.ErrConflict) {
		t.Errorf("savePage = %v, want ErrConflict", err)
	}
	if err := o.FailDocument(ctx, docs[0], form.FailDamaged); err != nil {
		t.Fatal(err)
	}
	if p, err := o.Page(ctx, form.Everything, page); err != nil || p.State != form.StateWaiting {
		t.Errorf("%v, the page is %s", err, p.State)
	}
	again, err := o.Begin(ctx, id)
	if err != nil || again.Finished || again.numbers() != "[1]" || again.TemplateToPage != pose || again.Document.ID != docs[0] {
		t.Errorf("%v, task %+v", err, again)
	}
	// A process dies, and another recovers.
	var found []Chore
	if err := o.Recover(ctx, func(_ *sql.Tx, ids []Chore) error {
		found = ids
		return nil
	}); err != nil || len(found) != 1 || found[0] != id {
		t.Errorf("%v, recovered %v", err, found)
	}
	if p, err := o.Page(ctx, form.Everything, page); err != nil || p.State != form.StateWaiting {
		t.Errorf("%v, after the crash the page is %s", err, p.State)
	}
}

func TestAddRereadRefuses(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	draft := newTemplate(o.domain, "draft")
	draft.Stage = form.Draft
	draft = o.save(t, draft)
	_, docs := o.submit(t, "a.png", "b.png")
	page := o.unmatched(t, docs[0])
	waiting, err := o.Pages(ctx, form.Everything, PageFilter{States: []form.State{form.StateWaiting}})
	if err != nil || len(waiting) != 1 {
		t.Fatal(waiting, err)
	}
	for _, tt := range []struct {
		name string
		by   form.UserID
		r    form.Reread
		want error
	}{
		{"draft", o.user, form.Reread{Page: page, Template: draft.ID}, form.ErrNotFound},
		{"no such template", o.user, form.Reread{Page: page, Template: 99}, form.ErrNotFound},
		{"no such page", o.user, form.Reread{Page: 99}, form.ErrNotFound},
		{"no such user", 99, form.Reread{Page: page}, form.ErrNotFound},
		{"not read yet", o.user, form.Reread{Page: waiting[0].ID}, form.ErrConflict},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := o.AddReread(ctx, form.Person(tt.by), tt.r, func(*sql.Tx, []Chore) error { return errors.New("enqueued") })
			if !errors.Is(err, tt.want) {
				t.Errorf("AddReread = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestRereadUnmatched(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, docs := o.submit(t, "a.png", "b.png", "c.png")
	o.unmatched(t, docs[0])
	o.unmatched(t, docs[1])
	o.read(t, docs[2], 1)
	count := func(want ...int) {
		t.Helper()
		unmatched, again, err := o.Unmatched(ctx, form.Everything, o.domain)
		if diff := cmp.Diff(want, []int{unmatched, again}); err != nil || diff != "" {
			t.Errorf("%v, counts:\n%s", err, diff)
		}
	}
	count(2, 0)
	var ids []Chore
	n, err := o.RereadUnmatched(ctx, form.Person(o.user), o.domain, form.Reread{Template: o.template.ID}, func(_ *sql.Tx, all []Chore) error {
		ids = all
		return nil
	})
	if err != nil || n != 2 || len(ids) != 2 {
		t.Fatalf("%v, %d pages, jobs %v", err, n, ids)
	}
	count(0, 2)
	p, readings := readAgain(o.template)
	if err := o.SaveRun(ctx, ids[0].Page, ids[0].Run, p, readings); err != nil {
		t.Fatal(err)
	}
	count(0, 1)
}
