package cli

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/audit"
)

type auditCmds struct {
	Verify auditVerifyCmd `cmd:"" help:"See whether the access log is as it was written and signed."`
}

type auditVerifyCmd struct {
	dataFlag
	Heads []string `help:"Files of heads, besides that of the data folder: copies that were kept elsewhere, which nobody can have changed with it." placeholder:"FILE"`
	Key   string   `help:"Public key by which the heads must be signed, 64 hexadecimal digits, as it was noted elsewhere; without it that of the data folder." placeholder:"KEY"`
}

// Run says what was found, or where the log is broken.
func (c *auditVerifyCmd) Run(ctx context.Context, out io.Writer) error {
	if _, err := os.Stat(filepath.Join(c.Data, "seosik.db")); err != nil {
		return err
	}
	key, err := c.key()
	if err != nil {
		return err
	}
	heads, err := audit.FileHeads(c.Data)
	if err != nil {
		return fmt.Errorf("%s: %w", audit.HeadsFile, err)
	}
	for _, file := range c.Heads {
		more, err := audit.ReadHeads(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		heads = append(heads, more...)
	}
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	f, err := audit.Verify(ctx, database, key, heads)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, said(f, key))
	return err
}

// said says in a sentence what was found.
func said(f audit.Found, key ed25519.PublicKey) string {
	if f.Rows == 0 {
		return "ok: the access log is empty"
	}
	return fmt.Sprintf("ok: %d rows, %d to %d, %s to %s; %d signatures by %x fit, %d rows since the last",
		f.Rows, f.First, f.Last, f.From.Local().Format(time.DateTime), f.To.Local().Format(time.DateTime), f.Heads, []byte(key), f.Unsigned)
}

// key returns the key by which heads must be signed.
func (c *auditVerifyCmd) key() (ed25519.PublicKey, error) {
	if c.Key == "" {
		key, err := audit.PublicKey(c.Data)
		if errors.Is(err, fs.ErrNotExist) { // no server has signed yet
			err = nil
		}
		return key, err
	}
	key, err := hex.DecodeString(c.Key)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("--key: it is not 64 hexadecimal digits")
	}
	return key, nil
}

// logKeeper returns what keeps the access log of the data folder.
func (f dataFlag) logKeeper(database *db.DB) (*audit.Keeper, error) {
	key, err := audit.Key(f.Data)
	if err != nil {
		return nil, err
	}
	return &audit.Keeper{DB: database, Key: key, Heads: filepath.Join(f.Data, audit.HeadsFile)}, nil
}
