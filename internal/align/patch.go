package align

import (
	"cmp"
	"image"
	"slices"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

const (
	patchSide  = 24  // work px
	patchLimit = 320 // patches a template: all the print of most forms
	patchArea  = patchSide * patchSide
	levels     = 17 // gray values a step of the four bits in which patches are kept
)

// A patch is a small square of a template with print in it, to be looked for
// on a page.
type patch struct {
	x, y int16 // work px; its top-left corner on the template
	grip [3]float32
	ink  [patchArea / 2]uint8 // four bits a pixel
}

// middle returns the middle of p in work px of the template.
func (p *patch) middle() geom.Point {
	return geom.Point{X: float64(p.x) + patchSide/2, Y: float64(p.y) + patchSide/2}
}

// unpack sets dst to how dark the pixels of p are, in [0, 255].
func (p *patch) unpack(dst *[patchArea]float32) {
	for i, v := range p.ink {
		dst[2*i], dst[2*i+1] = float32(v>>4*levels), float32(v&15*levels)
	}
}

// patchesOf returns the patches of a clean template: squares around the print
// of each cell of a grid, of each neighbourhood first the one with the most.
func patchesOf(page *image.Gray) []patch {
	const region = 4 * patchSide
	type cell struct{ x, y, print, region int }
	columns := page.Rect.Dx()/region + 1
	var cells []cell
	for y := 0; y+patchSide <= page.Rect.Dy(); y += patchSide {
		for x := 0; x+patchSide <= page.Rect.Dx(); x += patchSide {
			at, print := centred(page, x, y)
			if print >= minPrint {
				cells = append(cells, cell{at.X, at.Y, print, y/region*columns + x/region})
			}
		}
	}
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Or(b.print-a.print, a.y-b.y, a.x-b.x) })
	rank := map[int]int{}
	ranks := make([][]patch, 16)
	for _, c := range cells {
		r := rank[c.region]
		ranks[r] = append(ranks[r], newPatch(page, c.x, c.y))
		rank[c.region]++
	}
	out := slices.Concat(ranks...)
	return slices.Clip(out[:min(len(out), patchLimit)])
}

// minPrint is how much the neighbouring pixels of a patch must differ, in sum:
// a faint rule through it, or a stroke.
const minPrint = 24 * 60

// centred returns where a patch lies whose middle is that of the print in the
// square at (x, y), and how much print there is.
func centred(page *image.Gray, x, y int) (at image.Point, print int) {
	mx, my := 0, 0
	for j := y; j < min(y+patchSide, page.Rect.Dy()-1); j++ {
		row, below := page.Pix[j*page.Stride:], page.Pix[(j+1)*page.Stride:]
		for i := x; i < min(x+patchSide, page.Rect.Dx()-1); i++ {
			v := int(row[i])
			d := abs(int(row[i+1])-v) + abs(int(below[i])-v)
			print += d
			mx += d * (i - x)
			my += d * (j - y)
		}
	}
	if print == 0 {
		return image.Point{}, 0
	}
	at.X = min(max(x+(2*mx/print+1)/2-patchSide/2, 0), page.Rect.Dx()-patchSide)
	at.Y = min(max(y+(2*my/print+1)/2-patchSide/2, 0), page.Rect.Dy()-patchSide)
	return at, print
}

func newPatch(page *image.Gray, x, y int) patch {
	p := patch{x: int16(x), y: int16(y)}
	for i := range patchArea {
		v := raster.Paper - page.Pix[(y+i/patchSide)*page.Stride+x+i%patchSide]
		p.ink[i/2] |= (min(v, 247) + levels/2) / levels << (4 * (1 - i%2))
	}
	p.grip = p.firmness()
	return p
}

// firmness returns how the brightness of p changes along x, along both, and
// along y, in sum over its pixels.
func (p *patch) firmness() (g [3]float32) {
	var ink [patchArea]float32
	p.unpack(&ink)
	for y := 1; y < patchSide-1; y++ {
		for x := 1; x < patchSide-1; x++ {
			i := y*patchSide + x
			dx, dy := (ink[i+1]-ink[i-1])/2, (ink[i+patchSide]-ink[i-patchSide])/2
			g[0] += float32(dx * dx)
			g[1] += float32(dx * dy)
			g[2] += float32(dy * dy)
		}
	}
	return firm(g)
}

// twofold returns how well both directions are held, in [0, 1]: 0 for a rule.
func twofold(g [3]float32) float64 { return 4 * float64(float32(g[0]*g[2])-float32(g[1]*g[1])) }

// firm scales g such that much print holds no more than some print, and its
// trace is at most 1.
func firm(g [3]float32) [3]float32 {
	f := 1 / (g[0] + g[2] + 5e4)
	return [3]float32{g[0] * f, g[1] * f, g[2] * f}
}

func abs(v int) int { return max(v, -v) }
