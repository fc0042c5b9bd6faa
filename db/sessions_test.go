package db

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/form"
)

func TestSessions(t *testing.T) {
	db, ctx := openTest(t), t.Context()
	now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	kim, err := db.AddFirstUser(ctx, form.Command, "kim", "hash")
	if err != nil {
		t.Fatal(err)
	}
	by := form.Person(kim.ID)
	begin := func(secret string) form.SessionID {
		t.Helper()
		id, err := db.BeginSession(ctx, form.Session{User: kim.ID, BeganAt: now, Address: "192.0.2.7", Browser: "Firefox"}, secret)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	there := func(secret string, want bool) {
		t.Helper()
		if _, err := db.Visit(ctx, secret, now); (err == nil) != want || err != nil && !errors.Is(err, form.ErrNotFound) {
			t.Errorf("Visit(%s): %v, want %t", secret, err, want)
		}
	}
	one := begin("one")
	two := begin("two")
	there("one", true)
	there("three", false)
	if err := db.RenewSession(ctx, one, "one", "uno", now); err != nil {
		t.Fatal(err)
	}
	if err := db.RenewSession(ctx, one, "one", "eins", now); !errors.Is(err, form.ErrConflict) {
		t.Errorf("renewed twice: %v", err)
	}
	there("uno", true)
	there("one", true) // requests are under way with it
	now = now.Add(formerTime + time.Second)
	there("one", false)
	if err := db.UseSession(ctx, form.Session{ID: two, UsedAt: now, Address: "192.0.2.8"}); err != nil {
		t.Fatal(err)
	}
	list, err := db.Sessions(ctx, kim.ID)
	if err != nil || len(list) != 2 || list[0].ID != two || list[0].Address != "192.0.2.8" || list[1].Browser != "Firefox" {
		t.Errorf("Sessions = %+v, %v", list, err)
	}
	if err := db.EndSession(ctx, by, kim.ID+1, one); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("a stranger ended it: %v", err)
	}
	if err := db.EndSession(ctx, by, kim.ID, one); err != nil {
		t.Fatal(err)
	}
	there("uno", false)
	three := begin("three")
	if err := db.EndSessions(ctx, by, kim.ID, three); err != nil {
		t.Fatal(err)
	}
	there("two", false)
	there("three", true)
	if err := db.EndVisit(ctx, "three"); err != nil {
		t.Fatal(err)
	}
	there("three", false)
	for i := range maxSessions + 2 {
		begin(fmt.Sprint("many ", i))
	}
	there("many 1", false)
	there("many 2", true)
	if err := db.SetPassword(ctx, form.Command, kim.ID, "another"); err != nil {
		t.Fatal(err)
	}
	there("many 2", false)
	begin("old")
	now = now.Add(31 * time.Minute)
	begin("new")
	there("old", false)
	lee, err := db.AddUser(ctx, by, "lee", "hash", form.Grant{Role: form.Administrator})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.DisableUser(ctx, form.Person(lee.ID), kim.ID); err != nil {
		t.Fatal(err)
	}
	there("new", false)
}
