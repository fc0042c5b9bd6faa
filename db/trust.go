package db

import (
	"context"
	"math"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// trustDays is for how long probes count.
const trustDays = 90

// newestSaid is the newest correction of reading r of page p; NULL for none.
const newestSaid = `(SELECT max(s.id) FROM corrections s WHERE s.page_id = p.id AND s.run >= p.said_from AND s.field = r.field)`

// Trust returns how the readings of a template fared on its last pages, HealthPages
// at most, and what blind entries of those pages and probes say of people. The pages
// were received from from on and before to; zero is no bound, and for probes that of
// the last 90 days.
func (db *DB) Trust(ctx context.Context, in form.Scope, template form.TemplateID, from, to time.Time) (trust form.Trust, err error) {
	defer wrap(&err, "trust in template %d", template)
	f := PageFilter{
		within: in, Template: template, States: []form.State{form.StateReview, form.StateDone}, From: from, To: to, Limit: HealthPages,
	}
	err = db.view(ctx, func(t tx) error {
		ids, err := f.choose(ctx, t, newestFirst)
		if err != nil {
			return err
		}
		trust = form.Trust{Pages: len(ids)}
		pages, err := list(ids)
		if err != nil {
			return err
		}
		if err := addBins(ctx, t, &trust, pages); err != nil {
			return err
		}
		if err := t.row(ctx, `
			SELECT count(*), count(*) FILTER (WHERE e.text <> c.text OR e.checked <> c.checked OR e.mark <> c.mark)
			FROM `+t.each()+t.then(`pages p`, `p.id = n.value`)+t.then(`entries e`, `e.page_id = p.id AND e.run >= p.said_from AND e.third = 0`)+`
			JOIN readings r ON r.page_id = e.page_id AND r.run = e.run AND r.field = e.field
			JOIN corrections c ON c.id = `+newestSaid, pages)(&trust.Keyed.Of, &trust.Keyed.N); err != nil {
			return err
		}
		term, args := within(in, `t.domain_id`)
		since, until := day(from), day(to.Add(-time.Millisecond))
		if from.IsZero() {
			since = day(db.now().AddDate(0, 0, -trustDays))
		}
		if to.IsZero() {
			until = math.MaxInt64
		}
		return t.row(ctx, `
			SELECT coalesce(sum(c.missed), 0), coalesce(sum(c.missed + c.caught), 0)
			FROM probe_counts c JOIN templates t ON t.id = c.template_id
			WHERE c.template_id = ? AND c.day BETWEEN ? AND ? AND `+term, append([]any{template, since, until}, args...)...)(&trust.Probes.N, &trust.Probes.Of)
	})
	return trust, err
}

func addBins(ctx context.Context, t tx, trust *form.Trust, pages string) error {
	return t.rows(ctx, func(scan func(...any) error) error {
		var b form.TrustBin
		var thousandths, unseen int
		if err := scan(&thousandths, &b.Values, &b.Expected, &unseen, &b.Verified.Of, &b.Verified.N); err != nil {
			return err
		}
		b.Confidence = float64(thousandths) / 1000
		trust.Unseen.N += unseen
		trust.Unseen.Of += b.Values
		trust.Bins = append(trust.Bins, b)
		return nil
	}, `
		SELECT
			CAST(r.confidence * 1000 AS INTEGER) AS thousandths,
			count(*),
			sum(1 - r.confidence),
			count(*) FILTER (WHERE r.reasons = '' AND (c.id IS NULL OR c.mark = 'withdrawn')),
			count(*) FILTER (WHERE c.mark IN ('', 'empty')),
			count(*) FILTER (WHERE c.mark IN ('', 'empty') AND (c.text <> r.text OR c.checked <> r.checked))
		FROM `+t.each()+t.then(`pages p`, `p.id = n.value`)+t.then(`readings r`, `r.page_id = p.id AND r.run = p.run`)+`
		LEFT JOIN corrections c ON c.id = `+newestSaid+`
		WHERE r.field NOT IN ('`+string(form.TitleID)+`', '`+string(form.WholeID)+`')
		GROUP BY thousandths ORDER BY thousandths DESC`, pages)
}

// StateCounts returns how many pages there are in each state, of a template, or of
// all for 0: those that were received from from on and before to; zero is no bound.
func (db *DB) StateCounts(ctx context.Context, in form.Scope, template form.TemplateID, from, to time.Time) (counts map[form.State]int, err error) {
	defer wrap(&err, "pages by state")
	counts = make(map[form.State]int)
	err = db.view(ctx, func(t tx) error {
		if !from.IsZero() || !to.IsZero() {
			b, err := received(ctx, t, from, to)
			if err != nil {
				return err
			}
			for _, s := range form.States {
				if counts[s], err = countWithin(ctx, t, in, template, s, b); err != nil {
					return err
				}
			}
			return nil
		}
		var w where
		w.within(in, `domain_id`)
		w.and(template != 0, `template_id = ?`, template)
		return t.rows(ctx, func(scan func(...any) error) error {
			var s form.State
			var n int
			err := scan(&s, &n)
			counts[s] = n
			return err
		}, `SELECT state, sum(n) FROM page_counts`+w.String()+` GROUP BY state`, w.args...)
	})
	return counts, err
}

// countWithin counts the pages in a state whose documents lie within bounds.
func countWithin(ctx context.Context, t tx, in form.Scope, template form.TemplateID, s form.State, b bounds) (n int, err error) {
	var w where
	w.within(in, `p.domain_id`)
	w.and(template != 0, `p.template_id = ?`, template)
	w.and(true, `p.state = ? AND p.document_id BETWEEN ? AND ?`, s, b.first, b.last)
	index := `pages_state`
	if template != 0 {
		index = `pages_template_state`
	}
	err = t.row(ctx, `SELECT count(*) FROM pages p`+t.by(index)+w.String(), w.args...)(&n)
	return n, err
}
