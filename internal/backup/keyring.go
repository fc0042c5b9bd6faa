package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/vault"
)

// MasterName is the file of the master key in the data folder, where it is there.
const MasterName = "vault.key"

// KeyringName returns what the keyring is called that opens a backup, and others in
// the same folder.
func KeyringName(backup, id string) string {
	return filepath.Join(filepath.Dir(backup), "seosik-keys-"+id[:min(8, len(id))]+".db")
}

var (
	errNoKeyring = errors.New("the keys of its pictures and files are not there: put that file beside the backup, or say where it is by --keyring")
	errNoMaster  = errors.New("the master key is not in the backup: say where it is by --key-file, --key-command or SEOSIK_KEY")
	errOther     = errors.New("the keyring is of another office")
)

// Secrets are what a backup does not have that is needed to read it.
type Secrets struct {
	Keyring string       // file; empty for the one beside the backup
	Master  vault.Source // its zero for the one in the backup
}

// takeKeyring puts a copy of the keyring into a folder.
func takeKeyring(from, dir string) error {
	f, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", from, errNoKeyring)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	to, err := os.OpenFile(filepath.Join(dir, db.KeyringName), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, f)
	return errors.Join(err, to.Close())
}

// unlock opens the keyring of a folder that is being restored.
func unlock(ctx context.Context, dir, id string, master vault.Source) (_ *vault.Vault, err error) {
	if master == (vault.Source{}) {
		master.File = filepath.Join(dir, MasterName)
		if _, err := os.Stat(master.File); errors.Is(err, fs.ErrNotExist) {
			return nil, errNoMaster
		}
	}
	ring, err := db.OpenKeyring(ctx, filepath.Join(dir, db.KeyringName), true)
	if err != nil {
		return nil, err
	}
	v, err := master.Unlock(ctx, ring, false)
	if err != nil {
		return nil, errors.Join(err, ring.Close())
	}
	is, err := ring.ID(ctx)
	if err == nil && is != id {
		err = errOther
	}
	if err == nil {
		err = ring.Restart(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}
