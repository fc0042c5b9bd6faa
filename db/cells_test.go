package db

import (
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/migrations"
)

// A domain of the release before keeps its settings, and has no cells among its
// fields: its programs are answered as before.
func TestDomainsOfBeforeHaveNoCellsAmongTheFields(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seosik.db")
	pool, err := dialect{}.pool(path, "")
	if err != nil {
		t.Fatal(err)
	}
	steps, err := goose.NewProvider(goose.DialectSQLite3, pool, migrations.FS, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := steps.UpTo(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.ExecContext(t.Context(), `
		INSERT INTO domains (name, languages, hash, created_at, tables, fetch_urls, together, quota, webhook, signing_key)
		VALUES ('office', 'ko,en', ?, 1, 1, 1, 5, 100, 'https://example.com/', 'key')`, "0123456789012345678901234567890123456789012345678901234567890123"); err != nil {
		t.Fatal(err)
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := openFile(t, path).Domain(t.Context(), form.Everything, 1)
	if err != nil {
		t.Fatal(err)
	}
	s := d.Settings
	if s.Cells || !s.Tables || !s.FetchURLs || s.Together != 5 || s.Quota != 100 || s.Webhook != "https://example.com/" || d.SigningKey != "key" {
		t.Errorf("after the migration %+v", d)
	}
}
