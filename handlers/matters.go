package handlers

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// mattersFor is how long what the office should look into is taken to be the same:
// each page of an administrator says how much there is.
const mattersFor = time.Minute

// matters remember what the office should look into.
type matters struct {
	mu    sync.Mutex
	at    time.Time // zero where it is to be asked for anew
	known []views.Matter
}

// matters returns what the office should look into. A page is not refused because
// nobody knows: it is what was known.
func (s *server) matters(ctx context.Context) []views.Matter {
	m := &s.mattersKept
	m.mu.Lock()
	defer m.mu.Unlock()
	now := s.Now()
	if now.Sub(m.at).Abs() < mattersFor {
		return m.known
	}
	found, err := s.DB.Matters(ctx)
	if ctx.Err() != nil { // who asked is gone, and says nothing of the database
		return m.known
	}
	m.at = now
	if err != nil {
		s.Log.ErrorContext(ctx, "what the office should look into is not known", "error", err)
		return m.known
	}
	var every time.Duration
	if s.Backups != nil {
		every = s.Backups.Every
	}
	var late bool
	if s.Certificates != nil {
		late = slices.ContainsFunc(s.Certificates(), func(k form.Certificate) bool { return k.Late(now) })
	}
	m.known = views.MattersOf(found, late, now, every)
	return m.known
}

// newMatters has what the office should look into be asked for anew.
func (s *server) newMatters() {
	s.mattersKept.mu.Lock()
	defer s.mattersKept.mu.Unlock()
	s.mattersKept.at = time.Time{}
}
