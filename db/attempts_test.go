package db

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// A guard tries the attempts of a test on a database, and has a clock.
type guard struct {
	*testing.T
	db  *DB
	now time.Time
}

func newGuard(t *testing.T) *guard {
	return &guard{t, openTest(t), time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)}
}

// attempt returns an attempt of a person to log in, from an address.
func attempt(name, address string) Attempt {
	return Attempt{Account: []byte(name), Address: []byte("from " + address), Both: []byte(name + " from " + address)}
}

// begin begins an attempt, which is to wait as long as wanted.
func (g *guard) begin(a Attempt, want time.Duration) {
	g.Helper()
	if got, err := g.db.BeginAttempt(g.Context(), a, g.now); got != want || err != nil {
		g.Errorf("%s waits for %v, %v; want %v", a.Both, got, err, want)
	}
}

func (g *guard) fail(a Attempt, times int) {
	g.Helper()
	for range times {
		g.begin(a, 0)
	}
}

func (g *guard) succeed(a Attempt) {
	g.Helper()
	g.begin(a, 0)
	if err := g.db.AttemptSucceeded(g.Context(), a, g.now); err != nil {
		g.Fatal(err)
	}
}

func TestAttemptsWaitEverLonger(t *testing.T) {
	g, a := newGuard(t), attempt("kim", "1")
	g.fail(a, attemptsFree)
	for _, minutes := range []time.Duration{1, 2, 4, 8, 15, 15, 15} {
		wait := minutes * time.Minute
		g.begin(a, wait)
		g.begin(a, wait) // which does not count
		g.now = g.now.Add(wait - time.Second)
		g.begin(a, time.Second)
		g.now = g.now.Add(time.Second)
		g.begin(a, 0)
	}
	g.now = g.now.Add(20 * attemptsPast)
	g.fail(a, attemptsFree)
	g.begin(a, time.Minute)
}

func TestAttemptsAreCountedByAccountAndByAddress(t *testing.T) {
	tests := []struct {
		name        string
		first, then func(i int) Attempt
	}{
		{
			"one account, many addresses",
			func(i int) Attempt { return attempt("kim", fmt.Sprint(i)) },
			func(int) Attempt { return attempt("kim", "another") },
		},
		{
			"one address, many accounts",
			func(i int) Attempt { return attempt(fmt.Sprint(i), "1") },
			func(int) Attempt { return attempt("another", "1") },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newGuard(t)
			for i := range attemptsFree {
				g.begin(tt.first(i), 0)
			}
			g.begin(tt.then(0), time.Minute)
			g.begin(attempt("lee", "2"), 0)
		})
	}
}

// Whoever has a login clears with it what was counted for that login from
// there, and not what was guessed at another's.
func TestOwnLogInDoesNotClearGuessesAtAnother(t *testing.T) {
	g := newGuard(t)
	own, others := attempt("mallory", "1"), attempt("kim", "1")
	g.succeed(own)
	for range 3 {
		g.fail(others, 3)
		g.succeed(own)
	}
	g.fail(others, 1)
	g.begin(others, time.Minute)
	g.begin(attempt("lee", "1"), time.Minute) // nor at a third one's
	g.succeed(own)
	g.begin(attempt("kim", "2"), time.Minute)
}

func TestTyposAreForgottenWithTheLogIn(t *testing.T) {
	g, a := newGuard(t), attempt("kim", "1")
	for range 5 {
		g.fail(a, attemptsFree-1)
		g.succeed(a)
	}
	g.fail(attempt("lee", "1"), attemptsFree)
}

// Strangers who guess at a name do not keep out who has it, nor do those who
// share the address of a proxy.
func TestKnownAddressesAreLetIn(t *testing.T) {
	g := newGuard(t)
	desk := attempt("kim", "1")
	g.succeed(desk)
	for i := range attemptsFree {
		g.begin(attempt("kim", fmt.Sprint("stranger", i)), 0)
	}
	for i := range attemptsFree {
		g.begin(attempt(fmt.Sprint("colleague", i), "1"), 0)
	}
	g.begin(attempt("kim", "home"), time.Minute)
	g.begin(attempt("lee", "1"), time.Minute)
	g.fail(desk, attemptsFree)
	g.begin(desk, time.Minute) // up to a limit of its own
	g.now = g.now.Add(time.Minute)
	g.succeed(desk)

	g.now = g.now.Add(attemptsKnow + time.Second)
	for i := range attemptsFree {
		g.begin(attempt("kim", fmt.Sprint("stranger", i)), 0)
	}
	g.begin(desk, time.Minute) // it has not been there for long
}

func TestAttemptsOutliveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seosik.db")
	a := attempt("kim", "1")
	for i := range 2 {
		db, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		g := &guard{t, db, time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)}
		if i == 0 {
			g.fail(a, attemptsFree)
		} else {
			g.begin(a, time.Minute)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAttemptsSurviveAClockSetBack(t *testing.T) {
	g, a := newGuard(t), attempt("kim", "1")
	g.fail(a, attemptsFree)
	g.now = g.now.Add(-time.Hour)
	g.begin(a, 0) // nobody is locked out until the clock is where it was
	g.begin(a, 2*time.Minute)
}

// The table has a bound, also where all of it is fresh; an account that is
// being guessed at and addresses that are known are not forgotten for it.
func TestAttemptsAreBounded(t *testing.T) {
	g := newGuard(t)
	guessed, known := attempt("kim", "1"), attempt("lee", "2")
	g.fail(guessed, attemptsFree)
	g.succeed(known)
	err := g.db.update(t.Context(), func(t tx) error {
		_, err := t.exec(context.Background(), `
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO attempts (key, failed, failed_at) SELECT CAST('flood ' || i AS BLOB), 1, ? FROM n`,
			2*attemptsKept, millis(g.now))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	g.begin(attempt("another", "3"), 0)
	var rows int
	err = g.db.view(t.Context(), func(t tx) error {
		return t.row(context.Background(), `SELECT count(*) FROM attempts`)(&rows)
	})
	if err != nil || rows > attemptsKept {
		t.Errorf("%d rows, %v; want at most %d", rows, err, attemptsKept)
	}
	g.begin(guessed, time.Minute)
	if s, err := g.db.Standing(t.Context(), known, g.now); !s.Known || err != nil {
		t.Errorf("known %v, %v; want true", s.Known, err)
	}
}

func TestSecretsAreNotLimitedByAccount(t *testing.T) {
	g := newGuard(t)
	call := func(address string) Attempt {
		return Attempt{Address: []byte(address), Both: []byte("domain from " + address)}
	}
	g.fail(call("1"), attemptsFree)
	g.begin(call("1"), time.Minute)
	g.begin(call("2"), 0)
	want := Standing{Wait: time.Minute, Failed: attemptsFree}
	if s, err := g.db.Standing(t.Context(), call("1"), g.now); s != want || err != nil {
		t.Errorf("Standing = %+v, %v, want %+v", s, err, want)
	}
}

// The step adds a table and leaves what is there as it is.
func TestAttemptsComeToADatabaseOfTheReleaseBefore(t *testing.T) {
	path, before := openAt(t, 8)
	if _, err := before.ExecContext(t.Context(), `INSERT INTO users (name, password_hash, created_at) VALUES ('kim', 'hash', 7)`); err != nil {
		t.Fatal(err)
	}
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	g := &guard{t, openFile(t, path), time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)}
	if u, err := g.db.UserByName(t.Context(), "kim"); err != nil || u.PasswordHash != "hash" {
		t.Errorf("user = %+v, %v", u, err)
	}
	g.succeed(attempt("kim", "1"))
}
