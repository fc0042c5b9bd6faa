package db

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
)

func TestUpdateTriesAgainWhatPassesOnly(t *testing.T) {
	mistake := errors.New("a mistake")
	for _, tt := range []struct {
		name   string
		commit func(try int) error // nil where it succeeds
		want   error
		calls  int
	}{
		{"at once", func(int) error { return nil }, nil, 1},
		{"at the third", func(try int) error {
			if try < 2 {
				return errAgain
			}
			return nil
		}, nil, 3},
		{"never", func(int) error { return errAgain }, errAgain, tries},
		{"a mistake", func(int) error { return mistake }, mistake, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db := openTest(t)
			db.commit = func(t *sql.Tx, try int) error {
				if err := tt.commit(try); err != nil {
					return err
				}
				return t.Commit()
			}
			calls := 0
			err := db.update(t.Context(), func(t tx) error {
				calls++
				_, err := t.exec(context.Background(), `INSERT INTO settings (name, value) VALUES ('a', '')`)
				return err
			})
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) || calls != tt.calls {
				t.Errorf("%v after %d calls, want %v after %d", err, calls, tt.want, tt.calls)
			}
		})
	}
}

func TestUpdateEndsWithItsContext(t *testing.T) {
	db := openTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	db.commit = func(*sql.Tx, int) error {
		cancel()
		return errAgain
	}
	if err := db.update(ctx, func(tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("update = %v, want that the context has ended", err)
	}
}

func TestADatabaseThatAnotherWritesIsTriedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seosik.db")
	var pools [2]*sql.DB
	for i := range pools {
		pool, err := dialect{}.pool(path, "_txlock=immediate&_pragma=busy_timeout(1)")
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		pools[i] = pool
	}
	held, err := pools[0].BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Rollback()
	if _, err := pools[1].BeginTx(t.Context(), nil); !(dialect{}).passes(err) {
		t.Errorf("%v does not pass", err)
	}
}
