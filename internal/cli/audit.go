package cli

import (
	"bytes"
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
	Key   []string `help:"Public keys by which the heads must be signed, each 64 hexadecimal digits, as they were noted elsewhere; without it that of the data folder. Several where the folder was restored without audit.key: its server signs with another since." placeholder:"KEY,..."`
}

// Run says what was found, or where the log is broken.
func (c *auditVerifyCmd) Run(ctx context.Context, out io.Writer) error {
	if _, err := os.Stat(filepath.Join(c.Data, "seosik.db")); err != nil {
		return err
	}
	own, err := audit.PublicKey(c.Data)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // where no server has signed yet
		return err
	}
	keys, err := c.keys(own)
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
	f, err := audit.Verify(ctx, database, keys, heads)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, said(f, keys, own))
	return err
}

// said says what was found, and how much of it each key has signed.
func said(f audit.Found, keys []ed25519.PublicKey, own ed25519.PublicKey) string {
	if f.Rows == 0 {
		return "ok: the access log is empty"
	}
	text := fmt.Sprintf("ok: %d rows, %d to %d, %s to %s; %d signatures fit, %d rows since the last",
		f.Rows, f.First, f.Last, f.From.Local().Format(time.DateTime), f.To.Local().Format(time.DateTime), f.Heads, f.Unsigned)
	for _, key := range keys {
		text += fmt.Sprintf("\n%d by %x", f.By[string(key)], []byte(key))
		if !bytes.Equal(key, own) {
			text += ", which is not the key of this data folder"
		}
	}
	return text
}

// keys returns the keys by which heads must be signed.
func (c *auditVerifyCmd) keys(own ed25519.PublicKey) (keys []ed25519.PublicKey, err error) {
	if len(c.Key) == 0 && own != nil {
		return []ed25519.PublicKey{own}, nil
	}
	if keys, err = publicKeys(c.Key); err != nil {
		return nil, fmt.Errorf("--key: %w", err)
	}
	return keys, nil
}

// publicKeys reads keys as verify prints them.
func publicKeys(texts []string) (keys []ed25519.PublicKey, err error) {
	for _, text := range texts {
		key, err := hex.DecodeString(text)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, errors.New("it is not 64 hexadecimal digits")
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// logKeeper returns what keeps the access log of the data folder.
func (f dataFlag) logKeeper(database *db.DB) (*audit.Keeper, error) {
	key, err := audit.Key(f.Data)
	if err != nil {
		return nil, err
	}
	return &audit.Keeper{DB: database, Key: key, Heads: filepath.Join(f.Data, audit.HeadsFile)}, nil
}
