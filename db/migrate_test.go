package db

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// columns returns the columns of a table; none where there is no such table.
func columns(t testing.TB, pool *sql.DB, table string) []string {
	t.Helper()
	var list sql.NullString
	if err := pool.QueryRowContext(t.Context(), `SELECT group_concat(name) FROM pragma_table_info(?, 'main')`, table).Scan(&list); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(strings.Split(list.String, ","), func(s string) bool { return s == "" })
}

// readTables are the tables that hold a page that was read, and what it needs, in
// the order in which their rows can be added.
var readTables = []string{
	"users", "domains", "templates", "template_versions", "submissions", "documents", "pages", "runs", "readings", "reading_details",
}

// before copies the rows of tables of o into a database as the release with that
// last migration left it, and returns what this one makes of it.
func (o *office) before(t testing.TB, version int64, tables ...string) *office {
	t.Helper()
	path, old := openAt(t, version)
	if _, err := old.ExecContext(t.Context(), `ATTACH ? AS new`, o.path); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		list := strings.Join(columns(t, old, table), ", ")
		if table == "submissions" {
			list = "id, domain_id, user_id, templates, created_at" // the rest is counted as it comes
		}
		if _, err := old.ExecContext(t.Context(), `INSERT INTO main.`+table+` (`+list+`) SELECT `+list+` FROM new.`+table); err != nil {
			t.Fatal(table, err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	return &office{DB: openFile(t, path), domain: o.domain, user: o.user, template: o.template}
}

// former are views of runs as they were kept before there were any: those in
// vain had no numbers, and those that failed before others had no row. Fields
// were known by their names.
const former = `
	CREATE TEMP TABLE names (id TEXT PRIMARY KEY, name TEXT NOT NULL);
	CREATE TEMP TABLE numbers AS
	SELECT page_id, number, row_number() OVER (PARTITION BY page_id ORDER BY number) AS former
	FROM new.runs WHERE finished_at IS NOT NULL AND (failure = '' OR why IN ('first', 'retry'));
	CREATE INDEX temp.numbers_page ON numbers (page_id, number);
	CREATE TEMP VIEW former_pages AS
	SELECT p.id, p.document_id, p.domain_id, p.number, p.uid, p.state, p.failure, p.template_id, p.version, p.created_at, p.updated_at, p.finished_at,
		p.doubtful, p.revision,
		coalesce(r.width, 0) AS width, coalesce(r.height, 0) AS height, coalesce(r.image, '') AS image, r.template_to_page,
		coalesce(r.residual, 0) AS residual, coalesce(r.score, 0) AS score, coalesce(r.faults, '') AS faults, coalesce(r.candidates, '[]') AS candidates,
		coalesce((SELECT former FROM numbers n WHERE n.page_id = p.id AND n.number = p.run), 0) AS run,
		coalesce((SELECT former FROM numbers n WHERE n.page_id = p.id AND n.number = p.said_from), 1) AS said_from,
		coalesce((SELECT tries FROM new.runs o WHERE o.page_id = p.id AND o.finished_at IS NULL AND o.why IN ('first', 'retry')), 0) AS tries
	FROM new.pages p LEFT JOIN new.runs r ON r.page_id = p.id AND r.number = p.run;
	CREATE TEMP VIEW former_rereads AS
	SELECT row_number() OVER (ORDER BY r.page_id, r.number) AS id, r.page_id, r.wanted_template AS template_id, r.wanted_place AS template_to_page,
		r.user_id, c.state AS was, CASE r.failure WHEN '' THEN n.former END AS run, r.failure, r.created_at, r.finished_at, r.tries, r.trouble, r.waits
	FROM new.runs r
	JOIN new.pages p ON p.id = r.page_id
	JOIN new.runs c ON c.page_id = p.id AND c.number = p.run
	LEFT JOIN numbers n ON n.page_id = r.page_id AND n.number = r.number
	WHERE r.why IN ('again', 'by_hand');
	CREATE TEMP VIEW former_past_runs AS
	SELECT r.page_id, n.former AS run, r.state, r.template_id, r.version, r.template_to_page, r.residual, r.score, r.faults
	FROM new.runs r
	JOIN new.pages p ON p.id = r.page_id AND p.run <> r.number
	JOIN numbers n ON n.page_id = r.page_id AND n.number = r.number
	WHERE r.failure = '';
	CREATE TEMP VIEW former_readings AS
	SELECT n.former AS run, r.page_id, f.name AS field, r.text, r.checked, r.confidence, r.reasons, r.engine, d.detail
	FROM new.readings r
	JOIN new.reading_details d USING (page_id, run, field)
	JOIN numbers n ON n.page_id = r.page_id AND n.number = r.run
	JOIN names f ON f.id = r.field;
	CREATE TEMP VIEW former_corrections AS
	SELECT n.former AS run, c.id, c.page_id, f.name AS field, c.text, c.checked, c.accepted, c.user_id, c.at
	FROM new.corrections c
	JOIN numbers n ON n.page_id = c.page_id AND n.number = c.run
	JOIN names f ON f.id = c.field;
	CREATE TEMP VIEW former_templates AS -- stages belonged to templates
	SELECT t.*, v.stage, v.version
	FROM new.templates t JOIN new.template_versions v ON v.template_id = t.id AND v.stage = 'service';
	CREATE TEMP VIEW former_validations AS
	SELECT n.former AS run, v.page_id, v.result, v.message, v.at
	FROM new.validations v JOIN numbers n ON n.page_id = v.page_id AND n.number = v.run;
	CREATE TEMP VIEW former_submissions AS
	SELECT id, domain_id, user_id, templates, created_at, -- the rest is counted as it comes
		0 AS documents, 0 AS open, 0 AS waiting, 0 AS reading, 0 AS review, 0 AS done, 0 AS unmatched, 0 AS failed, 0 AS revision
	FROM new.submissions;`

// copyBack writes the rows of o into a database as the release with that last
// migration, before there were runs, had it, and returns its path.
func (o *office) copyBack(t testing.TB, version int64) (path string) {
	t.Helper()
	path, old := openAt(t, version)
	if _, err := old.ExecContext(t.Context(), `ATTACH ? AS new; `+former, o.path); err != nil {
		t.Fatal(err)
	}
	from := map[string]string{
		"pages": "former_pages", "readings": "former_readings", "reading_details": "former_readings", "corrections": "former_corrections",
		"rereads": "former_rereads", "past_runs": "former_past_runs", "validations": "former_validations", "submissions": "former_submissions",
		"templates": "former_templates",
	}
	o.nameFields(t, old)
	for _, table := range []string{
		"users", "domains", "templates", "template_versions", "submissions", "documents", "pages", "readings", "reading_details",
		"corrections", "rereads", "past_runs", "validations", "notices",
	} {
		list := strings.Join(columns(t, old, table), ", ")
		if list == "" {
			continue // it came later
		}
		source := from[table]
		if source == "" {
			source = "new." + table
		}
		if _, err := old.ExecContext(t.Context(), `INSERT INTO main.`+table+` (`+list+`) SELECT `+list+` FROM `+source); err != nil {
			t.Fatal(table, err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// nameFields notes what the fields of templates are called.
func (o *office) nameFields(t testing.TB, old *sql.DB) {
	t.Helper()
	exec := func(id form.FieldID, name string) {
		if _, err := old.ExecContext(t.Context(), `INSERT OR REPLACE INTO names (id, name) VALUES (?, ?)`, id, name); err != nil {
			t.Fatal(err)
		}
	}
	templates, err := o.Templates(t.Context(), o.domain)
	if err != nil {
		t.Fatal(err)
	}
	exec(form.TitleID, string(form.TitleID))
	for _, f := range templates {
		for id, name := range f.Names() {
			exec(id, name)
		}
	}
}

// Each way in which a page was read, or waited to be, before there were runs.
func TestWhatWasReadBeforeThereWereRuns(t *testing.T) {
	path, pool := openAt(t, 9)
	const place = `[0,-1,90,1,0,3,0,0,1]`
	for _, statement := range []string{
		`INSERT INTO users (id, name, password_hash, created_at) VALUES (1, 'kim', '', 1), (2, 'lee', '', 1)`,
		`INSERT INTO domains (id, name, languages, hash, created_at) VALUES (1, 'office', 'ko', printf('%064d', 1), 1)`,
		`INSERT INTO templates (id, domain_id, name, stage, version, updated_at) VALUES (1, 1, 'claim', 'service', 1, 1), (2, 1, 'other', 'service', 1, 1)`,
		`INSERT INTO template_versions (template_id, version, definition, image, image_name, created_at)
			SELECT id, 1, '{"images":[]}', 'x', 'x', 1 FROM templates`,
		`INSERT INTO submissions (id, domain_id, user_id, templates, created_at) VALUES (1, 1, 1, '[]', 1), (2, 1, NULL, '[]', 1)`,
		`INSERT INTO documents (id, submission_id, domain_id, name, blob, size, created_at, finished_at, pages, trouble, waits) VALUES
			(1, 1, 1, 'a.pdf', 'x', 1, 1, 9, 9, '', 0), (2, 2, 1, 'b.pdf', 'x', 1, 1, NULL, NULL, 'disk', 3), (3, 2, 1, 'c.pdf', 'x', 1, 1, 9, NULL, '', 0)`,
		`INSERT INTO pages (id, document_id, domain_id, number, uid, state, failure, template_id, version, template_to_page, residual, candidates,
				image, width, run, said_from, tries, created_at, updated_at, finished_at) VALUES
			(1, 1, 1, 1, printf('%032d', 1), 'done', '', 1, 1, '` + place + `', 0.5, '[{"template":1,"name":"claim","score":0.5}]', 'picture', 7, 1, 1, 0, 1, 5, 5),
			(2, 1, 1, 2, printf('%032d', 2), 'failed', 'damaged', NULL, NULL, NULL, 0, '[]', '', 0, 0, 1, 0, 1, 5, 5),
			(3, 1, 1, 3, printf('%032d', 3), 'failed', 'engine', NULL, NULL, NULL, 0, '[]', '', 0, 2, 1, 2, 1, 5, 5),
			(4, 1, 1, 4, printf('%032d', 4), 'waiting', '', NULL, NULL, NULL, 0, '[]', '', 0, 1, 1, 1, 1, 5, NULL),
			(5, 1, 1, 5, printf('%032d', 5), 'review', '', 2, 1, '` + place + `', 0, '[]', 'picture', 0, 3, 2, 0, 1, 5, NULL),
			(6, 1, 1, 6, printf('%032d', 6), 'reading', '', 1, 1, '` + place + `', 0, '[]', 'picture', 0, 1, 1, 0, 1, 5, 4),
			(7, 2, 1, 1, printf('%032d', 7), 'reading', '', NULL, NULL, NULL, 0, '[]', '', 0, 0, 1, 1, 1, 5, NULL),
			(8, 3, 1, 1, printf('%032d', 8), 'failed', 'encrypted', NULL, NULL, NULL, 0, '[]', '', 0, 0, 1, 0, 1, 5, 5)`,
		// Page 5 was found by the second of four wishes, placed by the fourth, and the others were in vain.
		`INSERT INTO past_runs (page_id, run, state, template_id, version, template_to_page, residual, score, faults) VALUES
			(5, 1, 'unmatched', NULL, NULL, NULL, 0, 0, ''), (5, 2, 'done', 2, 1, '` + place + `', 0, 0, 'cut')`,
		`INSERT INTO rereads (id, page_id, template_id, template_to_page, user_id, was, run, failure, created_at, finished_at, trouble, waits, tries) VALUES
			(1, 5, 1, NULL, 2, 'unmatched', NULL, 'engine', 11, 12, '', 0, 2),
			(2, 5, NULL, NULL, 1, 'unmatched', 2, '', 13, 14, '', 0, 0),
			(3, 6, 1, '` + place + `', 2, 'done', NULL, '', 20, NULL, 'full', 2, 1),
			(4, 5, 1, NULL, 2, 'done', NULL, 'not_found', 15, 16, '', 0, 0),
			(5, 5, 2, '` + place + `', 2, 'done', 3, '', 17, 18, '', 0, 0)`,
		`INSERT INTO readings (page_id, run, field, text, checked, confidence, reasons, engine) VALUES
			(1, 1, 'sum', '1', 0, 1, '', ''), (5, 2, 'sum', '2', 0, 1, '', ''), (5, 3, 'sum', '3', 0, 1, '', ''), (6, 1, 'sum', '4', 0, 1, '', '')`,
		`INSERT INTO reading_details (page_id, run, field, detail) SELECT page_id, run, field, '{}' FROM readings`,
		`INSERT INTO corrections (page_id, run, field, text, checked, accepted, user_id, at) VALUES (5, 2, 'sum', '22', 0, 0, 1, 1), (5, 3, 'sum', '33', 0, 0, 1, 1)`,
		`INSERT INTO validations (page_id, run, result, message, at) VALUES (5, 2, 'VALID', 'two', 1), (5, 3, 'INVALID', 'three', 1)`,
		`INSERT INTO river_job (args, kind, max_attempts, state) VALUES (CAST('{"reread":3}' AS BLOB), 'reread', 5, 'available'), (CAST('{"document":2}' AS BLOB), 'read', 5, 'running')`,
	} {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	pool.Close()
	o := &office{DB: openFile(t, path), domain: 1, user: 1}
	for _, tt := range []struct{ what, query, want string }{
		{"runs", `
			SELECT concat_ws(' ', r.page_id, r.number, r.why, r.actor, coalesce(r.user_id, '-'), coalesce(r.wanted_template, '-'), r.wanted_place IS NOT NULL,
				r.state, iif(r.failure = '', '-', r.failure), coalesce(r.template_id, '-'), r.template_to_page IS NOT NULL,
				r.tries, iif(r.trouble = '', '-', r.trouble), r.waits, r.created_at, coalesce(r.finished_at, '-'))
			FROM runs r ORDER BY r.page_id, r.number`, `
			1 1 first person 1 - 0 done - 1 1 0 - 0 1 5
			2 1 first person 1 - 0 failed damaged - 0 0 - 0 1 5
			3 2 retry person 1 - 0 failed engine - 0 2 - 0 1 5
			4 2 retry person 1 - 0 open - - 0 1 - 0 5 -
			5 1 first person 1 - 0 unmatched - - 0 0 - 0 1 11
			5 2 again person 2 1 0 failed engine - 0 2 - 0 11 12
			5 3 again person 1 - 0 done - 2 1 0 - 0 13 14
			5 4 again person 2 1 0 unmatched not_found - 0 0 - 0 15 16
			5 5 by_hand person 2 2 1 review - 2 1 0 - 0 17 18
			6 1 first person 1 - 0 done - 1 1 0 - 0 1 20
			6 2 by_hand person 2 1 1 open - - 0 1 full 2 20 -
			7 1 first program - - 0 open - - 0 1 - 0 1 -
			8 1 first program - - 0 failed encrypted - 0 0 - 0 1 5`},
		{"pages", `SELECT concat_ws(' ', id, state, run, said_from) FROM pages ORDER BY id`, `
			1 done 1 1
			2 failed 1 1
			3 failed 2 1
			4 waiting 0 1
			5 review 5 3
			6 reading 1 1
			7 reading 0 1
			8 failed 1 1`},
		{"what was read and said", `
			SELECT concat_ws(' ', 'read', page_id, run, text) FROM readings
			UNION ALL SELECT concat_ws(' ', 'said', page_id, run, text) FROM corrections
			UNION ALL SELECT concat_ws(' ', 'checked', page_id, run, message) FROM validations`, `
			read 1 1 1
			read 5 3 2
			read 5 5 3
			read 6 1 4
			said 5 3 22
			said 5 5 33
			checked 5 3 two
			checked 5 5 three`},
		{"of the first page", `SELECT concat_ws(' ', image, width, residual, candidates) FROM runs WHERE page_id = 1`, `
			picture 7 0.5 [{"template":1,"name":"claim","score":0.5}]`},
		{"rows that refer to none", `PRAGMA foreign_key_check`, ``},
	} {
		want := strings.FieldsFunc(strings.ReplaceAll(tt.want, "\t", ""), func(r rune) bool { return r == '\n' })
		if diff := cmp.Diff(want, o.table(t, tt.query), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.what, diff)
		}
	}
	o.checkCounts(t)
	// The job to read page 6 again names what is there no more, so there is another.
	var found []Chore
	if err := o.Recover(t.Context(), func(_ *sql.Tx, chores []Chore) error {
		found = noted(found, chores...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Chore{{Page: 6, Run: 2}}, found); diff != "" {
		t.Errorf("chores without a job (-want +got):\n%s", diff)
	}
	task, err := o.Begin(t.Context(), found[0])
	if err != nil || task.TemplateToPage != (geom.Homography{0, -1, 90, 1, 0, 3, 0, 0, 1}) || fmt.Sprint(task.Only) != "[1]" || task.Document.ID != 1 {
		t.Errorf("task %+v, %v", task, err)
	}
	if err := o.Blame(t.Context(), 6, 2, form.FailEngine); err != nil { // for the second time
		t.Fatal(err)
	}
	if p, err := o.Page(t.Context(), form.Everything, 6); err != nil || p.State != form.StateDone || p.Run != 1 {
		t.Errorf("page 6 is %s, run %d, %v", p.State, p.Run, err)
	}
}

// told is all that is known of a page.
type told struct {
	Record  form.Record
	History History
	Shown   form.PageInfo // in the list
}

func (o *office) tell(t testing.TB) (pages []told, submissions []SubmissionInfo) {
	t.Helper()
	list, err := o.Pages(t.Context(), form.Everything, PageFilter{Limit: 10000})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		known := told{Shown: p}
		if known.Record, err = o.Record(t.Context(), form.Everything, p.ID); err != nil {
			t.Fatal(err)
		}
		for _, p := range []*form.PageInfo{&known.Shown, &known.Record.Page} {
			p.Revision, p.Trouble = 0, "" // these begin anew
			if !p.State.Final() {
				p.Run = 0 // of what had failed nothing was kept
			}
		}
		if known.History, err = o.HistoryOf(t.Context(), form.Everything, p.ID); err != nil {
			t.Fatal(err)
		}
		runs := known.History.Runs
		for len(runs) > 0 && runs[0].Failure != "" && (!runs[0].Counts || !known.Shown.State.Final()) {
			runs = runs[1:] // neither
		}
		for i := range runs {
			runs[i].At = time.Time{} // nor when it was to be read once more
		}
		known.History.Runs = append([]Run{}, runs...)
		pages = append(pages, known)
	}
	if submissions, err = o.Submissions(t.Context(), form.Everything, SubmissionFilter{Limit: 10000}); err != nil {
		t.Fatal(err)
	}
	for i := range submissions {
		submissions[i].Revision = 0
	}
	return pages, submissions
}

func TestWhatTheReleaseBeforeKeptIsKept(t *testing.T) {
	for _, version := range []int64{5, 9} {
		t.Run(fmt.Sprint(version), func(t *testing.T) { testKept(t, version) })
	}
}

func testKept(t *testing.T, version int64) {
	l := newLife(t, 2)
	for range 600 {
		if _, err := l.act(); impossible(err) {
			t.Fatal(err)
		}
	}
	pages, submissions := l.tell(t)
	if rows := l.table(t, `SELECT 'x' FROM corrections`); len(pages) < 50 || len(rows) < 10 {
		t.Fatalf("%d pages, %d corrections", len(pages), len(rows))
	}
	const inQueue = `SELECT concat_ws(' ', page_id, template_id, lane, worst, quick) FROM queue ORDER BY page_id`
	queue := l.table(t, inQueue)
	path := l.copyBack(t, version)

	after := &office{DB: openFile(t, path), domain: l.domain, template: l.template, user: l.user}
	pagesAfter, submissionsAfter := after.tell(t)
	if diff := cmp.Diff(pages, pagesAfter); diff != "" {
		t.Errorf("pages (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(submissions, submissionsAfter); diff != "" {
		t.Errorf("submissions (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(queue, after.table(t, inQueue)); diff != "" {
		t.Errorf("queue (-before +after):\n%s", diff)
	}
	after.checkCounts(t)
	if rows := after.table(t, `PRAGMA foreign_key_check`); len(rows) > 0 {
		t.Errorf("rows that refer to none: %q", rows)
	}
	// It goes on as before: nothing read or said can be changed, and the next
	// correction gets a number of its own.
	for _, table := range []string{"readings", "reading_details", "corrections"} {
		if _, err := after.Pool().ExecContext(t.Context(), `UPDATE `+table+` SET run = run`); err == nil {
			t.Errorf("%s can be changed", table)
		}
	}
	l.office, l.docs, l.rereads = after, nil, nil
	for range 100 {
		if _, err := l.act(); impossible(err) {
			t.Fatal(err)
		}
	}
	after.checkCounts(t)
}
