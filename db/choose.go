package db

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// Every list of pages walks an index, in the order of the list, until it has
// what it shows: with a million pages it takes no longer than with a thousand.
// So pages are chosen state by state, each by the index that fits, and merged;
// days and submissions are bounds on documents; and a name that few documents
// have is looked up before their pages are.

// An order is that of a list of pages by their documents. The pages of a
// document are in their own.
type order int

const (
	oldestFirst order = iota
	newestFirst
	newestLast // newestFirst backwards
)

// documents returns how documents are ordered.
func (o order) documents() string {
	if o == newestFirst {
		return ` DESC`
	}
	return ``
}

// spots returns how places in the index of texts are ordered, which are those of
// newestFirst backwards.
func (o order) spots() string {
	if o == newestLast {
		return ``
	}
	return ` DESC`
}

// by returns the clause that orders pages, whose columns begin with prefix.
func (o order) by(prefix string) string {
	pages := ``
	if o == newestLast {
		pages = ` DESC`
	}
	return ` ORDER BY ` + prefix + `document_id` + o.documents() + `, ` + prefix + `number` + pages + `, ` + prefix + `part` + pages
}

// bounds are the first and the last document that pages may be of.
type bounds struct{ first, last form.DocumentID }

var unbounded = bounds{1, math.MaxInt64}

func (b bounds) and(c bounds) bounds { return bounds{max(b.first, c.first), min(b.last, c.last)} }

// A choice is a filter with what is found out before any page is looked at.
type choice struct {
	*PageFilter
	order  order
	bounds bounds
	after  spot
	dialect
}

// choose returns the first pages, in order o, that f chooses.
func (f *PageFilter) choose(ctx context.Context, t tx, o order) (ids []form.PageID, err error) {
	c := choice{PageFilter: f, order: o, bounds: unbounded, dialect: t.dialect}
	if err := c.bound(ctx, t); err != nil {
		return nil, err
	}
	if f.After != 0 {
		if c.after, err = place(ctx, t, f.After); err != nil {
			return nil, err
		}
		if o == newestFirst {
			c.bounds.last = min(c.bounds.last, c.after.document)
		} else {
			c.bounds.first = max(c.bounds.first, c.after.document)
		}
	}
	query, may := t.nameQuery(f.Name)
	switch {
	case c.bounds.first > c.bounds.last || !may || f.within.Empty():
		return nil, nil
	case f.looksAtTexts():
		return c.found(ctx, t)
	case query != "":
		return c.named(ctx, t, query)
	}
	return c.walk(ctx, t)
}

// bound bounds the documents by when they came and with what.
func (c *choice) bound(ctx context.Context, t tx) error {
	if !c.From.IsZero() || !c.To.IsZero() {
		b, err := received(ctx, t, c.From, c.To)
		if err != nil {
			return err
		}
		c.bounds = c.bounds.and(b)
	}
	if c.Submission != 0 {
		b, err := submitted(ctx, t, c.Submission)
		if err != nil {
			return err
		}
		c.bounds = c.bounds.and(b)
	}
	return nil
}

// received returns bounds of the documents that came from from and before to.
// Others may lie between them.
func received(ctx context.Context, t tx, from, to time.Time) (b bounds, err error) {
	first, last := int64(math.MinInt64), int64(math.MaxInt64)
	if !from.IsZero() {
		first = hour(millis(from))
	}
	if !to.IsZero() {
		last = hour(millis(to) - 1)
	}
	err = t.row(ctx, `
		SELECT coalesce(min(first), 1), coalesce(max(last), 0) FROM received
		WHERE hour BETWEEN ? AND ?`, first, last)(&b.first, &b.last)
	return b, err
}

func hour(ms int64) int64 { return ms / time.Hour.Milliseconds() }

// submitted returns bounds of the documents of a submission.
func submitted(ctx context.Context, t tx, id form.SubmissionID) (b bounds, err error) {
	err = t.row(ctx, `
		SELECT
			coalesce((SELECT min(id) FROM documents WHERE submission_id = ?), 1),
			coalesce((SELECT max(id) FROM documents WHERE submission_id = ?), 0)`, id, id)(&b.first, &b.last)
	return b, err
}

// walk looks through the pages of each state.
func (c *choice) walk(ctx context.Context, t tx) ([]form.PageID, error) {
	query, args := c.walkQuery()
	return collect(ctx, t, scanID[form.PageID], query, args...)
}

func (c *choice) walkQuery() (query string, args []any) {
	var parts []string
	for _, in := range oneByOne(c.within, c.Template) {
		for _, s := range c.states() {
			table, w := c.source(in, s)
			if c.looksAtDocuments() {
				table += c.then(`documents d`, `d.id = p.document_id`)
			}
			parts = append(parts, `
			SELECT * FROM (
				SELECT p.id, p.document_id, p.number, p.part FROM `+table+c.rest(w).String()+c.order.by(`p.`)+` LIMIT ?) AS found`)
			args = append(append(args, w.args...), limit(c.Limit))
		}
	}
	query = `SELECT id FROM (` + strings.Join(parts, ` UNION ALL `) + `) AS all_found` + c.order.by(``) + ` LIMIT ?`
	return query, append(args, limit(c.Limit))
}

// oneByOne returns what an index looks through one by one: each domain, where
// these are not all and no template says which it is.
func oneByOne(in form.Scope, template form.TemplateID) (list []form.Scope) {
	some, all := in.Domains()
	if all || template != 0 {
		return []form.Scope{in}
	}
	for _, d := range some {
		list = append(list, form.Within(d))
	}
	return list
}

// states returns the states to look through one by one; the empty one is
// for all together, which no index needs to tell apart.
func (c *choice) states() []form.State {
	if _, all := c.within.Domains(); all && len(c.States) == 0 && c.Template == 0 {
		return []form.State{""}
	}
	return slices.DeleteFunc(slices.Clone(form.States), func(s form.State) bool {
		return len(c.States) > 0 && !slices.Contains(c.States, s)
	})
}

// source returns where the pages in a state are found, and what is asked there.
func (c *choice) source(in form.Scope, s form.State) (table string, w *where) {
	w = new(where)
	_, all := in.Domains()
	switch {
	case c.Template != 0:
		table = `pages p` + c.by(`pages_template_state`)
		w.and(true, `p.template_id = ?`, c.Template)
		w.within(in, `p.domain_id`)
	case !all:
		table = `pages p` + c.by(`pages_domain_state`)
		w.within(in, `p.domain_id`)
	case s != "":
		table = `pages p` + c.by(`pages_state`)
	default:
		table = `pages p`
	}
	w.and(s != "", `p.state = ?`, s)
	w.and(c.bounds != unbounded, c.loose(`p.document_id >= ?`)+` AND `+c.loose(`p.document_id <= ?`), c.bounds.first, c.bounds.last)
	return table, w
}

// looksAtDocuments reports whether the document of a page has to be asked.
func (c *choice) looksAtDocuments() bool {
	return !c.From.IsZero() || !c.To.IsZero() || c.Submission != 0 || c.Name != ""
}

// rest adds to w what no index tells of a page and its document d.
func (c *choice) rest(w *where) *where {
	before := `NOT (p.document_id = ? AND (p.number < ? OR p.number = ? AND p.part <= ?))`
	if c.order == newestLast {
		before = `NOT (p.document_id = ? AND (p.number > ? OR p.number = ? AND p.part >= ?))`
	}
	w.and(c.after != spot{}, before, c.after.document, c.after.number, c.after.number, c.after.part)
	w.and(c.Open, `(p.state <> 'review' OR p.doubtful > p.awaiting OR p.awaiting = 0)`)
	w.and(!c.From.IsZero(), `d.created_at >= ?`, millis(c.From))
	w.and(!c.To.IsZero(), `d.created_at < ?`, millis(c.To))
	w.and(c.Submission != 0, `d.submission_id = ?`, c.Submission)
	w.and(c.Name != "", c.like(`d.name`), likePattern(c.Name))
	return w
}

// fewNames are how many documents are found by their names before their pages
// are looked at: so many first, and where that is not enough, so many. A name
// that more have is soon met among all pages.
var fewNames = []int{200, 2000}

// fewPages are how many pages are looked through faster than names are looked
// up.
var fewPages = 4000

// named looks through the pages of documents that are found by their names.
func (c *choice) named(ctx context.Context, t tx, query string) ([]form.PageID, error) {
	if n, err := countPages(ctx, t, c.PageFilter); err != nil {
		return nil, err
	} else if n <= fewPages {
		return c.walk(ctx, t)
	}
	for _, n := range fewNames {
		documents, more, err := c.documentsNamed(ctx, t, query, n)
		if err != nil || len(documents) == 0 {
			return nil, err
		}
		pages, err := c.pagesAmong(ctx, t, documents)
		if err != nil || len(pages) == limit(c.Limit) || !more {
			return pages, err
		}
	}
	return c.walk(ctx, t)
}

// documentsNamed returns documents that have the name, in order: at most n, and
// whether there are more. What the index of names finds may have the parts of
// the name apart from each other.
func (c *choice) documentsNamed(ctx context.Context, t tx, query string, n int) (ids []form.DocumentID, more bool, err error) {
	ids, err = collect(ctx, t, scanID[form.DocumentID], t.namedQuery(c.order), query, c.bounds.first, c.bounds.last, likePattern(c.Name), n+1)
	return ids[:min(len(ids), n)], len(ids) > n, err
}

// pagesAmong returns the first pages of those documents.
func (c *choice) pagesAmong(ctx context.Context, t tx, documents []form.DocumentID) ([]form.PageID, error) {
	among, err := list(documents)
	if err != nil {
		return nil, err
	}
	var w where
	w.and(c.Template != 0, `p.template_id = ?`, c.Template)
	w.within(c.within, `p.domain_id`)
	w.and(len(c.States) > 0, `p.state IN (`+marks(len(c.States))+`)`, anys(c.States)...)
	return collect(ctx, t, scanID[form.PageID], `
		SELECT p.id FROM `+c.each()+c.then(`pages p`, `p.document_id = n.value`)+c.then(`documents d`, `d.id = p.document_id`)+
		c.rest(&w).String()+c.order.by(`p.`)+` LIMIT ?`, slices.Concat([]any{among}, w.args, []any{limit(c.Limit)})...)
}
