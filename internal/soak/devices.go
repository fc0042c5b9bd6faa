package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/vault"
)

const (
	slowSync = 50 * time.Millisecond // that a slow disk takes to keep what was written
	lieFor   = 2 * time.Second       // how long a lying one takes to keep what it says that it has
	judgeFor = 10 * time.Second      // how long a server has to find out what was lost
)

// slows has the server killed so many times on a disk that is slow.
func (s *soak) slows(ctx context.Context, n int) error {
	slow := func() *device { return &device{slow: slowSync} }
	return s.onDisks(ctx, "slow", n, slow, func(ctx context.Context, h *house, _ *disk, begun, rounds int) error {
		return s.rounds(ctx, h, "slow", begun, rounds, func(_ context.Context, server *server) error {
			return errors.Join(server.kill(false), h.sweep())
		})
	})
}

// lies has the power cut so many times on a disk that says that it has kept what it
// has not: half of the times it loses the last seconds, else single writes out of
// them, so that the file system itself is torn. What was answered cannot be there
// then. But what is lost has to be said: by the file system, by the start, or by a
// backup, which looks at all; and what nobody complains of has to be whole.
func (s *soak) lies(ctx context.Context, n int) error {
	for i := 1; i <= n; i++ {
		dir, err := s.folder(fmt.Sprintf("lies-%d", i))
		if err != nil {
			return err
		}
		if err := s.lie(ctx, dir, i); err != nil {
			return fmt.Errorf("lies %d: %w", i, err)
		}
	}
	return nil
}

func (s *soak) lie(ctx context.Context, dir string, i int) (err error) {
	d, err := newDisk(ctx, dir, 1024, false, &device{lag: lieFor})
	if err != nil {
		return err
	}
	h, err := s.house(ctx, d.at)
	if err != nil {
		return errors.Join(err, d.remove())
	}
	time.Sleep(2 * lieFor) // or there would be nothing at all
	m, err := newMaker(s.rand("lies", i))
	if err != nil {
		return errors.Join(err, d.remove())
	}
	r, lost := s.rand("lies round", i), 0
	_, err = s.round(ctx, h, m, r, func(ctx context.Context, server *server) (err error) {
		err = server.kill(true)
		n, cannot := d.device.cut(i%2 == 0, r)
		lost = n
		return errors.Join(err, cannot, d.unmount(ctx))
	})
	if err != nil {
		return errors.Join(err, d.remove())
	}
	if broken := d.repairAll(ctx); broken != nil {
		s.say("lies %d: %d writes lost; said by the file system: %v", i, lost, broken)
		return ctx.Err()
	}
	defer func() { err = errors.Join(err, d.remove()) }()
	if err := h.sweep(); err != nil {
		return err
	}
	found, said, err := h.judge(ctx)
	if err != nil {
		return err
	}
	s.say("lies %d: %d writes lost; %s", i, lost, said)
	s.report("lies", h, found, 0)
	return nil
}

// repairAll mends all of the file system that can be, and mounts it.
func (d *disk) repairAll(ctx context.Context) error {
	// It returns 1 where it mended something.
	if err := command(ctx, "sh", "-c", `e2fsck -fy "$0" || [ $? -le 1 ]`, d.image); err != nil {
		return err
	}
	return d.mount(ctx)
}

// judge looks whether what is there is whole, or somebody says what is lost.
func (h *house) judge(ctx context.Context) (found finding, said string, err error) {
	server, _, err := h.serve(ctx)
	if errors.Is(err, errEnded) {
		lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
		return found, "said by the start: " + lines[len(lines)-1], nil
	}
	if err != nil {
		return found, "", err
	}
	select {
	case <-time.After(judgeFor):
	case <-server.ended:
	}
	if err := server.stop(); err != nil {
		found.complain("%v", err)
	}
	if cannot := h.backUp(ctx, nil, "after.tar"); cannot != nil {
		return found, "said by a backup: " + cannot.Error(), ctx.Err()
	}
	database, err := db.Open(ctx, h.database())
	if err != nil {
		return found, "", err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	gone, err := h.countBlobs(ctx, &found, database)
	if err != nil {
		return found, "", err
	}
	backups, err := database.Backups(ctx)
	if int64(gone) != backups.Last.Lacking {
		found.complain("%d pictures and files are lost, and a backup says that %d are", gone, backups.Last.Lacking)
	}
	return found, fmt.Sprintf("all is whole but for %d pictures and files, which a backup says", gone), errors.Join(err, checkDatabase(ctx, &found, database))
}

// countBlobs counts documents and pages, and returns how many pictures and files of
// them are not as they should be.
func (h *house) countBlobs(ctx context.Context, found *finding, database *db.DB) (gone int, err error) {
	v, err := database.OpenVault(ctx, vault.Source{File: filepath.Join(h.data(), "vault.key")})
	if err != nil {
		return 0, err
	}
	sealer, err := v.Blobs()
	if err != nil {
		return 0, err
	}
	store, err := blob.OpenSealed(h.blobs(), sealer)
	if err != nil {
		return 0, err
	}
	rows, err := documents(ctx, database)
	if err != nil {
		return 0, err
	}
	seen := map[blob.Key]bool{"": true}
	look := func(key blob.Key) {
		if seen[key] {
			return
		}
		seen[key] = true
		if _, err := store.Bytes(ctx, key); err != nil {
			gone++
		}
	}
	for _, d := range rows {
		found.documents++
		look(d.blob)
		for _, p := range d.pages {
			found.pages++
			look(p.image)
		}
	}
	return gone, ctx.Err()
}
