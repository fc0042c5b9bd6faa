package geom

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

func randomHomography(r *rand.Rand) Homography {
	a := r.Float64() * 2 * math.Pi
	s := 0.5 + 1.5*r.Float64()
	return Homography{
		s * math.Cos(a), -s * math.Sin(a), 2000 * r.Float64(),
		s * math.Sin(a), s * math.Cos(a), 2000 * r.Float64(),
		1e-4 * (r.Float64() - .5), 1e-4 * (r.Float64() - .5), 1,
	}
}

func randomPoints(r *rand.Rand, n int) []Point {
	ps := make([]Point, n)
	for i := range ps {
		ps[i] = Point{1654 * r.Float64(), 2339 * r.Float64()}
	}
	return ps
}

func TestFitReturnsTheHomographyThatMovedThePoints(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		h := randomHomography(r)
		from := randomPoints(r, 4+r.IntN(30))
		to := make([]Point, len(from))
		for i, p := range from {
			to[i] = h.Apply(p)
		}
		got, err := Fit(from, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range from {
			if d := got.Apply(p).Distance(h.Apply(p)); d > 1e-4 {
				t.Fatalf("Fit moved %v %g px away", p, d)
			}
		}
	}
}

func TestFitWeighsPairs(t *testing.T) {
	from := []Point{{0, 0}, {100, 0}, {100, 100}, {0, 100}, {50, 50}}
	to := []Point{{0, 0}, {100, 0}, {100, 100}, {0, 100}, {90, 90}}
	h, err := Fit(from, to, []float64{1, 1, 1, 1, 0})
	if err != nil {
		t.Fatal(err)
	}
	if d := h.Apply(Point{50, 50}).Distance(Point{50, 50}); d > 1e-9 {
		t.Errorf("a pair of weight 0 moved the fit by %g px", d)
	}
}

func TestFitRefusesDegeneratePoints(t *testing.T) {
	line := []Point{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}}
	same := []Point{{1, 1}, {1, 1}, {1, 1}, {1, 1}}
	for name, ps := range map[string][]Point{"line": line, "same": same, "three": line[:3]} {
		if _, err := Fit(ps, ps, nil); !errors.Is(err, ErrDegenerate) {
			t.Errorf("%s: Fit = %v, want ErrDegenerate", name, err)
		}
	}
}

func TestInverseUndoes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		h := randomHomography(r)
		inv, err := h.Inverse()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range randomPoints(r, 5) {
			if d := inv.Apply(h.Apply(p)).Distance(p); d > 1e-6 {
				t.Fatalf("inverse missed %v by %g px", p, d)
			}
			if d := inv.After(h).Apply(p).Distance(p); d > 1e-6 {
				t.Fatalf("inverse.After missed %v by %g px", p, d)
			}
		}
	}
	if _, err := (Homography{}).Inverse(); !errors.Is(err, ErrDegenerate) {
		t.Errorf("inverse of zero = %v, want ErrDegenerate", err)
	}
}

func TestScaleAt(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const step = 1e-3
	for range 50 {
		h, p := randomHomography(r), randomPoints(r, 1)[0]
		o, x, y := h.Apply(p), h.Apply(p.Add(Point{step, 0})), h.Apply(p.Add(Point{0, step}))
		a, b := x.Sub(o), y.Sub(o)
		want := math.Sqrt(math.Abs(a.X*b.Y-a.Y*b.X)) / step
		if got := h.ScaleAt(p); math.Abs(got-want) > 1e-3*want {
			t.Errorf("ScaleAt(%v) = %g, want %g", p, got, want)
		}
	}
}

func TestBox(t *testing.T) {
	a, b := XYWH(0, 0, 10, 10), XYWH(5, 5, 10, 10)
	if got, want := a.Union(b), XYWH(0, 0, 15, 15); got != want {
		t.Errorf("Union = %v, want %v", got, want)
	}
	if got, want := a.Intersect(b), XYWH(5, 5, 5, 5); got != want {
		t.Errorf("Intersect = %v, want %v", got, want)
	}
	if !a.Intersect(XYWH(20, 20, 1, 1)).Empty() {
		t.Error("boxes apart intersect")
	}
	if got := a.Union(Box{}); got != a {
		t.Errorf("Union with empty = %v, want %v", got, a)
	}
	if got := a.Quad().Bounds(); got != a {
		t.Errorf("Bounds of Quad = %v, want %v", got, a)
	}
}

func TestQuadContains(t *testing.T) {
	q := Quad{{1, 0}, {5, 1}, {6, 6}, {0, 5}}
	for p, want := range map[Point]bool{{3, 3}: true, {1, 0}: true, {3, 0.4}: false, {6, 3}: false, {0.1, 0}: false, {0.5, 4}: true} {
		if got := q.Contains(p); got != want {
			t.Errorf("Contains(%v) = %v, want %v", p, got, want)
		}
	}
}
