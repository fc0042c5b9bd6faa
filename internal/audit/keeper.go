package audit

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// A Keeper keeps the access log of a server.
type Keeper struct {
	DB    *db.DB
	Key   ed25519.PrivateKey
	Keys  []ed25519.PublicKey // by which the log was signed besides, before the folder was restored without audit.key
	Heads string              // the file of heads
	Log   *slog.Logger
	Now   func() time.Time // nil for time.Now

	whole   sync.Mutex // held by who looks through the log, and by who deletes of it
	usual   map[string]usual
	usualOf time.Time // the day for which that was found
}

const (
	look      = time.Minute // after which it is looked whether somebody does unusually much
	signEvery = 60          // looks after which the log is signed
	usualDays = 30          // from which is told what is usual
	leastDays = 3           // without as many somebody is a newcomer
	checkDue  = 24 * time.Hour
	checkRest = 4 // times as long as it looks through the log it lets others have the disk
)

// Run keeps the log until ctx ends, when it is signed once more.
func (k *Keeper) Run(ctx context.Context) {
	if k.Now == nil {
		k.Now = time.Now
	}
	tick := time.NewTicker(look)
	defer tick.Stop()
	k.complain("access log not signed", k.Sign(ctx)) // as where the last server was killed
	var checking sync.WaitGroup
	defer checking.Wait()
	checking.Go(func() { k.keepChecking(ctx) })
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			k.complain("access log not signed", k.Sign(context.WithoutCancel(ctx)))
			return
		case <-tick.C:
		}
		if n%signEvery == 0 {
			k.complain("access log not signed", k.Sign(ctx))
		}
		k.complain("access log not cut", k.Cut(ctx))
		k.complain("access log not looked at", k.Watch(ctx))
	}
}

func (k *Keeper) complain(what string, err error) {
	if err != nil {
		k.Log.Error(what, "error", err)
	}
}

// keepChecking looks through the log once a day, until ctx ends.
func (k *Keeper) keepChecking(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := k.Check(ctx); ctx.Err() == nil {
			k.complain("access log not looked through", err)
		}
	}
}

// Check looks through the whole log where that was not done for a day, and keeps
// what was found.
func (k *Keeper) Check(ctx context.Context) error {
	last, err := k.DB.LogCheck(ctx)
	if now := k.Now(); err != nil || now.Sub(last.At).Abs() < checkDue {
		return err
	}
	k.whole.Lock()
	defer k.whole.Unlock()
	began := time.Now()
	found, err := k.verify(ctx, func() { // others go first
		select {
		case <-ctx.Done():
		case <-time.After(checkRest * time.Since(began)):
		}
		began = time.Now()
	})
	check := form.LogCheck{At: k.Now(), Rows: found.Rows}
	if broken, ok := errors.AsType[*BrokenError](err); ok {
		check.Row, check.Why = broken.Row, broken.Why
		k.Log.ErrorContext(ctx, "the access log is not as it was written and signed", "row", broken.Row, "why", broken.Why)
	} else if err != nil {
		return err
	}
	return k.DB.LogChecked(ctx, check)
}

func (k *Keeper) verify(ctx context.Context, rest func()) (Found, error) {
	heads, err := ReadHeads(k.Heads)
	if _, unread := errors.AsType[*fs.PathError](err); unread && !errors.Is(err, fs.ErrNotExist) {
		return Found{}, err // a disk's fault, or a mode's: nothing is known of the log
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Found{}, &BrokenError{0, fmt.Sprintf("%s: %v", HeadsFile, err)}
	}
	return verify(ctx, k.DB, append(slices.Clone(k.Keys), k.Key.Public().(ed25519.PublicKey)), heads, rest)
}

// Cut deletes some of what is older than the log is kept. It waits for the next
// time where the log is being looked through: what was the first row would be gone.
func (k *Keeper) Cut(ctx context.Context) error {
	if !k.whole.TryLock() {
		return nil
	}
	defer k.whole.Unlock()
	n, h, err := k.DB.CutAccess(ctx, sign(k.Key))
	if err == nil && h.Row > 0 {
		err = write(k.Heads, &h)
	}
	if n > 0 {
		k.Log.InfoContext(ctx, "access log cut", "rows", n)
	}
	return err
}

// A usual is what somebody does in a day.
type usual struct{ seen, taken int }

// Watch raises an alarm for each person, program and command that has seen or taken
// unusually much today.
func (k *Keeper) Watch(ctx context.Context) error {
	rules, err := k.DB.AccessRules(ctx)
	if err != nil {
		return err
	}
	now := k.Now().Local()
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.Local)
	days, err := k.DB.AccessDay(ctx, today)
	if err != nil {
		return err
	}
	for _, d := range days {
		if d.Seen < rules.Seen && d.Taken < rules.Taken {
			continue
		}
		if err := k.learn(ctx, today); err != nil {
			return err
		}
		usual := k.usualFor(d.Who, rules)
		for _, of := range []struct {
			kind                      string
			pages, usual, least, most int
		}{
			{db.AlarmSeen, d.Seen, usual.seen, rules.Seen, rules.SeenMost},
			{db.AlarmTaken, d.Taken, usual.taken, rules.Taken, rules.TakenMost},
		} {
			if !unusual(of.pages, of.usual, of.least, of.most, rules.Factor) {
				continue
			}
			raised, err := k.DB.Raise(ctx, db.Alarm{Day: today, Who: d.Who, Account: d.Account, Kind: of.kind, Pages: of.pages, Usual: of.usual})
			if err != nil {
				return err
			}
			if raised {
				k.Log.WarnContext(ctx, "unusually much was seen or taken", "who", d.Who, "what", of.kind, "pages", of.pages, "usual", of.usual)
			}
		}
	}
	return nil
}

// unusual reports whether so many pages are, where others are usual.
func unusual(pages, usual, least, most int, factor float64) bool {
	return pages > most || pages >= least && float64(pages) > factor*float64(usual)
}

// usualFor returns what is usual for somebody: of newcomers, what is usual for others
// of their kind, and where there are none, the least that may be unusual.
func (k *Keeper) usualFor(who string, rules db.AccessRules) usual {
	own, others := k.usual[who], k.usual[db.KindOf(who)]
	return usual{cmp.Or(own.seen, others.seen, rules.Seen), cmp.Or(own.taken, others.taken, rules.Taken)}
}

// learn finds what was usual before today, of each who and, under the name of the
// kind, of a kind: the median of the days on which they did anything.
func (k *Keeper) learn(ctx context.Context, today time.Time) error {
	if k.usualOf.Equal(today) {
		return nil
	}
	seen, taken := make(map[string][]int), make(map[string][]int)
	for n := 1; n <= usualDays; n++ {
		days, err := k.DB.AccessDay(ctx, today.AddDate(0, 0, -n))
		if err != nil {
			return err
		}
		for _, d := range days {
			if d.Seen > 0 {
				seen[d.Who] = append(seen[d.Who], d.Seen)
			}
			if d.Taken > 0 {
				taken[d.Who] = append(taken[d.Who], d.Taken)
			}
		}
	}
	ownSeen, ownTaken := medians(seen), medians(taken)
	k.usual, k.usualOf = make(map[string]usual), today
	for _, known := range []map[string]int{ownSeen, ownTaken} {
		for who := range known {
			k.usual[who] = usual{ownSeen[who], ownTaken[who]}
		}
	}
	return nil
}

// medians returns the median of each whose days are enough to tell, and of each kind
// that of theirs.
func medians(of map[string][]int) map[string]int {
	own, kinds := make(map[string]int), make(map[string][]int)
	for who, days := range of {
		if len(days) >= leastDays {
			own[who] = median(days)
			kinds[db.KindOf(who)] = append(kinds[db.KindOf(who)], own[who])
		}
	}
	for kind, list := range kinds {
		if _, one := own[kind]; !one { // the command line is a kind of its own
			own[kind] = median(list)
		}
	}
	return own
}

// median returns the middle one of numbers, and 0 of none.
func median(numbers []int) int {
	if len(numbers) == 0 {
		return 0
	}
	slices.Sort(numbers)
	return numbers[len(numbers)/2]
}
