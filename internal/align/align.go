// Package align finds out which form a page is and where it lies on it: the
// homography that carries the blank form onto the scan, to a fraction of a
// pixel, with a residual for every place on the form and a score that says
// how sure it is.
//
// Pictures are [image.Gray], dark ink on light paper, in any pose. They are
// compared at about 100 dpi, in "work px". Corners with binary codes, kept in
// an index over all templates, propose a few of them and their poses; the
// print of the template is then looked for on the page, patch by patch, and
// the homography is fitted to where it is. What is filled in is ink that the
// template does not have: it is never looked for, so it does not pull.
//
// The same pixels give the same result on every run.
package align

import (
	"cmp"
	"errors"
	"image"
	"math"
	"slices"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

var (
	// ErrNoMatch reports a page that is none of the templates, or not surely
	// one of them.
	ErrNoMatch = errors.New("align: no template matches")
	// ErrBlank reports a template with too little print to be found by.
	ErrBlank = errors.New("align: too little print on the template")
)

// A Reference is a template prepared to be found on pages. It does not keep
// the picture. It is safe for use by many goroutines.
type Reference struct {
	width, height float64 // template px
	scale         float64 // template px a work px
	features      []feature
	patches       []patch
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

// A Fit is where a template lies on a page.
type Fit struct {
	TemplateToPage geom.Homography // template px to page px
	Residual       float64         // template px; how far print lies from where TemplateToPage says, root mean square
	Score          float64         // in [0, 1]; the share of the template's print that is there
	sights         []sight         // template px
}

// sure reports whether f is no accident. Print that is there but lies off must
// be the more of it: unknown forms share rules with any template, not their
// places.
func (f *Fit) sure() bool { return f.Score >= minScore+.03*min(f.Residual, 4) }

// A Candidate is a template that a page may be.
type Candidate struct {
	Index int     // of the reference in the set
	Score float64 // as in Fit
}

// A Match is the template that a page is found to be.
type Match struct {
	Index int // of the reference in the set
	Fit
	Candidates []Candidate // the nearest, best first, at most three
}

// A Set is the references among which pages are looked for. It is safe for
// use by many goroutines.
type Set struct{ index *index }

// NewSet returns the set of the references.
func NewSet(refs []*Reference) *Set { return &Set{newIndex(slices.Clone(refs))} }

const (
	pageFeatures       = 800
	proposed           = 12  // templates whose pose is looked for
	proposedThoroughly = 24  // the same where those are none
	finals             = 3   // templates that are placed exactly
	worthwhile         = .6  // of the best guess; less is not placed exactly
	somePatches        = 96  // patches that make a guess
	minScore           = .36 // 200 pages of unknown forms scored up to 0.32, 40 half-covered ones from 0.40
	partZoom           = 1.4 // how much larger half a page is, seen alone
)

// Find returns which of the references page is and where it lies, or
// ErrNoMatch. In both cases Match.Candidates holds the nearest three.
func (s *Set) Find(page *image.Gray) (Match, error) {
	v := newView(page, workSide)
	guesses := s.guesses(v, features(v.clean, pageFeatures, 1), false)
	found := s.fits(v, guesses)
	if len(found) == 0 || !found[0].fit.sure() {
		guesses = append(guesses, s.guessesThoroughly(v)...)
		slices.SortStableFunc(guesses, func(a, b guess) int { return cmp.Compare(b.score, a.score) })
		found = s.fits(v, guesses)
	}
	m := Match{Candidates: candidates(found, guesses)}
	if len(found) == 0 || !found[0].fit.sure() {
		return m, ErrNoMatch
	}
	m.Index, m.Fit = found[0].index, found[0].fit
	return m, nil
}

// candidates returns the best three of what was found and then of the guesses.
func candidates(found []finding, guesses []guess) []Candidate {
	var out []Candidate
	add := func(c Candidate) {
		known := func(d Candidate) bool { return c.Index == d.Index }
		if len(out) < 3 && !slices.ContainsFunc(out, known) {
			out = append(out, c)
		}
	}
	for _, f := range found {
		add(Candidate{f.index, f.fit.Score})
	}
	for _, g := range guesses {
		add(Candidate{g.index, g.score})
	}
	return out
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

// A finding is the fit of one reference.
type finding struct {
	index int
	fit   Fit
}

// fits returns the fits of the likeliest guesses, best first.
func (s *Set) fits(v view, guesses []guess) []finding {
	var out []finding
	for _, g := range guesses[:min(len(guesses), finals)] {
		if g.score > 0 && g.score >= worthwhile*guesses[0].score {
			out = append(out, finding{g.index, s.index.refs[g.index].refine(v, g.toPage)})
		}
	}
	slices.SortStableFunc(out, func(a, b finding) int { return cmp.Compare(b.fit.Score, a.fit.Score) })
	return out
}

// A guess is about where a reference lies.
type guess struct {
	index   int
	toPage  geom.Homography // work px of the reference to those of the page
	support float64         // of the pose
	score   float64         // as in Fit; 0 where no place was found or looked for
}

// guessesThoroughly returns guesses for more references, from all their
// features and not only those that tell them from others, and for the page as
// a part of a page, which is larger than references expect.
func (s *Set) guessesThoroughly(v view) []guess {
	small := raster.Reduce(v.clean, partZoom)
	return append(s.guesses(v, features(v.clean, pageFeatures, 1), true),
		s.guesses(v, features(small, pageFeatures, partZoom), true)...)
}

// guesses returns guesses for the likeliest references, best first.
func (s *Set) guesses(v view, features []feature, thorough bool) []guess {
	var out []guess
	limit := proposed
	if thorough {
		limit = proposedThoroughly
	}
	for _, p := range s.index.propose(features, limit) {
		g := guess{index: p.template}
		if thorough {
			p.pairings, _ = agreeing(compare(features, s.index.refs[p.template].features))
		}
		if pose, ok := consensus(p.pairings); ok && s.index.refs[p.template].sound(pose.toPage) {
			g.toPage, g.support = pose.toPage, pose.support
		}
		out = append(out, g)
	}
	slices.SortStableFunc(out, func(a, b guess) int { return cmp.Compare(b.support, a.support) })
	for i := range out {
		if g := &out[i]; g.support > 0 && (i < 3 || 2*g.support > out[0].support) {
			g.toPage, g.score = s.index.refs[g.index].approach(v, g.toPage)
		}
	}
	slices.SortStableFunc(out, func(a, b guess) int { return cmp.Compare(b.score, a.score) })
	return out
}

func (r *Reference) sound(toPage geom.Homography) bool {
	return sound(toPage, r.width/r.scale, r.height/r.scale)
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
	r.searchAgain(v, toPage, sights)
	return r.fit(v, toPage, sights)
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

// share returns the share of the print that is where it should be. What holds
// in both directions says more than a rule. Print in whose place there is
// nothing counts half, as it may be covered or too faint; print in whose place
// there is other ink counts double.
func (r *Reference) share(sights []sight) float64 {
	var found, all float64
	for i := range sights {
		s := &sights[i]
		weight := .2 + twofold(r.patches[i].grip)
		found += weight * s.trust / (1 + 2*s.miss())
		switch {
		case s.other:
			all += 2 * weight
		case s.trust < .3:
			all += weight / 2
		default:
			all += weight
		}
	}
	return found / all
}

// fit returns the fit that toPage and the sights make.
func (r *Reference) fit(v view, toPage geom.Homography, sights []sight) Fit {
	f := Fit{
		TemplateToPage: v.workTo().After(toPage).After(geom.Scale(1/r.scale, 1/r.scale)),
		Residual:       lost,
		Score:          r.share(sights),
		sights:         sights,
	}
	var sum, weight float64
	for i := range sights {
		s := &sights[i]
		s.at = geom.Scale(r.scale, r.scale).Apply(s.at)
		s.off = geom.Scale(r.scale, r.scale).Apply(s.off)
		sum += s.trust * s.miss()
		weight += s.trust
	}
	if weight > 0 {
		f.Residual = math.Sqrt(sum / weight)
	}
	return f
}

const (
	lost   = 16 // template px; what ResidualAt says where nothing is found
	around = 12 // places with print that ResidualAt looks at
	unlike = 4  // template px; how far off ResidualAt takes print to be that is not what it should be
)

// ResidualAt returns how far print lies, at and around the box in template px,
// from where TemplateToPage says: the root mean square in template px. Each
// direction is taken from the print that holds in it, so that a long rule does
// not hide that rows moved along it. Where next to none of the print around is
// found, because it is covered or another form's, it returns 16.
func (f Fit) ResidualAt(box geom.Box) float64 {
	near := slices.Clone(f.sights)
	slices.SortStableFunc(near, func(a, b sight) int {
		return cmp.Compare(distanceTo(box, a.at), distanceTo(box, b.at))
	})
	var x, y, weightX, weightY, found float64
	for _, s := range near[:min(len(near), around)] {
		trust := s.trust
		if s.other && trust < .3 {
			trust, s.off = .3, geom.Point{X: unlike, Y: unlike}
		} else {
			found += trust
		}
		wx, wy := trust*float64(s.grip[0]), trust*float64(s.grip[2])
		x, weightX = x+float64(wx*s.off.X*s.off.X), weightX+wx
		y, weightY = y+float64(wy*s.off.Y*s.off.Y), weightY+wy
	}
	if found < 1 {
		return lost
	}
	return math.Sqrt(x/max(weightX, 1e-9) + y/max(weightY, 1e-9))
}

// distanceTo returns how far p is from the box, 0 inside.
func distanceTo(box geom.Box, p geom.Point) float64 {
	dx := max(box.Min.X-p.X, 0, p.X-box.Max.X)
	dy := max(box.Min.Y-p.Y, 0, p.Y-box.Max.Y)
	return math.Hypot(dx, dy)
}
