package intake

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// A street is an Outside that remembers.
type street struct {
	db *db.DB

	mu        sync.Mutex
	delivered map[db.NoticeID]int // how often each was tried
	states    []form.State
	fail      int // how many deliveries fail
	silent    int // how many questions are not answered
	told      chan struct{}
}

func (s *street) Validate(ctx context.Context, page form.PageID) (bool, error) {
	time.Sleep(10 * time.Millisecond) // nobody is told that the document is read before
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent > 0 {
		s.silent--
		return false, s.db.SaveValidation(ctx, page, 1, form.Validation{Verdict: form.Unchecked})
	}
	return true, s.db.SaveValidation(ctx, page, 1, form.Validation{Verdict: form.Valid})
}

func (s *street) Deliver(ctx context.Context, id db.NoticeID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delivered[id]++
	if s.fail > 0 {
		s.fail--
		return errors.New("nobody at home")
	}
	n, err := s.db.Notice(ctx, id)
	if err != nil {
		return err
	}
	s.states = append(s.states, n.State)
	s.told <- struct{}{}
	return s.db.NoticeDelivered(ctx, id)
}

func newStreet(h *house) *street {
	return &street{db: h.db, delivered: make(map[db.NoticeID]int), told: make(chan struct{}, 10)}
}

func TestValidationComesBeforeTheEnd(t *testing.T) {
	h := newHouse(t)
	if err := h.db.SetValidation(t.Context(), form.Command, h.template.ID, "https://example.com"); err != nil {
		t.Fatal(err)
	}
	in := h.start(t, &fake{h: h}, func(c *Config) { c.Outside = newStreet(h) })
	for _, p := range h.settled(t, in, h.submit(t, in, 0, script{ID: 1, Pages: 1}.file())) {
		if p.Validation.Verdict != form.Valid {
			t.Errorf("page %d: validation %+v", p.Number, p.Validation)
		}
	}
}

// A panic while a program is asked costs the verdict, and not the page.
func TestValidationPanics(t *testing.T) {
	h := newHouse(t)
	if err := h.db.SetValidation(t.Context(), form.Command, h.template.ID, "https://example.com"); err != nil {
		t.Fatal(err)
	}
	in := h.start(t, &fake{h: h}, func(c *Config) { c.Outside = panicking{} })
	for _, p := range h.settled(t, in, h.submit(t, in, 0, script{ID: 1, Pages: 1}.file())) {
		if p.State != form.StateDone || p.Validation.Verdict != "" {
			t.Errorf("page %d: %s, validation %+v", p.Number, p.State, p.Validation)
		}
	}
}

type panicking struct{ Outside }

func (panicking) Validate(context.Context, form.PageID) (bool, error) { panic("oh no") }

// A validation that does not answer keeps no page from being read, and is asked
// again until it does.
func TestAValidationThatIsSilentIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		if err := h.db.SetValidation(t.Context(), form.Command, h.template.ID, "https://example.com"); err != nil {
			t.Fatal(err)
		}
		s := newStreet(h)
		s.silent = 3
		in := h.start(t, &fake{h: h}, func(c *Config) { c.Outside = s })
		verdict := func(p form.PageInfo) form.Verdict { return p.Validation.Verdict }
		id := h.submit(t, in, 0, script{ID: 1, Pages: 1}.file())
		if p := h.settled(t, in, id)[0]; p.State != form.StateDone || verdict(p) != form.Unchecked {
			t.Errorf("the page is %s, verdict %q", p.State, verdict(p))
		}
		time.Sleep(10 * time.Minute)
		if p := h.pagesOf(t, id)[0]; verdict(p) != form.Valid {
			t.Errorf("later the verdict is %q", verdict(p))
		}
	})
}

func TestNoticesAreDelivered(t *testing.T) {
	h := newHouse(t)
	d, err := h.db.Domain(t.Context(), form.Everything, h.domain)
	if err != nil {
		t.Fatal(err)
	}
	d.Settings.Webhook = "https://example.com"
	if err := h.db.SaveDomain(t.Context(), form.Command, d); err != nil {
		t.Fatal(err)
	}
	s := newStreet(h)
	in := h.start(t, &fake{h: h}, func(c *Config) { c.Outside = s })
	h.settled(t, in, h.submit(t, in, 0, script{ID: 1, Pages: 1}.file()))
	select {
	case <-s.told:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was told")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.states) != 1 || s.states[0] != form.StateDone {
		t.Errorf("told of %v, want done", s.states)
	}
}

// A notice that could not be delivered is delivered after a restart.
func TestNoticesAreDeliveredAgain(t *testing.T) {
	h := newHouse(t)
	d, err := h.db.Domain(t.Context(), form.Everything, h.domain)
	if err != nil {
		t.Fatal(err)
	}
	d.Settings.Webhook = "https://example.com"
	if err := h.db.SaveDomain(t.Context(), form.Command, d); err != nil {
		t.Fatal(err)
	}
	s := newStreet(h)
	s.fail = 1
	in := h.intake(t, &fake{h: h}, func(c *Config) { c.Outside = s })
	if err := in.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.settled(t, in, h.submit(t, in, 0, script{ID: 1, Pages: 1}.file()))
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		s.mu.Lock()
		tried := len(s.delivered)
		s.mu.Unlock()
		if tried == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("not tried")
		}
	}
	if err := in.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.start(t, &fake{h: h}, func(c *Config) { c.Outside = s })
	select {
	case <-s.told:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was told after the restart")
	}
}

func TestAsideTakesTurns(t *testing.T) {
	h := newHouse(t)
	in := h.intake(t, nil, func(c *Config) { c.Workers = 1 })
	begun, end := make(chan struct{}), make(chan struct{})
	go in.Aside(t.Context(), func(context.Context) error {
		close(begun)
		<-end
		return nil
	})
	<-begun
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := in.Aside(ctx, func(context.Context) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second one beside the only turn: %v", err)
	}
	close(end)
	if err := in.Aside(t.Context(), func(context.Context) error { return form.ErrConflict }); !errors.Is(err, form.ErrConflict) {
		t.Errorf("Aside = %v, want the error of the function", err)
	}
}
