package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/inbox"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/internal/reader"
)

// inboxFlags say which folder serve takes files out of.
type inboxFlags struct {
	Inbox     string        `help:"Folder out of which files are taken that a scanner or a person puts there; folders in it name the domain, and in that the template. Empty for none." env:"SEOSIK_INBOX" placeholder:"DIR"`
	InboxKeep int           `help:"Days that a file which was read stays in the folder done; 0 for ever." default:"7" env:"SEOSIK_INBOX_KEEP" placeholder:"DAYS"`
	InboxRest time.Duration `help:"How long a file has not changed before it is taken: longer than a scanner pauses between two pages." default:"5s" env:"SEOSIK_INBOX_REST"`
}

// check sees that the folder is apart from others, which hold what is no scan.
func (f inboxFlags) check(others []string) error {
	switch {
	case f.InboxKeep < 0:
		return errors.New("--inbox-keep must not be negative")
	case f.InboxRest < 0:
		return errors.New("--inbox-rest must not be negative")
	case f.Inbox == "":
		return nil
	}
	return liesApart(f.Inbox, others)
}

// liesApart returns an error where a scan folder is, holds or lies in one of others.
func liesApart(folder string, others []string) error {
	for _, other := range others {
		if other != "" && (within(folder, other) || within(other, folder)) {
			return fmt.Errorf("the scan folder %s and %s must be apart: what lies in a scan folder is taken away", folder, other)
		}
	}
	return nil
}

// within reports whether a folder is another or lies in it.
func within(folder, other string) bool {
	rel, err := filepath.Rel(resolved(other), resolved(folder))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

// resolved returns where a folder is, whatever links lead there.
func resolved(folder string) string {
	if abs, err := filepath.Abs(folder); err == nil {
		folder = abs
	}
	if there, err := filepath.EvalSymlinks(folder); err == nil {
		return there
	}
	return folder
}

// open returns the scan folder, or nil where there is to be none.
func (f inboxFlags) open(cfg inbox.Config) *inbox.Inbox {
	if f.Inbox == "" {
		return nil
	}
	cfg.Folder, cfg.Rest, cfg.Keep = f.Inbox, f.InboxRest, time.Duration(f.InboxKeep)*24*time.Hour
	return inbox.New(cfg)
}

var errShut = errors.New("nothing is taken in: too little of the data's disk is free, or it is read-only")

// errFailed reports files that were not read.
var errFailed = errors.New("some files could not be read; they are in the folder failed, with the reasons beside them")

type inboxCmd struct {
	dataFlag
	readFlags
	Once   bool          `help:"Take what is in the folder now, wait until it is read, and end. Without it, go on until the program is ended."`
	Domain form.DomainID `help:"Domain that the files are for. Folders in the folder name templates." placeholder:"ID" required:""`
	Rest   time.Duration `help:"How long a file has not changed before it is taken." default:"5s"`
	Folder string        `arg:"" help:"Folder of the files."`
}

// Validate is called by kong once the flags are read.
func (c *inboxCmd) Validate() error {
	return errors.Join(c.check(), liesApart(c.Folder, []string{c.Data}))
}

// Run has files read: by the server of the data folder where there is one, and
// otherwise by this process. Each is a line on out when it was.
func (c *inboxCmd) Run(ctx context.Context, out io.Writer) (err error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	database, blobs, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	if _, err := database.Domain(ctx, form.Everything, c.Domain); err != nil {
		return err
	}
	guard, err := c.guard(c.Data)
	if err != nil {
		return err
	}
	if guard.State().Shut() {
		return errShut
	}
	jobs, stop, err := c.start(ctx, database, blobs, guard, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	failed := false
	x := inbox.New(inbox.Config{
		DB: database, Blobs: blobs, Intake: jobs, Folder: c.Folder, Domain: c.Domain, MaxFile: int64(c.MaxFileMB) << 20,
		Rest: c.Rest, Log: log, Active: func() bool { return !guard.State().Shut() },
		Ended: func(file, why string) {
			failed = failed || why != ""
			if err := printJSON(out, struct {
				File   string `json:"file"`
				Read   bool   `json:"read"`
				Reason string `json:"reason,omitempty"`
			}{file, why == "", why}); err != nil {
				log.Error("not printed", "error", err)
			}
		},
	})
	if !c.Once {
		x.Run(ctx)
		return nil
	}
	if err := x.Once(ctx); err != nil {
		return err
	}
	if failed {
		return errFailed
	}
	return nil
}

// start returns what takes documents in, and reads them where no server does.
func (c *inboxCmd) start(ctx context.Context, database *db.DB, blobs blob.Store, guard *disk.Guard, log *slog.Logger) (jobs *intake.Intake, stop func() error, err error) {
	engine, err := c.startEngine(ctx, c.Data, log)
	if err != nil {
		return nil, nil, err
	}
	forms := reader.New(reader.Config{Engine: engine, Second: engine.Second(), Limits: c.limits(), Doubt: c.Doubt, Log: log})
	if jobs, err = c.intake(database, blobs, forms, guard, nil, log); err == nil {
		err = jobs.Start(ctx)
	}
	switch {
	case errors.Is(err, form.ErrConflict): // the server reads
		return jobs, engine.Close, nil
	case err != nil:
		return nil, nil, errors.Join(fmt.Errorf("read: %w", err), engine.Close())
	}
	return jobs, func() error {
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		return errors.Join(jobs.Stop(within), engine.Close())
	}, nil
}
