package db

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// PageInfo is a page with what is shown beside it.
type PageInfo struct {
	form.Page
	UID          string // 32 hexadecimal digits; what the API calls it
	Domain       form.DomainID
	Submission   form.SubmissionID
	DocumentName string
	TemplateName string // empty without a template
	ReceivedAt   time.Time
	Trouble      form.Trouble // what keeps the machine from reading it for now; mostly empty
	Doubtful     int          // values that a person has still to look at
	Validation   form.Validation
}

const pageColumns = `
	p.id, p.document_id, p.number, p.state, p.failure, p.width, p.height, p.image,
	coalesce(p.template_id, 0), coalesce(p.version, 0), p.template_to_page, p.residual, p.score, p.candidates, p.faults,
	p.run, p.finished_at, p.updated_at,
	p.uid, p.domain_id, d.submission_id, d.name, coalesce(t.name, ''), d.created_at,
	CASE WHEN p.state IN ('waiting', 'reading') THEN
		coalesce((SELECT a.trouble FROM rereads a WHERE a.page_id = p.id AND a.finished_at IS NULL), d.trouble) ELSE '' END,
	coalesce(v.result, ''), coalesce(v.message, ''),
	` + doubtfulColumn

// doubtfulColumn counts the values of page p that are doubted and of which
// nobody has said anything. People are not asked about the title.
const doubtfulColumn = `(
		SELECT count(*) FROM readings r
		WHERE r.page_id = p.id AND r.run = p.run AND r.reasons <> '' AND r.field <> '` + string(form.TitleID) + `'
		AND NOT EXISTS (
			SELECT 1 FROM corrections c
			WHERE c.page_id = r.page_id AND c.run >= p.said_from AND c.field = r.field))`

const pageTables = `
	FROM pages p
	JOIN documents d ON d.id = p.document_id
	LEFT JOIN templates t ON t.id = p.template_id
	LEFT JOIN validations v ON v.page_id = p.id AND v.run = p.run`

func scanPage(scan func(...any) error) (PageInfo, error) {
	var (
		p                          PageInfo
		templateToPage, candidates []byte
		faults                     string
		finished                   sql.Null[int64]
		updated, received          int64
	)
	if err := scan(
		&p.ID, &p.Document, &p.Number, &p.State, &p.Failure, &p.Width, &p.Height, &p.Image,
		&p.Template, &p.Version, &templateToPage, &p.Residual, &p.Score, &candidates, &faults,
		&p.Run, &finished, &updated,
		&p.UID, &p.Domain, &p.Submission, &p.DocumentName, &p.TemplateName, &received, &p.Trouble,
		&p.Validation.Verdict, &p.Validation.Message,
		&p.Doubtful,
	); err != nil {
		return p, err
	}
	p.FinishedAt, p.UpdatedAt, p.ReceivedAt = fromNullMillis(finished), fromMillis(updated), fromMillis(received)
	for fault := range strings.FieldsSeq(faults) {
		p.Faults = append(p.Faults, form.Fault(fault))
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

	After form.PageID // only those that follow this one in the list; 0 from its beginning
	Limit int         // at most so many; 0 for 50
}

func (f *PageFilter) where() *where {
	w := new(where)
	w.and(f.Domain != 0, `p.domain_id = ?`, f.Domain)
	w.and(f.Template != 0, `p.template_id = ?`, f.Template)
	w.and(f.Submission != 0, `d.submission_id = ?`, f.Submission)
	w.and(len(f.States) > 0, `p.state IN (`+marks(len(f.States))+`)`, anys(f.States)...)
	w.and(!f.From.IsZero(), `d.created_at >= ?`, millis(f.From))
	w.and(!f.To.IsZero(), `d.created_at < ?`, millis(f.To))
	w.and(f.Name != "", `d.name LIKE ? ESCAPE '\'`, likePattern(f.Name))
	return w
}

// Pages returns pages, those of the newest document first, and the pages of a
// document in their order.
func (db *DB) Pages(ctx context.Context, f PageFilter) (ps []PageInfo, err error) {
	defer wrap(&err, "pages")
	w := f.where()
	err = db.view(ctx, func(t tx) error {
		if f.After != 0 {
			doc, number, err := place(ctx, t, f.After)
			if err != nil {
				return err
			}
			w.and(true, `p.document_id <= ? AND NOT (p.document_id = ? AND p.number <= ?)`, doc, doc, number)
		}
		ps, err = pages(ctx, t, w, `ORDER BY p.document_id DESC, p.number`, limit(f.Limit))
		return err
	})
	return ps, err
}

// pages returns the first n pages that w chooses. It chooses before it looks
// up what is shown beside them: sorting whole rows took 300 times as long among
// 50,000 pages.
func pages(ctx context.Context, t tx, w *where, order string, n int) ([]PageInfo, error) {
	return collect(ctx, t, scanPage, `SELECT `+pageColumns+pageTables+` WHERE p.id IN (
			SELECT p.id FROM pages p JOIN documents d ON d.id = p.document_id`+w.String()+`
			`+order+` LIMIT ?)
		`+order, append(w.args, n)...)
}

// place returns where a page stands in the order of all pages.
func place(ctx context.Context, t tx, id form.PageID) (doc form.DocumentID, number int, err error) {
	err = t.row(ctx, `SELECT document_id, number FROM pages WHERE id = ?`, id)(&doc, &number)
	return doc, number, err
}

// PagesOf returns all pages of a submission in the order of their documents.
func (db *DB) PagesOf(ctx context.Context, id form.SubmissionID) (ps []PageInfo, err error) {
	defer wrap(&err, "pages of submission %d", id)
	err = db.view(ctx, func(t tx) error {
		ps, err = collect(ctx, t, scanPage, `SELECT `+pageColumns+pageTables+`
			WHERE d.submission_id = ? ORDER BY p.document_id, p.number`, id)
		return err
	})
	return ps, err
}

// Page returns a page.
func (db *DB) Page(ctx context.Context, id form.PageID) (p PageInfo, err error) {
	defer wrap(&err, "page %d", id)
	err = db.view(ctx, func(t tx) error {
		p, err = pageByID(ctx, t, id)
		return err
	})
	return p, err
}

func pageByID(ctx context.Context, t tx, id form.PageID) (PageInfo, error) {
	return scanPage(t.row(ctx, `SELECT `+pageColumns+pageTables+` WHERE p.id = ?`, id))
}

// PageByUID returns the page of a domain that the API calls uid.
func (db *DB) PageByUID(ctx context.Context, domain form.DomainID, uid string) (p PageInfo, err error) {
	defer wrap(&err, "page by uid")
	err = db.view(ctx, func(t tx) error {
		p, err = scanPage(t.row(ctx, `SELECT `+pageColumns+pageTables+` WHERE p.uid = ? AND p.domain_id = ?`, uid, domain))
		return err
	})
	return p, err
}

// addPage adds a page of which nothing is known but that it is there.
func addPage(ctx context.Context, t tx, doc form.DocumentID, number int, state form.State, now int64) (id form.PageID, err error) {
	err = t.row(ctx, `
		INSERT INTO pages (document_id, domain_id, number, uid, state, created_at, updated_at)
		SELECT id, domain_id, ?, ?, ?, ?, ? FROM documents WHERE id = ?
		RETURNING id`, number, hex.EncodeToString(random(16)), state, now, now, doc)(&id)
	return id, err
}
