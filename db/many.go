package db

import (
	"context"
	"errors"

	"github.com/seosik/seosik/internal/form"
)

// A Said is what a person said of a field, as AddCorrection takes it.
type Said struct {
	form.Correction
	After form.CorrectionID // the newest of the field that the person had seen, 0 for none
}

// AddCorrections adds what a person said of several fields of a page, all of it
// or nothing. Where somebody else was faster with any of them it returns a
// *form.StaleError that names those. Otherwise it is as AddCorrection is.
func (db *DB) AddCorrections(ctx context.Context, by form.Actor, page form.PageID, said []Said) (added []form.Correction, p form.PageInfo, err error) {
	defer wrap(&err, "correct page %d", page)
	err = db.update(ctx, func(t tx) error {
		if p, err = pageByID(ctx, t, page); err != nil {
			return err
		}
		if p.State != form.StateReview && p.State != form.StateDone {
			return form.ErrConflict
		}
		var news bool
		if added, news, err = db.addAll(ctx, t, by, p, said); err != nil {
			return err
		}
		if news && p.State == form.StateDone {
			if err := db.tellCorrected(ctx, t, page); err != nil {
				return err
			}
		}
		p, err = db.recount(ctx, t, page)
		return err
	})
	return added, p, err
}

// addAll adds all that was said, and reports whether any of it is news.
func (db *DB) addAll(ctx context.Context, t tx, by form.Actor, p form.PageInfo, said []Said) (added []form.Correction, news bool, err error) {
	var stale form.StaleError
	for _, s := range said {
		if s.Run != p.Run {
			return nil, false, form.ErrConflict
		}
		s.Page, s.By = p.ID, by.User
		c, isNews, err := db.addSeen(ctx, t, s.Correction, s.After)
		if errors.Is(err, errStale) {
			stale.Fields = append(stale.Fields, s.Field)
			continue
		}
		if err != nil {
			return nil, false, err
		}
		added, news = append(added, c), news || isNews
	}
	if len(stale.Fields) > 0 {
		return nil, false, &stale
	}
	return added, news, nil
}
