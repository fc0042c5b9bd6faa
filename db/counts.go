package db

import (
	"context"

	"github.com/seosik/seosik/internal/form"
)

// NeedPerson returns how many pages wait for a person.
func (db *DB) NeedPerson(ctx context.Context, in form.Scope, f ReviewFilter) (n int, err error) {
	defer wrap(&err, "pages that wait for a person")
	f.within = in.Narrow(f.Domain)
	err = db.view(ctx, func(t tx) error {
		if f.Submission != 0 {
			n, err = needPersonOf(ctx, t, f)
			return err
		}
		all := f.pages()
		n, err = countPages(ctx, t, &all)
		return err
	})
	return n, err
}

// countPages returns how many pages there are of the domains and the template of
// f, and in its states.
func countPages(ctx context.Context, t tx, f *PageFilter) (n int, err error) {
	var w where
	w.within(f.within, `domain_id`)
	w.and(f.Template != 0, `template_id = ?`, f.Template)
	w.and(len(f.States) > 0, `state IN (`+marks(len(f.States))+`)`, anys(f.States)...)
	err = t.row(ctx, `SELECT coalesce(sum(n), 0) FROM page_counts`+w.String(), w.args...)(&n)
	return n, err
}

// needPersonOf counts those of a submission one by one.
func needPersonOf(ctx context.Context, t tx, f ReviewFilter) (n int, err error) {
	var w where
	w.and(true, `d.submission_id = ?`, f.Submission)
	w.and(true, `p.state IN ('review', 'unmatched')`)
	w.within(f.within, `p.domain_id`)
	w.and(f.Template != 0, `p.template_id = ?`, f.Template)
	err = t.row(ctx, `
		SELECT count(*) FROM documents d`+t.then(`pages p`, `p.document_id = d.id`)+w.String(), w.args...)(&n)
	return n, err
}

// doubtfulColumn counts the values of page p that are doubted and of which
// nobody has said anything, and that it is to be looked at again. People are not
// asked about the title.
const doubtfulColumn = `(
		SELECT count(*) FROM readings r
		WHERE r.page_id = p.id AND r.run = p.run AND r.reasons <> '' AND r.field <> '` + string(form.TitleID) + `'
		AND NOT ` + spokenOf + `)
		+ (SELECT count(*) FROM reopenings o WHERE o.page_id = p.id AND o.closed_at IS NULL)`

// spokenOf is the term that people have said something of field r.field of page p
// that counts: what they said last was not that it does not.
const spokenOf = `coalesce((
			SELECT c.mark <> 'withdrawn' FROM corrections c
			WHERE c.page_id = p.id AND c.run >= p.said_from AND c.field = r.field
			ORDER BY c.id DESC LIMIT 1), FALSE)`

// countDoubt counts the doubtful values of a page anew, of which something has
// been read or said.
func countDoubt(ctx context.Context, t tx, page form.PageID) error {
	if _, err := t.exec(ctx, `UPDATE pages AS p SET doubtful = `+doubtfulColumn+` WHERE p.id = ?`, page); err != nil {
		return err
	}
	return await(ctx, t, page)
}
