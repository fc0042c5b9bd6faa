package handlers

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A search is the words that somebody looks for. They may say who is meant: they
// are kept here, in memory, and addresses have only what they are called.
type search struct {
	by    form.UserID
	value string
	name  string // of the file
	at    time.Time
}

func (s search) empty() bool { return s.value == "" && s.name == "" }

const (
	maxSearches = 5000           // that are kept, of all people
	searchLife  = 12 * time.Hour // since it was last used
)

// searches keeps them.
type searches struct {
	mu  sync.Mutex
	all map[string]search
	now func() time.Time
}

func newSearches(now func() time.Time) *searches {
	return &searches{all: make(map[string]search), now: now}
}

// keep keeps s and returns what it is called. The one that was used least lately
// makes room.
func (k *searches) keep(s search) (id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s.at = k.now()
	var oldest string
	for id, kept := range k.all {
		switch {
		case s.at.Sub(kept.at) > searchLife:
			delete(k.all, id)
		case kept.by == s.by && kept.value == s.value && kept.name == s.name:
			kept.at = s.at
			k.all[id] = kept
			return id
		case oldest == "" || kept.at.Before(k.all[oldest].at):
			oldest = id
		}
	}
	if len(k.all) >= maxSearches {
		delete(k.all, oldest)
	}
	id = rand.Text()
	k.all[id] = s
	return id
}

// find returns a search of a person.
func (k *searches) find(by form.UserID, id string) (search, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, ok := k.all[id]
	if !ok || s.by != by || k.now().Sub(s.at) > searchLife {
		return search{}, false
	}
	s.at = k.now()
	k.all[id] = s
	return s, true
}

// forget forgets the searches of a person.
func (k *searches) forget(by form.UserID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, s := range k.all {
		if s.by == by {
			delete(k.all, id)
		}
	}
}
