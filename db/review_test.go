package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

func TestThePageIsDoneWithTheLastDoubtfulValue(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.png")
	id := o.read(t, docs[0], 1, nameID, sumID)
	correct := func(field form.FieldID, text string, after form.CorrectionID, want form.State, doubtful int) form.CorrectionID {
		t.Helper()
		c, p, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: id, Run: 1, Field: field, Text: text, Accepted: text == ""}, after)
		if err != nil {
			t.Fatal(err)
		}
		if p.State != want || p.Doubtful != doubtful || p.FinishedAt.IsZero() == (want == form.StateDone) {
			t.Errorf("after %s: state %s, %d doubtful, finished %v", field, p.State, p.Doubtful, p.FinishedAt)
		}
		if c.ByName != "kim" || c.At.IsZero() || c.Text != text || c.Page != id {
			t.Errorf("correction %+v", c)
		}
		return c.ID
	}
	correct(dateID, "1", 0, form.StateReview, 2) // was not doubtful
	first := correct(sumID, "5", 0, form.StateReview, 1)
	second := correct(sumID, "6", first, form.StateReview, 1)
	correct(nameID, "", 0, form.StateDone, 0)
	correct(sumID, "7", second, form.StateDone, 0) // again, of a page that is done

	r, err := o.Record(ctx, form.Everything, id)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, c := range r.Values[2].Corrections {
		texts = append(texts, c.Text)
	}
	if diff := cmp.Diff([]string{"5", "6", "7"}, texts); diff != "" {
		t.Errorf("corrections of sum:\n%s", diff)
	}
	if got := r.Values[2].Text(); got != "7" {
		t.Errorf("sum is %q", got)
	}
}

func TestAddCorrectionRefuses(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.png", "b.png")
	id := o.read(t, docs[0], 1, sumID)
	pages, err := o.Pages(ctx, form.Everything, PageFilter{States: []form.State{form.StateWaiting}})
	if err != nil || len(pages) != 1 {
		t.Fatal(pages, err)
	}
	c := form.Correction{Page: id, Run: 1, Field: sumID, Text: "5"}
	kim := form.Person(o.user)
	first, _, err := o.AddCorrection(ctx, kim, c, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		by    form.Actor
		c     form.Correction
		after form.CorrectionID
		want  error
	}{
		{"not seen", kim, form.Correction{Page: id, Run: 1, Field: sumID, Text: "6"}, 0, form.ErrConflict},
		{"no such field", kim, form.Correction{Page: id, Run: 1, Field: "x"}, 0, form.ErrNotFound},
		{"no such page", kim, form.Correction{Page: 99, Run: 1, Field: sumID}, 0, form.ErrNotFound},
		{"no such user", form.Person(99), form.Correction{Page: id, Run: 1, Field: sumID}, first.ID, form.ErrNotFound},
		{"no person", form.Program(o.domain), form.Correction{Page: id, Run: 1, Field: sumID}, first.ID, form.ErrNotFound},
		{"not read yet", kim, form.Correction{Page: pages[0].ID, Field: sumID}, 0, form.ErrConflict},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := o.AddCorrection(ctx, tt.by, tt.c, tt.after); !errors.Is(err, tt.want) {
				t.Errorf("AddCorrection = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestOfManyWhoCorrectAtOnceOneIsFirst(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.png")
	id := o.read(t, docs[0], 1, sumID)
	var all sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		all.Go(func() {
			_, _, errs[i] = o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: id, Run: 1, Field: sumID, Text: fmt.Sprint(i)}, 0)
		})
	}
	all.Wait()
	var added int
	for _, err := range errs {
		switch {
		case err == nil:
			added++
		case !errors.Is(err, form.ErrConflict):
			t.Error(err)
		}
	}
	r, err := o.Record(ctx, form.Everything, id)
	if err != nil || added != 1 || len(r.Values[2].Corrections) != 1 {
		t.Errorf("%d were added, %d are there, %v", added, len(r.Values[2].Corrections), err)
	}
}

func TestNextForPerson(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.pdf", "b.png", "c.png")
	second, last := o.submit(t, "d.png")
	// Pages get their IDs in another order than they have in their document.
	a1 := o.read(t, docs[0], 1, sumID)
	c1, err := o.savePage(ctx, docs[2], form.Page{Number: 1, State: form.StateUnmatched}, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.read(t, docs[1], 1)
	a2 := o.read(t, docs[0], 2, sumID)
	d1 := o.read(t, last[0], 1, sumID)
	for _, tt := range []struct {
		name   string
		filter ReviewFilter
		after  form.PageID
		want   form.PageID
	}{
		{"first", ReviewFilter{}, 0, a1},
		{"of the same document", ReviewFilter{}, a1, a2},
		{"unmatched", ReviewFilter{}, a2, c1},
		{"of the next submission", ReviewFilter{}, c1, d1},
		{"around", ReviewFilter{}, d1, a1},
		{"of a submission", ReviewFilter{Submission: second}, a1, d1},
		{"the only one", ReviewFilter{Submission: second}, d1, d1},
		{"of a template", ReviewFilter{Template: o.template.ID}, a2, d1},
		{"of a domain", ReviewFilter{Domain: o.domain}, c1, d1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := o.NextForPerson(ctx, form.Everything, tt.filter, tt.after); got != tt.want || err != nil {
				t.Errorf("NextForPerson(%d) = %d, %v, want %d", tt.after, got, err, tt.want)
			}
		})
	}
	if _, err := o.NextForPerson(ctx, form.Everything, ReviewFilter{Domain: 99}, 0); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("where none waits: %v, want ErrNotFound", err)
	}
	if n, err := o.NeedPerson(ctx, form.Everything, ReviewFilter{}); n != 4 || err != nil {
		t.Errorf("NeedPerson = %d, %v, want 4", n, err)
	}
}

func TestPagesByFilterAndKey(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var submissions []form.SubmissionID
	for i, name := range []string{"보험금_1.png", "100%.pdf", "보험금 2.png", "a_b.pdf"} {
		o.now = func() time.Time { return day.AddDate(0, 0, i) }
		id, docs := o.submit(t, name)
		submissions = append(submissions, id)
		if i < 3 {
			o.read(t, docs[0], 1, sumID)
		}
		if i == 1 {
			o.read(t, docs[0], 2)
		}
	}
	for _, tt := range []struct {
		name   string
		filter PageFilter
		want   []string
	}{
		{"all", PageFilter{}, []string{"a_b.pdf/1", "보험금 2.png/1", "100%.pdf/1", "100%.pdf/2", "보험금_1.png/1"}},
		{"part of the name", PageFilter{Name: "보험금"}, []string{"보험금 2.png/1", "보험금_1.png/1"}},
		{"signs of LIKE", PageFilter{Name: "_"}, []string{"a_b.pdf/1", "보험금_1.png/1"}},
		{"percent", PageFilter{Name: "0%"}, []string{"100%.pdf/1", "100%.pdf/2"}},
		{"case", PageFilter{Name: "PDF"}, []string{"a_b.pdf/1", "100%.pdf/1", "100%.pdf/2"}},
		{"states", PageFilter{States: []form.State{form.StateWaiting, form.StateDone}}, []string{"a_b.pdf/1", "100%.pdf/2"}},
		{"template", PageFilter{Template: o.template.ID, Domain: o.domain}, []string{"보험금 2.png/1", "100%.pdf/1", "100%.pdf/2", "보험금_1.png/1"}},
		{"dates", PageFilter{From: day.AddDate(0, 0, 1), To: day.AddDate(0, 0, 2)}, []string{"100%.pdf/1", "100%.pdf/2"}},
		{"submission", PageFilter{Submission: submissions[3]}, []string{"a_b.pdf/1"}},
		{"no such domain", PageFilter{Domain: 99}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, limit := range []int{0, 1, 2} {
				var got []string
				f := tt.filter
				f.Limit = limit
				for {
					pages, err := o.Pages(ctx, form.Everything, f)
					if err != nil {
						t.Fatal(err)
					}
					for _, p := range pages {
						got = append(got, fmt.Sprintf("%s/%d", p.DocumentName, p.Number))
						f.After = p.ID
					}
					if len(pages) == 0 || limit == 0 {
						break
					}
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("by %d (-want +got):\n%s", limit, diff)
				}
			}
		})
	}
}

func TestExport(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	names := make([]string, 2*exportBatch+5)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	_, docs := o.submit(t, names...)
	for _, d := range docs {
		o.read(t, d, 1)
	}
	_, more := o.submit(t, "doubtful")
	doubtful := o.read(t, more[0], 1, sumID)
	later := newTemplate(o.domain, "claim")
	later.Fields = append(later.Fields[1:2:2], later.Fields[0])
	later.Fields[1].Name = "who"
	o.save(t, later)
	if _, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: 1, Run: 1, Field: nameID, Text: "corrected"}, 0); err != nil {
		t.Fatal(err)
	}

	var got []string
	for r, err := range o.Export(ctx, form.Everything, ExportFilter{Template: o.template.ID}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Page.DocumentName)
		if len(r.Values) != 3 || r.Template.Version != 1 || r.Values[1].Field.ID != dateID || r.Values[1].Text() == "" {
			t.Fatalf("values are %+v", r.Values)
		}
		if r.Page.ID == 1 && r.Values[0].Text() != "corrected" {
			t.Errorf("name is %q", r.Values[0].Text())
		}
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
	for r, err := range o.Export(ctx, form.Everything, ExportFilter{Template: o.template.ID, States: []form.State{form.StateReview}}) {
		if err != nil || r.Page.ID != doubtful {
			t.Errorf("in review: page %d, %v", r.Page.ID, err)
		}
	}
	for _, err := range o.Export(ctx, form.Everything, ExportFilter{Template: 99}) {
		if !errors.Is(err, form.ErrNotFound) {
			t.Errorf("no such template: %v, want ErrNotFound", err)
		}
	}
}

func TestRecover(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	id, docs := o.submit(t, "dead.png", "lost.png", "finished.png")
	if _, err := o.Begin(ctx, Chore{Document: docs[0]}); err != nil {
		t.Fatal(err)
	}
	o.begin(t, docs[2], 1)
	o.read(t, docs[2], 1)
	if err := o.FinishDocument(ctx, docs[2]); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Pool().ExecContext(ctx, `
		INSERT INTO river_job (args, kind, max_attempts, state) VALUES (?, 'read', 5, 'running')`,
		[]byte(fmt.Sprintf(`{"document":%d}`, docs[0]))); err != nil {
		t.Fatal(err)
	}
	var lost []form.DocumentID
	if err := o.Recover(ctx, func(_ *sql.Tx, chores []Chore) error {
		for _, c := range chores {
			lost = noted(lost, c.Document)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(docs[1:2], lost); diff != "" {
		t.Errorf("documents without a job (-want +got):\n%s", diff)
	}
	p, err := o.Progress(ctx, form.Everything, id)
	if err != nil || p.Pages[form.StateWaiting] != 2 || p.Pages[form.StateDone] != 1 {
		t.Errorf("Progress = %+v, %v", p, err)
	}
	var state string
	if err := o.Pool().QueryRowContext(ctx, `SELECT state FROM river_job`).Scan(&state); err != nil || state != "available" {
		t.Errorf("the job is %s, %v", state, err)
	}
}

func TestADownloadThatIsBrokenOffReadsNoMore(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	names := make([]string, exportFirst+exportBatch)
	_, docs := o.submit(t, names...)
	for _, d := range docs {
		o.read(t, d, 1)
	}
	for range o.Export(ctx, form.Everything, ExportFilter{Template: o.template.ID}) {
		break
	}
	// What was being read is given up, and its connection given back soon after.
	for deadline := time.Now().Add(10 * time.Second); o.DB.read.Stats().InUse != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a connection is still in use")
		}
	}
	ended, stop := context.WithCancel(ctx)
	defer stop()
	var err error
	for _, err = range o.Export(ended, form.Everything, ExportFilter{Template: o.template.ID}) {
		stop()
	}
	if err == nil {
		t.Error("it looks whole when its context ends")
	}
}
