package db

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// sample adds a sample of a template, whose file has so many pages.
func (o *office) sample(t testing.TB, template form.TemplateID, name string, pages int) form.CaseID {
	t.Helper()
	ids, err := o.AddSamples(t.Context(), form.Person(o.user), template, []form.Case{{Name: name, Blob: blob.KeyOf([]byte(name))}})
	if err == nil {
		err = o.SetCasePages(t.Context(), ids[0], pages, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	return ids[0]
}

// caseRead returns what was read of a case: a text of each field.
func caseRead(by, text string) *form.CaseResult {
	r := &form.CaseResult{Fingerprint: by, Took: 1500 * time.Millisecond, Page: form.Page{
		State: form.StateReview, Width: 100, Height: 50, Image: blob.KeyOf([]byte("picture")),
		TemplateToPage: geom.Identity, Residual: 0.5, Score: 0.9, Faults: []form.Fault{form.FaultCut, form.FaultTitle},
	}}
	for _, id := range []form.FieldID{nameID, sumID} {
		r.Readings = append(r.Readings, form.Reading{
			Field: id, Text: text, Confidence: 0.75, Reasons: []form.Reason{form.ReasonUnsure, form.ReasonFaint},
			Where: geom.XYWH(1, 2, 3, 4).Quad(), Words: []form.Word{{Text: text}}, Alternatives: []form.Alternative{{Text: "other"}},
			Ruled: form.ReasonNotInList, Engine: "test",
		})
	}
	return r
}

func (o *office) caseOf(t testing.TB, id form.CaseID, fingerprint string) form.Case {
	t.Helper()
	c, err := o.Case(t.Context(), form.Everything, id, fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestACaseIsReadAndCompared(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	now := time.UnixMilli(1000).UTC()
	o.now = func() time.Time { now = now.Add(time.Second); return now }
	kim := form.Person(o.user)
	id := o.sample(t, o.template.ID, "a.pdf", 3)
	all, err := o.Cases(ctx, form.Everything, o.template.ID, "one")
	if err != nil || len(all) != 3 || all[2].Number != 3 || all[2].Pages != 3 || all[2].Name != "a.pdf" || all[2].Blob != all[0].Blob {
		t.Fatalf("pages of the file: %+v, %v", all, err)
	}
	if err := o.SetCasePages(ctx, id, 9, ""); err != nil || len(o.unread(t, "one", time.Time{})) != 3 {
		t.Errorf("counted again: %v", err)
	}
	if err := o.SetExpected(ctx, kim, id, []form.Expected{
		{Field: sumID, Held: form.Held{Text: "5"}}, {Field: nameID, Held: form.Held{Text: "kim", Checked: true}}, {Field: "gone", Held: form.Held{Text: "x"}},
	}); err != nil {
		t.Fatal(err)
	}
	first := caseRead("one", "5")
	for _, r := range []*form.CaseResult{first, caseRead("two", "6")} {
		if err := o.SaveCaseResult(ctx, id, r); err != nil {
			t.Fatal(err)
		}
	}
	c := o.caseOf(t, id, "one")
	first.At = c.Result.At
	if diff := cmp.Diff(first, c.Result); diff != "" {
		t.Errorf("what was read (-saved +loaded):\n%s", diff)
	}
	if c.Before == nil || c.Before.Fingerprint != "two" {
		t.Errorf("compared with %+v", c.Before)
	}
	var got []string
	for _, id := range []string{"one", "two"} {
		c := o.caseOf(t, c.ID, id)
		for _, v := range c.Outcomes(o.template.Places()) {
			got = append(got, fmt.Sprintf("%s %s %t %t %s", id, v.Place.Name, v.Gone, v.Right, v.Change))
		}
	}
	if want := []string{
		"one name false false same", "one sum false true better", "one  true false same",
		"two name false false same", "two sum false false worse", "two  true false same",
	}; !slices.Equal(got, want) {
		t.Errorf("outcomes %q, want %q", got, want)
	}
	if c := o.caseOf(t, id, "three"); c.Result != nil || c.Before.Fingerprint != "two" || c.Outcomes(o.template.Places()) != nil {
		t.Errorf("by what has not read it: %+v", c)
	}
	lost := caseRead("three", "")
	lost.Page, lost.Readings = form.Page{State: form.StateUnmatched}, nil
	if err := o.SaveCaseResult(ctx, id, lost); err != nil {
		t.Fatal(err)
	}
	c = o.caseOf(t, id, "three")
	if v := c.Outcomes(o.template.Places())[1]; v.Right || v.Change != form.Alike { // it was 6 before
		t.Errorf("of a page that was not found: %+v", v)
	}
	// What another says of a field counts; what is not said any more does not.
	if err := o.SetExpected(ctx, kim, id, []form.Expected{{Field: sumID, Held: form.Held{Text: "6"}}}, nameID, "gone"); err != nil {
		t.Fatal(err)
	}
	if e := o.caseOf(t, id, "one").Expected; len(e) != 1 || e[0].Text != "6" || e[0].By != o.user || e[0].ByName != "kim" {
		t.Errorf("expected %+v", e)
	}
}

// unread returns the numbers of the cases of the office's template that are to
// be read.
func (o *office) unread(t testing.TB, fingerprint string, since time.Time) (numbers []int) {
	t.Helper()
	cases, err := o.UnreadCases(t.Context(), form.Everything, o.template.ID, fingerprint, since)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		numbers = append(numbers, c.Number)
	}
	return numbers
}

func TestWhatWasReadOfACaseIsKeptForTheLastEditions(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	now := time.UnixMilli(1000)
	o.now = func() time.Time { now = now.Add(time.Second); return now }
	id := o.sample(t, o.template.ID, "a.png", 1)
	for i := range 6 {
		r := caseRead(fmt.Sprint(i), "5")
		r.Page.Image = blob.KeyOf([]byte{byte(i)})
		if err := o.SaveCaseResult(ctx, id, r); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []bool{false, false, true, true, true, true} {
		if read := len(o.unread(t, fmt.Sprint(i), time.Time{})) == 0; read != want {
			t.Errorf("what edition %d has read is there: %t", i, read)
		}
	}
	if got := len(o.loose(t)); got != 2 {
		t.Errorf("%d pictures are loose, want 2", got)
	}
	if got := o.unread(t, "5", now.Add(time.Second)); len(got) != 1 {
		t.Error("it is not to be read again")
	}
}

func TestThereAreOnlySoManyCases(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	o.sample(t, o.template.ID, "a.pdf", form.MaxCases-2)
	samples := []form.Case{{Name: "b.pdf", Blob: "b"}, {Name: "large.pdf", Failure: form.FailTooLarge}, {Name: "c.pdf", Blob: "c"}}
	_, err := o.AddSamples(ctx, form.Person(o.user), o.template.ID, samples)
	if _, ok := errors.AsType[*form.InvalidError](err); !ok {
		t.Errorf("AddSamples = %v, want that there are too many", err)
	}
	ids, err := o.AddSamples(ctx, form.Person(o.user), o.template.ID, samples[:2])
	if err != nil {
		t.Fatal(err)
	}
	if err := o.SetCasePages(ctx, ids[0], 2, ""); err != nil {
		t.Fatal(err)
	}
	for i, want := range []form.Failure{form.FailTooMany, form.FailTooLarge} {
		if c := o.caseOf(t, ids[i], ""); c.Failure != want {
			t.Errorf("file %d has failed by %q, want %q", i, c.Failure, want)
		}
	}
	if _, err := o.AddSamples(ctx, form.Person(o.user), 99, samples[:1]); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("samples of no template: %v", err)
	}
}

func TestSamplesGoByThemselvesAndCasesStay(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	now := time.UnixMilli(0)
	o.now = func() time.Time { return now }
	kept, forgotten, gone := o.sample(t, o.template.ID, "박문수의비밀.png", 1), o.sample(t, o.template.ID, "b.png", 1), o.sample(t, o.template.ID, "c.png", 1)
	say := func(id form.CaseID) {
		t.Helper()
		if err := o.SetExpected(ctx, form.Person(o.user), id, []form.Expected{{Field: sumID, Held: form.Held{Text: "임꺽정의주소"}}}); err != nil {
			t.Fatal(err)
		}
	}
	say(kept)
	say(forgotten)
	if err := o.SaveCaseResult(ctx, kept, caseRead("one", "홍길동의이름")); err != nil {
		t.Fatal(err)
	}
	now = now.Add(form.CaseLife)
	if err := o.SetExpected(ctx, form.Person(o.user), forgotten, nil, sumID); err != nil {
		t.Fatal(err)
	}
	there := func(want ...form.CaseID) {
		t.Helper()
		if err := o.DropSamples(ctx); err != nil {
			t.Fatal(err)
		}
		var got []form.CaseID
		cases, err := o.Cases(ctx, form.Everything, o.template.ID, "")
		for _, c := range cases {
			got = append(got, c.ID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("there are %v, %v, want %v", got, err, want)
		}
	}
	there(kept, forgotten)
	if _, err := o.Case(ctx, form.Everything, gone, ""); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("a sample of yesterday: %v", err)
	}
	now = now.Add(form.CaseLife)
	there(kept)
	o.loose(t)

	secrets := []string{"박문수의비밀", "임꺽정의주소", "홍길동의이름"}
	for _, s := range secrets {
		if !bytes.Contains(o.readEverything(t), []byte(s)) {
			t.Fatalf("%q is not in the file to begin with", s)
		}
	}
	if err := o.DeleteCase(ctx, form.Person(o.user), kept); err != nil {
		t.Fatal(err)
	}
	if got, want := o.loose(t), []blob.Key{blob.KeyOf([]byte("picture")), blob.KeyOf([]byte("박문수의비밀.png"))}; !slices.Equal(got, want) && !slices.Equal(got, []blob.Key{want[1], want[0]}) {
		t.Errorf("loose: %v, want %v", got, want)
	}
	if err := o.EmptyLog(ctx); err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		if bytes.Contains(o.readEverything(t), []byte(s)) {
			t.Errorf("%q is still in the file", s)
		}
	}
	if err := o.DeleteCase(ctx, form.Person(o.user), kept); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("deleted again: %v", err)
	}
	// What was being read meanwhile leaves nothing.
	if err := o.SaveCaseResult(ctx, kept, caseRead("one", "x")); err != nil {
		t.Fatal(err)
	}
	if got := o.loose(t); !slices.Equal(got, []blob.Key{blob.KeyOf([]byte("picture"))}) {
		t.Errorf("loose: %v, want the picture of what is no more", got)
	}
}

func TestCasesGoWithTheirTemplateOnly(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	draft := newTemplate(o.domain, "claim")
	draft.Stage = ""
	draft.Width++
	draft = o.save(t, draft)
	o.sample(t, draft.ID, "a.png", 1)
	other := newTemplate(o.domain, "other")
	other.Stage = ""
	other = o.save(t, other)
	id := o.sample(t, other.ID, "b.png", 1)
	if err := o.SetExpected(ctx, form.Person(o.user), id, []form.Expected{{Field: sumID}}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []form.TemplateID{draft.ID, other.ID} {
		if err := o.DiscardDraft(ctx, form.Command, id); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := o.loose(t), blob.KeyOf([]byte("b.png")); !slices.Contains(got, want) {
		t.Errorf("loose: %v, want %v too", got, want)
	}
	if rows := o.table(t, `SELECT template_id FROM template_cases UNION ALL SELECT case_id FROM case_values`); !slices.Equal(rows, []string{fmt.Sprint(draft.ID)}) {
		t.Errorf("left: %v", rows)
	}
}

// A database of before has no cases, and can have some.
func TestCasesComeToWhatTheReleaseBeforeKept(t *testing.T) {
	path, pool := openAt(t, 14)
	for _, statement := range []string{
		`INSERT INTO users (id, name, password_hash, created_at) VALUES (1, 'kim', '', 1)`,
		`INSERT INTO domains (id, name, languages, hash, created_at) VALUES (1, 'office', 'ko', printf('%064d', 1), 1)`,
		`INSERT INTO templates (id, domain_id, name, updated_at) VALUES (1, 1, 'claim', 1)`,
	} {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	pool.Close()
	o := &office{DB: openFile(t, path), domain: 1, user: 1}
	if cases, err := o.Cases(t.Context(), form.Everything, 1, ""); err != nil || len(cases) != 0 {
		t.Errorf("%v, %v", cases, err)
	}
	o.sample(t, 1, "a.png", 2)
	if cases, err := o.Cases(t.Context(), form.Everything, 1, ""); err != nil || len(cases) != 2 {
		t.Errorf("%v, %v", cases, err)
	}
}
