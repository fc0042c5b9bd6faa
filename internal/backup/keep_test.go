package backup

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestKeeper(t *testing.T) {
	h := newHouse(t, 1)
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	h.Now = func() time.Time { return now }
	folder := filepath.Join(t.TempDir(), "backups")
	k := NewKeeper(h.Maker, Schedule{Folder: folder, Every: 24 * time.Hour, Keep: 2}, slog.New(slog.DiscardHandler))
	if !k.Due().IsZero() {
		t.Error("none is due where there is none")
	}
	if err := k.turn(t.Context()); err == nil {
		t.Error("it made a folder that was not there")
	}
	if b, err := h.DB.Backups(t.Context()); err != nil || b.Failed == nil {
		t.Errorf("noted is %+v, %v", b, err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"of somebody.tar", "seosik-2026.tar"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if err := k.turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := now.Add(24 * time.Hour); !k.Due().Equal(want) {
			t.Errorf("the next is due at %s, want %s", k.Due(), want)
		}
		now = now.Add(24 * time.Hour)
	}
	want := []string{"of somebody.tar", "seosik-2026.tar", "seosik-20261130T030000Z.tar", "seosik-20261201T030000Z.tar"}
	if diff := cmp.Diff(want, left(t, folder)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// As long as what is made is not whole the older ones stay, and what a wrong clock
// made counts for nothing.
func TestKeeperKeepsWhatIsWhole(t *testing.T) {
	h := newHouse(t, 2)
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	h.Now = func() time.Time { return now }
	folder := t.TempDir()
	late := NameAt(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), false)
	if err := os.WriteFile(filepath.Join(folder, late), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	k := NewKeeper(h.Maker, Schedule{Folder: folder, Every: time.Hour, Keep: 1}, slog.New(slog.DiscardHandler))
	turn := func(want ...string) {
		t.Helper()
		if k.Due().After(now) {
			t.Errorf("the next is due at %s", k.Due())
		}
		if err := k.turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
		if diff := cmp.Diff(append(want, late), left(t, folder)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	turn("seosik-20261129T030000Z.tar")
	file := h.file(keys(t, h.Data)[0])
	if err := os.Rename(file, file+".lost"); err != nil {
		t.Fatal(err)
	}
	turn("seosik-20261129T030000Z.tar", "seosik-20261129T040000Z.tar")
	if err := os.Rename(file+".lost", file); err != nil {
		t.Fatal(err)
	}
	turn("seosik-20261129T050000Z.tar")
}

// Who asks for a backup gets one, though none is due.
func TestKeeperIsAsked(t *testing.T) {
	h := newHouse(t, 1)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, NameAt(time.Now(), true)), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	k := NewKeeper(h.Maker, Schedule{Folder: folder, Every: 24 * time.Hour, Keep: 2}, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() {
		k.Run(ctx)
		close(stopped)
	}()
	k.Ask()
	for deadline := time.Now().Add(20 * time.Second); k.Working() || len(left(t, folder)) < 2; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it made none: %v", left(t, folder))
		}
	}
	stop()
	<-stopped
}
