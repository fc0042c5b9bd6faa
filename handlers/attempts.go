package handlers

import (
	"net/netip"
	"sync"
	"time"
)

const (
	attemptsAllowed = 10
	attemptsWithin  = 10 * time.Minute
	attemptsKept    = 10_000 // addresses; beyond that the old ones are forgotten
)

// attempts limits failed logins by address. An attempt counts from its
// beginning, so that many at once do not slip through.
type attempts struct {
	now func() time.Time

	mu    sync.Mutex
	tally map[string]tally // by address
}

type tally struct {
	count int
	since time.Time
}

func newAttempts(now func() time.Time) *attempts {
	return &attempts{now: now, tally: make(map[string]tally)}
}

// begin counts an attempt from address and reports whether it is allowed.
func (a *attempts) begin(address string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now, who := a.now(), network(address)
	if len(a.tally) >= attemptsKept {
		for who, t := range a.tally {
			if now.Sub(t.since) > attemptsWithin {
				delete(a.tally, who)
			}
		}
	}
	t := a.tally[who]
	if now.Sub(t.since) > attemptsWithin {
		t = tally{since: now}
	}
	t.count++
	a.tally[who] = t
	return t.count <= attemptsAllowed
}

// succeeded forgets the attempts from address.
func (a *attempts) succeeded(address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.tally, network(address))
}

// network returns address, or for IPv6 the /64 that one subscriber has.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Is4() || ip.Is4In6() {
		return address
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}
