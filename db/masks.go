package db

import (
	"context"

	"github.com/seosik/seosik/internal/form"
)

// masks is the name under which what the office set is kept.
const masks = "masks"

// Masks returns what the office set about personal data on screens and in files: of
// each role and each class, also where these are newer than that.
func (db *DB) Masks(ctx context.Context) (m form.Masks, err error) {
	defer wrap(&err, "masks")
	err = db.view(ctx, func(t tx) error { return loadNoted(ctx, t, masks, &m) })
	return m.Whole(), err
}

// SetMasks sets that from now on.
func (db *DB) SetMasks(ctx context.Context, by form.Actor, m form.Masks) (err error) {
	defer wrap(&err, "set masks")
	if err := m.Check(); err != nil {
		return err
	}
	return db.act(ctx, by, "set_masks", func(t tx) (subject, error) {
		return subject{kind: "office"}, saveNoted(ctx, t, masks, m)
	})
}
