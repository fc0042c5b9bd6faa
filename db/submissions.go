package db

import (
	"context"
	"encoding/json"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// Progress says how far a submission is. Its pages always add up.
type Progress struct {
	Documents int                // uploaded
	Open      int                // documents that may still turn out to have more pages
	Pages     map[form.State]int // how many pages are in each state; every state is there
}

// Total returns the number of pages found.
func (p Progress) Total() (n int) {
	for _, m := range p.Pages {
		n += m
	}
	return n
}

// Finished reports whether the machine has finished with every page.
func (p Progress) Finished() bool {
	return p.Open == 0 && p.Pages[form.StateWaiting] == 0 && p.Pages[form.StateReading] == 0
}

// NeedPerson returns the number of pages that wait for a person.
func (p Progress) NeedPerson() int {
	return p.Pages[form.StateReview] + p.Pages[form.StateUnmatched]
}

// SubmissionInfo is a submission with what is shown beside it.
type SubmissionInfo struct {
	form.Submission
	DomainName    string
	ByName        string // empty for the API
	FirstDocument string // its name
	Progress      Progress
	Revision      int64 // rises with every change of Progress or of a page that people see
}

const submissionColumns = `s.id, s.domain_id, coalesce(s.user_id, 0), s.templates, s.created_at`

func scanSubmission(scan func(...any) error, more ...any) (form.Submission, error) {
	var s form.Submission
	var templates []byte
	var created int64
	if err := scan(append([]any{&s.ID, &s.Domain, &s.By, &templates, &created}, more...)...); err != nil {
		return s, err
	}
	s.CreatedAt = fromMillis(created)
	return s, json.Unmarshal(templates, &s.Templates)
}

const documentColumns = `d.id, d.submission_id, d.domain_id, d.name, d.blob, d.size, d.created_at, coalesce(d.pages, 0)`

func scanDocument(scan func(...any) error) (form.Document, error) {
	var d form.Document
	var created int64
	err := scan(&d.ID, &d.Submission, &d.Domain, &d.Name, &d.Blob, &d.Size, &created, &d.Pages)
	d.CreatedAt = fromMillis(created)
	return d, err
}

// AddSubmission adds s with its documents and a waiting page for each. In the
// same transaction it calls enqueue, which adds the jobs that read them. The IDs
// and times of s and docs are set here, and S.By to a person. It returns form.ErrNotFound where the domain, the user or one of the
// templates does not exist, and form.ErrConflict where s.Key or s.Token is in use.
func (db *DB) AddSubmission(ctx context.Context, by form.Actor, s form.Submission, docs []form.Document, enqueue Enqueue) (id form.SubmissionID, err error) {
	defer wrap(&err, "add submission")
	s.By = by.User
	now := millis(db.now())
	err = db.act(ctx, by, "submit", func(t tx) (of subject, err error) {
		if id, err = addSubmission(ctx, t, s, now); err != nil {
			return of, err
		}
		chores := make([]Chore, len(docs))
		for i, d := range docs {
			d.Submission, d.Domain = id, s.Domain
			if chores[i].Document, err = addDocument(ctx, t, by, d, now); err != nil {
				return of, err
			}
		}
		if s.Token != "" {
			if err := addTaken(ctx, t, s.Token, id, docs[0].Size); err != nil {
				return of, err
			}
		}
		return subject{kind: "submission", id: int64(id), domain: s.Domain}, enqueue(t.Tx, chores)
	})
	return id, err
}

func addSubmission(ctx context.Context, t tx, s form.Submission, now int64) (id form.SubmissionID, err error) {
	for _, template := range s.Templates {
		if err := t.row(ctx, `SELECT id FROM templates WHERE id = ? AND domain_id = ?`, template, s.Domain)(&template); err != nil {
			return 0, err
		}
	}
	templates, err := json.Marshal(append([]form.TemplateID{}, s.Templates...))
	if err != nil {
		return 0, err
	}
	err = t.row(ctx, `
		INSERT INTO submissions (domain_id, user_id, templates, created_at) VALUES (?, ?, ?, ?)
		RETURNING id`, s.Domain, orNull(s.By), string(templates), now)(&id)
	if err == nil && s.Key.Key != "" {
		err = addKey(ctx, t, s, id, now)
	}
	return id, err
}

func addDocument(ctx context.Context, t tx, by form.Actor, d form.Document, now int64) (id form.DocumentID, err error) {
	if err := t.row(ctx, `
		INSERT INTO documents (submission_id, domain_id, name, blob, size, created_at) VALUES (?, ?, ?, ?, ?, ?)
		RETURNING id`, d.Submission, d.Domain, d.Name, d.Blob, d.Size, now)(&id); err != nil {
		return 0, err
	}
	_, err = addPage(ctx, t, id, form.Page{Number: 1}, now, "first", by)
	return id, err
}

// Submission returns a submission.
func (db *DB) Submission(ctx context.Context, in form.Scope, id form.SubmissionID) (s SubmissionInfo, err error) {
	defer wrap(&err, "submission %d", id)
	err = db.view(ctx, func(t tx) error {
		s, err = scanSubmissionInfo(t.row(ctx, submissionInfoQuery+` WHERE s.id = ?`, id))
		return seen(in, s.Domain, err)
	})
	return s, err
}

const submissionInfoQuery = `
	SELECT ` + submissionColumns + `, m.name, coalesce(u.name, ''),
		coalesce((SELECT d.name FROM documents d WHERE d.submission_id = s.id ORDER BY d.id LIMIT 1), ''),
		s.revision, ` + progressColumns + `
	FROM submissions s
	JOIN domains m ON m.id = s.domain_id
	LEFT JOIN users u ON u.id = s.user_id`

func scanSubmissionInfo(scan func(...any) error) (i SubmissionInfo, err error) {
	i.Progress, err = scanProgress(func(p ...any) (err error) {
		i.Submission, err = scanSubmission(scan, append([]any{&i.DomainName, &i.ByName, &i.FirstDocument, &i.Revision}, p...)...)
		return err
	})
	return i, err
}

// SubmissionFilter chooses submissions. Its zero value chooses the newest.
type SubmissionFilter struct {
	Domain   form.DomainID     // 0 for all
	Uploads  bool              // leave out those that came through the API
	From, To time.Time         // when they came: from From, before To; zero for no bound
	Before   form.SubmissionID // only those older than this one; 0 for no bound
	Limit    int               // at most so many; 0 for 50
}

// Submissions returns submissions, the newest first.
func (db *DB) Submissions(ctx context.Context, in form.Scope, f SubmissionFilter) (ss []SubmissionInfo, err error) {
	defer wrap(&err, "submissions")
	var w where
	w.within(in.Narrow(f.Domain), `s.domain_id`)
	w.and(f.Uploads, `s.user_id IS NOT NULL`)
	w.and(!f.From.IsZero(), `s.created_at >= ?`, millis(f.From))
	w.and(!f.To.IsZero(), `s.created_at < ?`, millis(f.To))
	w.and(f.Before != 0, `s.id < ?`, f.Before)
	err = db.view(ctx, func(t tx) error {
		ss, err = collect(ctx, t, scanSubmissionInfo,
			submissionInfoQuery+w.String()+` ORDER BY s.id DESC LIMIT ?`, append(w.args, limit(f.Limit))...)
		return err
	})
	return ss, err
}

// Progress says how far a submission is.
func (db *DB) Progress(ctx context.Context, in form.Scope, id form.SubmissionID) (p Progress, err error) {
	defer wrap(&err, "progress of submission %d", id)
	err = db.view(ctx, func(t tx) error {
		var domain form.DomainID
		if err := t.row(ctx, `SELECT domain_id FROM submissions WHERE id = ?`, id)(&domain); err != nil {
			return err
		}
		p, err = scanProgress(t.row(ctx, `SELECT `+progressColumns+` FROM submissions s WHERE s.id = ?`, id))
		return seen(in, domain, err)
	})
	return p, err
}

// Revisions returns the revisions of submissions; those that are not there are
// left out.
func (db *DB) Revisions(ctx context.Context, ids []form.SubmissionID) (revisions map[form.SubmissionID]int64, err error) {
	defer wrap(&err, "revisions")
	wanted, err := list(ids)
	if err != nil {
		return nil, err
	}
	revisions = make(map[form.SubmissionID]int64, len(ids))
	err = db.view(ctx, func(t tx) error {
		return t.rows(ctx, func(scan func(...any) error) error {
			var id form.SubmissionID
			var revision int64
			err := scan(&id, &revision)
			revisions[id] = revision
			return err
		}, `SELECT id, revision FROM submissions WHERE `+t.oneOf(`id`), wanted)
	})
	return revisions, err
}

// progressColumns are counted by triggers, the states in their order.
const progressColumns = `s.documents, s.open, s.waiting, s.reading, s.review, s.done, s.unmatched, s.failed`

func scanProgress(scan func(...any) error) (Progress, error) {
	var p Progress
	n := make([]int, len(form.States))
	columns := []any{&p.Documents, &p.Open}
	for i := range n {
		columns = append(columns, &n[i])
	}
	err := scan(columns...)
	p.Pages = make(map[form.State]int, len(n))
	for i, s := range form.States {
		p.Pages[s] = n[i]
	}
	return p, err
}

// Document returns a document.
func (db *DB) Document(ctx context.Context, in form.Scope, id form.DocumentID) (d form.Document, err error) {
	defer wrap(&err, "document %d", id)
	err = db.view(ctx, func(t tx) error {
		d, err = scanDocument(t.row(ctx, `SELECT `+documentColumns+` FROM documents d WHERE d.id = ?`, id))
		return seen(in, d.Domain, err)
	})
	return d, err
}
