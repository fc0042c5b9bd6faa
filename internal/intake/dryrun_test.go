package intake

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/sample"
)

// done submits n documents that are read without doubt, and corrects the first.
func (h *house) done(t testing.TB, in *Intake, n int) (pages []form.PageInfo) {
	t.Helper()
	var files []file
	for id := range n {
		files = append(files, script{ID: id, Pages: 1}.file())
	}
	pages = h.settled(t, in, h.submit(t, in, h.user, files...))
	said := form.Correction{Page: pages[0].ID, Run: 1, Field: h.template.Fields[0].ID, Text: "said"}
	if _, _, err := h.db.AddCorrection(t.Context(), form.Person(h.user), said, 0); err != nil {
		t.Fatal(err)
	}
	return pages
}

// dry waits for the dry run of the template.
func (h *house) dry(t testing.TB) form.DryRun {
	t.Helper()
	for {
		r, err := h.db.DryRun(t.Context(), form.Everything, h.template.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !r.FinishedAt.IsZero() {
			return r
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (h *house) startDry(t testing.TB, in *Intake) {
	t.Helper()
	if _, err := in.DryRun(t.Context(), form.Person(h.user), h.template.ID, 1, 200); err != nil {
		t.Fatal(err)
	}
}

func TestADryRunComparesAndKeepsNothingElse(t *testing.T) {
	h := newHouse(t)
	f := &fake{h: h}
	in := h.start(t, f)
	pages := h.done(t, in, 4)
	f.change = func(s script, r *Result) {
		switch s.ID {
		case 0:
			r.Readings[0].Text, r.Readings[0].Reasons = "said", []form.Reason{form.ReasonUnsure}
		case 1:
			r.Readings[0].Text = "other"
		case 2:
			*r = Result{Page: form.Page{Number: 1, State: form.StateUnmatched}}
		}
	}
	h.samples(t, in, script{ID: 9, Pages: 1}.file())
	expected := []form.Expected{{Field: h.template.Fields[0].ID, Held: form.Held{Text: "9/1"}}}
	if err := h.db.SetExpected(t.Context(), form.Person(h.user), 1, expected); err != nil {
		t.Fatal(err)
	}
	h.startDry(t, in)
	want := form.DryResult{
		Pages: 4, Lost: 1, Verified: 1, Better: 1, Other: 1, Doubted: 1,
		Cases: form.DryCases{N: 1, Values: 1, Right: 1},
	}
	if r := h.dry(t); r.Result != want {
		t.Errorf("result is %+v, want %+v", r.Result, want)
	}
	for _, before := range pages[1:] {
		if now, err := h.db.Page(t.Context(), form.Everything, before.ID); err != nil || now.Run != 1 || now.State != form.StateDone || now.Revision != before.Revision {
			t.Errorf("the page is now %+v, %v", now, err)
		}
	}
}

// A page that a person has placed is read where they put it.
func TestADryRunReadsPlacedPagesAtTheirPlace(t *testing.T) {
	h := newHouse(t)
	f := &fake{h: h}
	in := h.start(t, f)
	pages := h.done(t, in, 1)
	place := geom.Shift(geom.Point{X: 7})
	if err := in.Reread(t.Context(), form.Person(h.user), form.Reread{Page: pages[0].ID, Template: h.template.ID, TemplateToPage: place}); err != nil {
		t.Fatal(err)
	}
	h.settled(t, in, pages[0].Submission)
	h.startDry(t, in)
	h.dry(t)
	sight, err := h.db.DrySight(t.Context(), form.Everything, h.template.ID, pages[0].ID)
	if err != nil || sight.Place != place {
		t.Errorf("read at %v, %v, want %v", sight.Place, err, place)
	}
}

func TestADryRunGoesOnWhereItWas(t *testing.T) {
	h := newHouse(t)
	reached, goOn := make(chan struct{}), make(chan struct{})
	f := &fake{h: h}
	in := h.intake(t, f)
	if err := in.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.done(t, in, 4)
	var once sync.Once
	var read []int
	f.before = func(_ context.Context, s script, _, _ int) error {
		if read = append(read, s.ID); len(read) == 2 {
			once.Do(func() {
				close(reached)
				<-goOn
			})
		}
		return nil
	}
	h.startDry(t, in)
	<-reached
	stopped := make(chan error)
	go func() { stopped <- in.Stop(context.WithoutCancel(t.Context())) }()
	<-in.stopping
	close(goOn)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if r, err := h.db.DryRun(t.Context(), form.Everything, h.template.ID); err != nil || r.Left != 2 {
		t.Fatalf("%d pages are left, %v, want 2", r.Left, err)
	}
	h.start(t, f)
	if r := h.dry(t); r.Result.Pages != 4 || r.Result.Verified != 1 {
		t.Errorf("result is %+v", r.Result)
	}
	if slices.Sort(read); fmt.Sprint(read) != "[0 1 2 3]" {
		t.Errorf("read were %v, want each once", read)
	}
}

func TestAPageThatEndsADryRunFailsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		f := &fake{h: h}
		in := h.start(t, f, func(c *Config) { c.Stall = time.Second })
		h.done(t, in, 3)
		f.before = func(ctx context.Context, s script, _, _ int) error {
			switch s.ID {
			case 0:
				panic("mishap")
			case 1:
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		h.startDry(t, in)
		if r := h.dry(t); r.Result.Failed != 2 || r.Result.Pages != 3 {
			t.Errorf("result is %+v", r.Result)
		}
	})
}

// A form that has all the print of another, and more, is named, and so are the
// pages of the other that would be taken for it.
func TestADryRunNamesTwins(t *testing.T) {
	h := newHouse(t)
	in := h.start(t, &fake{h: h})
	in.catalogs.prepare = (*Catalog).Renew
	blank, err := sample.DrawDemo()
	if err != nil {
		t.Fatal(err)
	}
	half := image.NewGray(blank.Image.Rect)
	copy(half.Pix, blank.Image.Pix[:len(half.Pix)/2])
	for i := len(half.Pix) / 2; i < len(half.Pix); i++ {
		half.Pix[i] = 255
	}
	save := func(name string, picture *image.Gray) *form.Template {
		t.Helper()
		var b bytes.Buffer
		if err := png.Encode(&b, picture); err != nil {
			t.Fatal(err)
		}
		f := newTemplate(h.domain, name)
		f.Width, f.Height = picture.Rect.Dx(), picture.Rect.Dy()
		if f.Image, err = h.blobs.Put(t.Context(), b.Bytes()); err != nil {
			t.Fatal(err)
		}
		f, err := h.db.SaveTemplate(t.Context(), form.Command, f)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	full := save("full", blank.Image)
	h.template = save("half", half)
	h.startDry(t, in)
	r := h.dry(t)
	twins, err := h.db.Twins(t.Context(), form.Everything, h.template.ID)
	if err != nil || r.Result.Twins != 1 || len(twins) != 1 {
		t.Fatalf("twins %+v, %v", twins, err)
	}
	if w := twins[0]; w.Template != full.ID || w.Own < .9 || w.Other < .9 || w.AsOwn < .9 || w.AsOther >= w.AsOwn {
		t.Errorf("the twin is %+v", w)
	}
}

// Nobody waits for dry runs: they go behind calls and uploads, and yet come to
// their end.
func TestDryRunsGoLast(t *testing.T) {
	ts := newTurns(1)
	hold, err := ts.take(t.Context(), calls)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan class)
	waitFor := func(c class) {
		before := ts.lines(c)
		go func() {
			turn, err := ts.take(t.Context(), c)
			if err != nil {
				t.Error(err)
			}
			got <- c
			turn.end()
		}()
		for ts.lines(c) == before {
			time.Sleep(time.Millisecond)
		}
	}
	waitFor(dryRuns)
	waitFor(dryRuns)
	for range othersInARow {
		waitFor(uploads)
	}
	waitFor(calls)
	hold.end()
	var order []class
	for range othersInARow + 3 {
		order = append(order, <-got)
	}
	if first := slices.Index(order, dryRuns); first != othersInARow || order[0] != calls || order[len(order)-1] != dryRuns {
		t.Errorf("turns went to %v", order)
	}
}
