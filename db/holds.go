package db

import (
	"context"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A Hold keeps pages from being deleted by anybody and anything, until it is
// lifted. That a page is not held is looked up wherever pages are deleted, and
// triggers see to it.
type Hold struct {
	ID       int64
	Template form.TemplateID // all of whose pages are held; 0 for chosen pages
	Name     string          // of the template
	Pages    int             // chosen ones
	First    form.PageID     // of those; 0 for none
	Reason   string
	By       string
	At       time.Time
	LiftedBy string
	LiftedAt time.Time // zero while it holds
	Why      string    // it was lifted
}

// heldPage returns the term that a page, of a template, is held: both are
// expressions.
func heldPage(page, template string) string {
	return `(EXISTS (SELECT 1 FROM held x JOIN holds h ON h.id = x.hold_id WHERE x.page = ` + page + ` AND h.lifted_at IS NULL)
		OR EXISTS (SELECT 1 FROM holds h WHERE h.template_id = ` + template + ` AND h.lifted_at IS NULL))`
}

// refuseHeld returns form.ErrHeld where a query for what is held has a row.
func refuseHeld(ctx context.Context, t tx, query string, args ...any) error {
	var held bool
	if err := t.row(ctx, `SELECT EXISTS (`+query+`)`, args...)(&held); err != nil {
		return err
	}
	if held {
		return form.ErrHeld
	}
	return nil
}

// HoldPages holds pages, for a reason, in the trash too; of a template all of them
// where there are none. Those that are no more are passed over. It returns
// form.ErrNotFound where there is nothing to hold.
func (db *DB) HoldPages(ctx context.Context, by form.Actor, template form.TemplateID, pages []form.PageID, reason string) (id int64, err error) {
	defer wrap(&err, "hold pages")
	chosen, err := list(pages)
	if err != nil {
		return 0, err
	}
	err = db.act(ctx, by, "hold", func(t tx) (of subject, err error) {
		if len(pages) > 0 {
			template = 0
		}
		if err := t.row(ctx, `INSERT INTO holds (template_id, reason, user_id, at) VALUES (?, ?, ?, ?) RETURNING id`,
			orNull(template), reason, by.User, millis(db.now()))(&id); err != nil {
			return of, err
		}
		of = subject{kind: "hold", id: id}
		if template != 0 {
			return of, nil
		}
		of.pages, err = collect(ctx, t, scanID[form.PageID], `
			INSERT INTO held (page, hold_id)
			SELECT n.value, ? FROM `+t.each()+`
			WHERE EXISTS (SELECT 1 FROM pages WHERE id = n.value) OR EXISTS (SELECT 1 FROM trash WHERE page_id = n.value)
			ON CONFLICT DO NOTHING
			RETURNING page`, id, chosen)
		if err == nil && len(of.pages) == 0 {
			err = form.ErrNotFound
		}
		return of, err
	})
	return id, err
}

// LiftHold ends a hold, once.
func (db *DB) LiftHold(ctx context.Context, by form.Actor, id int64, why string) (err error) {
	defer wrap(&err, "lift hold %d", id)
	return db.act(ctx, by, "lift_hold", func(t tx) (subject, error) {
		return subject{kind: "hold", id: id}, t.row(ctx, `
			UPDATE holds SET lifted_by = ?, lifted_at = ?, lifted_why = ? WHERE id = ? AND lifted_at IS NULL
			RETURNING id`, by.User, millis(db.now()), why, id)(&id)
	})
}

// Holds returns all holds that there are and, after them, the latest that were
// lifted.
func (db *DB) Holds(ctx context.Context) (list []Hold, err error) {
	defer wrap(&err, "holds")
	err = db.view(ctx, func(t tx) error {
		list, err = collect(ctx, t, scanHold, `
			SELECT h.id, coalesce(h.template_id, 0), coalesce(f.name, ''), (SELECT count(*) FROM held WHERE hold_id = h.id),
				coalesce((SELECT min(page) FROM held WHERE hold_id = h.id), 0), h.reason, u.name, h.at, coalesce(l.name, ''), coalesce(h.lifted_at, 0), h.lifted_why
			FROM holds h JOIN users u ON u.id = h.user_id LEFT JOIN users l ON l.id = h.lifted_by LEFT JOIN templates f ON f.id = h.template_id
			ORDER BY h.lifted_at IS NOT NULL, h.id DESC LIMIT 200`)
		return err
	})
	return list, err
}

func scanHold(scan func(...any) error) (h Hold, err error) {
	var at, lifted int64
	err = scan(&h.ID, &h.Template, &h.Name, &h.Pages, &h.First, &h.Reason, &h.By, &at, &h.LiftedBy, &lifted, &h.Why)
	if h.At = fromMillis(at); lifted != 0 {
		h.LiftedAt = fromMillis(lifted)
	}
	return h, err
}

// HoldsOf returns the reasons for which a page is held; none where it is not.
func (db *DB) HoldsOf(ctx context.Context, in form.Scope, page form.PageID) (reasons []string, err error) {
	defer wrap(&err, "holds of page %d", page)
	term, args := within(in, `p.domain_id`)
	err = db.view(ctx, func(t tx) error {
		reasons, err = collect(ctx, t, func(scan func(...any) error) (s string, err error) { return s, scan(&s) }, `
			SELECT h.reason FROM pages p JOIN holds h ON h.lifted_at IS NULL AND (h.template_id = p.template_id
				OR EXISTS (SELECT 1 FROM held x WHERE x.page = p.id AND x.hold_id = h.id))
			WHERE p.id = ? AND `+term+` ORDER BY h.id`, append([]any{page}, args...)...)
		return err
	})
	return reasons, err
}
