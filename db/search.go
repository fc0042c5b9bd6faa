package db

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seosik/seosik/internal/form"
)

// Pages are found by what they hold, and by the people who had to do with them,
// through an index that has a line for each page: its values, folded, and marks
// that say whose it is. Lines stand in the order of lists, so that the first of
// a list are found first, and marks cut down what is common to what is asked for.
// The index follows what changes within seconds: triggers note which pages are
// due, and IndexPages writes them anew. Personal data have an index of their own.

const (
	// indexBatch is how many pages are indexed in one go, while which nobody
	// else writes.
	indexBatch = 50
	// A value is found by its first characters, and a page by those of its values
	// that come first: a book is no form.
	foundValue = 500
	foundPage  = 8000
)

// spotOf returns the expression for where page p stands in the index.
const spotOf = `(p.document_id * 8388608 + 8388607 - p.number * 128 - p.part)`

const spotsOfDocument = 8388608 // numbers up to 65535 of up to 127 parts

func (s spot) key() int64 {
	return int64(s.document)*spotsOfDocument + spotsOfDocument - 1 - int64(s.number)*128 - int64(s.part)
}

// A textTable is one of the indexes.
type textTable struct{ texts, words string }

var (
	openTexts     = textTable{"page_texts", "page_words"}
	personalTexts = textTable{"personal_texts", "personal_words"}
)

// IndexPages writes some of the pages that are due into the index, and returns
// how many. There are no more where it returns 0.
func (db *DB) IndexPages(ctx context.Context) (n int, err error) {
	defer wrap(&err, "index pages")
	var due bool // mostly there are none, which keeps nobody from writing
	if err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `SELECT EXISTS (SELECT 1 FROM texts_due)`)(&due)
	}); err != nil || !due {
		return 0, err
	}
	err = db.update(ctx, func(t tx) error {
		pages, err := collect(ctx, t, scanID[form.PageID], `
			DELETE FROM texts_due WHERE page_id IN (SELECT page_id FROM texts_due ORDER BY page_id DESC LIMIT ?)
			RETURNING page_id`, indexBatch)
		if n = len(pages); err != nil || n == 0 {
			return err
		}
		return db.indexPages(ctx, t, pages)
	})
	return n, err
}

// An indexed page is what the index says of it.
type indexed struct {
	page     form.PageID
	template form.TemplateID
	version  int
	spot     int64
	marks    string
	text     [2]string // open, personal
}

func (db *DB) indexPages(ctx context.Context, t tx, ids []form.PageID) error {
	chosen, err := list(ids)
	if err != nil {
		return err
	}
	pages, err := collect(ctx, t, scanIndexed, `
		SELECT p.id, coalesce(p.template_id, 0), coalesce(p.version, 0), `+spotOf+`, p.domain_id, p.state, coalesce(s.user_id, 0)
		FROM `+t.each()+t.then(`pages p`, `p.id = n.value`)+t.then(`documents d`, `d.id = p.document_id`)+
		t.then(`submissions s`, `s.id = d.submission_id`), chosen)
	if err != nil {
		return err
	}
	read, err := plainReadings(ctx, t, chosen)
	if err != nil {
		return err
	}
	said, err := correctionsOf(ctx, t, chosen)
	if err != nil {
		return err
	}
	seals, err := t.seals(ctx)
	if err != nil {
		return err
	}
	probed, err := openProbes(ctx, t, chosen)
	if err != nil {
		return err
	}
	places := make(map[[2]int64][]form.Field)
	for _, p := range pages {
		of := [2]int64{int64(p.template), int64(p.version)}
		if p.template != 0 && places[of] == nil {
			f, err := templateByID(ctx, t, p.template, p.version)
			if err != nil {
				return err
			}
			if places[of], err = db.classed(ctx, t, f); err != nil {
				return err
			}
		}
		for _, c := range said[p.page] {
			p.mark("u%d", c.By)
		}
		values := form.ValuesAt(places[of], read[p.page], said[p.page])
		p.write(t.foundBy(seals, withoutProbe(values, probed[p.page])))
		if err := p.store(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// classed returns the places of f with the classes that they have by now: what is
// personal data only since, or of another class, is found as such on older pages too.
func (db *DB) classed(ctx context.Context, t tx, f *form.Template) ([]form.Field, error) {
	now, err := db.placesNow(ctx, t, f.ID)
	places := f.Places()
	for i := range places {
		places[i].Personal = cmp.Or(now[places[i].ID].Personal, places[i].Personal)
	}
	return places, err
}

// reclass has pages found anew, their tiles laid anew and their texts encrypted, that
// were read by another version than f, which is in use from now on, and in which
// something is of a class that it was not.
func (db *DB) reclass(ctx context.Context, t tx, f *form.Template) error {
	now := make(map[form.FieldID]form.Personal)
	for _, p := range f.Places() {
		now[p.ID] = p.Personal
	}
	others, err := collect(ctx, t, scanTemplate, `
		SELECT `+versionColumns+` FROM templates t JOIN template_versions v ON v.template_id = t.id
		WHERE t.id = ? AND v.version <> ?`, f.ID, f.Version)
	if err != nil {
		return err
	}
	for _, of := range others {
		if !slices.ContainsFunc(of.Places(), func(p form.Field) bool { return now[p.ID] != "" && p.Personal != now[p.ID] }) {
			continue
		}
		for _, statement := range []string{
			`INSERT INTO texts_due SELECT id FROM pages WHERE template_id = ? AND version = ? ON CONFLICT DO NOTHING`,
			`INSERT INTO untiled SELECT id FROM pages WHERE template_id = ? AND version = ? AND doubtful > 0 ON CONFLICT DO NOTHING`,
		} {
			if _, err := t.exec(ctx, statement, f.ID, of.Version); err != nil {
				return err
			}
		}
		if err := t.sealAnew(ctx); err != nil {
			return err
		}
	}
	return nil
}

func scanIndexed(scan func(...any) error) (p indexed, err error) {
	var domain form.DomainID
	var state form.State
	var by form.UserID
	if err = scan(&p.page, &p.template, &p.version, &p.spot, &domain, &state, &by); err != nil {
		return p, err
	}
	p.mark("d%d", domain)
	p.mark("t%d", p.template)
	p.mark("s%s", state)
	if by != 0 {
		p.mark("u%d", by)
	}
	return p, nil
}

// mark adds a mark, once.
func (p *indexed) mark(format string, of any) {
	m := "!" + fmt.Sprintf(format, of)
	if !slices.Contains(strings.Split(p.marks, "\n"), m) {
		p.marks = strings.TrimPrefix(p.marks+"\n"+m, "\n")
	}
}

// A foundBy is what a value is found by.
type foundBy struct {
	personal bool
	texts    []string // folded
}

// foundBy returns what values are found by: those that are encrypted by tokens.
func (t tx) foundBy(seals func(form.Field) bool, values []form.Value) (list []foundBy) {
	for _, v := range values {
		of := foundBy{v.Field.Personal != "", v.FoundBy()}
		for i, text := range of.texts {
			if of.texts[i] = firstRunes(text, foundValue); seals(v.Field) {
				of.texts[i] = t.sealer.token(text)
			}
		}
		list = append(list, of)
	}
	return list
}

// write adds what p is found by.
func (p *indexed) write(values []foundBy) {
	var length [2]int
	for _, v := range values {
		i := 0
		if v.personal {
			i = 1
		}
		for _, text := range v.texts {
			if length[i] += utf8.RuneCountInString(text) + 1; length[i] > foundPage {
				break
			}
			if p.text[i] != "" {
				p.text[i] += "\n"
			}
			p.text[i] += text
		}
	}
}

// firstRunes returns the first n characters of s.
func firstRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// store writes what has changed.
func (p *indexed) store(ctx context.Context, t tx) error {
	for i, table := range []textTable{openTexts, personalTexts} {
		wanted := i == 0 || p.text[i] != ""
		var same bool
		if err := t.row(ctx, `SELECT EXISTS (SELECT 1 FROM `+table.texts+` WHERE page_id = ? AND spot = ? AND marks = ? AND text = ?)`,
			p.page, p.spot, p.marks, p.text[i])(&same); err != nil {
			return err
		}
		if same && wanted {
			continue
		}
		if _, err := t.exec(ctx, `DELETE FROM `+table.texts+` WHERE page_id = ?`, p.page); err != nil {
			return err
		}
		if !wanted {
			continue
		}
		if _, err := t.exec(ctx, `INSERT INTO `+table.texts+` (spot, page_id, marks, text) VALUES (?, ?, ?, ?)`,
			p.spot, p.page, p.marks, p.text[i]); err != nil {
			return err
		}
	}
	return nil
}

// Unindexed returns how many pages are due: at most n. They are not found by what
// is new about them.
func (db *DB) Unindexed(ctx context.Context, n int) (pages int, err error) {
	defer wrap(&err, "unindexed pages")
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `SELECT count(*) FROM (SELECT 1 FROM texts_due LIMIT ?) AS some`, n)(&pages)
	})
	return pages, err
}

// looksAtTexts reports whether pages are to be found in the index.
func (f *PageFilter) looksAtTexts() bool { return f.Value != "" || f.Person != 0 }

// found looks through the index.
func (c *choice) found(ctx context.Context, t tx) ([]form.PageID, error) {
	value := form.Folded(c.Value)
	if value == "" && c.Value != "" {
		return nil, nil
	}
	query := func(table textTable, words, value string) (string, []any) { return c.textsFound(table, words, value) }
	if c.Name != "" {
		documents, all, err := c.rarelyNamed(ctx, t)
		if err != nil {
			return nil, err
		}
		if all {
			query = func(table textTable, _, value string) (string, []any) { return c.textsAmong(table, documents, value) }
		}
	}
	texts := []string{value}
	if t.sealer != nil && value != "" {
		texts = append(texts, t.sealer.token(value))
	}
	var sought []soughtText
	for _, text := range texts {
		sought = append(sought, soughtText{openTexts, text})
		if c.Personal && value != "" {
			sought = append(sought, soughtText{personalTexts, text})
		}
	}
	var parts []string
	var args []any
	for _, s := range sought {
		words, err := c.words(ctx, t, s.table, s.text)
		if err != nil {
			return nil, err
		}
		part, more := query(s.table, words, s.text)
		parts = append(parts, `SELECT id, spot FROM (`+part+`) AS found`)
		args = append(args, more...)
	}
	return collect(ctx, t, scanID[form.PageID],
		`SELECT id FROM (`+strings.Join(parts, ` UNION `)+`) AS all_found ORDER BY spot`+c.order.spots()+` LIMIT ?`, append(args, limit(c.Limit))...)
}

// A soughtText is looked for in an index.
type soughtText struct {
	table textTable
	text  string
}

const (
	sampled = 200 // texts that tell which parts are common
	// A part that is in more than a quarter of those finds next to nothing, and is as
	// slow as there are pages; a few of the others find as much as all do.
	commonShare = 0.25
	rareParts   = 4
)

// words returns what finds a text in an index: the rarest of its parts, as the
// newest pages that hold something have them. Whether it is there is seen in the end.
func (c *choice) words(ctx context.Context, t tx, table textTable, value string) (string, error) {
	parts := t.textParts(value)
	if len(parts) == 0 {
		return t.textWords(value), nil
	}
	texts, err := collect(ctx, t, func(scan func(...any) error) (text string, err error) { return text, scan(&text) },
		`SELECT text FROM (SELECT text FROM `+table.texts+` ORDER BY spot DESC LIMIT ?) AS newest WHERE text <> '' LIMIT ?`, 10*sampled, sampled)
	if err != nil {
		return "", err
	}
	among := make(map[string]int)
	for _, part := range parts {
		for _, text := range texts {
			if strings.Contains(text, part) {
				among[part]++
			}
		}
	}
	slices.SortStableFunc(parts, func(a, b string) int { return among[a] - among[b] })
	n := 0
	for n < min(rareParts, len(parts)) && float64(among[parts[n]]) <= commonShare*float64(len(texts)) {
		n++
	}
	if n == 0 && c.marks("") == "" {
		n = 1
	}
	return t.partWords(parts[:n]), nil
}

// marks returns what finds, in an index, what words do among the pages that the
// marks tell.
func (c *choice) marks(words string) string {
	var terms []string
	if c.Person != 0 {
		terms = append(terms, fmt.Sprintf(`"!u%d"`, c.Person))
	}
	if c.Template != 0 {
		terms = append(terms, fmt.Sprintf(`"!t%d"`, c.Template))
	}
	if some, all := c.within.Domains(); !all {
		var domains []string
		for _, d := range some {
			domains = append(domains, fmt.Sprintf(`"!d%d"`, d))
		}
		terms = append(terms, `(`+strings.Join(domains, ` OR `)+`)`)
	}
	if len(c.States) > 0 {
		var states []string
		for _, s := range c.States {
			states = append(states, fmt.Sprintf(`"!s%s"`, s))
		}
		terms = append(terms, `(`+strings.Join(states, ` OR `)+`)`)
	}
	if words != "" {
		terms = append(terms, words)
	}
	return strings.Join(terms, ` AND `)
}

// textsFound selects the first pages that are found in an index, in order. What
// changed lately may be marked as it was: the page itself counts.
func (c *choice) textsFound(table textTable, words, value string) (query string, args []any) {
	w := c.ofPage()
	more := c.then(`pages p`, `p.id = x.page_id`)
	if c.looksAtDocuments() {
		more += c.then(`documents d`, `d.id = p.document_id`)
	}
	first, last := c.spots()
	query = c.textQuery(table, more, strings.Join(c.rest(w).terms, ` AND `), c.order)
	return query, slices.Concat([]any{c.marks(words), first, last, value}, w.args, []any{limit(c.Limit)})
}

// ofPage returns what is asked of page p.
func (c *choice) ofPage() *where {
	w := new(where)
	w.within(c.within, `p.domain_id`)
	w.and(c.Template != 0, `p.template_id = ?`, c.Template)
	w.and(len(c.States) > 0, `p.state IN (`+marks(len(c.States))+`)`, anys(c.States)...)
	return w
}

// rarelyNamed returns the documents with the name, a list, and whether these are
// all: among few, pages are looked at one by one.
func (c *choice) rarelyNamed(ctx context.Context, t tx) (documents string, all bool, err error) {
	query, may := t.nameQuery(c.Name)
	if !may {
		return `[]`, true, nil
	}
	ids, more, err := c.documentsNamed(ctx, t, query, fewNames[len(fewNames)-1])
	if err != nil || more {
		return "", false, err
	}
	documents, err = list(ids)
	return documents, true, err
}

// textsAmong selects the first pages of documents, a list, of which an index says
// that they are found.
func (c *choice) textsAmong(table textTable, documents, value string) (query string, args []any) {
	w := c.ofPage()
	w.and(true, `instr(x.text, ?) > 0`, value)
	w.and(c.Person != 0, `instr(x.marks || char(10), ?) > 0`, fmt.Sprintf("!u%d\n", c.Person))
	c.rest(w)
	return `SELECT p.id, x.spot AS spot FROM ` + c.each() + c.then(`pages p`, `p.document_id = n.value`) +
			c.then(`documents d`, `d.id = p.document_id`) + c.then(table.texts+` x`, `x.page_id = p.id`) + w.String() +
			` ORDER BY x.spot` + c.order.spots() + ` LIMIT ?`,
		slices.Concat([]any{documents}, w.args, []any{limit(c.Limit)})
}

// spots returns the first and the last place in the index that a page may have.
func (c *choice) spots() (first, last int64) {
	first, last = math.MinInt64, math.MaxInt64
	if c.bounds != unbounded {
		first = int64(c.bounds.first) * spotsOfDocument
		last = int64(min(c.bounds.last, math.MaxInt64/spotsOfDocument-1)+1)*spotsOfDocument - 1
	}
	switch {
	case c.after == spot{}:
	case c.order == newestLast:
		first = max(first, c.after.key()+1)
	default:
		last = min(last, c.after.key()-1)
	}
	return first, last
}

// CountPages returns how many pages f chooses, but not more than most, and
// whether there are more. Where nothing but states, a template and a domain
// choose, they are counted exactly.
func (db *DB) CountPages(ctx context.Context, in form.Scope, f PageFilter, most int) (n int, more bool, err error) {
	defer wrap(&err, "count pages")
	f.within, f.After, f.Limit = in.Narrow(f.Domain), 0, most+1
	err = db.view(ctx, func(t tx) error {
		if f.Submission == 0 && f.From.IsZero() && f.To.IsZero() && f.Name == "" && !f.looksAtTexts() {
			n, err = countPages(ctx, t, &f)
			return err
		}
		ids, err := f.choose(ctx, t, newestFirst)
		n, more = min(len(ids), most), len(ids) > most
		return err
	})
	return n, more, err
}

// PageIDs returns the pages that f chooses, as Pages does.
func (db *DB) PageIDs(ctx context.Context, in form.Scope, f PageFilter) (ids []form.PageID, err error) {
	defer wrap(&err, "ids of pages")
	f.within = in.Narrow(f.Domain)
	err = db.view(ctx, func(t tx) error {
		ids, err = f.choose(ctx, t, newestFirst)
		return err
	})
	return ids, err
}

// ValuesWith returns, of each of some pages, the values that hold a text, or did
// as the machine read them; with those of personal data or without. What is found by
// nothing, see [form.Value.FoundBy], is not among them, nor what a probe asks of somebody.
func (db *DB) ValuesWith(ctx context.Context, in form.Scope, ids []form.PageID, text string, personal bool) (of map[form.PageID][]form.Value, err error) {
	defer wrap(&err, "values with a text")
	of = make(map[form.PageID][]form.Value)
	text = form.Folded(text)
	chosen, err := list(ids)
	if err != nil || text == "" {
		return of, err
	}
	err = db.view(ctx, func(t tx) error {
		pages, err := collect(ctx, t, scanPage, `SELECT `+pageColumns+pageTables+` WHERE `+t.oneOf(`p.id`), chosen)
		if err != nil {
			return err
		}
		pages = slices.DeleteFunc(pages, func(p form.PageInfo) bool { return p.Template == 0 || !in.Has(p.Domain) })
		records, err := recordsByVersion(ctx, t, pages)
		if err != nil {
			return err
		}
		probed, err := openProbes(ctx, t, chosen)
		for _, r := range records {
			of[r.Page.ID] = valuesWith(withoutProbe(r.Values, probed[r.Page.ID]), text, personal)
		}
		return err
	})
	return of, err
}

func valuesWith(values []form.Value, text string, personal bool) (found []form.Value) {
	for _, v := range values {
		if v.Field.Personal != "" && !personal {
			continue
		}
		if slices.ContainsFunc(v.FoundBy(), func(s string) bool { return strings.Contains(s, text) }) {
			found = append(found, v)
		}
	}
	return found
}
