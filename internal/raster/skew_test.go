package raster

import (
	"image"
	"math"
	"testing"
)

func TestSkew(t *testing.T) {
	const width, height = 400, 300
	for _, degrees := range []float64{-5, -.5, 0, 2, 6} {
		var points []image.Point
		tan := math.Tan(degrees * math.Pi / 180)
		for top := 60; top < height; top += 60 {
			for x := range width {
				if y := top + int(math.Round(float64(x)*tan)); y >= 0 && y < height {
					points = append(points, image.Pt(x, y))
				}
			}
		}
		if got := Skew(points, width, height, .25, .05) * 180 / math.Pi; math.Abs(got-degrees) > .1 {
			t.Errorf("lines at %v° lie at %.2f°", degrees, got)
		}
	}
	if got := Skew(nil, width, height, .25, .05); got != 0 {
		t.Errorf("no lines lie at %v", got)
	}
}
