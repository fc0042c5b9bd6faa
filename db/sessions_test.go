package db

import (
	"testing"
	"time"
)

func TestEndedSessions(t *testing.T) {
	db, ctx := openTest(t), t.Context()
	now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	db.now = func() time.Time { return now }
	end := func(id string) {
		t.Helper()
		if err := db.EndSession(ctx, id, now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	check := func(id string, want bool) {
		t.Helper()
		if got, err := db.SessionEnded(ctx, id); got != want || err != nil {
			t.Errorf("%s: ended %v, %v; want %v", id, got, err, want)
		}
	}
	check("one", false)
	end("one")
	end("one")
	check("one", true)
	check("two", false)
	now = now.Add(2 * time.Hour)
	end("two")
	check("one", false) // is over, and forgotten
	check("two", true)
}
