package db

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

func noExportJobs(*sql.Tx, form.ExportID) error { return nil }

// profile1 saves a profile of the template of o.
func (o *office) profile1(t testing.TB, p form.Profile) form.Profile {
	t.Helper()
	p.Export.Template, p.Export.Format = o.template.ID, form.FormatCSV
	id, err := o.SaveProfile(t.Context(), form.Person(o.user), form.Everything, p)
	if err != nil {
		t.Fatal(err)
	}
	if p, err = o.Profile(t.Context(), form.Everything, id); err != nil {
		t.Fatal(err)
	}
	return p
}

// sinceLast makes a file of what is new in a profile, and returns the pages, those
// that were in one before marked.
func (o *office) sinceLast(t testing.TB, profile form.ProfileID, made bool) (pages []string) {
	t.Helper()
	x := NewExport{Profile: profile, Export: form.Export{Template: o.template.ID}}
	id, err := o.AddExport(t.Context(), form.Command, form.Everything, x, nil)
	if err == nil {
		err = o.BeginExport(t.Context(), id)
	}
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range o.Export(t.Context(), form.Everything, ExportFilter{Template: o.template.ID, Since: profile, Note: id}) {
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, fmt.Sprint(r.Page.ID))
		if r.Again {
			pages[len(pages)-1] += " again"
		}
	}
	if made {
		if err := o.ExportMade(t.Context(), id, ExportFile{Name: "a.csv"}); err != nil {
			t.Fatal(err)
		}
	}
	return pages
}

func (o *office) correct(t testing.TB, page form.PageID, text string) {
	t.Helper()
	r, err := o.Record(t.Context(), form.Everything, page)
	if err != nil {
		t.Fatal(err)
	}
	var after form.CorrectionID
	if c := r.Values[0].Latest(); c != nil {
		after = c.ID
	}
	c := form.Correction{Page: page, Run: r.Page.Run, Field: nameID, Text: text}
	if _, _, err := o.AddCorrection(t.Context(), form.Person(o.user), c, after); err != nil {
		t.Fatal(err)
	}
}

// A file of what is new has each page once, and again only where it is another
// since; one that was never made counts for nothing, and so does another profile.
func TestExportSinceTheLast(t *testing.T) {
	o := newOffice(t)
	_, docs := o.submit(t, "a.pdf", "b.pdf", "c.pdf")
	first, second := o.read(t, docs[0], 1), o.read(t, docs[1], 1)
	p := o.profile1(t, form.Profile{Name: "monthly"})
	other := o.profile1(t, form.Profile{Name: "other"})
	want := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: pages %q, want %q", what, got, want)
		}
	}
	one, two := fmt.Sprint(first), fmt.Sprint(second)
	want("a file that is not made", o.sinceLast(t, p.ID, false), one, two)
	want("at first", o.sinceLast(t, p.ID, true), one, two)
	want("nothing new", o.sinceLast(t, p.ID, true))
	third := o.read(t, docs[2], 1)
	o.correct(t, first, "another")
	want("one new, one corrected", o.sinceLast(t, p.ID, true), one+" again", fmt.Sprint(third))
	want("nothing new again", o.sinceLast(t, p.ID, true))
	want("of another profile", o.sinceLast(t, other.ID, true), one, two, fmt.Sprint(third))
	o.correct(t, first, "a third")
	want("corrected once more", o.sinceLast(t, p.ID, true), one+" again")
	if err := o.DeleteDocument(t.Context(), form.Person(o.user), docs[1]); err != nil {
		t.Fatal(err)
	}
	if left := o.table(t, `SELECT page_id FROM exported_pages WHERE page_id = ?`, second); len(left) > 0 {
		t.Errorf("of a deleted page is left %v", left)
	}
	if err := o.DeleteProfile(t.Context(), form.Person(o.user), form.Everything, p.ID); err != nil {
		t.Fatal(err)
	}
	if left := o.table(t, `SELECT id FROM exports WHERE profile_id = ?`, p.ID); len(left) > 0 {
		t.Errorf("of a deleted profile is left %v", left)
	}
}

// What is new is found page after page, also where most are not.
func TestExportSinceAmongMany(t *testing.T) {
	o := newOffice(t)
	_, docs := o.submit(t, "a.pdf")
	const pages = exportBatch + exportFirst + 5
	o.begin(t, docs[0], pages)
	for n := 1; n <= pages; n++ {
		if _, err := o.savePage(t.Context(), docs[0], form.Page{Number: n, State: form.StateDone, Template: o.template.ID, Version: 1}, nil); err != nil {
			t.Fatal(err)
		}
	}
	p := o.profile1(t, form.Profile{Name: "monthly"})
	if got := o.sinceLast(t, p.ID, true); len(got) != pages {
		t.Errorf("%d pages at first, want %d", len(got), pages)
	}
	if got := o.sinceLast(t, p.ID, true); len(got) != 0 {
		t.Errorf("%d pages then", len(got))
	}
}

func TestProfiles(t *testing.T) {
	o := newOffice(t)
	p := o.profile1(t, form.Profile{
		Name: "monthly", Sealed: []byte("secret"), Schedule: form.Schedule{Folder: "/out", At: 90},
		Export: form.Export{Columns: []form.ExportColumn{{Key: "x", Name: "y"}}, From: "2026-01-01", Since: true, States: []form.State{form.StateReview}},
	})
	if p.NextAt.IsZero() || string(p.Sealed) != "secret" || !p.Export.Since || p.Export.From != "2026-01-01" || len(p.Export.Columns) != 1 {
		t.Errorf("kept as %+v", p)
	}
	changed := p
	changed.Name, changed.Sealed, changed.Schedule = "weekly", nil, form.Schedule{}
	if p = o.profile1(t, changed); p.Name != "weekly" || string(p.Sealed) != "secret" || !p.NextAt.IsZero() {
		t.Errorf("changed to %+v", p)
	}
	o.profile1(t, form.Profile{Name: "daily"})
	if list, err := o.Profiles(t.Context(), form.Everything); err != nil || len(list) != 2 || list[0].Name != "daily" {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := o.Profiles(t.Context(), form.Within(99)); err != nil || len(list) != 0 {
		t.Errorf("another domain has %+v, %v", list, err)
	}
	if _, err := o.ProfileNamed(t.Context(), form.Everything, "weekly"); err != nil {
		t.Error(err)
	}
	if _, err := o.Profile(t.Context(), form.Within(99), p.ID); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("another domain sees it: %v", err)
	}
	again := form.Profile{Name: "daily", Export: form.Export{Template: o.template.ID, Format: form.FormatCSV}}
	if _, err := o.SaveProfile(t.Context(), form.Command, form.Everything, again); !errors.Is(err, form.ErrConflict) {
		t.Errorf("a name twice: %v", err)
	}
	d, _, err := o.AddDomain(t.Context(), form.Command, "other", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	again.Export.Template = o.save(t, newTemplate(d.ID, "there")).ID
	if _, err := o.SaveProfile(t.Context(), form.Command, form.Everything, again); err != nil {
		t.Errorf("a name of another domain: %v", err)
	}
	if _, err := o.ProfileNamed(t.Context(), form.Everything, "daily"); !errors.Is(err, form.ErrConflict) {
		t.Errorf("whose is not said: %v", err)
	}
	if p, err := o.ProfileNamed(t.Context(), form.Within(d.ID), "daily"); err != nil || p.Domain != d.ID {
		t.Errorf("%+v, %v", p, err)
	}
	if acts := o.table(t, `SELECT act FROM acts WHERE subject = 'profile'`); len(acts) != 4 {
		t.Errorf("acts %v", acts)
	}
}

// A file is of no profile of another domain: its name would be seen there, and what
// it wrote forgotten here.
func TestAFileIsOfNoProfileOfAnotherDomain(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	d, _, err := o.AddDomain(ctx, form.Command, "other", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	p, there := o.profile1(t, form.Profile{Name: "monthly"}), o.save(t, newTemplate(d.ID, "there"))
	x := NewExport{Profile: p.ID, Export: form.Export{Template: there.ID}}
	for _, in := range []form.Scope{form.Within(d.ID), form.Everything} {
		if _, err := o.AddExport(ctx, form.Person(o.user), in, x, noExportJobs); !errors.Is(err, form.ErrNotFound) {
			t.Errorf("%+v: %v", in, err)
		}
	}
}

// Each time of a schedule has one file, and one that was missed has none of its
// own; no second is made while one is.
func TestFilesThatAreDue(t *testing.T) {
	o := newOffice(t)
	now := time.Date(2026, 11, 2, 5, 0, 0, 0, time.Local)
	o.now = func() time.Time { return now }
	p := o.profile1(t, form.Profile{Name: "hourly", Schedule: form.Schedule{Folder: "/out", Hours: 6}})
	due := func() (times []string) {
		t.Helper()
		if _, err := o.QueueDue(t.Context(), noExportJobs); err != nil {
			t.Fatal(err)
		}
		list, err := o.Exports(t.Context(), form.Everything, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			times = append(times, x.Due.Local().Format("02 15:04"))
		}
		return times
	}
	if got := due(); got != nil {
		t.Errorf("before it is time: %q", got)
	}
	now = now.Add(time.Hour + time.Second)
	for range 2 {
		if got := due(); !slices.Equal(got, []string{"02 06:00"}) {
			t.Errorf("at six: %q", got)
		}
	}
	now = now.Add(26 * time.Hour)
	if got := due(); len(got) != 1 {
		t.Errorf("while one is made: %q", got)
	}
	list, _ := o.Exports(t.Context(), form.Everything, 10)
	if err := o.BeginExport(t.Context(), list[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := o.ExportMade(t.Context(), list[0].ID, ExportFile{Name: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := o.FinishExport(t.Context(), list[0].ID); err != nil {
		t.Fatal(err)
	}
	if got := due(); !slices.Equal(got, []string{"03 06:00", "02 06:00"}) {
		t.Errorf("a day later: %q", got)
	}
	if p, _ = o.Profile(t.Context(), form.Everything, p.ID); p.NextAt.Local().Format("02 15:04") != "03 12:00" {
		t.Errorf("then at %v", p.NextAt)
	}
}

// A file that may have something of a deleted page goes with it, and one that is
// being made is made anew.
func TestFilesOfDeletedPages(t *testing.T) {
	o := newOffice(t)
	_, docs := o.submit(t, "a.pdf")
	o.read(t, docs[0], 1)
	add := func() form.ExportID {
		t.Helper()
		id, err := o.AddExport(t.Context(), form.Person(o.user), form.Everything, NewExport{Export: form.Export{Template: o.template.ID}}, noExportJobs)
		if err == nil {
			err = o.BeginExport(t.Context(), id)
		}
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	kept, running := add(), add()
	key := blob.KeyOf([]byte("file"))
	if err := o.ExportMade(t.Context(), kept, ExportFile{Name: "a.csv", Blob: key, Size: 4, Pages: 1}); err != nil {
		t.Fatal(err)
	}
	if err := o.DeleteDocument(t.Context(), form.Person(o.user), docs[0]); err != nil {
		t.Fatal(err)
	}
	if x, err := o.ExportOf(t.Context(), form.Everything, kept); err != nil || x.State != form.ExportGone || x.Blob != "" {
		t.Errorf("the file is %+v, %v", x, err)
	}
	if !slices.Contains(o.loose(t), key) {
		t.Error("its bytes stay")
	}
	if err := o.ExportMade(t.Context(), running, ExportFile{Name: "b.csv"}); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("a file with the page was finished: %v", err)
	}
	if err := o.BeginExport(t.Context(), running); err != nil {
		t.Errorf("it cannot be made anew: %v", err)
	}
}

func TestFilesGoAfterADay(t *testing.T) {
	o := newOffice(t)
	now := time.Date(2026, 11, 2, 5, 0, 0, 0, time.Local)
	o.now = func() time.Time { return now }
	id, err := o.AddExport(t.Context(), form.Command, form.Everything, NewExport{Export: form.Export{Template: o.template.ID}, Sealed: []byte("s")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.BeginExport(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	key := blob.KeyOf([]byte("file"))
	f := ExportFile{Name: "a.csv", Blob: key, Size: 4, Pages: 1, Misfits: form.Misfits{N: 1, List: []form.Misfit{{Page: 1, Column: "c", Char: "é"}}}}
	if err := o.ExportMade(t.Context(), id, f); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		after time.Duration
		state form.ExportState
	}{{23 * time.Hour, form.ExportDone}, {2 * time.Hour, form.ExportGone}} {
		now = now.Add(tt.after)
		if err := o.DropOldExports(t.Context()); err != nil {
			t.Fatal(err)
		}
		x, err := o.ExportOf(t.Context(), form.Everything, id)
		if err != nil || x.State != tt.state || len(x.Sealed) > 0 {
			t.Errorf("%+v, %v", x, err)
		}
		if d := cmp.Diff(f.Misfits, x.Misfits); d != "" {
			t.Error(d)
		}
	}
	now = now.AddDate(0, 0, 31)
	if err := o.DropOldExports(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := o.ExportOf(t.Context(), form.Everything, id); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("it is still known of: %v", err)
	}
}

func TestFailedExports(t *testing.T) {
	o := newOffice(t)
	id, err := o.AddExport(t.Context(), form.Command, form.Everything, NewExport{Export: form.Export{Template: o.template.ID}, Folder: "/x"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, forNow := range []bool{true, false} {
		if err := o.FailExport(t.Context(), id, form.ExportFolder, forNow); err != nil {
			t.Fatal(err)
		}
		if x, err := o.ExportOf(t.Context(), form.Everything, id); err != nil || x.Failure != form.ExportFolder || x.State.Open() != forNow {
			t.Errorf("%+v, %v", x, err)
		}
	}
	if err := o.BeginExport(t.Context(), id); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("it is made all the same: %v", err)
	}
}

// What the release before kept is there beside the new tables.
func TestExportsAfterTheReleaseBefore(t *testing.T) {
	o := newOffice(t)
	_, docs := o.submit(t, "a.pdf")
	page := o.read(t, docs[0], 1)
	after := o.before(t, 23, readTables...)
	p := after.profile1(t, form.Profile{Name: "monthly"})
	if got := after.sinceLast(t, p.ID, true); !slices.Equal(got, []string{fmt.Sprint(page)}) {
		t.Errorf("pages %q", got)
	}
}

// A file that is made at the command line is given up where nothing is heard of it,
// and no other.
func TestFilesOfWhoWasKilled(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	now := time.Date(2026, 11, 2, 5, 0, 0, 0, time.Local)
	o.now = func() time.Time { return now }
	p := o.profile1(t, form.Profile{Name: "monthly"})
	add := func(by form.Actor) form.ExportID {
		t.Helper()
		id, err := o.AddExport(ctx, by, form.Everything, NewExport{Profile: p.ID, Export: p.Export, Sealed: []byte("s")}, noExportJobs)
		if err == nil {
			err = o.BeginExport(ctx, id)
		}
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	killed, alive, served := add(form.Command), add(form.Command), add(form.Person(o.user))
	for range 10 {
		now = now.Add(ExportRenewal)
		if err := o.ExportHeard(ctx, alive); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.DropOldExports(ctx); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[form.ExportID]form.ExportState{killed: form.ExportFailed, alive: form.ExportRunning, served: form.ExportRunning} {
		x, err := o.ExportOf(ctx, form.Everything, id)
		if err != nil || x.State != want || (want == form.ExportFailed) != (x.Failure == form.ExportStopped) || (want == form.ExportFailed) != (len(x.Sealed) == 0) {
			t.Errorf("%+v, %v, want %s", x, err, want)
		}
	}
	if err := o.ExportMade(ctx, killed, ExportFile{}); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("it is made after all: %v", err)
	}
}

// Without a server, too, a command that was killed keeps the next one waiting for two
// minutes only.
func TestWhoWasKilledBlocksNoOther(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	now := time.Date(2026, 11, 2, 5, 0, 0, 0, time.Local)
	o.now = func() time.Time { return now }
	p := o.profile1(t, form.Profile{Name: "monthly"})
	p.Export.Since = true
	begin := func() (form.ExportID, error) {
		t.Helper()
		id, err := o.AddExport(ctx, form.Command, form.Everything, NewExport{Profile: p.ID, Export: p.Export}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return id, o.BeginExport(ctx, id)
	}
	killed, err := begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := begin(); !errors.Is(err, form.ErrConflict) {
		t.Errorf("at once: %v", err)
	}
	now = now.Add(ExportHeardFor + time.Second)
	if _, err := begin(); err != nil {
		t.Errorf("two minutes later: %v", err)
	}
	if x, err := o.ExportOf(ctx, form.Everything, killed); err != nil || x.State != form.ExportFailed || x.Failure != form.ExportStopped {
		t.Errorf("what was killed: %+v, %v", x, err)
	}
}

// Saved downloads and files of the release before are there after their tables were
// written anew, each with what refers to it, and no number comes again.
func TestProfilesAfterTheReleaseBefore(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.pdf")
	page := o.read(t, docs[0], 1)
	p := o.profile1(t, form.Profile{Name: "monthly", Sealed: []byte("secret"), Schedule: form.Schedule{Folder: "/out", At: 90}, Export: form.Export{Since: true}})
	if got := o.sinceLast(t, p.ID, true); len(got) != 1 {
		t.Fatal(got)
	}
	gone, err := o.AddExport(ctx, form.Command, form.Everything, NewExport{Export: p.Export}, nil)
	if err != nil {
		t.Fatal(err)
	}
	files := o.table(t, `SELECT id, profile_id, state, export FROM exports WHERE id < ? ORDER BY id`, gone)
	old := o.before(t, 26, append(readTables, "profiles", "exports", "exported_pages")...)
	if _, err := old.Pool().ExecContext(ctx, `DELETE FROM exports WHERE id = ?`, gone); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files, old.table(t, `SELECT id, profile_id, state, export FROM exports ORDER BY id`)); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
	got, err := old.ProfileNamed(ctx, form.Everything, "monthly")
	if diff := cmp.Diff(p, got); diff != "" || err != nil {
		t.Errorf("%v, profile (-before +after):\n%s", err, diff)
	}
	if got := old.sinceLast(t, p.ID, true); len(got) != 0 {
		t.Errorf("page %d was written before, and is again: %v", page, got)
	}
	if next, err := old.AddExport(ctx, form.Command, form.Everything, NewExport{Export: p.Export}, nil); err != nil || next <= gone {
		t.Errorf("file %d after %d, %v", next, gone, err)
	}
	if rows := old.table(t, `PRAGMA foreign_key_check`); len(rows) > 0 {
		t.Errorf("rows that refer to none: %q", rows)
	}
	if err := old.DeleteProfile(ctx, form.Person(o.user), form.Everything, p.ID); err != nil {
		t.Fatal(err)
	}
	if rows := old.table(t, `SELECT id FROM exports WHERE profile_id IS NOT NULL`); rows != nil {
		t.Errorf("files of a profile that is gone: %q", rows)
	}
}
