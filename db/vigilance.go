package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// Vigilance is which share of pages carries a probe; 0 for none.
func (db *DB) Vigilance(ctx context.Context) (share float64, err error) {
	defer wrap(&err, "vigilance")
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `SELECT coalesce((SELECT share FROM vigilance), 0)`)(&share)
	})
	return share, err
}

// SetVigilance sets which share of pages carries a probe from now on.
func (db *DB) SetVigilance(ctx context.Context, by form.Actor, share float64) (err error) {
	defer wrap(&err, "set vigilance")
	return db.act(ctx, by, "set_vigilance", func(t tx) (subject, error) {
		_, err := t.exec(ctx, `
			INSERT INTO vigilance (id, share) VALUES (1, ?)
			ON CONFLICT (id) DO UPDATE SET share = excluded.share`, share)
		return subject{kind: "office"}, err
	})
}

// Probe returns the probe of a page that a person has still to answer, or
// form.ErrNotFound.
func (db *DB) Probe(ctx context.Context, in form.Scope, page form.PageID, by form.UserID) (p form.Probe, err error) {
	defer wrap(&err, "probe of page %d", page)
	term, args := within(in, `p.domain_id`)
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `
			SELECT b.page_id, b.run, b.field, b.shown, b.outcome FROM probes b JOIN pages p ON p.id = b.page_id
			WHERE b.page_id = ? AND b.user_id = ? AND b.run = p.run AND b.outcome IN ('open', 'told') AND `+term,
			append([]any{page, by}, args...)...)(&p.Page, &p.Run, &p.Field, &p.Shown, &p.Outcome)
	})
	return p, err
}

// Plant keeps a probe for the person by, unless its page has had one. Until it is
// answered its page is not found by what the machine read there, which would tell.
func (db *DB) Plant(ctx context.Context, by form.Actor, p form.Probe) (err error) {
	defer wrap(&err, "plant a probe on page %d", p.Page)
	return db.update(ctx, func(t tx) error {
		shown, err := t.sealText(ctx, p.Page, p.Run, p.Field, p.Shown)
		if err != nil {
			return err
		}
		res, err := t.exec(ctx, `
			INSERT INTO probes (page_id, run, field, user_id, shown, shown_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (page_id) DO NOTHING`, p.Page, p.Run, p.Field, by.User, shown, millis(db.now()))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return db.indexPages(ctx, t, []form.PageID{p.Page})
	})
}

// openProbes returns the fields of pages, a list, that carry a probe which nobody has
// answered.
func openProbes(ctx context.Context, t tx, pages string) (map[form.PageID]form.FieldID, error) {
	of := make(map[form.PageID]form.FieldID)
	err := t.rows(ctx, func(scan func(...any) error) error {
		var page form.PageID
		var field form.FieldID
		err := scan(&page, &field)
		of[page] = field
		return err
	}, `
		SELECT p.id, b.field FROM `+t.each()+t.then(`pages p`, `p.id = n.value`)+t.then(`probes b`, `b.page_id = p.id AND b.run = p.run`)+`
		WHERE b.outcome = 'open'`, pages)
	return of, err
}

// withoutProbe returns values without the one that a probe is of, while nobody has said
// what it holds.
func withoutProbe(values []form.Value, probed form.FieldID) []form.Value {
	return slices.DeleteFunc(values, func(v form.Value) bool { return v.Field.ID == probed && v.Latest() == nil })
}

// AnswerProbe keeps what by made of the probe of a page, once.
func (db *DB) AnswerProbe(ctx context.Context, by form.Actor, page form.PageID, outcome form.ProbeOutcome) (err error) {
	defer wrap(&err, "answer the probe of page %d", page)
	return db.update(ctx, func(t tx) error {
		now := millis(db.now())
		var template form.TemplateID
		err := t.row(ctx, `
			UPDATE probes SET outcome = ?, said_at = ? WHERE page_id = ? AND user_id = ? AND outcome IN ('open', 'told')
			RETURNING (SELECT coalesce(template_id, 0) FROM pages WHERE id = page_id)`, outcome, now, page, by.User)(&template)
		if errors.Is(err, sql.ErrNoRows) || errors.Is(err, form.ErrNotFound) {
			return nil
		}
		if err == nil {
			_, err = t.exec(ctx, `INSERT INTO texts_due (page_id) VALUES (?) ON CONFLICT DO NOTHING`, page)
		}
		if err != nil || outcome != form.ProbeCaught && outcome != form.ProbeMissed || template == 0 {
			return err
		}
		missed := outcome == form.ProbeMissed
		_, err = t.exec(ctx, `
			INSERT INTO probe_counts (day, template_id, caught, missed) VALUES (?, ?, ?, ?)
			ON CONFLICT (day, template_id) DO UPDATE SET caught = caught + excluded.caught, missed = missed + excluded.missed`,
			day(db.now()), template, !missed, missed)
		return err
	})
}

// day returns the number of a day, which begins where the machine is.
func day(at time.Time) int64 {
	_, offset := at.Local().Zone()
	return (at.Unix() + int64(offset)) / int64(24*time.Hour/time.Second)
}

// MissRate returns how many of the probes since a time people took for right.
func (db *DB) MissRate(ctx context.Context, in form.Scope, since time.Time) (r form.Rate, err error) {
	defer wrap(&err, "rate of misses")
	term, args := within(in, `f.domain_id`)
	err = db.view(ctx, func(t tx) error {
		var caught, missed int
		if err := t.row(ctx, `
			SELECT coalesce(sum(c.caught), 0), coalesce(sum(c.missed), 0) FROM probe_counts c JOIN templates f ON f.id = c.template_id
			WHERE c.day >= ? AND `+term, append([]any{day(since)}, args...)...)(&caught, &missed); err != nil {
			return err
		}
		r = form.Rate{N: missed, Of: caught + missed}
		return nil
	})
	return r, err
}

// Misses returns the latest probes that people took for right, the newest first.
func (db *DB) Misses(ctx context.Context, in form.Scope, limit int) (list []form.Miss, err error) {
	defer wrap(&err, "misses")
	term, args := within(in, `p.domain_id`)
	err = db.view(ctx, func(t tx) error {
		list, err = collect(ctx, t, func(scan func(...any) error) (m form.Miss, err error) {
			var number, part int
			var at int64
			err = scan(&m.Page, &m.Document, &number, &part, &m.Field, &m.Template, &m.Version, &at)
			m.Label, m.At = form.PageLabel(number, part), fromMillis(at)
			return m, err
		}, `
			SELECT p.id, d.name, p.number, p.part, b.field, coalesce(p.template_id, 0), coalesce(p.version, 0), b.said_at
			FROM probes b`+t.by(`probes_missed`)+t.then(`pages p`, `p.id = b.page_id`)+t.then(`documents d`, `d.id = p.document_id`)+`
			WHERE b.outcome = 'missed' AND `+term+`
			ORDER BY b.said_at DESC LIMIT ?`, append(args, limit)...)
		return err
	})
	return list, err
}
