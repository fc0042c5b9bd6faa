package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"syscall"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/migrations"
)

var (
	// errNewer reports a database with steps that this program does not have.
	errNewer = errors.New("a newer version of the program has used it; use that version, or a copy made before")
	// errServed reports a database that an older version of the program serves
	// from: it must not be changed under it.
	errServed = errors.New("an older version of the program is running on it; stop that one first")
)

// migrate applies the steps that have not been applied: the tables of the job
// queue, then ours.
// One that is in use is copied first, as long as there is room for that: room is
// [disk.RoomAt], except in tests.
func migrate(ctx context.Context, pool *sql.DB, path string, room func(string) (disk.Room, error)) (err error) {
	// The first start of a server and a command line may well coincide.
	unlock, err := lock(path+".migrate", syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	jobs, err := rivermigrate.New(dialect{}.jobs(pool), nil)
	if err != nil {
		return err
	}
	steps, err := newSteps(pool)
	if err != nil {
		return err
	}
	jobsHere, jobsWanted, err := jobVersions(ctx, pool, jobs)
	if err != nil {
		return fmt.Errorf("job queue: %w", err)
	}
	here, wanted, err := steps.GetVersions(ctx)
	switch {
	case err != nil:
		return err
	case here > wanted || jobsHere > jobsWanted:
		return errNewer
	case here == wanted && jobsHere == jobsWanted:
		return nil
	}
	unclaim, err := lock(path+claimed, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errServed
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unclaim()) }()
	if here > 0 {
		if err := copyBefore(ctx, pool, path, beforeName(path, wanted, here, jobsHere), room); err != nil {
			return err
		}
	}
	if _, err := jobs.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("job queue: %w", err)
	}
	_, err = steps.Up(ctx)
	return err
}

// newSteps returns all steps of ours.
func newSteps(pool *sql.DB) (*goose.Provider, error) {
	return goose.NewProvider(dialect{}.steps(), pool, migrations.FS,
		goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(identity))
}

// jobVersions returns the version of the tables of the job queue, 0 where there
// are none, and the one that this program has.
func jobVersions(ctx context.Context, pool *sql.DB, steps *rivermigrate.Migrator[*sql.Tx]) (here, wanted int, err error) {
	all := steps.AllVersions()
	wanted = all[len(all)-1].Version
	known, err := dialect{}.hasTable(ctx, pool, "river_migration")
	if err != nil || !known {
		return 0, wanted, err
	}
	err = pool.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM river_migration`).Scan(&here)
	return here, wanted, err
}
