package handlers

import (
	"context"
	"sync"

	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
)

// calls counts the calls of each domain that are in hand.
type calls struct {
	mu     sync.Mutex
	inHand map[form.DomainID]int
}

func newCalls() *calls { return &calls{inHand: make(map[form.DomainID]int)} }

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
