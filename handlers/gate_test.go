package handlers

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
)

func TestAGateLetsInWhoWaitsALittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(3, gateWait)
		leave, err := g.enter(t.Context(), 99) // more than there is takes all
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := g.enter(t.Context(), 1); !errors.Is(err, errBusy) || time.Since(start) != gateWait {
			t.Errorf("%v after %v, want errBusy after %v", err, time.Since(start), gateWait)
		}
		time.AfterFunc(time.Second, leave)
		start = time.Now()
		for range 3 {
			if _, err := g.enter(t.Context(), 1); err != nil || time.Since(start) != time.Second {
				t.Errorf("%v after %v, want it to be let in after 1 s", err, time.Since(start))
			}
		}
	})
}

// All domains together have a bound too, whatever each may have.
func TestCallsOfAllDomainsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCalls(2)
		for id := range form.DomainID(2) {
			if _, err := c.begin(t.Context(), form.Domain{ID: id}); err != nil {
				t.Fatal(err)
			}
		}
		third := form.Domain{ID: 3, Settings: form.Settings{Together: 1}}
		_, err := c.begin(t.Context(), third)
		if !errors.Is(err, errBusy) {
			t.Fatalf("the third: %v, want errBusy", err)
		}
		if len(c.inHand) != 2 {
			t.Errorf("%d domains have calls in hand, want 2: %v", len(c.inHand), c.inHand)
		}
		said := apiError(err)
		if !errors.Is(said, clova.ErrRate) || !strings.Contains(said.Message, "again in 5 seconds") {
			t.Errorf("the client is told %v", said)
		}
	})
}

func TestABrowserIsToldWhenToComeAgain(t *testing.T) {
	site := newSite(t)
	s, err := newServer(site.cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/submissions", nil)
	r.Header.Set("HX-Request", "true")
	w := httptest.NewRecorder()
	s.fail(errBusy, echo.New().NewContext(r, w))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "5" || w.Body.Len() == 0 {
		t.Errorf("status %d, Retry-After %q, %q", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
}
