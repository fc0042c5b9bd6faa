package scan

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
)

// luma returns the ITU-R BT.601 luma of 8 bit red, green and blue, exactly as
// color.GrayModel has it.
func luma(r, g, b uint8) uint8 {
	return uint8((19595*257*uint32(r) + 38470*257*uint32(g) + 7471*257*uint32(b) + 1<<15) >> 24)
}

// onWhite returns the 8 bit value v of opacity a laid on white.
func onWhite(v, a uint8) uint8 {
	return uint8((uint32(v)*uint32(a) + 255*(255-uint32(a)) + 127) / 255)
}

// split returns the luma of img and img as people see it: opaque, 8 bits a
// sample, and the luma itself if there is no colour. It may change img and
// share its pixels. opaque says whether nothing had to be laid on white.
func split(img image.Image) (gray *image.Gray, seen image.Image, opaque bool) {
	switch img := img.(type) {
	case *image.Gray:
		return img, img, true
	case *image.YCbCr:
		// JFIF's Y is BT.601 luma.
		return &image.Gray{Pix: img.Y, Stride: img.YStride, Rect: img.Rect}, img, true
	case *image.Gray16:
		gray = high(img)
		return gray, gray, true
	case *image.Paletted:
		return splitPaletted(img)
	}
	rgba, opaque := flatten(img)
	gray, colored := lumaOf(rgba)
	if !colored {
		return gray, gray, opaque
	}
	return gray, rgba, opaque
}

// high returns the high bytes of img's pixels.
func high(img *image.Gray16) *image.Gray {
	gray := image.NewGray(img.Rect)
	for i := range gray.Pix {
		gray.Pix[i] = img.Pix[2*i]
	}
	return gray
}

func splitPaletted(img *image.Paletted) (*image.Gray, image.Image, bool) {
	var grays [256]uint8
	seen := make(color.Palette, len(img.Palette))
	colored, opaque := false, true
	for i, c := range img.Palette {
		c := color.NRGBAModel.Convert(c).(color.NRGBA)
		opaque = opaque && c.A == 255
		r, g, b := onWhite(c.R, c.A), onWhite(c.G, c.A), onWhite(c.B, c.A)
		colored = colored || r != g || g != b
		grays[i] = luma(r, g, b)
		seen[i] = color.RGBA{r, g, b, 255}
	}
	gray := image.NewGray(img.Rect)
	for i, v := range img.Pix[:len(gray.Pix)] {
		gray.Pix[i] = grays[v]
	}
	if !colored {
		return gray, gray, opaque
	}
	return gray, &image.Paletted{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect, Palette: seen}, opaque
}

// flatten returns img laid on white, and whether it was opaque. The kinds that
// the decoders give have paths of their own: the general one of image/draw
// takes ten times as long.
func flatten(img image.Image) (_ *image.RGBA, opaque bool) {
	switch img := img.(type) {
	case *image.RGBA:
		return img, true // the decoders give it for opaque pictures only
	case *image.NRGBA:
		return flattenNRGBA(img)
	case *image.NRGBA64:
		nrgba := &image.NRGBA{Pix: highs(img.Pix), Stride: img.Stride / 2, Rect: img.Rect}
		return flattenNRGBA(nrgba)
	case *image.RGBA64:
		return &image.RGBA{Pix: highs(img.Pix), Stride: img.Stride / 2, Rect: img.Rect}, true
	case *image.CMYK:
		return fromCMYK(img), true
	}
	rgba := image.NewRGBA(img.Bounds())
	draw.Draw(rgba, rgba.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(rgba, rgba.Rect, img, rgba.Rect.Min, draw.Over)
	return rgba, true
}

// highs returns the high bytes of big-endian 16 bit samples.
func highs(pix []uint8) []uint8 {
	out := make([]uint8, len(pix)/2)
	for i := range out {
		out[i] = pix[2*i]
	}
	return out
}

func flattenNRGBA(img *image.NRGBA) (_ *image.RGBA, opaque bool) {
	opaque = true
	for i := 0; i+4 <= len(img.Pix); i += 4 {
		p := img.Pix[i : i+4 : i+4]
		a := p[3]
		if a == 255 {
			continue
		}
		opaque = false
		p[0], p[1], p[2], p[3] = onWhite(p[0], a), onWhite(p[1], a), onWhite(p[2], a), 255
	}
	return &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}, opaque
}

func fromCMYK(img *image.CMYK) *image.RGBA {
	for i := 0; i+4 <= len(img.Pix); i += 4 {
		p := img.Pix[i : i+4 : i+4]
		p[0], p[1], p[2] = color.CMYKToRGB(p[0], p[1], p[2], p[3])
		p[3] = 255
	}
	return &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
}

// lumaOf returns the luma of an opaque picture, and whether it has any colour.
func lumaOf(img *image.RGBA) (_ *image.Gray, colored bool) {
	gray := image.NewGray(img.Rect)
	pix := img.Pix
	var differ uint32
	for i := range gray.Pix {
		p := binary.LittleEndian.Uint32(pix[4*i:])
		differ |= p ^ p>>8 // red with green, green with blue
		gray.Pix[i] = luma(uint8(p), uint8(p>>8), uint8(p>>16))
	}
	return gray, differ&0xFFFF != 0
}

// blot returns the two pictures of a page with gray where there is nothing to be
// seen: a decoder leaves there whatever it likes.
func blot(gray *image.Gray, seen image.Image, unseen []image.Rectangle) (*image.Gray, image.Image) {
	if len(unseen) == 0 {
		return gray, seen
	}
	if _, isGray := seen.(*image.Gray); !isGray {
		rgba := image.NewRGBA(seen.Bounds())
		draw.Draw(rgba, rgba.Rect, seen, rgba.Rect.Min, draw.Src)
		seen = rgba
	}
	for _, r := range unseen {
		for _, img := range []image.Image{gray, seen} {
			draw.Draw(img.(draw.Image), r, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
		}
	}
	return gray, seen
}
