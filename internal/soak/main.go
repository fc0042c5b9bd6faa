// Soak does to the server what a machine does on its worst days, and sees that
// nothing is lost and nothing fails for it: it kills the server, and what the
// server starts, at any moment; it cuts the power; it fills the disk; it turns it
// read-only; it makes it slow, and has it lie. Meanwhile it uploads files of many pages as a browser does and through the API, corrects
// values of pages under review, has exports made, takes them, and makes backups. In
// the end each page of each file that was answered has to be there exactly once, and
// read; each correction once; each export whole, in its folder and with what is new
// of each page once; and each backup that has a name has to be restored, with all
// that was answered before it was begun.
//
//	go run ./internal/soak -kills 100 -cuts 100 -fulls 3 -readonlys 3 -slows 3 -lies 4
//
// What is drawn comes from the seed. When a process is hit does not: that hangs
// on the machine.
//
// # Power cuts
//
// The data lies on a file system in a file, mounted by loop. For a cut, the
// server is killed and the file is copied before the file system is unmounted:
// what was written and not synced is in the memory of the kernel only, and not in
// the copy, from which the next server goes on. This shows each write that is
// acknowledged before it was synced, also the name of a file in its folder. It
// does not show a disk that loses or reorders what it has acknowledged to the
// kernel, for which there are rounds of their own (see device), nor a sector that is half written; and no cut falls into the midst of a
// sync, which the kernel ends before the process does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"maps"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// shown is how many of the things that must not be are printed of a house.
const shown = 20

func main() {
	log.SetFlags(0)
	kills := flag.Int("kills", 100, "times that the server is killed")
	cuts := flag.Int("cuts", 100, "times that the power is cut; needs root")
	readOnlys := flag.Int("readonlys", 3, "times that the disk turns read-only; needs root")
	fulls := flag.Int("fulls", 3, "times that the disk is full; needs root")
	slows := flag.Int("slows", 3, "times that the server is killed on a slow disk; needs root")
	lies := flag.Int("lies", 4, "times that the power of a disk is cut that lies about what it has kept; needs root")
	seed := flag.Uint64("seed", 0, "of what is drawn; 0 for any")
	program := flag.String("program", "bin/seosik", "the program")
	flag.Parse()
	if *cuts+*fulls+*readOnlys+*slows+*lies > 0 && os.Geteuid() != 0 {
		log.Fatal("soak: cutting the power and filling the disk takes mounts, and they take root: run it as root, or with CUTS=0 FULLS=0 READONLYS=0 SLOWS=0 LIES=0")
	}
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	sound, err := run(ctx, *program, *seed, rounds{*kills, *cuts, *fulls, *readOnlys, *slows, *lies})
	if err != nil {
		log.Fatal("soak: ", err)
	}
	if !sound {
		os.Exit(1)
	}
}

// A soak is one go of all this.
type soak struct {
	program string
	work    string // folder
	seed    uint64
	begun   time.Time
	total   map[string]*total // of each kind of round
}

// A total is what is said in the end.
type total struct {
	found   finding
	answers map[string]int
}

// rounds says how many there are of each kind.
type rounds struct{ kills, cuts, fulls, readOnlys, slows, lies int }

// run reports whether all was as it must be.
func run(ctx context.Context, program string, seed uint64, n rounds) (sound bool, err error) {
	if program, err = filepath.Abs(program); err != nil {
		return false, err
	}
	work, err := os.MkdirTemp("", "seosik-soak-")
	if err != nil {
		return false, err
	}
	s := &soak{program: program, work: work, seed: seed, begun: time.Now(), total: make(map[string]*total)}
	s.say("seed %d, folder %s", seed, work)
	for _, f := range []func() error{
		func() error { return s.kills(ctx, n.kills) },
		func() error { return s.cuts(ctx, n.cuts) },
		func() error { return s.fulls(ctx, n.fulls) },
		func() error { return s.readOnlys(ctx, n.readOnlys) },
		func() error { return s.slows(ctx, n.slows) },
		func() error { return s.lies(ctx, n.lies) },
	} {
		if err := f(); err != nil {
			return false, err
		}
	}
	if sound = s.sum(); sound {
		err = os.RemoveAll(work) // else there is something to look at
	}
	return sound, err
}

// say prints a line.
func (s *soak) say(format string, args ...any) {
	log.Printf("%6.0f s  %s", time.Since(s.begun).Seconds(), fmt.Sprintf(format, args...))
}

// rand returns the random numbers of one purpose.
func (s *soak) rand(purpose string, i int) *rand.Rand {
	h := uint64(14695981039346656037) // FNV-1a
	for _, b := range []byte(fmt.Sprint(purpose, i)) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return rand.New(rand.NewPCG(s.seed, h))
}

// house makes a house in root, in which somebody is logged in.
func (s *soak) house(ctx context.Context, root string, more ...string) (*house, error) {
	h, err := furnish(ctx, s.program, root, filepath.Join(s.work, "server.log"))
	if err != nil {
		return nil, err
	}
	h.more = more
	server, site, err := h.serve(ctx)
	if err != nil {
		return nil, err
	}
	if err = h.login(ctx, site); err == nil {
		err = h.saveProfile(ctx, site)
	}
	if err == nil {
		err = h.begin(ctx, server, site)
	}
	return h, errors.Join(err, server.stop())
}

// report says what became of a house.
func (s *soak) report(name string, h *house, found finding, took time.Duration) {
	s.say("%s: %v; the rest was read in %v; %d violations", name, &found, took, len(found.wrong))
	for i, w := range found.wrong {
		if i == shown {
			s.say("  and so on")
			break
		}
		s.say("  VIOLATION: %s", w)
	}
	t := s.total[name]
	if t == nil {
		t = &total{answers: make(map[string]int)}
		s.total[name] = t
	}
	t.found.documents += found.documents
	t.found.pages += found.pages
	t.found.forms += found.forms
	t.found.said += found.said
	t.found.exports += found.exports
	t.found.wrong = append(t.found.wrong, found.wrong...)
	for answer, n := range h.ledger.answers {
		t.answers[answer] += n
	}
}

// sum prints the totals, and reports whether all was as it must be.
func (s *soak) sum() (sound bool) {
	sound = true
	for _, name := range slices.Sorted(maps.Keys(s.total)) {
		t := s.total[name]
		var answers []string
		for _, answer := range slices.Sorted(maps.Keys(t.answers)) {
			answers = append(answers, fmt.Sprintf("%s: %d", answer, t.answers[answer]))
		}
		s.say("TOTAL %s: %v; %s; %d violations", name, &t.found, strings.Join(answers, ", "), len(t.found.wrong))
		sound = sound && len(t.found.wrong) == 0
	}
	return sound
}
