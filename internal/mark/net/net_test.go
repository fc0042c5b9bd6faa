package net

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// picture returns a noisy bar, upright for class 0, lying for class 1.
func picture(r *rand.Rand, class int) []float32 {
	p := make([]float32, Side*Side)
	at := 8 + r.IntN(12)
	for i := range p {
		x, y := i%Side, i/Side
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

func loss(n *Net, s Sample) float64 {
	return -math.Log(float64(Softmax(n.Scores(s.Picture), 1)[s.Class]))
}

func TestGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	n := New(3, r)
	sample := Sample{picture(r, 0), 1}
	mask := slices.Repeat([]float32{1}, hidden)
	g := newGradient(n)
	g.add(n, sample, mask, 0)
	for k, w := range n.tensors() {
		i := r.IntN(len(w.values))
		const step = 1e-3
		saved := w.values[i]
		w.values[i] = saved + step
		up := loss(n, sample)
		w.values[i] = saved - step
		down := loss(n, sample)
		w.values[i] = saved
		want, got := (up-down)/(2*step), float64(g.values[k][i])
		if math.Abs(got-want) > .02*math.Abs(want)+2e-3 {
			t.Errorf("tensor %d: gradient %v, want %v", k, got, want)
		}
	}
}

func TestLearner(t *testing.T) {
	learn := func() *Net {
		r := rand.New(rand.NewPCG(1, 2))
		n := New(2, r)
		l := NewLearner(n, r)
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

func TestDecode(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	n := New(5, r)
	n.Temperature = 1.5
	file := n.Encode()
	m, err := Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	x := picture(r, 1)
	p, q := n.Probabilities(x), m.Probabilities(x)
	for i := range p {
		if math.Abs(float64(p[i]-q[i])) > .02 {
			t.Errorf("class %d: probability %v after decoding, want about %v", i, q[i], p[i])
		}
	}
	for _, bad := range [][]byte{nil, []byte(magic), file[:len(file)-1], append(slices.Clone(file), 0)} {
		if _, err := Decode(bad); err == nil {
			t.Errorf("Decode of %d bytes: no error", len(bad))
		}
	}
}

func BenchmarkProbabilities(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	n := New(37, r)
	x := picture(r, 0)
	for b.Loop() {
		n.Probabilities(x)
	}
}

func BenchmarkStep(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	l := NewLearner(New(37, r), r)
	batch := make([]Sample, 64)
	for i := range batch {
		batch[i] = Sample{picture(r, i%2), i % 2}
	}
	for b.Loop() {
		l.Step(batch, .001)
	}
}
