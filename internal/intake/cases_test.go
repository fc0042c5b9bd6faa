package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// samples adds files to test the template of h by.
func (h *house) samples(t testing.TB, in *Intake, files ...file) []form.CaseID {
	t.Helper()
	ids, err := in.AddSamples(t.Context(), form.Person(h.user), h.template.ID, h.drafts(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// shown returns a line for each case of the template of h, as tpl has read it.
func (h *house) shown(t testing.TB, tpl *form.Template) (lines []string) {
	t.Helper()
	print, err := tpl.Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	cases, err := h.db.Cases(t.Context(), form.Everything, h.template.ID, print)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		line := fmt.Sprintf("%s %d/%d", c.Name, c.Number, c.Pages)
		switch r := c.Result; {
		case c.Failure != "":
			line += " " + string(c.Failure)
		case r == nil:
			line += " unread"
		case r.Page.State == form.StateFailed:
			line += " " + string(r.Page.Failure)
		case r.Read():
			line += " " + r.Readings[0].Text
		default:
			line += " " + string(r.Page.State)
		}
		lines = append(lines, line)
	}
	return lines
}

// ended waits until what reads the cases of tpl has ended.
func (h *house) ended(t testing.TB, in *Intake, tpl *form.Template) CaseRun {
	t.Helper()
	print, err := tpl.Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		run := in.CaseRun(tpl.ID, print)
		if !run.Running {
			return run
		}
		if time.Now().After(deadline) {
			t.Fatalf("cases are still read: %+v", run)
		}
	}
}

func (f *fake) times(page string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.begun[page]
}

func TestOneBadFileDoesNotSpoilOtherSamples(t *testing.T) {
	h := newHouse(t)
	f := &fake{h: h, before: func(_ context.Context, s script, number, _ int) error {
		if s.ID == 3 && number == 1 {
			panic("oh no")
		}
		return nil
	}}
	in := h.start(t, f, func(c *Config) { c.MaxFile = 1000 })
	h.samples(t, in, script{ID: 1, Pages: 3}.file(), script{ID: 2, Whole: form.FailEncrypted}.file(), script{ID: 3, Pages: 2}.file(),
		script{ID: 4, Pages: 1, Lost: true}.file(), file{"large.pdf", make([]byte, 1001)}, script{ID: 5, Pages: 2, Lacks: 2}.file())
	if err := in.BeginCases(h.template, false); err != nil {
		t.Fatal(err)
	}
	if run := h.ended(t, in, h.template); run.Trouble != "" || run.Done != 8 || run.Total != 8 {
		t.Errorf("ended as %+v", run)
	}
	want := []string{
		"1.png 1/3 1/1", "1.png 2/3 1/2", "1.png 3/3 1/3", "2.png 1/0 encrypted", "3.png 1/2 internal", "3.png 2/2 3/2",
		"4.png 1/1 unmatched", "large.pdf 1/0 too_large", "5.png 1/2 5/1", "5.png 2/2 internal",
	}
	if got := h.shown(t, h.template); !slices.Equal(got, want) {
		t.Errorf("cases %q, want %q", got, want)
	}
	if pages, err := h.db.Pages(t.Context(), form.Everything, db.PageFilter{}); err != nil || len(pages) > 0 {
		t.Errorf("samples are in the history: %v, %v", pages, err)
	}
}

func TestCasesAreReadOncePerEdition(t *testing.T) {
	h := newHouse(t)
	f := &fake{h: h}
	in := h.start(t, f)
	h.samples(t, in, script{ID: 1, Pages: 1}.file())
	times := func(what string, want int) {
		t.Helper()
		h.ended(t, in, h.template)
		if got := f.times("1/1"); got != want {
			t.Errorf("%s: it was read %d times, want %d", what, got, want)
		}
	}
	begin := func(tpl *form.Template, again bool) {
		t.Helper()
		if err := in.BeginCases(tpl, again); err != nil {
			t.Fatal(err)
		}
	}
	begin(h.template, false)
	times("at first", 1)
	if err := in.ReadCases(t.Context(), h.template); err != nil {
		t.Fatal(err)
	}
	begin(h.template, false)
	times("by the same", 1)
	begin(h.template, true)
	times("once more", 2)
	draft := h.template.Clone()
	draft.Fields[0].Box = geom.XYWH(10, 12, 50, 10)
	if err := in.ReadCases(t.Context(), draft); err != nil {
		t.Fatal(err)
	}
	begin(draft, false)
	h.ended(t, in, draft)
	times("by another", 3)
	begin(h.template, false)
	times("as before", 3)

	draft.Fields[0].Box = geom.XYWH(10, 12, 5e9, 5e9)
	for _, err := range []error{in.ReadCases(t.Context(), draft), in.BeginCases(draft, true)} {
		if _, ok := errors.AsType[*form.InvalidTemplateError](err); !ok {
			t.Errorf("with defects: %v", err)
		}
	}
}

func TestCasesThatCannotBeReadForNowAreLeft(t *testing.T) {
	h := newHouse(t)
	full := true
	f := &fake{h: h, before: func(_ context.Context, s script, _, _ int) error {
		if full && s.ID != 3 {
			return fs.ErrPermission
		}
		return nil
	}}
	in := h.start(t, f)
	var files []file
	for id := range 7 {
		files = append(files, script{ID: id, Pages: 1}.file())
	}
	h.samples(t, in, files...)
	if err := in.BeginCases(h.template, false); err != nil {
		t.Fatal(err)
	}
	if run := h.ended(t, in, h.template); run.Trouble != form.TroubleDisk {
		t.Errorf("ended as %+v", run)
	}
	if got := h.shown(t, h.template); got[0] != "0.png 1/1 unread" || f.times("6/1") != 0 {
		t.Errorf("cases %q, the last was tried %d times", got, f.times("6/1"))
	}
	full = false
	if err := in.ReadCases(t.Context(), h.template); err != nil {
		t.Fatal(err)
	}
	if got := h.shown(t, h.template); got[0] != "0.png 1/1 0/1" || got[6] != "6.png 1/1 6/1" {
		t.Errorf("cases %q", got)
	}
}

// Stopped in the middle, by another edition or for good, nothing hangs, and what
// was read stays.
func TestReadingCasesCanBeEnded(t *testing.T) {
	h := newHouse(t)
	begun, hang := make(chan int, 10), true
	f := &fake{h: h, before: func(ctx context.Context, s script, _, _ int) error {
		begun <- s.ID
		if hang && s.ID == 2 {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}}
	in := h.intake(t, f)
	if err := in.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.samples(t, in, script{ID: 1, Pages: 1}.file(), script{ID: 2, Pages: 1}.file())
	draft := h.template.Clone()
	draft.Width++
	for _, tpl := range []*form.Template{h.template, draft} {
		if err := in.BeginCases(tpl, false); err != nil {
			t.Fatal(err)
		}
		for id := 1; id <= 2; id++ {
			if got := <-begun; got != id {
				t.Fatalf("%d is read, want %d", got, id)
			}
		}
	}
	if run := h.ended(t, in, h.template); run != (CaseRun{}) {
		t.Errorf("the edition before is still read: %+v", run)
	}
	if err := in.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"1.png 1/1 1/1", "2.png 1/1 unread"}
	if got := h.shown(t, draft); !slices.Equal(got, want) {
		t.Errorf("cases %q, want %q", got, want)
	}
	if err := in.BeginCases(draft, false); err != nil {
		t.Fatal(err)
	}
	hang = false
	next := h.start(t, f)
	if err := next.BeginCases(draft, false); err != nil {
		t.Fatal(err)
	}
	h.ended(t, next, draft)
	if got := h.shown(t, draft); got[1] != "2.png 1/1 2/1" {
		t.Errorf("cases %q", got)
	}
}
