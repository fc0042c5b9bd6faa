package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/backup"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/vault"
)

// masterVariable is where the environment may have the master key. It is no flag:
// command lines are seen by all who use a machine.
const masterVariable = "SEOSIK_KEY"

// masterFlags say where the master key is.
type masterFlags struct {
	KeyFile    string `help:"File of the master key, under which pictures and files are encrypted; empty for vault.key in the data folder, which the first start makes. Or set SEOSIK_KEY." env:"SEOSIK_KEY_FILE" placeholder:"FILE"`
	KeyCommand string `help:"Command that prints the master key, instead: it is run by /bin/sh." env:"SEOSIK_KEY_COMMAND" placeholder:"COMMAND"`
}

// given returns where the master key is, as far as that was said.
func (f masterFlags) given() vault.Source {
	return vault.Source{File: f.KeyFile, Value: os.Getenv(masterVariable), Command: f.KeyCommand}
}

// source returns where the master key of a data folder is.
func (f masterFlags) source(data string) vault.Source {
	s := f.given()
	if s == (vault.Source{}) {
		s.File = filepath.Join(data, backup.MasterName)
	}
	return s
}

type keyCmds struct {
	Show   keyShowCmd   `cmd:"" help:"Say which keyring there is, how many keys it has, and where copies of it are."`
	Rotate keyRotateCmd `cmd:"" help:"Make another master key and encrypt all keys by it. No server may run."`
	Forget keyForgetCmd `cmd:"" help:"Forget a copy of the keyring, beside backups, that is no more."`
}

// openKeyring opens the database of a data folder that there is, and its keyring.
func (f dataFlag) openKeyring(ctx context.Context, alone bool) (*db.DB, *vault.Vault, error) {
	path := filepath.Join(f.Data, "seosik.db")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s is no data folder", f.Data)
	}
	database, err := db.Open(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	open := database.OpenVault
	if alone {
		open = database.OpenVaultAlone
	}
	v, err := open(ctx, f.source(f.Data))
	if err != nil {
		return nil, nil, errors.Join(err, database.Close())
	}
	return database, v, nil
}

// mostCounted is up to how many pages are counted.
const mostCounted = 100_000

type keyShowCmd struct{ dataFlag }

// Run says what there is of keys.
func (c *keyShowCmd) Run(ctx context.Context, out io.Writer) (err error) {
	database, _, err := c.openKeyring(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	s, err := database.Keyring().State(ctx)
	if err != nil {
		return err
	}
	for _, copied := range s.Copies {
		stale := ""
		if copied.Stale {
			stale = " with keys that were destroyed since"
		}
		if _, err := fmt.Fprintf(out, "copy of %s%s: %s\n", copied.At.Local().Format("2006-01-02 15:04"), stale, copied.Path); err != nil {
			return err
		}
	}
	pages, err := database.UnsealedPages(ctx, mostCounted)
	if err != nil {
		return err
	}
	if pages > 0 {
		more := ""
		if pages == mostCounted {
			more = " or more"
		}
		if _, err := fmt.Fprintf(out, "values: %d pages%s are still to be looked at while serve runs\n", pages, more); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "keyring %s: %d keys; of the blobs of releases before, %d of %d parts are encrypted\n", s.ID, s.Keys, s.Sealed, blob.Shards)
	return err
}

type keyRotateCmd struct{ dataFlag }

// Run makes another master key.
func (c *keyRotateCmd) Run(ctx context.Context, out io.Writer) (err error) {
	source := c.source(c.Data)
	if source.File == "" {
		return errors.New("the master key is in no file: write the old one into a file, rotate with --key-file, and put the new one where the old one was")
	}
	database, v, err := c.openKeyring(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	if err := source.Change(ctx, v); err != nil {
		return err
	}
	left, err := database.Keyring().CopyAll(ctx)
	if err != nil {
		return err
	}
	for _, copied := range left {
		if _, err := fmt.Fprintf(out, "not replaced: %s, of %s: only the old master key opens it: %v\n", copied.Path, copied.At.Local().Format("2006-01-02 15:04"), copied.Err); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "%s: there is another master key; keep a copy of it apart from the backups\n", source.File)
	return err
}

type keyForgetCmd struct {
	dataFlag
	File string `arg:"" help:"The copy."`
}

// Run forgets a copy of the keyring.
func (c *keyForgetCmd) Run(ctx context.Context) (err error) {
	database, _, err := c.openKeyring(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	path, err := filepath.Abs(c.File)
	if err != nil {
		return err
	}
	return database.Keyring().ForgetCopy(ctx, path)
}
