package db

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// filedVersion is a version of a template as the release before kept it: without
// ids. The table has a header and rows from the height first on.
func filedVersion(name string, first, rows int) string {
	cells := `[[10,100,40,10],[50,100,40,10]]`
	for r := range rows {
		y := first + 10*r
		cells += fmt.Sprintf(`,[[10,%d,40,10],[50,%d,40,10]]`, y, y)
	}
	return fmt.Sprintf(`{"name":"claim","lang":"ko","image":"t.png","width":200,"height":200,
		"fields":[{"name":%q,"type":"NORMAL","box":[10,10,50,10]},{"name":"date","type":"NORMAL","box":[10,30,50,10]}],
		"tables":[{"name":"items","box":[10,90,80,100],"header":1,"rows":%d,"columns":["what","sum"],"cells":[%s]}],
		"combine":[{"name":"both","parts":[{"field":%q},{"field":"items[1,0]"}]}]}`, name, rows, cells, name)
}

// openBefore returns the path of a database as of the release before: pages 1 to
// 4 by versions 1, 2, 3 and again 3, page 2 once more by version 1, and a domain
// with a draft and one in beta.
func openBefore(t testing.TB) (path string) {
	t.Helper()
	path, pool := openAt(t, 9)
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := pool.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(query, err)
		}
	}
	exec(`INSERT INTO users (id, name, password_hash, created_at) VALUES (1, 'kim', 'x', 1)`)
	exec(`INSERT INTO domains (id, name, languages, hash, created_at) VALUES (1, 'a', 'ko', printf('%064d', 1), 1), (2, 'b', 'ko', printf('%064d', 2), 1)`)
	exec(`INSERT INTO templates (id, domain_id, name, stage, version, updated_at)
		VALUES (1, 1, 'claim', 'service', 3, 1), (2, 1, 'draft', 'draft', 2, 1), (3, 2, 'trial', 'beta', 1, 1)`)
	version := func(template, version int, definition, image string) {
		exec(`INSERT INTO template_versions VALUES (?, ?, ?, ?, 't.png', 1)`, template, version, definition, image)
	}
	version(1, 1, filedVersion("name", 120, 3), "one")
	version(1, 2, filedVersion("who", 120, 3), "one")  // a field renamed
	version(1, 3, filedVersion("who", 110, 4), "one")  // a row inserted above
	version(2, 1, filedVersion("name", 120, 3), "one") // has read a page
	version(2, 2, filedVersion("name", 120, 3), "one")
	version(3, 1, filedVersion("name", 120, 3), "one")
	exec(`INSERT INTO submissions (id, domain_id, user_id, templates, created_at) VALUES (1, 1, 1, '[]', 1)`)
	exec(`INSERT INTO documents (id, submission_id, domain_id, name, blob, size, created_at, finished_at, pages) VALUES (1, 1, 1, 'a.pdf', 'x', 1, 1, 1, 4)`)
	for page, version := range []int{1, 2, 3, 3} {
		exec(`INSERT INTO pages (id, document_id, domain_id, number, uid, state, template_id, version, template_to_page, run, created_at, updated_at)
			VALUES (?1, 1, 1, ?1, printf('%032d', ?1), 'done', 1, ?2, '[1,0,0,0,1,0,0,0,1]', 1 + (?1 = 2), 1, 1)`, page+1, version)
	}
	exec(`INSERT INTO past_runs (page_id, run, state, template_id, version, residual, score, faults) VALUES (2, 1, 'done', 1, 1, 0, 0, '')`)
	readings := func(page, run int, fields ...string) {
		for _, f := range fields {
			exec(`INSERT INTO readings VALUES (?, ?, ?, ?, 0, 0.5, '', 'test')`, page, run, f, "read "+f)
			exec(`INSERT INTO reading_details VALUES (?, ?, ?, '{}')`, page, run, f)
		}
	}
	readings(1, 1, "#title", "name", "date", "items[1,0]", "items[2,0]", "gone")
	readings(2, 1, "name", "items[2,0]")
	readings(2, 2, "who", "items[2,0]")
	readings(3, 1, "who", "items[1,0]", "items[3,0]")
	exec(`INSERT INTO corrections (id, page_id, run, field, text, checked, accepted, user_id, at) VALUES
		(7, 1, 1, 'name', 'said 1', 0, 0, 1, 1), (8, 2, 1, 'items[2,0]', 'said 2', 0, 0, 1, 1), (9, 3, 1, 'items[3,0]', 'said 3', 0, 0, 1, 1)`)
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// textsOf returns what a page holds, by the name of the field or the number of
// the row and the column.
func textsOf(t testing.TB, db *DB, page form.PageID) map[string]string {
	t.Helper()
	r, err := db.Record(t.Context(), form.Everything, page)
	if err != nil {
		t.Fatal(err)
	}
	texts := make(map[string]string)
	for _, v := range r.Values {
		name := v.Field.Name
		if v.Field.Table != "" {
			name = fmt.Sprint(v.Field.Row, ",", v.Field.Column)
		}
		if texts[name] = v.Text(); v.Text() == "" {
			delete(texts, name)
		}
	}
	return texts
}

func TestIdentityOfTheReleaseBefore(t *testing.T) {
	db := openFile(t, openBefore(t))
	ctx := t.Context()
	for page, want := range []map[string]string{
		{"name": "said 1", "date": "read date", "1,0": "read items[1,0]", "2,0": "read items[2,0]"},
		{"who": "read who", "2,0": "said 2"}, // of its first reading, by another version
		{"who": "read who", "1,0": "read items[1,0]", "3,0": "said 3"},
	} {
		if got := textsOf(t, db, form.PageID(page+1)); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("page %d holds %v, want %v", page+1, got, want)
		}
	}
	versions, err := db.Versions(ctx, form.Everything, 1)
	if err != nil || len(versions) != 3 {
		t.Fatal(len(versions), err)
	}
	third, second, first := versions[0], versions[1], versions[2]
	for i := range first.Fields {
		if first.Fields[i].ID != second.Fields[i].ID || second.Fields[i].ID != third.Fields[i].ID {
			t.Errorf("field %d has the ids %s, %s, %s", i, first.Fields[i].ID, second.Fields[i].ID, third.Fields[i].ID)
		}
	}
	if a, b := &first.Tables[0], &third.Tables[0]; a.CellID(1, 0) != b.CellID(2, 0) || a.CellID(3, 1) != b.CellID(4, 1) || a.CellID(1, 0) == b.CellID(1, 0) {
		t.Error("the rows have moved")
	}
	if got := first.Combine[0].Parts; got[0].Field != first.Fields[0].ID || got[1].Field != first.Tables[0].CellID(1, 0) {
		t.Errorf("parts are %v", got)
	}
	for i, want := range []form.Stage{form.Service, form.Retired, form.Retired} {
		if versions[i].Stage != want {
			t.Errorf("version %d is %s", versions[i].Version, versions[i].Stage)
		}
	}
	kept := (&office{DB: db}).table(t, `SELECT count(*) FROM readings UNION ALL SELECT count(*) FROM reading_details UNION ALL SELECT text FROM readings WHERE field IN ('gone', '#title')`)
	if want := []string{"13", "13", "read #title", "read gone"}; !slices.Equal(kept, want) {
		t.Errorf("kept %q, want %q", kept, want)
	}
	if rows := (&office{DB: db}).table(t, `PRAGMA foreign_key_check`); len(rows) > 0 {
		t.Errorf("rows that refer to none: %q", rows)
	}
}

func TestStagesOfTheReleaseBefore(t *testing.T) {
	db := openFile(t, openBefore(t))
	ctx := t.Context()
	draft, err := db.Draft(ctx, form.Everything, 2)
	if err != nil || len(draft.Fields[0].ID) != 36 {
		t.Errorf("Draft = %+v, %v", draft, err)
	}
	editions, err := db.Editions(ctx, 1)
	if err != nil || fmt.Sprint(editions[2]) != "[{2 0 draft} {2 2 retired} {2 1 retired}]" {
		t.Errorf("Editions = %v, %v", editions, err)
	}
	for domain, beta := range map[form.DomainID]bool{1: false, 2: true} {
		c, err := db.Catalog(ctx, domain)
		if err != nil || len(c.Chosen) != 1 || (c.Chosen[0].Stage == form.Beta) != beta || (len(c.Service) == 0) != beta {
			t.Errorf("catalog of domain %d is %+v, %v", domain, c, err)
		}
	}
}

// BenchmarkIdentity takes a database of 100,000 pages with ten fields each from
// the release before.
func BenchmarkIdentity(b *testing.B) {
	for range b.N {
		b.StopTimer()
		path, pool := openAt(b, 9)
		for _, query := range []string{
			`INSERT INTO domains (id, name, languages, hash, created_at) VALUES (1, 'a', 'ko', printf('%064d', 1), 1)`,
			`INSERT INTO templates (id, domain_id, name, stage, version, updated_at) VALUES (1, 1, 'claim', 'service', 1, 1)`,
			`INSERT INTO template_versions VALUES (1, 1, '` + filedVersion("name", 120, 4) + `', 'one', 't.png', 1)`,
			`INSERT INTO submissions (id, domain_id, templates, created_at) VALUES (1, 1, '[]', 1)`,
			`INSERT INTO documents (id, submission_id, domain_id, name, blob, size, created_at, finished_at, pages) VALUES (1, 1, 1, 'a.pdf', 'x', 1, 1, 1, 1)`,
			`CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n`,
			`INSERT INTO pages (id, document_id, domain_id, number, uid, state, template_id, version, template_to_page, run, created_at, updated_at)
				SELECT i, 1, 1, i, printf('%032d', i), 'done', 1, 1, '[1,0,0,0,1,0,0,0,1]', 1, 1, 1 FROM n`,
			`CREATE TEMP TABLE f (name)`,
			`INSERT INTO f VALUES ('name'), ('date'), ('items[1,0]'), ('items[1,1]'), ('items[2,0]'), ('items[2,1]'), ('items[3,0]'), ('items[3,1]'), ('items[4,0]'), ('items[4,1]')`,
			`INSERT INTO readings SELECT i, 1, name, 'text of the field', 0, 0.5, '', 'test' FROM n, f ORDER BY i`,
			`INSERT INTO reading_details SELECT i, 1, name, hex(zeroblob(150)) FROM n, f ORDER BY i`,
		} {
			if _, err := pool.ExecContext(b.Context(), query); err != nil {
				b.Fatal(query, err)
			}
		}
		pool.Close()
		b.StartTimer()
		start := time.Now()
		db, err := Open(b.Context(), path)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/100000pages")
		db.Close()
	}
}
