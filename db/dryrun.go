package db

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A dry run reads a draft or version over pages that people have finished. There
// is one a template: the next one takes its place. What it found on a page goes
// with the page, and of what was read it keeps only what was not read before.

// EnqueueDryRun adds the job of a dry run, as part of tx.
type EnqueueDryRun func(tx *sql.Tx, id form.DryRunID) error

// StartDryRun begins a dry run of the draft of a template, for version 0, or of a
// version, over at most so many pages: those of the template that are done, and
// of them first those on which people said something, the newest first. It takes
// the place of the one there was. It returns a *form.InvalidTemplateError where
// the draft has defects.
func (db *DB) StartDryRun(ctx context.Context, by form.Actor, id form.TemplateID, version, pages int, enqueue EnqueueDryRun) (run form.DryRunID, err error) {
	defer wrap(&err, "dry run of template %d version %d", id, version)
	err = db.act(ctx, by, "start_dry_run", func(t tx) (of subject, err error) {
		f, err := editionByID(ctx, t, id, version)
		if err != nil {
			return of, err
		}
		if err := f.Validate(); err != nil {
			return of, err
		}
		if err := dropDryRun(ctx, t, id, `true`); err != nil {
			return of, err
		}
		if run, err = db.addDryRun(ctx, t, by, f); err != nil {
			return of, err
		}
		if err := addDryPages(ctx, t, run, id, pages); err != nil {
			return of, err
		}
		return theTemplate(f), enqueue(t.Tx, run)
	})
	return run, err
}

// editionByID returns the draft of a template, for version 0, or a version.
func editionByID(ctx context.Context, t tx, id form.TemplateID, version int) (*form.Template, error) {
	if version == 0 {
		return draftByID(ctx, t, id)
	}
	return templateByID(ctx, t, id, version)
}

// fingerprint returns that of f with the lists there are.
func fingerprint(ctx context.Context, t tx, f *form.Template) (string, error) {
	if err := addLists(ctx, t, f); err != nil {
		return "", err
	}
	return f.Fingerprint()
}

func (db *DB) addDryRun(ctx context.Context, t tx, by form.Actor, f *form.Template) (run form.DryRunID, err error) {
	of, err := fingerprint(ctx, t, f)
	if err != nil {
		return 0, err
	}
	definition, err := form.EncodeTemplate(f)
	if err != nil {
		return 0, err
	}
	err = t.row(ctx, `
		INSERT INTO dry_runs (template_id, version, fingerprint, definition, image, image_name, actor, user_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		RETURNING id`,
		f.ID, f.Version, of, string(definition), f.Image, f.ImageName, by.Kind, orNull(by.User), millis(db.now()))(&run)
	return run, err
}

// dryAmong is among how many of the newest pages those of a dry run are looked
// for.
const dryAmong = 20_000

func addDryPages(ctx context.Context, t tx, run form.DryRunID, id form.TemplateID, pages int) error {
	_, err := t.exec(ctx, `
		INSERT INTO dry_pages (run_id, page_id, position)
		SELECT ?, id, row_number() OVER (ORDER BY said DESC, document_id DESC, number DESC, part DESC) FROM (
			SELECT p.id, p.document_id, p.number, p.part,
				EXISTS (SELECT 1 FROM corrections c WHERE c.page_id = p.id AND c.run >= p.said_from) AS said
			FROM pages p WHERE p.template_id = ? AND p.state = 'done'
			ORDER BY p.document_id DESC, p.number DESC, p.part DESC LIMIT ?) AS newest
		ORDER BY said DESC, document_id DESC, number DESC, part DESC LIMIT ?`, run, id, dryAmong, pages)
	return err
}

// dropDryRun forgets the dry run of a template, if it fits a term.
func dropDryRun(ctx context.Context, t tx, id form.TemplateID, term string) error {
	which := ` WHERE template_id = ? AND ` + term
	parts := ` WHERE run_id IN (SELECT id FROM dry_runs` + which + `)`
	for _, statement := range []string{
		`DELETE FROM dry_values` + parts, `DELETE FROM dry_pages` + parts, `DELETE FROM dry_twins` + parts,
		loosen(`image`, `dry_runs`, which), `DELETE FROM dry_runs` + which,
	} {
		if _, err := t.exec(ctx, statement, id); err != nil {
			return err
		}
	}
	return nil
}

// StopDryRun ends the dry run of a template before its end. What it found stays.
func (db *DB) StopDryRun(ctx context.Context, by form.Actor, id form.TemplateID) (err error) {
	defer wrap(&err, "stop dry run of template %d", id)
	return db.act(ctx, by, "stop_dry_run", func(t tx) (of subject, err error) {
		of = subject{kind: "template", id: int64(id)}
		if err := t.row(ctx, `SELECT domain_id FROM templates WHERE id = ?`, id)(&of.domain); err != nil {
			return of, err
		}
		r, err := t.exec(ctx, `
			UPDATE dry_runs SET finished_at = ?, stopped = 1 WHERE template_id = ? AND finished_at IS NULL`, millis(db.now()), id)
		if err != nil {
			return of, err
		}
		if n, err := r.RowsAffected(); n == 0 || err != nil {
			return subject{}, err // it had ended by itself
		}
		return of, nil
	})
}

// seesTemplate returns sql.ErrNoRows where a template is not there, or is out of
// scope.
func seesTemplate(ctx context.Context, t tx, in form.Scope, id form.TemplateID) error {
	var domain form.DomainID
	err := t.row(ctx, `SELECT domain_id FROM templates WHERE id = ?`, id)(&domain)
	return seen(in, domain, err)
}

// A DryTask is what is to be done next for a dry run.
type DryTask struct {
	Page     form.PageID // to be read; 0 where all have been
	Finished bool
}

// DryTask returns what is to be done next for a dry run. It returns
// form.ErrNotFound where there is no such run any more.
func (db *DB) DryTask(ctx context.Context, run form.DryRunID) (task DryTask, err error) {
	defer wrap(&err, "task of dry run %d", run)
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `
			SELECT finished_at IS NOT NULL,
				coalesce((SELECT page_id FROM dry_pages WHERE run_id = r.id AND state = 'waiting' ORDER BY position LIMIT 1), 0)
			FROM dry_runs r WHERE id = ?`, run)(&task.Finished, &task.Page)
	})
	return task, err
}

// DryTemplate returns what a dry run reads by, with the lists there are. Its
// version is 0 for a draft.
func (db *DB) DryTemplate(ctx context.Context, run form.DryRunID) (f *form.Template, err error) {
	defer wrap(&err, "template of dry run %d", run)
	err = db.view(ctx, func(t tx) error {
		f, err = dryTemplate(ctx, t, run)
		return err
	})
	return f, err
}

// dryTemplate returns what a dry run reads by, with the lists there are.
func dryTemplate(ctx context.Context, t tx, run form.DryRunID) (*form.Template, error) {
	f, err := scanTemplate(t.row(ctx, `
		SELECT t.id, t.domain_id, '', CASE r.version WHEN 0 THEN 'draft' ELSE 'retired' END, r.created_at, '', r.version, r.definition, r.image, r.image_name
		FROM dry_runs r JOIN templates t ON t.id = r.template_id WHERE r.id = ?`, run))
	if err != nil {
		return nil, err
	}
	return f, addLists(ctx, t, f)
}

// A DrySubject is a page that a dry run reads, as it is kept.
type DrySubject struct {
	Record form.Record
	File   blob.Key // the document
	// Asked reports whether the template was asked for, and not found among all in
	// service.
	Asked  bool
	ByHand bool // a person had said where the form lies
}

// DrySubject returns a page as a dry run compares it.
func (db *DB) DrySubject(ctx context.Context, id form.PageID) (s DrySubject, err error) {
	defer wrap(&err, "page %d of a dry run", id)
	err = db.view(ctx, func(t tx) error {
		p, err := pageByID(ctx, t, id)
		if err != nil {
			return err
		}
		records, err := recordsByVersion(ctx, t, []form.PageInfo{p})
		if err != nil {
			return err
		}
		s.Record = records[0]
		return t.row(ctx, `
			SELECT d.blob, s.templates <> '[]' OR r.wanted_template IS NOT NULL, r.wanted_place IS NOT NULL
			FROM pages p
			JOIN documents d ON d.id = p.document_id
			JOIN submissions s ON s.id = d.submission_id
			JOIN runs r ON r.page_id = p.id AND r.number = p.run
			WHERE p.id = ?`, id)(&s.File, &s.Asked, &s.ByHand)
	})
	return s, err
}

// SaveDryPage keeps what came of a page in a dry run. It returns
// form.ErrNotFound, and changes nothing, where the run has ended, or the page is
// not one that waits for it.
func (db *DB) SaveDryPage(ctx context.Context, run form.DryRunID, p form.DryPage) (err error) {
	defer wrap(&err, "page %d of dry run %d", p.Page, run)
	place, err := encodePlace(p.Place)
	if err != nil {
		return err
	}
	count := func(c form.Comparison) (n int) {
		for _, change := range p.Changes {
			if change.Change == c {
				n++
			}
		}
		return n
	}
	return db.update(ctx, func(t tx) error {
		if err := t.row(ctx, `
			UPDATE dry_pages SET state = ?, taken_for = ?, place = ?, verified = ?, better = ?, worse = ?, other = ?, surer = ?, doubted = ?
			WHERE run_id = ? AND page_id = ? AND state = 'waiting' AND run_id IN (SELECT id FROM dry_runs WHERE finished_at IS NULL)
			RETURNING page_id`,
			p.State, orNull(p.TakenFor), place, p.Verified, count(form.Better), count(form.Worse), count(form.Other), p.Surer, p.Doubted,
			run, p.Page)(&p.Page); err != nil {
			return err
		}
		for _, c := range p.Changes {
			text, err := t.sealText(ctx, p.Page, 0, c.Field, c.Now.Text)
			if err != nil {
				return err
			}
			if _, err := t.exec(ctx, `
				INSERT INTO dry_values (run_id, page_id, field, verdict, text, checked) VALUES (?, ?, ?, ?, ?, ?)`,
				run, p.Page, c.Field, c.Change, text, c.Now.Checked); err != nil {
				return err
			}
		}
		_, err := t.exec(ctx, `UPDATE dry_runs SET trouble = '', waits = 0 WHERE id = ? AND waits > 0`, run)
		return err
	})
}

// BlameDryPage records that reading a page for a dry run ended by a fault of the
// page. After the second time it has failed.
func (db *DB) BlameDryPage(ctx context.Context, run form.DryRunID, page form.PageID) (err error) {
	defer wrap(&err, "blame page %d of dry run %d", page, run)
	return db.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `
			UPDATE dry_pages SET tries = tries + 1, state = CASE WHEN tries + 1 >= ? THEN 'failed' ELSE state END
			WHERE run_id = ? AND page_id = ? AND state = 'waiting'`, pageTries, run, page)
		return err
	})
}

// PostponeDryRun notes a trouble that passes, and returns how often that was done
// in a row. It returns form.ErrNotFound where there is no such run any more.
func (db *DB) PostponeDryRun(ctx context.Context, run form.DryRunID, why form.Trouble) (times int, err error) {
	defer wrap(&err, "postpone dry run %d", run)
	err = db.update(ctx, func(t tx) error {
		return t.row(ctx, `
			UPDATE dry_runs SET waits = CASE WHEN trouble = ? THEN waits + 1 ELSE 1 END, trouble = ? WHERE id = ?
			RETURNING waits`, why, why, run)(&times)
	})
	return times, err
}

// FinishDryRun keeps how the cases were read, and the twins that were found, and
// ends a dry run. It returns form.ErrNotFound where it has ended.
func (db *DB) FinishDryRun(ctx context.Context, run form.DryRunID, cases form.DryCases, twins []form.Twin) (err error) {
	defer wrap(&err, "finish dry run %d", run)
	return db.update(ctx, func(t tx) error {
		if err := t.row(ctx, `
			UPDATE dry_runs SET finished_at = ?, trouble = '', waits = 0, cases = ?, case_values = ?, case_right = ?
			WHERE id = ? AND finished_at IS NULL
			RETURNING id`, millis(db.now()), cases.N, cases.Values, cases.Right, run)(&run); err != nil {
			return err
		}
		for _, w := range twins {
			if _, err := t.exec(ctx, `
				INSERT INTO dry_twins (run_id, template_id, version, own, as_other, other, as_own, filled, taken)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				run, w.Template, w.Version, w.Own, w.AsOther, w.Other, w.AsOwn, w.Filled, w.Taken); err != nil {
				return err
			}
		}
		return nil
	})
}

const dryCounts = `
	count(*) FILTER (WHERE state <> 'waiting'), count(*) FILTER (WHERE state = 'waiting'),
	count(*) FILTER (WHERE state = 'lost'), count(*) FILTER (WHERE state = 'failed'),
	coalesce(sum(verified), 0), coalesce(sum(better), 0), coalesce(sum(worse), 0), coalesce(sum(other), 0),
	coalesce(sum(surer), 0), coalesce(sum(doubted), 0)`

// dryRunOf returns the dry run of a template.
func dryRunOf(ctx context.Context, t tx, id form.TemplateID) (r form.DryRun, err error) {
	var started int64
	var finished sql.Null[int64]
	if err := t.row(ctx, `
		SELECT r.id, r.template_id, r.version, r.fingerprint, coalesce(u.name, ''), r.created_at, r.finished_at, r.stopped, r.trouble,
			r.cases, r.case_values, r.case_right
		FROM dry_runs r LEFT JOIN users u ON u.id = r.user_id WHERE r.template_id = ?`, id)(
		&r.ID, &r.Template, &r.Version, &r.Fingerprint, &r.By, &started, &finished, &r.Stopped, &r.Trouble,
		&r.Result.Cases.N, &r.Result.Cases.Values, &r.Result.Cases.Right); err != nil {
		return r, err
	}
	r.StartedAt, r.FinishedAt, r.Result.Stopped = fromMillis(started), fromNullMillis(finished), r.Stopped
	c := &r.Result
	if err := t.row(ctx, `SELECT `+dryCounts+` FROM dry_pages WHERE run_id = ?`, r.ID)(
		&c.Pages, &r.Left, &c.Lost, &c.Failed, &c.Verified, &c.Better, &c.Worse, &c.Other, &c.Surer, &c.Doubted); err != nil {
		return r, err
	}
	return r, t.row(ctx, `SELECT count(*) FROM dry_twins WHERE run_id = ?`, r.ID)(&c.Twins)
}

// dryResultOf returns what a dry run of what f says came to, or nil where there
// was none that has ended.
func dryResultOf(ctx context.Context, t tx, f *form.Template) (*form.DryResult, error) {
	r, err := dryRunOf(ctx, t, f.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil || r.FinishedAt.IsZero() {
		return nil, err
	}
	now, err := fingerprint(ctx, t, f)
	if err != nil || now != r.Fingerprint {
		return nil, err
	}
	return &r.Result, nil
}

// DryRun returns the dry run of a template.
func (db *DB) DryRun(ctx context.Context, in form.Scope, id form.TemplateID) (r form.DryRun, err error) {
	defer wrap(&err, "dry run of template %d", id)
	err = db.view(ctx, func(t tx) error {
		if err := seesTemplate(ctx, t, in, id); err != nil {
			return err
		}
		r, err = dryRunOf(ctx, t, id)
		return err
	})
	return r, err
}

// A DryValue is a value that a dry run read otherwise than before.
type DryValue struct {
	form.DryChange
	Page     form.PageID
	Document string // its name
	Number   int    // of the page in its file
	Part     int    // as of form.Page
	Was      form.Held
	Said     *form.Held // what a person said that it holds; nil where nobody did
}

// DryValues returns the values of a change, at most so many, in the order of the
// pages. What was read before, and said, is as it is now.
func (db *DB) DryValues(ctx context.Context, in form.Scope, id form.TemplateID, change form.Comparison, most int) (list []DryValue, err error) {
	defer wrap(&err, "values of the dry run of template %d", id)
	err = db.view(ctx, func(t tx) error {
		if err := seesTemplate(ctx, t, in, id); err != nil {
			return err
		}
		const said = `(
			SELECT c.id FROM corrections c WHERE c.page_id = v.page_id AND c.field = v.field AND c.run >= p.said_from ORDER BY c.id DESC LIMIT 1)`
		list, err = collect(ctx, t, scanDryValue, `
			SELECT v.page_id, v.field, v.verdict, v.text, v.checked, d.name, p.number, p.part, r.text, r.checked, c.text, c.checked
			FROM dry_runs n
			JOIN dry_values v ON v.run_id = n.id
			JOIN dry_pages o ON o.run_id = v.run_id AND o.page_id = v.page_id
			JOIN pages p ON p.id = v.page_id
			JOIN documents d ON d.id = p.document_id
			JOIN readings r ON r.page_id = p.id AND r.run = p.run AND r.field = v.field
			LEFT JOIN corrections c ON c.id = `+said+` AND c.mark IN ('', 'empty')
			WHERE n.template_id = ? AND v.verdict = ?
			ORDER BY o.position, v.field LIMIT ?`, id, change, most)
		return err
	})
	return list, err
}

func scanDryValue(scan func(...any) error) (v DryValue, err error) {
	var text sql.Null[string]
	var checked sql.Null[bool]
	if err := scan(&v.Page, &v.Field, &v.Change, &v.Now.Text, &v.Now.Checked, &v.Document, &v.Number, &v.Part, &v.Was.Text, &v.Was.Checked, &text, &checked); err != nil {
		return v, err
	}
	if text.Valid {
		v.Said = &form.Held{Text: text.V, Checked: checked.V}
	}
	return v, nil
}

// A DryLoss is a page that a dry run could not read.
type DryLoss struct {
	Page     form.PageID
	Document string // its name
	Number   int    // of the page in its file
	Part     int    // as of form.Page
	State    form.DryState
	TakenFor string // the name of the template by which it is found; empty for none
}

// DryLosses returns the pages that the dry run of a template could not read.
func (db *DB) DryLosses(ctx context.Context, in form.Scope, id form.TemplateID) (list []DryLoss, err error) {
	defer wrap(&err, "pages lost by the dry run of template %d", id)
	err = db.view(ctx, func(t tx) error {
		if err := seesTemplate(ctx, t, in, id); err != nil {
			return err
		}
		list, err = collect(ctx, t, func(scan func(...any) error) (l DryLoss, err error) {
			err = scan(&l.Page, &l.Document, &l.Number, &l.Part, &l.State, &l.TakenFor)
			return l, err
		}, `
			SELECT o.page_id, d.name, p.number, p.part, o.state, coalesce(t.name, '')
			FROM dry_runs n
			JOIN dry_pages o ON o.run_id = n.id
			JOIN pages p ON p.id = o.page_id
			JOIN documents d ON d.id = p.document_id
			LEFT JOIN templates t ON t.id = o.taken_for
			WHERE n.template_id = ? AND o.state IN ('lost', 'failed')
			ORDER BY o.position`, id)
		return err
	})
	return list, err
}

// Twins returns the twins that the dry run of a template found, the nearest
// first.
func (db *DB) Twins(ctx context.Context, in form.Scope, id form.TemplateID) (list []form.Twin, err error) {
	defer wrap(&err, "twins of template %d", id)
	err = db.view(ctx, func(t tx) error {
		if err := seesTemplate(ctx, t, in, id); err != nil {
			return err
		}
		list, err = collect(ctx, t, func(scan func(...any) error) (w form.Twin, err error) {
			err = scan(&w.Template, &w.Version, &w.Name, &w.Own, &w.AsOther, &w.Other, &w.AsOwn, &w.Filled, &w.Taken)
			return w, err
		}, `
			SELECT w.template_id, w.version, t.name, w.own, w.as_other, w.other, w.as_own, w.filled, w.taken
			FROM dry_runs n JOIN dry_twins w ON w.run_id = n.id JOIN templates t ON t.id = w.template_id
			WHERE n.template_id = ?`, id)
		return err
	})
	near := func(w form.Twin) float64 { return max(w.AsOther-w.Own, w.AsOwn-w.Other) }
	slices.SortStableFunc(list, func(a, b form.Twin) int { return cmp.Compare(near(b), near(a)) })
	return list, err
}

// A DrySight is where the template of a dry run lies on a page.
type DrySight struct {
	Template *form.Template  // as the dry run reads by it
	Image    blob.Key        // of the page
	Place    geom.Homography // template px to page px
}

// DrySight returns where the template of a dry run lies on a page. It returns
// form.ErrNotFound where it was not read there.
func (db *DB) DrySight(ctx context.Context, in form.Scope, id form.TemplateID, page form.PageID) (s DrySight, err error) {
	defer wrap(&err, "page %d of the dry run of template %d", page, id)
	err = db.view(ctx, func(t tx) error {
		if err := seesTemplate(ctx, t, in, id); err != nil {
			return err
		}
		var run form.DryRunID
		var place []byte
		if err := t.row(ctx, `
			SELECT n.id, r.image, o.place
			FROM dry_runs n
			JOIN dry_pages o ON o.run_id = n.id AND o.state = 'read'
			JOIN pages p ON p.id = o.page_id
			JOIN runs r ON r.page_id = p.id AND r.number = p.run
			WHERE n.template_id = ? AND o.page_id = ?`, id, page)(&run, &s.Image, &place); err != nil {
			return err
		}
		if s.Template, err = dryTemplate(ctx, t, run); err != nil {
			return err
		}
		return json.Unmarshal(place, &s.Place)
	})
	return s, err
}

// FinishedPages returns the newest pages of a template that are done and have a
// picture, at most so many.
func (db *DB) FinishedPages(ctx context.Context, id form.TemplateID, most int) (images []blob.Key, err error) {
	defer wrap(&err, "finished pages of template %d", id)
	err = db.view(ctx, func(t tx) error {
		images, err = collect(ctx, t, func(scan func(...any) error) (k blob.Key, err error) {
			err = scan(&k)
			return k, err
		}, `
			SELECT r.image FROM (
				SELECT id, run, document_id, number, part FROM pages WHERE template_id = ? AND state = 'done'
				ORDER BY document_id DESC, number DESC, part DESC LIMIT ?) AS p
			JOIN runs r ON r.page_id = p.id AND r.number = p.run
			WHERE r.image <> ''`, id, most)
		return err
	})
	return images, err
}
