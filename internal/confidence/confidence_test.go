package confidence

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

func TestFitFindsTheWeights(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	truth := Weights{Names: []string{"a", "b", "idle"}, Bias: -1, Linear: []float64{2, -3, 0}}
	var samples []Sample
	for range 20000 {
		e := Evidence{"a": r.NormFloat64(), "b": r.Float64(), "idle": r.Float64()}
		samples = append(samples, Sample{e, r.Float64() < truth.Probability(e)})
	}
	got, err := Fit(samples, 1)
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

func TestFitHoldsBackWhereSamplesAreSeparable(t *testing.T) {
	samples := []Sample{{Evidence{"a": 0}, false}, {Evidence{"a": 1}, true}, {Evidence{"a": 1}, true}}
	w, err := Fit(samples, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p := w.Probability(Evidence{"a": 1}); !(p > .5 && p < .99) {
		t.Errorf("probability = %.3f, want above one half and not certain", p)
	}
}

func TestFitOfRareMistakes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var samples []Sample
	for range 5000 {
		e := Evidence{"sure": r.Float64() * 8, "flag": 0}
		if r.IntN(500) == 0 {
			e = Evidence{"sure": 0, "flag": 1}
		}
		samples = append(samples, Sample{e, e["flag"] == 0})
	}
	w, err := Fit(samples, .1)
	if err != nil {
		t.Fatal(err)
	}
	if p := w.Probability(Evidence{"flag": 1}); p > .3 {
		t.Errorf("probability of what was always wrong = %.3f", p)
	}
	if p := w.Probability(Evidence{"sure": 4}); p < .99 {
		t.Errorf("probability of what was always right = %.3f", p)
	}
}

// A network finds what no weighted sum can say: that two features are alike.
func TestFitNetwork(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var samples []Sample
	for range 6000 {
		e := Evidence{"a": r.Float64()*2 - 1, "b": r.Float64()*2 - 1, "same": 7}
		samples = append(samples, Sample{e, e["a"]*e["b"] > 0})
	}
	w, err := FitNetwork(samples)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.check(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		a, b  float64
		right bool
	}{{.6, .6, true}, {-.6, -.6, true}, {.6, -.6, false}, {-.6, .6, false}} {
		if p := w.Probability(Evidence{"a": tt.a, "b": tt.b, "same": 7}); (p > .8) != tt.right || (p < .2) == tt.right {
			t.Errorf("probability at %v, %v = %.3f, want right %v", tt.a, tt.b, p, tt.right)
		}
	}
	again, err := FitNetwork(samples)
	if err != nil || again.Bias != w.Bias {
		t.Errorf("fitted again: %v, %v, want the same as %v", again.Bias, err, w.Bias)
	}
}

func TestFitRefuses(t *testing.T) {
	for name, samples := range map[string][]Sample{
		"none":      nil,
		"all right": {{Evidence{"a": 1}, true}, {Evidence{"a": 2}, true}},
		"all wrong": {{Evidence{"a": 1}, false}},
	} {
		if _, err := Fit(samples, 1); !errors.Is(err, ErrSamples) {
			t.Errorf("%s: Fit = %v, want ErrSamples", name, err)
		}
		if _, err := FitNetwork(samples); !errors.Is(err, ErrSamples) {
			t.Errorf("%s: FitNetwork = %v, want ErrSamples", name, err)
		}
	}
}

func TestDefaultKnowsEveryKind(t *testing.T) {
	for _, k := range []Kind{Line, Cell, Blank, Row, Checkbox} {
		if _, ok := Default()[k]; !ok {
			t.Errorf("no weights for %s", k)
		}
	}
	for _, e := range []Evidence{nil, {"lowest": math.Inf(1)}, {"lowest": math.Inf(-1)}} {
		for k := range Default() {
			if p := Default().Probability(k, e); !(p > 0 && p < 1) {
				t.Errorf("probability of %s with %v = %g, want within (0, 1)", k, e, p)
			}
		}
	}
}

func TestDecodeRefusesBadJSON(t *testing.T) {
	if _, err := Decode([]byte(`{"line":`)); err == nil {
		t.Error("Decode of half a file = nil")
	}
	if _, err := Decode([]byte(`{"line":{"names":["a"],"linear":[]}}`)); !errors.Is(err, errShape) {
		t.Errorf("Decode of weights for no features = %v, want errShape", err)
	}
}
