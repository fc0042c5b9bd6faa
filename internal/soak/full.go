package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/seosik/seosik/db"
)

const (
	diskSize = 128 // MB
	// aLittle is how much room is left where the database can still say that the
	// disk is full, and most files find none.
	aLittle = 256 << 10 // bytes
	// fullFor is how long the disk stays full.
	fullFor = 20 * time.Second
)

// fulls has the disk full so many times: each second time without any room, else
// with a little; one of four with the program's own guard; each third one is in memory, where no room is set aside for what
// is still to be written.
func (s *soak) fulls(ctx context.Context, n int) error {
	for i := 1; i <= n; i++ {
		dir, err := s.folder(fmt.Sprintf("full-%d", i))
		if err != nil {
			return err
		}
		if err := s.full(ctx, dir, i); err != nil {
			return fmt.Errorf("full %d: %w", i, err)
		}
	}
	return nil
}

func (s *soak) full(ctx context.Context, dir string, i int) (err error) {
	d, err := newDisk(ctx, dir, diskSize, i%3 == 0, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.remove()) }()
	var guard []string // that of the program is off, or nothing would fill up
	if i%4 != 2 {
		guard = []string{"SEOSIK_MIN_FREE=0.001MB"}
	}
	h, err := s.house(ctx, d.at, guard...)
	if err != nil {
		return err
	}
	m, err := newMaker(s.rand("full", i))
	if err != nil {
		return err
	}
	server, site, err := h.serve(ctx)
	if err != nil {
		return err
	}
	var room int64
	if i%2 == 1 {
		room = aLittle
	}
	saw, err := s.whileFull(ctx, h, d, m, site, room)
	if err != nil {
		return errors.Join(err, server.kill(false))
	}
	s.say("full %d: %d uploads refused; %d of %d open documents said why they wait", i, saw.refused, saw.waited, saw.open)
	if saw.refused == 0 {
		h.ledger.complain("no upload was refused though the disk was full")
	}
	if room > 0 && saw.waited == 0 {
		h.ledger.complain("no document says that the disk is full")
	}
	return s.look(ctx, h, "full", server, site)
}

// A fullness is what was seen while the disk was full.
type fullness struct {
	refused int // uploads
	open    int // documents, in the end
	waited  int // of them, that said that they wait for room
}

// whileFull has the disk full while files are sent and read.
func (s *soak) whileFull(ctx context.Context, h *house, d *disk, m *maker, site string, room int64) (saw fullness, err error) {
	database, err := db.Open(ctx, h.database())
	if err != nil {
		return saw, err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	var calls sync.WaitGroup
	defer calls.Wait() // once there is room
	for range 6 {
		f, err := m.next(6)
		if err != nil {
			return saw, err
		}
		h.upload(ctx, site, f)
		call, err := m.next(5)
		if err != nil {
			return saw, err
		}
		calls.Go(func() { h.infer(ctx, site, call) })
	}
	empty, err := d.fill(room)
	if err != nil {
		return saw, err
	}
	defer func() { err = errors.Join(err, empty()) }()
	for begun := time.Now(); time.Since(begun) < fullFor && ctx.Err() == nil; time.Sleep(200 * time.Millisecond) {
		f, err := m.next(6)
		if err != nil {
			return saw, err
		}
		if h.uploadFull(ctx, site, f) {
			saw.refused++
		}
	}
	saw.open, err = number(ctx, database, openDocs)
	if err == nil {
		saw.waited, err = number(ctx, database, stopped)
	}
	return saw, errors.Join(err, ctx.Err())
}

// uploadFull uploads a file to a server whose disk may be full, and reports
// whether it was refused for that.
func (h *house) uploadFull(ctx context.Context, site string, f *file) (refused bool) {
	status, text := h.upload(ctx, site, f)
	switch status {
	case 0, http.StatusSeeOther: // the server is gone, which is seen later, or there was room for this one
		return false
	case http.StatusInsufficientStorage:
		if !strings.Contains(text, "disk is full") && !strings.Contains(text, "hardly any room") {
			h.ledger.complain("an upload was refused without saying that the disk is full")
		}
		return true
	}
	h.ledger.complain("an upload to a full disk was answered with %d", status)
	return false
}
