package raster

import (
	"encoding/binary"
	"image"
)

// Half returns src at half its size: every pixel is the mean of four. The
// last column and row of an odd size are dropped, so that point p of src is
// p/2 of the result whatever the size.
func Half(src *image.Gray) *image.Gray {
	w, h := src.Rect.Dx()/2, src.Rect.Dy()/2
	dst := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		a := src.Pix[2*y*src.Stride:][: 2*w : 2*w]
		b := src.Pix[(2*y+1)*src.Stride:][: 2*w : 2*w]
		halfRow(dst.Pix[y*dst.Stride:][:w:w], a, b)
	}
	return dst
}

// halfRow sets dst to the means of the 2x2 squares of the rows a and b. It
// adds four squares at a time, in the 16-bit lanes of a word.
func halfRow(dst, a, b []uint8) {
	const lanes = 0x00ff00ff00ff00ff
	x := 0
	for ; x+4 <= len(dst); x += 4 {
		p, q := binary.LittleEndian.Uint64(a[2*x:]), binary.LittleEndian.Uint64(b[2*x:])
		s := p&lanes + p>>8&lanes + q&lanes + q>>8&lanes + 0x0002000200020002
		s = s >> 2 & lanes
		s = (s | s>>8) & 0x0000ffff0000ffff
		binary.LittleEndian.PutUint32(dst[x:], uint32(s|s>>16))
	}
	for ; x < len(dst); x++ {
		dst[x] = uint8((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) / 4)
	}
}
