// Package cli is the command line of seosik: one file a command. The commands
// other than serve work whether or not a server runs on the same data, and a
// running server sees what they change.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
	_ "time/tzdata" // containers have none

	"github.com/alecthomas/kong"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
)

// commands lists what can be asked for. Kong reads the tags.
type commands struct {
	Serve    serveCmd     `cmd:"" default:"withargs" help:"Serve the pages and the API (the default)."`
	Domain   domainCmds   `cmd:"" help:"Owners of templates, with an API secret and an invoke URL."`
	Template templateCmds `cmd:"" help:"Blank forms: import, export, list, release."`
	Export   exportCmd    `cmd:"" help:"Write what was read: as CSV, as a workbook, or as JSON Lines."`
	Inbox    inboxCmd     `cmd:"" help:"Have the files of a folder read, and moved to done or failed in it."`
	List     listCmds     `cmd:"" help:"Value lists of domains: set, list, show, remove."`
	User     userCmds     `cmd:"" help:"People who may log in."`
	Backup   backupCmd    `cmd:"" help:"Make one file of all that there is, while the server runs or not."`
	Restore  restoreCmd   `cmd:"" help:"Make a data folder of a backup."`
	Models   modelsCmds   `cmd:"" help:"Models of the second reader: list, add, check."`
	Audit    auditCmds    `cmd:"" help:"The access log: verify."`
	Key      keyCmds      `cmd:"" help:"The master key of what is encrypted, and the keyring: show, rotate, forget."`
	Doctor   doctorCmd    `cmd:"" help:"Say what is installed and how to mend what is not."`
	Version  versionCmd   `cmd:"" help:"Say which version this is."`

	TimeZone string `help:"Time zone of days, months and times that are shown, as in Asia/Seoul; empty for that of the machine, which is UTC where it has none, as in containers." env:"SEOSIK_TIME_ZONE" placeholder:"ZONE"`

	OCRWorker ocrWorkerCmd `cmd:"" name:"ocr-worker" hidden:"" help:"Read crops from standard input; started by serve."`
}

// AfterApply is called by kong before the command runs. Nothing has asked for
// the time by then, so that all of it is in one zone.
func (c *commands) AfterApply() error {
	if c.TimeZone == "" {
		return nil
	}
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return fmt.Errorf("--time-zone: %w", err)
	}
	time.Local = zone
	return nil
}

// Main runs the command that args, without the program's name, ask for, and
// returns the exit status.
func Main(ctx context.Context, args []string, out, errs io.Writer) int {
	status := -1
	parser, err := kong.New(&commands{},
		kong.Name("seosik"),
		kong.Description("Seosik reads filled paper forms. Every flag can also be set in the environment."),
		kong.UsageOnError(),
		kong.Writers(out, errs),
		kong.Exit(func(code int) { status = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.BindTo(out, (*io.Writer)(nil)),
	)
	if err != nil {
		panic(err) // a mistake in the tags above
	}
	command, err := parser.Parse(args)
	if status >= 0 { // --help
		return status
	}
	if err == nil {
		err = command.Run()
	}
	if err != nil {
		fmt.Fprintf(errs, "seosik: %v\n", err)
		return 1
	}
	return 0
}

// A dataFlag says where everything is kept.
type dataFlag struct {
	Data string `help:"Folder of the database and the scans." default:"data" env:"SEOSIK_DATA" placeholder:"DIR"`
	masterFlags
}

// open opens the data folder, which is created if need be. Only its owner can
// read it: it is full of personal data.
func (f dataFlag) open(ctx context.Context) (*db.DB, *blob.Dir, error) {
	if err := os.MkdirAll(f.Data, 0o700); err != nil {
		return nil, nil, err
	}
	database, err := db.Open(ctx, filepath.Join(f.Data, "seosik.db"))
	if err != nil {
		return nil, nil, err
	}
	blobs, err := f.openBlobs(ctx, database)
	if err != nil {
		return nil, nil, errors.Join(err, database.Close())
	}
	return database, blobs, nil
}

func (f dataFlag) openBlobs(ctx context.Context, database *db.DB) (*blob.Dir, error) {
	v, err := database.OpenVault(ctx, f.source(f.Data))
	if err != nil {
		return nil, err
	}
	sealer, err := v.Blobs()
	if err != nil {
		return nil, err
	}
	return blob.OpenSealed(filepath.Join(f.Data, "blobs"), sealer)
}

// printJSON writes v as one line.
func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
