package align

import (
	"math"
	"slices"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// How paper that is not flat is followed: what is not found where it should be
// is looked for, in steps.
var bendSteps = []struct {
	reach int     // work px; how far around
	team  float64 // work px; the standard deviation of the neighbourhood that moves alike
	slack int     // work px; by how much one of it may differ
}{{14, 60, 2}, {14, 50, 2}, {5, 30, 1}}

// settled is the trust from which a patch is found.
const settled = .85

// follow returns the field by which print lies off from where toPage puts it,
// and the sights by it, given the sights by toPage alone.
func (r *Reference) follow(v view, toPage geom.Homography, sights []sight) (field, []sight) {
	width, height := r.width/r.scale, r.height/r.scale
	f := newField(sights, width, height)
	for _, step := range bendSteps {
		sights = r.inspectBent(v, toPage, f, sights)
		r.searchTogether(v, toPage, f, sights, r.unsettled(sights), step.reach, step.team, step.slack)
		f = newField(sights, width, height)
	}
	for range 2 {
		sights = r.inspectBent(v, toPage, f, sights)
		f = newField(sights, width, height)
	}
	return f, sights
}

// When paper may be bent, and is.
const (
	hopeless     = .2  // score of a template that is not looked for any further
	flatScore    = .97 // of what surely is flat
	flatResidual = .4  // work px; the same
	lostTrust    = .3  // of a patch that is not where it should be
	rule         = .2  // how well both directions of a patch are held that is no more than a rule
	movedTrust   = .4  // of one that is elsewhere
	movedFar     = 2   // work px; how far off that is
	someMoved    = 5   // patches that are there on bent paper
	minBentScore = .6  // a field can explain what is not there; of 80 bent pages none scored less than 0.76
	bentGain     = .02 // by how much a field must score more; that much less may it where its print lies closer
)

// flat reports whether paper on which r fits so, by those sights, surely is flat,
// or r surely is not on it.
func (r *Reference) flat(v view, toPage geom.Homography, fit Fit, sights []sight) bool {
	switch {
	case fit.Score < hopeless:
		return true
	case fit.Residual >= flatResidual*r.scale:
		return false
	case fit.Score > flatScore:
		return true
	}
	return r.moved(v, toPage, sights) < someMoved
}

// moved counts the patches that are not where they should be, but are elsewhere
// with their neighbours.
func (r *Reference) moved(v view, toPage geom.Homography, sights []sight) (n int) {
	var open []int
	for i := range sights {
		if sights[i].trust < lostTrust && twofold(r.patches[i].grip) > rule {
			open = append(open, i)
		}
	}
	sights = slices.Clone(sights)
	first := bendSteps[0]
	r.searchTogether(v, toPage, newField(nil, r.width/r.scale, r.height/r.scale), sights, open, first.reach, first.team, first.slack)
	for _, i := range open {
		if s := &sights[i]; s.trust > movedTrust && math.Hypot(s.off.X, s.off.Y) > movedFar {
			n++
		}
	}
	return n
}

// better returns the fit on bent paper where it explains more of the print than
// that on flat paper, or as much of it and lies closer to it.
func better(flat, bent Fit) Fit {
	if flat.sure() && !bent.sure() {
		return flat
	}
	closer := bent.Residual < flat.Residual/2
	if bent.Score > flat.Score+bentGain || closer && bent.Score > flat.Score-bentGain {
		return bent
	}
	return flat
}

// lying returns the homography from work px of r to those of the page around p.
func (f field) lying(toPage geom.Homography, p *patch) geom.Homography {
	return toPage.After(f.around(geom.XYWH(float64(p.x), float64(p.y), patchSide, patchSide)))
}

// inspectBent measures where the patches lie that f brings to within about two
// pixels, or that lie there by themselves, as they were seen last.
func (r *Reference) inspectBent(v view, toPage geom.Homography, f field, last []sight) []sight {
	sights := make([]sight, len(r.patches))
	var pair comparison
	for i := range r.patches {
		p := &r.patches[i]
		lying, off := f.lying(toPage, p), f.at(p.middle())
		sights[i] = pair.inspect(v.clean, lying, p)
		sights[i].off = sights[i].off.Add(off)
		if own := last[i].off.Sub(off); sights[i].trust < settled && last[i].trust > 0 && math.Hypot(own.X, own.Y) > 1 {
			again := pair.inspect(v.clean, lying.After(geom.Shift(own)), p)
			if again.off = again.off.Add(last[i].off); again.trust > sights[i].trust {
				sights[i] = again
			}
		}
	}
	return sights
}

// unsettled returns which patches are not settled. Rules never are: they look
// alike.
func (r *Reference) unsettled(sights []sight) (open []int) {
	for i := range sights {
		if sights[i].trust < settled || twofold(r.patches[i].grip) <= rule {
			open = append(open, i)
		}
	}
	return open
}

// searchTogether looks for the open patches up to reach px away from where f puts
// them, each together with its neighbours among them, and sets their sights.
//
// Which of several rules of a table it is that a patch shows, the patch does
// not know. What its neighbours show decides: their agreement with the page is
// summed up for each displacement before the best is taken, as costs are in
// block matching for stereo (Scharstein and Szeliski 2002).
func (r *Reference) searchTogether(v view, toPage geom.Homography, f field, sights []sight, open []int, reach int, team float64, slack int) {
	side := 2*reach + 1
	maps := make([][]float32, len(open))
	for m, i := range open {
		p := &r.patches[i]
		window := raster.Warp(v.clean, f.lying(toPage, p).After(geom.Shift(geom.Point{
			X: float64(int(p.x) - reach), Y: float64(int(p.y) - reach),
		})), patchSide+2*reach, patchSide+2*reach)
		shares := make([]float32, side*side)
		p.compareAt(window, reach, func(dx, dy int, share float64) {
			shares[(dy+reach)*side+dx+reach] = float32(max(share, 0))
		})
		maps[m] = widened(shares, side, slack)
	}
	sum := make([]float32, side*side)
	for _, i := range open {
		p := &r.patches[i]
		clear(sum)
		weights := float32(0)
		for m, k := range open {
			q := &r.patches[k]
			dx, dy := float64(p.x-q.x)/team, float64(p.y-q.y)/team
			far := float64(dx*dx) + float64(dy*dy)
			if far > 6 {
				continue
			}
			w := float32(math.Exp(-far/2) * (.1 + twofold(q.grip)))
			weights += w
			for j, share := range maps[m] {
				sum[j] += float32(w * share)
			}
		}
		off, share := highest(sum, reach)
		sights[i] = sight{
			at:    p.middle(),
			off:   f.at(p.middle()).Add(off),
			grip:  [3]float32{.5, 0, .5},
			trust: max(0, min(1, (share/float64(weights)-.4)/.4)),
		}
	}
}

// highest returns the displacement with the highest sum, the nearer one where
// two are about as high, and that sum.
func highest(sum []float32, reach int) (off geom.Point, best float64) {
	side := 2*reach + 1
	most := math.Inf(-1)
	for j, s := range sum {
		dx, dy := float64(j%side-reach), float64(j/side-reach)
		if v := float64(s) * (1 - .05*(float64(dx*dx)+float64(dy*dy))/float64(2*reach*reach)); v > most {
			most, best, off = v, float64(s), geom.Point{X: dx, Y: dy}
		}
	}
	return off, best
}

// widened returns the highest of the shares up to slack px around each.
func widened(shares []float32, side, slack int) []float32 {
	across := make([]float32, len(shares))
	for j := range shares {
		x, row := j%side, j/side*side
		for i := max(x-slack, 0); i <= min(x+slack, side-1); i++ {
			across[j] = max(across[j], shares[row+i])
		}
	}
	out := make([]float32, len(shares))
	for j := range shares {
		for y := max(j/side-slack, 0); y <= min(j/side+slack, side-1); y++ {
			out[j] = max(out[j], across[y*side+j%side])
		}
	}
	return out
}
