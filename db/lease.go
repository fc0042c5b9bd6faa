package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/seosik/seosik/internal/form"
)

const (
	// leaseTerm is for how long a lease is good that is not renewed.
	leaseTerm = time.Minute
	// LeaseRenewal is after how long a lease should be renewed: twice before it
	// is over.
	LeaseRenewal = leaseTerm / 3
)

// ErrLeaseLost reports that another process has a lease since.
var ErrLeaseLost = errors.New("another process has taken over")

// A Lease is the right to read documents, which one process at a time has. Each
// has a number, which rises: what is changed under an older one is refused. Use
// it from one goroutine at a time, but for Guard.
type Lease struct {
	number int64
	unlock func() error // gives back the lock that shows that its process lives; nil without
}

// Claim returns the lease. It returns form.ErrConflict where another process has
// one that is not over; but where that one is dead, which is seen on the machine
// it ran on, nobody waits.
func (db *DB) Claim(ctx context.Context) (_ *Lease, err error) {
	defer wrap(&err, "claim the documents")
	l := new(Lease)
	if err := db.showLife(l); err != nil {
		return nil, err
	}
	err = db.update(ctx, func(t tx) error {
		var held, shown bool
		err := t.row(ctx, `SELECT until > `+t.clock()+`, shown FROM leases WHERE name = 'read'`)(&held, &shown)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if dead := shown && l.shown(); held && !dead {
			return form.ErrConflict
		}
		return t.row(ctx, `
			INSERT INTO leases (name, number, holder, shown, until) VALUES ('read', 1, ?, ?, `+t.clock()+` + ?)
			ON CONFLICT (name) DO UPDATE SET
				number = leases.number + 1, holder = excluded.holder, shown = excluded.shown, until = excluded.until
			RETURNING number`, self(), l.shown(), leaseTerm.Milliseconds())(&l.number)
	})
	if err != nil {
		return nil, errors.Join(err, l.die())
	}
	return l, nil
}

// self names this process, for people who look into the database.
func self() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%s:%d", host, os.Getpid())
}

// showLife locks a file as long as the process lives, unless another has.
func (db *DB) showLife(l *Lease) (err error) {
	if l.shown() {
		return nil
	}
	l.unlock, err = lock(db.path+claimed, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil
	}
	return err
}

// shown reports whether the file is locked by this process: no other that locked
// it lives.
func (l *Lease) shown() bool { return l.unlock != nil }

func (l *Lease) die() error {
	if !l.shown() {
		return nil
	}
	return l.unlock()
}

// Renew makes a lease good for longer. It returns ErrLeaseLost where another
// process has it since; a lease that is over may be renewed as long as none has.
func (db *DB) Renew(ctx context.Context, l *Lease) (err error) {
	defer wrap(&err, "renew the claim")
	if err := db.showLife(l); err != nil { // the process before may have held the file, and be dead by now
		return err
	}
	return db.update(l.Guard(ctx), func(t tx) error {
		_, err := t.exec(ctx, `UPDATE leases SET shown = ?, until = `+t.clock()+` + ? WHERE name = 'read'`, l.shown(), leaseTerm.Milliseconds())
		return err
	})
}

// Release gives a lease back, so that another process need not wait until it is
// over.
func (db *DB) Release(ctx context.Context, l *Lease) (err error) {
	defer wrap(&err, "give the claim back")
	err = db.update(l.Guard(ctx), func(t tx) error {
		_, err := t.exec(ctx, `UPDATE leases SET until = 0 WHERE name = 'read'`)
		return err
	})
	if errors.Is(err, ErrLeaseLost) {
		err = nil
	}
	return errors.Join(err, l.die())
}

type leaseKey struct{}

// Guard returns a context with which all changes return ErrLeaseLost, and change
// nothing, once another process has the lease.
func (l *Lease) Guard(ctx context.Context) context.Context {
	return context.WithValue(ctx, leaseKey{}, l.number)
}

// guarded returns f, or what calls it only if the lease of ctx is not lost.
func guarded(ctx context.Context, f func(tx) error) func(tx) error {
	number, ok := ctx.Value(leaseKey{}).(int64)
	if !ok {
		return f
	}
	return func(t tx) error {
		var now int64
		if err := t.row(ctx, `SELECT number FROM leases WHERE name = 'read'`)(&now); err != nil {
			return err
		}
		if now != number {
			return ErrLeaseLost
		}
		return f(t)
	}
}
