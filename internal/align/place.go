package align

import (
	"image"
	"math"
	"slices"

	"github.com/seosik/seosik/internal/geom"
)

// Measure returns how well r lies on page where templateToPage says, which it
// does not change. Where r lies there as exactly as bent paper can, the paper is
// followed.
func (r *Reference) Measure(page *image.Gray, templateToPage geom.Homography) Fit {
	v := newView(page, workSide)
	toPage := r.toWork(v, templateToPage)
	sights := inspect(v.clean, toPage, r.patches)
	again := slices.Clone(sights)
	r.searchAgain(v, toPage, again)
	fit := r.fit(v, toPage, again, nil)
	if !r.flat(v, toPage, fit, sights) {
		near, _ := r.nearest(v, toPage)
		bend, sights := r.follow(v, toPage, sights)
		if r.apart(toPage, near) < stays || r.shift(bend) < stays {
			fit = better(fit, r.fit(v, toPage, sights, bend))
		}
	}
	fit.TemplateToPage = templateToPage
	return fit
}

// stays is how far from the place that is nearest to it, in work px, a place
// lies that is the same.
const stays = 2

// shift returns how far, in work px, a field moves the print as a whole: little where
// paper is bent around its place, and all of it where the place is another.
func (r *Reference) shift(f field) float64 {
	var sum geom.Point
	for i := range r.patches {
		sum = sum.Add(f.at(r.patches[i].middle()))
	}
	n := float64(max(1, len(r.patches)))
	return math.Hypot(sum.X, sum.Y) / n
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
