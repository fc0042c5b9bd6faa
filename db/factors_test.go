package db

import (
	"errors"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/form"
)

func TestFactors(t *testing.T) {
	db, ctx := openTest(t), t.Context()
	kim, err := db.AddFirstUser(ctx, form.Command, "kim", "hash")
	if err != nil {
		t.Fatal(err)
	}
	by, id := form.Person(kim.ID), kim.ID
	has := func(want bool) {
		t.Helper()
		if u, err := db.User(ctx, id); err != nil || u.Factor != want {
			t.Errorf("Factor = %t, %v, want %t", u.Factor, err, want)
		}
	}
	conflicts := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, form.ErrConflict) {
			t.Errorf("%s: %v, want a conflict", what, err)
		}
	}
	if _, err := db.Factor(ctx, id); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("Factor of nobody: %v", err)
	}
	conflicts("confirmed before it was begun", db.ConfirmFactor(ctx, by, id, 7, nil))
	for _, sealed := range []string{"one", "two"} {
		if err := db.BeginFactor(ctx, id, []byte(sealed)); err != nil {
			t.Fatal(err)
		}
	}
	has(false)
	conflicts("a code before it is confirmed", db.TakeStep(ctx, id, 8))
	if _, err := db.BeginSession(ctx, form.Session{User: id, BeganAt: time.Now()}, "secret"); err != nil {
		t.Fatal(err)
	}
	if err := db.ConfirmFactor(ctx, by, id, 7, [][]byte{{1}, {2}, {3}}); err != nil {
		t.Fatal(err)
	}
	has(true)
	if _, err := db.Visit(ctx, "secret", time.Now()); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("who was logged in still is: %v", err)
	}
	conflicts("confirmed twice", db.ConfirmFactor(ctx, by, id, 9, nil))
	conflicts("another secret", db.BeginFactor(ctx, id, []byte("three")))
	conflicts("the code that confirmed it", db.TakeStep(ctx, id, 7))
	if err := db.TakeStep(ctx, id, 9); err != nil {
		t.Fatal(err)
	}
	conflicts("a code twice", db.TakeStep(ctx, id, 9))
	conflicts("a code before the last", db.TakeStep(ctx, id, 8))
	if err := db.UseRecovery(ctx, id, []byte{2}); err != nil {
		t.Fatal(err)
	}
	conflicts("a code on paper twice", db.UseRecovery(ctx, id, []byte{2}))
	conflicts("a code on no paper", db.UseRecovery(ctx, id, []byte{4}))
	if f, err := db.Factor(ctx, id); err != nil || string(f.Sealed) != "two" || f.ConfirmedAt.IsZero() || f.Step != 9 || f.Codes != 2 {
		t.Errorf("Factor = %+v, %v", f, err)
	}
	if err := db.SetRecovery(ctx, by, id, [][]byte{{2}, {5}}); err != nil {
		t.Fatal(err)
	}
	if err := db.UseRecovery(ctx, id, []byte{2}); err != nil {
		t.Errorf("a new code on paper: %v", err)
	}
	if err := db.RemoveFactor(ctx, by, id); err != nil {
		t.Fatal(err)
	}
	has(false)
	conflicts("codes on paper without a factor", db.SetRecovery(ctx, by, id, nil))
	conflicts("a code on paper of before", db.UseRecovery(ctx, id, []byte{5}))
	if err := db.RemoveFactor(ctx, by, id); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
}

// Sessions and the admission of a database of before there were second factors.
func TestFactorsOfBefore(t *testing.T) {
	path, pool := openAt(t, 32)
	if _, err := pool.ExecContext(t.Context(), `
		INSERT INTO users (id, name, password_hash, created_at, outbox_key) VALUES (1, 'kim', 'hash', 1, x'00');
		INSERT INTO sessions (user_id, token, began_at, used_at, address, browser) VALUES (1, ?, 1, 1, '192.0.2.7', 'Firefox');
		UPDATE admission SET idle = 7, life = 70, networks = '192.0.2.0/24'`, hashToken("secret")); err != nil {
		t.Fatal(err)
	}
	pool.Close()
	db := openFile(t, path)
	v, err := db.Visit(t.Context(), "secret", time.Now())
	if err != nil || v.User.Name != "kim" || v.User.Factor || v.Session.Vouched || v.Session.Browser != "Firefox" {
		t.Errorf("Visit = %+v, %v", v, err)
	}
	a, err := db.Admission(t.Context())
	if err != nil || a.Idle != 7*time.Minute || a.Life != 70*time.Minute || len(a.Networks) != 1 || a.Factor != form.FactorNobody {
		t.Errorf("Admission = %+v, %v", a, err)
	}
}
