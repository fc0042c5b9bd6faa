package learn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/mark/net"
)

// picture returns a noisy bar, upright for class 0, lying for class 1.
func picture(r *rand.Rand, class int) []float32 {
	p := make([]float32, net.Side*net.Side)
	at := 8 + r.IntN(12)
	for i := range p {
		x, y := i%net.Side, i/net.Side
		if class == 1 {
			x, y = y, x
		}
		if x >= at && x < at+3 && y > 4 && y < 24 {
			p[i] = 1
		}
		p[i] = min(1, p[i]+.1*r.Float32())
	}
	return p
}

func loss(n *net.Net, s Sample) float64 {
	return -math.Log(float64(net.Softmax(n.Scores(s.Picture), 1)[s.Class]))
}

func TestGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	n := Random(net.New(3), r)
	sample := Sample{picture(r, 0), 1}
	mask := slices.Repeat([]float32{1}, net.Hidden)
	g := newGradient(n)
	g.add(n, sample, mask, 0)
	for k, w := range n.Tensors() {
		i := r.IntN(len(w.Values))
		const step = 1e-3
		saved := w.Values[i]
		w.Values[i] = saved + step
		up := loss(n, sample)
		w.Values[i] = saved - step
		down := loss(n, sample)
		w.Values[i] = saved
		want, got := (up-down)/(2*step), float64(g.values[k][i])
		if math.Abs(got-want) > .02*math.Abs(want)+2e-3 {
			t.Errorf("tensor %d: gradient %v, want %v", k, got, want)
		}
	}
}

func TestLearner(t *testing.T) {
	learn := func() *net.Net {
		r := rand.New(rand.NewPCG(1, 2))
		n := Random(net.New(2), r)
		l := New(n, r)
		for range 20 {
			var batch []Sample
			for i := range 16 {
				batch = append(batch, Sample{picture(r, i%2), i % 2})
			}
			l.Step(batch, .002)
		}
		return n
	}
	n := learn()
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 20 {
		if p := n.Probabilities(picture(r, i%2)); p[i%2] < .9 {
			t.Errorf("class %d has probability %v, want more than .9", i%2, p[i%2])
		}
	}
	if !slices.Equal(n.Encode(), learn().Encode()) {
		t.Error("learning twice gives different nets")
	}
}

func BenchmarkStep(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	l := New(Random(net.New(37), r), r)
	batch := make([]Sample, 64)
	for i := range batch {
		batch[i] = Sample{picture(r, i%2), i % 2}
	}
	for b.Loop() {
		l.Step(batch, .001)
	}
}
