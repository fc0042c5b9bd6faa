package ink

import (
	"image"
	"math"

	"github.com/seosik/seosik/internal/raster"
)

const (
	skewSide  = 1000 // pixels of the picture in which the skew is looked for
	skewMost  = 6.0  // degrees to each side
	skewInk   = 80   // of 255: how dark ink of print is against its paper
	skewGains = 1.02 // by how much a turn must sharpen the rows to be made
)

// Skew returns by how much the lines of page are turned, in radians: at that
// angle the ink falls into the fewest rows, which is to say that the sum of
// the squares of the rows' ink is largest.
func Skew(page *image.Gray) float64 {
	small := page
	for max(small.Rect.Dx(), small.Rect.Dy()) >= 2*skewSide {
		small = raster.Half(small)
	}
	ink := darkness(small)
	var points []image.Point
	for y := range ink.height {
		for x := range ink.width {
			if ink.at[y*ink.width+x] >= skewInk {
				points = append(points, image.Pt(x, y))
			}
		}
	}
	rows := make([]int, 2*(ink.width+ink.height)+2)
	sharpness := func(degrees float64) (sum float64) {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		clear(rows)
		for _, p := range points {
			rows[int(float64(p.Y)*cos-float64(p.X)*sin)+ink.width+ink.height]++
		}
		for _, n := range rows {
			sum += float64(n) * float64(n)
		}
		return sum
	}
	best, most := 0.0, sharpness(0)*skewGains
	search := func(from, to, step float64) {
		for d := from; d <= to; d += step {
			if s := sharpness(d); s > most {
				best, most = d, s
			}
		}
	}
	search(-skewMost, skewMost, .25)
	search(best-.2, best+.2, .05)
	return best * math.Pi / 180
}
