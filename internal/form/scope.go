package form

// A Scope is whose things somebody sees: those of all domains, or of one. The
// zero value sees nothing.
type Scope struct {
	all    bool
	domain DomainID
}

// Everything is the scope of who sees the things of all domains.
var Everything = Scope{all: true}

// Within returns the scope of who sees the things of one domain.
func Within(domain DomainID) Scope { return Scope{domain: domain} }

// Has reports whether the things of a domain are seen.
func (s Scope) Has(domain DomainID) bool { return s.all || s.domain == domain && domain != 0 }

// Narrow returns which domain's things are seen of those asked for, which is 0
// for all: 0 where it is all, and a domain that does not exist where it is none.
func (s Scope) Narrow(asked DomainID) DomainID {
	const none = -1
	switch {
	case s.all:
		return asked
	case asked == 0 && s.domain != 0:
		return s.domain
	case s.Has(asked):
		return asked
	default:
		return none
	}
}
