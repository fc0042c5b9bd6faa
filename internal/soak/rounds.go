package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// perHouse is how many rounds a house goes through before it is looked at.
const perHouse = 25

// An outage ends a server, and whatever else it ends.
type outage func(ctx context.Context, s *server) error

// kills has the server killed so many times.
func (s *soak) kills(ctx context.Context, n int) error {
	return s.houses(ctx, "kill", n, func(ctx context.Context, dir string, begun, rounds int) error {
		h, err := s.house(ctx, dir)
		if err != nil {
			return err
		}
		return s.rounds(ctx, h, "kill", begun, rounds, func(_ context.Context, server *server) error {
			return errors.Join(server.kill(false), h.sweep())
		})
	})
}

// cuts has the power cut so many times.
func (s *soak) cuts(ctx context.Context, n int) error {
	return s.onDisks(ctx, "cut", n, noDevice, func(ctx context.Context, h *house, d *disk, begun, rounds int) error {
		return s.rounds(ctx, h, "cut", begun, rounds, func(ctx context.Context, server *server) error {
			return errors.Join(server.kill(true), d.cut(ctx), h.sweep())
		})
	})
}

// noDevice is that of disks that are only a file.
func noDevice() *device { return nil }

// onDisks calls f with each house that n rounds take, which is on a disk of its own,
// on a device where one is made.
func (s *soak) onDisks(ctx context.Context, name string, n int, on func() *device, f func(ctx context.Context, h *house, d *disk, begun, rounds int) error) error {
	return s.houses(ctx, name, n, func(ctx context.Context, dir string, begun, rounds int) (err error) {
		d, err := newDisk(ctx, dir, 1024, false, on())
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.remove()) }()
		h, err := s.house(ctx, d.at)
		if err != nil {
			return err
		}
		return f(ctx, h, d, begun, rounds)
	})
}

// houses calls f with a folder for each house that n rounds take.
func (s *soak) houses(ctx context.Context, name string, n int, f func(ctx context.Context, dir string, begun, rounds int) error) error {
	for begun := 0; begun < n; begun += perHouse {
		dir, err := s.folder(fmt.Sprintf("%s-%d", name, begun+1))
		if err != nil {
			return err
		}
		if err := f(ctx, dir, begun, min(perHouse, n-begun)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// rounds has a house go through rounds, lets what is left be read, and looks at
// what became of it.
func (s *soak) rounds(ctx context.Context, h *house, name string, begun, n int, end outage) error {
	m, err := newMaker(s.rand(name, begun))
	if err != nil {
		return err
	}
	for i := begun + 1; i <= begun+n; i++ {
		what, err := s.round(ctx, h, m, s.rand(name+" round", i), end)
		if err != nil {
			return fmt.Errorf("round %d: %s: %w", i, what, err)
		}
		s.say("%s %d: %s", name, i, what)
	}
	server, site, err := h.serve(ctx)
	if err != nil {
		return err
	}
	return s.look(ctx, h, name, server, site)
}

// round starts a server, has it work, and ends it at some moment. It says what
// happened.
func (s *soak) round(ctx context.Context, h *house, m *maker, r *rand.Rand, end outage) (what string, err error) {
	if err := h.takeBackups(ctx); err != nil {
		return "", err
	}
	if r.IntN(5) == 0 {
		server, err := h.start()
		if err != nil {
			return "", err
		}
		life := time.Duration(r.IntN(200)) * time.Millisecond
		time.Sleep(life)
		return fmt.Sprintf("%d ms after its start", life.Milliseconds()), end(ctx, server)
	}
	server, site, err := h.serve(ctx)
	if err != nil {
		return "", err
	}
	begun, life := time.Now(), time.Duration(r.IntN(5000))*time.Millisecond
	how, harried := r.IntN(10), 0
	if how == 0 {
		life = 10 * time.Second
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	var doing sync.WaitGroup
	if err := s.send(working, &doing, h, m, r, site); err != nil {
		return "", errors.Join(err, end(ctx, server))
	}
	for _, work := range []func(*rand.Rand){
		func(r *rand.Rand) { h.review(working, site, r) },
		func(r *rand.Rand) { h.exports(working, site, r) },
		func(r *rand.Rand) { h.backups(working, server, site, r) },
	} {
		seed := rand.New(rand.NewPCG(r.Uint64(), 0))
		doing.Go(func() { work(seed) })
	}
	if how < 5 {
		seed := rand.New(rand.NewPCG(r.Uint64(), 0))
		doing.Go(func() { harried = server.harry(working, seed, how == 0) })
	}
	select {
	case <-time.After(life):
	case <-server.ended:
	case <-ctx.Done():
	}
	err = end(ctx, server)
	took := time.Since(begun)
	stop()
	doing.Wait()
	return fmt.Sprintf("after %.1f s, %d of its children before", took.Seconds(), harried), errors.Join(err, ctx.Err())
}

// send sends some files, both ways and at once.
func (s *soak) send(ctx context.Context, doing *sync.WaitGroup, h *house, m *maker, r *rand.Rand, site string) error {
	for i := range 4 {
		var files []*file
		for range 1 + i/2*r.IntN(2) {
			f, err := m.next(6 - i/2)
			if err != nil {
				return err
			}
			files = append(files, f)
		}
		pause := time.Duration(r.IntN(1500)) * time.Millisecond
		doing.Go(func() {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return
			}
			if i/2 == 0 {
				h.upload(ctx, site, files...)
			} else {
				h.infer(ctx, site, files[0])
			}
		})
	}
	return nil
}

// look lets a server read what is left, stops it, and looks at what became of
// all that was sent.
func (s *soak) look(ctx context.Context, h *house, name string, server *server, site string) error {
	begun := time.Now()
	err := h.settle(ctx, server)
	if err == nil { // so that all is in the folder
		h.fold(ctx, site)
		err = h.settle(ctx, server)
	}
	took := time.Since(begun).Round(time.Second)
	err = errors.Join(err, server.stop())
	if ctx.Err() != nil {
		return ctx.Err()
	}
	found, cannot := h.check(ctx)
	if cannot != nil {
		return cannot
	}
	if err != nil {
		found.complain("%v", err)
	}
	wrong, cannot := h.checkRestored(ctx, found)
	if cannot != nil {
		return cannot
	}
	for _, w := range wrong {
		found.complain("restored: %s", w)
	}
	s.report(name, h, found, took)
	return nil
}

// folder makes a folder for a house.
func (s *soak) folder(name string) (string, error) {
	dir := filepath.Join(s.work, name)
	return dir, os.Mkdir(dir, 0o700)
}
