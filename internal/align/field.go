package align

import (
	"cmp"
	"math"
	"slices"

	"github.com/seosik/seosik/internal/geom"
)

// A field says by how much each place of paper that is not flat lies off from
// where a homography puts it: the sum of its levels. Each is fitted to what the
// sights are off by those before it, by moving least squares (Levin 1998; of
// affine maps as in Schaefer et al. 2006), first over a wide neighbourhood and
// then over a narrow one (multilevel, as Lee, Wolberg and Shin 1997), robustly
// (iteratively reweighted with Cauchy's weights): sights that most of their
// neighbours contradict count little, so that at a jump each side goes its way.
type field []level

// A level is a grid of displacements, even between its nodes.
type level struct {
	step          float64 // work px of the template; between the nodes
	columns, rows int
	off           []geom.Point // work px of the template
}

// fieldLevels lists the levels of a field: the distance of their nodes, the
// standard deviation of the neighbourhood of a node, both in work px, and how
// much print it takes to move it.
var fieldLevels = []struct{ step, reach, hold float64 }{{75, 150, .02}, {25, 55, .2}}

const (
	fieldEdge = 2.5 // standard deviations; sights farther away count nothing
	agree     = 1.5 // work px; by how much sights of one neighbourhood may differ
)

// newField returns the field of the sights on a sheet of the given size in work px.
func newField(sights []sight, width, height float64) field {
	var rest []sight
	for _, s := range sights {
		if s.trust > 0 {
			rest = append(rest, s)
		}
	}
	var f field
	for _, l := range fieldLevels {
		g := level{step: l.step, columns: int(width/l.step) + 2, rows: int(height/l.step) + 2}
		for i := range g.columns * g.rows {
			node := geom.Point{X: float64(i%g.columns) * g.step, Y: float64(i/g.columns) * g.step}
			g.off = append(g.off, bent(rest, node, l.reach, l.hold))
		}
		f = append(f, g)
		for i := range rest {
			rest[i].off = rest[i].off.Sub(g.at(rest[i].at))
		}
	}
	return f
}

// at returns the displacement of p, both in work px.
func (f field) at(p geom.Point) (off geom.Point) {
	for i := range f {
		off = off.Add(f[i].at(p))
	}
	return off
}

func (l *level) at(p geom.Point) geom.Point {
	x := min(max(p.X/l.step, 0), float64(l.columns-1)-1e-9)
	y := min(max(p.Y/l.step, 0), float64(l.rows-1)-1e-9)
	i, j := int(x), int(y)
	fx, fy := x-float64(i), y-float64(j)
	k := j*l.columns + i
	a, b, c, d := l.off[k], l.off[k+1], l.off[k+l.columns], l.off[k+l.columns+1]
	mix := func(a, b, c, d float64) float64 {
		top, bottom := a+float64(fx*(b-a)), c+float64(fx*(d-c))
		return top + float64(fy*(bottom-top))
	}
	return geom.Point{X: mix(a.X, b.X, c.X, d.X), Y: mix(a.Y, b.Y, c.Y, d.Y)}
}

// around returns the affine map from work px to where they lie by f that holds
// best for the box.
func (f field) around(box geom.Box) geom.Homography {
	c := box.Center()
	hx, hy := max(box.Width()/2, patchSide/2), max(box.Height()/2, patchSide/2)
	var sum, alongX, alongY geom.Point
	for j := -2.; j <= 2; j++ {
		for i := -2.; i <= 2; i++ {
			d := f.at(c.Add(geom.Point{X: hx * i / 2, Y: hy * j / 2}))
			sum = sum.Add(d)
			alongX = alongX.Add(geom.Point{X: float64(d.X * i), Y: float64(d.Y * i)})
			alongY = alongY.Add(geom.Point{X: float64(d.X * j), Y: float64(d.Y * j)})
		}
	}
	// Over -2 .. 2 in both directions, 25 points: the squares of i sum up to 50.
	xx, yx := alongX.X/25/hx, alongX.Y/25/hx
	xy, yy := alongY.X/25/hy, alongY.Y/25/hy
	return geom.Homography{
		1 + xx, xy, sum.X/25 - float64(xx*c.X) - float64(xy*c.Y),
		yx, 1 + yy, sum.Y/25 - float64(yx*c.X) - float64(yy*c.Y),
		0, 0, 1,
	}
}

// bent returns the displacement at p by the sights around it, in a
// neighbourhood of standard deviation reach. It is held to none the more, the
// larger hold is and the fewer sights there are.
func bent(sights []sight, p geom.Point, reach, hold float64) geom.Point {
	var near []neighbour
	for i := range sights {
		s := &sights[i]
		d := s.at.Sub(p)
		if far := (float64(d.X*d.X) + float64(d.Y*d.Y)) / (reach * reach); far < fieldEdge*fieldEdge {
			near = append(near, neighbour{s, geom.Point{X: d.X / reach, Y: d.Y / reach}, s.trust * math.Exp(-far/2)})
		}
	}
	x := [6]float64{}
	start := usual(near)
	x[0], x[3] = start.X, start.Y
	for range 5 {
		var s system
		s[0][0], s[3][3] = hold, hold
		for _, k := range [4]int{1, 2, 4, 5} {
			s[k][k] = hold + .05
		}
		for i := range near {
			near[i].addTo(&s, &x)
		}
		y, ok := s.solve(6)
		if !ok {
			return geom.Point{}
		}
		copy(x[:], y[:6])
	}
	return geom.Point{X: x[0], Y: x[3]}
}

// A neighbour is a sight near a place.
type neighbour struct {
	*sight
	from   geom.Point // the place, in standard deviations of the neighbourhood
	weight float64
}

// electors is how many of the nearest neighbours are asked where most are.
const electors = 24

// usual returns the displacement on which most of the nearest neighbours agree.
func usual(near []neighbour) (best geom.Point) {
	firm := make([]neighbour, 0, len(near))
	for _, n := range near {
		if n.weight *= .05 + twofold(n.grip); n.weight > .01 {
			firm = append(firm, n)
		}
	}
	slices.SortStableFunc(firm, func(a, b neighbour) int { return cmp.Compare(b.weight, a.weight) })
	firm = firm[:min(len(firm), electors)]
	most := 0.0
	for i := range firm {
		votes := 0.0
		for k := range firm {
			n := &firm[k]
			votes += n.weight / (1 + missBy(n.off.Sub(firm[i].off), n.grip)/(agree*agree))
		}
		if votes > most {
			most, best = votes, firm[i].off
		}
	}
	return best
}

// addTo adds what n says about the unknowns, an affine map around the place,
// weighed by how well it agrees with those found so far.
func (n *neighbour) addTo(s *system, x *[6]float64) {
	ax, ay := [6]float64{1, n.from.X, n.from.Y}, [6]float64{0, 0, 0, 1, n.from.X, n.from.Y}
	d := geom.Point{
		X: x[0] + float64(x[1]*n.from.X) + float64(x[2]*n.from.Y),
		Y: x[3] + float64(x[4]*n.from.X) + float64(x[5]*n.from.Y),
	}.Sub(n.off)
	weight := n.weight / (1 + missBy(d, n.grip)/(agree*agree))
	addGrip(s, n.grip, ax[:], ay[:], n.off, weight)
}
