package align

import (
	"image"
	"slices"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// A Reference is a template prepared to be found on pages. It does not keep
// the picture. It is safe for use by many goroutines.
type Reference struct {
	width, height float64 // template px
	scale         float64 // template px a work px
	features      []feature
	patches       []patch
	rigid         bool
}

// Rigid returns r for pages that are flat: what lies elsewhere on them has moved on
// the form, and not with the paper.
func (r *Reference) Rigid() *Reference {
	rigid := *r
	rigid.rigid = true
	return &rigid
}

// zooms lists how much smaller than the template the pages are for which
// features are prepared, and how many for each.
var zooms = []struct {
	zoom  float64
	limit int
}{{1, 260}, {.84, 200}, {.71, 150}, {.6, 110}, {.5, 80}}

// minPatches is how many places with print a template must have.
const minPatches = 12

// Prepare returns the reference for a blank form.
func Prepare(img *image.Gray) (*Reference, error) {
	v := newView(img, workSide)
	r := &Reference{width: float64(img.Rect.Dx()), height: float64(img.Rect.Dy()), scale: v.scale}
	r.patches = patchesOf(v.clean)
	if len(r.patches) < minPatches {
		return nil, ErrBlank
	}
	for _, z := range zooms {
		w, h := int(float64(v.clean.Rect.Dx())*z.zoom), int(float64(v.clean.Rect.Dy())*z.zoom)
		small := raster.Warp(v.clean, geom.Scale(1/z.zoom, 1/z.zoom), w, h)
		r.features = append(r.features, features(small, z.limit, 1/z.zoom)...)
	}
	r.features = slices.Clip(r.features)
	return r, nil
}

// Place returns where r lies on page, or ErrNoMatch.
func (r *Reference) Place(page *image.Gray) (Fit, error) {
	m, err := NewSet([]*Reference{r}).Find(page)
	return m.Fit, err
}

// Refine returns where exactly r lies on page, given about where, or ErrNoMatch.
func (r *Reference) Refine(page *image.Gray, templateToPage geom.Homography) (Fit, error) {
	v := newView(page, workSide)
	back := geom.Scale(1/v.scale, 1/v.scale)
	toPage := back.After(templateToPage).After(geom.Scale(r.scale, r.scale))
	toPage = r.adjust(toPage, search(v.clean, toPage, r.patches, 20), 6)
	toPage, _ = r.approach(v, toPage)
	fit := r.refine(v, toPage)
	if !fit.sure() {
		return fit, ErrNoMatch
	}
	return fit, nil
}

func (r *Reference) sound(toPage geom.Homography) bool {
	return sound(toPage, r.width/r.scale, r.height/r.scale)
}

// locate returns where r lies on the page of c. That depends on nothing but
// the two: the index, which knows some pairings only, and others where there
// are other references, says what is worth looking for and no more.
func (r *Reference) locate(c *cornered) (Fit, bool) {
	var best Fit
	found := false
	for _, features := range []func() []feature{c.whole, c.part} {
		pose, ok := consensus(r.pairings(features()))
		if !ok || !r.sound(pose.toPage) {
			continue
		}
		toPage, _ := r.approach(c.view, pose.toPage)
		if fit := r.refine(c.view, toPage); !found || fit.Score > best.Score {
			best, found = fit, true
		}
		if best.sure() {
			break
		}
	}
	return best, found
}

// pairings returns which features of a page look most like those of r, as far
// as they agree on how the page is turned and zoomed.
func (r *Reference) pairings(features []feature) []pairing {
	agreed, _ := agreeing(compare(features, r.features))
	return agreed
}

// approach returns toPage brought to within a pixel or two by some of the
// patches, and the share of them that is there.
func (r *Reference) approach(v view, toPage geom.Homography) (geom.Homography, float64) {
	some := r.patches[:min(len(r.patches), somePatches)]
	toPage = r.adjust(toPage, search(v.clean, toPage, some, 7), 3)
	return toPage, r.share(inspect(v.clean, toPage, some))
}

// refine returns the fit near toPage, which carries work px of r to those of v.
func (r *Reference) refine(v view, toPage geom.Homography) Fit {
	toPage, sights := r.nearest(v, toPage)
	again := slices.Clone(sights)
	r.searchAgain(v, toPage, again)
	fit := r.fit(v, toPage, again, nil)
	if r.rigid || r.flat(v, toPage, fit, sights) {
		return fit
	}
	bend, sights := r.follow(v, toPage, sights)
	return better(fit, r.fit(v, toPage, sights, bend))
}

// nearest returns the homography near toPage that most of the print holds, and
// the sights by it.
func (r *Reference) nearest(v view, toPage geom.Homography) (geom.Homography, []sight) {
	toPage = r.adjust(toPage, search(v.clean, toPage, r.patches[:min(len(r.patches), 2*somePatches)], 4), 1.5)
	var sights []sight
	for _, spread := range []float64{.7, .4, .4, .4} {
		sights = inspect(v.clean, toPage, r.patches)
		last := toPage
		toPage = r.adjust(toPage, sights, spread)
		if r.apart(last, toPage) < .03 {
			break
		}
	}
	return toPage, sights
}

// adjust returns toPage moved to where the sights are, or as it was where that
// makes no sense.
func (r *Reference) adjust(toPage geom.Homography, sights []sight, spread float64) geom.Homography {
	if h, ok := adjust(toPage, sights, spread); ok && r.sound(h) {
		return h
	}
	return toPage
}

// apart returns how far a and b carry the corners of r from each other, in work
// px of the page.
func (r *Reference) apart(a, b geom.Homography) (far float64) {
	for _, p := range geom.XYWH(0, 0, r.width/r.scale, r.height/r.scale).Quad() {
		far = max(far, a.Apply(p).Distance(b.Apply(p)))
	}
	return far
}

// searchAgain looks farther around for the patches that were not found where
// they should be. Rows that a new version of a form moved are found so, and
// print on bent paper.
func (r *Reference) searchAgain(v view, toPage geom.Homography, sights []sight) {
	var pair comparison
	for i := range sights {
		if sights[i].trust >= .3 {
			continue
		}
		about := search(v.clean, toPage, r.patches[i:i+1], 7)[0]
		if about.trust == 0 || about.miss() < 1 {
			continue
		}
		s := pair.inspect(v.clean, toPage.After(geom.Shift(about.off)), &r.patches[i])
		if s.off = s.off.Add(about.off); s.trust > sights[i].trust {
			sights[i] = s
		}
	}
}
