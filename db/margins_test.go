package db

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// withMargins saves a page on which something is written at places that are in no field.
func (o *office) withMargins(t testing.TB, places ...geom.Box) form.PageID {
	t.Helper()
	_, docs := o.submit(t, "a.png")
	p := o.pageWith(nil)
	for _, b := range places {
		p.Margins = append(p.Margins, b.Quad())
	}
	if _, err := o.SetPages(t.Context(), docs[0], 1); err != nil {
		t.Fatal(err)
	}
	id, err := o.savePage(t.Context(), docs[0], p, nil)
	if err == nil {
		err = o.FinishDocument(t.Context(), docs[0])
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// margins returns the places of a page, and how they were answered.
func (o *office) margins(t testing.TB, page form.PageID) (all []string) {
	t.Helper()
	list, err := o.Margins(t.Context(), form.Everything, page)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		all = append(all, strings.TrimSpace(fmt.Sprint(m.Where[0].X, ",", m.Where[0].Y, " ", m.Answer, " ", m.ByName)))
	}
	return all
}

func TestMargins(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	kim := o.colleague(t, "Kim")
	page := o.withMargins(t, geom.XYWH(1, 1, 3, 2), geom.XYWH(5, 9, 3, 2), geom.XYWH(5, 15, 3, 2))
	answer := func(place int, a form.MarginAnswer, note string) error {
		return o.AnswerMargin(ctx, kim, form.Everything, page, 1, place, a, note)
	}
	if err := errors.Join(answer(1, form.MarginNote, "다음 주에 다시 옴"), answer(2, form.MarginNothing, "")); err != nil {
		t.Fatal(err)
	}
	if err := answer(1, form.MarginNothing, ""); !errors.Is(err, form.ErrConflict) {
		t.Errorf("answered once more: %v", err)
	}
	if err := answer(4, form.MarginNothing, ""); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("a place that is not there: %v", err)
	}
	if diff := cmp.Diff([]string{"1,1 note Kim", "5,9 nothing Kim", "5,15"}, o.margins(t, page)); diff != "" {
		t.Error(diff)
	}
	care, err := o.Care(ctx, form.Everything, page)
	if err != nil || len(care.Notes) != 1 || care.Notes[0].Text != "다음 주에 다시 옴" {
		t.Errorf("notes %+v, %v", care.Notes, err)
	}

	// Read again, what was answered does not come again, and what was not and is there
	// no more goes.
	p, readings := readAgain(o.template)
	p.Margins = []geom.Quad{geom.XYWH(1.5, 1, 3, 2).Quad(), geom.XYWH(5, 9, 3.5, 2).Quad(), geom.XYWH(1, 30, 3, 2).Quad()}
	chore := o.want(t, form.Reread{Page: page})
	if err := o.SaveRun(ctx, page, chore.Run, p, readings); err != nil {
		t.Fatal(err)
	}
	want := []string{"1,1 note Kim", "5,9 nothing Kim", "1,30"}
	if diff := cmp.Diff(want, o.margins(t, page)); diff != "" {
		t.Errorf("read again: %s", diff)
	}
	// It goes into the trash with its page, and comes back.
	if err := o.Trash(ctx, kim, page); err != nil {
		t.Fatal(err)
	}
	if rows := o.table(t, `SELECT 1 FROM margins`); len(rows) > 0 {
		t.Error("they are left while the page is in the trash")
	}
	if n, err := o.Restore(ctx, kim, []form.PageID{page}, noJobs); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if diff := cmp.Diff(want, o.margins(t, page)); diff != "" {
		t.Errorf("out of the trash: %s", diff)
	}
	// What was said by mistake is taken back, but for the note.
	if err := errors.Join(answer(1, form.MarginOpen, ""), answer(2, form.MarginOpen, "")); err != nil {
		t.Fatal(err)
	}
	if n, err := o.CountMargins(ctx, form.Everything, MarginFilter{}, 9); n != 3 || err != nil {
		t.Errorf("%d are open, %v", n, err)
	}
	if err := o.DeletePage(ctx, form.Command, page); err != nil {
		t.Fatal(err)
	}
	if rows := o.table(t, `SELECT 1 FROM margins`); len(rows) > 0 {
		t.Error("they are left when the page is gone")
	}
}

func TestOpenMarginsAreWalkedThrough(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	first := o.withMargins(t, geom.XYWH(1, 1, 3, 2), geom.XYWH(5, 9, 3, 2))
	o.withMargins(t)
	second := o.withMargins(t, geom.XYWH(1, 1, 3, 2))
	other := newTemplate(o.domain, "other")
	o.template = o.save(t, other)
	third := o.withMargins(t, geom.XYWH(1, 1, 3, 2))
	type place struct {
		Page  form.PageID
		Place int
	}
	walk := func(f MarginFilter) (all []place) {
		t.Helper()
		for f.Limit = 1; ; {
			rows, err := o.OpenMargins(ctx, form.Within(o.domain), f)
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 {
				return all
			}
			if rows[0].Page.ID != rows[0].Margin.Page || rows[0].Page.DocumentName != "a.png" {
				t.Errorf("page %+v", rows[0].Page)
			}
			f.After, f.AfterPlace = rows[0].Margin.Page, rows[0].Place
			all = append(all, place{f.After, f.AfterPlace})
		}
	}
	all := []place{{first, 1}, {first, 2}, {second, 1}, {third, 1}}
	if diff := cmp.Diff(all, walk(MarginFilter{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(all[3:], walk(MarginFilter{Template: o.template.ID})); diff != "" {
		t.Error(diff)
	}
	// However many there are, none is sorted and none passed by.
	for _, f := range []MarginFilter{{}, {Template: 1}, {After: 7, AfterPlace: 1}, {Template: 1, After: 7, AfterPlace: 1}} {
		for _, domain := range []form.DomainID{0, o.domain} {
			w, index := f.where(form.Everything.Narrow(domain))
			for _, step := range o.table(t, `EXPLAIN QUERY PLAN SELECT 1 FROM margins m INDEXED BY `+index+w.String()+` ORDER BY m.page_id, m.place LIMIT 9`, w.args...) {
				if strings.Contains(step, "TEMP B-TREE") || f.After != 0 && !slices.ContainsFunc([]string{"(page_id,place)>", "AND page_id>"}, func(s string) bool { return strings.Contains(step, s) }) && !strings.Contains(step, "SEARCH") {
					t.Errorf("%+v of %d: %s", f, domain, step)
				}
			}
		}
	}
}

func TestAnExportHasNotesWhereItWantsThem(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	page := o.withMargins(t)
	for _, text := range []string{"도장이 없음", "다음 주에 다시 옴"} {
		if err := o.AddNote(ctx, form.Person(o.user), form.Everything, page, text); err != nil {
			t.Fatal(err)
		}
	}
	for _, wanted := range []bool{false, true} {
		var got []string
		for r, err := range o.Export(ctx, form.Everything, ExportFilter{Template: o.template.ID, Notes: wanted}) {
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range r.Notes {
				got = append(got, n.Text)
			}
		}
		if want := []string{"도장이 없음", "다음 주에 다시 옴"}; wanted && !slices.Equal(got, want) || !wanted && len(got) > 0 {
			t.Errorf("wanted %v: notes %q", wanted, got)
		}
	}
}
