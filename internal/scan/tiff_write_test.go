package scan

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// A tiffFile writes TIFF files of any kind that the tests want.
type tiffFile struct {
	order binary.AppendByteOrder
	pages []tiffDir
}

// A tiffDir is a directory to be written: the numbers of its tags, all as
// LONG but those of tiffShorts, and its strips or tiles.
type tiffDir struct {
	tags   map[uint16][]uint32
	bytes  map[uint16][]byte // tags of undefined bytes
	ratios map[uint16][2]uint32
	strips [][]byte
}

func (f tiffFile) bytes() []byte {
	order := f.order
	out := []byte("II*\x00\x00\x00\x00\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		out = []byte("MM\x00*\x00\x00\x00\x00")
	}
	link := 4 // where the offset of the next directory goes
	for _, dir := range f.pages {
		var offsets, counts []uint32
		for _, s := range dir.strips {
			offsets, counts = append(offsets, uint32(len(out))), append(counts, uint32(len(s)))
			out = append(out, s...)
		}
		tags := maps.Clone(dir.tags)
		if _, tiled := tags[tagTileWidth]; tiled {
			tags[tagTileOffsets], tags[tagTileByteCounts] = offsets, counts
		} else {
			tags[tagStripOffsets], tags[tagStripByteCounts] = offsets, counts
		}
		out, link = f.directory(out, link, dir, tags)
	}
	return out
}

// directory appends a directory, links it at link, and returns where the next
// one is to be linked.
func (f tiffFile) directory(out []byte, link int, dir tiffDir, tags map[uint16][]uint32) ([]byte, int) {
	order := f.order
	type entry struct {
		kind  uint16
		count int
		data  []byte
	}
	entries := map[uint16]entry{}
	for tag, values := range tags {
		e := entry{kind: kindLong, count: len(values)}
		for _, v := range values {
			if tag == tagBitsPerSample || tag == tagPhotometric || tag == tagColorMap || tag == tagYCbCrSubsample {
				e.kind = kindShort
				e.data = order.AppendUint16(e.data, uint16(v))
			} else {
				e.data = order.AppendUint32(e.data, v)
			}
		}
		entries[tag] = e
	}
	for tag, b := range dir.bytes {
		entries[tag] = entry{kind: 7, count: len(b), data: b}
	}
	for tag, r := range dir.ratios {
		entries[tag] = entry{kind: kindRational, count: 1, data: order.AppendUint32(order.AppendUint32(nil, r[0]), r[1])}
	}
	var table []byte
	for _, tag := range slices.Sorted(maps.Keys(entries)) {
		e := entries[tag]
		table = order.AppendUint16(order.AppendUint16(table, tag), e.kind)
		table = order.AppendUint32(table, uint32(e.count))
		if len(e.data) > 4 {
			table = order.AppendUint32(table, uint32(len(out)))
			out = append(out, e.data...)
		} else {
			table = append(append(table, e.data...), make([]byte, 4-len(e.data))...)
		}
	}
	at := order.AppendUint32(nil, uint32(len(out)))
	out = order.AppendUint16(out, uint16(len(entries)))
	out = append(out, table...)
	copy(out[link:], at)
	link = len(out)
	return append(out, 0, 0, 0, 0), link
}

// compressTIFF compresses rows as a kind of compression asks for.
func compressTIFF(t testing.TB, compression int, data []byte) []byte {
	switch compression {
	case compressionLZW:
		return lzwLiterals(data)
	case compressionDeflate, compressionZIP:
		return encode(t, func(b *bytes.Buffer) error {
			z := zlib.NewWriter(b)
			z.Write(data)
			return z.Close()
		})
	case compressionPackBits:
		return packRuns(data)
	}
	return data
}

// bitWriter gathers bits, the highest of a byte first.
type bitWriter struct {
	out  []byte
	free int // bits of the last byte
}

func (w *bitWriter) write(code string) {
	for _, c := range code {
		if w.free == 0 {
			w.out, w.free = append(w.out, 0), 8
		}
		w.free--
		if c == '1' {
			w.out[len(w.out)-1] |= 1 << w.free
		}
	}
}

func (w *bitWriter) align() { w.free = 0 }

// lzwLiterals writes LZW that never uses its table: each byte is a code of its
// own, and the table is cleared before codes get longer.
func lzwLiterals(data []byte) []byte {
	var w bitWriter
	for i, v := range data {
		if i%200 == 0 {
			w.write("100000000")
		}
		w.write(fmt.Sprintf("%09b", v))
	}
	w.write("100000001")
	return w.out
}

// packRuns writes PackBits with a run, nothing, and a copy in turn.
func packRuns(data []byte) []byte {
	var out []byte
	for i := 0; i < len(data); {
		run := 1
		for i+run < len(data) && run < 128 && data[i+run] == data[i] {
			run++
		}
		if run > 1 {
			out = append(out, byte(1-run), data[i], 128)
			i += run
			continue
		}
		n := min(3, len(data)-i)
		out = append(append(out, byte(n-1)), data[i:i+n]...)
		i += n
	}
	return out
}

// A faxWriter codes rows of pixels, true for black.
type faxWriter struct {
	bitWriter
	above []bool
}

func newFaxWriter(width int) *faxWriter { return &faxWriter{above: make([]bool, width)} }

const eol = "000000000001"

// runs writes a row in one dimension.
func (w *faxWriter) runs(row []bool) {
	black := false
	for at := 0; at < len(row) || at == 0 && len(row) == 0; {
		end := at
		for end < len(row) && row[end] == black {
			end++
		}
		w.run(end-at, black)
		at, black = end, !black
	}
	w.above = row
}

func (w *faxWriter) run(n int, black bool) {
	codes := strings.Fields(whiteCodes + longCodes)
	if black {
		codes = strings.Fields(blackCodes + longCodes)
	}
	for n > 2623 {
		w.write(codes[len(codes)-1])
		n -= 2560
	}
	if n >= 64 {
		w.write(codes[63+n/64])
	}
	w.write(codes[n%64])
}

// fromAbove writes a row in two dimensions, as the flow chart of T.4 has it.
func (w *faxWriter) fromAbove(row []bool) {
	width := len(row)
	at := func(r []bool, i int) bool { return i >= 0 && r[i] }
	change := func(r []bool, from int) int {
		for i := from; i < width; i++ {
			if r[i] != at(r, i-1) {
				return i
			}
		}
		return width
	}
	for a0, black := -1, false; a0 < width; {
		a1 := max(a0, 0)
		for a1 < width && row[a1] == black {
			a1++
		}
		b1 := change(w.above, a0+1)
		for b1 < width && w.above[b1] == black {
			b1 = change(w.above, b1+1)
		}
		b2 := change(w.above, min(b1+1, width))
		switch d := a1 - b1; {
		case b2 < a1:
			w.write("0001")
			a0 = b2
		case -3 <= d && d <= 3:
			for code, mode := range modeCodes {
				if mode == d {
					w.write(code)
				}
			}
			a0, black = a1, !black
		default:
			a2 := a1
			for a2 < width && row[a2] != black {
				a2++
			}
			w.write("001")
			w.run(a1-max(a0, 0), black)
			w.run(a2-a1, !black)
			a0 = a2
		}
	}
	w.above = row
}

// encodeFax codes rows of a kind; T.4 in two dimensions if plane.
func encodeFax(rows [][]bool, kind faxKind, plane bool) []byte {
	w := newFaxWriter(len(rows[0]))
	tag := func(oneDimension bool) {
		switch {
		case plane && oneDimension:
			w.write(eol + "1")
		case plane:
			w.write(eol + "0")
		default:
			w.write(eol)
		}
	}
	for i, row := range rows {
		switch kind {
		case faxG4:
			w.fromAbove(row)
			continue
		case faxAligned:
			w.align()
			w.runs(row)
			continue
		}
		oneDimension := !plane || i%4 == 0
		tag(oneDimension)
		if oneDimension {
			w.runs(row)
		} else {
			w.fromAbove(row)
		}
	}
	switch kind {
	case faxG4:
		w.write(eol + eol)
	case faxG3:
		for range 6 {
			tag(true)
		}
	}
	return w.out
}
