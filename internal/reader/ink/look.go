package ink

import (
	"image"
	"math"
	"slices"

	"github.com/seosik/seosik/internal/geom"
)

// A Look is how the print of the template looks on a page: what the lens, the
// scanner, the copier and the paper have done to it they have also done to what
// was written. All are 0 of print on paper as the template has it.
type Look struct {
	Blur  float64 // octaves by which the energy of its edges is less
	Noise float64 // mean step between neighbours on the paper, as a share of the contrast
	Faint float64 // octaves by which its contrast is less than black on white
	Tint  float64 // how dark the paper is, from 0 to 1
}

// The places at which print is looked at: the one with the most print in each
// cell of a grid.
const (
	lookColumns = 5
	lookRows    = 7
	lookSide    = 48.0 // px at 200 dpi
	lookSteps   = 4    // places tried in a cell, in each direction
	leastPrint  = .04  // share of a place that is print at least
)

// Look looks at the print of the template on the page, at places that fields do
// not cover: boxes in template px.
func (s *Sheet) Look(fields []geom.Box) Look {
	var seen [4][]float64
	for _, box := range s.printed(fields) {
		w := s.Window(s.Page, box, 0)
		if l, ok := lookOf(w.Filled, w.Blank); ok {
			for i, v := range [4]float64{l.Blur, l.Noise, l.Faint, l.Tint} {
				seen[i] = append(seen[i], v)
			}
		}
	}
	if len(seen[0]) == 0 {
		return Look{}
	}
	var middle [4]float64
	for i := range seen {
		slices.Sort(seen[i])
		middle[i] = seen[i][len(seen[i])/2]
	}
	return Look{middle[0], middle[1], middle[2], middle[3]}
}

// printed returns places of the template with print, that fields do not cover.
func (s *Sheet) printed(fields []geom.Box) (places []geom.Box) {
	side := lookSide * s.DPI() / 200
	width, height := float64(s.Blank.Rect.Dx()), float64(s.Blank.Rect.Dy())
	stepX, stepY := width/(lookColumns*lookSteps), height/(lookRows*lookSteps)
	for cell := range lookColumns * lookRows {
		var best geom.Box
		most := leastPrint
		for k := range lookSteps * lookSteps {
			x := stepX * float64(cell%lookColumns*lookSteps+k%lookSteps)
			y := stepY * float64(cell/lookColumns*lookSteps+k/lookSteps)
			box := geom.XYWH(x, y, side, side)
			free := func(f geom.Box) bool { return f.Intersect(box).Empty() }
			if share := inkShare(s.Blank, pixels(box)); share > most && !slices.ContainsFunc(fields, func(f geom.Box) bool { return !free(f) }) {
				best, most = box, share
			}
		}
		if !best.Empty() {
			places = append(places, best)
		}
	}
	return places
}

// inkShare returns the share of the pixels of r that are ink.
func inkShare(img *image.Gray, r image.Rectangle) float64 {
	r = r.Intersect(img.Rect)
	if r.Empty() {
		return 0
	}
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range img.Pix[img.PixOffset(r.Min.X, y):][:r.Dx()] {
			if 255-v >= blankLevel {
				n++
			}
		}
	}
	return float64(n) / float64(r.Dx()*r.Dy())
}

// lookOf returns how print that blank has looks in filled, which shows the same
// place. It reports false where there is none to be seen.
func lookOf(filled, blank *image.Gray) (Look, bool) {
	tones := levelsOf(filled)
	paper, dark := float64(tones[len(tones)*7/10]), float64(tones[len(tones)/50])
	contrast := (paper - dark) / 255
	was := levelsOf(blank)
	had := float64(int(was[len(was)*7/10])-int(was[len(was)/50])) / 255
	if contrast < .04 || had < .2 {
		return Look{}, false
	}
	noise := stepsOnPaper(filled, blank)
	square := edgeEnergy(filled) - 2*float64(noise*noise)*math.Pi/2 // of even noise, whose mean step it is
	now, before := square/(255*255*contrast*contrast), edgeEnergy(blank)/(255*255*had*had)
	return Look{
		Blur:  max(0, math.Log2(before/max(now, before/64))),
		Noise: min(1, noise/255/contrast),
		Faint: max(0, -math.Log2(contrast)),
		Tint:  1 - paper/255,
	}, true
}

// levelsOf returns the gray values of img in order.
func levelsOf(img *image.Gray) []uint8 {
	levels := slices.Clone(img.Pix)
	slices.Sort(levels)
	return levels
}

// edgeEnergy returns the mean square of the steps to the right and down.
func edgeEnergy(img *image.Gray) float64 {
	sum, n := 0.0, 0
	eachStep(img, func(_, d int) { sum, n = sum+float64(d*d), n+1 })
	return sum / float64(max(1, n))
}

// stepsOnPaper returns the mean step between neighbours of filled far from the
// print of blank.
func stepsOnPaper(filled, blank *image.Gray) float64 {
	const far = 4
	w := blank.Rect.Dx()
	covered := make([]bool, len(blank.Pix))
	for i, v := range blank.Pix {
		if 255-v < blankLevel {
			continue
		}
		for dy := -far; dy <= far; dy++ {
			for dx := -far; dx <= far; dx++ {
				if x, y := i%w+dx, i/w+dy; x >= 0 && x < w && y >= 0 && y < blank.Rect.Dy() {
					covered[y*w+x] = true
				}
			}
		}
	}
	sum, n := 0.0, 0
	eachStep(filled, func(i, d int) {
		if !covered[i] {
			sum, n = sum+math.Abs(float64(d)), n+1
		}
	})
	return sum / float64(max(1, n))
}

// eachStep calls f with each pixel that has a neighbour to the right and below,
// and its steps to them.
func eachStep(img *image.Gray, f func(i, step int)) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for y := range h - 1 {
		for x := range w - 1 {
			i := y*img.Stride + x
			v := int(img.Pix[i])
			f(i, int(img.Pix[i+1])-v)
			f(i, int(img.Pix[i+img.Stride])-v)
		}
	}
}
