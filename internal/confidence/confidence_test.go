package confidence

import (
	"errors"
	"math"
	"testing"
)

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
