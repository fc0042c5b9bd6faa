package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// What people key of a value that two of them are to key stays in the database
// until it is settled: no method but Disputed returns a text of it, and that only
// to a third person.

// keyLease is how long a page is kept for who keys it, since the last value.
const keyLease = 5 * time.Minute

// keyedByTwo is the term that a reading r is to be keyed by two people.
const keyedByTwo = `instr(' ' || r.reasons || ' ', ' ` + string(form.ReasonTwo) + ` ') > 0`

// byTwo reports whether two people have to key the field of c, and it is not settled.
func byTwo(ctx context.Context, t tx, c form.Correction) (two bool, err error) {
	err = t.row(ctx, `
		SELECT EXISTS (
			SELECT 1 FROM pages p`+t.then(`readings r`, `r.page_id = p.id AND r.run = p.run`)+`
			WHERE p.id = ? AND r.field = ? AND `+keyedByTwo+` AND NOT `+spokenOf+`)`, c.Page, c.Field)(&two)
	return two, err
}

// AddEntry adds what a person keyed of a value of field f that two people are to
// key: said.Page, Run, Field, Text, Checked, Mark and Accepted are set. What the first
// says may be said again while nobody else has; what another one says settles the
// value where it is the same, by [form.Entry.Same]. Where it is not, a third one
// settles it, who says so. It returns form.ErrConflict where the page is being read
// or was read again, where the value is settled, and where it is not up to this
// person; and the page as it is then.
func (db *DB) AddEntry(ctx context.Context, by form.Actor, f form.Field, said form.Correction, third bool) (p form.PageInfo, err error) {
	defer wrap(&err, "key a value of page %d", said.Page)
	said.By = by.User
	err = db.update(ctx, func(t tx) error {
		if p, err = pageByID(ctx, t, said.Page); err != nil {
			return err
		}
		keyed, err := entriesOf(ctx, t, said.Page)
		if err != nil {
			return err
		}
		mine := form.Entry{Held: form.Held{Text: said.Text, Checked: said.Checked}, Mark: said.Mark}
		if keyedLast(keyed[said.Field], said.By, third, mine) {
			return nil
		}
		two, err := byTwo(ctx, t, said)
		if err != nil {
			return err
		}
		if p.State != form.StateReview || said.Run != p.Run || !two {
			return form.ErrConflict
		}
		others := byOthers(keyed[said.Field], said.By)
		if third != (len(others) == 2) || len(others) == 1 && len(lastSaid(keyed[said.Field])) == 2 {
			return form.ErrConflict // two have keyed it, and said is one of them, or did not see what they did
		}
		text, err := t.sealText(ctx, said.Page, said.Run, said.Field, said.Text)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `
			INSERT INTO entries (page_id, run, field, third, text, checked, mark, user_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			said.Page, said.Run, said.Field, third, text, said.Checked, said.Mark, said.By, millis(db.now())); err != nil {
			return err
		}
		if err := forgetTyped(ctx, t, said); err != nil {
			return err
		}
		if err := db.saw(ctx, t, Access{By: by, Act: AccessKey, Pages: []form.PageID{said.Page}}); err != nil {
			return err
		}
		if third || len(others) == 1 && mine.Same(&f, others[0]) {
			if _, err := db.addCorrection(ctx, t, said); err != nil {
				return err
			}
		}
		p, err = db.recount(ctx, t, said.Page)
		return err
	})
	return p, err
}

// keyedLast reports whether the last that a person keyed of a value is e: it comes
// once more where the answer got lost.
func keyedLast(entries []form.Entry, by form.UserID, third bool, e form.Entry) bool {
	for _, last := range slices.Backward(entries) {
		if last.By == by && last.Third == third {
			return last.Held == e.Held && last.Mark == e.Mark
		}
	}
	return false
}

// lastSaid returns what each person keyed last, in the order in which they began.
func lastSaid(entries []form.Entry) (last []form.Entry) {
	for _, e := range entries {
		if e.Third {
			continue
		}
		if i := slices.IndexFunc(last, func(l form.Entry) bool { return l.By == e.By }); i >= 0 {
			last[i] = e
		} else {
			last = append(last, e)
		}
	}
	return last
}

// byOthers returns what others than a person keyed last.
func byOthers(entries []form.Entry, by form.UserID) []form.Entry {
	return slices.DeleteFunc(lastSaid(entries), func(e form.Entry) bool { return e.By == by })
}

// entriesOf returns what people keyed of a page that counts, by field, oldest first.
func entriesOf(ctx context.Context, t tx, page form.PageID) (map[form.FieldID][]form.Entry, error) {
	of := make(map[form.FieldID][]form.Entry)
	err := t.rows(ctx, func(scan func(...any) error) error {
		var e form.Entry
		var at int64
		err := scan(&e.Page, &e.Run, &e.Field, &e.Third, &e.Held.Text, &e.Held.Checked, &e.Mark, &e.By, &e.ByName, &at)
		e.At = fromMillis(at)
		of[e.Field] = append(of[e.Field], e)
		return err
	}, `
		SELECT e.page_id, e.run, e.field, e.third, e.text, e.checked, e.mark, e.user_id, u.name, e.at
		FROM pages p`+t.then(`entries e`, `e.page_id = p.id AND e.run >= p.said_from`)+`
		JOIN users u ON u.id = e.user_id
		WHERE p.id = ? ORDER BY e.id`, page)
	return of, err
}

// unsettled returns the fields of a page that two people are to key and that are
// not settled.
func unsettled(ctx context.Context, t tx, page form.PageID) ([]form.FieldID, error) {
	return collect(ctx, t, func(scan func(...any) error) (f form.FieldID, err error) {
		return f, scan(&f)
	}, `
		SELECT r.field FROM pages p`+t.then(`readings r`, `r.page_id = p.id AND r.run = p.run`)+`
		WHERE p.id = ? AND `+keyedByTwo+` AND NOT `+spokenOf, page)
}

// await notes which values of a page wait for another person to key them, of
// which something was read or said.
func await(ctx context.Context, t tx, page form.PageID) error {
	var keyed bool
	if err := t.row(ctx, `SELECT EXISTS (SELECT 1 FROM entries WHERE page_id = ?)`, page)(&keyed); err != nil || !keyed {
		return err
	}
	entries, err := entriesOf(ctx, t, page)
	if err != nil {
		return err
	}
	fields, err := unsettled(ctx, t, page)
	if err != nil {
		return err
	}
	fields = slices.DeleteFunc(fields, func(f form.FieldID) bool { return len(entries[f]) == 0 })
	waiting, err := list(append([]form.FieldID{}, fields...))
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM awaiting WHERE page_id = ? AND NOT `+t.oneOf(`field`), page, waiting); err != nil {
		return err
	}
	for _, f := range fields {
		people := append(lastSaid(entries[f]), form.Entry{})
		if _, err := t.exec(ctx, `
			INSERT INTO awaiting (page_id, field, first_by, second_by) VALUES (?, ?, ?, ?)
			ON CONFLICT (page_id, field) DO UPDATE SET
				first_by = excluded.first_by, second_by = excluded.second_by,
				held_until = CASE WHEN second_by IS NOT DISTINCT FROM excluded.second_by THEN held_until ELSE 0 END`,
			page, f, people[0].By, orNull(people[1].By)); err != nil {
			return err
		}
	}
	_, err = t.exec(ctx, `UPDATE pages SET awaiting = ? WHERE id = ?`, len(fields), page)
	return err
}

// KeyedOf returns who has keyed the values of a page that two people key: of those
// that are not settled only who, and of the others what they said.
func (db *DB) KeyedOf(ctx context.Context, in form.Scope, page form.PageID) (keyed map[form.FieldID]form.Keyed, err error) {
	defer wrap(&err, "what was keyed of page %d", page)
	keyed = make(map[form.FieldID]form.Keyed)
	err = db.view(ctx, func(t tx) error {
		if err := mayBeSeen(ctx, t, in, page); err != nil {
			return err
		}
		entries, err := entriesOf(ctx, t, page)
		if err != nil || len(entries) == 0 {
			return err
		}
		open, err := unsettled(ctx, t, page)
		for f, es := range entries {
			if !slices.Contains(open, f) {
				keyed[f] = form.Keyed{Entries: es}
				continue
			}
			var k form.Keyed
			for _, e := range lastSaid(es) {
				k.By = append(k.By, e.By)
			}
			keyed[f] = k
		}
		return err
	})
	return keyed, err
}

// Disputed returns, by field, what two people keyed differently on a page, in an
// order that says nothing of who did: what by, who is neither, can settle, or has
// settled.
func (db *DB) Disputed(ctx context.Context, in form.Scope, page form.PageID, by form.UserID) (of map[form.FieldID][2]form.Entry, err error) {
	defer wrap(&err, "what differs on page %d", page)
	of = make(map[form.FieldID][2]form.Entry)
	err = db.view(ctx, func(t tx) error {
		if err := mayBeSeen(ctx, t, in, page); err != nil {
			return err
		}
		entries, err := entriesOf(ctx, t, page)
		if err != nil {
			return err
		}
		open, err := unsettled(ctx, t, page)
		for f, es := range entries {
			if !slices.Contains(open, f) && !slices.ContainsFunc(es, func(e form.Entry) bool { return e.Third && e.By == by }) {
				continue
			}
			if others := byOthers(es, by); len(others) == 2 {
				plain := func(e form.Entry) form.Entry { return form.Entry{Field: f, Held: e.Held, Mark: e.Mark} }
				slices.SortFunc(others, func(a, b form.Entry) int { // whatever says nothing of who did
					return cmp.Or(strings.Compare(a.Held.Text, b.Held.Text), strings.Compare(string(a.Mark), string(b.Mark)),
						strings.Compare(fmt.Sprint(a.Held.Checked), fmt.Sprint(b.Held.Checked)))
				})
				of[f] = [2]form.Entry{plain(others[0]), plain(others[1])}
			}
		}
		return err
	})
	return of, err
}

// mayBeSeen returns form.ErrNotFound unless a page is of a domain that is seen.
func mayBeSeen(ctx context.Context, t tx, in form.Scope, page form.PageID) error {
	var domain form.DomainID
	err := t.row(ctx, `SELECT domain_id FROM pages WHERE id = ?`, page)(&domain)
	return seen(in, domain, err)
}

// mayKey is the term that a row a of awaiting is up to a person, who is twice its
// argument, and not held by another at a time.
const mayKey = `(a.second_by IS NULL OR a.second_by <> ?) AND (a.held_until <= ? OR a.held_by = ?)`

// NextKeyed returns the page with the value that has waited longest for by to key
// it, or to settle it, and keeps its values for by for a while. It returns
// form.ErrNotFound where there is none.
func (db *DB) NextKeyed(ctx context.Context, by form.Actor, in form.Scope) (page form.PageID, err error) {
	defer wrap(&err, "next page to key")
	now := millis(db.now())
	err = db.update(ctx, func(t tx) error {
		if _, all := in.Domains(); !all {
			from, args := awaitingIn(t, in)
			if err := t.row(ctx, `SELECT a.page_id FROM `+from+` AND a.first_by <> ? AND `+mayKey+` ORDER BY a.id LIMIT 1`,
				append(args, by.User, by.User, now, by.User)...)(&page); err != nil {
				return err
			}
			return db.hold(ctx, t, by.User, page)
		}
		// For each of the others the first of theirs, since one may have keyed all there is.
		if err := t.row(ctx, `
			SELECT a.page_id FROM awaiting a WHERE a.id = (
				SELECT min(id) FROM (
					SELECT (
						SELECT a.id FROM awaiting a`+t.by(`awaiting_first`)+t.then(`pages p`, `p.id = a.page_id`)+`
						WHERE a.first_by = u.id AND `+mayKey+` AND p.state = 'review'
						ORDER BY a.id LIMIT 1) AS id
					FROM users u WHERE u.id <> ?))`, by.User, now, by.User, by.User)(&page); err != nil {
			return err
		}
		return db.hold(ctx, t, by.User, page)
	})
	return page, err
}

// HoldKeyed keeps what is up to by on a page for by, for a while.
func (db *DB) HoldKeyed(ctx context.Context, by form.Actor, page form.PageID) (err error) {
	defer wrap(&err, "hold page %d", page)
	return db.update(ctx, func(t tx) error { return db.hold(ctx, t, by.User, page) })
}

func (db *DB) hold(ctx context.Context, t tx, by form.UserID, page form.PageID) error {
	now := db.now()
	_, err := t.exec(ctx, `
		UPDATE awaiting AS a SET held_by = ?, held_until = ?
		WHERE a.page_id = ? AND a.first_by <> ? AND `+mayKey,
		by, millis(now.Add(keyLease)), page, by, by, millis(now), by)
	return err
}

// awaitingIn returns where the values a of pages p are found that wait for another
// person, of the domains whose things are seen, with the arguments.
func awaitingIn(t tx, in form.Scope) (from string, args []any) {
	term, args := within(in, `p.domain_id`)
	if term == `TRUE` {
		return `awaiting a` + t.then(`pages p`, `p.id = a.page_id`) + ` WHERE p.state = 'review'`, nil
	}
	return `pages p` + t.by(`pages_awaiting`) + t.then(`awaiting a`, `a.page_id = p.id`) + ` WHERE p.awaiting > 0 AND p.state = 'review' AND ` + term, args
}

// A KeyQueue says how much waits for another person to key it, up to a thousand of each.
type KeyQueue struct {
	Mine    int // that are up to the one who asks
	Waiting int // all
	People  int // who could
}

// KeyQueue returns what waits for others than the first to key it.
func (db *DB) KeyQueue(ctx context.Context, in form.Scope, by form.UserID) (q KeyQueue, err error) {
	defer wrap(&err, "how much is to be keyed")
	err = db.view(ctx, func(t tx) error {
		from, args := awaitingIn(t, in)
		of := `SELECT 1 FROM ` + from
		return t.row(ctx, `
			SELECT
				(SELECT count(*) FROM (`+of+` AND a.first_by <> ? AND (a.second_by IS NULL OR a.second_by <> ?) LIMIT 1000)),
				(SELECT count(*) FROM (`+of+` LIMIT 1000)),
				(SELECT count(*) FROM users)`, slices.Concat(args, []any{by, by}, args)...)(&q.Mine, &q.Waiting, &q.People)
	})
	return q, err
}
