package fit

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seosik/seosik/internal/confidence"
)

func TestLinearFindsTheWeights(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	truth := confidence.Weights{Names: []string{"a", "b", "idle"}, Bias: -1, Linear: []float64{2, -3, 0}}
	var samples []Sample
	for range 20000 {
		e := confidence.Evidence{"a": r.NormFloat64(), "b": r.Float64(), "idle": r.Float64()}
		samples = append(samples, Sample{e, r.Float64() < truth.Probability(e)})
	}
	got, err := Linear(samples, 1)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got.Bias-truth.Bias) > .2 {
		t.Errorf("bias = %.3f, want %.3f", got.Bias, truth.Bias)
	}
	for i, want := range truth.Linear {
		if math.Abs(got.Linear[i]-want) > .2 {
			t.Errorf("weight of %s = %.3f, want %.3f", got.Names[i], got.Linear[i], want)
		}
	}
}

// What is lost says nothing good, even where by chance it came with what is right.
func TestLinearKeepsBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	truth := confidence.Weights{Names: []string{"a", "bad", "lucky"}, Bias: 1, Linear: []float64{1, -2, 1.5}}
	var samples []Sample
	for range 20000 {
		e := confidence.Evidence{"a": r.NormFloat64(), "bad": r.Float64(), "lucky": r.Float64()}
		samples = append(samples, Sample{e, r.Float64() < truth.Probability(e)})
	}
	got, err := Linear(samples, 1, "bad", "lucky", "never seen")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{1, -2, 0} {
		if math.Abs(got.Linear[i]-want) > .2 {
			t.Errorf("weight of %s = %.3f, want %.3f", got.Names[i], got.Linear[i], want)
		}
	}
	if got.Linear[2] != 0 {
		t.Errorf("weight of what may only lower = %v, want 0", got.Linear[2])
	}
	var without []Sample // what is held at 0 does not change the others
	for _, s := range samples {
		without = append(without, Sample{confidence.Evidence{"a": s.Evidence["a"], "bad": s.Evidence["bad"]}, s.Right})
	}
	plain, err := Linear(without, 1)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(plain.Linear[0]-got.Linear[0]) > 1e-3 || math.Abs(plain.Bias-got.Bias) > 1e-3 {
		t.Errorf("weights %v, bias %v, want those without the feature, %v, %v", got.Linear, got.Bias, plain.Linear, plain.Bias)
	}
}

func TestLinearHoldsBackWhereSamplesAreSeparable(t *testing.T) {
	samples := []Sample{{confidence.Evidence{"a": 0}, false}, {confidence.Evidence{"a": 1}, true}, {confidence.Evidence{"a": 1}, true}}
	w, err := Linear(samples, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p := w.Probability(confidence.Evidence{"a": 1}); !(p > .5 && p < .99) {
		t.Errorf("probability = %.3f, want above one half and not certain", p)
	}
}

func TestLinearOfRareMistakes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var samples []Sample
	for range 5000 {
		e := confidence.Evidence{"sure": r.Float64() * 8, "flag": 0}
		if r.IntN(500) == 0 {
			e = confidence.Evidence{"sure": 0, "flag": 1}
		}
		samples = append(samples, Sample{e, e["flag"] == 0})
	}
	w, err := Linear(samples, .1)
	if err != nil {
		t.Fatal(err)
	}
	if p := w.Probability(confidence.Evidence{"flag": 1}); p > .3 {
		t.Errorf("probability of what was always wrong = %.3f", p)
	}
	if p := w.Probability(confidence.Evidence{"sure": 4}); p < .99 {
		t.Errorf("probability of what was always right = %.3f", p)
	}
}

// A network finds what no weighted sum can say: that two features are alike.
func TestNetwork(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var samples []Sample
	for range 6000 {
		e := confidence.Evidence{"a": r.Float64()*2 - 1, "b": r.Float64()*2 - 1, "same": 7}
		samples = append(samples, Sample{e, e["a"]*e["b"] > 0})
	}
	w, err := Network(samples)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := json.Marshal(confidence.Model{confidence.Line: w}); err != nil {
		t.Fatal(err)
	} else if _, err := confidence.Decode(data); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		a, b  float64
		right bool
	}{{.6, .6, true}, {-.6, -.6, true}, {.6, -.6, false}, {-.6, .6, false}} {
		if p := w.Probability(confidence.Evidence{"a": tt.a, "b": tt.b, "same": 7}); (p > .8) != tt.right || (p < .2) == tt.right {
			t.Errorf("probability at %v, %v = %.3f, want right %v", tt.a, tt.b, p, tt.right)
		}
	}
	again, err := Network(samples)
	if err != nil || again.Bias != w.Bias {
		t.Errorf("fitted again: %v, %v, want the same as %v", again.Bias, err, w.Bias)
	}
}

func TestBothRefuse(t *testing.T) {
	for name, samples := range map[string][]Sample{
		"none":      nil,
		"all right": {{confidence.Evidence{"a": 1}, true}, {confidence.Evidence{"a": 2}, true}},
		"all wrong": {{confidence.Evidence{"a": 1}, false}},
	} {
		if _, err := Linear(samples, 1); !errors.Is(err, ErrSamples) {
			t.Errorf("%s: Linear = %v, want ErrSamples", name, err)
		}
		if _, err := Network(samples); !errors.Is(err, ErrSamples) {
			t.Errorf("%s: Network = %v, want ErrSamples", name, err)
		}
	}
}
