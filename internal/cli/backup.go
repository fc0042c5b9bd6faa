package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seosik/seosik/internal/backup"
	"github.com/seosik/seosik/internal/form"
)

// passphraseVariable is where the environment has the passphrase of backups. It is
// no flag: command lines are seen by all who use a machine.
const passphraseVariable = "SEOSIK_BACKUP_PASSPHRASE"

// A passphraseFlag says where the passphrase of backups is.
type passphraseFlag struct {
	PassphraseFile string `help:"File whose first line is the passphrase of backups; or set SEOSIK_BACKUP_PASSPHRASE." env:"SEOSIK_BACKUP_PASSPHRASE_FILE" placeholder:"FILE"`
}

func (f passphraseFlag) passphrase() (string, error) {
	if f.PassphraseFile == "" {
		return os.Getenv(passphraseVariable), nil
	}
	return backup.ReadPassphrase(f.PassphraseFile)
}

// sealFlags say how backups are encrypted.
type sealFlags struct {
	passphraseFlag
	RecipientsFile string `help:"File of those who can open backups, one a line (age1..., as age-keygen prints): encrypts for them, and this machine cannot open them." env:"SEOSIK_BACKUP_RECIPIENTS_FILE" placeholder:"FILE"`
	Keys           bool   `help:"Put the key files of the data folder (export.key) into backups that are not encrypted too; they are in encrypted ones." env:"SEOSIK_BACKUP_KEYS"`
}

func (f sealFlags) options() (o backup.Options, err error) {
	passphrase, err := f.passphrase()
	if err != nil {
		return o, err
	}
	if o.Lock, err = backup.ReadLock(passphrase, f.RecipientsFile); err != nil {
		return o, err
	}
	o.Keys = f.Keys || o.Lock != nil
	return o, nil
}

type backupCmd struct {
	dataFlag
	sealFlags
	File string `arg:"" help:"File to write, which is there once it is whole and was looked through. It is never written over."`
}

// errLacking reports a backup without what the disk has lost.
var errLacking = errors.New("the backup is whole but for what the disk of the data has lost or altered")

// Run makes a backup, while a server runs or not.
func (c *backupCmd) Run(ctx context.Context, out io.Writer) (err error) {
	o, err := c.options()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.Data, "seosik.db")); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is no data folder", c.Data)
	}
	database, blobs, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	maker := backup.New(backup.Config{DB: database, Blobs: blobs, Data: c.Data})
	b, err := maker.Write(ctx, form.Command, c.File, o)
	if err != nil {
		return err
	}
	sealed := "not encrypted"
	if b.Sealed {
		sealed = "encrypted"
	}
	if _, err := fmt.Fprintf(out, "%s: %d MB, the database and %d pictures and files, %s, looked through\n",
		b.File, b.Bytes>>20+1, b.Blobs-b.Lacking, sealed); err != nil {
		return err
	}
	if b.Lacking > 0 {
		return fmt.Errorf("%w: %d of %d pictures and files", errLacking, b.Lacking, b.Blobs)
	}
	return nil
}

type restoreCmd struct {
	passphraseFlag
	masterFlags
	Keyring      string `help:"File of the keys that were in use (seosik-keys-....db); empty for the one beside the backup." env:"SEOSIK_KEYRING" placeholder:"FILE"`
	IdentityFile string `help:"File of the key that opens a backup for recipients (AGE-SECRET-KEY-1...)." env:"SEOSIK_BACKUP_IDENTITY_FILE" placeholder:"FILE"`
	Data         string `help:"Folder to make, or an empty one." required:"" placeholder:"DIR"`
	File         string `arg:"" help:"The backup."`
}

// meansWithout says what a folder without a key file comes to.
var meansWithout = map[string]string{
	"audit.key":  "the server makes another, and seosik audit verify needs the public one of before besides (--key)",
	"export.key": "passwords that were kept for saved downloads are to be set anew",
	"login.key":  "codes of telephones are not known any more: people get in by a recovery code, or the administrator takes the second factor off",
}

// Run makes a data folder of a backup.
func (c *restoreCmd) Run(ctx context.Context, out io.Writer) error {
	passphrase, err := c.passphrase()
	if err != nil {
		return err
	}
	key, err := backup.ReadKey(passphrase, c.IdentityFile)
	if err != nil {
		return err
	}
	r, err := backup.Restore(ctx, c.File, c.Data, key, backup.Secrets{Keyring: c.Keyring, Master: c.given()})
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, c.made(r))
	return err
}

// made says what a folder was made of, and what it is without.
func (c *restoreCmd) made(r backup.Restored) string {
	var text strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	say("%s: as it was on %s, schema %d, written by %s", c.Data, r.At.Local().Format("2006-01-02 15:04:05 -07:00"), r.Schema, r.Program)
	for _, f := range r.Files {
		say("  %s, %d bytes", f.Name, f.Size)
	}
	say("  %d pictures and files", r.Blobs-r.Lacking-r.Gone-r.Keyless)
	if r.Lacking > 0 {
		say("  WITHOUT %d pictures and files that were lost before the backup was made", r.Lacking)
	}
	if r.Gone > 0 {
		say("  WITHOUT %d pictures and files that were destroyed since: their keys are no more", r.Gone)
	}
	if r.Keyless > 0 {
		say("  WITHOUT %d pictures and files, and values that say (key missing): their keys are not in this keyring. Where it is older than the backup, restore again with a newer one (--keyring); what a release before this one destroyed says the same", r.Keyless)
	}
	for _, name := range r.Without() {
		say("  WITHOUT %s, which is not in the backup: %s", name, meansWithout[name])
	}
	say("All was looked at. Passwords, API secrets and settings are as they were; everybody logs in anew.")
	serve := "seosik serve --data " + c.Data
	if c.KeyFile != "" {
		serve += " --key-file " + c.KeyFile
	}
	say("Serve it: %s", serve)
	return text.String()
}
