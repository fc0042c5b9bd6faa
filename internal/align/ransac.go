package align

import (
	"math"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/geom"
)

const (
	tries      = 300 // pairs of pairings looked at
	minApart   = 60  // work px; between the two features of a try
	loose      = 14. // work px; how far from its place a feature may lie at first: photos are not similar to forms
	strict     = 6.  // work px; the same at last
	minSupport = 8   // pairings that a pose must have
)

// A pose carries template work px to page work px, and has as support the
// weight of the pairings that lie where it says.
type pose struct {
	toPage  geom.Homography
	support float64
}

// consensus returns the pose on which most of ps agree. Two pairings make a
// similarity, the weightiest are tried first (PROSAC, Chum and Matas 2005);
// whenever one has more support than all before, it grows to a homography over
// all that agree (LO-RANSAC, Chum et al. 2003). The tries are the same on every
// run.
func consensus(ps []pairing) (pose, bool) {
	if len(ps) < minSupport {
		return pose{}, false
	}
	r := rand.New(rand.NewPCG(1, uint64(len(ps))))
	var best pose
	most := 0.0 // support of a similarity so far
	for try := range tries {
		pool := min(len(ps), 12+try)
		h, ok := similarity(&ps[r.IntN(pool)], &ps[r.IntN(pool)])
		if !ok {
			continue
		}
		n := support(ps, h, loose)
		if n <= most {
			continue
		}
		most = n
		if p, ok := grow(ps, h); ok && p.support > best.support {
			best = p
		}
	}
	return best, best.support > 0
}

// grow fits affine maps and then homographies to the pairings that agree with
// toPage, with less and less tolerance.
func grow(ps []pairing, toPage geom.Homography) (pose, bool) {
	for step, tolerance := range []float64{loose, 20, 20, 16, 14, 10, 8, strict, strict} {
		from, to := agreed(ps, toPage, tolerance)
		fit := fitAffine
		if step >= 3 {
			fit = fitHomography
		}
		h, ok := fit(from, to)
		if !ok {
			break
		}
		toPage = h
	}
	from, _ := agreed(ps, toPage, strict)
	return pose{toPage, support(ps, toPage, strict)}, len(from) >= minSupport
}

// similarity returns the similarity that the pairings a and b make, if they
// are apart and it turns and zooms as each of them says.
func similarity(a, b *pairing) (geom.Homography, bool) {
	d, e := b.template.at().Sub(a.template.at()), b.page.at().Sub(a.page.at())
	length := math.Hypot(d.X, d.Y)
	if length < minApart {
		return geom.Homography{}, false
	}
	// (re, im) is e/d as complex numbers.
	re := (float64(d.X*e.X) + float64(d.Y*e.Y)) / float64(length*length)
	im := (float64(d.X*e.Y) - float64(d.Y*e.X)) / float64(length*length)
	if math.Abs(math.Log2(math.Hypot(re, im))-a.zoom()) > .5 {
		return geom.Homography{}, false
	}
	if off := math.Remainder(math.Atan2(im, re)-a.turn(), 2*math.Pi); math.Abs(off) > .5 {
		return geom.Homography{}, false
	}
	t, p := a.template.at(), a.page.at()
	return geom.Homography{
		re, -im, p.X - float64(re*t.X) + float64(im*t.Y),
		im, re, p.Y - float64(im*t.X) - float64(re*t.Y),
		0, 0, 1,
	}, true
}

// support returns the weight of the pairings that lie where toPage says.
func support(ps []pairing, toPage geom.Homography, tolerance float64) (weight float64) {
	for i := range ps {
		if near(toPage.Apply(ps[i].template.at()), ps[i].page.at(), tolerance) {
			weight += ps[i].weight
		}
	}
	return weight
}

func agreed(ps []pairing, toPage geom.Homography, tolerance float64) (from, to []geom.Point) {
	for i := range ps {
		if near(toPage.Apply(ps[i].template.at()), ps[i].page.at(), tolerance) {
			from, to = append(from, ps[i].template.at()), append(to, ps[i].page.at())
		}
	}
	return from, to
}

func near(p, q geom.Point, tolerance float64) bool {
	dx, dy := p.X-q.X, p.Y-q.Y
	return float64(dx*dx)+float64(dy*dy) <= float64(tolerance*tolerance)
}

// fitAffine returns the affine map that carries from closest to to.
func fitAffine(from, to []geom.Point) (geom.Homography, bool) {
	if len(from) < 3 {
		return geom.Homography{}, false
	}
	var x, y system
	for i, p := range from {
		x.add([]float64{p.X, p.Y, 1}, to[i].X, 1)
		y.add([]float64{p.X, p.Y, 1}, to[i].Y, 1)
	}
	a, okX := x.solve(3)
	b, okY := y.solve(3)
	return geom.Homography{a[0], a[1], a[2], b[0], b[1], b[2], 0, 0, 1}, okX && okY
}

func fitHomography(from, to []geom.Point) (geom.Homography, bool) {
	h, err := geom.Fit(from, to, nil)
	return h, err == nil
}

// sound reports whether toPage carries a sheet of the given size like a camera
// that looks at paper: no corner folded over or mirrored, none more than
// twice as near as the middle, and the whole not tiny.
func sound(toPage geom.Homography, width, height float64) bool {
	quad := toPage.ApplyQuad(geom.XYWH(0, 0, width, height).Quad())
	middle := toPage.ScaleAt(geom.Point{X: width / 2, Y: height / 2})
	if !(middle > .15 && middle < 6) {
		return false
	}
	for i, p := range quad {
		next, last := quad[(i+1)%4], quad[(i+3)%4]
		a, b := next.Sub(p), last.Sub(p)
		cross := float64(a.X*b.Y) - float64(a.Y*b.X)
		if !(cross > .3*math.Hypot(a.X, a.Y)*math.Hypot(b.X, b.Y)) {
			return false
		}
	}
	for _, p := range geom.XYWH(0, 0, width, height).Quad() {
		if s := toPage.ScaleAt(p) / middle; !(s > .5 && s < 2) {
			return false
		}
	}
	return true
}
