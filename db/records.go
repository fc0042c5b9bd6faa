package db

import (
	"context"
	"slices"

	"github.com/seosik/seosik/internal/form"
)

// Records returns the records of pages of a domain, as Record does, in the
// order of uids; those that the domain does not have are left out.
func (db *DB) Records(ctx context.Context, domain form.DomainID, uids []string) (records []form.Record, err error) {
	defer wrap(&err, "records of domain %d", domain)
	err = db.view(ctx, func(t tx) error {
		pages, err := collect(ctx, t, scanPage, `SELECT `+pageColumns+pageTables+`
			WHERE p.domain_id = ? AND p.uid IN (`+marks(len(uids))+`)`, append([]any{domain}, anys(uids)...)...)
		if err != nil {
			return err
		}
		records, err = recordsByVersion(ctx, t, pages)
		return err
	})
	slices.SortFunc(records, func(a, b form.Record) int { return slices.Index(uids, a.Page.UID) - slices.Index(uids, b.Page.UID) })
	return records, err
}

// recordsByVersion returns the records of pages, in any order, each by the
// version of the template with which it was read.
func recordsByVersion(ctx context.Context, t tx, pages []form.PageInfo) (records []form.Record, err error) {
	of := make(map[version][]form.PageInfo)
	for _, p := range pages {
		v := version{p.Template, p.Version}
		of[v] = append(of[v], p)
	}
	for v, pages := range of {
		if v.template == 0 {
			for _, p := range pages {
				records = append(records, form.Record{Page: p})
			}
			continue
		}
		f, err := templateByID(ctx, t, v.template, v.number)
		if err != nil {
			return nil, err
		}
		if err := addLists(ctx, t, f); err != nil {
			return nil, err
		}
		list, err := recordsOf(ctx, t, f, pages)
		if err != nil {
			return nil, err
		}
		records = append(records, list...)
	}
	return records, nil
}
