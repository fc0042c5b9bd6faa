package handlers

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seosik/seosik/internal/form"
)

const (
	presentFor  = 8 * time.Second // after the last request
	maxDrafts   = 1000            // in which somebody is
	maxPresent  = 100             // in one draft
	maxSelected = 100             // elements that one has selected
	maxTab      = 64              // bytes of the name of a tab
)

// A presence knows who is in which draft: who has asked about it within the last
// seconds. It is of this process and forgets all with it.
type presence struct {
	mu     sync.Mutex
	drafts map[form.TemplateID]map[string]visitor // by tab
}

// A visitor is a tab of a browser in which a draft is open.
type visitor struct {
	id   form.UserID
	name string
	at   []string // ids of what is selected
	seen time.Time
}

// A person is a visitor, as others are shown.
type person struct {
	Name string   `json:"name"`
	At   []string `json:"at"`
	Self bool     `json:"self"` // who asks
}

func newPresence() *presence {
	return &presence{drafts: make(map[form.TemplateID]map[string]visitor)}
}

// see notes that a user has a draft open in a tab, and returns who is there, by
// name. Without a tab nobody is noted.
func (p *presence) see(draft form.TemplateID, tab string, by form.User, at []string, now time.Time) []person {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(now)
	here := p.drafts[draft]
	if tab != "" && here == nil && len(p.drafts) < maxDrafts {
		here = make(map[string]visitor)
		p.drafts[draft] = here
	}
	was, known := here[tab]
	if tab != "" && here != nil && (known && was.id == by.ID || !known && len(here) < maxPresent) {
		here[tab] = visitor{by.ID, by.Name, at, now}
	}
	people := make([]person, 0, len(here))
	for t, v := range here {
		people = append(people, person{v.name, v.at, t == tab && v.id == by.ID})
	}
	slices.SortFunc(people, func(a, b person) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return slices.Compare(a.At, b.At)
	})
	return people
}

// forget forgets who has not asked for a while.
func (p *presence) forget(now time.Time) {
	for draft, here := range p.drafts {
		for tab, v := range here {
			if now.Sub(v.seen) > presentFor {
				delete(here, tab)
			}
		}
		if len(here) == 0 {
			delete(p.drafts, draft)
		}
	}
}

// selected returns the ids of what somebody has selected that can be shown.
func selected(ids []string) []string {
	at := make([]string, 0, min(len(ids), maxSelected))
	for _, id := range ids {
		if id != "" && len(id) <= 36 && len(at) < maxSelected {
			at = append(at, id)
		}
	}
	return at
}
