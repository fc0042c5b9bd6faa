// Package sample draws blank and filled forms whose truth is known: for
// tests, for fitting confidence, and for package demo. The program draws
// nothing.
//
// [Draw] draws a blank form that nobody has seen before, [Blank.Fill] writes
// plausible values on it, and [Degrade] does to the picture what a scanner, a
// fax or a telephone does. All needs fonts on the machine, see [ErrNoFont].
//
// # Determinism
//
// The same arguments give the same pixels on a machine with the same fonts.
//
// # Coordinates
//
// Blank and filled pictures are in template pixels. What Degrade returns is
// in page pixels, with the homography between the two.
package sample

import (
	"image"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A Blank is an empty form.
type Blank struct {
	Template *form.Template
	Image    *image.Gray
	// Contents says what each field asks for. A field that is not in it is
	// filled by its kind and value type, so that any template can be filled.
	Contents map[form.FieldID]Content
	// Labels says what is printed for each field that has a label.
	Labels map[form.FieldID]string
}

// A Filled is a form that was filled in.
type Filled struct {
	Image *image.RGBA // template px
	Truth map[form.FieldID]Truth
}

// A Truth is what was written in a field.
type Truth struct {
	Text    string   // lines by line feed; of a checkbox the text for its state
	Checked bool     // of a checkbox
	Ink     geom.Box // template px; around all that was written, empty where nothing was
}

// newRand returns the random numbers of one purpose, so that what is drawn
// for one does not depend on how many were drawn for another.
func newRand(seed uint64, purpose string) *rand.Rand {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(purpose) {
		h = (h ^ uint64(purpose[i])) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed, h))
}

// pick returns one of xs.
func pick[T any](r *rand.Rand, xs []T) T { return xs[r.IntN(len(xs))] }

// between returns a number in [low, high).
func between(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }

// chance reports true with probability p.
func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

// Seal presses a red seal with up to four characters on f, its middle at a
// point in template px, round or square, radius px from its middle to its rim.
func (f *Filled) Seal(seed uint64, text string, at geom.Point, radius float64, round bool) {
	(&canvas{img: f.Image}).seal(newRand(seed, "seal"), text, at, radius, round)
}
