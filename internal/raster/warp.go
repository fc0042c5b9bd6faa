package raster

import (
	"image"
	"math"

	"github.com/seosik/seosik/internal/geom"
)

// Warp returns the width x height picture whose point p has the gray value
// that src has at dstToSrc(p), interpolated between the four pixels around
// it. Where dst is coarser than src, Warp averages over the area that each of
// its pixels covers. Outside src is Paper.
//
// Points are computed exactly every span pixels and evenly between them, and
// weights are rounded to 1/256: values differ from At by at most 2.
func Warp(src *image.Gray, dstToSrc geom.Homography, width, height int) *image.Gray {
	return WarpBy(src, dstToSrc.Apply, dstToSrc.ScaleAt(geom.Point{X: float64(width) / 2, Y: float64(height) / 2}), width, height)
}

// WarpBy is Warp for what is no homography: dstToSrc, which enlarges lengths by
// about scale, must be even over some pixels.
func WarpBy(src *image.Gray, dstToSrc func(geom.Point) geom.Point, scale float64, width, height int) *image.Gray {
	dst := image.NewGray(image.Rect(0, 0, width, height))
	n := samples(scale)
	if n == 1 {
		for y := range height {
			sampleRow(dst.Pix[y*dst.Stride:y*dst.Stride+width], src, dstToSrc, float64(y)+.5, 1)
		}
		return dst
	}
	line := make([]uint8, width*n)
	sums := make([]int, width)
	for y := range height {
		clear(sums)
		for j := range n {
			sampleRow(line, src, dstToSrc, float64(y)+(float64(j)+.5)/float64(n), n)
			addGroups(sums, line, n)
		}
		row := dst.Pix[y*dst.Stride : y*dst.Stride+width]
		for x, sum := range sums {
			row[x] = uint8((sum + n*n/2) / (n * n))
		}
	}
	return dst
}

// addGroups adds to sums[i] the i-th n values of line.
func addGroups(sums []int, line []uint8, n int) {
	for i := range sums {
		s := 0
		for _, v := range line[i*n : i*n+n] {
			s += int(v)
		}
		sums[i] += s
	}
}

// samples returns how many samples a side a pixel of the destination needs that
// is scale px of the source wide.
func samples(scale float64) int {
	if !(scale > 1.25) { // also NaN
		return 1
	}
	return min(int(math.Ceil(scale)), 8)
}

const (
	span = 16 // pixels between exact points; the even steps between them are off by less than 1/100 px on photos
	one  = 1 << 16
)

// sampleRow sets row to the values of src along the destination's line y,
// with n values a pixel.
func sampleRow(row []uint8, src *image.Gray, dstToSrc func(geom.Point) geom.Point, y float64, n int) {
	step := 1 / float64(n)
	at := func(i int) geom.Point {
		return dstToSrc(geom.Point{X: (float64(i) + .5) * step, Y: y})
	}
	from := at(0)
	for i := 0; i < len(row); i += span {
		part := row[i:min(i+span, len(row))]
		to := at(i + len(part))
		if inside(src, from) && inside(src, to) {
			sampleSpan(part, src, from, to)
		} else {
			for j := range part {
				part[j] = uint8(At(src, at(i+j)) + .5)
			}
		}
		from = to
	}
}

// inside reports whether the four pixels around p are all in src, with one to
// spare for rounding.
func inside(src *image.Gray, p geom.Point) bool {
	return p.X >= 1.5 && p.Y >= 1.5 && p.X < float64(src.Rect.Dx())-1.5 && p.Y < float64(src.Rect.Dy())-1.5
}

// sampleSpan sets row to the values of src at even steps from one point
// towards the other, which is one step past the end.
func sampleSpan(row []uint8, src *image.Gray, from, to geom.Point) {
	u, v := int((from.X-.5)*one), int((from.Y-.5)*one)
	du, dv := (int((to.X-.5)*one)-u)/len(row), (int((to.Y-.5)*one)-v)/len(row)
	pix, stride := src.Pix, src.Stride
	for i := range row {
		o := (v>>16)*stride + u>>16
		fx, fy := (u>>8)&255, (v>>8)&255
		top, bottom := pix[o:o+2:o+2], pix[o+stride:o+stride+2:o+stride+2]
		a := int(top[0])<<8 + fx*(int(top[1])-int(top[0]))
		b := int(bottom[0])<<8 + fx*(int(bottom[1])-int(bottom[0]))
		row[i] = uint8((a<<8 + fy*(b-a) + one/2) >> 16)
		u += du
		v += dv
	}
}
