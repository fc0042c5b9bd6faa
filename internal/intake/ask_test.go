package intake

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// lost submits documents of unmatched pages and returns those.
func (h *house) lost(t testing.TB, in *Intake, docs, pages int) (form.SubmissionID, []form.PageID) {
	t.Helper()
	var files []file
	for id := range docs {
		files = append(files, script{ID: id, Pages: pages, Lost: true}.file())
	}
	sub := h.submit(t, in, h.user, files...)
	var ids []form.PageID
	for _, p := range h.settled(t, in, sub) {
		if p.State != form.StateUnmatched {
			t.Fatalf("page %d is %s", p.ID, p.State)
		}
		ids = append(ids, p.ID)
	}
	return sub, ids
}

func TestAPagePlacedByHandIsReadThere(t *testing.T) {
	h := newHouse(t)
	f := &fake{h: h}
	in := h.start(t, f)
	sub, pages := h.lost(t, in, 1, 3)
	pose := geom.Homography{0, -1, 90, 1, 0, 3, 0, 0, 1}
	r := form.Reread{Page: pages[1], Template: h.template.ID, TemplateToPage: pose}
	if err := in.Reread(t.Context(), form.Person(h.user), r); err != nil {
		t.Fatal(err)
	}
	for i, p := range h.settled(t, in, sub) {
		want, run, begun := form.StateUnmatched, 1, 1
		if i == 1 {
			want, run, begun = form.StateDone, 2, 2
			if p.TemplateToPage != pose {
				t.Errorf("read at %v", p.TemplateToPage)
			}
		}
		if p.State != want || p.Run != run {
			t.Errorf("page %d is %s, run %d", p.Number, p.State, p.Run)
		}
		if n := f.begun[fmt.Sprint(0, "/", p.Number)]; n != begun {
			t.Errorf("page %d was begun %d times, want %d", p.Number, n, begun)
		}
	}
	r.Template = 99
	if err := in.Reread(t.Context(), form.Person(h.user), r); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("Reread with no such template: %v", err)
	}
}

func TestUnmatchedPagesAreReadAgainInOneGo(t *testing.T) {
	h := newHouse(t)
	f := &fake{h: h}
	in := h.start(t, f)
	sub, pages := h.lost(t, in, 5, 2)
	h.settled(t, in, h.submit(t, in, h.user, script{ID: 100, Pages: 1}.file()))
	n, err := in.RereadUnmatched(t.Context(), form.Person(h.user), h.domain, h.template.ID)
	if err != nil || n != len(pages) {
		t.Fatalf("%v, %d pages, want %d", err, n, len(pages))
	}
	for _, p := range h.settled(t, in, sub) {
		if p.State != form.StateDone || p.Run != 2 {
			t.Errorf("page %d is %s, run %d", p.ID, p.State, p.Run)
		}
	}
	for key, n := range f.begun {
		want := 2
		if key == "100/1" {
			want = 1
		}
		if n != want {
			t.Errorf("page %s was begun %d times, want %d", key, n, want)
		}
	}
}

func TestAPageThatCannotBeReadAgainIsAsItWas(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before func(context.Context, int) error
		state  form.State
		run    int
		why    form.Failure
	}{
		{"error once", func(_ context.Context, begun int) error {
			if begun == 2 {
				return errMishap
			}
			return nil
		}, form.StateDone, 2, ""},
		{"trouble for long", func(_ context.Context, begun int) error {
			if begun < 6 {
				return syscall.EIO
			}
			return nil
		}, form.StateDone, 2, ""},
		{"panic always", func(context.Context, int) error { panic("mishap") }, form.StateUnmatched, 1, form.FailInternal},
		{"hangs and obeys", func(ctx context.Context, _ int) error {
			<-ctx.Done()
			return ctx.Err()
		}, form.StateUnmatched, 1, form.FailInternal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				in := h.start(t, &fake{h: h, before: func(ctx context.Context, _ script, _, begun int) error {
					if begun == 1 {
						return nil
					}
					return tt.before(ctx, begun)
				}}, func(c *Config) { c.Stall = time.Second })
				sub, pages := h.lost(t, in, 1, 1)
				if err := in.Reread(t.Context(), form.Person(h.user), form.Reread{Page: pages[0]}); err != nil {
					t.Fatal(err)
				}
				p := h.settled(t, in, sub)[0]
				if p.State != tt.state || p.Run != tt.run {
					t.Errorf("the page is %s, run %d", p.State, p.Run)
				}
				if got, err := h.db.HistoryOf(t.Context(), form.Everything, p.ID); err != nil || got.Failure != tt.why {
					t.Errorf("%v, failure %q, want %q", err, got.Failure, tt.why)
				}
			})
		})
	}
}

// What the release before was to read again is read, although its jobs name
// wishes that are runs now.
func TestJobsOfTheReleaseBeforeAreLetGo(t *testing.T) {
	h := newHouse(t)
	in := h.intake(t, &fake{h: h})
	if err := in.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	sub, pages := h.lost(t, in, 1, 1)
	if err := in.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.db.AddReread(t.Context(), form.Person(h.user), form.Reread{Page: pages[0]}, func(tx *sql.Tx, _ []db.Chore) error {
		_, err := tx.ExecContext(t.Context(), `
			INSERT INTO river_job (args, kind, queue, max_attempts, state)
			VALUES (jsonb('{"reread":1}'), 'reread', 'calls', 25, 'available')`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if p := h.settled(t, h.start(t, &fake{h: h, found: true}), sub)[0]; p.State != form.StateDone || p.Run != 2 {
		t.Errorf("the page is %s, run %d", p.State, p.Run)
	}
	const left = `SELECT count(*) FROM river_job WHERE state NOT IN ('completed', 'cancelled', 'discarded')`
	n := 1
	for end := time.Now().Add(20 * time.Second); n > 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if err := h.db.Pool().QueryRowContext(t.Context(), left).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	if n > 0 {
		t.Errorf("%d jobs are left", n)
	}
}

// TestToBeKilledAgain is the process that dies while it reads pages again.
func TestToBeKilledAgain(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("runs only as a child of TestAKilledProcessReadsAgainOnce")
	}
	h := openHouse(t, dir)
	h.furnish(t)
	at := make(chan struct{}, 10)
	in := h.start(t, &fake{h: h, before: func(_ context.Context, s script, _, begun int) error {
		if begun == 2 && s.ID < 2 {
			at <- struct{}{}
			select {}
		}
		return nil
	}})
	sub, _ := h.lost(t, in, 4, 1)
	if _, err := in.RereadUnmatched(t.Context(), form.Person(h.user), h.domain, h.template.ID); err != nil {
		t.Fatal(err)
	}
	<-at
	<-at
	fmt.Println("ready", sub, h.domain, h.template.ID)
	select {}
}

func TestAKilledProcessReadsAgainOnce(t *testing.T) {
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestToBeKilledAgain$")
	child.Env = append(os.Environ(), crashDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var id form.SubmissionID
	var template form.TemplateID
	h := openHouse(t, dir)
	for lines := bufio.NewScanner(out); id == 0 && lines.Scan(); {
		_, _ = fmt.Sscan(lines.Text(), new(string), &id, &h.domain, &template)
	}
	child.Process.Kill()
	child.Wait()
	if id == 0 {
		t.Fatal("the child did not get ready")
	}
	if h.template, err = h.db.Template(t.Context(), form.Everything, template, 0); err != nil {
		t.Fatal(err)
	}
	f := &fake{h: h, found: true}
	for _, p := range h.settled(t, h.start(t, f), id) {
		if p.State != form.StateDone || p.Run != 2 {
			t.Errorf("page %d is %s, run %d", p.ID, p.State, p.Run)
		}
	}
	if f.begun["0/1"] != 1 || f.begun["1/1"] != 1 {
		t.Errorf("begun after the crash: %v", f.begun)
	}
}
