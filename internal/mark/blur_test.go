package mark

import (
	"math"
	"testing"
)

// A dot out of focus is as dark as before all in all, and lies where it did.
func TestBlursKeepTheInk(t *testing.T) {
	const side = 41
	dot := newPlane(side, side)
	dot.at[side*(side/2)+side/2] = 1
	for k, l := range blurs {
		sum, x, y := 0.0, 0.0, 0.0
		for i, v := range l(dot).at {
			sum += float64(v)
			x += float64(v) * float64(i%side-side/2)
			y += float64(v) * float64(i/side-side/2)
		}
		if math.Abs(sum-1) > 1e-3 || math.Hypot(x, y) > .6 {
			t.Errorf("blur %d: ink %.4f, its middle at (%.2f, %.2f)", k, sum, x, y)
		}
	}
}
