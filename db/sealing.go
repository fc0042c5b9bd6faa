package db

import (
	"context"
	"errors"

	"github.com/seosik/seosik/internal/form"
)

// sealing is the name under which it is kept what the office has encrypted.
const sealing = "sealing"

// Sealing returns what is encrypted besides values of the law's classes.
func (db *DB) Sealing(ctx context.Context) (s form.Sealing, err error) {
	defer wrap(&err, "what is encrypted")
	err = db.view(ctx, func(t tx) error {
		s, err = t.sealing(ctx)
		return err
	})
	return s, err
}

func (t tx) sealing(ctx context.Context) (s form.Sealing, err error) {
	err = loadNoted(ctx, t, sealing, &s)
	return s, err
}

// SetSealing has that be encrypted from now on. Pages that are there follow by
// [DB.SealTexts].
func (db *DB) SetSealing(ctx context.Context, by form.Actor, s form.Sealing) (err error) {
	defer wrap(&err, "set what is encrypted")
	if db.vault == nil {
		return form.ErrNotFound
	}
	return db.act(ctx, by, "set_sealing", func(t tx) (subject, error) {
		if was, err := t.sealing(ctx); err != nil || was == s {
			return subject{}, err
		}
		return subject{kind: "office"}, errors.Join(saveNoted(ctx, t, sealing, s), t.sealAnew(ctx))
	})
}

// sealAnew has all pages that there are looked at by [DB.SealTexts].
func (t tx) sealAnew(ctx context.Context) error {
	var last int64
	if err := t.row(ctx, `SELECT coalesce(max(id), 0) FROM pages`)(&last); err != nil {
		return err
	}
	return errors.Join(setNumber(ctx, t, sealedUpTo, 0), setNumber(ctx, t, sealUpTo, last))
}

// seals returns what tells whether the values of a field are encrypted.
func (t tx) seals(ctx context.Context) (func(form.Field) bool, error) {
	if t.sealer == nil {
		return func(form.Field) bool { return false }, nil
	}
	if t.sealer.sealing == nil {
		s, err := t.sealing(ctx)
		if err != nil {
			return nil, err
		}
		t.sealer.sealing = &s
	}
	s := *t.sealer.sealing
	return func(f form.Field) bool { return s.Seals(f.Personal) }, nil
}
