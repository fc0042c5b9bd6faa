package reader

import (
	"context"
	"errors"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/scan"
)

// ErrNoPage reports a file without the page asked for.
var ErrNoPage = errors.New("reader: no such page")

// ReadAs reads one page of file, counted from 1, as a template that a person
// has picked. Where the person has also shown where it lies, about is
// template px to page px, and is kept as it is if print cannot make it more
// exact; otherwise about is nil. The page is in form.StateUnmatched where the
// template is not in cat or is not found on the page.
func (r *Reader) ReadAs(ctx context.Context, file []byte, number int, cat *Catalog, id form.TemplateID, about *geom.Homography) (Result, error) {
	for page, err := range scan.Pages(ctx, file, r.cfg.Limits) {
		if ctx.Err() != nil {
			return Result{}, ctx.Err()
		}
		if err != nil && max(1, page.Number) == number {
			return r.failed(number, err), nil
		}
		if page.Number == number {
			res := r.pageAs(ctx, page, cat.Only(id), about)
			return res, ctx.Err()
		}
	}
	return Result{}, ErrNoPage
}

// pageAs reads a page as the only template of cat.
func (r *Reader) pageAs(ctx context.Context, scanned scan.Page, cat *Catalog, about *geom.Homography) Result {
	res, err := started(scanned)
	if err != nil {
		return r.failed(scanned.Number, err)
	}
	if len(cat.entries) == 0 {
		res.Page.State = form.StateUnmatched
		return res
	}
	e := cat.entries[0]
	fit, err := e.place(scanned, about)
	if errors.Is(err, align.ErrNoMatch) {
		res.Page.State = form.StateUnmatched
		return res
	}
	if err == nil {
		err = r.fill(ctx, &res, scanned, cat, e, fit)
	}
	return r.finished(res, err)
}

// place returns where e lies on a page, given about where, or nil.
func (e *entry) place(scanned scan.Page, about *geom.Homography) (align.Fit, error) {
	switch {
	case about == nil && e.reference == nil:
		return align.Fit{}, align.ErrNoMatch
	case about == nil:
		return e.reference.Place(scanned.Gray)
	case e.reference == nil:
		return align.Fit{TemplateToPage: *about}, nil
	}
	fit, err := e.reference.Refine(scanned.Gray, *about)
	if errors.Is(err, align.ErrNoMatch) {
		return align.Fit{TemplateToPage: *about}, nil
	}
	return fit, err
}
