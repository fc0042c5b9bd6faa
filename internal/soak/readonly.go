package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// refusedFor is how long a disk stays read-only while files are sent and values
// corrected.
const refusedFor = 8 * time.Second

// readOnlys has the disk turn read-only so many times, as a file system does by
// itself that cannot write its journal (errors=remount-ro): what was not synced
// before is lost, and everything after is refused.
func (s *soak) readOnlys(ctx context.Context, n int) error {
	return s.onDisks(ctx, "read-only", n, noDevice, func(ctx context.Context, h *house, d *disk, begun, rounds int) error {
		m, err := newMaker(s.rand("read-only", begun))
		if err != nil {
			return err
		}
		for i := begun + 1; i <= begun+rounds; i++ {
			if err := s.readOnly(ctx, h, d, m, i); err != nil {
				return fmt.Errorf("round %d: %w", i, err)
			}
		}
		server, site, err := h.serve(ctx)
		if err != nil {
			return err
		}
		return s.look(ctx, h, "read-only", server, site)
	})
}

func (s *soak) readOnly(ctx context.Context, h *house, d *disk, m *maker, i int) error {
	server, site, err := h.serve(ctx)
	if err != nil {
		return err
	}
	working, stop := context.WithTimeout(ctx, refusedFor)
	defer stop()
	r := s.rand("read-only round", i)
	reviewed := make(chan struct{})
	go func() {
		defer close(reviewed)
		h.review(working, site, r)
	}()
	begun, aborted, refused := time.Now(), false, 0
	for working.Err() == nil && err == nil {
		if !aborted && time.Since(begun) > refusedFor/4 {
			aborted, err = true, command(ctx, "mount", "-o", "remount,abort", d.at)
		}
		f, cannot := m.next(4)
		if cannot != nil {
			err = cannot
			break
		}
		if status, _ := h.upload(working, site, f); aborted && status >= http.StatusInternalServerError {
			refused++
			if status != http.StatusServiceUnavailable {
				h.ledger.complain("an upload to a read-only disk was answered with %d", status)
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	<-reviewed
	if errors.Is(working.Err(), context.DeadlineExceeded) && refused == 0 {
		h.ledger.complain("no upload was refused though the disk was read-only")
	}
	s.say("read-only %d: %d uploads refused", i, refused)
	if err != nil {
		return errors.Join(err, server.kill(true))
	}
	return errors.Join(ctx.Err(), server.kill(true), d.repair(ctx), h.sweep())
}

// repair checks the file system as the next start of a machine does.
func (d *disk) repair(ctx context.Context) error {
	if err := d.unmount(ctx); err != nil {
		return err
	}
	// It returns 1 where it mended something.
	if err := command(ctx, "sh", "-c", `e2fsck -p "$0" || [ $? -le 1 ]`, d.image); err != nil {
		return err
	}
	return d.mount(ctx)
}
