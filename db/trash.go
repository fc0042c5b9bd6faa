package db

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// What people delete is in the trash for TrashTime. All rows of a page lie there
// as one text, and with its last page those of its document and submission:
// nothing else that asks for pages has to know of the trash. A page that comes
// back is as it was; what was to be read of it is to be read. Comparisons that a
// dry run had made of it do not come back, nor does the key of a repeated call.

// TrashTime is how long a page is in the trash.
const TrashTime = 30 * 24 * time.Hour

// trashBatch is how many pages are moved in one go, so that not all of a large
// submission is in memory.
const trashBatch = 100

// unkept are the tables whose rows do not come back with a page: they are about
// other things, or are made anew.
var unkept = []string{"dry_values", "dry_pages", "texts_due", "page_texts", "personal_texts", "queue", "claims", "passed"}

// A keptTable is the rows of a table that are in the trash.
type keptTable struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
	Rows    [][]any  `json:"rows"`
}

// keptBytes is how bytes are kept, which are no text.
type keptBytes struct {
	Bytes string `json:"bytes"` // base64
}

// Trash puts a page into the trash. It returns form.ErrConflict where nobody
// knows yet whether its document has others.
func (db *DB) Trash(ctx context.Context, by form.Actor, id form.PageID) (err error) {
	defer wrap(&err, "trash page %d", id)
	return db.act(ctx, by, "trash", func(t tx) (of subject, err error) {
		if err := counted(ctx, t, id); err != nil {
			return of, err
		}
		of = subject{kind: "page", id: int64(id)}
		if err := t.row(ctx, `SELECT domain_id FROM pages WHERE id = ?`, id)(&of.domain); err != nil {
			return of, err
		}
		_, err = db.trash(ctx, t, by, []form.PageID{id})
		return of, err
	})
}

// TrashSubmission puts all pages of a submission into the trash.
func (db *DB) TrashSubmission(ctx context.Context, by form.Actor, id form.SubmissionID) (err error) {
	defer wrap(&err, "trash submission %d", id)
	return db.act(ctx, by, "trash", func(t tx) (of subject, err error) {
		of = subject{kind: "submission", id: int64(id)}
		if err := t.row(ctx, `SELECT domain_id FROM submissions WHERE id = ?`, id)(&of.domain); err != nil {
			return of, err
		}
		pages, err := collect(ctx, t, scanID[form.PageID], `
			SELECT p.id FROM documents d`+t.then(`pages p`, `p.document_id = d.id`)+` WHERE d.submission_id = ?`, id)
		if err == nil {
			_, err = db.trash(ctx, t, by, pages)
		}
		of.pages = pages
		return of, err
	})
}

// counted returns form.ErrConflict for the page of a document of which nobody
// knows yet how many it has.
func counted(ctx context.Context, t tx, id form.PageID) error {
	var uncounted bool
	if err := t.row(ctx, `
		SELECT d.pages IS NULL AND d.finished_at IS NULL FROM pages p JOIN documents d ON d.id = p.document_id
		WHERE p.id = ?`, id)(&uncounted); err != nil {
		return err
	}
	if uncounted {
		return form.ErrConflict
	}
	return nil
}

// trash moves those of the pages that are there into the trash, and returns how
// many they are.
func (db *DB) trash(ctx context.Context, t tx, by form.Actor, pages []form.PageID) (n int, err error) {
	for batch := range slices.Chunk(pages, trashBatch) {
		chosen, err := list(batch)
		if err != nil {
			return n, err
		}
		if err := refuseHeld(ctx, t, `SELECT 1 FROM pages p WHERE `+heldPage(`p.id`, `p.template_id`)+` AND `+t.oneOf(`p.id`), chosen); err != nil {
			return n, err
		}
		kept, err := keep(ctx, t, chosen)
		if err != nil {
			return n, err
		}
		for _, id := range batch {
			tables := kept[id]
			if len(tables) == 0 {
				continue
			}
			if err := db.writeTrash(ctx, t, by, id, tables); err != nil {
				return n, err
			}
			n++
		}
		if err := remove(ctx, t, chosen); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (db *DB) writeTrash(ctx context.Context, t tx, by form.Actor, id form.PageID, tables []keptTable) error {
	contents, err := json.Marshal(tables)
	if err != nil {
		return err
	}
	kept := string(contents)
	if t.sealer != nil {
		texts, err := t.textsOf(ctx, id)
		if err != nil {
			return err
		}
		kept = texts.Seal(kept)
	}
	if _, err := t.exec(ctx, `
		INSERT INTO trash (page_id, uid, document_id, number, part, submission_id, domain_id, name, template_id, state, actor, user_id, at, contents, received_at, finished_at)
		SELECT p.id, p.uid, d.id, p.number, p.part, d.submission_id, d.domain_id, d.name, p.template_id, p.state, ?, ?, ?, ?, d.created_at, p.finished_at
		FROM pages p JOIN documents d ON d.id = p.document_id WHERE p.id = ?`,
		by.Kind, orNull(by.User), millis(db.now()), kept, id); err != nil {
		return err
	}
	for _, key := range keptBlobs(tables) {
		if _, err := t.exec(ctx, `INSERT INTO trash_blobs (page_id, key) VALUES (?, ?) ON CONFLICT DO NOTHING`, id, key); err != nil {
			return err
		}
	}
	return nil
}

// keptBlobs returns the keys of all blobs that the rows refer to.
func keptBlobs(tables []keptTable) (keys []any) {
	for _, of := range tables {
		for _, b := range blobKeys {
			column := slices.Index(of.Columns, b.column)
			if b.table != of.Table || column < 0 {
				continue
			}
			for _, row := range of.Rows {
				if row[column] != "" {
					keys = append(keys, row[column])
				}
			}
		}
	}
	return keys
}

// keep returns the rows of pages, a list, in the order in which they can be added
// again.
func keep(ctx context.Context, t tx, pages string) (map[form.PageID][]keptTable, error) {
	of := make(map[form.PageID][]keptTable)
	add := func(table, query string) error { return keepRows(ctx, t, of, table, query, pages) }
	page := t.each() + t.then(`pages p`, `p.id = n.value`)
	document := page + t.then(`documents d`, `d.id = p.document_id`)
	if err := errors.Join(
		add("submissions", `SELECT p.id, s.* FROM `+document+t.then(`submissions s`, `s.id = d.submission_id`)),
		add("documents", `SELECT p.id, d.* FROM `+document),
		add("pages", `SELECT p.id, p.* FROM `+page),
	); err != nil {
		return nil, err
	}
	for _, table := range slices.Backward(pageRows) {
		if slices.Contains(unkept, table) {
			continue
		}
		if err := add(table, `SELECT x.page_id, x.* FROM `+t.each()+t.then(table+` x`, `x.page_id = n.value`)); err != nil {
			return nil, err
		}
	}
	return of, nil
}

// keepRows adds to of the rows of a table that query returns, each after the page
// that it is of.
func keepRows(ctx context.Context, t tx, of map[form.PageID][]keptTable, table, query, pages string) error {
	rows, err := t.QueryContext(ctx, t.bind(query), pages)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		var page form.PageID
		row := make([]any, len(columns)-1)
		into := []any{&page}
		for i := range row {
			into = append(into, &row[i])
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, value := range row {
			if b, is := value.([]byte); is {
				row[i] = keptBytes{base64.StdEncoding.EncodeToString(b)}
			}
		}
		tables := of[page]
		if n := len(tables); n == 0 || tables[n-1].Table != table {
			tables = append(tables, keptTable{Table: table, Columns: columns[1:]})
		}
		last := &tables[len(tables)-1]
		last.Rows = append(last.Rows, row)
		of[page] = tables
	}
	return rows.Err()
}

// Restore takes pages out of the trash, and returns how many were there: they are
// as they were. In the same transaction it calls enqueue for what was still to be
// read.
func (db *DB) Restore(ctx context.Context, by form.Actor, pages []form.PageID, enqueue Enqueue) (n int, err error) {
	defer wrap(&err, "restore pages")
	err = db.update(ctx, func(t tx) error {
		n = 0
		var chores []Chore
		for _, id := range pages {
			of, err := restore(ctx, t, id)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err == nil {
				err = db.sealPage(ctx, t, id) // it may have come there before anything was encrypted
			}
			if err == nil {
				err = db.note(ctx, t, by, "restore", of)
			}
			if err != nil {
				return err
			}
			todo, err := unread(ctx, t, id)
			if err != nil {
				return err
			}
			chores = append(chores, todo...)
			n++
		}
		if len(chores) == 0 {
			return nil
		}
		return enqueue(t.Tx, distinct(chores))
	})
	return n, err
}

func distinct(chores []Chore) (list []Chore) {
	for _, c := range chores {
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

func restore(ctx context.Context, t tx, id form.PageID) (of subject, err error) {
	of = subject{kind: "page", id: int64(id)}
	var contents []byte
	if err := t.row(ctx, `SELECT domain_id, contents FROM trash WHERE page_id = ?`, id)(&of.domain, &contents); err != nil {
		return of, err
	}
	var tables []keptTable
	d := json.NewDecoder(bytes.NewReader(contents))
	d.UseNumber()
	if err := d.Decode(&tables); err != nil {
		return of, err
	}
	if len(tables) == 0 { // its key was destroyed, since a backup was made that was restored
		return of, sql.ErrNoRows
	}
	if _, err := t.exec(ctx, `DELETE FROM trash_blobs WHERE page_id = ?`, id); err != nil {
		return of, err
	}
	if _, err := t.exec(ctx, `DELETE FROM trash WHERE page_id = ?`, id); err != nil {
		return of, err
	}
	for _, table := range tables {
		if err := restoreRows(ctx, t, table); err != nil {
			return of, err
		}
	}
	return of, requeue(ctx, t, id)
}

// counted by triggers, which count what comes back.
var countedColumns = []string{"documents", "open", "waiting", "reading", "review", "done", "unmatched", "failed"}

// restoreRows adds rows as they were. A document or submission may be there still.
func restoreRows(ctx context.Context, t tx, of keptTable) error {
	insert := `INSERT INTO ` + of.Table + ` (` + strings.Join(of.Columns, `, `) + `) VALUES (` + marks(len(of.Columns)) + `)`
	if of.Table == "documents" || of.Table == "submissions" {
		insert += ` ON CONFLICT (id) DO NOTHING`
	}
	for _, row := range of.Rows {
		for i, column := range of.Columns {
			switch {
			case of.Table == "submissions" && slices.Contains(countedColumns, column):
				row[i] = 0
			case of.Table == "pages" && column == "state" && row[i] == string(form.StateReading):
				row[i] = form.StateWaiting
			case of.Table == "notices" && column == "queued": // the job that was to deliver it found none
				row[i] = 0
			}
			var err error
			if row[i], err = restored(row[i]); err != nil {
				return err
			}
		}
		if of.Table == "exported_pages" { // what went out and is forgotten by now
			var known bool
			export := row[slices.Index(of.Columns, "export_id")]
			if err := t.row(ctx, `SELECT EXISTS (SELECT 1 FROM exports WHERE id = ?)`, export)(&known); err != nil {
				return err
			}
			if !known {
				continue
			}
		}
		if _, err := t.exec(ctx, insert, row...); err != nil {
			return fmt.Errorf("%s: %w", of.Table, err)
		}
	}
	return nil
}

// restored returns a value that was kept as JSON.
func restored(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, nil
		}
		return v.Float64()
	case map[string]any:
		s, _ := v["bytes"].(string)
		return base64.StdEncoding.DecodeString(s)
	default:
		return v, nil
	}
}

// unread returns what is to be read of a page that came back. Its document, which
// may have been finished without it, is open again.
func unread(ctx context.Context, t tx, id form.PageID) (chores []Chore, err error) {
	if chores, err = collect(ctx, t, scanChore, `
		SELECT 0, r.page_id, r.number FROM runs r WHERE r.page_id = ? AND r.finished_at IS NULL AND `+apart, id); err != nil {
		return nil, err
	}
	if _, err := t.exec(ctx, `
		UPDATE documents SET finished_at = NULL
		WHERE finished_at IS NOT NULL AND id = (SELECT document_id FROM pages WHERE id = ?)
		AND EXISTS (SELECT 1 FROM runs r WHERE r.page_id = ? AND r.finished_at IS NULL AND NOT `+apart+`)`, id, id); err != nil {
		return nil, err
	}
	documents, err := collect(ctx, t, scanChore, `
		SELECT d.id, 0, 0 FROM documents d JOIN pages p ON p.document_id = d.id
		WHERE p.id = ? AND d.finished_at IS NULL`, id)
	return append(chores, documents...), err
}

// Purge deletes pages that are in the trash, for good, and returns how many were
// there.
func (db *DB) Purge(ctx context.Context, by form.Actor, pages []form.PageID) (n int, err error) {
	defer wrap(&err, "purge pages")
	chosen, err := list(pages)
	if err != nil {
		return 0, err
	}
	err = db.update(ctx, func(t tx) error {
		n, err = db.purge(ctx, t, &by, t.oneOf(`page_id`), chosen)
		return err
	})
	return n, err
}

// EmptyTrash deletes some of the pages that have been in the trash for TrashTime,
// in the name of who put them there, and returns how many. There are no more where
// it returns 0.
func (db *DB) EmptyTrash(ctx context.Context) (n int, err error) {
	defer wrap(&err, "empty the trash")
	before := millis(db.now().Add(-TrashTime))
	var due bool // mostly there are none, which keeps nobody from writing
	if err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `SELECT EXISTS (SELECT 1 FROM trash WHERE at <= ? AND NOT `+heldPage(`trash.page_id`, `trash.template_id`)+`)`, before)(&due)
	}); err != nil || !due {
		return 0, err
	}
	err = db.update(ctx, func(t tx) error {
		n, err = db.purge(ctx, t, nil, `page_id IN (SELECT page_id FROM trash WHERE at <= ? AND NOT `+heldPage(`trash.page_id`, `trash.template_id`)+` ORDER BY at LIMIT ?)`, before, trashBatch)
		return err
	})
	return n, err
}

// purge deletes what of the trash a term chooses; by nil stands for who put it
// there.
func (db *DB) purge(ctx context.Context, t tx, by *form.Actor, term string, args ...any) (n int, err error) {
	who, given := `actor, user_id`, []any{}
	if by == nil {
		term += ` AND NOT ` + heldPage(`trash.page_id`, `trash.template_id`)
	} else {
		if err := refuseHeld(ctx, t, `SELECT 1 FROM trash WHERE `+heldPage(`trash.page_id`, `trash.template_id`)+` AND `+term, args...); err != nil {
			return 0, err
		}
		who, given = `?, ?`, []any{by.Kind, orNull(by.User)}
	}
	pages, err := collect(ctx, t, scanID[form.PageID], `
		INSERT INTO deletions (page_id, uid, document_id, number, part, submission_id, domain_id, actor, user_id, at)
		SELECT page_id, uid, document_id, number, part, submission_id, domain_id, `+who+`, ?
		FROM trash WHERE `+term+`
		RETURNING page_id`, slices.Concat(given, []any{millis(db.now())}, args)...)
	if err != nil || len(pages) == 0 {
		return 0, err
	}
	chosen, err := list(pages)
	if err != nil {
		return 0, err
	}
	of := ` WHERE ` + t.oneOf(`page_id`)
	for _, statement := range []string{
		loosen(`key`, `trash_blobs`, of), `DELETE FROM trash_blobs` + of, `DELETE FROM trash` + of,
	} {
		if _, err := t.exec(ctx, statement, chosen); err != nil {
			return 0, err
		}
	}
	a := Access{By: form.System, Act: "empty_trash", Pages: pages}
	if by != nil {
		a.By, a.Act = *by, AccessDelete
	}
	return len(pages), db.saw(ctx, t, a)
}

// PurgeOf deletes for good the page of a domain that the API called uid and that
// is in the trash. It returns form.ErrNotFound where there is none.
func (db *DB) PurgeOf(ctx context.Context, by form.Actor, domain form.DomainID, uid string) (err error) {
	defer wrap(&err, "purge page by uid")
	return db.update(ctx, func(t tx) error {
		n, err := db.purge(ctx, t, &by, `uid = ? AND domain_id = ?`, uid, domain)
		if err == nil && n == 0 {
			err = form.ErrNotFound
		}
		return err
	})
}

// A Trashed page is in the trash.
type Trashed struct {
	Page     form.PageID
	Name     string // of the document
	Number   int
	Part     int
	State    form.State // as it was
	Template string     // empty for none
	By       string     // who put it there; empty for who is no person
	At       time.Time  // when
}

// Label returns the number of the page in its file, for people.
func (p Trashed) Label() string { return form.PageLabel(p.Number, p.Part) }

// Gone returns when the page is deleted for good.
func (p Trashed) Gone() time.Time { return p.At.Add(TrashTime) }

// InTrash returns pages that are in the trash, those put there last first: at
// most n of those that follow page after, or of all for 0.
func (db *DB) InTrash(ctx context.Context, in form.Scope, after form.PageID, n int) (pages []Trashed, err error) {
	defer wrap(&err, "trash")
	err = db.view(ctx, func(t tx) error {
		var w where
		w.within(in, `x.domain_id`)
		w.and(after != 0, `(x.at, x.page_id) < ((SELECT at FROM trash WHERE page_id = ?), ?)`, after, after)
		pages, err = collect(ctx, t, scanTrashed, `
			SELECT x.page_id, x.name, x.number, x.part, x.state, coalesce(t.name, ''), coalesce(u.name, ''), x.at
			FROM trash x LEFT JOIN templates t ON t.id = x.template_id LEFT JOIN users u ON u.id = x.user_id`+
			w.String()+` ORDER BY x.at DESC, x.page_id DESC LIMIT ?`, append(w.args, limit(n))...)
		return err
	})
	return pages, err
}

func scanTrashed(scan func(...any) error) (p Trashed, err error) {
	var at int64
	err = scan(&p.Page, &p.Name, &p.Number, &p.Part, &p.State, &p.Template, &p.By, &at)
	p.At = fromMillis(at)
	return p, err
}

// CountTrash returns how many pages are in the trash, at most n.
func (db *DB) CountTrash(ctx context.Context, in form.Scope, n int) (pages int, err error) {
	defer wrap(&err, "count the trash")
	term, args := within(in, `domain_id`)
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `SELECT count(*) FROM (SELECT 1 FROM trash WHERE `+term+` LIMIT ?) AS some`, append(args, n)...)(&pages)
	})
	return pages, err
}
