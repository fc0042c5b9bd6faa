package db

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// Cases are pages apart: none of the tables of what is taken in knows them. What
// is read of them is kept for the last few editions of their template, so that
// two can be compared, and one that was there before need not be read again.

// keptResults is of how many editions what was read of a case is kept.
const keptResults = 4

// AddSamples adds the first pages of files by which a template is tested; of each
// Name and Blob are set, or Failure instead of Blob. It returns a
// *form.InvalidError where there would be too many.
func (db *DB) AddSamples(ctx context.Context, by form.Actor, template form.TemplateID, samples []form.Case) (ids []form.CaseID, err error) {
	defer wrap(&err, "samples of template %d", template)
	err = db.act(ctx, by, "add_samples", func(t tx) (of subject, err error) {
		ids = nil
		domain, err := templateDomain(ctx, t, template)
		if err != nil {
			return of, err
		}
		n, err := countCases(ctx, t, template)
		if err != nil {
			return of, err
		}
		if n+len(samples) > form.MaxCases {
			return of, form.Invalid("samples", "there may be %d pages to test a template by", form.MaxCases)
		}
		for _, s := range samples {
			var id form.CaseID
			if err := t.row(ctx, `
				INSERT INTO template_cases (template_id, name, blob, number, failure, created_at, said_at) VALUES (?, ?, ?, 1, ?, ?, ?)
				RETURNING id`, template, s.Name, s.Blob, s.Failure, millis(db.now()), millis(db.now()))(&id); err != nil {
				return of, err
			}
			ids = append(ids, id)
		}
		return subject{kind: "template", id: int64(template), domain: domain}, nil
	})
	return ids, err
}

func templateDomain(ctx context.Context, t tx, id form.TemplateID) (domain form.DomainID, err error) {
	err = t.row(ctx, `SELECT domain_id FROM templates WHERE id = ?`, id)(&domain)
	return domain, err
}

func countCases(ctx context.Context, t tx, template form.TemplateID) (n int, err error) {
	err = t.row(ctx, `SELECT count(*) FROM template_cases WHERE template_id = ?`, template)(&n)
	return n, err
}

// SetCasePages records how many pages the file of a case has, or why it cannot
// be read as a whole. Each further page becomes a case of its own; where there
// would be too many of them, the file has failed. What is known already stays.
func (db *DB) SetCasePages(ctx context.Context, id form.CaseID, pages int, failure form.Failure) (err error) {
	defer wrap(&err, "pages of case %d", id)
	return db.update(ctx, func(t tx) error {
		var template form.TemplateID
		var known bool
		if err := t.row(ctx, `SELECT template_id, pages IS NOT NULL OR failure <> '' FROM template_cases WHERE id = ?`, id)(&template, &known); err != nil || known {
			return err
		}
		n, err := countCases(ctx, t, template)
		if err != nil {
			return err
		}
		if n+pages-1 > form.MaxCases {
			failure = form.FailTooMany
		}
		if failure != "" {
			_, err := t.exec(ctx, `UPDATE template_cases SET failure = ? WHERE id = ?`, failure, id)
			return err
		}
		for number := 2; number <= pages; number++ {
			if _, err := t.exec(ctx, `
				INSERT INTO template_cases (template_id, name, blob, number, pages, created_at, said_at)
				SELECT template_id, name, blob, ?, ?, created_at, said_at FROM template_cases WHERE id = ?`, number, pages, id); err != nil {
				return err
			}
		}
		_, err = t.exec(ctx, `UPDATE template_cases SET pages = ? WHERE id = ?`, pages, id)
		return err
	})
}

// storedReading is a reading of a case without what is only shown.
type storedReading struct {
	Field      form.FieldID  `json:"field"`
	Text       string        `json:"text"`
	Checked    bool          `json:"checked,omitempty"`
	Confidence float64       `json:"confidence"`
	Reasons    []form.Reason `json:"reasons,omitempty"`
	Engine     string        `json:"engine"`
}

// SaveCaseResult keeps what was read of a case, in the place of what was read
// before by the same; its At is now. Where the case is no more, its picture
// need not be kept.
func (db *DB) SaveCaseResult(ctx context.Context, id form.CaseID, r *form.CaseResult) (err error) {
	defer wrap(&err, "result of case %d", id)
	var readings []storedReading
	details := make(map[form.FieldID]detail, len(r.Readings))
	for _, v := range r.Readings {
		readings = append(readings, storedReading{v.Field, v.Text, v.Checked, v.Confidence, v.Reasons, v.Engine})
		details[v.Field] = detail{v.Where, v.Words, v.Alternatives, v.Ruled}
	}
	encoded, err := json.Marshal(readings)
	if err != nil {
		return err
	}
	detailed, err := json.Marshal(details)
	if err != nil {
		return err
	}
	place, err := encodePlace(r.Page.TemplateToPage)
	if err != nil {
		return err
	}
	return db.update(ctx, func(t tx) error {
		const old = ` WHERE case_id = ? AND (fingerprint = ? OR fingerprint NOT IN (
			SELECT fingerprint FROM case_results WHERE case_id = ? AND fingerprint <> ? ORDER BY at DESC, fingerprint LIMIT ?))`
		args := []any{id, r.Fingerprint, id, r.Fingerprint, keptResults - 1}
		if _, err := t.exec(ctx, loosen(`image`, `case_results`, old), args...); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM case_results`+old, args...); err != nil {
			return err
		}
		seal, err := t.sealOfCase(ctx, id)
		if err != nil {
			return err
		}
		p := &r.Page
		added, err := t.exec(ctx, `
			INSERT INTO case_results (case_id, fingerprint, at, took, state, failure, width, height, image,
				template_to_page, residual, score, faults, readings, details)
			SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM template_cases WHERE id = ?`,
			r.Fingerprint, millis(db.now()), r.Took.Milliseconds(), p.State, p.Failure, p.Width, p.Height, p.Image,
			place, p.Residual, p.Score, spaced(p.Faults), seal(string(encoded)), seal(string(detailed)), id)
		if err != nil {
			return err
		}
		if n, err := added.RowsAffected(); err != nil || n > 0 || p.Image == "" {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO loose_blobs (key) VALUES (?) ON CONFLICT (key) DO UPDATE SET look_at = 0`, p.Image)
		return err
	})
}

const (
	caseColumns   = `c.id, c.template_id, t.domain_id, c.name, c.blob, c.number, coalesce(c.pages, 0), c.failure, c.created_at`
	caseTables    = ` FROM template_cases c JOIN templates t ON t.id = c.template_id `
	resultColumns = `r.case_id, r.fingerprint, r.at, r.took, r.state, r.failure, r.width, r.height, r.image,
		r.template_to_page, r.residual, r.score, r.faults, r.readings`
)

// Cases returns the cases and samples of a template, the oldest file first, with
// what was read by what has a fingerprint. What of readings is only shown is left out.
func (db *DB) Cases(ctx context.Context, in form.Scope, template form.TemplateID, fingerprint string) (cases []form.Case, err error) {
	defer wrap(&err, "cases of template %d", template)
	err = db.view(ctx, func(t tx) error {
		if cases, err = collect(ctx, t, scanCase, `
			SELECT `+caseColumns+caseTables+`WHERE c.template_id = ?
			ORDER BY (
				SELECT min(id) FROM template_cases f
				WHERE f.template_id = c.template_id AND f.blob = c.blob AND f.created_at = c.created_at), c.number, c.id`, template); err != nil {
			return err
		}
		if len(cases) > 0 && !in.Has(cases[0].Domain) {
			cases = nil
			return nil
		}
		return fillCases(ctx, t, cases, fingerprint)
	})
	return cases, err
}

// Case returns a case with all that was read by what has a fingerprint.
func (db *DB) Case(ctx context.Context, in form.Scope, id form.CaseID, fingerprint string) (c form.Case, err error) {
	defer wrap(&err, "case %d", id)
	err = db.view(ctx, func(t tx) error {
		if c, err = scanCase(t.row(ctx, `SELECT `+caseColumns+caseTables+`WHERE c.id = ?`, id)); err != nil {
			return err
		}
		if err := seen(in, c.Domain, nil); err != nil {
			return err
		}
		cases := []form.Case{c}
		if err := fillCases(ctx, t, cases, fingerprint); err != nil {
			return err
		}
		c = cases[0]
		if c.Result == nil {
			return nil
		}
		var encoded []byte
		if err := t.row(ctx, `SELECT details FROM case_results WHERE case_id = ? AND fingerprint = ?`, id, fingerprint)(&encoded); err != nil {
			return err
		}
		return addDetails(c.Result.Readings, encoded)
	})
	return c, err
}

func addDetails(readings []form.Reading, encoded []byte) error {
	var details map[form.FieldID]detail
	err := json.Unmarshal(encoded, &details)
	for i := range readings {
		r := &readings[i]
		d := details[r.Field]
		r.Where, r.Words, r.Alternatives, r.Ruled = d.Where, d.Words, d.Alternatives, d.Ruled
	}
	return err
}

func scanCase(scan func(...any) error) (c form.Case, err error) {
	var created int64
	err = scan(&c.ID, &c.Template, &c.Domain, &c.Name, &c.Blob, &c.Number, &c.Pages, &c.Failure, &created)
	c.CreatedAt = fromMillis(created)
	return c, err
}

// fillCases adds to cases what they hold and what was read of them.
func fillCases(ctx context.Context, t tx, cases []form.Case, fingerprint string) error {
	at := make(map[form.CaseID]*form.Case, len(cases))
	ids := make([]form.CaseID, len(cases))
	for i := range cases {
		ids[i], at[cases[i].ID] = cases[i].ID, &cases[i]
	}
	all, err := list(ids)
	if err != nil {
		return err
	}
	if err := t.rows(ctx, func(scan func(...any) error) error {
		id, e, err := scanExpected(scan)
		if err == nil {
			at[id].Expected = append(at[id].Expected, e)
		}
		return err
	}, `
		SELECT v.case_id, v.field, v.text, v.checked, v.user_id, u.name, v.at
		FROM case_values v JOIN users u ON u.id = v.user_id
		WHERE `+t.oneOf(`v.case_id`)+` ORDER BY v.case_id, v.field`, all); err != nil {
		return err
	}
	// Of what was read by something else, the last.
	return t.rows(ctx, func(scan func(...any) error) error {
		id, r, err := scanCaseResult(scan)
		if err != nil {
			return err
		}
		if r.Fingerprint == fingerprint {
			at[id].Result = r
		} else {
			at[id].Before = r
		}
		return nil
	}, `
		SELECT `+resultColumns+` FROM case_results r
		WHERE `+t.oneOf(`r.case_id`)+` AND (r.fingerprint = ? OR r.fingerprint = (
			SELECT fingerprint FROM case_results WHERE case_id = r.case_id AND fingerprint <> ? ORDER BY at DESC, fingerprint LIMIT 1))`,
		all, fingerprint, fingerprint)
}

func scanExpected(scan func(...any) error) (id form.CaseID, e form.Expected, err error) {
	var at int64
	err = scan(&id, &e.Field, &e.Text, &e.Checked, &e.By, &e.ByName, &at)
	e.At = fromMillis(at)
	return id, e, err
}

func scanCaseResult(scan func(...any) error) (id form.CaseID, r *form.CaseResult, err error) {
	r = new(form.CaseResult)
	var at, took int64
	var place, encoded []byte
	var faults string
	p := &r.Page
	if err := scan(&id, &r.Fingerprint, &at, &took, &p.State, &p.Failure, &p.Width, &p.Height, &p.Image,
		&place, &p.Residual, &p.Score, &faults, &encoded); err != nil {
		return id, r, err
	}
	r.At, r.Took = fromMillis(at), time.Duration(took)*time.Millisecond
	for fault := range strings.FieldsSeq(faults) {
		p.Faults = append(p.Faults, form.Fault(fault))
	}
	if place != nil {
		if err := json.Unmarshal(place, &p.TemplateToPage); err != nil {
			return id, r, err
		}
	}
	var readings []storedReading
	err = json.Unmarshal(encoded, &readings)
	for _, v := range readings {
		r.Readings = append(r.Readings, form.Reading{
			Field: v.Field, Text: v.Text, Checked: v.Checked, Confidence: v.Confidence, Reasons: v.Reasons, Engine: v.Engine,
		})
	}
	return id, r, err
}

// UnreadCases returns the cases of a template that were not read since a time, or
// ever for the zero one, by what has a fingerprint; those whose file cannot be
// read as a whole aside. They come without what they hold.
func (db *DB) UnreadCases(ctx context.Context, in form.Scope, template form.TemplateID, fingerprint string, since time.Time) (cases []form.Case, err error) {
	defer wrap(&err, "unread cases of template %d", template)
	err = db.view(ctx, func(t tx) error {
		cases, err = collect(ctx, t, scanCase, `
			SELECT `+caseColumns+caseTables+`
			WHERE c.template_id = ? AND c.failure = '' AND NOT EXISTS (
				SELECT 1 FROM case_results r WHERE r.case_id = c.id AND r.fingerprint = ? AND r.at >= ?)
			ORDER BY c.id`, template, fingerprint, since.UnixMilli())
		return err
	})
	if len(cases) > 0 && !in.Has(cases[0].Domain) {
		cases = nil
	}
	return cases, err
}

// SetExpected records what a person says that fields of a case hold, in the place
// of what was said before, and forgets what was said of others.
func (db *DB) SetExpected(ctx context.Context, by form.Actor, id form.CaseID, set []form.Expected, forget ...form.FieldID) (err error) {
	defer wrap(&err, "values of case %d", id)
	return db.act(ctx, by, "add_case", func(t tx) (of subject, err error) {
		c, known, err := caseToChange(ctx, t, id)
		if err != nil {
			return of, err
		}
		seal, err := t.sealOfCase(ctx, id)
		if err != nil {
			return of, err
		}
		now := millis(db.now())
		for _, e := range set {
			if _, err := t.exec(ctx, `
				INSERT INTO case_values (case_id, field, text, checked, user_id, at) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT (case_id, field) DO UPDATE SET
					text = excluded.text, checked = excluded.checked, user_id = excluded.user_id, at = excluded.at`,
				id, e.Field, seal(e.Text), e.Checked, orNull(by.User), now); err != nil {
				return of, err
			}
		}
		for _, field := range forget {
			if _, err := t.exec(ctx, `DELETE FROM case_values WHERE case_id = ? AND field = ?`, id, field); err != nil {
				return of, err
			}
		}
		if _, err := t.exec(ctx, `UPDATE template_cases SET said_at = ? WHERE id = ?`, now, id); err != nil {
			return of, err
		}
		if known > 0 || len(set) == 0 {
			return of, nil // it is no case more, and none less that stays
		}
		return theCase(c), nil
	})
}

// caseToChange returns a case, and of how many of its fields it is known what
// they hold.
func caseToChange(ctx context.Context, t tx, id form.CaseID) (c form.Case, known int, err error) {
	if c, err = scanCase(t.row(ctx, `SELECT `+caseColumns+caseTables+`WHERE c.id = ?`, id)); err != nil {
		return c, 0, err
	}
	err = t.row(ctx, `SELECT count(*) FROM case_values WHERE case_id = ?`, id)(&known)
	return c, known, err
}

func theCase(c form.Case) subject { return subject{kind: "case", id: int64(c.ID), domain: c.Domain} }

// DeleteCase deletes a case or sample, with what was read and said of it.
func (db *DB) DeleteCase(ctx context.Context, by form.Actor, id form.CaseID) (err error) {
	defer wrap(&err, "delete case %d", id)
	return db.act(ctx, by, "delete_case", func(t tx) (of subject, err error) {
		c, _, err := caseToChange(ctx, t, id)
		if err != nil {
			return of, err
		}
		return theCase(c), deleteCases(ctx, t, ` WHERE id = ?`, id)
	})
}

// DropSamples deletes the samples of which nobody has said what they hold for
// form.CaseLife.
func (db *DB) DropSamples(ctx context.Context) (err error) {
	defer wrap(&err, "drop samples")
	const stale = ` WHERE said_at <= ? AND NOT EXISTS (SELECT 1 FROM case_values WHERE case_id = template_cases.id)`
	before := millis(db.now().Add(-form.CaseLife))
	// Mostly there are none, which is found out without keeping others from writing.
	var due bool
	if err := db.view(ctx, func(t tx) error {
		return t.row(ctx, `SELECT EXISTS (SELECT 1 FROM template_cases`+stale+`)`, before)(&due)
	}); err != nil || !due {
		return err
	}
	return db.update(ctx, func(t tx) error { return deleteCases(ctx, t, stale, before) })
}

// deleteCases deletes the cases that a clause on their table chooses.
func deleteCases(ctx context.Context, t tx, where string, arg any) error {
	ids, err := collect(ctx, t, scanID[form.CaseID], `SELECT id FROM template_cases`+where, arg)
	if err != nil {
		return err
	}
	chosen, err := list(ids)
	if err != nil {
		return err
	}
	ofCases := ` WHERE ` + t.oneOf(`case_id`)
	for _, statement := range []string{
		loosen(`image`, `case_results`, ofCases),
		loosen(`blob`, `template_cases`, ` WHERE `+t.oneOf(`id`)),
		`DELETE FROM case_results` + ofCases,
		`DELETE FROM case_values` + ofCases,
		`DELETE FROM template_cases WHERE ` + t.oneOf(`id`),
	} {
		if _, err := t.exec(ctx, statement, chosen); err != nil {
			return err
		}
	}
	return nil
}
