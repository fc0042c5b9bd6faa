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
	"slices"

	"github.com/seosik/seosik/internal/geom"
)

var (
	// ErrNoMatch reports a page that is none of the templates, or not surely
	// one of them.
	ErrNoMatch = errors.New("align: no template matches")
	// ErrBlank reports a template with too little print to be found by.
	ErrBlank = errors.New("align: too little print on the template")
)

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
// ErrNoMatch. In both cases Match.Candidates holds the nearest three. Where a
// reference lies does not depend on what else is in s.
func (s *Set) Find(page *image.Gray) (Match, error) {
	found, guesses := s.look(newView(page, workSide))
	m := Match{Candidates: candidates(found, guesses)}
	if len(found) == 0 || !found[0].fit.sure() {
		return m, ErrNoMatch
	}
	m.Index, m.Fit = found[0].index, found[0].fit
	return m, nil
}

// look returns fits and guesses for the page of v, best first.
func (s *Set) look(v view) (found []finding, guesses []guess) {
	c := cornersOf(v)
	guesses = s.guesses(v, c.whole(), false)
	found = s.fits(c, guesses)
	if len(found) == 0 || !found[0].fit.sure() || s.inPart(v, found[0]) {
		guesses = distinct(append(guesses, s.guessesThoroughly(c)...))
		found = s.fits(c, guesses)
	}
	return found, guesses
}

const (
	wholeShare = .93 // of a form that a page shows; less is a part of it
	partScore  = .9  // a part that has less of its print may be one of another form
)

// inPart reports whether the page of v shows only a part of f, and not so that it
// must be that form. The right one may then be another printing, whose part is
// larger than forms are expected to be and was not proposed.
func (s *Set) inPart(v view, f finding) bool {
	if f.fit.Score >= partScore {
		return false
	}
	r := s.index.refs[f.index]
	shown := geom.XYWH(0, 0, float64(v.clean.Rect.Dx())*v.scale, float64(v.clean.Rect.Dy())*v.scale)
	const steps = 20
	inside := 0
	for i := range steps * steps {
		p := f.fit.TemplateToPage.Apply(geom.Point{
			X: r.width * (float64(i%steps) + .5) / steps,
			Y: r.height * (float64(i/steps) + .5) / steps,
		})
		if p.X >= 0 && p.Y >= 0 && p.X < shown.Max.X && p.Y < shown.Max.Y {
			inside++
		}
	}
	return float64(inside) < wholeShare*steps*steps
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

// A finding is the fit of one reference.
type finding struct {
	index int
	fit   Fit
}

// fits returns the fits of the likeliest guesses, best first.
func (s *Set) fits(c *cornered, guesses []guess) []finding {
	var out []finding
	for _, g := range guesses[:min(len(guesses), finals)] {
		if g.score <= 0 || g.score < worthwhile*guesses[0].score {
			continue
		}
		if fit, ok := s.index.refs[g.index].locate(c); ok {
			out = append(out, finding{g.index, fit})
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

// distinct returns the best guess for each reference, best first.
func distinct(guesses []guess) (out []guess) {
	slices.SortStableFunc(guesses, func(a, b guess) int { return cmp.Compare(b.score, a.score) })
	for _, g := range guesses {
		if !slices.ContainsFunc(out, func(o guess) bool { return o.index == g.index }) {
			out = append(out, g)
		}
	}
	return out
}

// guessesThoroughly returns guesses for more references, from all their
// features and not only those that tell them from others, and for the page as
// a part of a page, which is larger than references expect.
func (s *Set) guessesThoroughly(c *cornered) []guess {
	return append(s.guesses(c.view, c.whole(), true), s.guesses(c.view, c.part(), true)...)
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
			p.pairings = s.index.refs[p.template].pairings(features)
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
	return distinct(out)
}
