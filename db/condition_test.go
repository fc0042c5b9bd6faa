package db

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/form"
)

func TestCondition(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	if err := o.Writable(ctx); err != nil {
		t.Error(err)
	}
	now := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	o.now = func() time.Time { return now }
	if w, err := o.Waits(ctx); err != nil || w != (Waits{}) {
		t.Errorf("Waits = %v, %v", w, err)
	}
	_, docs := o.submit(t, "a.png", "b.png")
	if w, err := o.Waits(ctx); err != nil || !w.Reading.Equal(now) || !w.People.IsZero() {
		t.Errorf("Waits = %v, %v", w, err)
	}
	o.read(t, docs[0], 1, sumID)
	if err := o.BackupFailed(ctx, form.BackupFailure{At: now, Why: "x"}); err != nil {
		t.Fatal(err)
	}
	if w, err := o.Waits(ctx); err != nil || !w.People.Equal(now) {
		t.Errorf("Waits = %v, %v", w, err)
	}
	s, err := Look(ctx, o.path)
	if err != nil || s.Schema != s.Wanted || s.Bytes == 0 || s.Backups.Failed == nil {
		t.Errorf("Look = %+v, %v", s, err)
	}
	if s, err := Look(ctx, filepath.Join(t.TempDir(), "none.db")); err != nil || s.Schema != 0 || s.Wanted == 0 {
		t.Errorf("Look at nothing = %+v, %v", s, err)
	}
	path, old := openAt(t, 5)
	if s, err := Look(ctx, path); err != nil || s.Schema != 5 {
		t.Errorf("Look at an old one = %+v, %v", s, err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 { // who may write anywhere
		if err := os.Chmod(filepath.Dir(o.path), 0o500); err != nil {
			t.Fatal(err)
		}
		if err := o.Writable(ctx); err == nil {
			t.Error("what cannot be written is writable")
		}
		if err := os.Chmod(filepath.Dir(o.path), 0o700); err != nil {
			t.Fatal(err)
		}
	}
}
