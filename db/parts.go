package db

import (
	"context"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// Split has the parts of a picture that hold a form each be pages of their own:
// that in which run number of a page was begun becomes the one of parts[own],
// and is still to be done, and the others wait to be read for the first time, as
// who asked for the run asked. Parts are in shares of the width and height of
// the picture, two at least. It returns what is to be done for the chore of the
// run then. Where the page is read apart from its document, so are they, each by
// itself: enqueue adds their jobs in the same transaction. It returns
// form.ErrConflict, and changes nothing, where the run has been closed or the
// page is a part already.
func (db *DB) Split(ctx context.Context, page form.PageID, number int, parts []geom.Quad, own int, enqueue Enqueue) (task Task, err error) {
	defer wrap(&err, "split page %d", page)
	err = db.update(ctx, func(t tx) error {
		r, err := openRun(ctx, t, page, number)
		if err != nil {
			return err
		}
		of, err := pageByID(ctx, t, page)
		if err != nil {
			return err
		}
		if of.Part != 0 {
			return form.ErrConflict
		}
		region, err := encodeRegion(parts[own])
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE pages SET part = ?, region = ? WHERE id = ?`, own+1, region, page); err != nil {
			return err
		}
		chores, err := db.addParts(ctx, t, r, of, parts, own)
		if err != nil {
			return err
		}
		if r.chore.Document == 0 {
			if err := enqueue(t.Tx, chores); err != nil {
				return err
			}
		}
		task, err = taskOf(ctx, t, r.chore)
		return err
	})
	return task, err
}

// addParts adds all parts but own, and returns the chores of reading each apart
// from its document.
func (db *DB) addParts(ctx context.Context, t tx, r opened, of form.PageInfo, parts []geom.Quad, own int) (chores []Chore, err error) {
	why := "first"
	if r.chore.Document == 0 {
		why = "again"
	}
	var by form.Actor
	if err := t.row(ctx, `
		SELECT actor, coalesce(user_id, 0) FROM runs
		WHERE page_id = ? AND number = ?`, r.page, r.number)(&by.Kind, &by.User); err != nil {
		return nil, err
	}
	for i, part := range parts {
		if i == own {
			continue
		}
		p := form.Page{Number: of.Number, Part: i + 1, Region: part}
		id, err := addPage(ctx, t, of.Document, p, millis(db.now()), why, by)
		if err != nil {
			return nil, err
		}
		if _, err := t.exec(ctx, `
			UPDATE runs SET wanted_template = (SELECT wanted_template FROM runs WHERE page_id = ? AND number = ?)
			WHERE page_id = ? AND number = 1`, r.page, r.number, id); err != nil {
			return nil, err
		}
		chores = append(chores, Chore{Page: id, Run: 1})
	}
	return chores, nil
}
