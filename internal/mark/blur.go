package mark

import (
	"image"
	"math"
	"slices"
)

// blurs are the looks of print out of focus, and of print that moved while its
// picture was taken.
var blurs = func() (ls []look) {
	for _, radius := range []float64{1.5, 2.2, 3, 3.8, 4.8, 6, 7.5} {
		ls = append(ls, func(p plane) plane { return p.defocused(radius) })
	}
	for _, length := range []float64{3, 5, 7, 9.5, 12} {
		for k := range 8 {
			sin, cos := math.Sincos(float64(k) * math.Pi / 8)
			ls = append(ls, func(p plane) plane { return p.dragged(length*cos, length*sin).blurred() })
		}
	}
	return ls
}()

// defocused returns p out of focus: of each point a disc of the given radius in
// px, taken for a square as wide as the disc is on average, with soft edges.
func (p plane) defocused(radius float64) plane {
	half := radius * math.Sqrt(math.Pi) / 2
	return p.averaged(half).transposed().averaged(half).transposed().blurred()
}

// averaged returns p with each pixel the mean of those at most half px to its
// left and right, those at the ends counting in part. Beyond p is paper.
func (p plane) averaged(half float64) plane {
	whole := int(half - .5)
	if half < .5 {
		whole = 0
	}
	part := float32(max(0, half-.5-float64(whole)))
	scale := 1 / (float32(2*whole+1) + 2*part)
	q := newPlane(p.width, p.height)
	sums := make([]float32, p.width+2*whole+3) // sums[i] is that of all before i-whole-1
	for y := range p.height {
		row, out := p.at[y*p.width:(y+1)*p.width], q.at[y*p.width:(y+1)*p.width]
		for i := range sums[1:] {
			x := i - whole - 1
			v := float32(0)
			if x >= 0 && x < p.width {
				v = row[x]
			}
			sums[i+1] = sums[i] + v
		}
		for x := range out {
			middle := sums[x+2*whole+2] - sums[x+1]
			ends := sums[x+2*whole+3] - sums[x] - middle
			out[x] = float32(scale * (middle + float32(part*ends)))
		}
	}
	return q
}

// transposed returns p with rows and columns exchanged.
func (p plane) transposed() plane {
	q := newPlane(p.height, p.width)
	for y := range p.height {
		for x := range p.width {
			q.at[x*q.width+y] = p.at[y*p.width+x]
		}
	}
	return q
}

// dragged returns p moved along (dx, dy) px while it was looked at.
func (p plane) dragged(dx, dy float64) plane {
	steps := int(max(math.Abs(dx), math.Abs(dy))) + 1
	q := newPlane(p.width, p.height)
	for k := range steps {
		t := (float64(k)+.5)/float64(steps) - .5
		x, y := int(math.Round(t*dx)), int(math.Round(t*dy))
		for v := max(0, y); v < min(p.height, p.height+y); v++ {
			from, to := max(0, x), min(p.width, p.width+x)
			out, in := q.at[v*p.width:], p.at[(v-y)*p.width:]
			for u := from; u < to; u++ {
				out[u] += in[u-x]
			}
		}
	}
	for i := range q.at {
		q.at[i] /= float32(steps)
	}
	return q
}

const (
	// tile is the side in px of the squares in which the grain of paper is looked at.
	tile = 4
	// coarseGrain is the grain from which paper is looked at with soft eyes. Of
	// noisy scans it is .04, of halftones .3.
	coarseGrain = .09
	// softest is how often a picture is blurred at most, so that dots become paper.
	softest = 12
)

// grain returns how much the paper of p varies from pixel to pixel: the
// standard deviation within small squares without print, as most of them have it.
func (p plane) grain(form plane) float32 {
	near := form.spread().spread()
	var all []float32
	for y := 0; y+tile <= p.height; y += tile {
	tiles:
		for x := 0; x+tile <= p.width; x += tile {
			sum, squares := float32(0), float32(0)
			for v := y; v < y+tile; v++ {
				for u := x; u < x+tile; u++ {
					if near.at[v*p.width+u] >= printed {
						continue tiles
					}
					d := p.at[v*p.width+u]
					sum += d
					squares += float32(d * d)
				}
			}
			mean := sum / (tile * tile)
			all = append(all, squares/(tile*tile)-float32(mean*mean))
		}
	}
	if len(all) == 0 {
		return 0
	}
	return float32(math.Sqrt(float64(max(0, quantile(all, .4)))))
}

// softened blurs page and form alike until the dots of a halftone are paper, and
// returns the grain that page had.
func softened(page, form plane) (plane, plane, float32) {
	grain := page.grain(form)
	if grain < coarseGrain {
		return page, form, grain
	}
	soft := form
	for k := range softest {
		page, soft = page.blurred(), soft.blurred()
		if k%2 == 1 && page.grain(form) < coarseGrain/4 {
			break
		}
	}
	return page.onPaper(), soft, grain
}

// onPaper returns p with what is paper at 0: the middle of its lighter two
// thirds.
func (p plane) onPaper() plane {
	paper := quantile(slices.Clone(p.at), 1./3)
	if paper >= 1 {
		return p
	}
	q := newPlane(p.width, p.height)
	for i, v := range p.at {
		q.at[i] = max(0, (v-paper)/(1-paper))
	}
	return q
}

// sharp is how much of the print is left unexplained on a page whose print is as
// sharp as that of copies, in the middle of its boxes: .02 on most, .04 and more
// where it is out of focus or was moved.
const sharp = .033

// alike is how many checkboxes of one size tell what all of them have.
const alike = 4

// focus finds out whether the print of a page is blurred, and how: by what
// explains that of most boxes best, whatever is marked in some of them.
func focus(views []view) {
	unexplained := make([]float32, len(views))
	for i := range views {
		unexplained[i] = views[i].seen.cost
	}
	if len(views) == 0 || quantile(unexplained, .5) <= sharp {
		return
	}
	all := make([][]float32, len(blurs)+1) // the costs of each look; first of the usual one
	for i := range views {
		v := &views[i]
		near := widened(v.form, v.near)
		usual, _ := v.costs([]look{v.seen.look}, near)
		costs, _ := v.costs(blurs, near)
		for k, c := range append(usual, costs...) {
			all[k] = append(all[k], c)
		}
	}
	best, least := 0, quantile(all[0], .5)
	for k := range blurs {
		if c := quantile(all[k+1], .5); c < .9*least {
			best, least = k+1, c
		}
	}
	for i := range views {
		if best > 0 {
			views[i].seen.look = blurs[best-1]
		}
		views[i].seen.blurred = true
	}
	common(views)
}

// even is how many times as dark as that of most boxes of one size the print of one
// is at most, where it is blurred: a ring on its frame looks like print that is darker.
const even = 1.4

// common finds what nearly all boxes of one size have: how dark their print is, and the
// ink in the same place, which is print as it looks on this page, for marks are not
// alike.
func common(views []view) {
	var sizes [][]*view
	for i := range views {
		v := &views[i]
		k := slices.IndexFunc(sizes, func(same []*view) bool { return v.asLargeAs(same[0]) })
		if k < 0 {
			k, sizes = len(sizes), append(sizes, nil)
		}
		sizes[k] = append(sizes[k], v)
	}
	for _, same := range sizes {
		if len(same) < alike {
			continue
		}
		size := same[0].box.Size()
		left := make([]plane, len(same)) // unexplained
		gains := make([]float32, len(same))
		for i, v := range same {
			gains[i] = v.gain(v.seen.look(v.form))
		}
		most := even * quantile(gains, .5)
		for i, v := range same {
			v.most = most
			expected := v.seen.look(v.form)
			left[i] = subtract(v.page, expected, v.gain(expected)).ink
			p := newPlane(v.page.width, v.page.height)
			v.systematic = &p
		}
		margin := size.X / 4
		values := make([]float32, len(same))
		for y := -margin; y < size.Y+margin; y++ {
			for x := -margin; x < size.X+margin; x++ {
				for i, v := range same {
					values[i] = left[i].value(x+v.box.Min.X, y+v.box.Min.Y)
				}
				usual := quantile(values, .3) // people tick many boxes alike
				for _, v := range same {
					if at := v.box.Min.Add(image.Pt(x, y)); at.In(image.Rect(0, 0, v.page.width, v.page.height)) {
						v.systematic.at[at.Y*v.page.width+at.X] = usual
					}
				}
			}
		}
	}
}

// asLargeAs reports whether the boxes of v and w are of one size, but for rounding.
func (v *view) asLargeAs(w *view) bool {
	d := v.box.Size().Sub(w.box.Size())
	return max(d.X, -d.X) <= 1 && max(d.Y, -d.Y) <= 1
}

// widened returns the pixels within 2 px of near.
func widened(form plane, near []int) []int {
	q := newPlane(form.width, form.height)
	for _, i := range near {
		q.at[i] = 1
	}
	q = q.spread().spread()
	var at []int
	for i, v := range q.at {
		if v > 0 {
			at = append(at, i)
		}
	}
	return at
}
