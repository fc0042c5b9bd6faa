package scan

import (
	"image"
	"math"
)

// squareSides returns the sides of a picture whose pixels are not square once
// they are: a fax has 204 pixels an inch across, and 98 or 196 down. The
// coarser direction gets more pixels, or, where these would be too many, the
// finer one less. A ratio that no machine has is taken for a mistake.
func squareSides(width, height int, xDPI, yDPI float64, limits Limits) (int, int) {
	ratio := xDPI / yDPI
	if !(ratio > .25 && ratio < 4) || math.Abs(ratio-1) < .02 { // also NaN
		return width, height
	}
	taller, wider := int(float64(height)*ratio+.5), int(float64(width)/ratio+.5)
	if (ratio > 1) == (max(taller, wider) <= limits.MaxSide) {
		return width, taller
	}
	return wider, height
}

// stretch returns img, gray or RGBA, with other sides, interpolated between
// the two nearest rows and columns.
func stretch(img image.Image, width, height int) image.Image {
	size := img.Bounds().Size()
	if size.X == width && size.Y == height {
		return img
	}
	switch img := img.(type) {
	case *image.Gray:
		pix := stretchSides(img.Pix, 1, size.X, size.Y, width, height)
		return &image.Gray{Pix: pix, Stride: width, Rect: image.Rect(0, 0, width, height)}
	case *image.RGBA:
		pix := stretchSides(img.Pix, 4, size.X, size.Y, width, height)
		return &image.RGBA{Pix: pix, Stride: 4 * width, Rect: image.Rect(0, 0, width, height)}
	}
	panic("neither gray nor RGBA")
}

// stretchSides stretches a picture of n bytes a pixel from w x h to
// width x height.
func stretchSides(pix []uint8, n, w, h, width, height int) []uint8 {
	const transpose = orientation(5)
	pix = stretchRows(pix, n*w, h, height)
	if w == width {
		return pix
	}
	pix, _ = transpose.turn(pix, n*w, n, image.Rect(0, 0, w, height))
	pix = stretchRows(pix, n*height, w, width)
	pix, _ = transpose.turn(pix, n*height, n, image.Rect(0, 0, height, width))
	return pix
}

// stretchRows makes height rows of h, each of stride bytes.
func stretchRows(pix []uint8, stride, h, height int) []uint8 {
	if h == height {
		return pix
	}
	out := make([]uint8, stride*height)
	for y := range height {
		// Centres of pixels are at halves.
		at := (float64(y)+.5)*float64(h)/float64(height) - .5
		at = min(max(at, 0), float64(h-1))
		above := int(at)
		weight := uint32((at - float64(above)) * 256)
		a := pix[above*stride:][:stride]
		b := pix[min(above+1, h-1)*stride:][:stride]
		for i, v := range a {
			out[y*stride+i] = uint8((uint32(v)*(256-weight) + uint32(b[i])*weight + 128) >> 8)
		}
	}
	return out
}

// stretchBox returns where a part of a picture is once that has other sides.
func stretchBox(r image.Rectangle, from, to image.Point) image.Rectangle {
	return image.Rect(r.Min.X*to.X/from.X, r.Min.Y*to.Y/from.Y, (r.Max.X*to.X+from.X-1)/from.X, (r.Max.Y*to.Y+from.Y-1)/from.Y)
}
