package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/vault"
)

// A finding is what a check found.
type finding struct {
	documents, pages, forms int      // that are there; forms are the pages that were found to be one
	said, exports           int      // corrections and exports that are there
	wrong                   []string // what must not be
}

func (f *finding) complain(format string, args ...any) {
	f.wrong = append(f.wrong, fmt.Sprintf(format, args...))
}

func (f *finding) String() string {
	return fmt.Sprintf("%d documents, %d pages, %d of them forms, %d corrections, %d exports", f.documents, f.pages, f.forms, f.said, f.exports)
}

// A row is a document with its pages as they are stored.
type row struct {
	id         form.DocumentID
	submission form.SubmissionID
	blob       blob.Key
	known      int // how many pages it says that it has
	finished   bool
	trouble    form.Trouble
	pages      []page
}

type page struct {
	number, run, readings int
	state                 form.State
	failure               form.Failure
	uid                   string
	image                 blob.Key
	template              bool
}

// check looks at the data of a house from which nothing serves, once all that
// was sent should have been read.
func (h *house) check(ctx context.Context) (found finding, err error) {
	database, err := db.Open(ctx, h.database())
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	v, err := database.OpenVault(ctx, vault.Source{File: filepath.Join(h.data(), "vault.key")})
	if err != nil {
		return found, err
	}
	sealer, err := v.Blobs()
	if err != nil {
		return found, err
	}
	store, err := blob.OpenSealed(h.blobs(), sealer)
	if err != nil {
		return found, err
	}
	rows, err := documents(ctx, database)
	if err != nil {
		return found, err
	}
	found.wrong = append(found.wrong, h.ledger.wrong...)
	h.checkDocuments(ctx, &found, rows, store)
	h.checkUploads(&found, rows, time.Now())
	h.checkCalls(&found, rows)
	return found, errors.Join(
		checkProgress(ctx, &found, database, rows),
		checkJobs(ctx, &found, database),
		checkTemplates(ctx, &found, database, store),
		checkDatabase(ctx, &found, database),
		h.checkSaid(ctx, &found, database, time.Now()),
		h.checkExports(ctx, &found, database, store),
	)
}

// checkDocuments sees that each document has each of its pages once, in a state
// that it should have.
func (h *house) checkDocuments(ctx context.Context, found *finding, rows []row, store blob.Store) {
	seen := make(map[blob.Key]bool)
	for _, d := range rows {
		found.documents++
		f := h.ledger.sent[d.blob]
		if f == nil {
			found.complain("document %d is of no file that was sent", d.id)
			continue
		}
		if seen[d.blob] { // each was sent once
			found.complain("document %d is there a second time", d.id)
		}
		seen[d.blob] = true
		checkBlob(ctx, found, store, d.blob)
		if !d.finished || d.trouble != "" {
			found.complain("document %d is finished: %v, trouble %q", d.id, d.finished, d.trouble)
		}
		if d.known != len(f.pages) || len(d.pages) != len(f.pages) {
			found.complain("document %d has %d pages and says %d, of a file of %d", d.id, len(d.pages), d.known, len(f.pages))
			continue
		}
		for i, p := range d.pages {
			found.pages++
			if p.number != i+1 {
				found.complain("page %d of document %d has the place of page %d", p.number, d.id, i+1)
			}
			found.checkPage(d.id, &p, f.pages[i])
			if p.image != "" {
				checkBlob(ctx, found, store, p.image)
			}
		}
	}
}

// checkPage sees that a page has been read, once, and has been found to be a
// form if it is one.
func (f *finding) checkPage(doc form.DocumentID, p *page, isForm bool) {
	if p.state == form.StateFailed || !p.state.Final() || p.run != 1 {
		f.complain("page %d of document %d is %s %s, read %d times", p.number, doc, p.state, p.failure, p.run)
		return
	}
	if matched := p.state != form.StateUnmatched; matched != isForm || matched != p.template || matched != (p.readings > 0) {
		f.complain("page %d of document %d is %s with %d readings; it shows a form: %v", p.number, doc, p.state, p.readings, isForm)
	}
	if isForm {
		f.forms++
	}
}

// checkUploads sees that all uploads are there that were answered before then.
func (h *house) checkUploads(found *finding, rows []row, before time.Time) {
	bySubmission := make(map[form.SubmissionID][]blob.Key)
	for _, d := range rows {
		bySubmission[d.submission] = append(bySubmission[d.submission], d.blob)
	}
	for _, u := range h.ledger.uploads {
		if !u.at.Before(before) {
			continue
		}
		var want []blob.Key
		for _, f := range u.files {
			want = append(want, f.key)
		}
		if got := bySubmission[u.submission]; !slices.Equal(got, want) {
			found.complain("submission %d, which was answered, has %d of %d documents, or others", u.submission, len(got), len(want))
		}
	}
}

// checkCalls sees that all pages are there that calls were answered with.
func (h *house) checkCalls(found *finding, rows []row) {
	byUID := make(map[string]blob.Key)
	for _, d := range rows {
		for _, p := range d.pages {
			byUID[p.uid] = d.blob
		}
	}
	for i, c := range h.ledger.calls {
		uids := make(map[string]bool)
		for _, image := range c.images {
			if image.InferResult == "ERROR" || byUID[image.UID] != c.file.key {
				found.complain("call %d was answered with a page that is %s, or is not there", i, image.InferResult)
			}
			uids[image.UID] = true
		}
		if len(uids) != len(c.file.pages) {
			found.complain("call %d was answered with %d pages of %d", i, len(uids), len(c.file.pages))
		}
	}
}

// checkProgress sees that what people are told adds up.
func checkProgress(ctx context.Context, found *finding, database *db.DB, rows []row) error {
	pages := make(map[form.SubmissionID]int)
	for _, d := range rows {
		pages[d.submission] += len(d.pages)
	}
	for id, n := range pages {
		p, err := database.Progress(ctx, form.Everything, id)
		if err != nil {
			return err
		}
		if p.Total() != n || !p.Finished() {
			found.complain("submission %d is said to have %d pages of %d, and to be finished: %v", id, p.Total(), n, p.Finished())
		}
	}
	return nil
}

// checkJobs sees that none is left.
func checkJobs(ctx context.Context, found *finding, database *db.DB) error {
	n, err := number(ctx, database, liveJobs)
	if n > 0 {
		found.complain("%d jobs are left", n)
	}
	return err
}

const (
	liveJobs = `SELECT count(*) FROM river_job WHERE state NOT IN ('completed', 'cancelled', 'discarded')`
	openDocs = `SELECT count(*) FROM documents WHERE finished_at IS NULL`
	stopped  = `SELECT count(*) FROM documents WHERE trouble = 'full' AND finished_at IS NULL`
	keptOnes = `SELECT count(*) FROM pages WHERE state NOT IN ('waiting', 'reading')`
)

// number returns the only number that query selects.
func number(ctx context.Context, database *db.DB, query string) (n int, err error) {
	err = database.Pool().QueryRowContext(ctx, query).Scan(&n)
	return n, err
}

// checkTemplates sees that the pictures of templates are there.
func checkTemplates(ctx context.Context, found *finding, database *db.DB, store blob.Store) error {
	return each(ctx, database, `SELECT image FROM template_versions UNION ALL SELECT image FROM template_drafts`, func(scan func(...any) error) error {
		var key blob.Key
		err := scan(&key)
		checkBlob(ctx, found, store, key)
		return err
	})
}

// checkDatabase has the database check itself.
func checkDatabase(ctx context.Context, found *finding, database *db.DB) error {
	broken := 0
	return errors.Join(
		each(ctx, database, `PRAGMA integrity_check`, func(scan func(...any) error) error {
			var said string
			err := scan(&said)
			if said != "ok" {
				found.complain("the database is damaged: %s", said)
			}
			return err
		}),
		each(ctx, database, `PRAGMA foreign_key_check`, func(func(...any) error) error {
			if broken++; broken == 1 {
				found.complain("rows name others that are not there")
			}
			return nil
		}),
	)
}

// checkBlob sees that the bytes are those that key names.
func checkBlob(ctx context.Context, found *finding, store blob.Store, key blob.Key) {
	_, err := store.Bytes(ctx, key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		found.complain("blob %.8s is not there", key)
	case err != nil:
		found.complain("blob %.8s: %v", key, err)
	}
}

// documents returns all documents with their pages.
func documents(ctx context.Context, database *db.DB) (rows []row, err error) {
	at := make(map[form.DocumentID]int)
	err = each(ctx, database, `
		SELECT id, submission_id, blob, coalesce(pages, 0), finished_at IS NOT NULL, trouble FROM documents
		ORDER BY id`, func(scan func(...any) error) error {
		var d row
		err := scan(&d.id, &d.submission, &d.blob, &d.known, &d.finished, &d.trouble)
		at[d.id] = len(rows)
		rows = append(rows, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, database, `
		SELECT document_id, number, run, state, failure, uid, coalesce((SELECT image FROM runs r WHERE r.page_id = p.id AND r.number = p.run), ''), template_id IS NOT NULL,
			(SELECT count(*) FROM readings r WHERE r.page_id = p.id)
		FROM pages p ORDER BY document_id, number`, func(scan func(...any) error) error {
		var doc form.DocumentID
		var p page
		err := scan(&doc, &p.number, &p.run, &p.state, &p.failure, &p.uid, &p.image, &p.template, &p.readings)
		if i, ok := at[doc]; ok {
			rows[i].pages = append(rows[i].pages, p)
		}
		return err
	})
	return rows, err
}

// each calls f for every row of a query, with the function that scans it.
func each(ctx context.Context, database *db.DB, query string, f func(scan func(...any) error) error) error {
	rows, err := database.Pool().QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

const (
	// settleWithin is how long the server may take to read what it has.
	settleWithin = 20 * time.Minute
	// restWithin is how long it may be that nothing happens: what is put off waits
	// for a minute at most, and the end of a job that was lost is noticed after two.
	restWithin = 5 * time.Minute
)

// settle waits until all that is there has been read.
func (h *house) settle(ctx context.Context, s *server) (err error) {
	database, err := db.Open(ctx, h.database())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	begun, moved, last := time.Now(), time.Now(), [3]int{}
	for {
		var now [3]int
		for i, query := range []string{openDocs, liveJobs, keptOnes} {
			if now[i], err = number(ctx, database, query); err != nil {
				return err
			}
		}
		if now[0] == 0 && now[1] == 0 {
			return nil
		}
		if now != last {
			moved, last = time.Now(), now
		}
		if time.Since(moved) > restWithin || time.Since(begun) > settleWithin {
			return fmt.Errorf("after %v, %d documents and %d jobs are still open", time.Since(begun).Round(time.Second), now[0], now[1])
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-s.ended:
			return errEnded
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
