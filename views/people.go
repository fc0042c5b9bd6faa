package views

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A PersonRow is somebody who may log in, or could.
type PersonRow struct {
	form.User
	Grants   []form.Grant
	Sessions int
}

// RoleDomain is where a role may be had.
type RoleDomain struct {
	ID   form.DomainID // 0 for all
	Name string        // empty for all
}

// A PeoplePage lists people, and takes new ones.
type PeoplePage struct {
	Frame
	People    []PersonRow
	Domains   []RoleDomain
	Admission Admission
	Address   string       // of who looks
	Provider  string       // where people may log in besides here; empty for nowhere
	Typed     string       // the name of a new one
	Ticked    []form.Grant // the roles of a new one
	MinLength int          // of a password
	Wrong     string       // in words
	Unset     string       // what is wrong with the admission, in words
}

// An Admission is what the office asks of those who come in, as people write it.
type Admission struct {
	Idle, Life string // minutes
	Networks   string
	Factor     form.FactorDuty
}

// AdmissionOf returns how people write a.
func AdmissionOf(a form.Admission) Admission {
	return Admission{minutes(a.Idle), minutes(a.Life), form.NetworksText(a.Networks), a.Factor}
}

// A PersonPage shows somebody.
type PersonPage struct {
	Frame
	Person    PersonRow
	Domains   []RoleDomain
	Changes   []form.GrantChange
	Self      bool   // who looks
	Provider  string // where people may log in besides here; empty for nowhere
	MinLength int
	Wrong     string // in words
}

// An AccountPage shows people who they are.
type AccountPage struct {
	Frame
	Person      form.User
	Grants      []form.Grant
	Domains     []RoleDomain
	Sessions    []form.Session
	This        form.SessionID
	MinLength   int
	Wrong       string // with the password: id of words
	Changed     bool   // the password
	WantsFactor bool   // the office wants one, and there is none
	FactorWrong string // id of words
	Codes       int    // on paper, that are left
}

func personPath(id form.UserID, rest string) string {
	return fmt.Sprintf("/admin/people/%d%s", id, rest)
}

func roleKey(domain form.DomainID, role form.Role) string { return fmt.Sprintf("%d/%s", domain, role) }

func hasRole(grants []form.Grant, domain form.DomainID, role form.Role) bool {
	return slices.Contains(grants, form.Grant{Domain: domain, Role: role})
}

func nameOf(ctx context.Context, domains []RoleDomain, id form.DomainID) string {
	for _, d := range domains {
		if d.ID == id && id != 0 {
			return d.Name
		}
	}
	return Say(ctx, "people.all_domains")
}

// grantWords says which role somebody has where.
func grantWords(ctx context.Context, domains []RoleDomain, g form.Grant) string {
	return Say(ctx, "role."+string(g.Role)) + " (" + nameOf(ctx, domains, g.Domain) + ")"
}

func byWords(ctx context.Context, g form.GrantChange) string {
	if g.ByName != "" {
		return g.ByName
	}
	return Say(ctx, "people.by_"+string(g.By.Kind))
}

func minutes(d time.Duration) string { return fmt.Sprint(int(d / time.Minute)) }
