package scan

import (
	"image"
	"image/color"
	"image/draw"
	"iter"
	"slices"
)

// What a file says of the shape of its pixels is not always so. A page is made
// square as TIFF and PDF say, and taken as it is stored from PNG and JPEG, of
// which viewers do not look at it either; who finds nothing on it looks at it in
// its other shapes.

// shapeRatio is by what shapes differ of which each is worth a look: a page that
// is wrong by less is found all the same.
const shapeRatio = 1.15

// otherShapes returns the sides that a picture may have besides those that it is
// given: as it is stored, as its file tells by resolutions across and down of
// which it is not sure, and as a fax of standard resolution, if it has the sides
// of one.
func otherShapes(given, stored image.Point, xDPI, yDPI float64, limits Limits) (shapes []image.Point) {
	told, fax := stored, stored
	told.X, told.Y = squareSides(stored.X, stored.Y, xDPI, yDPI, limits)
	if likeFax(stored) {
		fax.X, fax.Y = squareSides(stored.X, stored.Y, 204, 98, limits)
	}
	for _, shape := range []image.Point{stored, told, fax} {
		alike := func(known image.Point) bool {
			a, b := float64(shape.X)*float64(known.Y), float64(known.X)*float64(shape.Y)
			return max(a, b) < shapeRatio*min(a, b)
		}
		if limits.checkSides(shape.X, shape.Y) == nil && !alike(given) && !slices.ContainsFunc(shapes, alike) {
			shapes = append(shapes, shape)
		}
	}
	return shapes
}

// likeFax reports whether a picture has about the sides of a fax of standard
// resolution, 204 pixels an inch across and 98 down: so many across for A4, B4
// and A3 (T.4 section 2.2), and lying where it should stand.
func likeFax(size image.Point) bool {
	if ratio := float64(size.X) / float64(size.Y); ratio < 1.2 || ratio > 2 {
		return false
	}
	for _, width := range []int{1728, 2048, 2432} {
		if 50*max(size.X-width, width-size.X) <= width {
			return true
		}
	}
	return false
}

// largest returns the sides that room is needed for.
func largest(given image.Point, shapes []image.Point) (width, height int) {
	for _, s := range shapes {
		if s.X*s.Y > given.X*given.Y {
			given = s
		}
	}
	return given.X, given.Y
}

// Reshaped yields the page in the other shapes that its pixels may have, mostly
// none. Each has pictures of its own.
func (p Page) Reshaped() iter.Seq[Page] {
	return func(yield func(Page) bool) {
		for _, shape := range p.shapes {
			if !yield(p.reshaped(shape)) {
				return
			}
		}
	}
}

func (p Page) reshaped(size image.Point) Page {
	old := p.Gray.Rect.Size()
	p.DPI *= float64(size.X) / float64(old.X)
	p.shapes, p.Shown = nil, nil
	unseen := p.Unseen
	p.Unseen = nil
	for _, r := range unseen {
		p.Unseen = append(p.Unseen, stretchBox(r, old, size))
	}
	p.Letters, p.Filled = slices.Clone(p.Letters), slices.Clone(p.Filled)
	across, down := float64(size.X)/float64(old.X), float64(size.Y)/float64(old.Y)
	for i := range p.Letters {
		l := &p.Letters[i]
		l.X, l.Y, l.Width, l.Height = l.X*across, l.Y*down, l.Width*across, l.Height*down
	}
	for i := range p.Filled {
		f := &p.Filled[i]
		f.X, f.Y, f.Width, f.Height = f.X*across, f.Y*down, f.Width*across, f.Height*down
	}
	colored := p.Color != image.Image(p.Gray)
	p.Gray = stretch(tight(p.Gray), size.X, size.Y).(*image.Gray)
	if colored {
		p.Color = stretch(rgbaOf(p.Color), size.X, size.Y)
	} else {
		p.Color = p.Gray
	}
	return p
}

// tight returns img without gaps between its rows.
func tight(img *image.Gray) *image.Gray {
	if img.Stride == img.Rect.Dx() {
		return img
	}
	out := image.NewGray(img.Rect)
	draw.Draw(out, out.Rect, img, img.Rect.Min, draw.Src)
	return out
}

// rgbaOf returns img without gaps between its rows.
func rgbaOf(img image.Image) *image.RGBA {
	out, ok := img.(*image.RGBA)
	if ok && out.Stride == 4*out.Rect.Dx() {
		return out
	}
	out = image.NewRGBA(img.Bounds())
	draw.Draw(out, out.Rect, img, out.Rect.Min, draw.Src)
	return out
}

// Invert makes white of black and black of white, in the pictures of p
// themselves, so that it takes no memory. Twice, it is as it was but for Shown.
func (p *Page) Invert() {
	p.Shown = nil
	switch img := p.Color.(type) {
	case *image.RGBA:
		for i := range img.Pix {
			if i%4 != 3 {
				img.Pix[i] ^= 0xFF
			}
		}
	case *image.Paletted:
		palette := make(color.Palette, len(img.Palette))
		for i, c := range img.Palette {
			r, g, b, _ := c.RGBA()
			palette[i] = color.RGBA{^uint8(r >> 8), ^uint8(g >> 8), ^uint8(b >> 8), 255}
		}
		p.Color = &image.Paletted{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect, Palette: palette}
	case *image.YCbCr:
		invert(img.Cb)
		invert(img.Cr)
		if &img.Y[0] != &p.Gray.Pix[0] {
			invert(img.Y)
		}
	}
	invert(p.Gray.Pix)
}

func invert(pix []uint8) {
	for i := range pix {
		pix[i] ^= 0xFF
	}
}

// Mirrored returns the luma of the page as it is seen from behind.
func (p Page) Mirrored() *image.Gray {
	const mirrored = orientation(2)
	gray, _ := mirrored.upright(p.Gray, p.Gray)
	return gray
}
