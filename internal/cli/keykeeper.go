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
func (k keyKeeper) run(ctx context.Context) {
	if err := k.sealOld(ctx); err != nil && ctx.Err() == nil {
		k.log.ErrorContext(ctx, "pictures and files of releases before not encrypted: the next start tries again", "error", err)
	}
	if err := k.sealTexts(ctx); err == nil {
		if err := k.db.Keyring().SetSince(ctx); err != nil {
			k.log.ErrorContext(ctx, "keyring not looked after", "error", err)
		}
	} else if ctx.Err() == nil {
		k.log.ErrorContext(ctx, "values of releases before not encrypted: the next start tries again", "error", err)
	}
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
