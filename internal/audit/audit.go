// Package audit sees that the access log can be believed: it signs what the log
// came to, every hour and when the server ends, with a key that is in no database,
// also into a file beside it; and it tells whether a log is as it was signed. It
// deletes what is older than the log is kept, looks through all of it once a day,
// and raises alarms.
package audit

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/keyfile"
)

// The files in the data folder.
const (
	KeyFile   = "audit.key"
	HeadsFile = "audit.heads"
)

// Key returns the key of a data folder, which it makes where there is none.
func Key(dir string) (ed25519.PrivateKey, error) {
	seed, err := keyfile.Read(filepath.Join(dir, KeyFile), true)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// PublicKey returns what the key of a data folder is known by.
func PublicKey(dir string) (ed25519.PublicKey, error) {
	seed, err := keyfile.Read(filepath.Join(dir, KeyFile), false)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey), nil
}

// message returns what is signed of a head.
func message(h *db.Head) []byte {
	return fmt.Appendf(nil, "seosik access log %d %x %d %t", h.Row, h.Hash, h.At.UnixMilli(), h.Cut)
}

// sign returns what signs heads.
func sign(key ed25519.PrivateKey) func(*db.Head) {
	return func(h *db.Head) {
		h.Key, h.Signature = key.Public().(ed25519.PublicKey), ed25519.Sign(key, message(h))
	}
}

// unsigned says why a head counts for nothing; nothing where one of the keys has
// signed it.
func unsigned(h *db.Head, keys []ed25519.PublicKey) string {
	if len(h.Key) != ed25519.PublicKeySize || !slices.ContainsFunc(keys, func(k ed25519.PublicKey) bool { return bytes.Equal(k, h.Key) }) {
		return fmt.Sprintf("its signature is by another key, %x", h.Key)
	}
	if !ed25519.Verify(h.Key, message(h), h.Signature) {
		return "its signature is not by the key that it names"
	}
	return ""
}

// A line is a head in the file of heads.
type line struct {
	Row       int64     `json:"row"`
	Hash      string    `json:"hash"`
	At        time.Time `json:"at"`
	Cut       bool      `json:"cut,omitempty"`
	Key       string    `json:"key"`
	Signature string    `json:"signature"`
}

// write adds a head to the file of heads, and sees that it is on the disk. What a
// full disk or a power cut has left of a line before goes: the new one would be
// part of it.
func write(path string, h *db.Head) (err error) {
	text, err := json.Marshal(line{h.Row, hex.EncodeToString(h.Hash), h.At, h.Cut, hex.EncodeToString(h.Key), hex.EncodeToString(h.Signature)})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	before, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	if whole := bytes.LastIndexByte(before, '\n') + 1; whole < len(before) {
		if err := f.Truncate(int64(whole)); err != nil {
			return err
		}
	}
	if _, err := f.Write(append(text, '\n')); err != nil {
		return err
	}
	return f.Sync()
}

// ReadHeads reads a file of heads. What a server that died left of a last line
// counts for nothing.
func ReadHeads(path string) (heads []db.Head, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readHeads(f)
}

func readHeads(r io.Reader) (heads []db.Head, err error) {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		var l line
		var h db.Head
		err := json.Unmarshal(lines.Bytes(), &l)
		for _, part := range []struct {
			into *[]byte
			text string
		}{{&h.Hash, l.Hash}, {&h.Key, l.Key}, {&h.Signature, l.Signature}} {
			if err == nil {
				*part.into, err = hex.DecodeString(part.text)
			}
		}
		if err != nil {
			if !lines.Scan() {
				break
			}
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		h.Row, h.At, h.Cut = l.Row, l.At, l.Cut
		heads = append(heads, h)
	}
	return heads, lines.Err()
}

// A Found says what a log has that is as it was signed.
type Found struct {
	Rows, First, Last int64
	From, To          time.Time
	Heads             int            // rows that were signed, and fit
	By                map[string]int // how many of them, by public key
	Unsigned          int64          // rows since the last of them
}

// A BrokenError says where a log is not as it was.
type BrokenError struct {
	Row int64
	Why string
}

func (e *BrokenError) Error() string { return fmt.Sprintf("broken at row %d: %s", e.Row, e.Why) }

// Verify looks through the whole log: each row must follow the one before, and what
// was signed, in the database and in a file of heads, by one of the keys, must be
// what is there. It returns a *BrokenError where that is not so.
func Verify(ctx context.Context, database *db.DB, keys []ed25519.PublicKey, file []db.Head) (Found, error) {
	return verify(ctx, database, keys, file, func() {})
}

// verifyPart is after how many rows verify rests.
const verifyPart = 2000

func verify(ctx context.Context, database *db.DB, keys []ed25519.PublicKey, file []db.Head, rest func()) (f Found, err error) {
	f.By = make(map[string]int)
	heads, err := database.Heads(ctx)
	if err != nil {
		return f, err
	}
	at, cut, err := claims(append(heads, file...), keys)
	if err != nil {
		return f, err
	}
	var before []byte
	for r, err := range database.AccessChain(ctx) {
		if err != nil && r.ID == 0 {
			return f, err
		}
		if f.Rows == 0 {
			if before, err = start(&r, cut); err != nil {
				return f, err
			}
			f.First, f.From = r.ID, r.At()
		} else if r.ID != f.Last+1 {
			return f, &BrokenError{f.Last + 1, "it is not there"}
		}
		if err != nil {
			return f, &BrokenError{r.ID, err.Error()}
		}
		if before != nil && !bytes.Equal(r.Hash, r.After(before)) {
			return f, &BrokenError{r.ID, "it is not what was written, or does not follow the row before it"}
		}
		for _, h := range at[r.ID] {
			if !bytes.Equal(h.Hash, r.Hash) {
				return f, &BrokenError{r.ID, "something else was signed on " + h.At.Local().Format(time.DateTime)}
			}
		}
		if f.Unsigned++; len(at[r.ID]) > 0 {
			f.Heads, f.Unsigned = f.Heads+1, 0
			f.By[string(at[r.ID][0].Key)]++
		}
		f.Rows, f.Last, f.To, before = f.Rows+1, r.ID, r.At(), r.Hash
		if f.Rows%verifyPart == 0 {
			rest()
		}
	}
	return f, missing(at, &f, cut)
}

// claims returns heads by their rows, and the last row of those that may be gone.
// Each must be signed with one of the keys.
func claims(heads []db.Head, keys []ed25519.PublicKey) (at map[int64][]db.Head, cut map[int64][]byte, err error) {
	at, cut = make(map[int64][]db.Head), make(map[int64][]byte)
	for _, h := range heads {
		if why := unsigned(&h, keys); why != "" {
			return nil, nil, &BrokenError{h.Row, why}
		}
		at[h.Row] = append(at[h.Row], h)
		if h.Cut {
			cut[h.Row] = h.Hash
		}
	}
	return at, cut, nil
}

// start returns the hash that the first row that is there follows; nil where the
// row before it is gone, and those after it are still to go.
func start(first *db.AccessRow, cut map[int64][]byte) ([]byte, error) {
	if first.ID == 1 {
		return make([]byte, len(first.Hash)), nil
	}
	if hash, ok := cut[first.ID-1]; ok {
		return hash, nil
	}
	for row := range cut {
		if row >= first.ID { // not all that may be gone is gone yet
			return nil, nil
		}
	}
	return nil, &BrokenError{first.ID - 1, "it is not there, and nothing signed says that it may be gone"}
}

// missing looks for what was signed and is after all that is there.
func missing(at map[int64][]db.Head, f *Found, cut map[int64][]byte) error {
	gone := f.First - 1
	for row := range cut {
		gone = max(gone, row)
	}
	for row := range at {
		if row > f.Last && row > gone {
			return &BrokenError{f.Last + 1, fmt.Sprintf("it is not there, and row %d was signed", row)}
		}
	}
	return nil
}

// FileHeads returns what the file of heads of a data folder has; nothing where
// there is none.
func FileHeads(dir string) ([]db.Head, error) {
	heads, err := ReadHeads(filepath.Join(dir, HeadsFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return heads, err
}

// Sign signs what the log came to, unless that was signed before.
func (k *Keeper) Sign(ctx context.Context) error {
	h, err := k.DB.AddHead(ctx, sign(k.Key))
	if errors.Is(err, form.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return write(k.Heads, &h)
}
