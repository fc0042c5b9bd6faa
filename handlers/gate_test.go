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
		g := newGate(3, gateWait, 0)
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

// All domains together have a bound too, whatever each may have. A call that is
// sent away is not counted, and nothing of it is kept.
func TestCallsOfAllDomainsAreBounded(t *testing.T) {
	a := newAPI(t)
	s, err := newServer(a.cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.reading = newGate(1, 0, 0)
	if err := s.reading.room.Acquire(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	before := a.stored()
	for name, answer := range map[string]func(*clova.Request) error{
		"infer": func(r *clova.Request) error {
			_, err := s.infer(t.Context(), form.Program(a.domain.ID), a.domain, r, "")
			return err
		},
		"general": func(r *clova.Request) error {
			_, err := s.general(t.Context(), a.domain, r)
			return err
		},
	} {
		r, err := clova.ReadRequest("", strings.NewReader(`{"version":"V2","images":[{"format":"png","data":"aGVsbG8="}]}`), s.Blobs, clova.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		err = answer(r)
		r.Image.File.Discard()
		if said := apiError(err); !errors.Is(said, clova.ErrRate) || said.RetryAfter != gateRetry {
			t.Errorf("%s: the client is told %v", name, said)
		}
	}
	if a.stored() != before || a.pages() != 0 {
		t.Error("something of it was kept")
	}
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
