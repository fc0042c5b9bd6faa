package reader

import (
	"fmt"
	"image"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/scan"
)

// errMirrored reports a page on which a template is found only in a mirror. It is
// align.ErrNoMatch.
var errMirrored = fmt.Errorf("%w but in a mirror", align.ErrNoMatch)

// sureScore is the score from which a page is not looked at in another way: its
// pixels may have another shape, and still something was found.
const sureScore = .6

// look finds which template of c a page is, and returns the page as it was found:
// as it is, with pixels of another shape that they may have, or as the negative
// that a dark page may be. Only pages on which nothing is found, or hardly, are
// looked at more than once.
func (c *Catalog) look(page scan.Page, find finder) (scan.Page, align.Match, error) {
	page, match, err := c.lookInItsShapes(page, find)
	if err == nil {
		return page, match, nil
	}
	if dark(page.Gray) {
		negative := page
		negative.Invert()
		if found, other, err := c.lookInItsShapes(negative, find); err == nil {
			return found, other, nil
		}
		negative.Invert()
	}
	if _, mirrorErr := find(page.Mirrored()); mirrorErr == nil {
		err = errMirrored
	}
	return page, match, err
}

// A finder is align.Set.Find, or finds within a part of a picture.
type finder func(*image.Gray) (align.Match, error)

// lookInItsShapes finds which template of c a page is, in the shape that fits best.
func (c *Catalog) lookInItsShapes(page scan.Page, find finder) (scan.Page, align.Match, error) {
	match, err := find(page.Gray)
	if err == nil && c.fits(match) >= sureScore {
		return page, match, nil
	}
	found := page
	for reshaped := range page.Reshaped() {
		if other, otherErr := find(reshaped.Gray); otherErr == nil && (err != nil || c.fits(other) > c.fits(match)) {
			found, match, err = reshaped, other, nil
		}
	}
	return found, match, err
}

// fits returns the score of a match, less where the template lies on the page in
// another shape than it has: it may be found so, and people would see it so.
func (c *Catalog) fits(m align.Match) float64 {
	t := c.found[m.Index].template
	center := geom.Point{X: float64(t.Width) / 2, Y: float64(t.Height) / 2}
	at := func(x, y float64) geom.Point {
		return m.TemplateToPage.Apply(geom.Point{X: center.X + x, Y: center.Y + y})
	}
	across, down := at(-1, 0).Distance(at(1, 0)), at(0, -1).Distance(at(0, 1))
	const tilt, loss = 1.4, .5 // of paper that is photographed; of the score
	if max(across, down) > tilt*min(across, down) {
		return m.Score - loss
	}
	return m.Score
}

// lookAt measures how the form of e lies on a page where somebody has said that
// it does, and returns the page as it looked to them.
func (e *entry) lookAt(page scan.Page, templateToPage geom.Homography) (scan.Page, align.Fit) {
	if e.reference == nil {
		return page, align.Fit{TemplateToPage: templateToPage}
	}
	fit := e.reference.Measure(page.Gray, templateToPage)
	for reshaped := range page.Reshaped() {
		if other := e.reference.Measure(reshaped.Gray, templateToPage); other.Score > fit.Score {
			page, fit = reshaped, other
		}
	}
	if dark(page.Gray) {
		negative := page
		negative.Invert()
		if other := e.reference.Measure(negative.Gray, templateToPage); other.Score > fit.Score {
			return negative, other
		}
		negative.Invert()
	}
	return page, fit
}

// dark reports whether most of a page is darker than half: paper never is, but as
// a negative, or in a photograph of little of it.
func dark(page *image.Gray) bool {
	const step = 7 // pixels: some are enough
	darker, seen := 0, 0
	for y := step / 2; y < page.Rect.Dy(); y += step {
		row := page.Pix[y*page.Stride:][:page.Rect.Dx()]
		for x := step / 2; x < len(row); x += step {
			seen++
			if row[x] < 128 {
				darker++
			}
		}
	}
	return 2*darker > seen
}
