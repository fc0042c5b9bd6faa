package align

import (
	"cmp"
	"math"
	"slices"
)

// A pairing says that a feature of the page looks like one of a template.
type pairing struct {
	page, template *feature
	distance       int     // of their codes
	weight         float64 // in (0, 1]; nearness, less where many features look like that of the page
}

// turn returns by how much the page is turned against the template, were p
// right, in radians in [0, 2π).
func (p *pairing) turn() float64 {
	t := math.Mod(float64(p.page.angle-p.template.angle), 2*math.Pi)
	if t < 0 {
		t += 2 * math.Pi
	}
	return t
}

// zoom returns by how much the page is larger than the template, were p right,
// as a binary logarithm.
func (p *pairing) zoom() float64 { return math.Log2(float64(p.page.size / p.template.size)) }

const (
	turnBins = 24
	zoomBins = 12
	zoomStep = .25 // binary logarithm
)

// bin returns the bins of turn and zoom of p.
func (p *pairing) bin() (turn, zoom int) {
	turn = int(p.turn()/(2*math.Pi)*turnBins) % turnBins
	zoom = int(math.Round(p.zoom()/zoomStep)) + zoomBins/2
	return turn, min(max(zoom, 0), zoomBins-1)
}

// agreeing returns those of ps that agree with most on turn and zoom (weak
// geometric consistency, Jégou et al. 2008), the weightiest first, and the sum
// of their weights.
func agreeing(ps []pairing) ([]pairing, float64) {
	var votes [turnBins][zoomBins]float64
	for i := range ps {
		t, z := ps[i].bin()
		votes[t][z] += ps[i].weight
	}
	best, bestTurn, bestZoom := 0.0, 0, 0
	for t := range turnBins {
		for z := range zoomBins {
			if v := votesAround(&votes, t, z); v > best {
				best, bestTurn, bestZoom = v, t, z
			}
		}
	}
	var out []pairing
	for i := range ps {
		t, z := ps[i].bin()
		dt := (t - bestTurn + turnBins) % turnBins
		if (dt <= 1 || dt == turnBins-1) && z-bestZoom <= 1 && bestZoom-z <= 1 {
			out = append(out, ps[i])
		}
	}
	slices.SortStableFunc(out, func(a, b pairing) int { return cmp.Compare(b.weight, a.weight) })
	return out, best
}

// votesAround returns the votes in and next to a bin.
func votesAround(votes *[turnBins][zoomBins]float64, turn, zoom int) (sum float64) {
	for dt := turnBins - 1; dt <= turnBins+1; dt++ {
		for z := max(zoom-1, 0); z <= min(zoom+1, zoomBins-1); z++ {
			sum += votes[(turn+dt)%turnBins][z]
		}
	}
	return sum
}

// nearness returns the weight of a pairing with the given distance, in (0, 1].
func nearness(distance int) float64 {
	d := float64(distance) / 32
	return math.Exp(-float64(d*d) / 2)
}

// compare returns, for each feature of a page, the pairing with the feature of
// a template that looks most like it, if one does.
func compare(page, template []feature) []pairing {
	var out []pairing
	for i := range page {
		nearest, best := maxDistance+1, -1
		for j := range template {
			if d := page[i].code.distance(&template[j].code); d < nearest {
				nearest, best = d, j
			}
		}
		if best >= 0 {
			out = append(out, pairing{&page[i], &template[best], nearest, nearness(nearest)})
		}
	}
	return out
}
