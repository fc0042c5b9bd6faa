package db

import (
	"context"

	"github.com/seosik/seosik/internal/form"
)

// KeepTyped keeps what a person has typed and not accepted; typed.Page, Run,
// Field, Seen and Held are set. What the person typed there before goes. It
// keeps nothing where the person has said something of the field since. It
// returns form.ErrConflict where the page was read with another template since,
// and form.ErrNotFound where it has no such field.
func (db *DB) KeepTyped(ctx context.Context, by form.Actor, typed form.Typed) (err error) {
	defer wrap(&err, "keep what was typed on page %d", typed.Page)
	return db.update(ctx, func(t tx) error {
		var fits, over bool
		if err := t.row(ctx, `
			SELECT ? BETWEEN p.said_from AND p.run, EXISTS (
				SELECT 1 FROM corrections c
				WHERE c.page_id = p.id AND c.run >= p.said_from AND c.field = ? AND c.id > ? AND c.user_id = ?)
			FROM pages p WHERE p.id = ?`, typed.Run, typed.Field, typed.Seen, by.User, typed.Page)(&fits, &over); err != nil {
			return err
		}
		if !fits {
			return form.ErrConflict
		}
		if over {
			return nil
		}
		text, err := t.sealText(ctx, typed.Page, typed.Run, typed.Field, typed.Text)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `
			INSERT INTO typed (page_id, run, field, user_id, seen, text, checked, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (page_id, field, user_id) DO UPDATE SET
				run = excluded.run, seen = excluded.seen, text = excluded.text, checked = excluded.checked, at = excluded.at`,
			typed.Page, typed.Run, typed.Field, by.User, typed.Seen, text, typed.Checked, millis(db.now()))
		return err
	})
}

// DropTyped forgets what a person has typed into a field. A page for which that
// was all that was left to do is done.
func (db *DB) DropTyped(ctx context.Context, by form.Actor, page form.PageID, field form.FieldID) (err error) {
	defer wrap(&err, "drop what was typed on page %d", page)
	return db.update(ctx, func(t tx) error {
		if _, err := t.exec(ctx, `DELETE FROM typed WHERE page_id = ? AND field = ? AND user_id = ?`, page, field, by.User); err != nil {
			return err
		}
		var open bool
		if err := t.row(ctx, `SELECT state = 'review' AND doubtful = 0 FROM pages WHERE id = ?`, page)(&open); err != nil || !open {
			return err
		}
		return db.settle(ctx, t, page)
	})
}

// Typed returns what people have typed on a page and not accepted, by field and
// person.
func (db *DB) Typed(ctx context.Context, in form.Scope, page form.PageID) (list []form.Typed, err error) {
	defer wrap(&err, "what was typed on page %d", page)
	err = db.view(ctx, func(t tx) error {
		var domain form.DomainID
		err := t.row(ctx, `SELECT domain_id FROM pages WHERE id = ?`, page)(&domain)
		if err := seen(in, domain, err); err != nil {
			return err
		}
		list, err = collect(ctx, t, scanTyped, `
			SELECT y.page_id, y.run, y.field, y.user_id, u.name, y.seen, y.text, y.checked, y.at
			FROM typed y JOIN pages p ON p.id = y.page_id AND y.run >= p.said_from JOIN users u ON u.id = y.user_id
			WHERE y.page_id = ? ORDER BY y.field, y.user_id`, page)
		return err
	})
	return list, err
}

// typedBy returns what a person has typed into a field of pages, a list, and not
// accepted.
func typedBy(ctx context.Context, t tx, by form.UserID, field form.FieldID, pages string) (map[form.PageID]form.Typed, error) {
	list, err := collect(ctx, t, scanTyped, `
		SELECT y.page_id, y.run, y.field, y.user_id, u.name, y.seen, y.text, y.checked, y.at
		FROM `+t.each()+t.then(`pages p`, `p.id = n.value`)+
		t.then(`typed y`, `y.page_id = p.id AND y.run >= p.said_from AND y.field = ? AND y.user_id = ?`)+`
		JOIN users u ON u.id = y.user_id`, pages, field, by)
	of := make(map[form.PageID]form.Typed, len(list))
	for _, y := range list {
		of[y.Page] = y
	}
	return of, err
}

func scanTyped(scan func(...any) error) (form.Typed, error) {
	var y form.Typed
	var at int64
	err := scan(&y.Page, &y.Run, &y.Field, &y.By, &y.ByName, &y.Seen, &y.Text, &y.Checked, &at)
	y.At = fromMillis(at)
	return y, err
}

// heldBack reports whether a page on which nothing is doubtful is not done all
// the same: somebody has typed a value and not accepted it, and nobody has said
// another since; or what people said breaks a rule, and nobody has kept it so.
func heldBack(ctx context.Context, t tx, id form.PageID) (bool, error) {
	var typed bool
	if err := t.row(ctx, `
		SELECT EXISTS (
			SELECT 1 FROM typed y JOIN pages p ON p.id = y.page_id
			WHERE y.page_id = ? AND y.run >= p.said_from AND y.seen = coalesce((
				SELECT max(c.id) FROM corrections c WHERE c.page_id = p.id AND c.run >= p.said_from AND c.field = y.field), 0))`,
		id)(&typed); err != nil || typed {
		return typed, err
	}
	p, err := pageByID(ctx, t, id)
	if err != nil {
		return false, err
	}
	records, err := recordsByVersion(ctx, t, []form.PageInfo{p})
	if err != nil {
		return false, err
	}
	return len(records[0].Unkept()) > 0, nil
}
