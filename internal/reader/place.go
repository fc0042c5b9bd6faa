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

// pageAt reads a page on which a form lies as a person has said.
func (r *Reader) pageAt(ctx context.Context, scanned scan.Page, w Want) (Result, error) {
	if len(w.Catalog.entries) != 1 {
		return Result{}, fmt.Errorf("template to read by: %w", form.ErrNotFound)
	}
	e := w.Catalog.entries[0]
	scanned, fit := e.lookAt(scanned, w.TemplateToPage)
	res, err := started(scanned)
	if err != nil {
		return res, err
	}
	res.Page.Candidates = []form.Candidate{{Template: e.template.ID, Name: e.template.Name, Score: fit.Score}}
	return res, r.fill(ctx, &res, scanned, w.Catalog, e, fit)
}

// ErrNoMatch reports a template that is not to be found on a page.
var ErrNoMatch = align.ErrNoMatch

// A Placement is where a template lies on a page.
type Placement struct {
	TemplateToPage geom.Homography // template px to page px
	Residual       float64         // template px
	Faults         []form.Fault
}

// Fit returns where the only template of c lies on a page, a region of a picture
// as in Want: near templateToPage, where a person has put it, or anywhere where
// that is zero. It returns ErrNoMatch where it is not to be found, and
// form.ErrNotFound where c has not exactly one template.
func (c *Catalog) Fit(page *image.Gray, of geom.Quad, templateToPage geom.Homography) (Placement, error) {
	if len(c.entries) != 1 {
		return Placement{}, fmt.Errorf("template to fit: %w", form.ErrNotFound)
	}
	e := c.entries[0]
	if e.reference == nil {
		return Placement{}, ErrNoMatch
	}
	part, toPage := region(page, of)
	var fit align.Fit
	var err error
	if templateToPage == (geom.Homography{}) {
		fit, err = e.reference.Guess(part)
	} else if toPart, bad := toPage.Inverse(); bad == nil {
		fit, err = e.reference.Snap(part, toPart.After(templateToPage))
	}
	if err != nil {
		return Placement{}, err
	}
	fit.TemplateToPage = toPage.After(fit.TemplateToPage)
	return Placement{
		TemplateToPage: fit.TemplateToPage,
		Residual:       fit.Residual,
		Faults:         e.faults(fit, page),
	}, nil
}
