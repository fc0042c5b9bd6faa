package db

import (
	"path/filepath"
	"testing"
)

func openTest(t testing.TB) *DB {
	t.Helper()
	return openFile(t, filepath.Join(t.TempDir(), "a name with ? and #.db"))
}

func openFile(t testing.TB, path string) *DB {
	t.Helper()
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestOpenTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seosik.db")
	openFile(t, path)
	openFile(t, path)
}
