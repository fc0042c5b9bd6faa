package form

import "math"

// A Rate is how often something was so, of what was looked at.
type Rate struct{ N, Of int }

// Share returns the rate itself, or 0 of nothing.
func (r Rate) Share() float64 {
	if r.Of == 0 {
		return 0
	}
	return float64(r.N) / float64(r.Of)
}

// Within returns the bounds between which the true share is, in 95 cases of 100: the
// interval of Wilson, Probable Inference, the Law of Succession, and Statistical
// Inference (1927), which also holds for none of few.
func (r Rate) Within() (low, high float64) {
	if r.Of == 0 {
		return 0, 1
	}
	const z = 1.959964
	n, p := float64(r.Of), r.Share()
	middle := p + z*z/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, (middle-half)/(1+z*z/n)), min(1, (middle+half)/(1+z*z/n))
}

// A Trust is how readings of a template fared, by how sure they were.
type Trust struct {
	Pages  int // looked at
	Unseen Rate
	Bins   []TrustBin // the surest first
	Probes Rate       // known values that people let pass altered, of those shown
	Keyed  Rate       // values keyed blind that are not what was settled, of those settled
}

// A TrustBin is the readings of one confidence.
type TrustBin struct {
	Confidence float64 // at least, in thousandths
	Values     int
	Expected   float64 // of those, that are wrong by what the machine says itself
	Verified   Rate    // those that a person found wrong, of those that a person looked at
}

// A TrustPoint is what it comes to where readings are accepted unseen that are at
// least so sure.
type TrustPoint struct {
	Confidence float64
	Unseen     float64 // share of all values
	Expected   float64 // share of those that is wrong, by what the machine says itself
	Verified   Rate    // as of TrustBin, of all that are at least so sure
}

// Points returns a point for each confidence there is, the surest first.
func (t *Trust) Points() (points []TrustPoint) {
	var all int
	for _, b := range t.Bins {
		all += b.Values
	}
	var p TrustPoint
	var values int
	var wrong float64
	for _, b := range t.Bins {
		values += b.Values
		wrong += b.Expected
		p.Verified.N += b.Verified.N
		p.Verified.Of += b.Verified.Of
		p.Confidence, p.Unseen, p.Expected = b.Confidence, float64(values)/float64(all), wrong/float64(values)
		points = append(points, p)
	}
	return points
}

// At returns the point where readings are accepted that are as sure as doubt.
func (t *Trust) At(doubt float64) (at TrustPoint) {
	for _, p := range t.Points() {
		if p.Confidence < doubt {
			break
		}
		at = p
	}
	return at
}
