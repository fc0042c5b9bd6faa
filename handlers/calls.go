package handlers

import (
	"context"
	"sync"
	"time"

	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
)

// calls counts the calls of each domain that are in hand, and the requests of this
// minute.
type calls struct {
	mu     sync.Mutex
	inHand map[form.DomainID]int
	minute time.Time
	asked  map[form.DomainID]int // in that minute
}

func newCalls() *calls { return &calls{inHand: make(map[form.DomainID]int)} }

// ask counts a request of d. It returns clova.ErrRate where d has asked as often in
// this minute as it may.
func (c *calls) ask(d form.Domain, now time.Time) error {
	most := d.Settings.PerMinute
	if most == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if minute := now.Truncate(time.Minute); !minute.Equal(c.minute) {
		c.minute, c.asked = minute, make(map[form.DomainID]int)
	}
	if c.asked[d.ID] >= most {
		e := clova.ErrRate.Because("API are limited to %d API calls per domain in a minute.", most)
		e.RetryAfter = c.minute.Add(time.Minute).Sub(now)
		return e
	}
	c.asked[d.ID]++
	return nil
}

// begin counts a call of d until done is called. It returns clova.ErrRate where
// d has as many in hand as it may have.
func (c *calls) begin(d form.Domain) (done func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if most := d.Settings.Together; most > 0 && c.inHand[d.ID] >= most {
		return nil, clova.ErrRate.Because("API are limited to %d API calls per domain at the same time.", most)
	}
	c.inHand[d.ID]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.inHand[d.ID]--; c.inHand[d.ID] == 0 {
			delete(c.inHand, d.ID)
		}
	}, nil
}

// useCalls counts n files of a domain that are about to be read. It returns
// clova.ErrQuota where this month has not as many calls left.
func (s *server) useCalls(ctx context.Context, domain form.DomainID, n int) error {
	left, err := s.DB.UseCalls(ctx, domain, n)
	if err == nil && !left {
		err = clova.ErrQuota
	}
	return err
}
