package reader

import (
	"context"
	"fmt"
	"image"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/scan"
)

// ReadPage reads page number of file. Where templateToPage is not zero, it is
// read by the only template of cat as lying there, which a person has said and
// is not questioned: a template that cannot be found by its print can be read
// so too. Otherwise it is read as Read does. An error is no fault of the file; it
// is form.ErrNotFound where a place is given and cat has not exactly one template.
func (r *Reader) ReadPage(ctx context.Context, file []byte, number int, cat *Catalog, templateToPage geom.Homography) (Result, error) {
	byHand := templateToPage != (geom.Homography{})
	if byHand && len(cat.entries) != 1 {
		return Result{}, fmt.Errorf("template to read by: %w", form.ErrNotFound)
	}
	page, err := scan.Nth(ctx, file, number, r.cfg.Limits)
	page.Number = number
	res, err := r.outcome(page, err, func() (Result, error) {
		if byHand {
			return r.pageAt(ctx, page, cat, templateToPage)
		}
		return r.page(ctx, page, cat)
	})
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return res, err
}

// pageAt reads a page on which the only template of cat lies at templateToPage.
func (r *Reader) pageAt(ctx context.Context, scanned scan.Page, cat *Catalog, templateToPage geom.Homography) (Result, error) {
	res, err := started(scanned)
	if err != nil {
		return res, err
	}
	e := cat.entries[0]
	fit := align.Fit{TemplateToPage: templateToPage}
	if e.reference != nil {
		fit = e.reference.Measure(scanned.Gray, templateToPage)
	}
	res.Page.Candidates = []form.Candidate{{Template: e.template.ID, Name: e.template.Name, Score: fit.Score}}
	return res, r.fill(ctx, &res, scanned, cat, e, fit)
}

// ErrNoMatch reports a template that is not to be found on a page.
var ErrNoMatch = align.ErrNoMatch

// A Placement is where a template lies on a page.
type Placement struct {
	TemplateToPage geom.Homography // template px to page px
	Residual       float64         // template px
	Faults         []form.Fault
}

// Fit returns where the only template of c lies on a page: near templateToPage,
// where a person has put it, or anywhere where that is zero. It returns
// ErrNoMatch where it is not to be found, and form.ErrNotFound where c has
// not exactly one template.
func (c *Catalog) Fit(page *image.Gray, templateToPage geom.Homography) (Placement, error) {
	if len(c.entries) != 1 {
		return Placement{}, fmt.Errorf("template to fit: %w", form.ErrNotFound)
	}
	e := c.entries[0]
	if e.reference == nil {
		return Placement{}, ErrNoMatch
	}
	var fit align.Fit
	var err error
	if templateToPage == (geom.Homography{}) {
		fit, err = e.reference.Guess(page)
	} else {
		fit, err = e.reference.Snap(page, templateToPage)
	}
	if err != nil {
		return Placement{}, err
	}
	return Placement{
		TemplateToPage: fit.TemplateToPage,
		Residual:       fit.Residual,
		Faults:         e.faults(fit, page.Rect.Dx(), page.Rect.Dy()),
	}, nil
}
