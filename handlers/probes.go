package handlers

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/ocr"
)

// Readers are the programs that read letters.
type Readers interface {
	// Starts reports whether the last of them that was started did start.
	Starts() bool
	// Replaced returns how many of them died, hung, or answered nonsense.
	Replaced() int64
	// Guard returns what the system keeps them from.
	Guard() ocr.Guard
}

// readyFor is how long an answer of /readyz is good: strangers may ask, and each
// answer takes a turn at the database.
const readyFor = 2 * time.Second

// A readiness is what was found when it was last looked whether all is there.
type readiness struct {
	mu    sync.Mutex
	at    time.Time
	known []check
}

// A check is one of the things that must be there.
type check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
}

// Whether the database is open and its schema is up to date needs no check: nothing
// is served before.
func (s *server) checks(ctx context.Context) []check {
	r := &s.readiness
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := s.Now(); now.Sub(r.at).Abs() > readyFor {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		err := s.DB.Writable(ctx)
		if errors.Is(err, context.Canceled) { // who asked is gone, and says nothing of the database
			return r.known
		}
		if err != nil {
			s.Log.ErrorContext(ctx, "the database cannot be written", "error", err)
		}
		disk := s.Disk.State()
		r.at, r.known = now, []check{
			{"database", err == nil},
			{"disk", !disk.Shut()},
			{"reading", s.Intake.Reads()},
			{"readers", s.Readers == nil || s.Readers.Starts()},
		}
	}
	return r.known
}

// readyz says whether all is there that is needed to take documents in and to read
// them, and what is not.
func (s *server) readyz(c echo.Context) error {
	checks := s.checks(c.Request().Context())
	status := http.StatusOK
	for _, k := range checks {
		if !k.OK && status == http.StatusOK {
			status = http.StatusServiceUnavailable
			retryAfter(c, 2*readyFor)
		}
	}
	return c.JSON(status, map[string]any{"ready": status == http.StatusOK, "checks": checks})
}
