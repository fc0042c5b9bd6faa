package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/seosik/seosik/internal/form"
)

// states returns the states of the pages of a submission, in order.
func (o *office) states(t testing.TB, id form.SubmissionID) string {
	t.Helper()
	pages, err := o.PagesOf(t.Context(), form.Everything, id)
	if err != nil {
		t.Fatal(err)
	}
	var states []form.State
	for _, p := range pages {
		states = append(states, p.State)
	}
	return fmt.Sprint(states)
}

// begin counts the pages of a document and begins to read it.
func (o *office) begin(t testing.TB, doc form.DocumentID, pages int) {
	t.Helper()
	if _, err := o.SetPages(t.Context(), doc, pages); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Begin(t.Context(), Chore{Document: doc}); err != nil {
		t.Fatal(err)
	}
}

func TestADocumentIsNotFinishedBeforeItsPagesAre(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	id, docs := o.submit(t, "a.pdf")
	o.begin(t, docs[0], 3)
	o.read(t, docs[0], 1)
	o.read(t, docs[0], 3)
	if got := o.states(t, id); got != "[done reading done]" {
		t.Errorf("pages are %s", got)
	}
	if err := o.FinishDocument(ctx, docs[0]); !errors.Is(err, ErrOpen) {
		t.Errorf("FinishDocument = %v, want ErrOpen", err)
	}
	// What was counted once stays, also where a file seems to have lost pages.
	if task, err := o.SetPages(ctx, docs[0], 1); err != nil || task.Document.Pages != 3 || task.numbers() != "[2]" {
		t.Errorf("SetPages = %+v, %v", task, err)
	}
	if err := o.DeletePage(ctx, form.Command, 2); err != nil {
		t.Fatal(err)
	}
	if err := o.FinishDocument(ctx, docs[0]); err != nil {
		t.Errorf("FinishDocument without page 2, which was deleted = %v", err)
	}
}

func TestAPageThatIsBlamedTwiceHasFailed(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	id, docs := o.submit(t, "a.pdf")
	o.begin(t, docs[0], 2)
	for _, want := range []string{"[reading waiting]", "[failed reading]"} {
		if err := o.blamePage(ctx, docs[0], 1, form.FailInternal); err != nil {
			t.Fatal(err)
		}
		if got := o.states(t, id); got != want {
			t.Errorf("pages are %s, want %s", got, want)
		}
	}
	if err := o.blamePage(ctx, docs[0], 1, form.FailInternal); !errors.Is(err, form.ErrConflict) {
		t.Errorf("blamed a third time: %v, want ErrConflict", err)
	}
	o.read(t, docs[0], 2)
	if err := o.FinishDocument(ctx, docs[0]); err != nil {
		t.Error(err)
	}
}

func TestTroublesAreCountedUntilADocumentGetsOn(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	id, docs := o.submit(t, "a.pdf")
	o.begin(t, docs[0], 2)
	for want := 1; want <= 3; want++ {
		times, err := o.Postpone(ctx, Chore{Document: docs[0]}, form.TroubleFull)
		if err != nil || times != want {
			t.Fatalf("Postpone = %d, %v, want %d", times, err, want)
		}
	}
	if got := o.states(t, id); got != "[waiting waiting]" {
		t.Errorf("pages are %s", got)
	}
	o.read(t, docs[0], 1)
	if times, err := o.Postpone(ctx, Chore{Document: docs[0]}, form.TroubleDisk); err != nil || times != 1 {
		t.Errorf("after a page was kept Postpone = %d, %v, want 1", times, err)
	}
}

// What kills the programs that read a page is taken to be the page, once it has
// done so often enough in a row. What lay before a start, or was something else,
// must not count for that.
func TestTroublesAreCountedAnewForEachStartAndKind(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	id, docs := o.submit(t, "a.pdf")
	o.begin(t, docs[0], 2)
	page := o.read(t, docs[0], 1)
	reread := o.want(t, form.Reread{Page: page, Template: o.template.ID})
	for name, postpone := range map[string]func(form.Trouble) (int, error){
		"a document":     func(why form.Trouble) (int, error) { return o.Postpone(ctx, Chore{Document: docs[0]}, why) },
		"what is reread": func(why form.Trouble) (int, error) { return o.Postpone(ctx, reread, why) },
	} {
		for _, tt := range []struct {
			why  form.Trouble
			want int
		}{{form.TroubleFull, 1}, {form.TroubleFull, 2}, {form.TroubleEngine, 1}, {form.TroubleEngine, 2}} {
			if times, err := postpone(tt.why); err != nil || times != tt.want {
				t.Errorf("%s is postponed for %s: %d, %v, want %d", name, tt.why, times, err, tt.want)
			}
		}
		if err := o.Recover(ctx, func(*sql.Tx, []Chore) error { return nil }); err != nil {
			t.Fatal(err)
		}
		pages, err := o.PagesOf(ctx, form.Everything, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pages {
			if p.Trouble != "" {
				t.Errorf("%s: after a start page %d is in trouble %q", name, p.Number, p.Trouble)
			}
		}
		if times, err := postpone(form.TroubleEngine); err != nil || times != 1 {
			t.Errorf("%s is postponed after a start: %d, %v, want 1", name, times, err)
		}
		if err := o.Recover(ctx, func(*sql.Tx, []Chore) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFailedPagesAreReadOnceMore(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	id, docs := o.submit(t, "whole.pdf", "part.pdf", "fine.png", "large.tif")
	if _, err := o.Pool().ExecContext(ctx, `UPDATE documents SET blob = '' WHERE id = ?`, docs[3]); err != nil {
		t.Fatal(err)
	}
	fail := func(doc form.DocumentID, why form.Failure) {
		t.Helper()
		if err := o.FailDocument(ctx, doc, why); err != nil {
			t.Fatal(err)
		}
	}
	fail(docs[0], form.FailDamaged)
	o.begin(t, docs[1], 3)
	o.read(t, docs[1], 2)
	fail(docs[1], form.FailEngine)
	o.begin(t, docs[2], 1)
	o.read(t, docs[2], 1)
	if err := o.FinishDocument(ctx, docs[2]); err != nil {
		t.Fatal(err)
	}
	fail(docs[3], form.FailTooLarge)

	got, err := o.Failed(ctx, form.Everything, FailedFilter{Domain: o.domain})
	if diff := cmp.Diff(map[form.Failure]int{form.FailDamaged: 1, form.FailEngine: 2}, got); err != nil || diff != "" {
		t.Errorf("Failed: %v\n%s", err, diff)
	}
	retry := func(f FailedFilter, pages int, want ...form.DocumentID) {
		t.Helper()
		var opened []form.DocumentID
		n, err := o.RetryFailed(ctx, form.Person(o.user), form.Everything, f, func(_ *sql.Tx, chores []Chore) error {
			for _, c := range chores {
				opened = noted(opened, c.Document)
			}
			return nil
		})
		if diff := cmp.Diff(want, opened); err != nil || n != pages || diff != "" {
			t.Errorf("RetryFailed(%+v) = %d, %v, documents:\n%s", f, n, err, diff)
		}
	}
	retry(FailedFilter{Domain: o.domain + 1}, 0)
	retry(FailedFilter{Failure: form.FailEngine}, 2, docs[1])
	if got := o.states(t, id); got != "[failed waiting done waiting done failed]" {
		t.Errorf("pages are %s", got)
	}
	task, err := o.Begin(ctx, Chore{Document: docs[1]})
	if err != nil || task.Finished || task.numbers() != "[1 3]" {
		t.Errorf("task %+v, %v", task, err)
	}
	retry(FailedFilter{}, 1, docs[0])
	retry(FailedFilter{}, 0)
}

// What failed stays on record when a page is read once more, and a reader of the
// run that failed changes nothing when it comes back.
func TestARunThatFailedStays(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.png")
	task, err := o.Begin(ctx, Chore{Document: docs[0]})
	if err != nil {
		t.Fatal(err)
	}
	first := task.Open[0]
	if err := o.Blame(ctx, first.Page, first.Run, form.FailEngine); err != nil { // once is enough
		t.Fatal(err)
	}
	if n, err := o.RetryFailed(ctx, form.Person(o.user), form.Everything, FailedFilter{}, func(*sql.Tx, []Chore) error { return nil }); err != nil || n != 1 {
		t.Fatalf("RetryFailed = %d, %v", n, err)
	}
	late, readings := readAgain(o.template)
	if err := o.SaveRun(ctx, first.Page, first.Run, late, readings); !errors.Is(err, form.ErrConflict) {
		t.Errorf("the reader of the run that failed comes back: %v, want ErrConflict", err)
	}
	if p, err := o.Page(ctx, form.Everything, first.Page); err != nil || p.State != form.StateWaiting || p.Failure != "" {
		t.Errorf("the page is %s %s, %v", p.State, p.Failure, err)
	}
	o.read(t, docs[0], 1)
	h, err := o.HistoryOf(ctx, form.Everything, first.Page)
	if err != nil || h.Failure != "" || len(h.Runs) != 2 {
		t.Fatalf("history %+v, %v", h, err)
	}
	if failed, read := h.Runs[0], h.Runs[1]; failed.Failure != form.FailEngine || failed.Counts || failed.By != "" || !read.Counts || read.By != "kim" || read.State != form.StateDone {
		t.Errorf("runs %+v", h.Runs)
	}
}

func TestRecoverDoesAllInBatches(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	names := make([]string, recoverBatch+1)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	_, docs := o.submit(t, names...)
	var sizes []int
	var found []form.DocumentID
	if err := o.Recover(ctx, func(_ *sql.Tx, list []Chore) error {
		sizes = noted(sizes, len(list))
		for _, c := range list {
			found = noted(found, c.Document)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(docs, found); diff != "" || fmt.Sprint(sizes) != fmt.Sprint([]int{recoverBatch, 1}) {
		t.Errorf("batches of %v\n%s", sizes, diff)
	}
}

// Where the clock was set back, jobs must not wait until it is as late again.
func TestJobsDoNotWaitForAClockThatWasSetBack(t *testing.T) {
	for name, mend := range map[string]func(*office, context.Context) error{
		"while it runs": func(o *office, ctx context.Context) error { return o.HurryJobs(ctx) },
		"at the start":  func(o *office, ctx context.Context) error { return o.Recover(ctx, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			o, ctx := newOffice(t), t.Context()
			for _, state := range []string{"available", "scheduled"} {
				if _, err := o.Pool().ExecContext(ctx, `
					INSERT INTO river_job (args, kind, max_attempts, state, scheduled_at)
					VALUES ('{}', 'read', 5, ?, datetime('now', '+1 hour', 'subsec'))`, state); err != nil {
					t.Fatal(err)
				}
			}
			if err := mend(o, ctx); err != nil {
				t.Fatal(err)
			}
			var late int
			if err := o.Pool().QueryRowContext(ctx, `
				SELECT count(*) FROM river_job WHERE scheduled_at > datetime('now', 'subsec')`).Scan(&late); err != nil || late != 0 {
				t.Errorf("%d jobs wait, %v", late, err)
			}
		})
	}
}

func TestJobsWhoseEndWasLostAreRescued(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	if _, err := o.Pool().ExecContext(ctx, `
		INSERT INTO river_job (args, kind, max_attempts, state) VALUES ('{}', 'read', 5, 'running'), ('{}', 'read', 5, 'running')`); err != nil {
		t.Fatal(err)
	}
	running, err := o.RunningJobs(ctx)
	if err != nil || len(running) != 2 {
		t.Fatalf("RunningJobs = %v, %v", running, err)
	}
	if err := o.RescueJobs(ctx, running[:1]); err != nil {
		t.Fatal(err)
	}
	if left, err := o.RunningJobs(ctx); err != nil || fmt.Sprint(left) != fmt.Sprint(running[1:]) {
		t.Errorf("RunningJobs = %v, %v, want %v", left, err, running[1:])
	}
}

// What is in the job queue when a new release starts for the first time is done.
func TestJobsOfTheReleaseBeforeAreCarriedOver(t *testing.T) {
	path, old := openAt(t, 9)
	if _, err := old.ExecContext(t.Context(), `
		INSERT INTO domains (id, name, languages, hash, created_at) VALUES (1, 'office', 'ko', printf('%064d', 1), 0);
		INSERT INTO submissions (id, domain_id, templates, created_at) VALUES (1, 1, '[]', 0);
		INSERT INTO documents (id, submission_id, domain_id, name, blob, size, created_at) VALUES (7, 1, 1, 'a', 'b', 1, 0), (8, 1, 1, 'a', 'b', 1, 0);
		INSERT INTO river_job (id, args, kind, max_attempts, queue, state, attempted_by, errors)
		VALUES (41, CAST('{"document":7}' AS BLOB), 'read', 25, 'calls', 'running', CAST('["x"]' AS BLOB), CAST('[{"attempt":1}]' AS BLOB))`); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	db := openFile(t, path)
	var args, queue, kind, errs string
	if err := db.Pool().QueryRowContext(t.Context(), `SELECT json(args), queue, kind, json(errors) FROM river_job WHERE id = 41`).
		Scan(&args, &queue, &kind, &errs); err != nil || args != `{"document":7}` || queue != "calls" || kind != "read" || errs != `[{"attempt":1}]` {
		t.Errorf("the job is %s in %s of kind %s, with %s, %v", args, queue, kind, errs, err)
	}
	var lost []Chore
	if err := db.Recover(t.Context(), func(_ *sql.Tx, chores []Chore) error {
		lost = noted(lost, chores...)
		return nil
	}); err != nil || !slices.Equal(lost, []Chore{{Document: 8}}) {
		t.Errorf("chores without a job are %v, %v, want document 8", lost, err)
	}
	if running, err := db.RunningJobs(t.Context()); err != nil || len(running) > 0 {
		t.Errorf("RunningJobs = %v, %v", running, err)
	}
}

// oldJobs is the last step of the job queue's tables that releases up to our
// step 9 had.
const oldJobs = 6

// openAt returns the path of a database as the release with that last migration
// left it.
func openAt(t testing.TB, version int64) (path string, pool *sql.DB) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "seosik.db")
	old, err := dialect{}.pool(path, "_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	old.SetMaxOpenConns(1)
	t.Cleanup(func() { old.Close() })
	jobs, err := rivermigrate.New(riversqlite.New(old), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jobs.Migrate(t.Context(), rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{TargetVersion: oldJobs}); err != nil {
		t.Fatal(err)
	}
	steps, err := newSteps(old)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := steps.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	return path, old
}

// A document that the release before had begun is read to its end by this one.
func TestADocumentBegunByTheReleaseBeforeIsReadOn(t *testing.T) {
	path, pool := openAt(t, 5)
	if _, err := pool.ExecContext(t.Context(), `
		INSERT INTO domains (id, name, languages, hash, created_at) VALUES (1, 'office', 'ko', printf('%064d', 1), 1);
		INSERT INTO submissions (id, domain_id, templates, created_at) VALUES (1, 1, '[]', 1);
		INSERT INTO documents (id, submission_id, domain_id, name, blob, size, created_at) VALUES (1, 1, 1, 'a.pdf', '', 1, 1);
		INSERT INTO pages (id, document_id, domain_id, number, uid, state, run, created_at, updated_at) VALUES
			(1, 1, 1, 1, printf('%032d', 1), 'unmatched', 1, 1, 1), (2, 1, 1, 2, printf('%032d', 2), 'reading', 0, 1, 1)`); err != nil {
		t.Fatal(err)
	}
	pool.Close()
	db := openFile(t, path)
	task, err := db.Begin(t.Context(), Chore{Document: 1})
	if err != nil || task.Finished || task.Document.Pages != 0 || task.numbers() != "[2]" {
		t.Fatalf("Begin = %+v, %v", task, err)
	}
	if err := db.FinishDocument(t.Context(), 1); !errors.Is(err, ErrOpen) {
		t.Errorf("FinishDocument = %v before anybody knows how many pages there are, want ErrOpen", err)
	}
	if task, err = db.SetPages(t.Context(), 1, 3); err != nil || task.numbers() != "[2 3]" {
		t.Errorf("SetPages = %+v, %v", task, err)
	}
	if p, err := db.Page(t.Context(), form.Everything, 1); err != nil || p.State != form.StateUnmatched || p.Run != 1 {
		t.Errorf("page 1 is %+v, %v", p, err)
	}
}

// The tables must not change under a server of an older version.
func TestOpenDoesNotMigrateUnderARunningServer(t *testing.T) {
	path, pool := openAt(t, 5)
	unlock, err := lock(path+".read", syscall.LOCK_EX|syscall.LOCK_NB) // as the release before does
	if err != nil {
		t.Fatal(err)
	}
	if db, err := Open(t.Context(), path); !errors.Is(err, errServed) {
		t.Errorf("Open = %v, want errServed", err)
		if err == nil {
			db.Close()
		}
	}
	var version int
	if err := pool.QueryRowContext(t.Context(), `SELECT max(version_id) FROM goose_db_version`).Scan(&version); err != nil || version != 5 {
		t.Errorf("the schema is at %d, %v", version, err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	db := openFile(t, path)
	lease, err := db.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lease.die()
	openFile(t, path) // nothing is to be changed: commands work beside a server
}
