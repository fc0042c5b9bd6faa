package db

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

// index indexes all pages that are due.
func (o *office) index(t testing.TB) {
	t.Helper()
	for n := 1; n > 0; {
		var err error
		if n, err = o.IndexPages(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// with returns the pages that hold a text.
func (o *office) with(t testing.TB, text string) (ids []form.PageID) {
	t.Helper()
	pages, err := o.Pages(t.Context(), form.Everything, PageFilter{Value: text, Personal: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		ids = append(ids, p.ID)
	}
	return ids
}

// readWith has a document read whose values are those texts.
func (o *office) readWith(t testing.TB, texts ...string) form.PageID {
	t.Helper()
	_, docs := o.submit(t, "a.png")
	o.begin(t, docs[0], 1)
	p, readings := readAgain(o.template, nameID)
	for i, text := range texts {
		readings[i].Text = text
	}
	id, err := o.savePage(t.Context(), docs[0], p, readings)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAPageIsFoundByWhatItHolds(t *testing.T) {
	o := newServing(t)
	page := o.readWith(t, "홍길동", "010-1234-5678", "₩ 1,234,000")
	other := o.readWith(t, "山田 太郎", "ＡＢＣ１２３", "Kim@Office.example")
	o.index(t)
	for _, tt := range []struct {
		text string
		want form.PageID
	}{
		{"홍길동", page},
		{"홍 길동", page},
		{"길", page},
		{"길동", page},
		{"동길", 0},
		{"01012345678", page},
		{"1234-56", page},
		{"1234000", page},
		{"₩1,234", page},
		{"567800", 0},
		{"동010", 0}, // not from one value to the next
		{"山", other},
		{"山田太郎", other},
		{"abc123", other},
		{"kim@office", other},
		{"KIM", other},
		{"-", 0},
		{"%", 0},
		{`"`, 0},
		{"!sdone", 0},
		{strings.Repeat("가", 10_000), 0},
	} {
		want := []form.PageID{tt.want}
		if tt.want == 0 {
			want = nil
		}
		if diff := cmp.Diff(want, o.with(t, tt.text)); diff != "" {
			t.Errorf("%.20q (-want +got):\n%s", tt.text, diff)
		}
	}
	if r, err := o.ValuesWith(t.Context(), form.Everything, []form.PageID{page, other}, "길동", true); err != nil || len(r[page]) != 1 || len(r[other]) != 0 || r[page][0].Field.ID != nameID {
		t.Errorf("ValuesWith = %+v, %v", r, err)
	}
}

// What people last said counts, beside what the machine read; what they said
// before does not.
func TestAPageIsFoundByCorrectionsAndForgottenWithThem(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	page := o.readWith(t, "김철슈", "날짜", "합계")
	var last form.CorrectionID
	for _, text := range []string{"박민수", "김철수"} {
		c, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: page, Run: 1, Field: nameID, Text: text}, last)
		if err != nil {
			t.Fatal(err)
		}
		last = c.ID
		o.index(t)
	}
	for text, want := range map[string]int{"김철슈": 1, "김철수": 1, "박민수": 0, "합계": 1} {
		if got := o.with(t, text); len(got) != want {
			t.Errorf("%s: %d pages, want %d", text, len(got), want)
		}
	}
	matches := func(words, text string) int {
		return len(o.table(t, `SELECT rowid FROM `+words+` WHERE `+words+` MATCH ?`, text))
	}
	if n := matches("page_words", `"박민수"`); n != 0 {
		t.Errorf("the index knows what was said before")
	}
	if err := o.Trash(ctx, form.Person(o.user), page); err != nil {
		t.Fatal(err)
	}
	if n := matches("page_words", `"김철수"`); n != 0 {
		t.Error("the index knows what is in the trash")
	}
	if n, err := o.Restore(ctx, form.Person(o.user), []form.PageID{page}, func(*sql.Tx, []Chore) error { return nil }); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	o.index(t)
	if got := o.with(t, "김철수"); len(got) != 1 {
		t.Errorf("%d pages are found after it came back", len(got))
	}
	if err := o.DeletePage(ctx, form.Person(o.user), page); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"page_texts", "personal_texts", "texts_due"} {
		if rows := o.table(t, `SELECT page_id FROM `+table); len(rows) > 0 {
			t.Errorf("%s has %q", table, rows)
		}
	}
	for _, words := range []string{"page_words", "personal_words"} {
		if n := matches(words, `"!sdone"`) + matches(words, `"!sreview"`); n != 0 {
			t.Errorf("%s knows of %d pages", words, n)
		}
	}
}

func TestPersonalDataAreFoundApart(t *testing.T) {
	o := newServing(t)
	f := newTemplate(o.domain, "claim")
	f.Fields[0].Personal = form.PersonalName
	o.template = o.save(t, f)
	page := o.readWith(t, "홍길동", "날짜", "합계")
	o.index(t)
	for _, personal := range []bool{false, true} {
		pages, err := o.Pages(t.Context(), form.Everything, PageFilter{Value: "길동", Personal: personal})
		if found := len(pages) == 1 && pages[0].ID == page; found != personal || err != nil {
			t.Errorf("with personal data %v: %d pages, %v", personal, len(pages), err)
		}
		of, err := o.ValuesWith(t.Context(), form.Everything, []form.PageID{page}, "길동", personal)
		if found := len(of[page]) == 1; found != personal || err != nil {
			t.Errorf("with personal data %v: values %v, %v", personal, of, err)
		}
	}
	if rows := o.table(t, `SELECT text FROM page_texts WHERE instr(text, '길') > 0`); len(rows) > 0 {
		t.Errorf("personal data lie among the others: %q", rows)
	}
}
