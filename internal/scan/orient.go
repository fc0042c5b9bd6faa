package scan

import (
	"image"
	"image/draw"
)

// An orientation is the value of the EXIF and TIFF tag of that name: which
// side of the stored picture is the top, and which its left. 1 is upright.
type orientation int

// turns reports whether the upright picture differs from the stored one.
func (o orientation) turns() bool { return 2 <= o && o <= 8 }

// upright returns the page's two pictures turned upright. seen is gray itself
// where the page has no colour, and so is what is returned.
func (o orientation) upright(gray *image.Gray, seen image.Image) (*image.Gray, image.Image) {
	if !o.turns() {
		return gray, seen
	}
	turned := &image.Gray{}
	turned.Pix, turned.Rect = o.turn(gray.Pix, gray.Stride, 1, gray.Rect)
	turned.Stride = turned.Rect.Dx()
	switch img := seen.(type) {
	case *image.Gray:
		return turned, turned
	case *image.Paletted:
		out := &image.Paletted{Palette: img.Palette, Stride: turned.Stride}
		out.Pix, out.Rect = o.turn(img.Pix, img.Stride, 1, img.Rect)
		return turned, out
	}
	rgba, ok := seen.(*image.RGBA)
	if !ok {
		rgba = image.NewRGBA(seen.Bounds())
		draw.Draw(rgba, rgba.Rect, seen, rgba.Rect.Min, draw.Src)
	}
	out := &image.RGBA{Stride: 4 * turned.Stride}
	out.Pix, out.Rect = o.turn(rgba.Pix, rgba.Stride, 4, rgba.Rect)
	return turned, out
}

// turn returns the pixels of the upright picture, without gaps between its
// rows, and its bounds. A pixel has n bytes.
func (o orientation) turn(pix []uint8, stride, n int, r image.Rectangle) ([]uint8, image.Rectangle) {
	w, h := r.Dx(), r.Dy()
	first, dx, dy := o.steps(w, h, stride, n)
	if o >= 5 {
		w, h = h, w
	}
	out := make([]uint8, w*h*n)
	// In squares, so that both pictures stay in the cache when rows become
	// columns.
	const side = 32
	for y0 := 0; y0 < h; y0 += side {
		for x0 := 0; x0 < w; x0 += side {
			for y := y0; y < min(y0+side, h); y++ {
				src := first + y*dy + x0*dx
				dst := (y*w + x0) * n
				for range min(side, w-x0) {
					if n == 1 {
						out[dst] = pix[src]
					} else {
						copy(out[dst:dst+n], pix[src:src+n])
					}
					src, dst = src+dx, dst+n
				}
			}
		}
	}
	return out, image.Rect(0, 0, w, h)
}

// steps returns where in the stored picture, of w x h pixels, the upright
// one's pixel (0, 0) is, and how far it is from there to its right and lower
// neighbours, in bytes.
func (o orientation) steps(w, h, stride, n int) (first, dx, dy int) {
	right, bottom := (w-1)*n, (h-1)*stride
	switch o {
	case 2:
		return right, -n, stride
	case 3:
		return right + bottom, -n, -stride
	case 4:
		return bottom, n, -stride
	case 5:
		return 0, stride, n
	case 6:
		return bottom, -stride, n
	case 7:
		return right + bottom, -stride, -n
	case 8:
		return right, stride, -n
	}
	return 0, n, stride
}

// uprightSides returns the sides of upright pictures of those of stored ones, in
// their place.
func (o orientation) uprightSides(sizes []image.Point) []image.Point {
	for i, size := range sizes {
		if 5 <= o && o <= 8 {
			sizes[i] = image.Pt(size.Y, size.X)
		}
	}
	return sizes
}

// uprightBox returns where a part of the stored picture, of w x h pixels, is in
// the upright one.
func (o orientation) uprightBox(r image.Rectangle, w, h int) image.Rectangle {
	x0, y0, x1, y1 := r.Min.X, r.Min.Y, r.Max.X, r.Max.Y
	switch o {
	case 2:
		return image.Rect(w-x1, y0, w-x0, y1)
	case 3:
		return image.Rect(w-x1, h-y1, w-x0, h-y0)
	case 4:
		return image.Rect(x0, h-y1, x1, h-y0)
	case 5:
		return image.Rect(y0, x0, y1, x1)
	case 6:
		return image.Rect(h-y1, x0, h-y0, x1)
	case 7:
		return image.Rect(h-y1, w-x1, h-y0, w-x0)
	case 8:
		return image.Rect(y0, w-x1, y1, w-x0)
	}
	return r
}
