package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"strings"
)

// encodeFax returns a black and white picture as a TIFF in the coding of fax
// machines (ITU-T T.6, "Group 4").
func encodeFax(page *image.Gray, dpi uint32) []byte {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	strip := encodeG4(page)
	var b bytes.Buffer
	le := binary.LittleEndian
	put := func(v any) { _ = binary.Write(&b, le, v) } // a buffer takes all
	b.WriteString("II")
	put(uint16(42))
	const tags = 12
	const directory = 8
	const rational = directory + 2 + 12*tags + 4
	put(uint32(directory))
	put(uint16(tags))
	const short, long, ratio = 3, 4, 5
	for _, t := range [tags][3]uint32{ // tag, type, value
		{256, long, uint32(w)}, // ImageWidth
		{257, long, uint32(h)}, // ImageLength
		{258, short, 1},        // BitsPerSample
		{259, short, 4},        // Compression: T.6
		{262, short, 0},        // PhotometricInterpretation: white is zero
		{273, long, rational + 8},
		{277, short, 1}, // SamplesPerPixel
		{278, long, uint32(h)},
		{279, long, uint32(len(strip))},
		{282, ratio, rational},
		{283, ratio, rational},
		{296, short, 2}, // ResolutionUnit: inch
	} {
		put(uint16(t[0]))
		put(uint16(t[1]))
		put(uint32(1))
		put(t[2]) // a short stands in the first two bytes
	}
	put(uint32(0)) // no further directory
	put(dpi)
	put(uint32(1))
	b.Write(strip)
	return b.Bytes()
}

// encodeG4 returns the rows of a picture in the coding of T.6: each is told by
// how the places where its colour changes differ from those of the row above.
func encodeG4(page *image.Gray) []byte {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	var out bits
	above := make([]bool, w) // black
	row := make([]bool, w)
	for y := range h {
		for x, v := range page.Pix[y*page.Stride : y*page.Stride+w] {
			row[x] = v < 128
		}
		out.row(row, above)
		above, row = row, above
	}
	out.put("000000000001000000000001") // end of the block
	return out.bytes()
}

// bits are written from the highest bit of each byte on.
type bits struct{ s strings.Builder }

func (b *bits) put(code string) { b.s.WriteString(code) }

func (b *bits) bytes() []byte {
	s := b.s.String()
	out := make([]byte, (len(s)+7)/8)
	for i, c := range s {
		if c == '1' {
			out[i/8] |= 0x80 >> (i % 8)
		}
	}
	return out
}

// vertical are the codes where a change is -3 to 3 pixels right of the one above.
var vertical = [7]string{"0000010", "000010", "010", "1", "011", "000011", "0000011"}

// row codes one row. The names are those of T.6, 4.2.
func (b *bits) row(row, above []bool) {
	w := len(row)
	a0, black := -1, false
	for a0 < w {
		a1 := change(row, a0, black)
		b1 := opposite(above, a0, black)
		b2 := change(above, b1, !black)
		switch d := a1 - b1; {
		case b2 < a1:
			b.put("0001")
			a0 = b2
		case d >= -3 && d <= 3:
			b.put(vertical[d+3])
			a0, black = a1, !black
		default:
			a2 := change(row, a1, !black)
			b.put("001")
			b.run(a1-max(a0, 0), black)
			b.run(a2-a1, !black)
			a0 = a2
		}
	}
}

// change returns the first pixel right of x that is not black, or not white,
// as the colour says.
func change(row []bool, x int, black bool) int {
	for x = max(x, 0); x < len(row) && row[x] == black; x++ {
	}
	return x
}

// opposite returns the first change in the row above right of a0 whose pixel
// has another colour than black says.
func opposite(above []bool, a0 int, black bool) int {
	for x := a0 + 1; x < len(above); x++ {
		left := x > 0 && above[x-1]
		if above[x] != black && left == black {
			return x
		}
	}
	return len(above)
}

// run codes the length of a run of one colour.
func (b *bits) run(n int, black bool) {
	codes := &whiteRuns
	if black {
		codes = &blackRuns
	}
	for ; n >= 2560+64; n -= 2560 {
		b.put(codes[63+2560/64])
	}
	if n >= 64 {
		b.put(codes[63+n/64])
		n %= 64
	}
	b.put(codes[n])
}
