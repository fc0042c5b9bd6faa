package handlers

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestReckoner(t *testing.T) {
	var r reckoner[int, string]
	ctx := t.Context()
	get := func(key int, wait time.Duration, compute func(context.Context) (string, error)) (string, bool, error) {
		v, at, err := r.get(ctx, key, wait, compute)
		return v, !at.IsZero(), err
	}
	released := make(chan struct{})
	slow := func(context.Context) (string, error) { <-released; return "slow", nil }
	quick := func(context.Context) (string, error) { return "quick", nil }
	if v, there, err := get(1, time.Millisecond, slow); v != "" || there || err != nil {
		t.Errorf("while it is made: %q, %v, %v", v, there, err)
	}
	if v, there, err := get(2, time.Millisecond, quick); v != "" || there || err != nil {
		t.Errorf("behind another: %q, %v, %v", v, there, err)
	}
	close(released)
	for key, want := range map[int]string{1: "slow", 2: "quick"} {
		if v, there, err := get(key, time.Minute, quick); v != want || !there || err != nil {
			t.Errorf("%d: %q, %v, %v", key, v, there, err)
		}
	}
	if _, there, err := get(3, time.Minute, func(context.Context) (string, error) { panic("no") }); there || err == nil {
		t.Errorf("a panic: %v, %v", there, err)
	}
	failed := errors.New("no")
	if _, _, err := get(4, time.Minute, func(context.Context) (string, error) { return "", failed }); !errors.Is(err, failed) {
		t.Errorf("an error: %v", err)
	}
	if v, there, err := get(4, time.Minute, quick); v != "quick" || !there || err != nil {
		t.Errorf("once more: %q, %v, %v", v, there, err)
	}
}

func TestReckonerIsBounded(t *testing.T) {
	var r reckoner[int, int]
	release := make(chan struct{})
	for i := range 2 * reckonedKept {
		if _, at, err := r.get(t.Context(), i, 0, func(context.Context) (int, error) { <-release; return i, nil }); !at.IsZero() || err != nil {
			t.Fatal(i, at, err)
		}
	}
	if len(r.kept) != reckonedKept {
		t.Errorf("%d are being made", len(r.kept))
	}
	close(release)
}
