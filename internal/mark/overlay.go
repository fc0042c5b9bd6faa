package mark

import (
	"math"
)

// printed is the darkness from which a pixel of a blank form counts as print.
const printed = .12

// dark is the darkness from which ink on print cannot be told from print.
const dark = .4

// A shift moves a blank crop onto the filled one, in px.
type shift struct{ x, y float64 }

// An overlay is a filled crop laid over the blank one.
type overlay struct {
	ink    plane  // darkness that print does not explain
	hidden []bool // pixels under dark print, where ink was guessed from what is around
	noise  float32
}

// lay takes the print of blank away from filled. The print is sought within
// reach px of where start moves it. Its look may be nil, if it is not known.
func lay(filled, blank plane, start shift, reach int, l look) (overlay, shift) {
	at := register(filled, blank, start, reach)
	blank = blank.moved(at.x, at.y)
	if l == nil {
		l = lookOf(filled, blank, looks)
	}
	p := l(blank)
	return subtract(filled, p, gainOf(filled, p, nearPrint(blank))), at
}

// nearPrint returns the places of the pixels of blank within 2 px of print.
func nearPrint(blank plane) []int {
	var at []int
	for i, v := range blank.spread().spread().at {
		if v >= printed {
			at = append(at, i)
		}
	}
	return at
}

// enough is how many pixels tell where print lies: more only take time.
const enough = 2000

// register returns the shift within reach of start under which the print of
// blank lies best on filled. It moves to quarters of a pixel. Print against
// the paper right beside it is what counts, so that heavy ink elsewhere does
// not draw it away.
func register(filled, blank plane, start shift, reach int) shift {
	near := nearPrint(blank)
	if len(near) == 0 {
		return start
	}
	x0, y0 := int(math.Round(start.x)), int(math.Round(start.y))
	border := reach + max(x0, -x0, y0, -y0)
	field := filled.padded(border)
	stride := 1 + len(near)/enough
	var at []int // in field
	var weights []float32
	mean, energy := float32(0), float32(0)
	for k := 0; k < len(near); k += stride {
		i := near[k]
		at = append(at, (i/blank.width+border)*field.width+i%blank.width+border)
		weights = append(weights, blank.at[i])
		mean += blank.at[i]
	}
	mean /= float32(len(at))
	for k := range weights {
		weights[k] -= mean
		energy += float32(weights[k] * weights[k])
	}
	if energy == 0 {
		return start
	}
	side := 2*reach + 1
	score := make([]float64, side*side)
	best := 0
	for k := range score {
		dx, dy := x0+k%side-reach, y0+k/side-reach
		offset := dy*field.width + dx
		total := float32(0)
		for n, i := range at {
			total += float32(weights[n] * field.at[i+offset])
		}
		// Among equal ones the nearest is likelier: lines that run one way
		// only do not say where along them they lie.
		away := math.Hypot(float64(dx)-start.x, float64(dy)-start.y)
		score[k] = float64(total/energy) * (1 - .01*away)
		if score[k] > score[best] {
			best = k
		}
	}
	if score[best] < .02 {
		return start // the print is not to be seen at all
	}
	i, j := best%side, best/side
	found := shift{float64(x0 + i - reach), float64(y0 + j - reach)}
	if i > 0 && i < side-1 {
		found.x += peak(score[best-1], score[best], score[best+1])
	}
	if j > 0 && j < side-1 {
		found.y += peak(score[best-side], score[best], score[best+side])
	}
	return found
}

// peak returns how far from the middle of three scores the parabola through
// them is highest, in quarters, at most a half.
func peak(a, b, c float64) float64 {
	if d := a - 2*b + c; d < 0 {
		return math.Round(4*max(-.5, min(.5, (a-c)/(2*d)))) / 4
	}
	return 0
}

// A look is what copying did to print: a way to blur or thicken it.
type look func(plane) plane

// looks are the looks that print may have, the plainest first. The last ones
// are of copies in black and white only.
var looks = []look{
	func(p plane) plane { return p },
	plane.blurred,
	func(p plane) plane { return p.blurred().blurred() },
	func(p plane) plane { return p.blurred().blurred().blurred().blurred() },
	plane.spread,
	func(p plane) plane { return p.spread().blurred() },
	func(p plane) plane { return p.spread().spread() },
	plane.hardened,
	func(p plane) plane { return p.hardened().spread() },
	func(p plane) plane { return p.hardened().spread().spread() },
}

// lookOf returns that of looks under which the print of blank, which lies where
// it should, is most like that of filled.
func lookOf(filled, blank plane, looks []look) look {
	near := nearPrint(blank)
	best, least := looks[0], float32(math.MaxFloat32)
	for _, l := range looks {
		p := l(blank)
		gain := gainOf(filled, p, near)
		cost := float32(0)
		for _, i := range near {
			d := filled.at[i] - min(1, float32(gain*p.at[i]))
			if d < 0 {
				d = -d
			}
			cost += d
		}
		if cost < least {
			best, least = l, cost
		}
	}
	return best
}

// gainOf returns how much darker print is in filled than in blank: the median
// over the dark ones of the given places.
func gainOf(filled, blank plane, at []int) float32 {
	top := float32(0)
	for _, i := range at {
		top = max(top, blank.at[i])
	}
	const least, most, bins = .1, 4, 390
	var count [bins]int
	total := 0
	for _, i := range at {
		if b := blank.at[i]; b >= top/2 && b > 0 {
			g := min(most, max(least, filled.at[i]/b))
			count[min(bins-1, int((g-least)*(bins/(most-least))))]++
			total++
		}
	}
	seen := 0
	for k, n := range count {
		if seen += n; 2*seen >= total {
			return least + (float32(k)+.5)*((most-least)/bins)
		}
	}
	return 1
}

// hardened returns p with its print black.
func (p plane) hardened() plane {
	q := newPlane(p.width, p.height)
	for i, v := range p.at {
		if v >= 2*printed {
			q.at[i] = 1
		}
	}
	return q
}

// padded returns p with a border of paper around it.
func (p plane) padded(border int) plane {
	q := newPlane(p.width+2*border, p.height+2*border)
	for y := range p.height {
		copy(q.at[(y+border)*q.width+border:], p.at[y*p.width:(y+1)*p.width])
	}
	return q
}

// subtract takes print away from filled, where it is darker by the given
// factor, and restores the strokes that cross it. Dark print hides what is
// below, even where the copy has lost it here and there.
func subtract(filled, print plane, gain float32) overlay {
	o := overlay{newPlane(filled.width, filled.height), make([]bool, len(filled.at)), 0}
	around := print.spread() // print may lie a pixel beside where it should
	var count [256]int
	total := 0
	for i, v := range filled.at {
		o.hidden[i] = around.at[i] >= printed
		if around.at[i] < dark {
			o.ink.at[i] = max(0, v-min(1, float32(gain*around.at[i])))
		}
		if !o.hidden[i] {
			count[min(255, int(256*o.ink.at[i]))]++
			total++
		}
	}
	// Paper is the lighter part of what is left; its spread is the noise.
	seen := 0
	for k, n := range count {
		if seen += n; 2*seen >= total {
			o.noise = 1.5 * float32(k) / 256
			break
		}
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
