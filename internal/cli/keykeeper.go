package cli

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
)

// A keyKeeper looks after the keyring while a server runs.
type keyKeeper struct {
	db    *db.DB
	blobs *blob.Dir
	log   *slog.Logger
}

// keysEvery is how often it is looked whether keys were destroyed that copies have.
const keysEvery = time.Minute

// run keeps copies of the keyring without keys that were destroyed, until ctx ends.
// What is to be encrypted is meanwhile: that may take days.
func (k keyKeeper) run(ctx context.Context) {
	defer inBackground(ctx, k.seal)()
	tick := time.NewTicker(keysEvery)
	defer tick.Stop()
	unreached := 0
	for {
		left, err := k.tend(ctx)
		if err != nil && ctx.Err() == nil {
			k.log.ErrorContext(ctx, "keyring not looked after", "error", err)
		}
		if len(left) > unreached {
			k.log.WarnContext(ctx, "copies of the keyring have keys that were destroyed, and cannot be replaced", "copies", len(left), "error", left[0].Err)
		}
		unreached = len(left)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// tend replaces copies of the keyring that have keys that were destroyed, and has
// certificates say so, once they are in no log either. It returns the copies that could
// not be replaced.
func (k keyKeeper) tend(ctx context.Context) (left []db.KeyringCopy, err error) {
	due, err := k.db.KeysDue(ctx) // before: what is destroyed from now on is for the next time
	if err != nil {
		return nil, err
	}
	for more := true; more; {
		if more, err = k.db.DestroyTextKeys(ctx); err != nil {
			return nil, err
		}
	}
	left, err = k.db.Keyring().Refresh(ctx)
	clean, tended := k.db.Keyring().Tend(ctx)
	if err := errors.Join(err, tended); err != nil || !clean || len(left) > 0 || len(due) == 0 {
		return left, err
	}
	return nil, k.db.KeysDestroyed(ctx, due)
}

// seal encrypts what is to be encrypted and is not yet, until ctx ends.
func (k keyKeeper) seal(ctx context.Context) {
	tick := time.NewTicker(keysEvery)
	defer tick.Stop()
	for done := false; ; {
		left, err := k.db.UnsealedPages(ctx, 1)
		if !done || left > 0 {
			err = errors.Join(err, k.sealAll(ctx))
			done = err == nil
		}
		if err != nil && ctx.Err() == nil {
			k.log.ErrorContext(ctx, "not all is encrypted that is to be: it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sealAll encrypts what releases before wrote as it was, and notes since when that is
// all.
func (k keyKeeper) sealAll(ctx context.Context) error {
	if err := errors.Join(k.sealOld(ctx), k.sealTexts(ctx)); err != nil {
		return err
	}
	return k.db.Keyring().SetSince(ctx)
}

// sealTexts encrypts values that releases before wrote as they were, some pages after
// the others, and goes on where it was broken off. Others write in between.
func (k keyKeeper) sealTexts(ctx context.Context) error {
	for {
		began := time.Now()
		more, err := k.db.SealTexts(ctx)
		if err != nil || !more {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Since(began)):
		}
	}
}

// sealOld encrypts what releases before wrote as it was, a part after the other, and
// goes on where it was broken off.
func (k keyKeeper) sealOld(ctx context.Context) error {
	done, err := k.db.Keyring().Sealed(ctx)
	if err != nil || done == blob.Shards {
		return err
	}
	all, lost := 0, 0
	for ; done < blob.Shards; done++ {
		sealed, corrupt, err := k.blobs.SealOld(ctx, done)
		if err != nil {
			return err
		}
		all, lost = all+sealed, lost+corrupt
		if err := k.db.Keyring().SetSealed(ctx, done+1); err != nil {
			return err
		}
	}
	if all > 0 {
		k.log.InfoContext(ctx, "pictures and files of releases before are encrypted", "count", all)
	}
	if lost > 0 {
		k.log.ErrorContext(ctx, "the disk has altered pictures or files, which were left as they are", "count", lost)
	}
	return nil
}
