package align

import (
	"image"

	"github.com/seosik/seosik/internal/geom"
)

// Measure returns how well r lies on page where templateToPage says, which it
// does not change.
func (r *Reference) Measure(page *image.Gray, templateToPage geom.Homography) Fit {
	v := newView(page, workSide)
	toPage := r.toWork(v, templateToPage)
	sights := inspect(v.clean, toPage, r.patches)
	r.searchAgain(v, toPage, sights)
	fit := r.fit(v, toPage, sights)
	fit.TemplateToPage = templateToPage
	return fit
}

// Snap returns where exactly r lies on page, given where a person put it, as
// Refine does, or the place that Guess finds, where more of the print agrees
// with that. Where the print agrees with neither, it returns ErrNoMatch.
func (r *Reference) Snap(page *image.Gray, templateToPage geom.Homography) (Fit, error) {
	fit, _ := r.Refine(page, templateToPage)
	if guess, err := r.Guess(page); err == nil && guess.Score > fit.Score {
		fit = guess
	}
	if !fit.sure() {
		return Fit{}, ErrNoMatch
	}
	return fit, nil
}

// Guess returns where r lies on page most likely, also where that is too unsure
// for Place: as a first proposal to a person. It returns ErrNoMatch where there
// is no proposal.
func (r *Reference) Guess(page *image.Gray) (Fit, error) {
	if found, _ := NewSet([]*Reference{r}).look(newView(page, workSide)); len(found) > 0 {
		return found[0].fit, nil
	}
	return Fit{}, ErrNoMatch
}

// toWork returns the homography from work px of r to those of v.
func (r *Reference) toWork(v view, templateToPage geom.Homography) geom.Homography {
	return geom.Scale(1/v.scale, 1/v.scale).After(templateToPage).After(geom.Scale(r.scale, r.scale))
}
