package net

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// random returns a net with random weights.
func random(classes int, r *rand.Rand) *Net {
	n := New(classes)
	for _, t := range n.Tensors() {
		for i := range t.Values {
			t.Values[i] = float32(r.NormFloat64() / 8)
		}
	}
	return n
}

// picture returns one of noise.
func picture(r *rand.Rand) []float32 {
	p := make([]float32, Side*Side)
	for i := range p {
		p[i] = r.Float32()
	}
	return p
}

func TestDecode(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	n := random(5, r)
	n.Temperature = 1.5
	file := n.Encode()
	m, err := Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	x := picture(r)
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
	n := random(37, r)
	x := picture(r)
	for b.Loop() {
		n.Probabilities(x)
	}
}
