package db

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/migrations"
)

// trashCame is the migration that brought the trash.
const trashCame = 23

// inTrash returns what lies in the trash, by page.
func (o *office) inTrash(t testing.TB) map[form.PageID][]keptTable {
	t.Helper()
	all := make(map[form.PageID][]keptTable)
	if err := o.view(t.Context(), func(t tx) error {
		return t.rows(context.Background(), func(scan func(...any) error) error {
			var page form.PageID
			var contents []byte
			if err := scan(&page, &contents); err != nil {
				return err
			}
			var tables []keptTable
			err := json.Unmarshal(contents, &tables)
			all[page] = tables
			return err
		}, `SELECT page_id, contents FROM trash`)
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// putInTrash has a page lie in the trash as those rows.
func (o *office) putInTrash(t testing.TB, page form.PageID, tables []keptTable) {
	t.Helper()
	contents, err := json.Marshal(tables)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Pool().ExecContext(t.Context(), `UPDATE trash SET contents = ? WHERE page_id = ?`, string(contents), page); err != nil {
		t.Fatal(err)
	}
}

// asOf returns the rows of a page as a release wrote them that had those columns
// of tables: without what came later. What it had and this one has no more is
// there as an empty text, so that whoever drops or renames it must say what
// becomes of it where a page comes back.
func asOf(tables []keptTable, had map[string][]string) (then []keptTable) {
	for _, table := range tables {
		columns := had[table.Table]
		if len(columns) == 0 {
			continue
		}
		of := keptTable{Table: table.Table, Columns: columns}
		for _, row := range table.Rows {
			values := make([]any, len(columns))
			for i, column := range columns {
				values[i] = ""
				if at := slices.Index(table.Columns, column); at >= 0 {
					values[i] = row[at]
				}
			}
			of.Rows = append(of.Rows, values)
		}
		then = append(then, of)
	}
	return then
}

// fillPage adds to a page a row of each table that the trash keeps, and that
// nothing else of the test does.
func (o *office) fillPage(t testing.TB, page form.PageID) {
	t.Helper()
	for _, table := range slices.Concat([]string{"submissions", "documents", "pages"}, pageRows) {
		query := map[string]string{
			"exported_pages": `INSERT INTO exports (id, domain_id, template_id, export, actor, created_at) SELECT 7, domain_id, id, '{}', 'system', 1 FROM templates;
				INSERT INTO exported_pages (page_id, export_id, run, said) VALUES (?1, 7, 1, 0)`,
			"reopenings":  `INSERT INTO reopenings (page_id, user_id, note, at) VALUES (?1, ?2, 'stamp', 1)`,
			"typed":       `INSERT INTO typed (page_id, run, field, user_id, seen, text, checked, at) VALUES (?1, 1, ?3, ?2, 0, 'ty', 0, 1)`,
			"probes":      `INSERT INTO probes (page_id, run, field, user_id, shown, shown_at) VALUES (?1, 1, ?3, ?2, 'shown', 1)`,
			"entries":     `INSERT INTO entries (page_id, run, field, third, text, checked, user_id, at) VALUES (?1, 1, ?3, 0, 'keyed', 0, ?2, 1)`,
			"awaiting":    `INSERT INTO awaiting (page_id, field, first_by) VALUES (?1, ?3, ?2)`,
			"untiled":     `DELETE FROM tiles WHERE page_id = ?1 + 1; INSERT INTO untiled (page_id) VALUES (?1 + 1)`,
			"assignments": `INSERT INTO assignments (page_id, user_id, assigned_by, at) VALUES (?1, ?2, ?2, 1)`,
			"asides":      `INSERT INTO asides (page_id, kind, user_id, at) VALUES (?1, 'later', ?2, 1)`,
			"margins":     `INSERT INTO margins (page_id, place, run, corners, domain_id, template_id) SELECT ?1, 1, 1, '[]', domain_id, id FROM templates LIMIT 1`,
			"notes":       `INSERT INTO notes (page_id, user_id, at, text) VALUES (?1, ?2, 1, 'note')`,
		}[table]
		if query != "" {
			if _, err := o.Pool().ExecContext(t.Context(), query, page, o.user, nameID); err != nil {
				t.Fatal(table, err)
			}
		}
		column := map[string]string{"submissions": "1", "documents": "1", "pages": "id"}[table]
		if column == "" {
			column = "page_id"
		}
		if !slices.Contains(unkept, table) && o.table(t, `SELECT 1 FROM `+table+` WHERE `+column+` IN (1, ?, ? + 1)`, page, page) == nil {
			t.Fatalf("the page has no row in %s: add one here, and see that it comes out of the trash", table)
		}
	}
}

// A page that was put into the trash by any release that had one comes back by
// this one. Whoever adds, renames or drops a column of a table that the trash
// keeps is told here where the rows of before do not fit.
func TestWhatAnyReleasePutIntoTheTrashComesBack(t *testing.T) {
	steps, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	o, ctx := newServing(t), t.Context()
	id, _, pages := o.full(t)
	page, kim := pages[0], form.Person(o.user)
	o.fillPage(t, page)
	if err := o.update(ctx, func(t tx) error { return countDoubt(context.Background(), t, page) }); err != nil {
		t.Fatal(err)
	}
	everything := func() map[string][]string {
		all := o.everything(t)
		for _, table := range pageRows {
			if !slices.Contains(unkept, table) {
				all[table] = o.table(t, `SELECT * FROM `+table+` ORDER BY 1`)
			}
		}
		return all
	}
	before := everything()
	var whole map[form.PageID][]keptTable
	for _, step := range steps {
		var version int64
		if _, err := fmt.Sscanf(step, "%d_", &version); err != nil || version < trashCame {
			continue
		}
		t.Run(strings.TrimSuffix(step, ".sql"), func(t *testing.T) {
			_, old := openAt(t, version)
			had := make(map[string][]string)
			for _, table := range slices.Concat([]string{"submissions", "documents", "pages"}, pageRows) {
				had[table] = columns(t, old, table)
			}
			if err := o.TrashSubmission(ctx, kim, id); err != nil {
				t.Fatal(err)
			}
			if whole == nil {
				whole = o.inTrash(t)
			}
			nothingCameLater := true
			for page, tables := range whole {
				then := asOf(tables, had)
				nothingCameLater = nothingCameLater && cmp.Equal(tables, then)
				o.putInTrash(t, page, then)
			}
			if n, err := o.Restore(ctx, kim, pages, noJobs); n != len(pages) || err != nil {
				t.Fatalf("%d pages come back, %v: what becomes of a column, or a table, that was there at %s?", n, err, step)
			}
			if nothingCameLater {
				if diff := cmp.Diff(before, everything()); diff != "" {
					t.Errorf("rows (-before +after):\n%s", diff)
				}
			}
			if rows := o.table(t, `PRAGMA foreign_key_check`); len(rows) > 0 {
				t.Errorf("rows that refer to none: %q", rows)
			}
		})
	}
	o.checkCounts(t)
}
