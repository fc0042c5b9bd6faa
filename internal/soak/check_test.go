package main

import (
	"database/sql"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

// A lodger is a house in which a file of four pages has been read, of which the
// second is a form.
type lodger struct {
	*house
	db   *db.DB
	file *file
}

func lodge(t testing.TB) *lodger {
	t.Helper()
	l := &lodger{house: &house{root: t.TempDir(), ledger: newLedger()}}
	l.out = filepath.Join(l.root, "out")
	if err := errors.Join(os.Mkdir(l.data(), 0o700), os.Mkdir(l.out, 0o700)); err != nil {
		t.Fatal(err)
	}
	var err error
	if l.db, err = db.Open(t.Context(), l.database()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.db.Close() })
	m := &maker{rand: rand.New(rand.NewPCG(1, 1))}
	l.file = &file{pages: []bool{false, true, false, false}, data: writeTIFF([]picture{m.plain(), m.plain()})}
	l.file.key = blob.KeyOf(l.file.data)
	store, err := blob.Open(l.blobs())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), l.file.data); err != nil {
		t.Fatal(err)
	}
	l.ledger.send(l.file)
	l.read(t)
	return l
}

// read has the file uploaded and read.
func (l *lodger) read(t testing.TB) {
	t.Helper()
	ctx := t.Context()
	domain, _, err := l.db.AddDomain(ctx, form.Command, "N", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	template, err := form.DecodeTemplate(demo.Load().Template)
	if err != nil {
		t.Fatal(err)
	}
	template.Domain, template.Image = domain.ID, l.file.key
	if template, err = l.db.SaveTemplate(ctx, form.Command, template); err != nil {
		t.Fatal(err)
	}
	var doc form.DocumentID
	id, err := l.db.AddSubmission(ctx, form.Command, form.Submission{Domain: domain.ID}, []form.Document{{Blob: l.file.key}},
		func(_ *sql.Tx, chores []db.Chore) error { doc = chores[0].Document; return nil })
	if err != nil {
		t.Fatal(err)
	}
	task, err := l.db.SetPages(ctx, doc, len(l.file.pages))
	if err != nil {
		t.Fatal(err)
	}
	for i, isForm := range l.file.pages {
		p := form.Page{Number: i + 1, State: form.StateUnmatched}
		var readings []form.Reading
		if isForm {
			p.State, p.Template, p.Version = form.StateReview, template.ID, template.Version
			readings = []form.Reading{{Field: template.Fields[0].ID}}
		}
		if err := l.db.SaveRun(ctx, task.Open[i].Page, task.Open[i].Run, p, readings); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.db.FinishDocument(ctx, doc); err != nil {
		t.Fatal(err)
	}
	l.ledger.uploads = []upload{{id, []*file{l.file}, time.Time{}}}
	pages, err := l.db.PagesOf(ctx, form.Everything, id)
	if err != nil {
		t.Fatal(err)
	}
	answered := call{file: l.file}
	for _, p := range pages {
		answered.images = append(answered.images, answeredImage{p.UID, "SUCCESS"})
	}
	l.ledger.calls = []call{answered}
	l.export(t)
}

// export has what was read put into the folder.
func (l *lodger) export(t testing.TB) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(l.out, "x.csv"), []byte("1234"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.db.Pool().ExecContext(t.Context(), `
		INSERT INTO users (name, password_hash, created_at) VALUES ('u', '', 0);
		INSERT INTO exports (domain_id, template_id, export, actor, state, created_at, folder, name, size, pages)
			SELECT domain_id, id, '{}', 'command', 'done', 0, 'out', 'x.csv', 4, 1 FROM templates;
		INSERT INTO exported_pages (page_id, export_id, run, said) SELECT id, 1, run, 0 FROM pages WHERE state = 'review'`); err != nil {
		t.Fatal(err)
	}
	l.ledger.folded = exported{1, 1}
}

// unguarded lets a statement break what the database guards.
const unguarded = `
	PRAGMA foreign_keys = 0;
	DROP TRIGGER readings_kept; DROP TRIGGER runs_kept; DROP TRIGGER pages_kept;`

const (
	correction = `INSERT INTO corrections (page_id, run, field, text, checked, accepted, user_id, at)
		SELECT page_id, run, field, 'S1', 0, 0, (SELECT min(id) FROM users), 0 FROM readings;`
	export = `INSERT INTO exports (domain_id, template_id, export, actor, state, created_at) SELECT domain_id, id, '{}', 'command', 'done', 0 FROM templates;`
)

// What is broken is seen, or 100 rounds without a violation would say nothing.
func TestCheckSeesWhatIsBroken(t *testing.T) {
	for _, tt := range []struct {
		name, statement, want string
	}{
		{"nothing", `SELECT 1`, ""},
		{"a page is lost at the end", `DELETE FROM pages WHERE number = 4`, "has 3 pages and says 4"},
		{"a page is lost and its number too", `DELETE FROM runs WHERE page_id = 4; DELETE FROM pages WHERE number = 4; UPDATE documents SET pages = 3`, "of a file of 4"},
		{"a gap", `UPDATE pages SET number = 9 WHERE number = 4`, "page 9 of document 1 has the place of page 4"},
		{"pages changed places", `UPDATE pages SET number = 9 WHERE number = 2; UPDATE pages SET number = 2 WHERE number = 1; UPDATE pages SET number = 1 WHERE number = 9`, "page 1 of document 1 is review with 1 readings; it shows a form: false"},
		{"a page failed", `UPDATE pages SET state = 'failed', failure = 'engine' WHERE number = 3`, "page 3 of document 1 is failed engine"},
		{"a page waits", `UPDATE pages SET state = 'waiting' WHERE number = 3`, "page 3 of document 1 is waiting"},
		{"a page was read twice", `UPDATE pages SET run = 2 WHERE number = 1`, "read 2 times"},
		{"readings are lost", `DELETE FROM readings`, "is review with 0 readings"},
		{"a document is open", `UPDATE documents SET finished_at = NULL`, "document 1 is finished: false"},
		{"trouble is said that is over", `UPDATE documents SET trouble = 'full'`, `trouble "full"`},
		{"a document is there twice", `INSERT INTO documents (submission_id, domain_id, name, blob, size, created_at) SELECT submission_id, domain_id, name, blob, size, created_at FROM documents`, "a second time"},
		{"a strange document", `UPDATE documents SET blob = 'x'`, "of no file that was sent"},
		{"an answered submission is lost", `UPDATE submissions SET id = 7; UPDATE documents SET submission_id = 7`, "submission 1, which was answered, has 0 of 1 documents"},
		{"an answered page has another uid", `UPDATE pages SET uid = upper(substr(hex(randomblob(16)), 1, 32)) WHERE number = 1`, "or is not there"},
		{"a job is left", `INSERT INTO river_job (kind, max_attempts, state) VALUES ('read', 9, 'available')`, "1 jobs are left"},
		{"a row names none", `UPDATE pages SET domain_id = 99 WHERE number = 1`, "rows name others"},
		{"a picture is lost", `UPDATE runs SET image = '` + string(blob.KeyOf(nil)) + `' WHERE page_id = 1`, "blob e3b0c442 is not there"},
		{"a correction that nobody sent", correction, "1 corrections are there that nobody sent"},
		{"an export is not made", export + `UPDATE exports SET state = 'running'`, "export 2 is running"},
		{"an export nobody asked for", export, "1 files are there to be taken, of which 0 were asked for"},
		{"a file of the folder is lost", `UPDATE exports SET name = 'y.csv'`, "export 1 is not in its folder"},
		{"a file of the folder is not whole", `UPDATE exports SET size = 5`, "not as large as it was"},
		{"what went out is not remembered", `DELETE FROM exported_pages`, "1 changes of pages are in no file of the folder"},
		{"a correction went into no file", correction, "1 changes of pages are in no file of the folder"},
		{"a picture of a template is lost", `UPDATE template_drafts SET image = '` + string(blob.KeyOf(nil)) + `'`, "blob e3b0c442 is not there"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := lodge(t)
			if _, err := l.db.Pool().ExecContext(t.Context(), unguarded+tt.statement); err != nil {
				t.Fatal(err)
			}
			l.sees(t, tt.want)
		})
	}
}

// sees has the house looked at, which has to find want, or nothing where that is
// empty.
func (l *lodger) sees(t *testing.T, want string) {
	t.Helper()
	found, err := l.check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(found.wrong, "\n")
	if want == "" && got != "" || !strings.Contains(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestCheckSeesADamagedBlob(t *testing.T) {
	l := lodge(t)
	err := filepath.WalkDir(l.blobs(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Truncate(path, 100)
	})
	if err != nil {
		t.Fatal(err)
	}
	l.sees(t, "the bytes are not those of the key")
}

func TestCheckSeesAnAnswerThatMustNotBe(t *testing.T) {
	l := lodge(t)
	l.ledger.calls[0].images = l.ledger.calls[0].images[1:]
	l.sees(t, "call 0 was answered with 3 pages of 4")
	l.ledger.calls[0].images[0].InferResult = "ERROR"
	l.sees(t, "call 0 was answered with a page that is ERROR")
	l.ledger.complain("an upload to a full disk was answered with %d", 500)
	l.sees(t, "answered with 500")
}
