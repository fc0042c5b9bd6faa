package form

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// ErrLastAdministrator reports that nobody would be left who administers all
// domains.
var ErrLastAdministrator = errors.New("somebody must administer all domains")

// A User is a person who may log in.
type User struct {
	ID           UserID
	Name         string
	PasswordHash string // argon2id in the PHC string format; empty for who logs in by another server only
	CreatedAt    time.Time
	OutboxKey    []byte    // 32 bytes by which a browser locks what it has still to send
	DisabledAt   time.Time // zero while the person may log in
	Temporary    bool      // somebody else has chosen the password
	Factor       bool      // logs in with a second factor as well
}

// Disabled reports whether the person may not log in.
func (u User) Disabled() bool { return !u.DisabledAt.IsZero() }

// HasPassword reports whether the person may log in by a password.
func (u User) HasPassword() bool { return u.PasswordHash != "" }

// A Session is a browser in which somebody is logged in.
type Session struct {
	ID      SessionID
	User    UserID
	Stale   bool // its secret is to be exchanged for another
	BeganAt time.Time
	UsedAt  time.Time // by the person, to the minute
	Address string    // last seen
	Browser string    // as it says of itself
	Vouched bool      // another server said who it is, and asked for what it asks for
}

// A Factor is what somebody logs in with besides a password.
type Factor struct {
	Sealed      []byte    // the secret
	ConfirmedAt time.Time // zero while it is being set up
	Step        int64     // period of the last code that was taken
	Codes       int       // on paper, that are left
}

// A FactorDuty says who has to have a second factor.
type FactorDuty string

// Who has to have a second factor.
const (
	FactorNobody         FactorDuty = ""
	FactorAdministrators FactorDuty = "administrators" // of whatever domain
	FactorAll            FactorDuty = "all"
)

// FactorDuties lists them.
var FactorDuties = []FactorDuty{FactorNobody, FactorAdministrators, FactorAll}

// An Admission is what the office asks of those who come in.
type Admission struct {
	Idle     time.Duration  // without a sign of the person, until the session is over
	Life     time.Duration  // of a session, whatever the person does
	Networks []netip.Prefix // that pages are shown to; empty for all
	Factor   FactorDuty     // who has to have a second factor
}

// The bounds of an admission.
const (
	MinIdle = time.Minute
	MaxLife = 7 * 24 * time.Hour
)

// Check reports what is wrong with a.
func (a *Admission) Check() error {
	switch {
	case a.Idle < MinIdle || a.Idle > a.Life:
		return Invalid("idle", "is from a minute to the life of a session")
	case a.Life > MaxLife:
		return Invalid("life", "is a week at most")
	case !slices.Contains(FactorDuties, a.Factor):
		return Invalid("factor", "is wanted of nobody, administrators or all")
	}
	return nil
}

// WantsFactor reports whether somebody who has logged in with a password alone must
// set up a second factor first.
func (a *Admission) WantsFactor(u User, grants []Grant) bool {
	if u.Factor {
		return false
	}
	return a.Factor == FactorAll || a.Factor == FactorAdministrators && slices.ContainsFunc(grants, func(g Grant) bool { return g.Role == Administrator })
}

// Over reports whether s is over at a time.
func (a *Admission) Over(s *Session, now time.Time) bool {
	return now.Sub(s.BeganAt) > a.Life || now.Sub(s.UsedAt) > a.Idle
}

// Admits reports whether pages are shown to an address.
func (a *Admission) Admits(address string) bool {
	if len(a.Networks) == 0 {
		return true
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	for _, network := range a.Networks {
		if network.Contains(ip) {
			return true
		}
	}
	return false
}

// maxNetworks is how many networks may be listed.
const maxNetworks = 200

// ParseNetworks reads networks and addresses, a line or word each.
func ParseNetworks(text string) (list []netip.Prefix, err error) {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;", r) }) {
		network, err := netip.ParsePrefix(word)
		if err != nil {
			ip, err := netip.ParseAddr(word)
			if err != nil || ip.Zone() != "" {
				return nil, Invalid("networks", "holds what is neither an address nor a network: %s", word)
			}
			network = netip.PrefixFrom(ip, ip.BitLen())
		}
		if ip := network.Addr(); ip.Is4In6() {
			if network.Bits() < 96 {
				return nil, Invalid("networks", "holds what is neither an address nor a network: %s", word)
			}
			network = netip.PrefixFrom(ip.Unmap(), network.Bits()-96)
		}
		list = append(list, network.Masked())
		if len(list) > maxNetworks {
			return nil, Invalid("networks", "are too many")
		}
	}
	return list, nil
}

// NetworksText returns networks as ParseNetworks reads them, a line each.
func NetworksText(list []netip.Prefix) string {
	lines := make([]string, len(list))
	for i, network := range list {
		lines[i] = network.String()
	}
	return strings.Join(lines, "\n")
}
