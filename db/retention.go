package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A Retention says how long pages of a template in a state are kept.
type Retention struct {
	Template form.TemplateID // 0 for pages without one
	Name     string          // of the template
	State    form.State
	Since    string // SinceReceived or SinceFinished
	Days     int
	Due      int // pages that go tomorrow, at most mostDue, where that was asked for
}

// From when on the days are counted.
const (
	SinceReceived = "received"
	SinceFinished = "finished" // of what is done or has failed
)

const (
	mostDue      = 100_000
	destroyBatch = 100
)

// before returns when a page must have come, or been finished, whose time is over
// when a day begins.
func (r *Retention) before(today time.Time) time.Time { return today.AddDate(0, 0, -r.Days) }

// dayOf returns when the day of a time began, where the machine is.
func dayOf(at time.Time) time.Time {
	at = at.Local()
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.Local)
}

// SetRetention sets how long pages are kept; for 0 days for good.
func (db *DB) SetRetention(ctx context.Context, by form.Actor, r Retention) (err error) {
	defer wrap(&err, "set retention")
	if r.Since == SinceFinished && r.State != form.StateDone && r.State != form.StateFailed {
		return form.Invalid("since", "of pages that are not finished must be %q", SinceReceived)
	}
	return db.act(ctx, by, "set_retention", func(t tx) (subject, error) {
		of := subject{kind: "template", id: int64(r.Template)}
		if r.Days == 0 {
			_, err := t.exec(ctx, `DELETE FROM retention WHERE template_id = ? AND state = ?`, r.Template, r.State)
			return of, err
		}
		_, err := t.exec(ctx, `
			INSERT INTO retention (template_id, state, since, days) VALUES (?, ?, ?, ?)
			ON CONFLICT (template_id, state) DO UPDATE SET since = excluded.since, days = excluded.days`, r.Template, r.State, r.Since, r.Days)
		return of, err
	})
}

// Retentions returns what is set, and how many pages go tomorrow.
func (db *DB) Retentions(ctx context.Context) (list []Retention, err error) {
	defer wrap(&err, "retention")
	tomorrow := dayOf(db.now()).AddDate(0, 0, 1)
	err = db.view(ctx, func(t tx) error {
		if list, err = retentions(ctx, t); err != nil {
			return err
		}
		for i := range list {
			pages, err := due(ctx, t, list[i], tomorrow, mostDue)
			if err != nil {
				return err
			}
			list[i].Due = len(pages)
		}
		return nil
	})
	return list, err
}

func retentions(ctx context.Context, t tx) ([]Retention, error) {
	return collect(ctx, t, func(scan func(...any) error) (r Retention, err error) {
		return r, scan(&r.Template, &r.Name, &r.State, &r.Since, &r.Days)
	}, `
		SELECT r.template_id, coalesce(f.name, ''), r.state, r.since, r.days FROM retention r LEFT JOIN templates f ON f.id = r.template_id
		ORDER BY r.template_id, r.state`)
}

// due returns pages whose time is over when a day begins, and that nobody holds:
// those that are there, and then those in the trash.
func due(ctx context.Context, t tx, r Retention, today time.Time, most int) (pages []form.PageID, err error) {
	of, before := orNull(r.Template), millis(r.before(today))
	if r.Since == SinceFinished {
		pages, err = collect(ctx, t, scanID[form.PageID], `
			SELECT p.id FROM pages p`+t.by(`pages_finished`)+` WHERE p.template_id IS NOT DISTINCT FROM ? AND p.state = ? AND p.finished_at < ?
			AND NOT `+heldPage(`p.id`, `p.template_id`)+` ORDER BY p.finished_at LIMIT ?`, of, r.State, before, most)
	} else {
		var b bounds
		if b, err = received(ctx, t, time.Time{}, r.before(today)); err != nil {
			return nil, err
		}
		pages, err = collect(ctx, t, scanID[form.PageID], `
			SELECT p.id FROM pages p`+t.by(`pages_template_state`)+t.then(`documents d`, `d.id = p.document_id`)+`
			WHERE p.template_id IS NOT DISTINCT FROM ? AND p.state = ? AND p.document_id <= ? AND d.created_at < ?
			AND NOT `+heldPage(`p.id`, `p.template_id`)+` ORDER BY p.document_id LIMIT ?`, of, r.State, b.last, before, most)
	}
	if err != nil || len(pages) >= most {
		return pages, err
	}
	trashed, err := collect(ctx, t, scanID[form.PageID], `
		SELECT x.page_id FROM trash x WHERE x.template_id IS NOT DISTINCT FROM ? AND x.state = ? AND x.`+r.Since+`_at < ?
		AND NOT `+heldPage(`x.page_id`, `x.template_id`)+` LIMIT ?`, of, r.State, before, most-len(pages))
	return append(pages, trashed...), err
}

// DestroyDue destroys some of the pages whose time was over when this day began,
// with all that there is of them, and returns how many. Where there are none left
// it ends the certificates, and returns 0.
func (db *DB) DestroyDue(ctx context.Context) (n int, err error) {
	defer wrap(&err, "destroy what is due")
	today := dayOf(db.now())
	var rule Retention
	var pages []form.PageID
	var open bool
	if err = db.view(ctx, func(t tx) error {
		rules, err := retentions(ctx, t)
		if err != nil {
			return err
		}
		for _, rule = range rules {
			if pages, err = due(ctx, t, rule, today, destroyBatch); err != nil || len(pages) > 0 {
				return err
			}
		}
		return t.row(ctx, `SELECT EXISTS (SELECT 1 FROM destructions WHERE ended_at IS NULL)`)(&open)
	}); err != nil || len(pages) == 0 && !open {
		return 0, err
	}
	if len(pages) == 0 {
		return 0, db.update(ctx, func(t tx) error { return db.certify(ctx, t) })
	}
	err = db.update(ctx, func(t tx) error {
		// Meanwhile somebody may have opened one again, or held it.
		if pages, err = due(ctx, t, rule, today, destroyBatch); err != nil || len(pages) == 0 {
			return err
		}
		n, err = db.destroy(ctx, t, rule, today, pages)
		return err
	})
	return n, err
}

// destroy destroys pages by a rule, and notes that with its certificate of a day.
func (db *DB) destroy(ctx context.Context, t tx, r Retention, today time.Time, pages []form.PageID) (n int, err error) {
	var id int64
	if err := t.row(ctx, `
		SELECT coalesce((SELECT id FROM destructions WHERE ended_at IS NULL AND began_at >= ?
			AND template_id = ? AND state = ? AND since = ? AND days = ?), 0)`, millis(today), r.Template, r.State, r.Since, r.Days)(&id); err != nil {
		return 0, err
	}
	if id == 0 {
		if err := t.row(ctx, `
			INSERT INTO destructions (template_id, template, state, since, days, began_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
			r.Template, r.Name, r.State, r.Since, r.Days, millis(db.now()))(&id); err != nil {
			return 0, err
		}
		if err := db.expectKeys(ctx, t, id); err != nil {
			return 0, err
		}
	}
	chosen, err := list(pages)
	if err != nil {
		return 0, err
	}
	if n, err = db.purge(ctx, t, &form.System, t.oneOf(`page_id`), chosen); err != nil {
		return 0, err
	}
	if err := db.deletePages(ctx, t, form.System, t.oneOf(`p.id`), chosen); err != nil && (n == 0 || !errors.Is(err, form.ErrNotFound)) {
		return 0, err
	}
	if _, err := t.exec(ctx, `
		INSERT INTO destroyed_pages (destruction_id, page, uid) SELECT ?, page_id, uid FROM deletions WHERE `+t.oneOf(`page_id`), id, chosen); err != nil {
		return 0, err
	}
	// Others may have let go of blobs too: then their keys are waited for as well.
	if _, err := t.exec(ctx, `
		INSERT INTO destroyed_blobs (destruction_id, key)
		SELECT k.destruction_id, l.key FROM destroyed_keys k, loose_blobs l WHERE k.destruction_id = ? AND l.look_at = 0
		ON CONFLICT DO NOTHING`, id); err != nil {
		return 0, err
	}
	_, err = t.exec(ctx, `UPDATE destructions SET pages = pages + ? WHERE id = ?`, len(pages), id)
	return len(pages), err
}

// expectKeys notes that a certificate is to say when the keys of all that it tells of
// were destroyed. Before all blobs are encrypted it cannot.
func (db *DB) expectKeys(ctx context.Context, t tx, id int64) error {
	if db.ring == nil {
		return nil
	}
	since, err := db.ring.Since(ctx)
	if err != nil || since.IsZero() {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO destroyed_keys (destruction_id, since) VALUES (?, ?)`, id, millis(since))
	return err
}

// KeysDue returns the certificates that do not say yet when keys were destroyed, and
// can: no blob that they tell of is there any more. Copies of the keyring may be.
func (db *DB) KeysDue(ctx context.Context) (ids []int64, err error) {
	defer wrap(&err, "keys of certificates")
	err = db.view(ctx, func(t tx) error {
		ids, err = collect(ctx, t, scanID[int64], `
			SELECT k.destruction_id FROM destroyed_keys k JOIN destructions d ON d.id = k.destruction_id
			WHERE k.at IS NULL AND d.ended_at IS NOT NULL AND NOT EXISTS (
				SELECT 1 FROM destroyed_blobs b JOIN loose_blobs l ON l.key = b.key WHERE b.destruction_id = k.destruction_id)`)
		return err
	})
	return ids, err
}

// KeysDestroyed notes in certificates that the keys of all that they tell of are
// destroyed now, in each copy too.
func (db *DB) KeysDestroyed(ctx context.Context, ids []int64) (err error) {
	defer wrap(&err, "keys of certificates")
	return db.update(ctx, func(t tx) error {
		for _, id := range ids {
			if _, err := t.exec(ctx, `UPDATE destroyed_keys SET at = ? WHERE destruction_id = ? AND at IS NULL`, millis(db.now()), id); err != nil {
				return err
			}
			if _, err := t.exec(ctx, `DELETE FROM destroyed_blobs WHERE destruction_id = ?`, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// certify ends the certificates that are open: what they list is all.
func (db *DB) certify(ctx context.Context, t tx) error {
	open, err := collect(ctx, t, scanID[form.PageID], `SELECT id FROM destructions WHERE ended_at IS NULL ORDER BY id`)
	if err != nil {
		return err
	}
	for _, id := range open {
		h := sha256.New()
		if err := t.rows(ctx, func(scan func(...any) error) error {
			p, err := scanDestroyed(scan)
			fmt.Fprintf(h, "%d %s\n", p.Page, p.UID)
			return err
		}, `SELECT page, uid FROM destroyed_pages WHERE destruction_id = ? ORDER BY page`, id); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE destructions SET ended_at = ?, digest = ? WHERE id = ?`, millis(db.now()), h.Sum(nil), id); err != nil {
			return err
		}
	}
	return nil
}

// A Destruction certifies what was destroyed by a rule in a day.
type Destruction struct {
	ID     int64
	Rule   Retention
	Began  time.Time
	Ended  time.Time // zero while there is more
	Pages  int
	Digest []byte // SHA-256 of the list of pages, a line each: id, space, uid, line feed

	KeysSince time.Time // backups made since then cannot be read for it once KeysAt is said; zero where it is not to be
	KeysAt    time.Time // when the keys were destroyed; zero while they are not
}

// A Destroyed is a page that was.
type Destroyed struct {
	Page form.PageID
	UID  string
}

func scanDestroyed(scan func(...any) error) (p Destroyed, err error) {
	return p, scan(&p.Page, &p.UID)
}

const destructionQuery = `
	SELECT d.id, d.template_id, d.template, d.state, d.since, d.days, d.began_at, d.ended_at, d.pages, d.digest, k.since, k.at
	FROM destructions d LEFT JOIN destroyed_keys k ON k.destruction_id = d.id`

func scanDestruction(scan func(...any) error) (d Destruction, err error) {
	var began int64
	var ended, since, at sql.Null[int64]
	err = scan(&d.ID, &d.Rule.Template, &d.Rule.Name, &d.Rule.State, &d.Rule.Since, &d.Rule.Days, &began, &ended, &d.Pages, &d.Digest, &since, &at)
	d.Began, d.Ended, d.KeysSince, d.KeysAt = fromMillis(began), fromNullMillis(ended), fromNullMillis(since), fromNullMillis(at)
	return d, err
}

// Destructions returns the newest certificates.
func (db *DB) Destructions(ctx context.Context, most int) (list []Destruction, err error) {
	defer wrap(&err, "certificates")
	err = db.view(ctx, func(t tx) error {
		list, err = collect(ctx, t, scanDestruction, destructionQuery+` ORDER BY d.id DESC LIMIT ?`, most)
		return err
	})
	return list, err
}

// DestructionOf returns a certificate with its pages, in order.
func (db *DB) DestructionOf(ctx context.Context, id int64) (d Destruction, pages []Destroyed, err error) {
	defer wrap(&err, "certificate %d", id)
	err = db.view(ctx, func(t tx) error {
		if d, err = scanDestruction(t.row(ctx, destructionQuery+` WHERE d.id = ?`, id)); err != nil {
			return err
		}
		pages, err = collect(ctx, t, scanDestroyed, `SELECT page, uid FROM destroyed_pages WHERE destruction_id = ? ORDER BY page`, id)
		return err
	})
	return d, pages, err
}
