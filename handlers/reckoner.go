package handlers

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"
)

const (
	reckonedKept   = 64              // results of each kind
	reckonedWithin = 5 * time.Minute // that making one may take
	// reckonedFresh is for how many times as long as it took to make one it counts as
	// new, and reckonedOld after how long none does.
	reckonedFresh = 20
	reckonedOld   = 10 * time.Minute
)

// A reckoner makes what takes long beside requests, and keeps it for a while: who asks
// gets what is there, and what is old is made anew meanwhile. What is made at once is
// made each time.
type reckoner[K comparable, V any] struct {
	mu   sync.Mutex
	kept map[K]*made[V]
	turn sync.Mutex // held by what is being made: what people ask for is made one by one
}

// A made is a result, or what comes to be one.
type made[V any] struct {
	value V
	err   error
	at    time.Time // when it was made; zero before
	took  time.Duration
	done  chan struct{} // closed once the next is there; nil while none is being made
}

func (m *made[V]) fresh() bool {
	return !m.at.IsZero() && m.err == nil && time.Since(m.at) < min(reckonedOld, reckonedFresh*m.took)
}

// get returns the result for key, and when it was made: what is there, or what compute
// makes within wait. The time is zero where it takes longer.
func (b *reckoner[K, V]) get(ctx context.Context, key K, wait time.Duration, compute func(context.Context) (V, error)) (v V, at time.Time, err error) {
	b.mu.Lock()
	m := b.of(key)
	if m == nil { // too much is being made
		defer b.mu.Unlock()
		return v, at, nil
	}
	if m.fresh() {
		defer b.mu.Unlock()
		return m.value, m.at, nil
	}
	if m.done == nil {
		m.done = b.begin(ctx, m, compute)
	}
	done := m.done
	if !m.at.IsZero() && m.err == nil && m.took > wait {
		defer b.mu.Unlock()
		return m.value, m.at, nil
	}
	b.mu.Unlock()
	select {
	case <-done:
	case <-time.After(wait):
	case <-ctx.Done():
		return v, at, ctx.Err()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return m.value, m.at, m.err
}

// of returns what there is for key, and makes room for it; nil where all that is kept
// is being made.
func (b *reckoner[K, V]) of(key K) *made[V] {
	m := b.kept[key]
	if m != nil {
		return m
	}
	if b.kept == nil {
		b.kept = make(map[K]*made[V])
	}
	if len(b.kept) >= reckonedKept {
		maps.DeleteFunc(b.kept, func(_ K, m *made[V]) bool { return m.done == nil })
	}
	if len(b.kept) >= reckonedKept {
		return nil
	}
	m = new(made[V])
	b.kept[key] = m
	return m
}

// begin makes the next result of m, whoever goes away meanwhile.
func (b *reckoner[K, V]) begin(ctx context.Context, m *made[V], compute func(context.Context) (V, error)) chan struct{} {
	done := make(chan struct{})
	ctx = context.WithoutCancel(ctx)
	go func() {
		b.turn.Lock()
		began := time.Now()
		v, err := guarded(ctx, compute)
		b.turn.Unlock()
		b.mu.Lock()
		defer b.mu.Unlock()
		if m.err = err; err == nil {
			m.value, m.at = v, time.Now()
		}
		m.took, m.done = time.Since(began), nil
		close(done)
	}()
	return done
}

// guarded returns what compute makes, or an error where it takes too long or panics:
// no request is there to answer for it.
func guarded[V any](ctx context.Context, compute func(context.Context) (V, error)) (v V, err error) {
	ctx, cancel := context.WithTimeout(ctx, reckonedWithin)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return compute(ctx)
}
