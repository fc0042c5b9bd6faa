package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/callback"
	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/internal/fetch"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader"
	"github.com/seosik/seosik/internal/scan"
)

// readFlags say how documents are read: by serve, and by what reads without it.
type readFlags struct {
	modelsFlag
	Workers         int      `help:"Documents that are read at the same time, and OCR processes; 0 for one a core." env:"SEOSIK_WORKERS"`
	Tessdata        string   `help:"Folder of Tesseract's language data; empty to find it." env:"SEOSIK_TESSDATA" placeholder:"DIR"`
	Doubt           float64  `help:"Probability of being right below which a value is shown to a person." default:"0.95" env:"SEOSIK_DOUBT"`
	MaxFileMB       int      `help:"Largest file, in MB." default:"50" env:"SEOSIK_MAX_FILE_MB"`
	MaxPages        int      `help:"Most pages of one uploaded file." default:"200" env:"SEOSIK_MAX_PAGES"`
	ValidationHosts []string `help:"Hosts, addresses and networks (10.0.0.0/8) of your own that validations and webhooks may be at, separated by commas; others that are not on the public Internet are refused, so that a setting cannot reach what only this machine can." env:"SEOSIK_VALIDATION_HOSTS" placeholder:"HOST,..."`
	MinFree         string   `help:"How much of the data's disk stays free, as 2GiB or 5%: below that nothing is taken in, and people go on with what is there. Empty for 2 GiB, or 5% of a disk smaller than 40 GiB." env:"SEOSIK_MIN_FREE" placeholder:"SIZE"`
}

func (f *readFlags) check() error {
	switch {
	case f.Workers < 0:
		return errors.New("--workers must not be negative")
	case f.Doubt < 0 || f.Doubt > 1:
		return errors.New("--doubt must be from 0 to 1")
	case f.MaxFileMB < 1 || f.MaxPages < 1:
		return errors.New("--max-file-mb and --max-pages must be at least 1")
	}
	if _, err := fetch.ParseAllowed(f.ValidationHosts); err != nil {
		return fmt.Errorf("--validation-hosts: %w", err)
	}
	if _, err := f.minFree(); err != nil {
		return fmt.Errorf("--min-free: %w", err)
	}
	return nil
}

// minFree returns how much of the disk stays free; nil for the usual.
func (f *readFlags) minFree() (*disk.Share, error) {
	if f.MinFree == "" {
		return nil, nil //nolint:nilnil // none is one
	}
	s, err := disk.ParseShare(f.MinFree)
	return &s, err
}

func (f *readFlags) workers() int {
	if f.Workers > 0 {
		return f.Workers
	}
	return runtime.NumCPU()
}

// limits returns those of one file.
func (f *readFlags) limits() scan.Limits {
	return scan.Limits{Bytes: f.MaxFileMB << 20, Pages: f.MaxPages, Room: scan.NewRoom(pagesInHand)}
}

// pagesInHand bounds the memory of the pages that are read at once, in bytes:
// one of the largest, or twenty of A4 at 200 dpi.
const pagesInHand = 768 << 20

// guard watches the disk of the data.
func (f *readFlags) guard(data string) (*disk.Guard, error) {
	share, err := f.minFree()
	if err != nil {
		return nil, err
	}
	return disk.NewGuard(data, share, disk.RoomAt), nil
}

// outside returns what tells validations and webhooks of pages.
func (f *readFlags) outside(database *db.DB, blobs blob.Store) (*callback.Sender, error) {
	allow, err := fetch.ParseAllowed(f.ValidationHosts)
	if err != nil {
		return nil, err
	}
	return callback.New(callback.Config{
		DB: database, Blobs: blobs, Client: fetch.New(fetch.Config{Allow: allow, Within: 5 * time.Second}),
	}), nil
}

// intake returns what has documents read by forms.
func (f *readFlags) intake(database *db.DB, blobs blob.Store, forms *reader.Reader, guard *disk.Guard, exports intake.Exports, log *slog.Logger) (*intake.Intake, error) {
	outside, err := f.outside(database, blobs)
	if err != nil {
		return nil, err
	}
	return intake.New(intake.Config{
		DB: database, Blobs: blobs, Reader: forms, Outside: outside, Exports: exports,
		Workers: f.workers(), MaxFile: int64(f.MaxFileMB) << 20, Disk: guard, Log: log,
	})
}

// startEngine starts the readers, with models from the folder data too.
func (f *readFlags) startEngine(ctx context.Context, data string, log *slog.Logger) (*ocr.Pool, error) {
	engine, err := startPool(ctx, f.Tessdata, f.dirs(data), f.workers(), log)
	if err != nil {
		return nil, err
	}
	if second := engine.Second(); second != nil {
		log.Info("reading", "reader", engine.Name(), "second", second.Name())
	} else {
		log.Warn("reading with one reader: run \"seosik doctor\" to see what is missing", "reader", engine.Name())
	}
	return engine, nil
}

// startPool starts the readers in so many processes, with models from dirs. Close
// it after use.
func startPool(ctx context.Context, tessdata string, dirs []string, children int, log *slog.Logger) (*ocr.Pool, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := []string{self, "ocr-worker", "--tessdata", tessdata}
	for _, dir := range dirs {
		command = append(command, "--models", dir)
	}
	// SIGTERM must not end what jobs in hand still need.
	pool, err := ocr.NewPool(context.WithoutCancel(ctx), ocr.PoolConfig{Command: command, Children: children, Log: log})
	if err != nil {
		return nil, fmt.Errorf("%w (run \"seosik doctor\" to see what is missing)", err)
	}
	return pool, nil
}
