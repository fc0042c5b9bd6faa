// Package disk says how much room there is where a folder lies, and when that is
// too little to take anything in, or nothing can be written.
package disk

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Room is what a disk has.
type Room struct {
	Free     int64 // bytes that this program may still write
	Total    int64 // bytes
	ReadOnly bool  // nothing can be written, as where a file system has found itself damaged
}

// RoomAt returns the room of the disk on which path lies.
func RoomAt(path string) (Room, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(path, &fs); err != nil {
		return Room{}, fmt.Errorf("room at %s: %w", path, err)
	}
	size := uint64(fs.Bsize) //nolint:gosec // it is never negative
	return Room{bytesOf(fs.Bavail, size), bytesOf(fs.Blocks, size), readOnly(path)}, nil
}

// bytesOf returns how many bytes blocks have. Some file systems say that there is
// no end to them.
func bytesOf(blocks, size uint64) int64 {
	if size == 0 || blocks > math.MaxInt64/size {
		return math.MaxInt64
	}
	return int64(blocks * size) //nolint:gosec // see above
}

// A Share is how much of a disk is to stay free: bytes, or a part of all.
type Share struct {
	Bytes int64
	Part  float64 // in [0, 0.5]; counts where Bytes is 0
}

// Of returns how many bytes of a disk with so many that is.
func (s Share) Of(total int64) int64 {
	if s.Bytes > 0 {
		return s.Bytes
	}
	return int64(s.Part * float64(total))
}

// Usual is what stays free where nobody says otherwise: 2 GiB, or 5 % of a disk
// that is smaller than 40 GiB.
func Usual(total int64) int64 { return min(2<<30, total/20) }

var errShare = errors.New("is not an amount of a disk, as 2GiB, 500MiB or 5%")

// units are what amounts may be written in.
var units = []struct {
	name  string
	bytes float64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"GB", 1e9}, {"MB", 1e6}}

// ParseShare returns what text says, as 2GiB or 5%: at most half of a disk, or
// 1 TiB.
func ParseShare(text string) (Share, error) {
	if number, ok := strings.CutSuffix(text, "%"); ok {
		percent, err := strconv.ParseFloat(number, 64)
		if err != nil || !(percent > 0 && percent <= 50) {
			return Share{}, fmt.Errorf("%q %w", text, errShare)
		}
		return Share{Part: percent / 100}, nil
	}
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(number, 64)
		if bytes := n * u.bytes; err == nil && bytes >= 1 && bytes <= 1<<40 {
			return Share{Bytes: int64(bytes)}, nil
		}
	}
	return Share{}, fmt.Errorf("%q %w", text, errShare)
}

// freshFor is how long what a disk was found to have is believed.
const freshFor = time.Second

// A Guard watches that a disk does not fill up. Its nil always says that there is
// room. It is safe for concurrent use.
type Guard struct {
	path string
	keep func(total int64) int64
	room func(path string) (Room, error)

	mu   sync.Mutex
	at   time.Time
	last State
}

// A State is how a disk stands.
type State struct {
	Room
	Keep int64 // bytes that should stay free
	Low  bool  // fewer do: nothing more is to be taken in
	Dire bool  // not half of them do: nothing that can wait is to be written
}

// Shut reports whether nothing more is to be taken in.
func (s State) Shut() bool { return s.Low || s.ReadOnly }

// NewGuard returns what watches the disk on which path lies. Keep says how much of
// it should stay free, and nil that it is [Usual]; room is [RoomAt], except in
// tests.
func NewGuard(path string, keep *Share, room func(string) (Room, error)) *Guard {
	g := &Guard{path: path, keep: Usual, room: room}
	if keep != nil {
		g.keep = keep.Of
	}
	return g
}

// Keep returns how much of a disk with so many bytes should stay free.
func (g *Guard) Keep(total int64) int64 { return g.keep(total) }

// State returns how the disk stands. What cannot be found out is said elsewhere:
// then nothing is known of it, and it is not low.
func (g *Guard) State() State {
	if g == nil {
		return State{}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := time.Now(); g.at.IsZero() || now.Sub(g.at) > freshFor {
		g.at, g.last = now, g.look()
	}
	return g.last
}

func (g *Guard) look() State {
	room, err := g.room(g.path)
	if err != nil {
		return State{}
	}
	keep := g.keep(room.Total)
	// What was low is so until there is a little more than enough: it would
	// change with each file else.
	if g.last.Low && room.Free < keep+keep/10 {
		return State{room, keep, true, room.Free < keep/2}
	}
	return State{room, keep, room.Free < keep, room.Free < keep/2}
}
