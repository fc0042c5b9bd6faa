package handlers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/semaphore"
)

// body returns a request's body at the pace p.
func (p *pace) body(ctx context.Context, body io.Reader, left ...time.Duration) (_ io.Reader, done func()) {
	r := httptest.NewRequestWithContext(ctx, "POST", "/", body)
	c := echo.New().NewContext(r, httptest.NewRecorder())
	b := p.paced(c, append(left, 0)[0])
	return c.Request().Body, b.end
}

func TestBodiesComeInOneAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pace{semaphore.NewWeighted(1)}
		first, done := p.body(t.Context(), bytes.NewReader(make([]byte, 10*pieceBytes)))
		if _, err := io.ReadFull(first, make([]byte, pieceBytes)); err != nil {
			t.Fatal(err)
		}
		second, doneToo := p.body(t.Context(), bytes.NewReader([]byte("b")))
		got := make(chan error, 1)
		go func() {
			_, err := io.ReadAll(second)
			doneToo()
			got <- err
		}()
		synctest.Wait()
		select {
		case <-got:
			t.Error("the second did not wait")
		default:
		}
		done()
		if err := <-got; err != nil {
			t.Error(err)
		}
		if _, err := io.ReadAll(first); err != nil {
			t.Errorf("the first, once more: %v", err)
		}
		done()
		if !p.turns.TryAcquire(1) {
			t.Error("a turn was kept")
		}
	})
}

// One who sends a byte a minute does not keep the others out.
func TestASenderThatStallsLosesItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pace{semaphore.NewWeighted(1)}
		r, w := io.Pipe()
		slow, done := p.body(t.Context(), r)
		go func() {
			_, _ = w.Write([]byte("a"))
			time.Sleep(time.Minute)
			_, _ = w.Write([]byte("b"))
			w.Close()
		}()
		read := make(chan string, 1)
		go func() {
			data, _ := io.ReadAll(slow)
			done()
			read <- string(data)
		}()
		time.Sleep(2 * stalled)
		fast, doneToo := p.body(t.Context(), bytes.NewReader([]byte("c")))
		start := time.Now()
		if _, err := io.ReadAll(fast); err != nil || time.Since(start) > 0 {
			t.Errorf("it took %v, %v", time.Since(start), err)
		}
		doneToo()
		if got := <-read; got != "ab" {
			t.Errorf("the slow one sent %q", got)
		}
	})
}

func TestWaitingForATurnEndsWithTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pace{semaphore.NewWeighted(1)}
		if err := p.turns.Acquire(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		body, done := p.body(ctx, bytes.NewReader([]byte("a")))
		defer done()
		if _, err := io.ReadAll(body); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

func TestABodyWhoseTurnComesTooLateIsSentAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pace{semaphore.NewWeighted(1)}
		if err := p.turns.Acquire(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		body, done := p.body(ctx, bytes.NewReader([]byte("a")), 20*time.Second)
		defer done()
		if _, err := io.ReadAll(body); !errors.Is(err, errBusy) || time.Since(start) != 40*time.Second {
			t.Errorf("%v after %v, want errBusy after 40 s", err, time.Since(start))
		}
		p.turns.Release(1)
		time.Sleep(time.Second)
		late, doneToo := p.body(ctx, bytes.NewReader([]byte("a")), 20*time.Second)
		defer doneToo()
		if _, err := io.ReadAll(late); err != nil {
			t.Errorf("late, and it need not wait: %v", err)
		}
	})
}

// Many clients read no answer before all they sent has been taken, also when it
// is too late for a turn.
func TestWhatIsThrownAwayNeedsNoTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pace{semaphore.NewWeighted(1)}
		if err := p.turns.Acquire(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		body, done := p.body(ctx, bytes.NewReader(make([]byte, 10*pieceBytes)))
		done()
		cancel()
		if n, err := io.Copy(io.Discard, body); n != 10*pieceBytes || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
}
