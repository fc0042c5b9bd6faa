// Package cache keeps what is dear to make, within a bound of bytes.
package cache

import (
	"container/list"
	"context"
	"errors"
	"sync"
)

// A Cache keeps values by key. What is used, what is being made and what is
// only kept count together, so that the bound holds for all of it: whoever
// needs more room waits until others are done. It is safe for concurrent use.
//
// Libraries of this kind bound only what they keep, and not what they have
// given out or are making, which is most of it where pictures are large.
type Cache[K comparable, V any] struct {
	most int64 // bytes

	mu      sync.Mutex
	held    int64 // bytes, of all entries
	entries map[K]*entry[K, V]
	idle    *list.List    // of the entries that nobody uses, the last used first
	freed   chan struct{} // closed when there may be more room, and then another
}

// An entry is a value that is there or being made.
type entry[K comparable, V any] struct {
	key   K
	value V
	bytes int64
	users int
	place *list.Element // in idle; nil while it is used
	made  chan struct{} // closed once value or err is there
	err   error
}

// New returns a cache of most bytes. A single value may take more, alone.
func New[K comparable, V any](most int64) *Cache[K, V] {
	return &Cache[K, V]{most: most, entries: make(map[K]*entry[K, V]), idle: list.New(), freed: make(chan struct{})}
}

// errUnmade is what those get who wait for a value whose making panicked.
var errUnmade = errors.New("cache: not made")

// Take returns the value of key, and has load make it where it is not kept, once for
// all who ask meanwhile. Load calls reserve, once, before it takes the memory of
// the value. The value is not to be changed, nor used after done, which is to be
// called. An error is not kept: the next who asks has the value made again.
func (c *Cache[K, V]) Take(ctx context.Context, key K, load func(reserve func(bytes int64) error) (V, error)) (value V, done func(), err error) {
	for {
		e, isNew := c.enter(key)
		if isNew {
			c.load(ctx, e, load)
		}
		select {
		case <-e.made:
		case <-ctx.Done():
			c.leave(e)
			return value, nil, ctx.Err()
		}
		if e.err == nil {
			return e.value, sync.OnceFunc(func() { c.leave(e) }), nil
		}
		c.leave(e)
		if isNew || !gaveUp(e.err) || ctx.Err() != nil {
			return value, nil, e.err
		}
		// The one who made it could not wait; this one can.
	}
}

func gaveUp(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// enter returns the entry of key, in use, and whether it is to be made.
func (c *Cache[K, V]) enter(key K) (e *entry[K, V], isNew bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok {
		e = &entry[K, V]{key: key, made: make(chan struct{}), err: errUnmade}
		c.entries[key] = e
	}
	if e.place != nil {
		c.idle.Remove(e.place)
		e.place = nil
	}
	e.users++
	return e, !ok
}

// leave ends a use of e.
func (c *Cache[K, V]) leave(e *entry[K, V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.users--; e.users > 0 {
		return
	}
	if c.entries[e.key] == e {
		e.place = c.idle.PushFront(e)
		c.free(0) // of a value that was too large
	}
	c.tell()
}

// load makes the value of e.
func (c *Cache[K, V]) load(ctx context.Context, e *entry[K, V], load func(reserve func(bytes int64) error) (V, error)) {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if e.err != nil {
			c.drop(e)
		}
		close(e.made)
	}()
	e.value, e.err = load(func(bytes int64) error { return c.reserve(ctx, e, bytes) })
}

// reserve waits until there is room for e.
func (c *Cache[K, V]) reserve(ctx context.Context, e *entry[K, V], bytes int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.free(bytes); c.held > 0 && c.held+bytes > c.most; c.free(bytes) {
		freed := c.freed
		c.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
		}
		c.mu.Lock()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	e.bytes = bytes
	c.held += bytes
	return nil
}

// free drops entries that nobody uses until there is room for bytes more, or
// none is left. The caller holds the lock.
func (c *Cache[K, V]) free(bytes int64) {
	for c.held+bytes > c.most && c.idle.Len() > 0 {
		c.drop(c.idle.Remove(c.idle.Back()).(*entry[K, V]))
	}
}

// drop forgets e. The caller holds the lock.
func (c *Cache[K, V]) drop(e *entry[K, V]) {
	delete(c.entries, e.key)
	c.held -= e.bytes
	e.bytes = 0
	c.tell()
}

// tell wakes those who wait for room. The caller holds the lock.
func (c *Cache[K, V]) tell() {
	close(c.freed)
	c.freed = make(chan struct{})
}
