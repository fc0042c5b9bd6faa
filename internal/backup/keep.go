package backup

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A Schedule says where backups are made by themselves, and when.
type Schedule struct {
	Folder string // is never made: a disk that is not there must not be missed
	Every  time.Duration
	Keep   int // how many stay: older ones are removed once a newer one is whole
	Options
}

const (
	namePrefix = "seosik-"
	nameTime   = "20060102T150405Z"
	nameSuffix = ".tar"
	nameSealed = ".tar.age"
)

// NameAt returns what a backup is called that is made by itself.
func NameAt(at time.Time, sealed bool) string {
	name := namePrefix + at.UTC().Format(nameTime)
	if sealed {
		return name + nameSealed
	}
	return name + nameSuffix
}

// madeAt returns when a file was made by itself.
func madeAt(name string) (at time.Time, ours bool) {
	name, ours = strings.CutPrefix(name, namePrefix)
	if !ours {
		return at, false
	}
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".age"), nameSuffix)
	at, err := time.Parse(nameTime, name)
	return at, err == nil
}

// A Keeper makes backups by a schedule. Its nil makes none.
type Keeper struct {
	Schedule
	maker   *Maker
	log     *slog.Logger
	asked   chan struct{}
	working atomic.Bool
}

// NewKeeper returns a Keeper that has yet to be run.
func NewKeeper(m *Maker, s Schedule, log *slog.Logger) *Keeper {
	return &Keeper{Schedule: s, maker: m, log: log, asked: make(chan struct{}, 1)}
}

// Ask has a backup be made now, if none is being made.
func (k *Keeper) Ask() {
	select {
	case k.asked <- struct{}{}:
	default:
	}
}

// Working reports whether a backup is being made.
func (k *Keeper) Working() bool { return k != nil && (k.working.Load() || len(k.asked) > 0) }

const (
	// retryAfter is when a backup that failed is tried again, at the latest.
	retryAfter = 30 * time.Minute
	// lookEvery is how often the clock is looked at: it may be set, and machines sleep.
	lookEvery = time.Minute
)

// Run makes backups until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	var notBefore time.Time
	asked := false
	for {
		if now := k.maker.Now(); asked || !now.Before(notBefore) && !now.Before(k.Due()) {
			if err := k.turn(ctx); err != nil {
				notBefore = k.maker.Now().Add(min(retryAfter, k.Every))
			}
		}
		asked = false
		select {
		case <-ctx.Done():
			return
		case <-k.asked:
			asked = true
		case <-time.After(lookEvery):
		}
	}
}

// Due returns when the next backup is to be made. Where nobody can say when the last
// one was, that is at once: making one says why.
func (k *Keeper) Due() time.Time {
	made, err := k.made(k.maker.Now())
	if err != nil || len(made) == 0 {
		return time.Time{}
	}
	return made[len(made)-1].at.Add(k.Every)
}

// turn makes a backup and removes those that are too many. Where it lacks what the
// disk has lost none is removed: older ones may have that.
func (k *Keeper) turn(ctx context.Context) error {
	k.working.Store(true)
	defer k.working.Store(false)
	name := filepath.Join(k.Folder, NameAt(k.maker.Now(), k.Lock != nil))
	b, err := k.maker.Write(ctx, form.System, name, k.Options)
	if err != nil {
		if ctx.Err() == nil {
			k.log.ErrorContext(ctx, "no backup made", "error", err)
		}
		return err
	}
	if b.Lacking > 0 {
		k.log.ErrorContext(ctx, "the disk has lost or altered pictures or files: the backup is without them, and older ones are kept", "lacking", b.Lacking)
	}
	k.log.InfoContext(ctx, "backup made", "file", b.File, "bytes", b.Bytes, "took", b.Took.Round(time.Second))
	if b.Lacking > 0 {
		return nil
	}
	if err := k.prune(); err != nil {
		k.log.ErrorContext(ctx, "old backups not removed", "error", err)
	}
	return nil
}

type madeFile struct {
	name string
	at   time.Time
}

// made lists what was made by itself until now, the oldest first. What says that it
// is of later was made by a wrong clock, and counts for nothing: it would keep new
// ones from being made, and have good ones removed.
func (k *Keeper) made(now time.Time) (list []madeFile, err error) {
	all, err := os.ReadDir(k.Folder)
	for _, e := range all {
		if at, ours := madeAt(e.Name()); ours && !at.After(now) {
			list = append(list, madeFile{e.Name(), at})
		}
	}
	slices.SortFunc(list, func(a, b madeFile) int { return a.at.Compare(b.at) })
	return list, err
}

func (k *Keeper) prune() error {
	made, err := k.made(k.maker.Now())
	for ; len(made) > k.Keep; made = made[1:] {
		err = errors.Join(err, os.Remove(filepath.Join(k.Folder, made[0].name)))
	}
	return err
}

// SameDisk reports whether backups lie on the disk of what they are made of: who
// loses one loses both.
func (k *Keeper) SameDisk() bool { return sameDisk(k.maker.Data, k.Folder) }

func sameDisk(one, other string) bool {
	first, err := os.Stat(one)
	if err != nil {
		return false
	}
	second, err := os.Stat(other)
	if err != nil {
		return false
	}
	a, ok := first.Sys().(*syscall.Stat_t)
	b, too := second.Sys().(*syscall.Stat_t)
	return ok && too && a.Dev == b.Dev
}
