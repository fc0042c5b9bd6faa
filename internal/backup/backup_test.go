package backup

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/internal/form"
)

// killed names the data folder of which a process of this test makes a backup, to
// be killed meanwhile.
const killed = "SEOSIK_TEST_KILLED_BACKUP"

func TestMain(m *testing.M) {
	data := os.Getenv(killed)
	if data == "" {
		os.Exit(m.Run())
	}
	h, err := openHouse(context.Background(), data)
	if err == nil {
		_, err = h.Write(context.Background(), form.Command, filepath.Join(filepath.Dir(data), "b.tar"), Options{})
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// A house is a data folder in use.
type house struct {
	*Maker
	store  *blob.Dir
	domain form.DomainID
	n      int // documents that were handed in
}

func openHouse(ctx context.Context, data string) (*house, error) {
	store, err := blob.Open(filepath.Join(data, "blobs"))
	if err != nil {
		return nil, err
	}
	database, err := db.Open(ctx, filepath.Join(data, databaseName))
	if err != nil {
		return nil, err
	}
	none := func(int64) int64 { return 0 } // the disk of the tests may be nearly full
	return &house{Maker: New(Config{DB: database, Blobs: store, Data: data, Keep: none}), store: store}, nil
}

// newHouse returns a house with so many documents.
func newHouse(t *testing.T, documents int) *house {
	t.Helper()
	h, err := openHouse(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.DB.Close(); err != nil {
			t.Error(err)
		}
	})
	d, _, err := h.DB.AddDomain(t.Context(), form.Command, "총무과", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	h.domain = d.ID
	if _, err := h.DB.AddUser(t.Context(), form.Command, "kim", "hash"); err != nil {
		t.Fatal(err)
	}
	for range documents {
		h.handIn(t)
	}
	return h
}

// handIn hands in a document with one page, stored so long ago that it is removed
// once nothing refers to it.
func (h *house) handIn(t *testing.T) form.DocumentID {
	t.Helper()
	h.n++
	data := bytes.Repeat([]byte(fmt.Sprintf("document %d;", h.n)), 1+h.n%5*2000)
	k, err := h.store.Put(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	then := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(h.file(k), then, then); err != nil {
		t.Fatal(err)
	}
	var id form.DocumentID
	_, err = h.DB.AddSubmission(t.Context(), form.Program(h.domain), form.Submission{Domain: h.domain},
		[]form.Document{{Name: fmt.Sprint(h.n), Blob: k, Size: int64(len(data))}},
		func(_ *sql.Tx, chores []db.Chore) error { id = chores[0].Document; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.DB.SetPages(t.Context(), id, 1); err != nil {
		t.Fatal(err)
	}
	return id
}

func (h *house) file(k blob.Key) string { return filepath.Join(h.Data, blobName(k)) }

// keys are those of all blobs in a folder.
func keys(t *testing.T, data string) (all []blob.Key) {
	t.Helper()
	store, err := blob.Open(filepath.Join(data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	for info, err := range store.All(t.Context()) {
		if err == nil {
			_, err = store.Bytes(t.Context(), info.Key)
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, info.Key)
	}
	return all
}

// left are the names in a folder.
func left(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

func (h *house) write(t *testing.T, o Options) (name string, b form.Backup) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "b.tar")
	b, err := h.Write(t.Context(), form.Command, name, o)
	if err != nil {
		t.Fatal(err)
	}
	return name, b
}

const passphrase = "열두 글자는 넘는 암호"

func passLock(t *testing.T) *Lock {
	t.Helper()
	l, err := passphraseLock(passphrase, 8) // which costs next to nothing
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func passKey(t *testing.T, text string) Key {
	t.Helper()
	k, err := ReadKey(text, "")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The restore drill: what is restored has all that was there, and is served from.
func TestRestore(t *testing.T) {
	h := newHouse(t, 7)
	dir := t.TempDir()
	for name, text := range map[string]string{"export.key": "the key", "audit.heads": "a line\nhalf a", "models/seosik_x/rec.onnx": "a network", "log": "a log"} {
		path := filepath.Join(h.Data, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.store.Put(t.Context(), []byte("loose")); err != nil {
		t.Fatal(err)
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	recipients, identities := filepath.Join(dir, "recipients"), filepath.Join(dir, "identities")
	if err := errors.Join(os.WriteFile(recipients, []byte("# office\n"+identity.Recipient().String()), 0o600),
		os.WriteFile(identities, []byte(identity.String()), 0o600)); err != nil {
		t.Fatal(err)
	}
	toRecipients, err := ReadLock("", recipients)
	if err != nil {
		t.Fatal(err)
	}
	byIdentity, err := ReadKey("", identities)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		o    Options
		key  Key
	}{
		{"plain", Options{}, nil},
		{"passphrase", Options{passLock(t), true}, passKey(t, passphrase)},
		{"recipients", Options{toRecipients, true}, byIdentity},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name, b := h.write(t, tt.o)
			if b.Blobs != 7 || b.Lacking != 0 || b.Sealed != (tt.key != nil) || b.Keys != tt.o.Keys {
				t.Errorf("Write = %+v", b)
			}
			if got, err := h.DB.Backups(t.Context()); err != nil || got.Last.File != name || got.Failed != nil {
				t.Errorf("noted is %+v, %v", got, err)
			}
			if got := left(t, filepath.Dir(name)); !slices.Equal(got, []string{"b.tar"}) {
				t.Errorf("beside it are %v", got)
			}
			to := filepath.Join(t.TempDir(), "data")
			r, err := Restore(t.Context(), name, to, tt.key, Secrets{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Blobs != 7 || r.Lacking != 0 || !r.At.Equal(b.At) {
				t.Errorf("Restore = %+v", r)
			}
			checkHouse(t, h, to)
			want := []string{"audit.heads", "blobs", "models", "seosik.db", "seosik.db.migrate"}
			if tt.o.Keys {
				want = []string{"audit.heads", "blobs", "export.key", "models", "seosik.db", "seosik.db.migrate"}
			}
			if diff := cmp.Diff(want, left(t, to)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if text, err := os.ReadFile(filepath.Join(to, "audit.heads")); string(text) != "a line\n" || err != nil {
				t.Errorf("the heads are %q, %v", text, err)
			}
			without := []string{"audit.key"}
			if !tt.o.Keys {
				without = append(without, "export.key")
			}
			without = append(without, "login.key")
			if got := r.Without(); !slices.Equal(got, without) {
				t.Errorf("it is without %v, want %v", got, without)
			}
			if _, err := Restore(t.Context(), name, to, tt.key, Secrets{}); !errors.Is(err, ErrInUse) {
				t.Errorf("restored over what was there: %v", err)
			}
		})
	}
	if got := left(t, h.Data); slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, scratchName) }) {
		t.Errorf("copies were left: %v", got)
	}
}

// checkHouse sees that a folder has what a house has, and can be used.
func checkHouse(t *testing.T, h *house, data string) {
	t.Helper()
	again, err := openHouse(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	defer again.DB.Close()
	if got, want := len(keys(t, data)), h.n; got != want {
		t.Errorf("it has %d blobs, want %d", got, want)
	}
	if _, err := again.DB.UserByName(t.Context(), "kim"); err != nil {
		t.Error(err)
	}
	for _, dir := range []string{"", "blobs"} {
		if info, err := os.Stat(filepath.Join(data, dir)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("others may read %q: %v, %v", dir, info.Mode(), err)
		}
	}
}

// While a backup is made documents come and go, and what goes is swept.
func TestBackupOfAHouseInUse(t *testing.T) {
	h := newHouse(t, 40)
	stop, stopped := make(chan struct{}), make(chan error)
	ctx := t.Context()
	go func() {
		for gone := form.DocumentID(1); ; gone++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			h.handIn(t)
			err := h.DB.DeleteDocument(ctx, form.Command, gone)
			loose, e := h.DB.LooseBlobs(ctx)
			for _, l := range loose {
				_, e := h.store.Delete(ctx, l.Key, l.Before)
				err = errors.Join(err, e)
			}
			if err = errors.Join(err, e); err != nil {
				stopped <- err
				return
			}
		}
	}()
	var names []string
	for range 3 {
		name, b := h.write(t, Options{})
		if b.Lacking > 0 {
			t.Errorf("%d blobs went while they were copied", b.Lacking)
		}
		names = append(names, name)
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if r, err := Restore(ctx, name, filepath.Join(t.TempDir(), "data"), nil, Secrets{}); err != nil || r.Lacking > 0 {
			t.Errorf("Restore = %+v, %v", r, err)
		}
	}
}

// What the disk has lost or altered is said, and the rest is saved.
func TestBackupOfADamagedHouse(t *testing.T) {
	h := newHouse(t, 5)
	all := keys(t, h.Data)
	if err := os.Remove(h.file(all[0])); err != nil {
		t.Fatal(err)
	}
	flip(t, h.file(all[3]), 4)
	name, b := h.write(t, Options{})
	if b.Blobs != 5 || b.Lacking != 2 {
		t.Errorf("Write = %+v", b)
	}
	to := filepath.Join(t.TempDir(), "data")
	r, err := Restore(t.Context(), name, to, nil, Secrets{})
	if err != nil || r.Lacking != 2 || len(keys(t, to)) != 3 {
		t.Errorf("Restore = %+v, %v", r, err)
	}
}

func flip(t *testing.T, name string, at int64) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	data[at] ^= 1
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A file that is not whole makes no folder, wherever the damage is.
func TestRestoreOfWhatIsDamaged(t *testing.T) {
	h := newHouse(t, 3)
	for _, o := range []Options{{}, {Lock: passLock(t)}} {
		name, b := h.write(t, o)
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fails := func(what string, data []byte) {
			t.Helper()
			dir := t.TempDir()
			bad := filepath.Join(dir, "bad")
			if err := os.WriteFile(bad, data, 0o600); err != nil {
				t.Fatal(err)
			}
			to := filepath.Join(dir, "data")
			if _, err := Restore(t.Context(), bad, to, passKey(t, passphrase), Secrets{}); err == nil {
				t.Errorf("%s: it was restored (sealed: %v)", what, b.Sealed)
			}
			if got := left(t, dir); len(got) > 1 {
				t.Errorf("%s: left are %v", what, got)
			}
		}
		for part := range 12 {
			at := len(whole) * part / 12
			fails(fmt.Sprint("cut off at ", at), whole[:at])
			altered := bytes.Clone(whole)
			altered[at] ^= 1
			if o.Lock != nil { // in what is not, there are zeros after names
				fails(fmt.Sprint("altered at ", at), altered)
			}
		}
		fails("something after it", append(bytes.Clone(whole), bytes.Repeat([]byte("x"), 600)...))
		if o.Lock == nil {
			for _, inside := range []string{"document 1;", "document 3;", "SQLite format 3", "goose_db_version", `"schema"`, "blobs/"} {
				at := bytes.Index(whole, []byte(inside))
				altered := bytes.Clone(whole)
				altered[at] ^= 1
				fails("altered: "+inside, altered)
			}
		}
	}
}

func TestKeysThatDoNotOpen(t *testing.T) {
	h := newHouse(t, 1)
	name, _ := h.write(t, Options{Lock: passLock(t)})
	for what, key := range map[string]Key{"none": nil, "another": passKey(t, "another passphrase")} {
		to := filepath.Join(t.TempDir(), "data")
		if _, err := Restore(t.Context(), name, to, key, Secrets{}); !errors.Is(err, ErrLocked) {
			t.Errorf("%s: %v, want ErrLocked", what, err)
		}
		if _, err := os.Stat(to); err == nil {
			t.Errorf("%s: it made a folder", what)
		}
	}
	if _, err := ReadLock("short", ""); err == nil {
		t.Error("a short passphrase is taken")
	}
	if _, err := ReadLock(passphrase, "file"); err == nil {
		t.Error("a passphrase and recipients are taken")
	}
	file := filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(file, []byte(passphrase+"\r\nmore"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadPassphrase(file); got != passphrase || err != nil {
		t.Errorf("ReadPassphrase = %q, %v", got, err)
	}
}

func TestTooLittleRoom(t *testing.T) {
	h := newHouse(t, 2)
	dir := t.TempDir()
	for _, full := range []string{h.Data, dir} {
		h.Room = func(path string) (disk.Room, error) {
			if strings.HasPrefix(path, full) {
				return disk.Room{Free: 1 << 20, Total: 1 << 40}, nil
			}
			return disk.RoomAt(path)
		}
		if _, err := h.Write(t.Context(), form.Command, filepath.Join(dir, "b.tar"), Options{}); !errors.Is(err, ErrRoom) {
			t.Errorf("%s: Write = %v, want ErrRoom", full, err)
		}
		if got, err := h.DB.Backups(t.Context()); err != nil || got.Failed == nil || !strings.Contains(got.Failed.Why, "room") {
			t.Errorf("noted is %+v, %v", got, err)
		}
	}
	if got := left(t, dir); len(got) > 0 {
		t.Errorf("left are %v", got)
	}
	// On the disk of the data what the guard keeps is left. The copy of the database,
	// which goes again, may take half of that.
	h.Keep = func(total int64) int64 { return total / 100 }
	for _, tt := range []struct {
		free int64 // of 100 GB
		want string
	}{{6e8, "b.tar"}, {4e8, scratchName}} {
		h.Room = func(string) (disk.Room, error) { return disk.Room{Free: tt.free, Total: 100e9}, nil }
		_, err := h.Write(t.Context(), form.Command, filepath.Join(dir, "b.tar"), Options{})
		if !errors.Is(err, ErrRoom) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("with %d bytes Write = %v", tt.free, err)
		}
	}
	h.Room, h.Keep = disk.RoomAt, func(int64) int64 { return 0 }
	name, _ := h.write(t, Options{})
	to := t.TempDir() // empty, as where a disk was mounted
	if err := os.Mkdir(filepath.Join(to, diskOwn), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := restore(t.Context(), name, to, nil, Secrets{}, func(string) (disk.Room, error) { return disk.Room{}, nil }); !errors.Is(err, ErrRoom) {
		t.Errorf("restore = %v, want ErrRoom", err)
	}
	if got := left(t, to); !slices.Equal(got, []string{diskOwn}) {
		t.Errorf("left are %v", got)
	}
	if _, err := Restore(t.Context(), name, to, nil, Secrets{}); err != nil {
		t.Error(err)
	}
}

// A backup that is killed has no name, and the next one removes what is left of it.
func TestKilledBackup(t *testing.T) {
	h := newHouse(t, 60)
	dir := t.TempDir()
	if err := os.Rename(h.Data, filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	h, err := openHouse(t.Context(), filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	defer h.DB.Close()
	hidden := func() (names []string) {
		for _, where := range []string{dir, h.Data} {
			for _, n := range left(t, where) {
				if strings.HasSuffix(n, partial) || strings.HasPrefix(n, scratchName) {
					names = append(names, n)
				}
			}
		}
		return names
	}
	for n := range 4 {
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^$")
		c.Env = append(os.Environ(), killed+"="+h.Data)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(20 * time.Second); len(hidden()) <= n%2 && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		if err := c.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait() // it was killed
		if _, err := os.Stat(filepath.Join(dir, "b.tar")); err == nil {
			if err := os.Remove(filepath.Join(dir, "b.tar")); err != nil { // it was quicker, and is whole
				t.Fatal(err)
			}
		}
	}
	if len(hidden()) == 0 {
		t.Error("none was killed at work")
	}
	if _, err := h.Write(t.Context(), form.Command, filepath.Join(dir, "b.tar"), Options{}); err != nil {
		t.Fatal(err)
	}
	if got := hidden(); len(got) > 0 {
		t.Errorf("left are %v", got)
	}
	if _, err := h.Write(t.Context(), form.Command, filepath.Join(dir, "b.tar"), Options{}); !errors.Is(err, ErrThere) {
		t.Errorf("written over: %v", err)
	}
	if b, err := h.DB.Backups(t.Context()); err != nil || b.Failed != nil {
		t.Errorf("noted is %+v, %v", b, err)
	}
}

// What people call as a copy is called is no copy of ours.
func TestWhatPeoplePutThereStays(t *testing.T) {
	h := newHouse(t, 1)
	names := []string{"backup-2026.tar", ".half.tar.partial", scratchName + "x"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(h.Data, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(h.Data, "backup-daily"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Write(t.Context(), form.Command, filepath.Join(h.Data, "b.tar"), Options{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, "backup-daily") {
		if !slices.Contains(left(t, h.Data), name) {
			t.Errorf("%s was removed", name)
		}
	}
}

// A restore that is killed leaves a folder from which nothing serves.
func TestBrokenOffRestore(t *testing.T) {
	h := newHouse(t, 1)
	name, _ := h.write(t, Options{})
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dir := t.TempDir()
	r := &restorer{dir: dir, database: filepath.Join(dir, databaseName+db.Restoring)}
	if _, _, err := read(t.Context(), f, r); err != nil { // and killed before it is finished
		t.Fatal(err)
	}
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := openHouse(t.Context(), dir); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is served from: %v", err)
	}
}
