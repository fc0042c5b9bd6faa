package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

// checkCounts compares all that is counted as it comes with the same counted
// anew.
func (o *office) checkCounts(t testing.TB) {
	t.Helper()
	for _, tt := range []struct{ name, stored, counted string }{
		{
			"doubtful values",
			`SELECT id, doubtful FROM pages ORDER BY id`,
			`SELECT p.id, ` + doubtfulColumn + ` FROM pages p ORDER BY p.id`,
		},
		{
			"pages",
			`SELECT domain_id, template_id, state, n FROM page_counts WHERE n > 0 ORDER BY 1, 2, 3`,
			`SELECT domain_id, coalesce(template_id, 0), state, count(*) FROM pages GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
		},
		{
			"pages of submissions",
			`SELECT s.id, ` + progressColumns + ` FROM submissions s ORDER BY s.id`,
			`SELECT s.id,
				(SELECT count(*) FROM documents d WHERE d.submission_id = s.id),
				(SELECT count(*) FROM documents d WHERE d.submission_id = s.id AND d.finished_at IS NULL),
				total(p.state = 'waiting'), total(p.state = 'reading'), total(p.state = 'review'),
				total(p.state = 'done'), total(p.state = 'unmatched'), total(p.state = 'failed')
			FROM submissions s LEFT JOIN documents d ON d.submission_id = s.id LEFT JOIN pages p ON p.document_id = d.id
			GROUP BY s.id ORDER BY s.id`,
		},
		{
			"documents of hours",
			`SELECT hour, first, last FROM received ORDER BY hour`,
			`SELECT created_at / 3600000, min(id), max(id) FROM documents GROUP BY 1 ORDER BY 1`,
		},
		{
			"values with tiles",
			`SELECT page_id, run, field FROM tiles WHERE place = 0 ORDER BY 1, 3`,
			`SELECT p.id, p.run, r.field FROM pages p JOIN readings r ON r.page_id = p.id AND r.run = p.run
			WHERE r.reasons <> '' AND r.field NOT LIKE '#%' AND p.id NOT IN (SELECT page_id FROM untiled) AND NOT ` + spokenOf + `
			ORDER BY 1, 3`,
		},
		{
			"tiles",
			`SELECT template_id, language, sort, key, n FROM tile_counts WHERE n > 0 ORDER BY 1, 2, 3, 4`,
			`SELECT template_id, language, sort, iif(sort IN ('character', 'mark'), text, ''), count(*) FROM tiles
			WHERE sort <> '' AND said IS NULL GROUP BY 1, 2, 3, 4
			UNION ALL SELECT template_id, language, 'field', field, count(*) FROM tiles WHERE place = 0 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
		},
		{
			"queue",
			`SELECT page_id, template_id, state, round(worst, 6) FROM queue ORDER BY page_id`,
			`SELECT p.id, coalesce(p.template_id, 0), p.state, iif(p.state = 'review', round(-total(1 - r.confidence), 6), -1000.0)
			FROM pages p LEFT JOIN readings r ON r.page_id = p.id AND r.run = p.run AND r.reasons <> '' AND r.field <> '#title' AND NOT ` + spokenOf + `
			WHERE p.state IN ('review', 'unmatched', 'failed') GROUP BY p.id ORDER BY p.id`,
		},
		{
			"pages of the queue",
			`SELECT domain_id, template_id, lane, assigned, n FROM queue_counts WHERE n > 0 ORDER BY 1, 2, 3, 4`,
			`SELECT domain_id, template_id, lane, assigned, count(*) FROM queue GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
		},
	} {
		if diff := cmp.Diff(o.table(t, tt.counted), o.table(t, tt.stored)); diff != "" {
			t.Errorf("%s (-counted +stored):\n%s", tt.name, diff)
		}
	}
	if _, err := o.Pool().ExecContext(t.Context(), `INSERT INTO document_names (document_names, rank) VALUES ('integrity-check', 1)`); err != nil {
		t.Errorf("index of names: %v", err)
	}
}

// table returns what a query says, a line for each row.
func (o *office) table(t testing.TB, query string, args ...any) (lines []string) {
	t.Helper()
	rows, err := o.DB.read.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		row, cells := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			cells[i] = &row[i]
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprint(row...))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// A life does at random what people and machines do, in any order.
type life struct {
	*office
	*rand.Rand
	tb        testing.TB
	templates []*form.Template
	docs      []form.DocumentID
	rereads   []Chore
}

func newLife(t testing.TB, seed uint64) *life {
	t.Helper()
	l := &life{office: newServing(t), tb: t, Rand: rand.New(rand.NewPCG(seed, 9))}
	f := newTemplate(l.domain, "other")
	f.Fields[0].Personal = form.PersonalName
	other := l.save(t, f)
	l.templates = []*form.Template{l.template, other}
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	l.now = func() time.Time { // it runs, and is set back now and then
		now = now.Add(time.Duration(l.IntN(60)-10) * time.Minute)
		return now
	}
	return l
}

func (l *life) ctx() context.Context { return l.tb.Context() }

// page returns a page as it may have been read, with its readings.
func (l *life) page(number int) (form.Page, []form.Reading) {
	p := form.Page{Number: number, State: form.StateUnmatched}
	switch l.IntN(5) {
	case 0:
		return p, nil
	case 1:
		p.State, p.Failure = form.StateFailed, form.FailDamaged
		return p, nil
	}
	fields := []form.FieldID{nameID, dateID, sumID}
	p, readings := readAgain(l.templates[l.IntN(2)], fields[:l.IntN(4)]...)
	p.Number = number
	if l.IntN(2) == 0 {
		readings = append(readings, form.Reading{Field: form.TitleID, Text: "Claim", Reasons: []form.Reason{form.ReasonUnsure}})
	}
	return p, readings
}

// act does something, which may not be possible.
func (l *life) act() (what string, err error) {
	ctx := l.ctx()
	var doc form.DocumentID
	if len(l.docs) > 0 {
		doc = l.docs[l.IntN(len(l.docs))]
	}
	page := form.PageID(1 + l.IntN(3+len(l.docs)))
	var reread Chore
	if len(l.rereads) > 0 {
		reread = l.rereads[l.IntN(len(l.rereads))]
	}
	wanted := func(_ *sql.Tx, ids []Chore) error {
		l.rereads = noted(l.rereads, ids...)
		return nil
	}
	switch l.IntN(18) {
	case 0:
		names := []string{"보험금_1.png", "100%.pdf", "가나 다라.tif"}[:1+l.IntN(3)]
		_, docs := l.submit(l.tb, names...)
		l.docs = noted(l.docs, docs...)
		return "submit", nil
	case 1:
		_, err := l.Begin(ctx, Chore{Document: doc})
		return "begin", err
	case 2:
		return "give back", l.GiveBack(ctx, Chore{Document: doc})
	case 3, 4, 5:
		p, readings := l.page(1 + l.IntN(3))
		_, err := l.savePage(ctx, doc, p, readings)
		return "save", err
	case 6:
		return "finish", l.FinishDocument(ctx, doc)
	case 7:
		return "fail", l.FailDocument(ctx, doc, form.FailDamaged)
	case 8, 9:
		return "correct", l.correctAny(page)
	case 10:
		return "read again", l.AddReread(ctx, form.Person(l.user), form.Reread{Page: page}, wanted)
	case 11:
		if _, err := l.Begin(ctx, reread); err != nil {
			return "begin again", err
		}
		p, readings := l.page(1)
		return "save again", l.SaveRun(ctx, reread.Page, reread.Run, p, readings)
	case 12:
		if l.IntN(2) == 0 {
			return "give back again", l.GiveBack(ctx, reread)
		}
		return "blame again", l.Blame(ctx, reread.Page, reread.Run, form.FailEngine)
	case 13:
		_, err := l.SetPages(ctx, doc, 1+l.IntN(3))
		return "count", err
	case 14:
		return "blame", l.blamePage(ctx, doc, 1+l.IntN(3), form.FailEngine)
	case 15:
		if l.IntN(2) == 0 {
			_, err := l.Postpone(ctx, reread, form.TroubleDisk)
			return "postpone again", err
		}
		_, err := l.Postpone(ctx, Chore{Document: doc}, form.TroubleFull)
		return "postpone", err
	case 16:
		_, err := l.RetryFailed(ctx, form.Person(l.user), form.Everything, FailedFilter{Page: page}, func(*sql.Tx, []Chore) error { return nil })
		return "retry", err
	default:
		switch l.IntN(4) {
		case 0:
			return l.deleteAny(doc, page)
		case 1:
			_, err := l.RereadUnmatched(ctx, form.Person(l.user), l.domain, form.Reread{}, wanted)
			return "read all unmatched again", err
		}
		return "recover", l.Recover(ctx, func(*sql.Tx, []Chore) error { return nil })
	}
}

// deleteAny deletes something, mostly a page.
func (l *life) deleteAny(doc form.DocumentID, page form.PageID) (what string, err error) {
	switch l.IntN(10) {
	case 2:
		return "trash submission", l.TrashSubmission(l.ctx(), form.Person(l.user), form.SubmissionID(1+l.IntN(4)))
	case 3, 4:
		return "trash page", l.Trash(l.ctx(), form.Person(l.user), page)
	case 5, 6:
		_, err := l.Restore(l.ctx(), form.Person(l.user), []form.PageID{page, 1, 2, 3, 4}, func(*sql.Tx, []Chore) error { return nil })
		return "restore", err
	case 7:
		_, err := l.Purge(l.ctx(), form.Person(l.user), []form.PageID{page})
		return "purge", err
	case 0:
		return "delete document", l.DeleteDocument(l.ctx(), form.Command, doc)
	case 1:
		return "delete submission", l.DeleteSubmission(l.ctx(), form.Program(l.domain), form.SubmissionID(1+l.IntN(4)))
	default:
		return "delete page", l.DeletePage(l.ctx(), form.Person(l.user), page)
	}
}

// impossible reports whether err is none that an act may end with that could not
// be done.
func impossible(err error) bool {
	return err != nil && !errors.Is(err, form.ErrConflict) && !errors.Is(err, form.ErrNotFound) && !errors.Is(err, ErrOpen)
}

func (l *life) correctAny(page form.PageID) error {
	r, err := l.Record(l.ctx(), form.Everything, page)
	if err != nil || len(r.Values) == 0 {
		return form.ErrNotFound
	}
	v := r.Values[l.IntN(len(r.Values))]
	c := form.Correction{Page: page, Run: r.Page.Run, Field: v.Field.ID, Text: fmt.Sprint(l.IntN(9))}
	var seen form.CorrectionID
	if latest := v.Latest(); latest != nil {
		seen = latest.ID
	}
	_, _, err = l.AddCorrection(l.ctx(), form.Person(l.user), c, seen)
	return err
}

func TestWhatIsCountedIsRightAfterEveryAct(t *testing.T) {
	for seed := range uint64(4) {
		l := newLife(t, seed)
		done := make(map[string]int)
		for range 150 {
			what, err := l.act()
			if impossible(err) {
				t.Fatalf("%s: %v", what, err)
			}
			if err == nil {
				done[what]++
			}
			if l.checkCounts(t); t.Failed() {
				t.Fatalf("seed %d: after %s, %v", seed, what, err)
			}
		}
		if len(done) < 12 {
			t.Errorf("seed %d: only %v was done", seed, done)
		}
	}
}

func TestHowManyPagesNeedAPerson(t *testing.T) {
	l := newLife(t, 1)
	for range 250 {
		_, _ = l.act()
	}
	_, more := l.submit(t, "more.pdf")
	l.read(t, more[0], 1, sumID)
	last, err := l.Document(t.Context(), form.Everything, more[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []ReviewFilter{
		{},
		{Domain: l.domain},
		{Domain: 99},
		{Template: l.template.ID},
		{Domain: l.domain, Template: l.templates[1].ID},
		{Submission: last.Submission},
		{Submission: last.Submission, Template: l.templates[1].ID},
	} {
		all := f.pages()
		all.Domain, all.Limit = f.Domain, 1000
		pages, err := l.Pages(t.Context(), form.Everything, all)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := l.NeedPerson(t.Context(), form.Everything, f); n != len(pages) || err != nil {
			t.Errorf("NeedPerson(%+v) = %d, %v, want %d", f, n, err, len(pages))
		}
	}
}

// A page whose look has changed has a higher revision than its submission had
// before, and no other page has.
func TestRevisionsTellWhatChanged(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	id, docs := o.submit(t, "a.pdf", "b.png")
	o.submit(t, "other.png")
	var page form.PageID
	for _, tt := range []struct {
		name    string
		act     func() error
		changed []string
	}{
		{"begun", func() error { _, err := o.Begin(ctx, Chore{Document: docs[0]}); return err }, []string{"a.pdf/1"}},
		{"counted", func() error { _, err := o.SetPages(ctx, docs[0], 2); return err }, []string{"a.pdf/2"}},
		{"read", func() error { page = o.read(t, docs[0], 1, nameID, sumID); return nil }, []string{"a.pdf/1", "a.pdf/2"}},
		{"read to its end", func() error { o.read(t, docs[0], 2); return nil }, []string{"a.pdf/2"}},
		{"corrected", func() error {
			_, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: page, Run: 1, Field: sumID, Text: "5"}, 0)
			return err
		}, []string{"a.pdf/1"}},
		{"corrected what was sure", func() error {
			_, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: page, Run: 1, Field: dateID, Text: "5"}, 0)
			return err
		}, nil},
		{"finished", func() error { return o.FinishDocument(ctx, docs[0]) }, nil},
		{"failed", func() error { return o.FailDocument(ctx, docs[1], form.FailDamaged) }, []string{"b.png/1"}},
	} {
		before, err := o.Submission(ctx, form.Everything, id)
		if err != nil {
			t.Fatal(err)
		}
		if err := tt.act(); err != nil {
			t.Fatal(err)
		}
		pages, err := o.PagesOf(ctx, form.Everything, id)
		if err != nil {
			t.Fatal(err)
		}
		var changed []string
		for _, p := range pages {
			if p.Revision > before.Revision {
				changed = append(changed, fmt.Sprintf("%s/%d", p.DocumentName, p.Number))
			}
		}
		if diff := cmp.Diff(tt.changed, changed); diff != "" {
			t.Errorf("%s, changed (-want +got):\n%s", tt.name, diff)
		}
		after, err := o.Submission(ctx, form.Everything, id)
		if err != nil {
			t.Fatal(err)
		}
		if news := tt.changed != nil || tt.name == "finished"; (after.Revision > before.Revision) != news {
			t.Errorf("%s: revision %d after %d", tt.name, after.Revision, before.Revision)
		}
	}
}
