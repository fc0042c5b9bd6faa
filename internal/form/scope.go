package form

import (
	"fmt"
	"slices"
)

// A Scope is whose things somebody sees: those of all domains, or of some. The
// zero value sees nothing.
type Scope struct {
	all     bool
	domains []DomainID // ascending, each once
}

// Everything is the scope of who sees the things of all domains.
var Everything = Scope{all: true}

// Within returns the scope of who sees the things of some domains.
func Within(domains ...DomainID) Scope {
	domains = slices.DeleteFunc(slices.Clone(domains), func(id DomainID) bool { return id == 0 })
	slices.Sort(domains)
	return Scope{domains: slices.Compact(domains)}
}

// Has reports whether the things of a domain are seen.
func (s Scope) Has(domain DomainID) bool { return s.all || slices.Contains(s.domains, domain) }

// Empty reports whether nothing is seen.
func (s Scope) Empty() bool { return !s.all && len(s.domains) == 0 }

// Narrow returns what is seen of what is asked for, the things of a domain or,
// for 0, of all.
func (s Scope) Narrow(asked DomainID) Scope {
	switch {
	case asked == 0:
		return s
	case s.Has(asked):
		return Within(asked)
	default:
		return Scope{}
	}
}

// Domains returns the domains whose things are seen, where these are not all.
func (s Scope) Domains() (some []DomainID, all bool) { return s.domains, s.all }

// String returns the same for the same scope, and for no other.
func (s Scope) String() string {
	if s.all {
		return "all"
	}
	return fmt.Sprint(s.domains)
}
