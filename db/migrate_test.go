package db

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// columns returns the columns of a table; none where there is no such table.
func columns(t testing.TB, pool *sql.DB, table string) []string {
	t.Helper()
	var list sql.NullString
	if err := pool.QueryRowContext(t.Context(), `SELECT group_concat(name) FROM pragma_table_info(?)`, table).Scan(&list); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(strings.Split(list.String, ","), func(s string) bool { return s == "" })
}

// copyBack writes the rows of o into a database as the release before had it,
// and returns its path.
func (o *office) copyBack(t testing.TB, version int64) (path string) {
	t.Helper()
	path, old := openAt(t, version)
	if _, err := old.ExecContext(t.Context(), `ATTACH ? AS new`, o.path); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{
		"users", "domains", "templates", "template_versions", "submissions", "documents", "pages", "readings", "corrections",
		"rereads", "past_runs", "validations", "notices",
	} {
		list, from := strings.Join(columns(t, old, table), ", "), "new."+table
		if table == "readings" {
			from += " JOIN new.reading_details USING (page_id, run, field)"
		}
		if _, err := old.ExecContext(t.Context(), `INSERT INTO main.`+table+` (`+list+`) SELECT `+list+` FROM `+from); err != nil {
			t.Fatal(table, err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// told is all that is known of a page.
type told struct {
	Record  Record
	History History
	Shown   PageInfo // in the list
}

func (o *office) tell(t testing.TB) (pages []told, submissions []SubmissionInfo) {
	t.Helper()
	list, err := o.Pages(t.Context(), PageFilter{Limit: 10000})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		p.Revision, p.Trouble = 0, "" // these begin anew
		known := told{Shown: p}
		if known.Record, err = o.Record(t.Context(), p.ID); err != nil {
			t.Fatal(err)
		}
		known.Record.Page.Revision, known.Record.Page.Trouble = 0, ""
		if known.History, err = o.HistoryOf(t.Context(), p.ID); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, known)
	}
	if submissions, err = o.Submissions(t.Context(), SubmissionFilter{Limit: 10000}); err != nil {
		t.Fatal(err)
	}
	for i := range submissions {
		submissions[i].Revision = 0
	}
	return pages, submissions
}

func TestWhatTheReleaseBeforeKeptIsKept(t *testing.T) {
	l := newLife(t, 3)
	for range 500 {
		if _, err := l.act(); impossible(err) {
			t.Fatal(err)
		}
	}
	pages, submissions := l.tell(t)
	if rows := l.table(t, `SELECT 'x' FROM corrections`); len(pages) < 50 || len(rows) < 10 {
		t.Fatalf("%d pages, %d corrections", len(pages), len(rows))
	}
	path := l.copyBack(t, 5)

	after := &office{DB: openFile(t, path), domain: l.domain, template: l.template, user: l.user}
	pagesAfter, submissionsAfter := after.tell(t)
	if diff := cmp.Diff(pages, pagesAfter); diff != "" {
		t.Errorf("pages (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(submissions, submissionsAfter); diff != "" {
		t.Errorf("submissions (-before +after):\n%s", diff)
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
