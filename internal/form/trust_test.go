package form

import (
	"math"
	"testing"
)

func TestWilson(t *testing.T) {
	for _, tt := range []struct {
		rate      Rate
		low, high float64
	}{
		{Rate{0, 0}, 0, 1},
		{Rate{0, 10}, 0, 0.2775},
		{Rate{10, 10}, 0.7225, 1},
		{Rate{5, 10}, 0.2366, 0.7634},
		{Rate{3, 1000}, 0.00102, 0.00878},
	} {
		low, high := tt.rate.Within()
		if math.Abs(low-tt.low) > 1e-4 || math.Abs(high-tt.high) > 1e-4 {
			t.Errorf("%v is within %.5f and %.5f, want %.5f and %.5f", tt.rate, low, high, tt.low, tt.high)
		}
	}
}

func TestTrust(t *testing.T) {
	trust := Trust{Bins: []TrustBin{
		{Confidence: 0.99, Values: 80, Expected: 0.4, Verified: Rate{0, 20}},
		{Confidence: 0.95, Values: 10, Expected: 0.5, Verified: Rate{1, 5}},
		{Confidence: 0.5, Values: 10, Expected: 5, Verified: Rate{6, 10}},
	}}
	if at := trust.At(0.95); at.Unseen != 0.9 || at.Expected != 0.01 || at.Verified != (Rate{1, 25}) {
		t.Errorf("at 0.95 %+v", at)
	}
	if at := trust.At(0.999); at != (TrustPoint{}) {
		t.Errorf("at 0.999 %+v", at)
	}
	if points := trust.Points(); len(points) != 3 || points[2].Unseen != 1 || points[2].Verified != (Rate{7, 35}) {
		t.Errorf("points %+v", points)
	}
}
