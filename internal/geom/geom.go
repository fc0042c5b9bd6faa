// Package geom is the plane geometry of a form: points, boxes,
// quadrilaterals, and the homography that carries one plane onto another.
//
// # Coordinates
//
// All coordinates are in pixels, x to the right and y down. The origin is the
// top-left corner of the image, not the middle of its first pixel: pixel
// (i, j) covers [i, i+1) x [j, j+1) and its centre is (i+0.5, j+0.5).
// There are two spaces: template (the blank form's pixels) and page (the
// scan's pixels). Every value says which it is in.
//
// # Determinism
//
// Products are converted with float64(a*b) before they are added, so that no
// compiler fuses them and results agree on every machine.
package geom

import (
	"errors"
	"math"
)

// ErrDegenerate reports points that do not determine a homography: fewer than
// four, or too many of them on one line; and a matrix without an inverse.
var ErrDegenerate = errors.New("geom: degenerate points")

// A Point is a position in pixels.
type Point struct{ X, Y float64 }

// Add returns p moved by d.
func (p Point) Add(d Point) Point { return Point{p.X + d.X, p.Y + d.Y} }

// Sub returns the vector from q to p.
func (p Point) Sub(q Point) Point { return Point{p.X - q.X, p.Y - q.Y} }

// Distance returns the distance from p to q in pixels.
func (p Point) Distance(q Point) float64 { return math.Hypot(p.X-q.X, p.Y-q.Y) }

// A Box is an axis-aligned rectangle that includes Min and excludes Max.
type Box struct{ Min, Max Point }

// XYWH returns the box with its top-left corner at (x, y).
func XYWH(x, y, width, height float64) Box {
	return Box{Point{x, y}, Point{x + width, y + height}}
}

// Width returns the width of b in pixels.
func (b Box) Width() float64 { return b.Max.X - b.Min.X }

// Height returns the height of b in pixels.
func (b Box) Height() float64 { return b.Max.Y - b.Min.Y }

// Empty reports whether b covers no area.
func (b Box) Empty() bool { return b.Max.X <= b.Min.X || b.Max.Y <= b.Min.Y }

// Center returns the middle of b.
func (b Box) Center() Point { return Point{(b.Min.X + b.Max.X) / 2, (b.Min.Y + b.Max.Y) / 2} }

// Quad returns the corners of b.
func (b Box) Quad() Quad {
	return Quad{b.Min, {b.Max.X, b.Min.Y}, b.Max, {b.Min.X, b.Max.Y}}
}

// Grow returns b with every side moved outwards by d pixels, inwards if d is negative.
func (b Box) Grow(d float64) Box {
	return Box{Point{b.Min.X - d, b.Min.Y - d}, Point{b.Max.X + d, b.Max.Y + d}}
}

// Union returns the smallest box that holds b and c. An empty box adds nothing.
func (b Box) Union(c Box) Box {
	if b.Empty() {
		return c
	}
	if c.Empty() {
		return b
	}
	return Box{
		Point{min(b.Min.X, c.Min.X), min(b.Min.Y, c.Min.Y)},
		Point{max(b.Max.X, c.Max.X), max(b.Max.Y, c.Max.Y)},
	}
}

// Intersect returns the part that b and c share. It is empty if they share none.
func (b Box) Intersect(c Box) Box {
	r := Box{
		Point{max(b.Min.X, c.Min.X), max(b.Min.Y, c.Min.Y)},
		Point{min(b.Max.X, c.Max.X), min(b.Max.Y, c.Max.Y)},
	}
	if r.Empty() {
		return Box{}
	}
	return r
}

// In reports whether all of b lies in c.
func (b Box) In(c Box) bool {
	return b.Min.X >= c.Min.X && b.Min.Y >= c.Min.Y && b.Max.X <= c.Max.X && b.Max.Y <= c.Max.Y
}

// A Quad is a quadrilateral: top left, top right, bottom right, bottom left.
type Quad [4]Point

// Bounds returns the smallest box that holds q.
func (q Quad) Bounds() Box {
	b := Box{q[0], q[0]}
	for _, p := range q[1:] {
		b.Min = Point{min(b.Min.X, p.X), min(b.Min.Y, p.Y)}
		b.Max = Point{max(b.Max.X, p.X), max(b.Max.Y, p.Y)}
	}
	return b
}

// Contains reports whether p lies in q, which is convex.
func (q Quad) Contains(p Point) bool {
	for i, a := range q {
		b := q[(i+1)%4]
		if float64((b.X-a.X)*(p.Y-a.Y))-float64((b.Y-a.Y)*(p.X-a.X)) < 0 {
			return false
		}
	}
	return true
}

// A Homography maps the points of one plane to another.
// It is a 3x3 matrix in row-major order: h[3*r+c] is row r, column c.
type Homography [9]float64

// Identity maps every point to itself.
var Identity = Homography{1, 0, 0, 0, 1, 0, 0, 0, 1}

// Shift moves every point by d.
func Shift(d Point) Homography { return Homography{1, 0, d.X, 0, 1, d.Y, 0, 0, 1} }

// Scale multiplies x by sx and y by sy.
func Scale(sx, sy float64) Homography { return Homography{sx, 0, 0, 0, sy, 0, 0, 0, 1} }

// Apply returns the image of p. A point that h sends to infinity has infinite
// coordinates.
func (h Homography) Apply(p Point) Point {
	w := float64(h[6]*p.X) + float64(h[7]*p.Y) + h[8]
	if w == 0 {
		return Point{math.Inf(1), math.Inf(1)}
	}
	return Point{
		(float64(h[0]*p.X) + float64(h[1]*p.Y) + h[2]) / w,
		(float64(h[3]*p.X) + float64(h[4]*p.Y) + h[5]) / w,
	}
}

// ApplyQuad returns the image of q, corner by corner.
func (h Homography) ApplyQuad(q Quad) Quad {
	for i, p := range q {
		q[i] = h.Apply(p)
	}
	return q
}

// After returns the homography that applies g and then h.
func (h Homography) After(g Homography) Homography {
	var m Homography
	for r := range 3 {
		for c := range 3 {
			m[3*r+c] = float64(h[3*r]*g[c]) + float64(h[3*r+1]*g[3+c]) + float64(h[3*r+2]*g[6+c])
		}
	}
	return m
}

// ScaleAt returns by how much h enlarges lengths near p: the square root of
// the area of the image of a unit square.
func (h Homography) ScaleAt(p Point) float64 {
	w := float64(h[6]*p.X) + float64(h[7]*p.Y) + h[8]
	q := h.Apply(p)
	a, b := (h[0]-float64(q.X*h[6]))/w, (h[1]-float64(q.X*h[7]))/w
	c, d := (h[3]-float64(q.Y*h[6]))/w, (h[4]-float64(q.Y*h[7]))/w
	return math.Sqrt(math.Abs(float64(a*d) - float64(b*c)))
}

// Inverse returns the homography that undoes h, or ErrDegenerate if none does.
func (h Homography) Inverse() (Homography, error) {
	m := Homography{
		float64(h[4]*h[8]) - float64(h[5]*h[7]), float64(h[2]*h[7]) - float64(h[1]*h[8]), float64(h[1]*h[5]) - float64(h[2]*h[4]),
		float64(h[5]*h[6]) - float64(h[3]*h[8]), float64(h[0]*h[8]) - float64(h[2]*h[6]), float64(h[2]*h[3]) - float64(h[0]*h[5]),
		float64(h[3]*h[7]) - float64(h[4]*h[6]), float64(h[1]*h[6]) - float64(h[0]*h[7]), float64(h[0]*h[4]) - float64(h[1]*h[3]),
	}
	det := float64(h[0]*m[0]) + float64(h[1]*m[3]) + float64(h[2]*m[6])
	if det == 0 || math.IsNaN(det) || math.IsInf(det, 0) {
		return Homography{}, ErrDegenerate
	}
	for i := range m {
		m[i] /= det
	}
	return m.normalized(), nil
}

// normalized returns h scaled so that its last element is 1, where it can be.
func (h Homography) normalized() Homography {
	if math.Abs(h[8]) < 1e-300 {
		return h
	}
	for i := range h {
		h[i] /= h[8]
	}
	h[8] = 1
	return h
}

// Fit returns the homography that carries from[i] closest to to[i], in the
// least-squares sense of the normalised direct linear transform (Hartley and
// Zisserman, Multiple View Geometry, 2nd ed., algorithm 4.2, with the last
// element held at 1). Weights may be nil, for all equal; otherwise there is
// one, not negative, for each pair. Fit returns ErrDegenerate where the pairs
// determine no homography. It panics if the lengths differ.
func Fit(from, to []Point, weights []float64) (Homography, error) {
	if len(from) != len(to) || (weights != nil && len(weights) != len(from)) {
		panic("geom: Fit of lists of different lengths")
	}
	if len(from) < 4 {
		return Homography{}, ErrDegenerate
	}
	normFrom, normTo := normalizer(from), normalizer(to)
	var a [8][9]float64 // normal equations, with the right-hand side as last column
	for i := range from {
		p, q := normFrom.Apply(from[i]), normTo.Apply(to[i])
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		addRow(&a, w, [9]float64{p.X, p.Y, 1, 0, 0, 0, -float64(p.X * q.X), -float64(p.Y * q.X), q.X})
		addRow(&a, w, [9]float64{0, 0, 0, p.X, p.Y, 1, -float64(p.X * q.Y), -float64(p.Y * q.Y), q.Y})
	}
	x, ok := solve8(&a)
	if !ok {
		return Homography{}, ErrDegenerate
	}
	back, err := normTo.Inverse()
	if err != nil {
		return Homography{}, err
	}
	h := Homography{x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], 1}
	return back.After(h).After(normFrom).normalized(), nil
}

// addRow adds w times the outer product of row to the normal equations.
func addRow(a *[8][9]float64, w float64, row [9]float64) {
	for r := range 8 {
		if row[r] == 0 {
			continue
		}
		f := w * row[r]
		for c := range 9 {
			a[r][c] += float64(f * row[c])
		}
	}
}

// normalizer returns the similarity that moves the centroid of ps to the
// origin and their mean distance from it to the square root of two.
func normalizer(ps []Point) Homography {
	var c Point
	for _, p := range ps {
		c = c.Add(p)
	}
	n := float64(len(ps))
	c = Point{c.X / n, c.Y / n}
	var d float64
	for _, p := range ps {
		d += p.Distance(c) / n
	}
	if d == 0 {
		return Shift(Point{-c.X, -c.Y})
	}
	s := math.Sqrt2 / d
	return Scale(s, s).After(Shift(Point{-c.X, -c.Y}))
}

// solve8 solves eight linear equations by elimination with row pivots.
func solve8(a *[8][9]float64) (x [8]float64, ok bool) {
	for col := range 8 {
		pivot := col
		for r := col + 1; r < 8; r++ {
			if math.Abs(a[r][col]) > math.Abs(a[pivot][col]) {
				pivot = r
			}
		}
		if !(math.Abs(a[pivot][col]) > 1e-12) { // also NaN
			return x, false
		}
		a[col], a[pivot] = a[pivot], a[col]
		for r := col + 1; r < 8; r++ {
			f := a[r][col] / a[col][col]
			for c := col; c < 9; c++ {
				a[r][c] -= float64(f * a[col][c])
			}
		}
	}
	for r := 7; r >= 0; r-- {
		v := a[r][8]
		for c := r + 1; c < 8; c++ {
			v -= float64(a[r][c] * x[c])
		}
		x[r] = v / a[r][r]
	}
	return x, true
}
