package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/backup"
	"github.com/seosik/seosik/internal/metrics"
)

// scheduleFlags say when backups are made by themselves.
type scheduleFlags struct {
	sealFlags
	BackupFolder string        `help:"Folder into which backups of all that there is are made by themselves, best on another disk; empty for none." env:"SEOSIK_BACKUP_FOLDER" placeholder:"DIR"`
	BackupEvery  time.Duration `help:"How often: an hour at least." default:"24h" env:"SEOSIK_BACKUP_EVERY"`
	BackupKeep   int           `help:"How many of them are kept." default:"7" env:"SEOSIK_BACKUP_KEEP"`
}

func (f scheduleFlags) check() error {
	switch {
	case f.BackupFolder != "" && !filepath.IsAbs(f.BackupFolder):
		return fmt.Errorf("--backup-folder: %s does not begin with /", f.BackupFolder)
	case f.BackupEvery < time.Hour:
		return errors.New("--backup-every must be an hour at least")
	case f.BackupKeep < 1:
		return errors.New("--backup-keep must be at least 1")
	}
	return nil
}

// backupKeeper returns what makes backups by itself; nil where none are to be.
func (f scheduleFlags) backupKeeper(m *backup.Maker, log *slog.Logger) (*backup.Keeper, error) {
	if f.BackupFolder == "" {
		return nil, nil //nolint:nilnil // none is one
	}
	o, err := f.options()
	if err != nil {
		return nil, err
	}
	return backup.NewKeeper(m, backup.Schedule{Folder: f.BackupFolder, Every: f.BackupEvery, Keep: f.BackupKeep, Options: o}, log), nil
}

// dropBefore removes the copies that were made before upgrades long ago, until ctx
// ends.
func (c *serveCmd) dropBefore(ctx context.Context, database *db.DB, log *slog.Logger) {
	for {
		if err := database.DropCopiesBefore(time.Now().AddDate(0, 0, -c.KeepBefore)); err != nil {
			log.ErrorContext(ctx, "copies before upgrades not removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Hour):
		}
	}
}

// startBeside starts what runs beside the site until ctx ends: backups, the numbers
// for Prometheus, and the end of old copies. Stop waits for their end.
func (c *serveCmd) startBeside(ctx context.Context, database *db.DB, keeper *backup.Keeper, numbers *metrics.Metrics, log *slog.Logger) (stop func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	var server *http.Server
	if c.Metrics != "" {
		var lc net.ListenConfig
		l, err := lc.Listen(ctx, "tcp", c.Metrics)
		if err != nil {
			cancel()
			return nil, fmt.Errorf("--metrics: %w", err)
		}
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", numbers.Handler())
		server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 20 * time.Second, IdleTimeout: time.Minute}
		all.Go(func() { _ = server.Serve(l) }) // until it is closed
	}
	if keeper != nil {
		all.Go(func() { keeper.Run(ctx) })
	}
	if c.KeepBefore > 0 {
		all.Go(func() { c.dropBefore(ctx, database, log) })
	}
	return func() error {
		cancel()
		var err error
		if server != nil {
			err = server.Close()
		}
		all.Wait()
		return err
	}, nil
}
