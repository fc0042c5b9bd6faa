package db

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/internal/form"
)

// A copy is of one moment, whatever is written while it is made.
func TestCopyTo(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.png", "b.png")
	o.read(t, docs[0], 1, sumID)
	path := filepath.Join(t.TempDir(), "a copy with ? and #, %41.db")
	stop, written := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				written <- n
				return
			default:
			}
			o.submit(t, "c.png")
			n++
		}
	}()
	err := o.CopyTo(ctx, path)
	close(stop)
	if n := <-written; n == 0 {
		t.Log("nothing was written meanwhile")
	}
	if err != nil {
		t.Fatal(err)
	}
	c, err := OpenCopy(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Check(ctx); err != nil {
		t.Error(err)
	}
	want, err := lastStep()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Schema(ctx); err != nil || got != want {
		t.Errorf("Schema = %d, %v, want %d", got, err, want)
	}
	var keys []blob.Key
	for k, err := range c.Blobs(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	if n, err := c.CountBlobs(ctx); err != nil || int(n) != len(keys) || n < 3 {
		t.Errorf("CountBlobs = %d, %v, and there are %d", n, err, len(keys))
	}
	if !slices.IsSorted(keys) || len(slices.Compact(slices.Clone(keys))) != len(keys) {
		t.Errorf("not in order, or twice: %v", keys)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the copy: %v, %v", info.Mode(), err)
	}
	if err := o.CopyTo(ctx, path); err == nil {
		t.Error("a copy was written over a file")
	}
}

// What is used of a copy has nobody logged in, and nothing else is lost.
func TestFreshen(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	before, err := o.Setting(ctx, "session key", func() string { return "a" })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.BeginSession(ctx, form.Session{User: o.user, BeganAt: time.Now()}, "x"); err != nil {
		t.Fatal(err)
	}
	lease, err := o.Claim(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Release(ctx, lease)
	path := filepath.Join(t.TempDir(), "seosik.db")
	if err := o.CopyTo(ctx, path); err != nil {
		t.Fatal(err)
	}
	if err := Freshen(ctx, path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("its log stayed")
	}
	again := openFile(t, path)
	after, err := again.Setting(ctx, "session key", func() string { return "b" })
	if err != nil || after == before {
		t.Errorf("sessions go on: %q, %v", after, err)
	}
	if l, err := again.Claim(ctx); err != nil {
		t.Errorf("it cannot be served from: %v", err)
	} else if err := again.Release(ctx, l); err != nil {
		t.Error(err)
	}
	if _, err := again.Visit(ctx, "x", time.Now()); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("a session goes on: %v", err)
	}
	users, err := again.Users(ctx)
	if err != nil || len(users) == 0 {
		t.Errorf("Users = %v, %v", users, err)
	}
}

func TestWhatBecameOfBackups(t *testing.T) {
	db, ctx := openTest(t), t.Context()
	see := func(want form.Backups) {
		t.Helper()
		got, err := db.Backups(ctx)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v, -want +got:\n%s", err, diff)
		}
	}
	see(form.Backups{})
	at := time.Date(2026, 11, 29, 1, 2, 3, 0, time.UTC)
	failed := form.BackupFailure{At: at, Why: "the disk is full"}
	if err := db.BackupFailed(ctx, failed); err != nil {
		t.Fatal(err)
	}
	see(form.Backups{Failed: &failed})
	made := form.Backup{At: at, Took: time.Second, File: "/backups/a.tar.age", Bytes: 1, Blobs: 2, Lacking: 3, Sealed: true, Keys: true}
	if err := db.BackupMade(ctx, form.System, made); err != nil {
		t.Fatal(err)
	}
	see(form.Backups{Last: made})
	if err := db.BackupFailed(ctx, failed); err != nil {
		t.Fatal(err)
	}
	see(form.Backups{Last: made, Failed: &failed})
}

// A database is copied before it is upgraded, where there is room for that.
func TestCopyBeforeAnUpgrade(t *testing.T) {
	path, old := openAt(t, 24)
	if _, err := old.ExecContext(t.Context(), `INSERT INTO settings (name, value) VALUES ('x', 'before')`); err != nil {
		t.Fatal(err)
	}
	full := func(string) (disk.Room, error) { return disk.Room{Free: 1 << 10, Total: 1 << 40}, nil }
	if err := migrate(t.Context(), old, path, full); err == nil {
		t.Fatal("it was upgraded without room for a copy")
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	left := []byte("of one that was killed")
	wanted, err := lastStep()
	if err != nil {
		t.Fatal(err)
	}
	name := beforeName(path, wanted, 24, oldJobs)
	for _, killed := range []string{name + begun, name + begun + "-journal", beforeName(path, 9, 8, oldJobs) + begun} {
		if err := os.WriteFile(killed, left, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db := openFile(t, path)
	copies, err := db.CopiesBefore()
	if err != nil || len(copies) != 1 || copies[0].File != name {
		t.Fatalf("CopiesBefore = %v, %v", copies, err)
	}
	c, err := OpenCopy(name)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if schema, err := c.Schema(t.Context()); schema != 24 || err != nil {
		t.Errorf("the copy has schema %d, %v", schema, err)
	}
	var value string
	if err := c.pool.QueryRowContext(t.Context(), `SELECT value FROM settings WHERE name = 'x'`).Scan(&value); err != nil || value != "before" {
		t.Errorf("the copy has %q, %v", value, err)
	}
	if _, err := c.CountBlobs(t.Context()); err != nil {
		t.Errorf("blobs of a release before: %v", err)
	}
	if err := db.DropCopiesBefore(time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if copies, err := db.CopiesBefore(); len(copies) != 1 || err != nil {
		t.Errorf("it was dropped too early: %v", err)
	}
	if err := db.DropCopiesBefore(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if copies, err := db.CopiesBefore(); len(copies) != 0 || err != nil {
		t.Errorf("it was not dropped: %v, %v", copies, err)
	}
}

// An upgrade that failed half way leaves the copy of before as it is, however often
// it is tried again.
func TestCopyBeforeAnUpgradeThatFails(t *testing.T) {
	path, old := openAt(t, 24)
	for _, statement := range []string{`CREATE TABLE access (x)`, `INSERT INTO settings (name, value) VALUES ('x', 'before')`} { // step 30 makes that table
		if _, err := old.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if db, err := Open(t.Context(), path); err == nil {
			t.Fatal(db.Close(), "it was upgraded")
		}
	}
	files, err := filesBefore(path)
	if err != nil || len(files) != 2 { // and one of what the first try has left
		t.Fatalf("copies are %v, %v", files, err)
	}
	c, err := OpenCopy(filepath.Join(filepath.Dir(path), files[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if schema, err := c.Schema(t.Context()); schema != 24 || err != nil {
		t.Errorf("the first has schema %d, %v", schema, err)
	}
}

func TestAFolderThatIsNotWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seosik.db")
	if err := os.WriteFile(path+Restoring, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); !errors.Is(err, errNotWhole) {
		t.Errorf("Open = %v, want errNotWhole", err)
	}
	if _, err := Look(t.Context(), path); !errors.Is(err, errNotWhole) {
		t.Errorf("Look = %v, want errNotWhole", err)
	}
}
