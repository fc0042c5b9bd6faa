package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"syscall"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/seosik/seosik/migrations"
)

// errNewer reports a database with steps that this program does not have.
var errNewer = errors.New("a newer version of the program has used it; use that version, or a copy made before")

// migrate applies the steps that have not been applied: the tables of the job
// queue, then ours.
func migrate(ctx context.Context, pool *sql.DB, path string) (err error) {
	// The first start of a server and a command line may well coincide.
	unlock, err := lock(path+".migrate", syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := migrateJobs(ctx, pool); err != nil {
		return fmt.Errorf("job queue: %w", err)
	}
	steps, err := goose.NewProvider(goose.DialectSQLite3, pool, migrations.FS, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	current, target, err := steps.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > target {
		return errNewer
	}
	_, err = steps.Up(ctx)
	return err
}

func migrateJobs(ctx context.Context, pool *sql.DB) error {
	steps, err := rivermigrate.New(riversqlite.New(pool), nil)
	if err != nil {
		return err
	}
	var known bool
	err = pool.QueryRowContext(ctx, `SELECT count(*) > 0 FROM sqlite_master WHERE name = 'river_migration'`).Scan(&known)
	if err != nil {
		return err
	}
	if known {
		var newer bool
		all := steps.AllVersions()
		err := pool.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) > ? FROM river_migration`, all[len(all)-1].Version).Scan(&newer)
		if err != nil {
			return err
		}
		if newer {
			return errNewer
		}
	}
	_, err = steps.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}
