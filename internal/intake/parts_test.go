package intake

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

var halves = []geom.Quad{geom.XYWH(0, 0, .5, 1).Quad(), geom.XYWH(.5, 0, .5, 1).Quad()}

// labels returns the labels of pages, with their states.
func labels(pages []form.PageInfo) (list []string) {
	for _, p := range pages {
		list = append(list, p.Label()+" "+string(p.State))
	}
	return list
}

// twoOn makes a page of each file hold two forms.
func (f *fake) twoOn(page int) {
	f.parts = func(_ script, number int, w Want) []geom.Quad {
		if number != page || w.Region != (geom.Quad{}) || !w.Several {
			return nil
		}
		return halves
	}
}

func TestAPageOfTwoForms(t *testing.T) {
	h := newHouse(t)
	f := &fake{h: h}
	f.twoOn(2)
	in := h.start(t, f)
	id := h.submit(t, in, h.user, script{ID: 1, Pages: 3}.file())
	pages := h.settled(t, in, id)
	if diff := cmp.Diff([]string{"1 done", "2 (1) done", "2 (2) done", "3 done"}, labels(pages)); diff != "" {
		t.Fatal(diff)
	}
	if pages[1].Region != halves[0] || pages[2].Region != halves[1] || pages[1].Image != pages[2].Image {
		t.Errorf("regions %v and %v", pages[1].Region, pages[2].Region)
	}
	p, err := h.db.Progress(t.Context(), form.Everything, id)
	if err != nil || p.Total() != 4 || p.Pages[form.StateDone] != 4 {
		t.Errorf("%v, progress %+v", err, p)
	}
	// Each is read again by itself.
	if err := in.Reread(t.Context(), form.Person(h.user), form.Reread{Page: pages[2].ID}); err != nil {
		t.Fatal(err)
	}
	pages = h.settled(t, in, id)
	if diff := cmp.Diff([]string{"1 done", "2 (1) done", "2 (2) done", "3 done"}, labels(pages)); diff != "" || pages[2].Run != 2 {
		t.Errorf("run %d, %s", pages[2].Run, diff)
	}
}

// A page that was read as one form is read again, and turns out to hold two: it
// stays that which people have seen.
func TestAPageTurnsOutToHoldTwoForms(t *testing.T) {
	h := newHouse(t)
	f := &fake{h: h, change: func(_ script, r *Result) {
		r.Page.TemplateToPage = geom.Shift(geom.Point{X: 10})
	}}
	in := h.start(t, f)
	id := h.submit(t, in, h.user, script{ID: 1, Pages: 1, Doubt: true}.file())
	before := h.settled(t, in, id)
	f.twoOn(1)
	if err := in.Reread(t.Context(), form.Person(h.user), form.Reread{Page: before[0].ID}); err != nil {
		t.Fatal(err)
	}
	pages := h.settled(t, in, id)
	if diff := cmp.Diff([]string{"1 (1) review", "1 (2) review"}, labels(pages)); diff != "" {
		t.Fatal(diff)
	}
	if pages[1].ID != before[0].ID || pages[1].Run != 2 || pages[0].Run != 1 {
		t.Errorf("the page is %d now, it was %d", pages[1].ID, before[0].ID)
	}
}

// A process that dies between the parts of a page reads those that are left, and
// no page comes twice.
func TestAStopBetweenParts(t *testing.T) {
	dir := t.TempDir()
	h := openHouse(t, dir)
	h.furnish(t)
	var read atomic.Int64
	f := &fake{h: h, before: func(context.Context, script, int, int) error { read.Add(1); return nil }}
	f.twoOn(1)
	in := h.intake(t, f)
	f.change = func(_ script, r *Result) {
		if len(r.Parts) == 0 && read.Load() == 2 {
			close(in.stopping) // as Stop does: the part in hand is kept, and nothing more is taken up
		}
	}
	if err := in.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := h.submit(t, in, h.user, script{ID: 1, Pages: 2}.file())
	in.tending.Wait()
	if err := in.queue.client.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := in.held.Load().release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := labels(h.pagesOf(t, id)); !slices.Contains(got, "1 (2) waiting") {
		t.Fatalf("pages %v when it stopped", got)
	}
	f.change = nil
	again := h.start(t, f)
	if diff := cmp.Diff([]string{"1 (1) done", "1 (2) done", "2 done"}, labels(h.settled(t, again, id))); diff != "" {
		t.Error(diff)
	}
	if n := read.Load(); n != 4 {
		t.Errorf("pages were begun %d times: once to see that there are two, and three to read", n)
	}
}
