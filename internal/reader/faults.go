package reader

import (
	"image"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/reader/ink"
)

// What is asked of how a form lies on a page before people are told. Pages
// that lie as they should are far from all of these, so that who is told
// has something to do: place the form, or scan again.
const (
	// looseAt is the residual from which the form as a whole lies badly, in px
	// of a template of 200 dpi. Of pages that are placed rightly it is 0.2, on
	// scans as on photos, and 2.5 of those that are placed 4 px wrong. On bent
	// paper it may be more than 1, and is made up for field by field.
	looseAt = 2.5
	// looseScore is the share of the print below which it is not where it
	// should be, whatever the rest of it says. Of pages that were found it is
	// more than 0.36; placed 3 px wrong, they have less than 0.3.
	looseScore = 0.3
	// foreignAt is the share of the print in whose place there is something else from
	// which a page may be another edition of the form. Of other editions, whose
	// rows moved by some pixels, it is 0.005 to 0.09, of three in four more than
	// this; of pages in situations 0.015 at most, where the paper jumped in the
	// feeder, and mostly nothing.
	foreignAt = .02
	// foreignFax is the same of a fax, whose specks and broken lines look like
	// something else: of those that lie rightly it is 0.033 at most.
	foreignFax = .04
	// faxDPI is the resolution below which a page in black and white is a fax.
	faxDPI = 250.0
	// cutAt is how much of a field may lie outside the picture, in px of a
	// template of 200 dpi. Fields often reach a line's width over the print.
	cutAt = 4.0
	// cutMargin is how far a corner of the form may lie outside the picture, as
	// a share of its shorter side: a scanner that is a little off cuts margins
	// without print, and nobody minds.
	cutMargin = 0.06
	// coarseText is how many pixels of the page a field of text must be high.
	// Letters fill about half of their field, and those of less than
	// 8 pixels cannot be read, by people neither.
	coarseText = 16.0
	// coarseMark is the same for a checkbox, which has to show a mark and not
	// a letter.
	coarseMark = 9.0
)

// faults returns what is wrong with how the template of e lies on a page.
func (e *entry) faults(fit align.Fit, page *image.Gray) []form.Fault {
	t, places, templateToPage := e.template, e.places, fit.TemplateToPage
	width, height, foreign := page.Rect.Dx(), page.Rect.Dy(), foreignAt
	if ink.Bilevel(page) && templateToPage.ScaleAt(middle(t))*ink.DPI(t.Width, t.Height) < faxDPI {
		foreign = foreignFax
	}
	var found []form.Fault
	add := func(f form.Fault, wrong bool) {
		if wrong {
			found = append(found, f)
		}
	}
	dpi200 := ink.DPI(t.Width, t.Height) / 200 // template px for one at 200 dpi
	loose := e.reference != nil && (fit.Residual > looseAt*dpi200 || fit.Score < looseScore)
	add(form.FaultLoose, loose)
	// Of a form that lies beside its print, nothing is where it should be.
	add(form.FaultEdition, e.reference != nil && !loose && fit.Foreign > foreign)
	add(form.FaultCut, cut(t, places, templateToPage, width, height, cutAt*dpi200))
	add(form.FaultCoarse, coarse(places, templateToPage))
	return found
}

func middle(t *form.Template) geom.Point {
	return geom.Point{X: float64(t.Width) / 2, Y: float64(t.Height) / 2}
}

// cut reports whether part of the form lies outside the picture: of a field by
// more than slack template px, or of the sheet by more than a margin.
func cut(t *form.Template, places []form.Field, templateToPage geom.Homography, width, height int, slack float64) bool {
	picture := geom.XYWH(0, 0, float64(width), float64(height))
	outside := func(box geom.Box) bool {
		if box.Empty() {
			return false
		}
		return !templateToPage.ApplyQuad(box.Quad()).Bounds().In(picture)
	}
	for i := range places {
		if outside(places[i].Box.Grow(-slack)) {
			return true
		}
	}
	margin := cutMargin * float64(min(t.Width, t.Height))
	return outside(geom.XYWH(0, 0, float64(t.Width), float64(t.Height)).Grow(-margin))
}

// coarse reports whether a field has too few pixels on the page.
func coarse(places []form.Field, templateToPage geom.Homography) bool {
	for i := range places {
		box, enough := places[i].Box, coarseText
		if places[i].Kind == form.Checkbox {
			enough = coarseMark
		}
		if min(box.Width(), box.Height())*templateToPage.ScaleAt(box.Center()) < enough {
			return true
		}
	}
	return false
}
