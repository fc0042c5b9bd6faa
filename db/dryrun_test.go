package db

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// startDry begins a dry run of the version in service.
func (o *office) startDry(t testing.TB, pages int) (run form.DryRunID) {
	t.Helper()
	var jobs []form.DryRunID
	run, err := o.StartDryRun(t.Context(), form.Person(o.user), o.template.ID, o.template.Version, pages, func(_ *sql.Tx, run form.DryRunID) error {
		jobs = noted(jobs, run)
		return nil
	})
	if err != nil || len(jobs) != 1 || jobs[0] != run {
		t.Fatalf("StartDryRun = %d, %v, jobs %v", run, err, jobs)
	}
	return run
}

// dryRun does a dry run over two pages, of which the second is lost, and returns
// those.
func (o *office) dryRun(t testing.TB) (pages []form.PageID) {
	t.Helper()
	ctx := t.Context()
	_, docs := o.submit(t, "first.png", "second.png")
	for _, doc := range docs {
		o.begin(t, doc, 1)
	}
	pages = []form.PageID{o.read(t, docs[0], 1, sumID), o.read(t, docs[1], 1)}
	if _, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: pages[0], Run: 1, Field: sumID, Text: "5"}, 0); err != nil {
		t.Fatal(err)
	}
	run := o.startDry(t, 2)
	for _, p := range []form.DryPage{
		{
			Page: pages[0], State: form.DryRead, Place: geom.Shift(geom.Point{X: 3}), Verified: 1, Doubted: 2,
			Changes: []form.DryChange{{Field: sumID, Change: form.Worse, Now: form.Held{Text: "김철수"}}},
		},
		{Page: pages[1], State: form.DryLost, TakenFor: o.template.ID},
	} {
		if err := o.SaveDryPage(ctx, run, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.FinishDryRun(ctx, run, form.DryCases{N: 2, Values: 9, Right: 8}, []form.Twin{{Template: o.template.ID, Version: 1, Own: 1, AsOther: .5, Other: 1, AsOwn: .75, Filled: 3, Taken: 1}}); err != nil {
		t.Fatal(err)
	}
	return pages
}

func TestADryRunSaysWhatItFound(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	pages := o.dryRun(t)
	id := o.template.ID
	r, err := o.DryRun(ctx, form.Everything, id)
	want := form.DryResult{Pages: 2, Lost: 1, Verified: 1, Worse: 1, Doubted: 2, Twins: 1, Cases: form.DryCases{N: 2, Values: 9, Right: 8}}
	if err != nil || r.Result != want || r.Left != 0 || r.By != "kim" || r.FinishedAt.IsZero() || r.Stopped || r.Version != 1 {
		t.Errorf("DryRun = %+v, %v, want %+v", r, err, want)
	}
	values, err := o.DryValues(ctx, form.Everything, id, form.Worse, 9)
	if diff := cmp.Diff([]DryValue{{
		DryChange: form.DryChange{Field: sumID, Change: form.Worse, Now: form.Held{Text: "김철수"}},
		Page:      pages[0], Document: "first.png", Number: 1,
		Was: form.Held{Text: "sum of 1/1"}, Said: &form.Held{Text: "5"},
	}}, values); diff != "" || err != nil {
		t.Errorf("%v, values (-want +got):\n%s", err, diff)
	}
	losses, err := o.DryLosses(ctx, form.Everything, id)
	if diff := cmp.Diff([]DryLoss{{pages[1], "second.png", 1, 0, form.DryLost, "claim"}}, losses); diff != "" || err != nil {
		t.Errorf("%v, losses (-want +got):\n%s", err, diff)
	}
	twins, err := o.Twins(ctx, form.Everything, id)
	if err != nil || len(twins) != 1 || twins[0].Name != "claim" || twins[0].AsOwn != .75 || !twins[0].Mistaken() {
		t.Errorf("Twins = %+v, %v", twins, err)
	}
	sight, err := o.DrySight(ctx, form.Everything, id, pages[0])
	if err != nil || sight.Place != geom.Shift(geom.Point{X: 3}) || sight.Template.Fields[2].ID != sumID || sight.Image != blob.KeyOf(nil) {
		t.Errorf("DrySight = %+v, %v", sight, err)
	}
	if _, err := o.DrySight(ctx, form.Everything, id, pages[1]); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("the lost page lies somewhere: %v", err)
	}
}

// What a dry run has of a page goes with the page.
func TestADryRunForgetsDeletedPages(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	pages := o.dryRun(t)
	for _, page := range pages {
		if err := o.DeletePage(ctx, form.Person(o.user), page); err != nil {
			t.Fatal(err)
		}
	}
	if left := append(o.table(t, `SELECT text FROM dry_values`), o.table(t, `SELECT page_id FROM dry_pages`)...); left != nil {
		t.Errorf("left behind: %v", left)
	}
	if r, err := o.DryRun(ctx, form.Everything, o.template.ID); err != nil || r.Result != (form.DryResult{Twins: 1, Cases: form.DryCases{N: 2, Values: 9, Right: 8}}) {
		t.Errorf("DryRun = %+v, %v", r, err)
	}
}

func TestThePagesOfADryRun(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a", "b", "c", "d", "e")
	pages := make([]form.PageID, len(docs))
	for i, doc := range docs {
		if i%2 == 0 {
			pages[i] = o.read(t, doc, 1) // done, and nobody said anything
			continue
		}
		pages[i] = o.read(t, doc, 1, sumID)
		if i == 1 {
			if _, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: pages[i], Run: 1, Field: sumID, Text: "5"}, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	run := o.startDry(t, 3)
	if err := o.BlameDryPage(ctx, run, pages[1]); err != nil {
		t.Fatal(err)
	}
	next := func() (page form.PageID) {
		t.Helper()
		task, err := o.DryTask(ctx, run)
		if err != nil {
			t.Fatal(err)
		}
		return task.Page
	}
	if got := next(); got != pages[1] {
		t.Errorf("page %d is first, want %d, of which a person said something", got, pages[1])
	}
	if err := o.BlameDryPage(ctx, run, pages[1]); err != nil { // the second time
		t.Fatal(err)
	}
	for _, want := range []form.PageID{pages[4], pages[2], 0} {
		got := next()
		if got != want {
			t.Fatalf("page %d is next, want %d", got, want)
		}
		if got != 0 {
			if err := o.SaveDryPage(ctx, run, form.DryPage{Page: got, State: form.DryRead}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := o.SaveDryPage(ctx, run, form.DryPage{Page: pages[4], State: form.DryLost}); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("a page is kept twice: %v", err)
	}
	if r, err := o.DryRun(ctx, form.Everything, o.template.ID); err != nil || r.Result.Failed != 1 || r.Result.Pages != 3 {
		t.Errorf("DryRun = %+v, %v", r, err)
	}
}

func TestADryRunThatIsStoppedOrReplacedEnds(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a", "b")
	page := o.read(t, docs[0], 1)
	o.read(t, docs[1], 1)
	first := o.startDry(t, 9)
	if times, err := o.PostponeDryRun(ctx, first, form.TroubleFull); times != 1 || err != nil {
		t.Errorf("postponed %d times, %v", times, err)
	}
	if r, err := o.DryRun(ctx, form.Everything, o.template.ID); err != nil || r.Trouble != form.TroubleFull || r.Left != 2 {
		t.Errorf("DryRun = %+v, %v", r, err)
	}
	for range 2 {
		if err := o.StopDryRun(ctx, form.Person(o.user), o.template.ID); err != nil {
			t.Fatal(err)
		}
	}
	if task, err := o.DryTask(ctx, first); err != nil || !task.Finished {
		t.Errorf("stopped: %+v, %v", task, err)
	}
	if err := o.SaveDryPage(ctx, first, form.DryPage{Page: page, State: form.DryRead}); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("kept after its end: %v", err)
	}
	if acts := o.table(t, `SELECT act FROM acts WHERE act LIKE '%dry%'`); len(acts) != 2 {
		t.Errorf("acts %v", acts)
	}
	second := o.startDry(t, 9)
	if _, err := o.DryTask(ctx, first); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("the first is still there: %v", err)
	}
	if task, err := o.DryTask(ctx, second); err != nil || task.Finished || task.Page == 0 {
		t.Errorf("the second: %+v, %v", task, err)
	}
}

// What is released notes the dry run of what it says, and no other.
func TestReleasesSayWhatADryRunFound(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	o.dryRun(t)
	id, kim := o.template.ID, form.Person(o.user)
	next := newTemplate(o.domain, "claim")
	next.Stage, next.Width = "", next.Width+1
	o.save(t, next)
	if _, err := o.ReleaseTemplate(ctx, kim, id, 0, form.Service, "  wider\x00\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.ReleaseTemplate(ctx, form.Command, id, 1, form.Beta, "back"); err != nil {
		t.Fatal(err)
	}
	if err := o.RetireTemplate(ctx, kim, id, 2, ""); err != nil {
		t.Fatal(err)
	}
	list, err := o.Releases(ctx, form.Everything, id)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range list {
		got = append(got, fmt.Sprintf("%d %s-%s for %d %q %s%s dry %v", r.Version, r.From, r.To, r.MadeWay, r.Note, r.Actor, r.By, r.DryRun != nil && r.DryRun.Worse == 1))
	}
	if diff := cmp.Diff([]string{
		`2 service-retired for 0 "" personkim dry false`,
		`1 retired-beta for 0 "back" command dry true`,
		`2 draft-service for 0 "wider" personkim dry false`,
		`1 service-retired for 2 "" personkim dry false`,
		`1 draft-service for 0 "" command dry false`,
	}, got); diff != "" {
		t.Errorf("releases (-want +got):\n%s", diff)
	}
	if _, err := o.ReleaseTemplate(ctx, kim, id, 2, form.Beta, string(make([]rune, form.MaxNote))+"가"); err != nil {
		t.Errorf("what nobody sees counts: %v", err)
	}
	for _, statement := range []string{`UPDATE template_releases SET note = ''`, `DELETE FROM template_releases`} {
		if _, err := o.write.ExecContext(ctx, statement); err == nil {
			t.Errorf("%s: done", statement)
		}
	}
}

// A draft that is discarded takes its dry run along.
func TestADiscardedDraftHasNoDryRun(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	only := newTemplate(o.domain, "other")
	only.Stage = ""
	only = o.save(t, only)
	if _, err := o.StartDryRun(ctx, form.Person(o.user), only.ID, 0, 9, func(*sql.Tx, form.DryRunID) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := o.DiscardDraft(ctx, form.Person(o.user), only.ID); err != nil {
		t.Fatal(err)
	}
	if left := o.table(t, `SELECT id FROM dry_runs`); left != nil {
		t.Errorf("left: %v", left)
	}
	if loose := o.loose(t); len(loose) != 1 || loose[0] != only.Image {
		t.Errorf("loose are %v", loose)
	}
}

func TestReleasesOfBeforeAreWhatActsKnow(t *testing.T) {
	path, pool := openAt(t, 14)
	for _, statement := range []string{
		`INSERT INTO users (id, name, password_hash, created_at) VALUES (1, 'kim', '', 1)`,
		`INSERT INTO domains (id, name, languages, hash, created_at) VALUES (1, 'office', 'ko', printf('%064d', 1), 1)`,
		`INSERT INTO templates (id, domain_id, name, updated_at) VALUES (1, 1, 'claim', 1)`,
		`INSERT INTO template_versions (template_id, version, stage, definition, image, image_name, created_at) VALUES
			(1, 1, 'retired', '{}', 'x', 'x', 1), (1, 2, 'service', '{}', 'x', 'x', 1)`,
		`INSERT INTO acts (at, actor, user_id, domain_id, act, subject, subject_id, version) VALUES
			(1, 'command', NULL, 1, 'save_template', 'template', 1, 1),
			(2, 'person', 1, 1, 'save_template', 'template', 1, NULL),
			(3, 'person', 1, 1, 'release_template', 'template', 1, 2),
			(4, 'person', 1, 1, 'retire_template', 'template', 1, 1),
			(5, 'person', 1, 1, 'set_validation', 'template', 1, NULL)`,
	} {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	list, err := openFile(t, path).Releases(t.Context(), form.Everything, 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range list {
		got = append(got, fmt.Sprintf("%d to %q at %d by %s%s", r.Version, r.To, r.At.UnixMilli(), r.Actor, r.By))
	}
	if diff := cmp.Diff([]string{`1 to "retired" at 4 by personkim`, `2 to "service" at 3 by personkim`, `1 to "" at 1 by command`}, got); diff != "" {
		t.Errorf("releases (-want +got):\n%s", diff)
	}
}
