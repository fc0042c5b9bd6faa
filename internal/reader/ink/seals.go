package ink

import "image"

// withoutSeals returns the gray page with its red ink as light as paper:
// seals are pressed over what was written. Dark ink under a seal stays dark,
// as it has no more red in it than blue. It is the gray page itself where the
// page has no red ink.
func withoutSeals(gray *image.Gray, color image.Image) *image.Gray {
	rgb := colors(color)
	if rgb == nil {
		return gray
	}
	tint := tintOf(gray, rgb)
	if !hasRed(gray, rgb, tint) {
		return gray
	}
	out := image.NewGray(gray.Rect)
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			v := gray.Pix[y*gray.Stride+x]
			out.Pix[y*out.Stride+x] = max(v, tint.lightened(int(v), rgb, x, y))
		}
	}
	return out
}

// colors returns a function for the colours of img, or nil for gray ones.
func colors(img image.Image) func(x, y int) (r, g, b uint8) {
	o := img.Bounds().Min
	switch img := img.(type) {
	case *image.Gray:
		return nil
	case *image.YCbCr:
		return func(x, y int) (r, g, b uint8) {
			c := img.YCbCrAt(x+o.X, y+o.Y)
			return rgbOf(int32(c.Y), int32(c.Cb), int32(c.Cr))
		}
	case *image.RGBA:
		return func(x, y int) (r, g, b uint8) {
			i := img.PixOffset(x+o.X, y+o.Y)
			return img.Pix[i], img.Pix[i+1], img.Pix[i+2]
		}
	case *image.NRGBA:
		return func(x, y int) (r, g, b uint8) {
			i := img.PixOffset(x+o.X, y+o.Y)
			return img.Pix[i], img.Pix[i+1], img.Pix[i+2]
		}
	default:
		return func(x, y int) (r, g, b uint8) {
			r16, g16, b16, _ := img.At(x+o.X, y+o.Y).RGBA()
			return uint8(r16 >> 8), uint8(g16 >> 8), uint8(b16 >> 8)
		}
	}
}

// rgbOf is color.YCbCrToRGB, which is not inlined.
func rgbOf(y, cb, cr int32) (r, g, b uint8) {
	y, cb, cr = y*0x10101, cb-128, cr-128
	clamp := func(v int32) uint8 { return uint8(min(max(v>>16, 0), 255)) }
	return clamp(y + 91881*cr), clamp(y - 22554*cb - 46802*cr), clamp(y + 116130*cb)
}

// A tint is the colour of the paper.
type tint struct{ r, g, b int }

// tintOf returns the mean colour of the lighter pixels, of one in 16 by 16.
func tintOf(gray *image.Gray, rgb func(x, y int) (r, g, b uint8)) tint {
	var hist [256]int
	width, height := gray.Rect.Dx(), gray.Rect.Dy()
	total := 0
	for y := 0; y < height; y += 16 {
		for x := 0; x < width; x += 16 {
			hist[gray.Pix[y*gray.Stride+x]]++
			total++
		}
	}
	light := quantile(hist[:], total, .6)
	t, n := tint{}, 0
	for y := 0; y < height; y += 16 {
		for x := 0; x < width; x += 16 {
			if int(gray.Pix[y*gray.Stride+x]) >= light {
				r, g, b := rgb(x, y)
				t.r, t.g, t.b, n = t.r+int(r), t.g+int(g), t.b+int(b), n+1
			}
		}
	}
	return tint{max(1, t.r/max(1, n)), max(1, t.g/max(1, n)), max(1, t.b/max(1, n))}
}

// Differences between a pixel's red and its green or blue, in 1/255 of the
// paper: below the first it is no red ink, from the second on it is.
const (
	reddish = 28
	red     = 64
)

// lightened returns what gray value a pixel of gray value v has without red
// ink.
func (t tint) lightened(v int, rgb func(x, y int) (r, g, b uint8), x, y int) uint8 {
	r8, g8, b8 := rgb(x, y)
	r, g, b := int(r8)*255/t.r, int(g8)*255/t.g, int(b8)*255/t.b
	d := min(r-max(g, b), red)
	if d <= reddish {
		return 0
	}
	// What the paper's gray is worth, as much as red alone reflects of it.
	without := min(255, r) * (299*t.r + 587*t.g + 114*t.b) / 1000 / 255
	return uint8(min(255, v+max(0, without-v)*(d-reddish)/(red-reddish)))
}

// hasRed reports whether there is red ink on the page: one pixel of 10,000,
// of those looked at.
func hasRed(gray *image.Gray, rgb func(x, y int) (r, g, b uint8), t tint) bool {
	n, all := 0, 0
	for y := 0; y < gray.Rect.Dy(); y += 3 {
		for x := 0; x < gray.Rect.Dx(); x += 3 {
			r, g, b := rgb(x, y)
			if int(r)*255/t.r-max(int(g)*255/t.g, int(b)*255/t.b) > red {
				n++
			}
			all++
		}
	}
	return n*10000 > all
}
