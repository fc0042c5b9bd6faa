package intake

import (
	"sync"

	"github.com/seosik/seosik/internal/form"
)

// changes tells who waits for a submission that something happened to it.
type changes struct {
	mu       sync.Mutex
	watchers map[form.SubmissionID]map[chan struct{}]bool
}

func newChanges() *changes {
	return &changes{watchers: make(map[form.SubmissionID]map[chan struct{}]bool)}
}

func (c *changes) watch(id form.SubmissionID) (<-chan struct{}, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan struct{}, 1)
	if c.watchers[id] == nil {
		c.watchers[id] = make(map[chan struct{}]bool)
	}
	c.watchers[id][ch] = true
	return ch, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.watchers[id], ch)
		if len(c.watchers[id]) == 0 {
			delete(c.watchers, id)
		}
	}
}

func (c *changes) signal(id form.SubmissionID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ch := range c.watchers[id] {
		select {
		case ch <- struct{}{}:
		default: // it has yet to look at the change before
		}
	}
}
