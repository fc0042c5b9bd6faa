package db

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

var update = flag.Bool("update", false, "write schema.sql")

func openTest(t testing.TB) *DB {
	t.Helper()
	return openFile(t, filepath.Join(t.TempDir(), "a name with ? and #, %41.db"))
}

func openFile(t testing.TB, path string) *DB {
	t.Helper()
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	db.commit = secondTry
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return db
}

// secondTry has each transaction come to nothing at first, as others' doings may
// do it on a database with many writers. All tests that change something show so
// that it can be done again.
func secondTry(t *sql.Tx, try int) error {
	if try == 0 {
		return errors.Join(errAgain, t.Rollback())
	}
	return t.Commit()
}

// noted returns list with ids that it has not yet: what adds jobs is called again
// when its transaction is.
func noted[T comparable](list []T, ids ...T) []T {
	for _, id := range ids {
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// An office is a database with a domain, a template of three fields, and a user.
type office struct {
	*DB
	domain   form.DomainID
	template *form.Template
	user     form.UserID
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{DB: openTest(t)}
	d, _, err := o.AddDomain(t.Context(), form.Command, "office", []string{"ko", "en"})
	if err != nil {
		t.Fatal(err)
	}
	o.domain = d.ID
	o.template = o.save(t, newTemplate(d.ID, "claim"))
	u, err := o.AddUser(t.Context(), form.Command, "kim", "hash", form.Grant{Role: form.Reviewer})
	if err != nil {
		t.Fatal(err)
	}
	o.user = u.ID
	return o
}

// The fields of newTemplate.
const (
	nameID form.FieldID = "0193a000-0000-7000-8000-000000000001"
	dateID form.FieldID = "0193a000-0000-7000-8000-000000000002"
	sumID  form.FieldID = "0193a000-0000-7000-8000-000000000003"
)

func newTemplate(domain form.DomainID, name string) *form.Template {
	f := &form.Template{
		Domain: domain, Stage: form.Service, Name: name, Languages: []string{"ko"},
		Image: blob.KeyOf([]byte(name)), ImageName: "template.png", Width: 200, Height: 200,
	}
	for i, field := range []form.FieldID{nameID, dateID, sumID} {
		f.Fields = append(f.Fields, form.Field{
			ID: field, Name: []string{"name", "date", "sum"}[i], Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(10, 10+20*float64(i), 50, 10),
		})
	}
	return f
}

func (o *office) save(t testing.TB, f *form.Template) *form.Template {
	t.Helper()
	saved, err := o.SaveTemplate(t.Context(), form.Command, f)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// submit adds a submission with a document for each name and returns the IDs.
func (o *office) submit(t testing.TB, names ...string) (form.SubmissionID, []form.DocumentID) {
	t.Helper()
	var docs []form.Document
	for _, name := range names {
		docs = append(docs, form.Document{Name: name, Blob: blob.KeyOf([]byte(name)), Size: 1})
	}
	var ids []form.DocumentID
	id, err := o.AddSubmission(t.Context(), form.Person(o.user), form.Submission{Domain: o.domain}, docs,
		func(_ *sql.Tx, chores []Chore) error {
			for _, c := range chores {
				ids = noted(ids, c.Document)
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return id, ids
}

// read saves page number of a document, with the named fields doubtful.
func (o *office) read(t testing.TB, doc form.DocumentID, number int, doubtful ...form.FieldID) form.PageID {
	t.Helper()
	p := form.Page{
		Number: number, State: form.StateDone, Width: 10, Height: 20, Image: blob.KeyOf(nil),
		Template: o.template.ID, Version: o.template.Version, TemplateToPage: geom.Shift(geom.Point{X: 1, Y: 2}),
		Residual: 0.25, Score: 0.75, Candidates: []form.Candidate{{Template: o.template.ID, Name: "claim", Score: 0.75}},
	}
	readings := []form.Reading{{Field: form.TitleID, Text: "Claim", Confidence: 1, Engine: "test", Reasons: []form.Reason{form.ReasonUnsure}}}
	for _, f := range o.template.Fields {
		r := form.Reading{
			Field: f.ID, Text: fmt.Sprintf("%s of %d/%d", f.Name, doc, number), Confidence: 0.5, Engine: "test",
			Where:        f.Box.Quad(),
			Words:        []form.Word{{Text: "word", Confidence: 0.5, Where: f.Box.Quad(), Symbols: []form.Symbol{{Text: "w", Confidence: 0.5}}}},
			Alternatives: []form.Alternative{{Text: "other", Confidence: 0.1}},
			Ruled:        form.ReasonCheckDigit,
		}
		for _, d := range doubtful {
			if d == f.ID {
				r.Reasons = []form.Reason{form.ReasonUnsure, form.ReasonFaint}
				p.State = form.StateReview
			}
		}
		readings = append(readings, r)
	}
	id, err := o.savePage(t.Context(), doc, p, readings)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// savePage closes the run in which a page is read with its document. A page
// that nobody has counted is added.
func (o *office) savePage(ctx context.Context, doc form.DocumentID, p form.Page, readings []form.Reading) (id form.PageID, err error) {
	id, run, err := o.openOf(ctx, doc, p.Number)
	if errors.Is(err, form.ErrNotFound) {
		run = 1
		err = o.update(ctx, func(t tx) error {
			id, err = addPage(ctx, t, doc, form.Page{Number: p.Number}, millis(o.now()), "first", form.Person(o.user))
			return err
		})
		wrap(&err, "page %d", p.Number)
	}
	if err == nil {
		err = o.SaveRun(ctx, id, run, p, readings)
	}
	return id, err
}

func (o *office) blamePage(ctx context.Context, doc form.DocumentID, number int, why form.Failure) error {
	id, run, err := o.openOf(ctx, doc, number)
	if err == nil {
		err = o.Blame(ctx, id, run, why)
	}
	return err
}

// openOf returns the open run of a page that is read with its document, or
// form.ErrConflict where there is none.
func (o *office) openOf(ctx context.Context, doc form.DocumentID, number int) (id form.PageID, run int, err error) {
	err = o.view(ctx, func(t tx) error {
		if err := t.row(ctx, `SELECT id FROM pages WHERE document_id = ? AND number = ?`, doc, number)(&id); err != nil {
			return err
		}
		return t.row(ctx, `
			SELECT coalesce(max(number), 0) FROM runs r WHERE page_id = ? AND finished_at IS NULL AND NOT `+apart, id)(&run)
	})
	wrap(&err, "page %d", number)
	if err == nil && run == 0 {
		err = form.ErrConflict
	}
	return id, run, err
}

// numbers returns the numbers of the pages that are to be read.
func (task Task) numbers() string {
	var numbers []int
	for _, r := range task.Open {
		numbers = append(numbers, r.Number)
	}
	return fmt.Sprint(numbers)
}

func TestOpenTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seosik.db")
	first := openFile(t, path)
	if _, err := first.AddUser(t.Context(), form.Command, "kim", "hash"); err != nil {
		t.Fatal(err)
	}
	if _, err := openFile(t, path).UserByName(t.Context(), "kim"); err != nil {
		t.Error(err)
	}
}

func TestManyOpenANewDatabaseAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seosik.db")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			db, err := Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			db.Close()
		})
	}
	all.Wait()
}

func TestOpenRefusesADatabaseOfANewerVersion(t *testing.T) {
	for _, tt := range []struct{ name, statement string }{
		{"ours", `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`},
		{"job queue", `INSERT INTO river_migration (line, version) VALUES ('main', 9999)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "seosik.db")
			if _, err := openFile(t, path).Pool().ExecContext(t.Context(), tt.statement); err != nil {
				t.Fatal(err)
			}
			db, err := Open(t.Context(), path)
			if !errors.Is(err, errNewer) {
				t.Errorf("Open = %v, want errNewer", err)
			}
			if err == nil {
				db.Close()
			}
		})
	}
}

func TestEveryTableIsStrict(t *testing.T) {
	db := openTest(t)
	var loose []string
	err := db.view(t.Context(), func(t tx) error {
		return t.rows(context.Background(), func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			loose = append(loose, name)
			return err
		}, `
			SELECT name FROM pragma_table_list
			WHERE schema = 'main' AND type = 'table' AND strict = 0
			AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
			AND name NOT LIKE 'river\_%' ESCAPE '\' AND name <> 'goose_db_version'`)
	})
	if err != nil || len(loose) > 0 {
		t.Errorf("not STRICT: %v, error %v", loose, err)
	}
}

// The schema as a whole is in schema.sql, to be read and to be compared.
func TestSchema(t *testing.T) {
	db := openTest(t)
	var b strings.Builder
	b.WriteString("-- The schema after all migrations. Written by: go test ./db -run TestSchema -update\n")
	err := db.view(t.Context(), func(t tx) error {
		return t.rows(context.Background(), func(scan func(...any) error) error {
			var statement string
			err := scan(&statement)
			fmt.Fprintf(&b, "\n%s;\n", statement)
			return err
		}, `
			SELECT sql FROM sqlite_master
			WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'sqlite\_%' ESCAPE '\'
			AND tbl_name NOT LIKE 'river\_%' ESCAPE '\' AND tbl_name <> 'goose_db_version'
			AND tbl_name NOT LIKE 'document\_names\_%' ESCAPE '\'
			AND tbl_name NOT LIKE 'page\_words\_%' ESCAPE '\' AND tbl_name NOT LIKE 'personal\_words\_%' ESCAPE '\'
			ORDER BY tbl_name, type <> 'table', type, name`)
	})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema.sql", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("schema.sql is not the schema (-file +database):\n%s", diff)
	}
}

func TestUsers(t *testing.T) {
	db, ctx := openTest(t), t.Context()
	park, err := db.AddUser(ctx, form.System, "park", "") // administers nothing
	if err != nil {
		t.Fatal(err)
	}
	if some, err := db.Administered(ctx); err != nil || some {
		t.Errorf("Administered() = %t, %v", some, err)
	}
	kim, err := db.AddFirstUser(ctx, form.Command, "kim", "one")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.AddFirstUser(ctx, form.Command, "lee", "two"); !errors.Is(err, form.ErrConflict) {
		t.Errorf("a second first user: %v, want ErrConflict", err)
	}
	if some, err := db.Administered(ctx); err != nil || !some {
		t.Errorf("Administered() = %t, %v", some, err)
	}
	if _, err := db.AddUser(ctx, form.Command, "kim", "two"); !errors.Is(err, form.ErrConflict) {
		t.Errorf("a name twice: %v, want ErrConflict", err)
	}
	if err := db.SetPassword(ctx, form.Command, kim.ID, "three"); err != nil {
		t.Error(err)
	}
	kim.PasswordHash = "three"
	got, err := db.UserByName(ctx, "kim")
	if diff := cmp.Diff(kim, got); diff != "" || err != nil {
		t.Errorf("UserByName: %v\n%s", err, diff)
	}
	for name, f := range map[string]func() error{
		"User":        func() error { _, err := db.User(ctx, 99); return err },
		"UserByName":  func() error { _, err := db.UserByName(ctx, "choe"); return err },
		"SetPassword": func() error { return db.SetPassword(ctx, form.Command, 99, "") },
	} {
		if err := f(); !errors.Is(err, form.ErrNotFound) {
			t.Errorf("%s of nobody: %v, want ErrNotFound", name, err)
		}
	}
	us, err := db.Users(ctx)
	if diff := cmp.Diff([]form.User{kim, park}, us); diff != "" || err != nil {
		t.Errorf("Users: %v\n%s", err, diff)
	}
}

func TestSettingKeepsItsFirstValue(t *testing.T) {
	db := openTest(t)
	for _, initial := range []string{"first", "second"} {
		got, err := db.Setting(t.Context(), "key", func() string { return initial })
		if got != "first" || err != nil {
			t.Errorf("Setting = %q, %v, want first", got, err)
		}
	}
}

func TestSecrets(t *testing.T) {
	db, ctx := openTest(t), t.Context()
	now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	db.now = func() time.Time { return now }
	d, first, err := db.AddDomain(ctx, form.Command, "office", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := db.AddDomain(ctx, form.Command, "office", []string{"ja"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := db.RotateSecret(ctx, form.Command, d.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, id form.DomainID, secret string, want bool) {
		t.Helper()
		if got, err := db.SecretValid(ctx, id, secret); got != want || err != nil {
			t.Errorf("%s: SecretValid = %v, %v, want %v", what, got, err, want)
		}
	}
	check("old one within its time", d.ID, first, true)
	check("new one", d.ID, second, true)
	check("of another domain", other.ID, first, false)
	check("empty", d.ID, "", false)
	now = now.Add(time.Hour)
	check("old one after its time", d.ID, first, false)
	check("new one later", d.ID, second, true)
	third, err := db.RotateSecret(ctx, form.Command, d.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	check("replaced", d.ID, second, true)
	if err := db.EndSecrets(ctx, form.Command, d.ID); err != nil {
		t.Fatal(err)
	}
	check("ended", d.ID, second, false)
	check("the one of now", d.ID, third, true)
	if _, err := db.RotateSecret(ctx, form.Command, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	check("revoked", d.ID, third, false)
	if err := db.EndSecrets(ctx, form.Command, 99); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("EndSecrets of no domain: %v, want ErrNotFound", err)
	}
	if _, err := db.RotateSecret(ctx, form.Command, 99, 0); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("RotateSecret of no domain: %v, want ErrNotFound", err)
	}
	got, err := db.Domain(ctx, form.Everything, d.ID)
	if diff := cmp.Diff(d, got); diff != "" || err != nil {
		t.Errorf("Domain: %v\n%s", err, diff)
	}
	if len(d.Hash) != 64 || d.Hash == other.Hash {
		t.Errorf("hashes %q, %q", d.Hash, other.Hash)
	}
}

func TestAPageIsSavedOnce(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.png")
	task, err := o.Begin(ctx, Chore{Document: docs[0]})
	if err != nil || task.Finished || task.numbers() != "[1]" {
		t.Fatalf("Begin = %+v, %v", task, err)
	}
	id := o.read(t, docs[0], 1, sumID)
	if _, err := o.savePage(ctx, docs[0], form.Page{Number: 1, State: form.StateDone}, nil); !errors.Is(err, form.ErrConflict) {
		t.Errorf("saved again: %v, want ErrConflict", err)
	}
	r, err := o.Record(ctx, form.Everything, id)
	if err != nil {
		t.Fatal(err)
	}
	p := r.Page
	if p.Run != 1 || p.State != form.StateReview || p.Doubtful != 1 || len(p.UID) != 32 || p.TemplateName != "claim" || p.DocumentName != "a.png" ||
		p.TemplateToPage != geom.Shift(geom.Point{X: 1, Y: 2}) || len(p.Candidates) != 1 || p.Residual != 0.25 || !p.FinishedAt.IsZero() {
		t.Errorf("page is %+v", p)
	}
	if r.Title.Text != "Claim" || len(r.Values) != 3 {
		t.Fatalf("record is %+v", r)
	}
	want := form.Reading{
		Field: sumID, Text: "sum of 1/1", Confidence: 0.5, Engine: "test", Where: o.template.Fields[2].Box.Quad(),
		Words:        []form.Word{{Text: "word", Confidence: 0.5, Where: o.template.Fields[2].Box.Quad(), Symbols: []form.Symbol{{Text: "w", Confidence: 0.5}}}},
		Alternatives: []form.Alternative{{Text: "other", Confidence: 0.1}},
		Ruled:        form.ReasonCheckDigit,
		Reasons:      []form.Reason{form.ReasonUnsure, form.ReasonFaint},
	}
	if diff := cmp.Diff(want, r.Values[2].Reading); diff != "" {
		t.Errorf("reading (-want +got):\n%s", diff)
	}
	byUID, err := o.PageByUID(ctx, o.domain, p.UID)
	if err != nil || byUID.ID != id {
		t.Errorf("PageByUID = %d, %v", byUID.ID, err)
	}
	if _, err := o.PageByUID(ctx, o.domain+1, p.UID); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("PageByUID in another domain: %v, want ErrNotFound", err)
	}
}

func TestAFieldThatIsReadTwiceIsNotAPageThatHasBeenRead(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.png")
	twice := []form.Reading{{Field: sumID}, {Field: sumID}}
	if _, err := o.savePage(ctx, docs[0], form.Page{Number: 1, State: form.StateDone}, twice); err == nil || errors.Is(err, form.ErrConflict) {
		t.Errorf("SaveRun = %v, want another error than ErrConflict", err)
	}
}

func TestReadingsAndCorrectionsAreNeverChanged(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.png")
	id := o.read(t, docs[0], 1, sumID)
	if _, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: id, Run: 1, Field: sumID, Text: "5"}, 0); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"readings", "corrections"} {
		if _, err := o.Pool().ExecContext(ctx, `UPDATE `+table+` SET text = 'x'`); err == nil {
			t.Errorf("%s can be changed", table)
		}
	}
}

func TestProgressAddsUp(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	id, docs := o.submit(t, "a.pdf", "b.png", "c.png")
	check := func(what string, open, total int, finished bool, want map[form.State]int) {
		t.Helper()
		p, err := o.Progress(ctx, form.Everything, id)
		if err != nil {
			t.Fatal(err)
		}
		got := map[form.State]int{}
		for s, n := range p.Pages {
			if n > 0 {
				got[s] = n
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || p.Documents != 3 || p.Open != open || p.Total() != total || p.Finished() != finished || len(p.Pages) != len(form.States) {
			t.Errorf("%s: %+v\n%s", what, p, diff)
		}
	}
	check("submitted", 3, 3, false, map[form.State]int{"waiting": 3})
	if _, err := o.Begin(ctx, Chore{Document: docs[0]}); err != nil {
		t.Fatal(err)
	}
	check("begun", 3, 3, false, map[form.State]int{"waiting": 2, "reading": 1})
	if task, err := o.SetPages(ctx, docs[0], 2); err != nil || task.numbers() != "[1 2]" || task.Document.Pages != 2 {
		t.Fatalf("SetPages = %+v, %v", task, err)
	}
	check("counted", 3, 4, false, map[form.State]int{"waiting": 3, "reading": 1})
	o.read(t, docs[0], 1)
	check("a page read", 3, 4, false, map[form.State]int{"waiting": 2, "reading": 1, "done": 1})
	if err := o.FinishDocument(ctx, docs[0]); !errors.Is(err, ErrOpen) {
		t.Errorf("FinishDocument = %v while a page is to be read, want ErrOpen", err)
	}
	o.read(t, docs[0], 2, nameID)
	check("two pages read", 3, 4, false, map[form.State]int{"waiting": 2, "done": 1, "review": 1})
	if err := o.FinishDocument(ctx, docs[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Begin(ctx, Chore{Document: docs[1]}); err != nil {
		t.Fatal(err)
	}
	if err := o.GiveBack(ctx, Chore{Document: docs[1]}); err != nil {
		t.Fatal(err)
	}
	check("given back", 2, 4, false, map[form.State]int{"waiting": 2, "done": 1, "review": 1})
	if err := o.FailDocument(ctx, docs[1], form.FailDamaged); err != nil {
		t.Fatal(err)
	}
	o.read(t, docs[2], 1)
	if err := o.FailDocument(ctx, docs[2], form.FailEngine); err != nil {
		t.Fatal(err)
	}
	check("all", 0, 5, true, map[form.State]int{"done": 2, "review": 1, "failed": 2})
	pages, err := o.PagesOf(ctx, form.Everything, id)
	if err != nil || len(pages) != 5 || pages[4].Failure != form.FailEngine || pages[4].Number != 2 || pages[2].Failure != form.FailDamaged {
		t.Errorf("pages %+v, %v", pages, err)
	}
	if _, err := o.Progress(ctx, form.Everything, 99); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("Progress of none: %v, want ErrNotFound", err)
	}
}

func TestAddSubmissionIsAllOrNothing(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	none := func(*sql.Tx, []Chore) error { return nil }
	other, _, err := o.AddDomain(ctx, form.Command, "other", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		by form.Actor
		to form.Submission
	}{
		"domain":                     {form.Command, form.Submission{Domain: 99}},
		"user":                       {form.Person(99), form.Submission{Domain: o.domain}},
		"template":                   {form.Command, form.Submission{Domain: o.domain, Templates: []form.TemplateID{99}}},
		"template of another domain": {form.Command, form.Submission{Domain: other.ID, Templates: []form.TemplateID{o.template.ID}}},
		"domain of the program":      {form.Program(other.ID), form.Submission{Domain: o.domain}},
	} {
		if _, err := o.AddSubmission(ctx, tt.by, tt.to, []form.Document{{Name: "x"}}, none); !errors.Is(err, form.ErrNotFound) {
			t.Errorf("no such %s: %v, want ErrNotFound", name, err)
		}
	}
	errJob := errors.New("no job")
	if _, err := o.AddSubmission(ctx, form.Command, form.Submission{Domain: o.domain}, []form.Document{{Name: "x"}},
		func(*sql.Tx, []Chore) error { return errJob }); !errors.Is(err, errJob) {
		t.Errorf("job refused: %v", err)
	}
	if ss, err := o.Submissions(ctx, form.Everything, SubmissionFilter{}); len(ss) != 0 || err != nil {
		t.Errorf("left behind: %+v, %v", ss, err)
	}
}

func TestSubmissionsByKey(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	for i := range 5 {
		o.submit(t, fmt.Sprint(i))
	}
	if _, err := o.AddSubmission(ctx, form.Command, form.Submission{Domain: o.domain, Templates: []form.TemplateID{o.template.ID}}, nil,
		func(*sql.Tx, []Chore) error { return nil }); err != nil {
		t.Fatal(err)
	}
	var got []form.SubmissionID
	f := SubmissionFilter{Domain: o.domain, Uploads: true, Limit: 2}
	for {
		ss, err := o.Submissions(ctx, form.Everything, f)
		if err != nil {
			t.Fatal(err)
		}
		if len(ss) == 0 {
			break
		}
		for _, s := range ss {
			got = append(got, s.ID)
			if s.ByName != "kim" || s.DomainName != "office" || s.Progress.Total() != 1 {
				t.Errorf("submission %+v", s)
			}
		}
		f.Before = got[len(got)-1]
	}
	if diff := cmp.Diff([]form.SubmissionID{5, 4, 3, 2, 1}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := o.Submission(ctx, form.Everything, 99); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("Submission of none: %v, want ErrNotFound", err)
	}
}

// The job queue writes times as texts, some of them in the time zone of the
// machine, and compares them with those of SQLite, which are in UTC.
func TestTimesAreWrittenInUTC(t *testing.T) {
	o := newOffice(t)
	soon := time.Now().Add(time.Minute).In(time.FixedZone("KST", 9*60*60))
	var between bool
	if err := o.Pool().QueryRowContext(t.Context(), `
		SELECT ?1 > datetime('now') AND ?1 < datetime('now', '2 minutes')`, soon).Scan(&between); err != nil || !between {
		t.Errorf("a minute from now is within two minutes: %v, %v", between, err)
	}
}
