package db

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// What is deleted goes at once, with all that was read and said of it, but for
// its blobs: others may have the same. Each page leaves a row that it was there
// and who deleted it, without what was in it. A document goes with its last
// page, and a submission with its last document. What is to be read of it is
// found to be gone by whoever would read it.

// DeletePage deletes a page. The others of its document keep their numbers. It
// returns form.ErrConflict where nobody knows yet whether there are others.
func (db *DB) DeletePage(ctx context.Context, by form.Actor, id form.PageID) (err error) {
	defer wrap(&err, "delete page %d", id)
	return db.update(ctx, func(t tx) error {
		if err := counted(ctx, t, id); err != nil {
			return err
		}
		return db.deletePages(ctx, t, by, `p.id = ?`, id)
	})
}

// DeleteDocument deletes a document with all its pages, those in the trash too.
func (db *DB) DeleteDocument(ctx context.Context, by form.Actor, id form.DocumentID) (err error) {
	defer wrap(&err, "delete document %d", id)
	return db.update(ctx, func(t tx) error {
		return db.deleteAll(ctx, t, by, `p.document_id = ?`, `document_id = ?`, id)
	})
}

// DeleteSubmission deletes a submission with all its documents, also what of it is
// in the trash. A call with the key that it was made with is a new one from then
// on. A program deletes only what is of its domain.
func (db *DB) DeleteSubmission(ctx context.Context, by form.Actor, id form.SubmissionID) (err error) {
	defer wrap(&err, "delete submission %d", id)
	return db.update(ctx, func(t tx) error {
		if by.Kind == form.ByProgram {
			return db.deleteAll(ctx, t, by, `d.submission_id = ? AND d.domain_id = ?`, `submission_id = ? AND domain_id = ?`, id, by.Domain)
		}
		return db.deleteAll(ctx, t, by, `d.submission_id = ?`, `submission_id = ?`, id)
	})
}

// deleteAll deletes the pages that a term chooses, and those in the trash that
// another does.
func (db *DB) deleteAll(ctx context.Context, t tx, by form.Actor, term, inTrash string, args ...any) error {
	n, err := db.purge(ctx, t, &by, inTrash, args...)
	if err != nil {
		return err
	}
	err = db.deletePages(ctx, t, by, term, args...)
	if n > 0 && errors.Is(err, form.ErrNotFound) {
		err = nil
	}
	return err
}

// deletePages deletes the pages that a term chooses, and the documents and
// submissions that have none without them. It returns form.ErrNotFound where
// there are no such pages.
func (db *DB) deletePages(ctx context.Context, t tx, by form.Actor, term string, args ...any) error {
	if err := refuseHeld(ctx, t, `SELECT 1 FROM pages p JOIN documents d ON d.id = p.document_id WHERE `+heldPage(`p.id`, `p.template_id`)+` AND `+term, args...); err != nil {
		return err
	}
	pages, err := collect(ctx, t, scanID[form.PageID], `
		INSERT INTO deletions (page_id, uid, document_id, number, part, submission_id, domain_id, actor, user_id, at)
		SELECT p.id, p.uid, d.id, p.number, p.part, d.submission_id, d.domain_id, ?, ?, ?
		FROM pages p JOIN documents d ON d.id = p.document_id WHERE `+term+`
		RETURNING page_id`, append([]any{by.Kind, orNull(by.User), millis(db.now())}, args...)...)
	if err != nil {
		return err
	}
	if len(pages) == 0 {
		return form.ErrNotFound
	}
	gone, err := list(pages)
	if err != nil {
		return err
	}
	if err := db.saw(ctx, t, Access{By: by, Act: AccessDelete, Pages: pages}); err != nil {
		return err
	}
	return remove(ctx, t, gone)
}

// remove deletes all rows of pages, a list, that are gone: of each there is a
// deletion, or it is in the trash.
func remove(ctx context.Context, t tx, pages string) error {
	for _, statement := range deletes(t.dialect) {
		if _, err := t.exec(ctx, statement, pages); err != nil {
			return err
		}
	}
	return nil
}

// pageRows are the tables with rows of pages, in the order in which those can be
// deleted.
var pageRows = []string{
	"exported_pages", "dry_values", "dry_pages", "texts_due", "page_texts", "personal_texts", "reopenings",
	"typed", "probes", "awaiting", "entries", "snippets", "tiles", "untiled", "margins",
	"queue", "claims", "assignments", "asides", "notes", "passed",
	"corrections", "reading_details", "readings", "validations", "notices", "runs",
}

// deletes returns the statements that delete pages, a list that is the argument
// of each, and what is empty without them.
func deletes(d dialect) (statements []string) {
	add := func(s ...string) { statements = append(statements, s...) }
	ofPages := ` WHERE ` + d.oneOf(`page_id`)
	add(loosen(`image`, `runs`, ofPages), loosen(`blob`, `snippets`, ofPages))
	add(filesWith(d)...)
	for _, table := range pageRows {
		add(`DELETE FROM ` + table + ofPages)
	}
	add(`DELETE FROM pages WHERE ` + d.oneOf(`id`))
	empty := ` WHERE id IN (SELECT document_id FROM gone` + ofPages + `)
		AND NOT EXISTS (SELECT 1 FROM pages WHERE document_id = documents.id)`
	add(loosen(`blob`, `documents`, empty), `DELETE FROM documents`+empty)
	empty = ` IN (
		SELECT submission_id FROM gone` + ofPages + `
		AND NOT EXISTS (SELECT 1 FROM documents WHERE submission_id = gone.submission_id))`
	add(`DELETE FROM request_keys WHERE submission_id`+empty, `DELETE FROM submissions WHERE id`+empty)
	return statements
}

// filesWith returns the statements that remove the files of exports that may have
// something of pages, a list that is the argument of each. Those that are being
// made begin again.
func filesWith(d dialect) []string {
	mayHave := ` WHERE (state = 'running' OR state = 'done' AND folder = '') AND template_id IN (
		SELECT template_id FROM pages WHERE ` + d.oneOf(`id`) + `)`
	return []string{
		loosen(`blob`, `exports`, mayHave),
		`UPDATE exports SET blob = '', state = CASE state WHEN 'running' THEN 'waiting' ELSE 'gone' END` + mayHave,
	}
}

// blobGrace is how long after it was last stored a blob is kept that nothing
// refers to: somebody may be about to.
const blobGrace = time.Hour

// blobKeys are all columns that hold the key of a blob.
var blobKeys = []struct{ table, column string }{
	{"case_results", "image"},
	{"documents", "blob"},
	{"dry_runs", "image"},
	{"exports", "blob"},
	{"runs", "image"},
	{"snippets", "blob"},
	{"template_cases", "blob"},
	{"template_drafts", "image"},
	{"template_versions", "image"},
	{"trash_blobs", "key"},
}

// referred returns the term that something refers to the blob with a key, an
// expression.
func referred(key string) string {
	terms := make([]string, len(blobKeys))
	for i, k := range blobKeys {
		terms[i] = `EXISTS (SELECT 1 FROM ` + k.table + ` WHERE ` + k.column + ` = ` + key + `)`
	}
	return `(` + strings.Join(terms, ` OR `) + `)`
}

// loosen returns the statement that notes the blobs with the keys in a column of
// chosen rows of a table: they are to be looked at.
func loosen(column, table, where string) string {
	return `
		INSERT INTO loose_blobs (key) SELECT DISTINCT ` + column + ` FROM ` + table + where + ` AND ` + column + ` <> ''
		ON CONFLICT (key) DO UPDATE SET look_at = 0`
}

// LoosenBlobs notes blobs that were stored and that nothing refers to yet: those
// to which nothing does within an hour are removed.
func (db *DB) LoosenBlobs(ctx context.Context, keys ...blob.Key) (err error) {
	defer wrap(&err, "loosen blobs")
	return db.update(ctx, func(t tx) error {
		for _, k := range keys {
			if _, err := t.exec(ctx, `
				INSERT INTO loose_blobs (key) VALUES (?)
				ON CONFLICT (key) DO UPDATE SET look_at = 0`, k); err != nil {
				return err
			}
		}
		return nil
	})
}

// A LooseBlob is one that nothing refers to.
type LooseBlob struct {
	Key    blob.Key
	Before time.Time // if it was stored since, somebody may be about to refer to it
	again  int64     // when it is looked at again
}

// LooseBlobs returns blobs to be removed, some of those there are, and puts off
// looking at them again for an hour. What is referred to after all it forgets.
func (db *DB) LooseBlobs(ctx context.Context) (loose []LooseBlob, err error) {
	defer wrap(&err, "loose blobs")
	const limit = 100
	now := db.now()
	// Mostly there are none, which is found out without keeping others from writing.
	var due bool
	if err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `SELECT EXISTS (SELECT 1 FROM loose_blobs WHERE look_at <= ?)`, millis(now))(&due)
	}); err != nil || !due {
		return nil, err
	}
	db.emptied.Store(noLog) // something was let go that may be in the log
	err = db.update(ctx, func(t tx) error {
		if _, err := t.exec(ctx, `
			DELETE FROM loose_blobs WHERE key IN (SELECT key FROM loose_blobs WHERE look_at <= ? LIMIT ?) AND `+referred(`loose_blobs.key`),
			millis(now), limit); err != nil {
			return err
		}
		loose, err = collect(ctx, t, func(scan func(...any) error) (b LooseBlob, err error) {
			b.Before = now.Add(-blobGrace)
			return b, scan(&b.Key, &b.again)
		}, `
			UPDATE loose_blobs SET look_at = ? WHERE key IN (SELECT key FROM loose_blobs WHERE look_at <= ? AND NOT `+referred(`loose_blobs.key`)+` LIMIT ?)
			RETURNING key, look_at`, millis(now.Add(blobGrace)), millis(now), limit)
		return err
	})
	return loose, err
}

// BlobsRemoved forgets loose blobs, which are no more, unless they have been
// referred to and let go since.
func (db *DB) BlobsRemoved(ctx context.Context, blobs []LooseBlob) (err error) {
	defer wrap(&err, "removed blobs")
	return db.update(ctx, func(t tx) error {
		for _, b := range blobs {
			if _, err := t.exec(ctx, `DELETE FROM loose_blobs WHERE key = ? AND look_at = ?`, b.Key, b.again); err != nil {
				return err
			}
		}
		return nil
	})
}

// PageID returns the page of a domain that the API calls, or called, uid: also
// one that was deleted, after which a list may go on.
func (db *DB) PageID(ctx context.Context, domain form.DomainID, uid string) (id form.PageID, err error) {
	defer wrap(&err, "page by uid")
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `
			SELECT id FROM pages WHERE uid = ? AND domain_id = ?
			UNION ALL SELECT page_id FROM gone WHERE uid = ? AND domain_id = ?`, uid, domain, uid, domain)(&id)
	})
	return id, err
}

// noLog is no deletion: the log is to be emptied whatever was deleted last.
const noLog = -1

// EmptyLog brings what was written to the database itself and empties its log,
// in which what was deleted would stay for a while. It does nothing where
// no page was deleted and no blob looked at since it last did. Nobody waits for it: it returns
// form.ErrConflict while others read what was before.
func (db *DB) EmptyLog(ctx context.Context) (err error) {
	defer wrap(&err, "empty the log")
	var last int64
	if err := db.view(ctx, func(t tx) error {
		return t.row(ctx, `SELECT coalesce(max(id), 0) FROM deletions`)(&last)
	}); err != nil || last == db.emptied.Load() {
		return err
	}
	err = db.emptyLog(ctx, db.write)
	if err == nil {
		db.emptied.Store(last)
	}
	return err
}
