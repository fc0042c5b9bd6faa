package scan

import (
	"bytes"
	"fmt"
	"image"
)

// A huffmanTable has a code for each value, T.81 C.2.
type huffmanTable struct {
	codes [1 << 16]huffmanCode // by the next 16 bits
	zero  huffmanWord          // of the value 0
}

type huffmanCode struct{ value, bits uint8 } // no bits: no code

type huffmanWord struct {
	code uint32
	bits int
}

func newHuffmanTable(counts, values []byte) *huffmanTable {
	t := new(huffmanTable)
	code := 0
	for i, n := range counts {
		bits := i + 1
		for range n {
			first, after := code<<(16-bits), (code+1)<<(16-bits)
			if after > len(t.codes) {
				return t
			}
			for j := first; j < after; j++ {
				t.codes[j] = huffmanCode{values[0], uint8(bits)}
			}
			if values[0] == 0 {
				t.zero = huffmanWord{uint32(code), bits}
			}
			code, values = code+1, values[1:]
		}
		code <<= 1
	}
	return t
}

// A mendedScan is a scan of a sequential JPEG, in MCUs.
type mendedScan struct {
	parts    []scanPart
	blocks   []scanPart // of an MCU
	across   int        // MCUs in a row
	mcus     int
	size     image.Point // pixels of an MCU
	interval int         // MCUs between restart markers, or 0
}

// A scanPart is a component in a scan.
type scanPart struct {
	component int
	dc, ac    *huffmanTable
}

// scanOf reads the header of a scan, T.81 B.2.3.
func (m *mender) scanOf(header []byte) (*mendedScan, error) {
	damaged := fmt.Errorf("%w: JPEG scan", ErrDamaged)
	if len(header) < 6 || len(header) != 4+2*int(header[0]) || header[0] > 4 || len(m.ids) == 0 {
		return nil, damaged
	}
	s := &mendedScan{interval: m.interval}
	for b := header[1 : len(header)-3]; len(b) > 0; b = b[2:] {
		part := scanPart{component: -1}
		for i, id := range m.ids {
			if id == b[0] {
				part.component = i
			}
		}
		part.dc, part.ac = m.tables[0][b[1]>>4&3], m.tables[1][b[1]&3]
		if part.component < 0 || !m.h.progressive && (part.dc == nil || part.ac == nil) {
			return nil, damaged
		}
		s.parts = append(s.parts, part)
	}
	most := [2]int{1, 1}
	for _, v := range m.sampling {
		most[0], most[1] = max(most[0], v[0]), max(most[1], v[1])
	}
	s.size = image.Pt(8*most[0], 8*most[1])
	if len(s.parts) == 1 { // not interleaved: an MCU is a block
		own := m.sampling[s.parts[0].component]
		s.size = image.Pt(8*most[0]/own[0], 8*most[1]/own[1])
		s.blocks = s.parts
	} else {
		for _, part := range s.parts {
			own := m.sampling[part.component]
			for range own[0] * own[1] {
				s.blocks = append(s.blocks, part)
			}
		}
	}
	s.across = (m.h.width + s.size.X - 1) / s.size.X
	s.mcus = s.across * ((m.h.height + s.size.Y - 1) / s.size.Y)
	return s, nil
}

// A span are MCUs that follow one another, without the last.
type span struct{ from, to int }

// addSpan adds a span to those before it.
func addSpan(spans []span, v span) []span {
	if n := len(spans); n > 0 && spans[n-1].to == v.from {
		spans[n-1].to = v.to
		return spans
	}
	return append(spans, v)
}

// mend returns coded as it should be, what of the scan is lost, and the bytes that
// follow its last block. cut says that the end of coded is where a transfer
// broke off. It returns nil where nobody knows what is lost: codes do not exist or
// lack, of blocks that no marker tells apart, or the tables have none for blocks
// without detail.
func (s *mendedScan) mend(coded []byte, cut bool) (mended []byte, lost []span, rest []byte) {
	w := &codeWriter{out: make([]byte, 0, len(coded)+64)}
	pieces := s.pieces(coded)
	counted := inOrder(pieces)
	length := s.mcus
	if s.interval > 0 {
		length = s.interval
	}
	r := &codeReader{data: pieces[0].data}
	pieces = pieces[1:]
	skip := 0 // intervals that lack before the data of r
	for from, i := 0, 0; from < s.mcus; from, i = from+length, i+1 {
		to := min(from+length, s.mcus)
		if i > 0 {
			w.restart(i - 1)
		}
		n, bad := 0, false
		if skip == 0 {
			n, bad = s.copy(w, r, to-from)
		}
		if n < to-from && !s.fill(w, to-from-n) {
			return nil, nil, nil
		}
		if skip > 0 {
			skip--
			lost = addSpan(lost, span{from, to})
			continue
		}
		r.align()
		rest = r.left()
		last := len(pieces) == 0
		late := 0 // how many markers lack before the next
		if !last {
			late = (pieces[0].number - i) & 7
		}
		between := n == to-from && uneven(rest) && (!counted || late > 0) && !last // the marker lacks
		switch {
		case n < to-from && last && cut && !bad: // what was read before stands
			lost = addSpan(lost, span{from + n, to})
		case n < to-from && s.interval == 0:
			return nil, nil, nil
		case n < to-from, uneven(rest) && !between && s.interval > 0: // of which nobody knows where it went wrong
			lost = addSpan(lost, span{from, to})
		}
		switch {
		case between:
		case last:
			r = &codeReader{}
		default:
			r = &codeReader{data: pieces[0].data}
			pieces = pieces[1:]
			if counted && late < 6 {
				skip = late
			}
		}
	}
	w.align()
	return w.out, lost, rest
}

// copy copies MCUs, at most n, and returns how many there were. bad is set where
// a code does not exist.
func (s *mendedScan) copy(w *codeWriter, r *codeReader, n int) (done int, bad bool) {
	for done < n {
		from := r.at
		for _, b := range s.blocks {
			if !b.pass(r) {
				bad = r.at+32 < 8*len(r.data) // at the end a code is not all there
				r.at = from
				return done, bad
			}
		}
		if r.spent() {
			return done, false
		}
		for at := from; at < r.at; at += 16 {
			bits := min(16, r.at-at)
			w.write(r.peek(at)>>(16-bits), bits)
		}
		done++
	}
	return done, false
}

// pass passes over a block, T.81 F.2.2, as image/jpeg does. It reports false where
// a code does not exist.
func (p scanPart) pass(r *codeReader) bool {
	code := p.dc.codes[r.peek(r.at)]
	r.at += int(code.bits) + int(code.value)
	if code.bits == 0 || code.value > 16 {
		return false
	}
	for k := 1; k < 64 && !r.spent(); k++ {
		code := p.ac.codes[r.peek(r.at)]
		if code.bits == 0 {
			return false
		}
		run, size := int(code.value>>4), int(code.value&15)
		if size == 0 && run < 15 { // the end of the block
			r.at += int(code.bits)
			return true
		}
		if k += run; k > 63 {
			r.at += int(code.bits)
			return true
		}
		r.at += int(code.bits) + size
	}
	return true
}

// fill writes MCUs without detail. It reports false where there is no code for
// them.
func (s *mendedScan) fill(w *codeWriter, n int) bool {
	for _, b := range s.blocks {
		if b.dc.zero.bits == 0 || b.ac.zero.bits == 0 {
			return false
		}
	}
	for range n {
		for _, b := range s.blocks {
			w.write(b.dc.zero.code, b.dc.zero.bits)
			w.write(b.ac.zero.code, b.ac.zero.bits)
		}
	}
	return true
}

// rectangles returns the parts of the picture that MCUs are.
func (s *mendedScan) rectangles(spans []span, h jpegHeader) (out []image.Rectangle) {
	picture := image.Rect(0, 0, h.width, h.height)
	add := func(x0, y0, x1, y1 int) {
		r := image.Rect(x0*s.size.X, y0*s.size.Y, x1*s.size.X, y1*s.size.Y).Intersect(picture)
		if !r.Empty() {
			out = append(out, r)
		}
	}
	for _, v := range spans {
		first, last := v.from/s.across, v.to/s.across
		if first == last {
			add(v.from%s.across, first, v.to%s.across, first+1)
			continue
		}
		if x := v.from % s.across; x > 0 {
			add(x, first, s.across, first+1)
			first++
		}
		add(0, first, s.across, last)
		add(0, last, v.to%s.across, last+1)
	}
	return out
}

// A scanPiece is what is coded between two restart markers, without stuffing.
type scanPiece struct {
	number int // of the marker before it, from 0 to 7
	data   []byte
}

// pieces cuts coded at restart markers; where there should be none, it is one
// piece.
func (s *mendedScan) pieces(coded []byte) []scanPiece {
	pieces := []scanPiece{{data: make([]byte, 0, len(coded))}}
	for i := 0; i < len(coded); i++ {
		last := &pieces[len(pieces)-1]
		if coded[i] != 0xFF {
			last.data = append(last.data, coded[i])
			continue
		}
		if i+1 == len(coded) {
			break
		}
		switch next := coded[i+1]; {
		case next == 0xFF: // filling, T.81 B.1.1.2
		case next == 0:
			last.data = append(last.data, 0xFF)
			i++
		case markRST0 <= next && next < markSOI:
			if s.interval > 0 {
				pieces = append(pieces, scanPiece{number: int(next - markRST0)})
			}
			i++
		default: // no marker that may stand here
			last.data = append(last.data, 0xFF)
		}
	}
	return pieces
}

// inOrder reports whether the numbers of restart markers mean something: most
// follow the one before.
func inOrder(pieces []scanPiece) bool {
	follow := 0
	for i := range pieces[1:] {
		before := -1
		if i > 0 {
			before = pieces[i].number
		}
		if (pieces[i+1].number-before)&7 == 1 {
			follow++
		}
	}
	return 4*follow > 3*(len(pieces)-1)
}

// appendStuffed appends coded without the filling before its markers.
func appendStuffed(out, coded []byte) []byte {
	for i, v := range coded {
		if v == 0xFF && (i+1 == len(coded) || coded[i+1] == 0xFF) {
			continue
		}
		out = append(out, v)
	}
	return out
}

// A codeReader reads bits of coded samples, the highest of a byte first.
type codeReader struct {
	data []byte
	at   int // bits
}

// peek returns the 16 bits at a place; zeros follow the end.
func (r *codeReader) peek(at int) uint32 {
	var v uint32
	for i := at / 8; i < at/8+3; i++ {
		v <<= 8
		if i < len(r.data) {
			v |= uint32(r.data[i])
		}
	}
	return v >> (8 - at%8) & 0xFFFF
}

// spent reports whether more bits were taken than there were.
func (r *codeReader) spent() bool { return r.at > 8*len(r.data) }

func (r *codeReader) align() { r.at = (r.at + 7) &^ 7 }

// left returns the bytes that are left.
func (r *codeReader) left() []byte { return r.data[min(r.at/8, len(r.data)):] }

// uneven reports whether left, which follows the last block, is more than filling:
// so much is wrong before.
func uneven(left []byte) bool { return len(bytes.TrimRight(left, "\x00\xFF")) > 2 }

// A codeWriter writes bits of coded samples, with stuffing.
type codeWriter struct {
	out  []byte
	bits uint32
	n    int
}

// write writes the lowest n bits of v, at most 16.
func (w *codeWriter) write(v uint32, n int) {
	w.bits, w.n = w.bits<<n|v&(1<<n-1), w.n+n
	for w.n >= 8 {
		w.n -= 8
		b := byte(w.bits >> w.n)
		w.out = append(w.out, b)
		if b == 0xFF {
			w.out = append(w.out, 0)
		}
	}
}

// align fills the last byte with ones, T.81 F.1.2.3.
func (w *codeWriter) align() { w.write(0xFF, (8-w.n)%8) }

// restart writes the restart marker after interval i.
func (w *codeWriter) restart(i int) {
	w.align()
	w.out = append(w.out, 0xFF, markRST0+byte(i&7))
}
