package ppocr

import (
	"image"
	"math"

	"golang.org/x/image/draw"
)

const (
	leastWidth = 32   // pixels of what the network sees
	mostWidth  = 3200 // the same; a longer line is narrowed
	widthUnit  = 16   // widths are rounded up to these, so that few shapes occur
)

// A picture is a line as the network sees it.
type picture struct {
	gray  *image.Gray // origin at 0, 0
	scale float64     // px of gray for one of the crop, along the line
}

// pictureOf returns crop at the height that the network wants.
func pictureOf(crop *image.Gray, height int) picture {
	width := int(math.Round(float64(crop.Rect.Dx()) * float64(height) / float64(crop.Rect.Dy())))
	used := min(max(width, 1), mostWidth)
	wide := (max(used, leastWidth) + widthUnit - 1) / widthUnit * widthUnit
	gray := image.NewGray(image.Rect(0, 0, wide, height))
	for i := range gray.Pix {
		gray.Pix[i] = 255
	}
	part := image.Rect(0, 0, used, height)
	if crop.Rect.Dx() == used && crop.Rect.Dy() == height {
		draw.Copy(gray, image.Point{}, crop, crop.Rect, draw.Src, nil)
	} else {
		draw.BiLinear.Scale(gray, part, crop, crop.Rect, draw.Src, nil)
	}
	return picture{gray, float64(used) / float64(crop.Rect.Dx())}
}

// input returns p's pixels in three equal planes, as the network wants them.
func (p picture) input(m *Manifest) []float32 {
	var values [256]float32
	for v := range values {
		values[v] = float32((float64(v)/255 - m.Mean) / m.Deviation)
	}
	n := len(p.gray.Pix)
	data := make([]float32, 3*n)
	for i, v := range p.gray.Pix {
		data[i], data[n+i], data[2*n+i] = values[v], values[v], values[v]
	}
	return data
}
