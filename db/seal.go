package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/vault"
)

// What stands in fields of the law's classes, and in those that the office wants (see
// sealing.go), is encrypted in the database, each page
// under a key of its own, which is destroyed once the page is deleted. It is encrypted
// where it is written, by sealText, and opened where it is read, whoever reads it.
// Texts of a page that are the same are the same encrypted, so that statements compare
// them as ever; an empty one stays empty. Whether a field is, its reading says: its
// detail is encrypted, and never empty.

// A sealer encrypts and opens texts within a transaction.
type sealer struct {
	vault   *vault.Vault
	tokens  *vault.Tokener
	sealing *form.Sealing        // nil before it was wanted
	keys    map[vault.ID]textKey // in hand
}

func (db *DB) newSealer() *sealer {
	if db.vault == nil {
		return nil
	}
	return &sealer{vault: db.vault, tokens: db.tokens, keys: make(map[vault.ID]textKey)}
}

// A textKey is one of the keyring, or what stands for all texts under it.
type textKey struct {
	*vault.Texts
	instead string
}

const (
	// goneText stands for a text whose key was destroyed: that is so only where a backup
	// of before was restored.
	goneText = "(destroyed)"
	// keylessText stands for one whose key the keyring does not know: it is older than what
	// was restored, or kept no names of destroyed keys yet.
	keylessText = "(key missing)"
	// alteredText stands for one that is not what was encrypted.
	alteredText = "(altered)"
)

// opening has scan open what is encrypted of what it reads.
func (t tx) opening(ctx context.Context, scan func(...any) error) func(...any) error {
	if t.sealer == nil {
		return scan
	}
	return func(to ...any) error {
		if err := scan(to...); err != nil {
			return err
		}
		for _, v := range to {
			if err := t.sealer.openIn(ctx, v); err != nil {
				return err
			}
		}
		return nil
	}
}

// openIn opens what was scanned into v, where it is encrypted.
func (s *sealer) openIn(ctx context.Context, v any) (err error) {
	switch v := v.(type) {
	case *string:
		if vault.IsSealed(*v) {
			*v, _, err = s.open(ctx, *v)
		}
	case *sql.Null[string]:
		if vault.IsSealed(v.V) {
			v.V, _, err = s.open(ctx, v.V)
		}
	case *[]byte: // JSON
		if vault.IsSealed(*v) {
			text, whole, err := s.open(ctx, string(*v))
			if !whole {
				text = "null"
			}
			*v = []byte(text)
			return err
		}
	}
	return err
}

// open returns a text that is encrypted, or what stands for it. One that only looks so,
// because somebody typed it, stays as it is.
func (s *sealer) open(ctx context.Context, text string) (plain string, whole bool, err error) {
	id, err := vault.IDOf(text)
	if err != nil {
		return text, true, nil //nolint:nilerr // see above
	}
	key, known := s.keys[id]
	if !known {
		key.Texts, err = s.vault.TextsOf(ctx, text)
		switch {
		case errors.Is(err, vault.ErrDestroyed):
			key.instead = goneText
		case errors.Is(err, fs.ErrNotExist):
			key.instead = keylessText
		case err != nil:
			return "", false, err
		}
		s.keys[id] = key
	}
	if key.instead != "" {
		return key.instead, false, nil
	}
	if plain, err = key.Open(text); err != nil {
		return alteredText, false, nil //nolint:nilerr // who altered it must not keep others from reading the rest
	}
	return plain, true, nil
}

// textsOf returns what encrypts the texts of a page.
func (t tx) textsOf(ctx context.Context, page form.PageID) (*vault.Texts, error) {
	var uid string
	if err := t.row(ctx, `SELECT uid FROM pages WHERE id = ?`, page)(&uid); err != nil {
		return nil, err
	}
	return t.sealer.vault.Texts(ctx, pageName(uid))
}

// pageName is what the texts of a page are called to the vault, and to keys_due.
func pageName(uid string) string { return "page " + uid }

// sealOfCase returns what encrypts the texts of a test case, which are all of them:
// which of its fields are secret is for its template to say, and may change.
func (t tx) sealOfCase(ctx context.Context, id form.CaseID) (seal func(string) string, err error) {
	if t.sealer == nil {
		return func(text string) string { return text }, nil
	}
	texts, err := t.sealer.vault.Texts(ctx, fmt.Sprintf("case %d", id))
	if err != nil {
		return nil, err
	}
	return func(text string) string {
		if text == "" {
			return ""
		}
		return texts.Seal(text)
	}, nil
}

// sealText returns what a person or a program said of a field, as it is kept: encrypted
// where what was read there in a run is. For run 0 that is the one that counts.
func (t tx) sealText(ctx context.Context, page form.PageID, run int, field form.FieldID, text string) (string, error) {
	if t.sealer == nil || text == "" {
		return text, nil
	}
	var secret bool
	if err := t.row(ctx, `
		SELECT EXISTS (
			SELECT 1 FROM reading_details WHERE page_id = ? AND run = CASE ? WHEN 0 THEN (SELECT run FROM pages WHERE id = ?) ELSE ? END AND field = ?
			AND `+t.isSealed(`detail`)+`)`, page, run, page, run, field)(&secret); err != nil {
		return "", err
	}
	if !secret && !vault.IsSealed(text) { // what looks encrypted and is not, nobody could read
		return text, nil
	}
	texts, err := t.textsOf(ctx, page)
	if err != nil {
		return "", err
	}
	return texts.Seal(text), nil
}

// sealedPlaces returns the fields of a version that are encrypted, by the classes that
// they have by now.
func (db *DB) sealedPlaces(ctx context.Context, t tx, v version) (fields []form.FieldID, err error) {
	if t.sealer == nil || v.template == 0 {
		return nil, nil
	}
	e, err := db.edition(ctx, t, v)
	if err != nil {
		return nil, err
	}
	seals, err := t.seals(ctx)
	if err != nil {
		return nil, err
	}
	now, err := db.placesNow(ctx, t, v.template)
	if err != nil {
		return nil, err
	}
	for id, f := range e.places {
		if f.Personal = cmp.Or(now[id].Personal, f.Personal); seals(f) {
			fields = append(fields, id)
		}
	}
	return fields, nil
}

// token returns what stands in the index of values for one that is encrypted: the
// whole of it finds its pages, and no part does.
func (s *sealer) token(folded string) string { return s.tokens.Token(folded) }

// The names of the settings that say up to which page texts were looked at, whether
// they are encrypted as they are to be, and up to which they are to be looked at: those
// of later pages were encrypted as they came.
const (
	sealedUpTo = "texts sealed"
	sealUpTo   = "texts to seal"
)

// What these say, with their names as arguments. Until it is known how far to look that
// is as far as there are pages.
const (
	sealedSetting = `coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE name = ?), 0)`
	sealSetting   = `coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE name = ?), (SELECT max(id) FROM pages), 0)`
)

// caseColumnsSealed are the texts of test cases.
var caseColumnsSealed = []struct{ table, column string }{{"case_values", "text"}, {"case_results", "readings"}, {"case_results", "details"}}

// sealRest encrypts some texts of before of test cases and of pages in the trash, and
// reports whether there are more.
func (db *DB) sealRest(ctx context.Context) (more bool, err error) {
	err = db.update(ctx, func(t tx) error {
		if more, err = t.sealTrash(ctx); err != nil {
			return err
		}
		for _, c := range caseColumnsSealed {
			plain, err := collect(ctx, t, scanID[form.CaseID], `
				SELECT DISTINCT case_id FROM `+c.table+` WHERE `+c.column+` <> '' AND NOT `+t.isSealed(c.column)+` LIMIT ?`, sealBatch)
			if err != nil {
				return err
			}
			for _, id := range plain {
				if err := t.sealCase(ctx, id, c.table, c.column); err != nil {
					return err
				}
			}
			more = more || len(plain) == sealBatch
		}
		return nil
	})
	return more, err
}

// sealTrash encrypts what some pages in the trash have.
func (t tx) sealTrash(ctx context.Context) (more bool, err error) {
	type thrown struct {
		page          form.PageID
		uid, contents string
	}
	plain, err := collect(ctx, t, func(scan func(...any) error) (p thrown, err error) {
		return p, scan(&p.page, &p.uid, &p.contents)
	}, `SELECT page_id, uid, contents FROM trash WHERE NOT `+t.isSealed(`contents`)+` LIMIT ?`, sealBatch)
	for _, p := range plain {
		var texts *vault.Texts
		if err == nil {
			texts, err = t.sealer.vault.Texts(ctx, pageName(p.uid))
		}
		if err == nil {
			_, err = t.exec(ctx, `UPDATE trash SET contents = ? WHERE page_id = ?`, texts.Seal(p.contents), p.page)
		}
	}
	return len(plain) == sealBatch, err
}

func (t tx) sealCase(ctx context.Context, id form.CaseID, table, column string) error {
	seal, err := t.sealOfCase(ctx, id)
	if err != nil {
		return err
	}
	plain, err := collect(ctx, t, scanText[string], `
		SELECT DISTINCT `+column+` FROM `+table+` WHERE case_id = ? AND `+column+` <> '' AND NOT `+t.isSealed(column), id)
	for _, text := range plain {
		if err == nil {
			_, err = t.exec(ctx, `UPDATE `+table+` SET `+column+` = ? WHERE case_id = ? AND `+column+` = ?`, seal(text), id, text)
		}
	}
	return err
}

// sealBatch is how many pages are looked at in one go, while which nobody else writes.
const sealBatch = 20

// SealTexts encrypts the texts of some pages that were read by releases before, or
// before the office wanted that, opens those that it does not want encrypted any more,
// and reports whether there are more.
func (db *DB) SealTexts(ctx context.Context) (more bool, err error) {
	defer wrap(&err, "encrypt texts")
	if db.vault == nil {
		return false, nil
	}
	var last, end int64
	load := func(t tx) error {
		return t.row(ctx, `SELECT `+sealedSetting+`, `+sealSetting, sealedUpTo, sealUpTo)(&last, &end)
	}
	if err := db.view(ctx, load); err != nil {
		return false, err
	}
	if last >= end {
		return db.sealRest(ctx)
	}
	db.emptied.Store(noLog) // what was there as it was may be in the log
	err = db.update(ctx, func(t tx) error {
		if err := load(t); err != nil || last >= end {
			return err
		}
		pages, err := collect(ctx, t, scanID[form.PageID], `SELECT id FROM pages WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`, last, end, sealBatch)
		if err != nil {
			return err
		}
		for _, page := range pages {
			if err := db.sealPage(ctx, t, page); err != nil {
				return err
			}
			last = int64(page)
		}
		if len(pages) < sealBatch {
			last = end
		}
		return errors.Join(setNumber(ctx, t, sealedUpTo, last), setNumber(ctx, t, sealUpTo, end))
	})
	return true, err
}

func scanText[T ~string](scan func(...any) error) (text T, err error) {
	err = scan(&text)
	return text, err
}

// A turn has a field of a run be encrypted, or not any more.
type turn struct {
	run     int
	current bool // it is the run that counts
	field   form.FieldID
	seal    bool
}

// sealPage encrypts what a page has as it was, and is to be encrypted, and opens what is
// not.
func (db *DB) sealPage(ctx context.Context, t tx, page form.PageID) error {
	if t.sealer == nil {
		return nil
	}
	turns, err := db.turns(ctx, t, page)
	if err != nil || len(turns) == 0 {
		return err
	}
	texts, err := t.textsOf(ctx, page)
	if err != nil {
		return err
	}
	if err := setText(ctx, t, openingTexts, ""); err != nil {
		return err
	}
	for _, turn := range turns {
		if err := t.turn(ctx, texts, page, turn); err != nil {
			return err
		}
	}
	if _, err := t.exec(ctx, `DELETE FROM settings WHERE name = ?`, openingTexts); err != nil {
		return err
	}
	var tiled bool
	if err := t.row(ctx, `SELECT EXISTS (SELECT 1 FROM tiles WHERE page_id = ?)`, page)(&tiled); err != nil {
		return err
	}
	if tiled {
		if err := db.layTiles(ctx, t, page); err != nil {
			return err
		}
	}
	_, err = t.exec(ctx, `INSERT INTO texts_due (page_id) VALUES (?) ON CONFLICT DO NOTHING`, page)
	return err
}

// openingTexts is the name of the setting that is there, within a transaction, while
// what people said and machines read may be opened. Triggers refuse it else.
const openingTexts = "opening texts"

// turns returns which fields of a page are not as they are to be.
func (db *DB) turns(ctx context.Context, t tx, page form.PageID) (turns []turn, err error) {
	type run struct {
		version
		number  int
		current bool
	}
	runs, err := collect(ctx, t, func(scan func(...any) error) (r run, err error) {
		return r, scan(&r.number, &r.template, &r.version.number, &r.current)
	}, `
		SELECT r.number, coalesce(r.template_id, 0), coalesce(r.version, 0), r.number = p.run
		FROM runs r JOIN pages p ON p.id = r.page_id WHERE r.page_id = ?`, page)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		secret, err := db.sealedPlaces(ctx, t, r.version)
		if err != nil {
			return nil, err
		}
		fields, err := collect(ctx, t, func(scan func(...any) error) (f turn, err error) {
			var sealed bool
			err = scan(&f.field, &sealed)
			f.run, f.current, f.seal = r.number, r.current, !sealed
			return f, err
		}, `SELECT field, `+t.isSealed(`detail`)+` FROM reading_details WHERE page_id = ? AND run = ?`, page, r.number)
		if err != nil {
			return nil, err
		}
		for _, f := range fields {
			if slices.Contains(secret, f.field) == f.seal {
				turns = append(turns, f)
			}
		}
	}
	return turns, nil
}

// sealedColumns are the texts of a field of a run. The detail is the last: it says that
// the others are encrypted.
var sealedColumns = []struct{ table, column string }{
	{"readings", "text"}, {"corrections", "text"}, {"entries", "text"}, {"typed", "text"}, {"probes", "shown"}, {"reading_details", "detail"},
}

func (t tx) turn(ctx context.Context, texts *vault.Texts, page form.PageID, f turn) error {
	for _, c := range sealedColumns {
		if err := t.turnColumn(ctx, texts, f.seal, c.table, c.column, `page_id = ? AND field = ? AND run = ?`, page, f.field, f.run); err != nil {
			return err
		}
	}
	if !f.current {
		return nil
	}
	return t.turnColumn(ctx, texts, f.seal, "dry_values", "text", `page_id = ? AND field = ?`, page, f.field)
}

// turnColumn encrypts or opens what a column has in some rows. What cannot be opened
// stays, and so does what would look encrypted then, though it is not.
func (t tx) turnColumn(ctx context.Context, texts *vault.Texts, seal bool, table, column, rows string, of ...any) error {
	wanted := t.isSealed(column)
	if seal {
		wanted = `NOT ` + wanted
	}
	kept, err := t.asKept(ctx, `SELECT DISTINCT `+column+` FROM `+table+` WHERE `+rows+` AND `+column+` <> '' AND `+wanted, of...)
	if err != nil {
		return err
	}
	for _, text := range kept {
		next := ""
		if seal {
			next = texts.Seal(text)
		} else {
			plain, whole, err := t.sealer.open(ctx, text)
			if err != nil {
				return err
			}
			if !whole || vault.IsSealed(plain) {
				continue
			}
			next = plain
		}
		if _, err := t.exec(ctx, `UPDATE `+table+` SET `+column+` = ? WHERE `+rows+` AND `+column+` = ?`,
			slices.Concat([]any{next}, of, []any{text})...); err != nil {
			return err
		}
	}
	return nil
}

// asKept returns texts without opening those that are encrypted.
func (t tx) asKept(ctx context.Context, query string, args ...any) (texts []string, err error) {
	rows, err := t.QueryContext(ctx, t.bind(query), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}

// UnsealedPages returns how many pages SealTexts has still to look at: at most n.
func (db *DB) UnsealedPages(ctx context.Context, n int) (pages int, err error) {
	defer wrap(&err, "pages whose texts are not encrypted")
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `
			SELECT count(*) FROM (SELECT 1 FROM pages WHERE id > `+sealedSetting+` AND id <= `+sealSetting+` LIMIT ?) AS some`,
			sealedUpTo, sealUpTo, n)(&pages)
	})
	return pages, err
}

// DestroyTextKeys destroys some keys of pages and cases that were deleted for good,
// and reports whether there are more.
func (db *DB) DestroyTextKeys(ctx context.Context) (more bool, err error) {
	defer wrap(&err, "destroy keys of texts")
	if db.vault == nil {
		return false, nil
	}
	const most = 500
	var names []string
	if err := db.view(ctx, func(t tx) error {
		names, err = collect(ctx, t, scanText[string], `SELECT name FROM keys_due LIMIT ?`, most)
		return err
	}); err != nil || len(names) == 0 {
		return false, err
	}
	if err := db.vault.DestroyTexts(ctx, names); err != nil {
		return false, err
	}
	done, err := list(names)
	if err != nil {
		return false, err
	}
	return len(names) == most, db.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `DELETE FROM keys_due WHERE `+t.oneOf(`name`), done)
		return err
	})
}
