package vouch

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc/oidctest"
)

// A server that does not answer holds nobody up for longer than they wait, is asked
// once for all, and again after it has failed.
func TestASlowServerIsAskedOnce(t *testing.T) {
	var asked atomic.Int32
	var well atomic.Bool
	answer, described := make(chan struct{}), new(oidctest.Server)
	l := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		<-answer
		if !well.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		described.ServeHTTP(w, r)
	}))
	defer l.Close()
	described.SetIssuer(l.URL)
	p := New(Config{Name: "office", Issuer: l.URL, Client: "seosik", Claim: "sub", Site: "https://forms.office.example"})

	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if _, _, err := p.Send(short, time.Time{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("while it does not answer: %v", err)
			}
		})
	}
	all.Wait()
	if asked.Load() != 1 {
		t.Errorf("asked %d times, want 1", asked.Load())
	}
	close(answer)
	send := func() error {
		_, _, err := p.Send(t.Context(), time.Time{})
		return err
	}
	if err := send(); !errors.Is(err, ErrDown) {
		t.Errorf("it has failed: %v", err)
	}
	well.Store(true)
	if err := send(); err != nil {
		t.Error(err)
	}
	before := asked.Load()
	if err := send(); err != nil || asked.Load() != before {
		t.Errorf("%v, asked %d times more", err, asked.Load()-before)
	}
}
