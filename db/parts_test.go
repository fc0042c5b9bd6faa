package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

var halves = []geom.Quad{geom.XYWH(0, 0, .5, 1).Quad(), geom.XYWH(.5, 0, .5, 1).Quad()}

// labels returns the labels of the pages of a submission, in order.
func (o *office) labels(t testing.TB, id form.SubmissionID) (labels []string) {
	t.Helper()
	pages, err := o.PagesOf(t.Context(), form.Everything, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		labels = append(labels, p.Label()+" "+string(p.State))
	}
	return labels
}

func noJobs(*sql.Tx, []Chore) error { return errors.New("there should be none") }

func TestAPageIsSplit(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	id, docs := o.submit(t, "a.pdf")
	o.begin(t, docs[0], 3)
	o.read(t, docs[0], 1)
	page, run, err := o.openOf(ctx, docs[0], 2)
	if err != nil {
		t.Fatal(err)
	}
	task, err := o.Split(ctx, page, run, halves, 1, noJobs)
	if err != nil {
		t.Fatal(err)
	}
	var open []string
	for _, r := range task.Open {
		open = append(open, form.PageLabel(r.Number, r.Part))
		if r.Part > 0 && r.Region != halves[r.Part-1] || r.Part == 2 && r.Page != page {
			t.Errorf("to be read: %+v", r)
		}
	}
	if diff := cmp.Diff([]string{"2 (1)", "2 (2)", "3"}, open); diff != "" {
		t.Error(diff)
	}
	if _, err := o.Split(ctx, page, run, halves, 0, noJobs); !errors.Is(err, form.ErrConflict) {
		t.Errorf("a part was split once more: %v", err)
	}
	// It may be read in any order, and once each.
	for _, r := range slices.Backward(task.Open) {
		p, readings := readAgain(o.template)
		for range 2 {
			err = o.SaveRun(ctx, r.Page, r.Run, p, readings)
		}
		if !errors.Is(err, form.ErrConflict) {
			t.Errorf("saved twice: %v", err)
		}
		if err := o.FinishDocument(ctx, docs[0]); err != nil && r.Part == 1 {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"1 done", "2 (1) done", "2 (2) done", "3 done"}, o.labels(t, id)); diff != "" {
		t.Error(diff)
	}
	p, err := o.Page(ctx, form.Everything, page)
	if err != nil || p.Region != halves[1] || p.Document != docs[0] {
		t.Errorf("%v, page %+v", err, p)
	}
	o.checkCounts(t)
	// Lists go on after any of them, also one that was deleted.
	if err := o.DeletePage(ctx, form.Person(o.user), page); err != nil {
		t.Fatal(err)
	}
	rest, err := o.PartOf(ctx, form.Everything, id, page, 9)
	if err != nil || len(rest) != 1 || rest[0].Label() != "3" {
		t.Errorf("%v, after the second part: %+v", err, rest)
	}
	if rest, err = o.PartOf(ctx, form.Everything, id, task.Open[0].Page, 9); err != nil || len(rest) != 1 {
		t.Errorf("%v, after the first part: %+v", err, rest)
	}
	o.checkCounts(t)
}

// A page that is read again turns out to hold two forms: what people said of it
// stays with its own, and the other waits by itself.
func TestAPageIsSplitWhenItIsReadAgain(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	id, docs := o.submit(t, "a.png")
	o.begin(t, docs[0], 1)
	page := o.read(t, docs[0], 1, sumID)
	if err := o.FinishDocument(ctx, docs[0]); err != nil {
		t.Fatal(err)
	}
	if _, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: page, Run: 1, Field: sumID, Text: "5"}, 0); err != nil {
		t.Fatal(err)
	}
	c := o.again(t, page, o.template.ID)
	if _, err := o.Begin(ctx, c); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no room")
	if _, err := o.Split(ctx, page, c.Run, halves, 0, func(*sql.Tx, []Chore) error { return full }); !errors.Is(err, full) {
		t.Fatal(err)
	}
	if got := o.labels(t, id); !slices.Equal(got, []string{"1 reading"}) {
		t.Errorf("pages %v after a split that failed", got)
	}
	var queued []Chore
	task, err := o.Split(ctx, page, c.Run, halves, 0, func(_ *sql.Tx, chores []Chore) error { queued = chores; return nil })
	if err != nil || len(task.Open) != 1 || task.Open[0].Region != halves[0] || len(queued) != 1 {
		t.Fatalf("%v, %+v, queued %v", err, task.Open, queued)
	}
	if got := o.labels(t, id); !slices.Equal(got, []string{"1 (1) reading", "1 (2) waiting"}) {
		t.Errorf("pages %v", got)
	}
	// Where the process dies now, both are queued again.
	var found []Chore
	if _, err := o.write.ExecContext(ctx, `DELETE FROM river_job`); err != nil {
		t.Fatal(err)
	}
	if err := o.Recover(ctx, func(_ *sql.Tx, chores []Chore) error { found = chores; return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Chore{c, queued[0]}, found); diff != "" {
		t.Error(diff)
	}
	for _, c := range found {
		task, err := o.Begin(ctx, c)
		if err != nil || !slices.Equal(task.Only, []form.TemplateID{o.template.ID}) {
			t.Errorf("%v, task %+v", err, task)
		}
		p, readings := readAgain(o.template, sumID)
		if err := o.SaveRun(ctx, c.Page, c.Run, p, readings); err != nil {
			t.Fatal(err)
		}
	}
	if got := o.labels(t, id); !slices.Equal(got, []string{"1 (1) done", "1 (2) review"}) {
		t.Errorf("pages %v", got)
	}
	if got := o.texts(t, page); got[sumID] != "5" {
		t.Errorf("what was said of the first: %v", got)
	}
	o.checkCounts(t)
}

// A page with parts is deleted with its document, and all rows find theirs
// after the table of pages was written anew.
func TestPagesWrittenAnew(t *testing.T) {
	path, pool := openAt(t, 17)
	ctx := context.Background()
	for _, statement := range []string{
		`INSERT INTO users (id, name, password_hash, created_at) VALUES (1, 'kim', '', 1)`,
		`INSERT INTO domains (id, name, languages, hash, created_at, webhook) VALUES (1, 'office', 'ko', printf('%064d', 1), 1, 'https://x.example')`,
		`INSERT INTO submissions (id, domain_id, user_id, templates, created_at) VALUES (1, 1, 1, '[]', 1)`,
		`INSERT INTO documents (id, submission_id, domain_id, name, blob, size, created_at, pages) VALUES (1, 1, 1, 'a.pdf', 'x', 1, 1, 3)`,
		`INSERT INTO pages (id, document_id, domain_id, number, uid, state, run, created_at, updated_at) VALUES
			(3, 1, 1, 1, printf('%032d', 1), 'waiting', 0, 1, 1), (4, 1, 1, 2, printf('%032d', 2), 'waiting', 0, 1, 1), (9, 1, 1, 3, printf('%032d', 3), 'waiting', 0, 1, 1)`,
		`INSERT INTO runs (page_id, number, why, actor, user_id, state, created_at, finished_at) VALUES
			(3, 1, 'first', 'person', 1, 'unmatched', 1, 2), (4, 1, 'first', 'person', 1, 'open', 1, NULL), (9, 1, 'first', 'person', 1, 'open', 1, NULL)`,
		`UPDATE pages SET state = 'unmatched', run = 1 WHERE id = 3`,
		`INSERT INTO deletions (page_id, uid, document_id, number, submission_id, domain_id, actor, user_id, at) VALUES (9, printf('%032d', 3), 1, 3, 1, 1, 'person', 1, 1)`,
		`DELETE FROM runs WHERE page_id = 9`, `DELETE FROM pages WHERE id = 9`,
	} {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	o := &office{DB: openFile(t, path), domain: 1, user: 1}
	if rows := o.table(t, `PRAGMA foreign_key_check`); len(rows) > 0 {
		t.Error(rows)
	}
	if got := o.labels(t, 1); !slices.Equal(got, []string{"1 unmatched", "2 waiting"}) {
		t.Errorf("pages %v", got)
	}
	o.checkCounts(t)
	o.begin(t, 1, 3)
	task, err := o.Split(ctx, 4, 1, halves, 0, noJobs)
	if err != nil || len(task.Open) != 2 || task.Open[1].Page != 10 {
		t.Errorf("%v, %+v: numbers of pages that were deleted come again", err, task.Open)
	}
	if got := o.labels(t, 1); !slices.Equal(got, []string{"1 unmatched", "2 (1) reading", "2 (2) waiting"}) {
		t.Errorf("pages %v", got)
	}
	o.checkCounts(t)
}
