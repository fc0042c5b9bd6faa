package raster

import (
	"image"
	"math"
)

const (
	skewMost  = 6.0  // degrees to each side
	skewGains = 1.02 // by how much a turn must sharpen the rows to be made
)

// Skew returns by how much lines are turned, in radians, at most 6° to each side.
// Points, from 0 to width and height, are pixels that lie along the lines: at that
// angle they fall into the fewest rows, which is to say that the sum of the squares
// of how many a row has is largest. Angles are tried coarse degrees apart, and fine
// ones around the best of them.
func Skew(points []image.Point, width, height int, coarse, fine float64) float64 {
	rows := make([]int, 2*(width+height)+2)
	sharpness := func(degrees float64) (sum float64) {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		clear(rows)
		for _, p := range points {
			rows[int(float64(p.Y)*cos-float64(p.X)*sin)+width+height]++
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
	search(-skewMost, skewMost, coarse)
	search(best-.2, best+.2, fine)
	return best * math.Pi / 180
}
