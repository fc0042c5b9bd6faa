package reader

import (
	"errors"
	"image"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/scan"
)

// partRim is how much more than the sheet of a form belongs to its part of the
// picture, as a share of the sheet's shorter side: paper is not cut exactly.
const partRim = .02

// A found is the form on a page, or the parts of a picture with one each.
type found struct {
	align.Match
	faults []form.Fault
	parts  []geom.Quad // as in Result
}

// find returns what lies on a page, and the page as it looks. As Catalog.look, it
// returns align.ErrNoMatch with candidates where that is nothing.
func (w *Want) find(page scan.Page) (scan.Page, found, error) {
	set := w.Catalog.set
	if w.Region != (geom.Quad{}) {
		page, match, err := w.Catalog.look(page, func(picture *image.Gray) (align.Match, error) {
			part, toPage := region(picture, w.Region)
			m, err := set.Find(part)
			if err == nil {
				m.TemplateToPage = toPage.After(m.TemplateToPage)
			}
			return m, err
		})
		return page, found{Match: match}, err
	}
	page, match, err := w.Catalog.look(page, set.Find)
	if errors.Is(err, errMirrored) {
		return page, found{Match: match}, err
	}
	all, err := set.FindMore(page.Gray, match)
	f := found{Match: all.Matches[0]}
	if w.Several && len(all.Matches) > 1 {
		f.parts = w.Catalog.parts(page.Gray, all)
	} else if len(all.Matches) > 1 || !all.Left.Empty() {
		f.faults = []form.Fault{form.FaultSeveral}
	}
	return page, f, err
}

// parts returns the parts of a picture that hold the forms found on it, and that
// with what is left, which may be one.
func (c *Catalog) parts(page *image.Gray, all align.Forms) (parts []geom.Quad) {
	for _, m := range all.Matches {
		t := c.found[m.Index].template
		sheet := geom.XYWH(0, 0, float64(t.Width), float64(t.Height))
		parts = append(parts, m.TemplateToPage.ApplyQuad(sheet.Grow(partRim*min(sheet.Width(), sheet.Height())).Quad()))
	}
	if !all.Left.Empty() {
		parts = append(parts, all.Left.Quad())
	}
	for i, p := range parts {
		parts[i] = inShares(page).ApplyQuad(p)
	}
	return parts
}

// region returns the part of a picture that is a region of it, and what carries
// px of that to those of the picture: all of it where the region is zero.
func region(page *image.Gray, of geom.Quad) (*image.Gray, geom.Homography) {
	if of == (geom.Quad{}) {
		return page, geom.Identity
	}
	part, at := align.Cut(page, geom.Scale(float64(page.Rect.Dx()), float64(page.Rect.Dy())).ApplyQuad(of))
	return part, geom.Shift(at)
}

// inShares carries px of a picture to shares of its width and height.
func inShares(page *image.Gray) geom.Homography {
	return geom.Scale(1/float64(page.Rect.Dx()), 1/float64(page.Rect.Dy()))
}
