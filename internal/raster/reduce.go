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

// Reduce returns src made smaller by factor, which is at least 1: every pixel
// is the mean of a square of that side, so that point p of src is p/factor of
// the result. What is left over at the right and the bottom is dropped.
func Reduce(src *image.Gray, factor float64) *image.Gray {
	columns := spans(src.Rect.Dx(), factor)
	w, h := len(columns), int(float64(src.Rect.Dy())/factor)
	dst := image.NewGray(image.Rect(0, 0, w, h))
	line, sums := make([]uint32, w), make([]uint32, w)
	unit := 65536 / factor
	for y, out := 0, 0; out < h; y++ {
		reduceRow(line, src.Pix[y*src.Stride:], columns)
		end := min(float64(out+1)*factor, float64(src.Rect.Dy())) // rounding must not pass the last row
		share := min(end-float64(y), 1)                           // of the row that belongs to out
		addTimes(sums, line, uint32(float64(share*unit)+.5))
		if float64(y+1) < end {
			continue
		}
		row := dst.Pix[out*dst.Stride:][:w:w]
		for x, s := range sums {
			row[x] = uint8(min((s>>16+128)>>8, 255))
		}
		clear(sums)
		addTimes(sums, line, uint32(float64((1-share)*unit)+.5))
		out++
	}
	return dst
}

func addTimes(sums, line []uint32, weight uint32) {
	if weight == 0 {
		return
	}
	for x, v := range line {
		sums[x] += weight * v
	}
}

// A columnSpan is the source pixels of one pixel of the result.
type columnSpan struct {
	first, last      int    // pixels
	head, body, tail uint32 // weight of the first, of those between, and of the last; the sum is 256
}

func spans(width int, factor float64) []columnSpan {
	out := make([]columnSpan, int(float64(width)/factor))
	unit := 256 / factor
	for i := range out {
		from, to := float64(i)*factor, float64(i+1)*factor
		s := columnSpan{first: int(from), last: min(int(to), width-1), body: uint32(unit + .5)}
		s.head = uint32(float64((float64(s.first+1)-from)*unit) + .5)
		between := max(s.last-s.first-1, 0)
		s.tail = 256 - min(s.head+uint32(between)*s.body, 256)
		if s.last == s.first {
			s.head, s.tail = 256, 0
		}
		out[i] = s
	}
	return out
}

// reduceRow sets line to the means of the spans of pix, in 1/256.
func reduceRow(line []uint32, pix []uint8, columns []columnSpan) {
	for x := range columns {
		s := &columns[x]
		v := s.head*uint32(pix[s.first]) + s.tail*uint32(pix[s.last])
		for i := s.first + 1; i < s.last; i++ {
			v += s.body * uint32(pix[i])
		}
		line[x] = v
	}
}
