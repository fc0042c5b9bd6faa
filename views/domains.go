package views

import "github.com/seosik/seosik/internal/form"

// A DomainsPage lists the domains.
type DomainsPage struct {
	Frame
	Domains []DomainRow
	Secret  *NewSecret // shown once, after it was made; otherwise nil
	Wrong   string     // what is wrong with the domain that was to be added
	Name    string     // as typed
	Chosen  []string   // languages, as chosen
}

// A DomainRow is a domain with the address that programs call.
type DomainRow struct {
	form.Domain
	InvokeURL string
	Templates int // in service
}

// A NewSecret is a secret that cannot be shown again.
type NewSecret struct {
	Domain form.Domain
	URL    string
	Secret string
}
