package form

import (
	"cmp"
	"slices"
	"time"
)

// A Role is what somebody is in the office, in a domain or in all.
type Role string

// The roles, as the database knows them.
const (
	Administrator  Role = "administrator"
	Maker          Role = "maker" // of templates
	Reviewer       Role = "reviewer"
	SecondReviewer Role = "second" // keys what another has keyed, and sees nothing else
	Exporter       Role = "exporter"
	Reader         Role = "reader"
)

// Roles lists the roles, from the one that may do most.
var Roles = []Role{Administrator, Maker, Reviewer, SecondReviewer, Exporter, Reader}

// A Right is one of the things that people may do, or several of them.
type Right uint8

// The rights.
const (
	MayEnter      Right = 1 << iota // log in, see who they are and change that
	MaySee                          // pages, what was read and said of them, and templates
	MayReview                       // hand pages in, correct, set aside, read again, throw away
	MayKey                          // type what is to be keyed blind, as another person
	MayExport                       // download values
	MayMake                         // templates and lists of values
	MayAdminister                   // settings and secrets of domains, and what is deleted for good
	MayManage                       // people, and what holds for all domains
)

// rights are those of each role. Only who administers all domains may manage.
var rights = map[Role]Right{
	Administrator:  MayEnter | MaySee | MayReview | MayKey | MayExport | MayMake | MayAdminister,
	Maker:          MayEnter | MaySee | MayMake,
	Reviewer:       MayEnter | MaySee | MayReview | MayKey,
	SecondReviewer: MayEnter | MayKey,
	Exporter:       MayEnter | MaySee | MayExport,
	Reader:         MayEnter | MaySee,
}

// Valid reports whether there is such a role.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// A Grant is a role that somebody has.
type Grant struct {
	Domain DomainID // 0 for all, those to come too
	Role   Role
}

// Compare orders grants by domain, and then by role.
func (g Grant) Compare(o Grant) int {
	return cmp.Or(cmp.Compare(g.Domain, o.Domain), slices.Index(Roles, g.Role)-slices.Index(Roles, o.Role))
}

// Permissions are what somebody may do, by domain. The zero value may do nothing.
type Permissions map[DomainID]Right // under 0 what holds for all

// PermissionsOf returns what the roles of a person permit.
func PermissionsOf(grants []Grant) Permissions {
	p := make(Permissions)
	for _, g := range grants {
		p[g.Domain] |= rights[g.Role]
		if g == (Grant{Role: Administrator}) {
			p[0] |= MayManage
		}
	}
	return p
}

// Scope returns in which domains one may do any of what.
func (p Permissions) Scope(what Right) Scope {
	if p[0]&what != 0 {
		return Everything
	}
	var some []DomainID
	for domain, may := range p {
		if may&what != 0 {
			some = append(some, domain)
		}
	}
	return Within(some...)
}

// May reports whether one may do any of what in a domain; for 0, in any.
func (p Permissions) May(what Right, domain DomainID) bool {
	if domain == 0 {
		return !p.Scope(what).Empty()
	}
	return p.Scope(what).Has(domain)
}

// A GrantChange says who gave a person a role, or took it.
type GrantChange struct {
	Grant
	Given  bool
	By     Actor
	ByName string // of a person
	At     time.Time
}
