package form

import (
	"testing"
	"time"
)

func TestACertificateIsLate(t *testing.T) {
	const day = 24 * time.Hour
	now := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		life time.Duration
		left time.Duration
		want bool
	}{
		{"of a year", 365 * day, 15 * day, false},
		{"of a year, soon over", 365 * day, 13 * day, true},
		{"of 90 days, at its renewal", 90 * day, 29 * day, false},
		{"of 6 days", 6 * day, 2 * day, false},
		{"of 6 days, not renewed", 6 * day, day, true},
		{"over", 90 * day, -day, true},
	} {
		c := Certificate{From: now.Add(tt.left - tt.life), Over: now.Add(tt.left)}
		if got := c.Late(now); got != tt.want {
			t.Errorf("%s: Late() = %t, want %t", tt.name, got, tt.want)
		}
	}
	if !(Certificate{}).Late(now) {
		t.Error("there is none yet, and it is not late")
	}
}
