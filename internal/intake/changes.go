package intake

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// look is how often the database is asked what has changed while somebody waits.
// What this process changes is told at once.
const look = 250 * time.Millisecond

// changes tells who waits for a submission that something happened to it, in
// whatever process.
type changes struct {
	// revisions returns the numbers of submissions that rise with every change.
	revisions func(context.Context, []form.SubmissionID) (map[form.SubmissionID]int64, error)

	mu       sync.Mutex
	watchers map[form.SubmissionID]map[chan struct{}]bool
	seen     map[form.SubmissionID]int64 // the last revision, of those that are watched
	stop     context.CancelFunc          // ends the looking; nil while nobody looks
}

func newChanges(revisions func(context.Context, []form.SubmissionID) (map[form.SubmissionID]int64, error)) *changes {
	return &changes{
		revisions: revisions,
		watchers:  make(map[form.SubmissionID]map[chan struct{}]bool),
		seen:      make(map[form.SubmissionID]int64),
	}
}

// watch returns a channel that receives after the submission has changed, once
// for several changes that follow each other fast. Call done when no longer
// interested.
func (c *changes) watch(id form.SubmissionID) (changed <-chan struct{}, done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan struct{}, 1)
	if c.watchers[id] == nil {
		c.watchers[id] = make(map[chan struct{}]bool)
	}
	c.watchers[id][ch] = true
	if c.stop == nil {
		var ctx context.Context
		ctx, c.stop = context.WithCancel(context.Background())
		go c.watchDatabase(ctx)
	}
	return ch, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.watchers[id], ch)
		if len(c.watchers[id]) == 0 {
			delete(c.watchers, id)
			delete(c.seen, id)
		}
		if len(c.watchers) == 0 && c.stop != nil {
			c.stop()
			c.stop = nil
		}
	}
}

// signal tells of a change by this process.
func (c *changes) signal(id form.SubmissionID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tell(id)
}

// tell tells the watchers of a submission. The caller holds the lock.
func (c *changes) tell(id form.SubmissionID) {
	for ch := range c.watchers[id] {
		select {
		case ch <- struct{}{}:
		default: // it has yet to look at the change before
		}
	}
}

// watchDatabase looks for changes until ctx ends.
func (c *changes) watchDatabase(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		// Where it cannot be asked, it is asked again: who waits has a time limit.
		watched := c.watched()
		if now, err := c.revisions(ctx, watched); err == nil {
			c.compare(watched, now)
		}
	}
}

// watched returns the submissions that are watched.
func (c *changes) watched() []form.SubmissionID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Keys(c.watchers))
}

// compare tells of those of the watched submissions with another revision than
// was seen last, or of which none was seen: they may have changed since their
// watchers looked. One that has none is gone, which is told until nobody watches
// it.
func (c *changes) compare(watched []form.SubmissionID, now map[form.SubmissionID]int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range watched {
		revision, there := now[id]
		if last, known := c.seen[id]; there && known && last == revision {
			continue
		}
		if there && c.watchers[id] != nil {
			c.seen[id] = revision
		}
		c.tell(id)
	}
}
