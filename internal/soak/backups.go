package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/backup"
)

// backups has backups made until ctx ends: by the button of the server, which makes
// one by itself besides when it starts and there is none, and by the command line.
func (h *house) backups(ctx context.Context, s *server, site string, r *rand.Rand) {
	for ctx.Err() == nil {
		select {
		case <-time.After(time.Duration(r.IntN(1500)) * time.Millisecond):
		case <-ctx.Done():
			return
		}
		if r.IntN(2) == 0 {
			if a, err := h.ask(ctx, http.MethodPost, site+"/admin/backup", formKind, nil); err == nil {
				h.ledger.note(fmt.Sprintf("backup asked for %d", a.status), nil)
			}
			continue
		}
		if err := h.backUp(ctx, s, fmt.Sprintf("hand-%d.tar", r.Uint64())); err != nil {
			h.ledger.note("backup by hand cut off", nil)
		} else {
			h.ledger.note("backup by hand", nil)
		}
	}
}

// backUp has the command line make a backup. It is killed with the machine that s
// is on, where that is not nil.
func (h *house) backUp(ctx context.Context, s *server, name string) error {
	cmd := exec.CommandContext(ctx, h.program, "backup", "--data", h.data(), filepath.Join(h.backupDir(), name))
	cmd.Env = h.environment()
	if s == nil {
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("backup: %w: %s", err, out)
		}
		return nil
	}
	if err := s.startBeside(cmd); err != nil {
		return err
	}
	return cmd.Wait()
}

// named reports whether a file of the folder says that it is a backup.
func named(file string) bool {
	return !strings.HasPrefix(file, ".") && strings.HasSuffix(file, ".tar")
}

// takeBackups restores each backup that is there, sees that it has what had been
// answered before it was begun, and removes it. Nothing serves meanwhile.
func (h *house) takeBackups(ctx context.Context) error {
	list, err := os.ReadDir(h.backupDir())
	if err != nil {
		return err
	}
	for _, f := range list {
		if !named(f.Name()) {
			continue
		}
		name := filepath.Join(h.backupDir(), f.Name())
		if err := h.tryBackup(ctx, name); err != nil {
			return err
		}
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) tryBackup(ctx context.Context, name string) error {
	return h.restored(ctx, name, func(r *house, made backup.Restored) error {
		database, err := db.Open(ctx, r.database())
		if err != nil {
			return err
		}
		defer database.Close()
		rows, err := documents(ctx, database)
		if err != nil {
			return err
		}
		var found finding
		r.checkUploads(&found, rows, made.At)
		err = errors.Join(r.checkSaid(ctx, &found, database, made.At), checkDatabase(ctx, &found, database))
		h.ledger.note("backup restored", nil)
		for _, w := range found.wrong {
			h.ledger.complain("backup %s: %s", filepath.Base(name), w)
		}
		return err
	})
}

// restored restores a backup and calls f with the house that it makes; its ledger is
// that of h. A backup that cannot be restored, or lacks something, is a violation.
func (h *house) restored(ctx context.Context, name string, f func(r *house, made backup.Restored) error) (err error) {
	dir, err := os.MkdirTemp(filepath.Dir(h.log), "restored-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r := *h
	r.root = dir
	made, cannot := backup.Restore(ctx, name, r.data(), nil, backup.Secrets{})
	if cannot != nil || made.Lacking+made.Gone > 0 {
		h.ledger.complain("backup %s cannot be restored, or lacks %d and %d blobs: %v", filepath.Base(name), made.Lacking, made.Gone, cannot)
		return ctx.Err()
	}
	return f(&r, made)
}

// checkRestored makes a last backup and looks at what it is restored to, as at the
// house itself.
func (h *house) checkRestored(ctx context.Context, of finding) (wrong []string, err error) {
	if cannot := h.backUp(ctx, nil, "last.tar"); cannot != nil { // which is a finding
		return []string{cannot.Error()}, nil //nolint:nilerr // it is what was found
	}
	err = h.restored(ctx, filepath.Join(h.backupDir(), "last.tar"), func(r *house, _ backup.Restored) error {
		found, err := r.check(ctx)
		if found.documents != of.documents || found.pages != of.pages || found.said != of.said || found.exports != of.exports {
			found.complain("%d documents, %d pages, %d corrections and %d exports are restored, of %d, %d, %d and %d",
				found.documents, found.pages, found.said, found.exports, of.documents, of.pages, of.said, of.exports)
		}
		wrong = found.wrong
		return err
	})
	return wrong, err
}
