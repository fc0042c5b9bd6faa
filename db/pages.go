package db

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

const pageColumns = `
	p.id, p.document_id, p.number, p.part, p.region, p.state, p.failure, coalesce(r.width, 0), coalesce(r.height, 0), coalesce(r.image, ''),
	coalesce(p.template_id, 0), coalesce(p.version, 0), r.template_to_page, coalesce(r.residual, 0), coalesce(r.score, 0),
	coalesce(r.candidates, '[]'), coalesce(r.faults, ''),
	p.run, p.finished_at, p.updated_at,
	p.uid, p.domain_id, d.submission_id, d.name, coalesce(t.name, ''), d.created_at,
	CASE WHEN p.state IN ('waiting', 'reading') THEN
		coalesce((
			SELECT CASE WHEN ` + apart + ` THEN r.trouble ELSE d.trouble END FROM runs r
			WHERE r.page_id = p.id AND r.finished_at IS NULL), '') ELSE '' END,
	coalesce(v.result, ''), coalesce(v.message, ''),
	p.doubtful, (SELECT count(*) FROM margins WHERE page_id = p.id AND answer = ''), p.revision`

const pageTables = `
	FROM pages p
	JOIN documents d ON d.id = p.document_id
	LEFT JOIN runs r ON r.page_id = p.id AND r.number = p.run
	LEFT JOIN templates t ON t.id = p.template_id
	LEFT JOIN validations v ON v.page_id = p.id AND v.run = p.run`

func scanPage(scan func(...any) error) (form.PageInfo, error) {
	var (
		p                          form.PageInfo
		region                     []byte
		templateToPage, candidates []byte
		faults                     string
		finished                   sql.Null[int64]
		updated, received          int64
	)
	if err := scan(
		&p.ID, &p.Document, &p.Number, &p.Part, &region, &p.State, &p.Failure, &p.Width, &p.Height, &p.Image,
		&p.Template, &p.Version, &templateToPage, &p.Residual, &p.Score, &candidates, &faults,
		&p.Run, &finished, &updated,
		&p.UID, &p.Domain, &p.Submission, &p.DocumentName, &p.TemplateName, &received, &p.Trouble,
		&p.Validation.Verdict, &p.Validation.Message,
		&p.Doubtful, &p.Unanswered, &p.Revision,
	); err != nil {
		return p, err
	}
	p.FinishedAt, p.UpdatedAt, p.ReceivedAt = fromNullMillis(finished), fromMillis(updated), fromMillis(received)
	for fault := range strings.FieldsSeq(faults) {
		p.Faults = append(p.Faults, form.Fault(fault))
	}
	var err error
	if p.Region, err = decodeRegion(region); err != nil {
		return p, err
	}
	if templateToPage != nil {
		if err := json.Unmarshal(templateToPage, &p.TemplateToPage); err != nil {
			return p, err
		}
	}
	return p, json.Unmarshal(candidates, &p.Candidates)
}

// PageFilter chooses pages. Its zero value chooses the newest of all.
type PageFilter struct {
	Domain     form.DomainID     // 0 for all
	Template   form.TemplateID   // 0 for all
	Submission form.SubmissionID // 0 for all
	States     []form.State      // empty for all
	From, To   time.Time         // when they were received: from From, before To; zero for no bound
	Name       string            // a part of the name of the document; empty for any
	Open       bool              // only those on which something is left that no other person has to key
	Value      string            // a part of a value; empty for any
	Personal   bool              // also of values that are personal data
	Person     form.UserID       // who uploaded it or said something of it; 0 for anybody

	After form.PageID // only those that follow this one in the list; 0 from its beginning
	Back  bool        // only those that come before it, the nearest ones; from the list's end where After is 0
	Limit int         // at most so many; 0 for 50

	within form.Scope // of whoever asks, and of Domain
}

// Pages returns pages, those of the newest document first, and the pages of a
// document in their order.
func (db *DB) Pages(ctx context.Context, in form.Scope, f PageFilter) (ps []form.PageInfo, err error) {
	defer wrap(&err, "pages")
	f.within = in.Narrow(f.Domain)
	err = db.view(ctx, func(t tx) error {
		if f.Back {
			ps, err = pages(ctx, t, &f, newestLast)
			slices.Reverse(ps)
			return err
		}
		ps, err = pages(ctx, t, &f, newestFirst)
		return err
	})
	return ps, err
}

// pages returns the pages that f chooses. It chooses before it looks up what
// is shown beside them: sorting whole rows took 300 times as long among 50,000
// pages.
func pages(ctx context.Context, t tx, f *PageFilter, o order) ([]form.PageInfo, error) {
	ids, err := f.choose(ctx, t, o)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return pagesOf(ctx, t, ids, o)
}

// pagesOf returns those pages, in order.
func pagesOf(ctx context.Context, t tx, ids []form.PageID, o order) ([]form.PageInfo, error) {
	chosen, err := list(ids)
	if err != nil {
		return nil, err
	}
	return collect(ctx, t, scanPage, `SELECT `+pageColumns+pageTables+`
		WHERE `+t.oneOf(`p.id`)+o.by(`p.`), chosen)
}

// A spot is where a page stands in the order of all pages.
type spot struct {
	document     form.DocumentID
	number, part int
}

// place returns where a page stands, or stood before it was deleted.
func place(ctx context.Context, t tx, id form.PageID) (s spot, err error) {
	err = t.row(ctx, `
		SELECT document_id, number, part FROM pages WHERE id = ?
		UNION ALL SELECT document_id, number, part FROM gone WHERE page_id = ?`, id, id)(&s.document, &s.number, &s.part)
	return s, err
}

// PagesOf returns all pages of a submission in the order of their documents.
func (db *DB) PagesOf(ctx context.Context, in form.Scope, id form.SubmissionID) (ps []form.PageInfo, err error) {
	return db.PartOf(ctx, in, id, 0, math.MaxInt32)
}

// PartOf returns those of them that follow page after, or the first for 0: at
// most n.
func (db *DB) PartOf(ctx context.Context, in form.Scope, id form.SubmissionID, after form.PageID, n int) (ps []form.PageInfo, err error) {
	defer wrap(&err, "pages of submission %d", id)
	err = db.view(ctx, func(t tx) error {
		ps, err = pages(ctx, t, &PageFilter{within: in, Submission: id, After: after, Limit: n}, oldestFirst)
		return err
	})
	return ps, err
}

// Page returns a page.
func (db *DB) Page(ctx context.Context, in form.Scope, id form.PageID) (p form.PageInfo, err error) {
	defer wrap(&err, "page %d", id)
	err = db.view(ctx, func(t tx) error {
		p, err = pageByID(ctx, t, id)
		return seen(in, p.Domain, err)
	})
	return p, err
}

func pageByID(ctx context.Context, t tx, id form.PageID) (form.PageInfo, error) {
	return scanPage(t.row(ctx, `SELECT `+pageColumns+pageTables+` WHERE p.id = ?`, id))
}

// PageByUID returns the page of a domain that the API calls uid.
func (db *DB) PageByUID(ctx context.Context, domain form.DomainID, uid string) (p form.PageInfo, err error) {
	defer wrap(&err, "page by uid")
	err = db.view(ctx, func(t tx) error {
		p, err = scanPage(t.row(ctx, `SELECT `+pageColumns+pageTables+` WHERE p.uid = ? AND p.domain_id = ?`, uid, domain))
		return err
	})
	return p, err
}

// addPage adds a page, a whole one or a part, of which nothing is known but that
// it is there, and that it is to be read, as by asked and for that reason.
func addPage(ctx context.Context, t tx, doc form.DocumentID, p form.Page, now int64, why string, by form.Actor) (id form.PageID, err error) {
	region, err := encodeRegion(p.Region)
	if err != nil {
		return 0, err
	}
	if err := t.row(ctx, `
		INSERT INTO pages (document_id, domain_id, number, part, region, uid, state, created_at, updated_at)
		SELECT id, domain_id, ?, ?, ?, ?, 'waiting', ?, ? FROM documents WHERE id = ?
		RETURNING id`, p.Number, p.Part, region, hex.EncodeToString(random(16)), now, now, doc)(&id); err != nil {
		return 0, err
	}
	_, err = t.exec(ctx, `
		INSERT INTO runs (page_id, number, why, actor, user_id, state, created_at)
		VALUES (?, 1, ?, ?, ?, 'open', ?)`, id, why, by.Kind, orNull(by.User), now)
	return id, err
}

// encodeRegion returns a part of a picture as it is stored: NULL for all of it.
func encodeRegion(q geom.Quad) (any, error) {
	if q == (geom.Quad{}) {
		return nil, nil
	}
	var numbers [8]float64
	for i, p := range q {
		numbers[2*i], numbers[2*i+1] = p.X, p.Y
	}
	encoded, err := json.Marshal(numbers)
	return string(encoded), err
}

func decodeRegion(encoded []byte) (q geom.Quad, err error) {
	if encoded == nil {
		return q, nil
	}
	var numbers [8]float64
	if err := json.Unmarshal(encoded, &numbers); err != nil {
		return q, err
	}
	for i := range q {
		q[i] = geom.Point{X: numbers[2*i], Y: numbers[2*i+1]}
	}
	return q, nil
}

// Seen returns those of some pages that are seen, also in the trash.
func (db *DB) Seen(ctx context.Context, in form.Scope, ids []form.PageID) (seen []form.PageID, err error) {
	defer wrap(&err, "which of some pages are seen")
	chosen, err := list(ids)
	if err != nil {
		return nil, err
	}
	term, args := within(in, `x.domain_id`)
	args = append([]any{chosen}, args...)
	err = db.view(ctx, func(t tx) error {
		seen, err = collect(ctx, t, scanID[form.PageID], `
			SELECT x.id FROM `+t.each()+t.then(`pages x`, `x.id = n.value`)+` WHERE `+term+`
			UNION ALL
			SELECT x.page_id FROM `+t.each()+t.then(`trash x`, `x.page_id = n.value`)+` WHERE `+term+`
			ORDER BY 1`, append(args, args...)...)
		return err
	})
	return seen, err
}
