package reader

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/scan"
)

// quality is that of the JPEG that people see where the file itself cannot be
// shown.
const quality = 80

// shown returns the page as a browser can show it.
func shown(p scan.Page) ([]byte, error) {
	if p.Shown != nil {
		return p.Shown, nil
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p.Color, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// maxCrop bounds the sides of what Crop returns, in pixels.
const maxCrop = 4000

// Crop returns the part of img on which box, in template px, lies, upright and
// at the scale of the template, or smaller where that would be too large.
// Outside of img it is white.
func Crop(img image.Image, templateToPage geom.Homography, box geom.Box) image.Image {
	scale := min(1, maxCrop/max(box.Width(), box.Height()))
	width := max(1, int(math.Ceil(box.Width()*scale)))
	height := max(1, int(math.Ceil(box.Height()*scale)))
	toPage := templateToPage.After(geom.Shift(box.Min)).After(geom.Scale(1/scale, 1/scale))
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			r, g, b := colorAt(img, toPage.Apply(geom.Point{X: float64(x) + .5, Y: float64(y) + .5}))
			i := out.PixOffset(x, y)
			out.Pix[i], out.Pix[i+1], out.Pix[i+2], out.Pix[i+3] = r, g, b, 255
		}
	}
	return out
}

// colorAt returns the colour of img at p, interpolated between the four
// pixels around it.
func colorAt(img image.Image, p geom.Point) (r, g, b uint8) {
	bounds := img.Bounds()
	if !(p.X > -1 && p.Y > -1 && p.X < float64(bounds.Dx()+1) && p.Y < float64(bounds.Dy()+1)) { // also NaN
		return 255, 255, 255
	}
	x, y := p.X-.5, p.Y-.5
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	fx, fy := x-float64(x0), y-float64(y0)
	var sum [3]float64
	for k, weight := range [4]float64{(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy} {
		c := [3]float64{255, 255, 255}
		if at := image.Pt(x0+k%2, y0+k/2).Add(bounds.Min); at.In(bounds) {
			r, g, b, _ := img.At(at.X, at.Y).RGBA()
			c = [3]float64{float64(r >> 8), float64(g >> 8), float64(b >> 8)}
		}
		for i := range sum {
			sum[i] += float64(weight * c[i])
		}
	}
	return uint8(sum[0] + .5), uint8(sum[1] + .5), uint8(sum[2] + .5)
}
