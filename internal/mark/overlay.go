package mark

import (
	"math"
)

// printed is the darkness from which a pixel of a blank form counts as print.
const printed = .12

// A shift moves a blank crop onto the filled one, in px.
type shift struct{ x, y float64 }

// An overlay is a filled crop laid over the blank one.
type overlay struct {
	ink    plane  // darkness that print does not explain
	hidden []bool // pixels under dark print, where ink was guessed from what is around
	noise  float32
}

// lay takes the print of blank away from filled. The print is sought within
// reach px of where start moves it.
func lay(filled, blank plane, start shift, reach int) (overlay, shift) {
	at := register(filled, blank, start, reach)
	expected := imitate(filled, blank.moved(at.x, at.y))
	return subtract(filled, expected), at
}

// register returns the shift within reach of start under which the print of
// blank lies best on filled. It moves to quarters of a pixel. Print against
// the paper right beside it is what counts, so that heavy ink elsewhere does
// not draw it away.
func register(filled, blank plane, start shift, reach int) shift {
	type sample struct {
		x, y   int
		weight float32
	}
	near := blank.spread().spread()
	var samples []sample
	sum := float32(0)
	for i, v := range near.at {
		if v < printed {
			continue
		}
		samples = append(samples, sample{i % blank.width, i / blank.width, blank.at[i]})
		sum += blank.at[i]
	}
	if len(samples) == 0 {
		return start
	}
	mean := sum / float32(len(samples))
	x0, y0 := int(math.Round(start.x)), int(math.Round(start.y))
	side := 2*reach + 3 // a border for the interpolation of the peak
	score := make([]float64, side*side)
	energy := float32(0)
	for _, s := range samples {
		energy += float32((s.weight - mean) * (s.weight - mean))
	}
	if energy == 0 {
		return start
	}
	for j := range side {
		for i := range side {
			dx, dy := x0+i-reach-1, y0+j-reach-1
			total := float32(0)
			for _, s := range samples {
				total += float32((s.weight - mean) * filled.value(s.x+dx, s.y+dy))
			}
			// Among equal ones the nearest is likelier: lines that run one
			// way only do not say where along them they lie.
			away := math.Hypot(float64(dx)-start.x, float64(dy)-start.y)
			score[j*side+i] = float64(total/energy) * (1 - .01*away)
		}
	}
	best, bi, bj := math.Inf(-1), reach+1, reach+1
	for j := 1; j < side-1; j++ {
		for i := 1; i < side-1; i++ {
			if v := score[j*side+i]; v > best {
				best, bi, bj = v, i, j
			}
		}
	}
	if best < .02 {
		return start // the print is not to be seen at all
	}
	peak := func(a, b, c float64) float64 {
		if d := a - 2*b + c; d < 0 {
			return math.Round(4*max(-.5, min(.5, (a-c)/(2*d)))) / 4
		}
		return 0
	}
	k := bj*side + bi
	return shift{
		float64(x0+bi-reach-1) + peak(score[k-1], best, score[k+1]),
		float64(y0+bj-reach-1) + peak(score[k-side], best, score[k+side]),
	}
}

// imitate returns blank as blurred, as thick and as dark as its print is in
// filled.
func imitate(filled, blank plane) plane {
	near := blank.spread().spread()
	var at []int
	for i, v := range near.at {
		if v >= printed {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return blank
	}
	best, bestCost := blank, float32(math.MaxFloat32)
	try := func(p plane) {
		gain := gainOf(filled, p, at)
		cost := float32(0)
		for _, i := range at {
			d := filled.at[i] - float32(gain*p.at[i])
			if d < 0 {
				d = -d
			}
			cost += d
		}
		if cost < bestCost {
			best, bestCost = p.scaled(gain), cost
		}
	}
	try(blank)
	soft := blank.blurred()
	try(soft)
	softer := soft.blurred()
	try(softer)
	try(softer.blurred().blurred())
	thick := blank.spread()
	try(thick)
	try(thick.blurred())
	return best
}

// gainOf returns how much darker print is in filled than in blank, from the
// pixels at the given places that are print in blank.
func gainOf(filled, blank plane, at []int) float32 {
	top := float32(0)
	for _, i := range at {
		top = max(top, blank.at[i])
	}
	ratios := make([]float32, 0, len(at))
	for _, i := range at {
		if b := blank.at[i]; b >= top/2 {
			ratios = append(ratios, filled.at[i]/b)
		}
	}
	return max(.1, min(1.5, quantile(ratios, .5)))
}

func (p plane) scaled(gain float32) plane {
	q := newPlane(p.width, p.height)
	for i, v := range p.at {
		q.at[i] = min(1, float32(v*gain))
	}
	return q
}

// subtract takes the expected print away from filled and restores the strokes
// that cross it.
func subtract(filled, expected plane) overlay {
	o := overlay{newPlane(filled.width, filled.height), make([]bool, len(filled.at)), 0}
	around := expected.spread() // print may lie a pixel beside where it should
	var rest []float32
	for i, v := range filled.at {
		o.ink.at[i] = max(0, v-around.at[i])
		o.hidden[i] = around.at[i] >= printed
		if !o.hidden[i] {
			rest = append(rest, o.ink.at[i])
		}
	}
	if len(rest) > 0 {
		// Paper is the lighter part of what is left; its spread is the noise.
		o.noise = quantile(rest, .5) * 1.5
	}
	o.bridge(filled)
	return o
}

// bridge gives the hidden pixels the ink of a stroke that goes on at both
// sides of the print, in one of four directions.
func (o *overlay) bridge(filled plane) {
	const far = 9
	w, h := o.ink.width, o.ink.height
	source := append([]float32(nil), o.ink.at...)
	look := func(x, y, dx, dy int) float32 {
		for range far {
			x, y = x+dx, y+dy
			if x < 0 || y < 0 || x >= w || y >= h {
				return 0
			}
			if i := y*w + x; !o.hidden[i] {
				return source[i]
			}
		}
		return 0
	}
	for y := range h {
		for x := range w {
			i := y*w + x
			if !o.hidden[i] {
				continue
			}
			v := source[i]
			for _, d := range [4][2]int{{1, 0}, {0, 1}, {1, 1}, {1, -1}} {
				if a := look(x, y, d[0], d[1]); a > v {
					v = max(v, min(a, look(x, y, -d[0], -d[1])))
				}
			}
			o.ink.at[i] = min(v, filled.at[i])
		}
	}
}
