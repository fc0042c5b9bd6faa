package db

import (
	"errors"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

// claim claims, and ends the test where that does not go as wanted.
func claim(t testing.TB, db *DB, want error) *Lease {
	t.Helper()
	l, err := db.Claim(t.Context())
	if !errors.Is(err, want) {
		t.Fatalf("Claim = %v, want %v", err, want)
	}
	if l != nil {
		t.Cleanup(func() { _ = l.die() })
	}
	return l
}

// over has the lease be over by the clock.
func over(t testing.TB, db *DB) {
	t.Helper()
	if _, err := db.Pool().ExecContext(t.Context(), `UPDATE leases SET until = 1`); err != nil {
		t.Fatal(err)
	}
}

func TestOneProcessClaims(t *testing.T) {
	db := openTest(t)
	first := claim(t, db, nil)
	claim(t, openFile(t, db.path), form.ErrConflict)
	if err := db.Release(t.Context(), first); err != nil {
		t.Error(err)
	}
	second := claim(t, openFile(t, db.path), nil)
	if second.number <= first.number {
		t.Errorf("number %d follows %d", second.number, first.number)
	}
}

// A start after a crash does not wait for the lease of the dead to be over.
func TestNobodyWaitsForTheDead(t *testing.T) {
	db := openTest(t)
	dead := claim(t, db, nil)
	if err := dead.die(); err != nil {
		t.Fatal(err)
	}
	claim(t, openFile(t, db.path), nil)
	claim(t, db, form.ErrConflict)
}

// A process that hung long enough to lose its lease changes nothing any more.
func TestWhoHasLostTheLeaseChangesNothing(t *testing.T) {
	o := newOffice(t)
	hung := claim(t, o.DB, nil)
	over(t, o.DB)
	later := claim(t, openFile(t, o.path), nil)
	_, docs := o.submit(t, "a.png")

	ctx := hung.Guard(t.Context())
	if _, err := o.Begin(ctx, Chore{Document: docs[0]}); !errors.Is(err, ErrLeaseLost) || errors.Is(err, form.ErrConflict) {
		t.Errorf("Begin = %v, want ErrLeaseLost", err)
	}
	if p, err := o.Progress(ctx, form.Everything, 1); err != nil || p.Pages[form.StateWaiting] != 1 {
		t.Errorf("Progress = %+v, %v", p, err)
	}
	if err := o.Renew(t.Context(), hung); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("Renew = %v, want ErrLeaseLost", err)
	}
	if err := o.Release(t.Context(), hung); err != nil {
		t.Error(err)
	}
	claim(t, o.DB, form.ErrConflict)
	if err := o.Renew(t.Context(), later); err != nil { // takes the file over
		t.Error(err)
	}
	if _, err := o.Begin(later.Guard(t.Context()), Chore{Document: docs[0]}); err != nil {
		t.Error(err)
	}
	claim(t, o.DB, form.ErrConflict)
}

// A lease that is over and that nobody took is as good as before, as after the
// machine slept.
func TestALeaseThatIsOverCanBeRenewed(t *testing.T) {
	db := openTest(t)
	l := claim(t, db, nil)
	over(t, db)
	if err := db.Renew(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	claim(t, openFile(t, db.path), form.ErrConflict)
}
