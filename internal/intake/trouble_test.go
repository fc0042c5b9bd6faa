package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/scan"
)

// Trouble that passes costs no page a try, whatever it is and however often it
// comes, and wherever in the reading.
func TestTroubleThatPassesIsNotFinal(t *testing.T) {
	for _, tt := range []struct {
		err error
		why form.Trouble
	}{
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, form.TroubleFull},
		{fmt.Errorf("save page: %w", form.ErrFull), form.TroubleFull},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EMFILE}, form.TroubleMachine},
		{fmt.Errorf("fork/exec: %w", syscall.ENOMEM), form.TroubleMachine},
		{&fs.PathError{Op: "read", Path: "x", Err: syscall.EIO}, form.TroubleDisk},
		{fmt.Errorf("save page: %w", form.ErrStorage), form.TroubleDisk},
		{blob.ErrCorrupt, form.TroubleDisk},
		{fmt.Errorf("%w: signal: killed", ocr.ErrKilled), form.TroubleEngine},
		{fmt.Errorf("%w: no such file", ocr.ErrStart), form.TroubleEngine},
		{ocr.ErrClosed, form.TroubleEngine},
		{fmt.Errorf("%w: no processor", scan.ErrRenderer), form.TroubleEngine},
	} {
		t.Run(tt.err.Error(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const times = kills - 2
				h := newHouse(t)
				var counted, begun int
				in := h.start(t, &fake{
					h: h,
					counting: func(context.Context, script) error {
						if counted++; counted <= times {
							return tt.err
						}
						return nil
					},
					before: func(_ context.Context, _ script, number, _ int) error {
						if begun++; number == 2 && begun <= times {
							return tt.err
						}
						return nil
					},
				})
				id := h.submit(t, in, h.user, script{Pages: 3}.file())
				if got, err := statesOf(h.settled(t, in, id)), in.troubleOf(t, id); fmt.Sprint(got) != "[done done done]" || err != "" {
					t.Errorf("pages are %v, trouble %q", got, err)
				}
				if why, passes := troubleOf(tt.err); !passes || why != tt.why {
					t.Errorf("trouble %q, %v, want %q", why, passes, tt.why)
				}
			})
		})
	}
}

// troubleOf returns what keeps the documents of a submission from being read.
func (in *Intake) troubleOf(t testing.TB, id form.SubmissionID) (why form.Trouble) {
	t.Helper()
	pages, err := in.cfg.DB.PagesOf(t.Context(), form.Everything, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		if p.Trouble != "" {
			why = p.Trouble
		}
	}
	return why
}

// While a document waits for trouble to pass, it says so, and others are read.
func TestADocumentInTroubleHoldsNoTurn(t *testing.T) {
	h := newHouse(t)
	over := make(chan struct{})
	in := h.start(t, &fake{h: h, before: func(_ context.Context, s script, _, _ int) error {
		if s.ID > 0 {
			return nil
		}
		select {
		case <-over:
			return nil
		default:
			return syscall.ENOSPC
		}
	}}, func(c *Config) { c.Workers = 1 })
	stuck := h.submit(t, in, h.user, script{ID: 0, Pages: 2}.file())
	for in.troubleOf(t, stuck) == "" {
		time.Sleep(time.Millisecond)
	}
	other := h.submit(t, in, h.user, script{ID: 1, Pages: 2}.file())
	if got := statesOf(h.settled(t, in, other)); fmt.Sprint(got) != "[done done]" {
		t.Errorf("the others are %v", got)
	}
	if got, why := statesOf(h.pagesOf(t, stuck)), in.troubleOf(t, stuck); fmt.Sprint(got) != "[waiting waiting]" || why != form.TroubleFull {
		t.Errorf("the pages in trouble are %v, trouble %q", got, why)
	}
	close(over)
	if got, why := statesOf(h.settled(t, in, stuck)), in.troubleOf(t, stuck); fmt.Sprint(got) != "[done done]" || why != "" {
		t.Errorf("afterwards they are %v, trouble %q", got, why)
	}
}

// Where the disk is full, that cannot be noted in the database either, and is
// said all the same.
func TestTroubleThatCannotBeNotedIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		full := true
		in := h.start(t, &fake{h: h, before: func(ctx context.Context, _ script, _, _ int) error {
			if !full {
				return nil
			}
			if _, err := h.db.Pool().ExecContext(context.WithoutCancel(ctx), `
				CREATE TRIGGER full BEFORE UPDATE OF trouble ON documents WHEN NEW.trouble <> '' BEGIN SELECT RAISE (ABORT, 'full'); END`); err != nil {
				t.Error(err)
			}
			full = false
			return syscall.ENOSPC
		}})
		id := h.submit(t, in, h.user, script{Pages: 1}.file())
		for in.Trouble() == "" {
			time.Sleep(time.Second)
		}
		if why := in.Trouble(); why != form.TroubleFull {
			t.Errorf("trouble %q", why)
		}
		h.settled(t, in, id)
		synctest.Wait()
		if why := in.Trouble(); why != "" {
			t.Errorf("afterwards trouble %q", why)
		}
	})
}

// What takes all memory is ended by the system each time, and must not be tried
// for ever.
func TestAPageForWhichProgramsAreAlwaysKilledFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		var begun int
		in := h.start(t, &fake{h: h, before: func(_ context.Context, _ script, number, _ int) error {
			if number == 1 {
				begun++
				return ocr.ErrKilled
			}
			return nil
		}})
		pages := h.settled(t, in, h.submit(t, in, h.user, script{Pages: 2}.file()))
		if got := statesOf(pages); fmt.Sprint(got) != "[failed done]" || pages[0].Failure != form.FailEngine {
			t.Errorf("pages are %v, the first failed of %q", got, pages[0].Failure)
		}
		if begun < kills {
			t.Errorf("it was begun %d times, want %d at least", begun, kills)
		}
	})
}

// A page that killed two children (see ocr.ErrEngine) fails at once, with a
// sentence, and is never begun again by itself: neither beside other pages, nor
// by the next server. Only a person has it read again.
func TestAPageThatKillsItsChildFails(t *testing.T) {
	dir := t.TempDir()
	h := openHouse(t, dir)
	h.furnish(t)
	deadly := func(_ context.Context, s script, number, _ int) error {
		if s.ID == 0 && number == 1 {
			return fmt.Errorf("%w: signal: segmentation fault", ocr.ErrEngine)
		}
		return nil
	}
	first := &fake{h: h, before: deadly}
	in := h.intake(t, first)
	if err := in.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := h.submit(t, in, h.user, script{Pages: 2}.file())
	pages := h.settled(t, in, id)
	if got := statesOf(pages); fmt.Sprint(got) != "[failed done]" || pages[0].Failure != form.FailEngine {
		t.Errorf("pages are %v, the first failed of %q", got, pages[0].Failure)
	}
	if n := first.begun["0/1"]; n != 1 {
		t.Errorf("it was begun %d times", n)
	}
	if err := in.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}

	next := openHouse(t, dir)
	next.template, next.domain = h.template, h.domain
	f := &fake{h: next, before: deadly}
	in = next.start(t, f)
	next.settled(t, in, next.submit(t, in, h.user, script{ID: 1, Pages: 3}.file()))
	if n := f.begun["0/1"]; n != 0 {
		t.Errorf("the next server began it %d times", n)
	}
	if n, err := in.RetryFailed(t.Context(), form.Person(h.user), form.Everything, db.FailedFilter{Page: pages[0].ID}); err != nil || n != 1 {
		t.Fatalf("RetryFailed = %d, %v", n, err)
	}
	if p := next.settled(t, in, id)[0]; p.State != form.StateFailed || p.Failure != form.FailEngine || f.begun["0/1"] != 1 {
		t.Errorf("once a person wants it again it is begun %d times, and is %s of %q", f.begun["0/1"], p.State, p.Failure)
	}
}

// A reader that ends early must not end the document.
func TestAPageThatDoesNotComeFails(t *testing.T) {
	h := newHouse(t)
	in := h.start(t, &fake{h: h})
	pages := h.settled(t, in, h.submit(t, in, h.user, script{Pages: 3, Lacks: 2}.file()))
	if got := statesOf(pages); fmt.Sprint(got) != "[done failed done]" || pages[1].Failure != form.FailInternal {
		t.Errorf("pages are %v, the second failed of %q", got, pages[1].Failure)
	}
	pages = h.settled(t, in, h.submit(t, in, h.user, script{ID: 1, Pages: 3, Lacks: 3}.file()))
	if got := statesOf(pages); fmt.Sprint(got) != "[done done failed]" {
		t.Errorf("pages are %v", got)
	}
}

// That a failed page is wanted again while the others are read must not be lost.
func TestAPageIsReadOnceMoreWhileItsDocumentIsRead(t *testing.T) {
	h := newHouse(t)
	var in *Intake
	f := &fake{h: h}
	f.before = func(ctx context.Context, _ script, number, begun int) error {
		switch {
		case number == 1 && begun <= 2:
			return errMishap
		case number == 3 && begun == 1:
			_, err := in.RetryFailed(context.WithoutCancel(ctx), form.Person(h.user), form.Everything, db.FailedFilter{})
			return err
		}
		return nil
	}
	in = h.intake(t, f, func(c *Config) { c.Workers = 1 })
	id := h.submit(t, in, h.user, script{Pages: 3}.file())
	h.begin(t, in)
	if got := statesOf(h.settled(t, in, id)); fmt.Sprint(got) != "[done done done]" {
		t.Errorf("pages are %v", got)
	}
}

func TestAFileThatCannotBeReadAsAWholeFails(t *testing.T) {
	h := newHouse(t)
	in := h.start(t, &fake{h: h})
	id := h.submit(t, in, h.user, script{Whole: form.FailEncrypted}.file())
	if p := h.settled(t, in, id); len(p) != 1 || p[0].State != form.StateFailed || p[0].Failure != form.FailEncrypted {
		t.Errorf("pages %+v", p)
	}
}

func TestFailedPagesAreReadWhenAskedFor(t *testing.T) {
	h := newHouse(t)
	f := &fake{h: h, before: func(_ context.Context, s script, number, begun int) error {
		if number == 2 && begun <= 2 {
			return errMishap
		}
		return nil
	}}
	in := h.start(t, f)
	id := h.submit(t, in, h.user, script{ID: 0, Pages: 3}.file(), script{ID: 1, Pages: 2}.file(), script{ID: 2, Whole: form.FailDamaged}.file())
	pages := h.settled(t, in, id)
	if got := statesOf(pages); fmt.Sprint(got) != "[done failed done done failed failed]" {
		t.Fatalf("pages are %v", got)
	}
	if n, err := in.RetryFailed(t.Context(), form.Person(h.user), form.Everything, db.FailedFilter{Page: pages[1].ID}); err != nil || n != 1 {
		t.Fatalf("RetryFailed = %d, %v", n, err)
	}
	if got := statesOf(h.settled(t, in, id)); fmt.Sprint(got) != "[done done done done failed failed]" {
		t.Errorf("after one was read again they are %v", got)
	}
	if n, err := in.RetryFailed(t.Context(), form.Person(h.user), form.Everything, db.FailedFilter{Failure: form.FailInternal}); err != nil || n != 1 {
		t.Fatalf("RetryFailed = %d, %v", n, err)
	}
	if got := statesOf(h.settled(t, in, id)); fmt.Sprint(got) != "[done done done done done failed]" {
		t.Errorf("after those of a kind were read again they are %v", got)
	}
	if f.begun["0/1"] != 1 {
		t.Errorf("a page that was read was begun %d times", f.begun["0/1"])
	}
}

func TestWaitsGrow(t *testing.T) {
	want := []time.Duration{time.Second, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute}
	for times, w := range want {
		if got := wait(times); got != w {
			t.Errorf("wait(%d) = %v, want %v", times, got, w)
		}
	}
	if got := wait(1e9); got != lastWait {
		t.Errorf("wait for ever is %v", got)
	}
}

func TestAClockThatIsSetBackIsNoticed(t *testing.T) {
	now := time.Now()
	c := clock{now}
	for _, tt := range []struct {
		after time.Duration
		back  bool
	}{{time.Second, false}, {time.Minute, false}, {-time.Hour, true}, {time.Second, false}, {-100 * time.Millisecond, false}} {
		now = now.Add(tt.after)
		if got := c.setBack(now); got != tt.back {
			t.Errorf("after %v: %v, want %v", tt.after, got, tt.back)
		}
	}
}

func TestAJobIsStuckWhereNobodyWorksOnItForLong(t *testing.T) {
	h := &hands{jobs: make(map[int64]bool)}
	s := stuck{hands: h, since: make(map[int64]time.Time)}
	now := time.Now()
	put := h.take(1)
	look := func(after time.Duration, want string, running ...int64) {
		t.Helper()
		now = now.Add(after)
		if got := fmt.Sprint(s.look(running, now)); got != want {
			t.Errorf("stuck are %s, want %s", got, want)
		}
	}
	look(0, "[]", 1, 2, 3)
	look(stuckAfter, "[]", 1, 2)
	look(time.Second, "[2]", 1, 2, 3)
	put()
	look(time.Second, "[2]", 1, 2)
	look(stuckAfter+time.Second, "[1 2]", 1, 2)
}

// A job whose end could not be written is done again while the server runs.
func TestAJobWhoseEndWasLostIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		in := h.start(t, &fake{h: h})
		id := h.submit(t, in, h.user, script{Pages: 1}.file())
		h.settled(t, in, id)
		time.Sleep(time.Minute) // until it is noted that the job is done
		// As it is where the disk was full when the first try ended.
		if _, err := h.db.Pool().ExecContext(t.Context(), `
			UPDATE pages SET state = 'reading'; UPDATE documents SET finished_at = NULL;
			INSERT INTO runs (page_id, number, why, actor, state, created_at) VALUES (1, 2, 'retry', 'system', 'open', 1);
			UPDATE river_job SET state = 'running', finalized_at = NULL`); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*stuckAfter)
		defer cancel()
		if err := in.Wait(ctx, id); err != nil {
			t.Error(err)
		}
		if got := statesOf(h.pagesOf(t, id)); fmt.Sprint(got) != "[done]" {
			t.Errorf("pages are %v", got)
		}
	})
}

// A lost database must not keep Stop from ending.
func TestStopBeforeAnythingCouldBeginToRead(t *testing.T) {
	h := newHouse(t)
	in := h.intake(t, &fake{h: h})
	h.db.Close()
	if err := in.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := in.Stop(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
