package cache

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// making returns a function that makes s, of as many bytes as it has.
func making(s string) func(func(int64) error) (string, error) {
	return func(reserve func(int64) error) (string, error) { return s, reserve(int64(len(s))) }
}

func take(t *testing.T, c *Cache[string, string], key string) (done func()) {
	t.Helper()
	value, done, err := c.Take(t.Context(), key, making(key))
	if err != nil || value != key {
		t.Fatalf("Take(%s) = %q, %v", key, value, err)
	}
	return done
}

func TestTheValuesUsedLastAreKept(t *testing.T) {
	c := New[string, string](10)
	for _, key := range []string{"aaaa", "bbbb", "aaaa", "cccc"} {
		done := take(t, c, key)
		done()
		done() // a second time changes nothing
	}
	for key, want := range map[string]bool{"aaaa": true, "bbbb": false, "cccc": true} {
		if _, kept := c.entries[key]; kept != want {
			t.Errorf("%s is kept: %t, want %t", key, kept, want)
		}
	}
	if c.held != 8 {
		t.Errorf("%d bytes are held, want 8", c.held)
	}
}

func TestAValueIsMadeOnceForAllWhoAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New[string, string](10)
		var made atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				_, done, err := c.Take(t.Context(), "a", func(reserve func(int64) error) (string, error) {
					made.Add(1)
					time.Sleep(time.Second)
					return "a", reserve(1)
				})
				if err != nil {
					t.Error(err)
					return
				}
				done()
			})
		}
		all.Wait()
		if made.Load() != 1 {
			t.Errorf("made %d times", made.Load())
		}
	})
}

// Also what is used and what is being made is within the bound.
func TestWhoNeedsRoomWaitsUntilOthersAreDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New[string, string](10)
		done := take(t, c, "aaaaaaaa")
		var got atomic.Bool
		go func() {
			take(t, c, "bbbb")()
			got.Store(true)
		}()
		synctest.Wait()
		if got.Load() || c.held != 8 {
			t.Errorf("it did not wait: %d bytes are held", c.held)
		}
		done()
		synctest.Wait()
		if !got.Load() || c.held != 4 {
			t.Errorf("it still waits: %d bytes are held", c.held)
		}
	})
}

func TestAValueLargerThanAllMayBeAlone(t *testing.T) {
	c := New[string, string](3)
	take(t, c, "aaa")()
	done := take(t, c, "bbbbb")
	if c.held != 5 {
		t.Errorf("%d bytes are held, want 5", c.held)
	}
	done()
	if c.held != 0 {
		t.Errorf("%d bytes are kept, want none", c.held)
	}
}

func TestOneWhoGivesUpLeavesTheMakingToTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New[string, string](10)
		full := take(t, c, "aaaaaaaa")
		ctx, cancel := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() {
			_, _, err := c.Take(ctx, "bbbb", making("bbbb"))
			first <- err
		}()
		synctest.Wait()
		second := make(chan error, 1)
		go func() {
			_, done, err := c.Take(t.Context(), "bbbb", making("bbbb"))
			if err == nil {
				done()
			}
			second <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("the first: %v", err)
		}
		full()
		if err := <-second; err != nil {
			t.Errorf("the second: %v", err)
		}
	})
}

func TestWhatCouldNotBeMadeIsTriedAgain(t *testing.T) {
	c := New[string, string](10)
	broken := errors.New("broken")
	_, _, err := c.Take(t.Context(), "a", func(reserve func(int64) error) (string, error) { return "", errors.Join(reserve(4), broken) })
	if !errors.Is(err, broken) || c.held != 0 {
		t.Errorf("%v, %d bytes are held", err, c.held)
	}
	func() {
		defer func() { _ = recover() }()
		_, _, _ = c.Take(t.Context(), "a", func(reserve func(int64) error) (string, error) { panic(reserve(4)) })
	}()
	take(t, c, "a")()
	if c.held != 1 {
		t.Errorf("%d bytes are held, want 1", c.held)
	}
}
