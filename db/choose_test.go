package db

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

// keeps reports whether f chooses p, by what it says.
func (f *PageFilter) keeps(p form.PageInfo) bool {
	return (f.Domain == 0 || p.Domain == f.Domain) &&
		(f.Template == 0 || p.Template == f.Template) &&
		(f.Submission == 0 || p.Submission == f.Submission) &&
		(len(f.States) == 0 || slices.Contains(f.States, p.State)) &&
		(f.From.IsZero() || !p.ReceivedAt.Before(f.From)) &&
		(f.To.IsZero() || p.ReceivedAt.Before(f.To)) &&
		strings.Contains(strings.ToLower(p.DocumentName), strings.ToLower(f.Name))
}

// Whatever is asked for, in parts of any length, is what one gets by looking
// at every page; also where the clock was set back, and however few documents
// are looked up by name.
func TestPagesAreThoseThatTheFilterAsksFor(t *testing.T) {
	l := newLife(t, 5)
	for range 400 {
		if _, err := l.act(); impossible(err) {
			t.Fatal(err)
		}
	}
	all, err := l.Pages(t.Context(), form.Everything, PageFilter{Limit: 10000})
	if err != nil || len(all) < 50 {
		t.Fatal(len(all), err)
	}
	known := l.known(t, all)
	names, pages := fewNames, fewPages
	t.Cleanup(func() { fewNames, fewPages = names, pages })
	any := all[len(all)/3]
	for range 300 {
		f := PageFilter{Limit: 1 + l.IntN(20)}
		fewPages = l.IntN(60)
		fewNames = []int{1 + l.IntN(3), 3 + l.IntN(30)}
		if l.IntN(3) == 0 {
			f.Domain = any.Domain
		}
		if l.IntN(3) == 0 {
			f.Template = l.templates[l.IntN(2)].ID
		}
		if l.IntN(6) == 0 {
			f.Submission = any.Submission
		}
		for range l.IntN(4) {
			f.States = append(f.States, form.States[l.IntN(len(form.States))])
		}
		if l.IntN(3) == 0 {
			f.From = any.ReceivedAt.Add(time.Duration(l.IntN(300)-200) * time.Minute)
		}
		if l.IntN(3) == 0 {
			f.To = any.ReceivedAt.Add(time.Duration(l.IntN(400)-100) * time.Minute)
		}
		if l.IntN(2) == 0 {
			f.Name = []string{"가", "가나", "가나 다", "나 ", "PDF", ".", "_", "%", "0%.P", "보험금_1.png", "없는"}[l.IntN(11)]
		}
		if l.IntN(2) == 0 {
			f.Value, f.Personal = []string{"again", "GAIN", "g a", "n", "a-ga-in", "agaim", "4", "１", "없는", "--"}[l.IntN(10)], l.IntN(2) == 0
		}
		if l.IntN(4) == 0 {
			f.Person = form.UserID(1 + l.IntN(2))
		}
		var want, got []form.PageID
		for _, p := range all {
			if f.keeps(p) && known[p.ID].fits(f) {
				want = append(want, p.ID)
			}
		}
		asked := f
		for {
			pages, err := l.Pages(t.Context(), form.Everything, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range pages {
				got = append(got, p.ID)
				f.After = p.ID
			}
			if len(pages) < f.Limit {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%+v (-want +got):\n%s", asked, diff)
		}
		if n, more, err := l.CountPages(t.Context(), form.Everything, asked, 15); err != nil || n != min(len(want), 15) && more || !more && n != len(want) {
			t.Fatalf("%+v: CountPages = %d, %v, %v, want %d", asked, n, more, err, len(want))
		}
		// And back, from the end.
		f, got = asked, nil
		for f.Back = true; ; {
			pages, err := l.Pages(t.Context(), form.Everything, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range slices.Backward(pages) {
				got = append(got, p.ID)
				f.After = p.ID
			}
			if len(pages) < f.Limit {
				break
			}
		}
		slices.Reverse(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%+v backwards (-want +got):\n%s", asked, diff)
		}
	}
}

// A knownPage is what a page is to be found by.
type knownPage struct {
	people         []form.UserID
	open, personal []string // folded
}

func (k knownPage) fits(f PageFilter) bool {
	holds := func(texts []string) bool {
		return slices.ContainsFunc(texts, func(s string) bool {
			return form.Folded(f.Value) != "" && strings.Contains(s, form.Folded(f.Value))
		})
	}
	return (f.Person == 0 || slices.Contains(k.people, f.Person)) &&
		(f.Value == "" || holds(k.open) || f.Personal && holds(k.personal))
}

// known returns it of each page, after all have been indexed.
func (l *life) known(t testing.TB, pages []form.PageInfo) map[form.PageID]knownPage {
	t.Helper()
	for n := 1; n > 0; {
		var err error
		if n, err = l.IndexPages(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	of := make(map[form.PageID]knownPage)
	for _, p := range pages {
		r, err := l.Record(t.Context(), form.Everything, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		s, err := l.Submission(t.Context(), form.Everything, p.Submission)
		if err != nil {
			t.Fatal(err)
		}
		k := knownPage{people: []form.UserID{s.By}}
		for _, v := range r.Values {
			for _, c := range v.Corrections {
				k.people = append(k.people, c.By)
			}
			for _, text := range []string{v.Reading.Text, v.Text()} {
				if v.Field.Kind == form.Checkbox {
					continue
				}
				if v.Field.Personal != "" {
					k.personal = append(k.personal, form.Folded(text))
				} else {
					k.open = append(k.open, form.Folded(text))
				}
			}
		}
		of[p.ID] = k
	}
	return of
}

func TestPartsOfNamesOfAnyLength(t *testing.T) {
	o := newOffice(t)
	names := []string{"가나다라.pdf", "나", "다 \"가나\".png", "Scan_01.TIF", "x*(y) AND z", "🙂.jpg", "100%_a.png", "C:\\a'b.pdf"}
	o.submit(t, names...)
	slices.Reverse(names) // newest first
	for _, part := range []string{
		"가", "나", "라", "가나", "다라", "가나다", "나다라.", "가나다라.pdf", "다라가", "\"", "\"가", "\"가나\"", "scan", "SC", "0", "01.", ".tif",
		"*", "*(", "x*(", "and", " ", "🙂", "🙂.", "🙂.j", "%", "%_", "_a.", "\\", "'", "'b.", "\t", "a\tb", "없는 이름", "뷁", "뷁쉙",
	} {
		var want, got []string
		for _, name := range names {
			if strings.Contains(strings.ToLower(name), strings.ToLower(part)) {
				want = append(want, name)
			}
		}
		pages, err := o.Pages(t.Context(), form.Everything, PageFilter{Name: part})
		if err != nil {
			t.Errorf("%q: %v", part, err)
		}
		for _, p := range pages {
			got = append(got, p.DocumentName)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", part, diff)
		}
	}
}

var merging = regexp.MustCompile(`^\d+ 0 `)

// The statements that must not get slower with more pages read no table from
// end to end, and sort no more than the pages of one document.
func TestListsWalkAnIndex(t *testing.T) {
	o := newOffice(t)
	_, docs := o.submit(t, "가나다.pdf", "b.png")
	page := o.read(t, docs[0], 1, sumID)
	day := time.Now()
	for _, f := range []PageFilter{
		{},
		{After: page},
		{Domain: o.domain},
		{Template: o.template.ID},
		{Template: o.template.ID, Domain: o.domain, States: []form.State{form.StateReview}},
		{States: []form.State{form.StateReview, form.StateDone}},
		{Domain: o.domain, States: []form.State{form.StateDone}, After: page},
		{From: day, To: day.AddDate(0, 0, 1), Template: o.template.ID, States: []form.State{form.StateDone}},
		{Submission: 1},
		{Name: "x"},
		{within: form.Within(o.domain, o.domain+1)},
		{within: form.Within(o.domain, o.domain+1), States: []form.State{form.StateDone}, After: page},
	} {
		if f.within.Empty() {
			f.within = form.Everything.Narrow(f.Domain)
		}
		for _, limit := range []int{1, 51, 1000} {
			for _, order := range []order{oldestFirst, newestFirst} {
				f.Limit = limit
				c := choice{PageFilter: &f, order: order, bounds: bounds{1, 9}}
				query, args := c.walkQuery()
				for _, step := range o.table(t, `EXPLAIN QUERY PLAN `+query, args...) {
					whole := strings.Contains(step, "SCAN p") || strings.Contains(step, "SEARCH p") && !strings.Contains(step, "document_id>? AND document_id<?")
					// Steps within 0 merge what has been found.
					sorts := strings.HasSuffix(step, "USE TEMP B-TREE FOR ORDER BY") && !merging.MatchString(step)
					if whole || sorts {
						t.Errorf("%+v, newest first %v: %s", f, order, step)
					}
				}
			}
		}
	}
}
