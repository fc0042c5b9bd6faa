package scan

import "errors"

// A faxKind is a coding of black and white rows.
type faxKind int

const (
	faxG3      faxKind = iota // ITU-T T.4: rows between ends of line, in one or two dimensions
	faxG4                     // ITU-T T.6: rows in two dimensions
	faxAligned                // TIFF's compression 2: T.4 rows from whole bytes on, no ends of line
)

var errFax = errors.New("fax code")

// A faxReader decodes the rows of a fax.
//
// golang.org/x/image/ccitt decodes T.6, but of T.4 neither two dimensions nor
// rows without ends of line, stops at the first bad row, of which real faxes
// have some, and goes bit by bit.
type faxReader struct {
	kind   faxKind
	plane  bool // T.4 in two dimensions
	tables *faxTables
	in     []byte // what is not in bits yet
	bits   uint64 // the next bits, from the highest on
	n      int    // how many of them are there; negative past the end
	width  int    // pixels
	// Where the colour changes in the row above and the current one: to black,
	// to white, and so on.
	above, row []int
	first      bool // no row was read yet
	ended      bool // the end of the page was read: what follows is white
	bad        int  // rows that could not be read, and repeat the one above
	maxBad     int
}

func newFaxReader(in []byte, kind faxKind, plane bool, width, height int) *faxReader {
	return &faxReader{
		kind: kind, plane: plane, tables: loadFaxTables(), in: in, width: width, first: true,
		above: make([]int, 0, width+8), row: make([]int, 0, width+8), maxBad: height/10 + 2,
	}
}

// peek returns the next n bits, at most 32; zeros follow the end.
func (r *faxReader) peek(n int) int {
	for r.n < 32 && len(r.in) > 0 {
		r.bits |= uint64(r.in[0]) << (56 - r.n)
		r.in = r.in[1:]
		r.n += 8
	}
	return int(r.bits >> (64 - n))
}

func (r *faxReader) skip(n int) {
	r.bits <<= n
	r.n -= n
}

// spent reports whether more bits were taken than there were.
func (r *faxReader) spent() bool { return r.n < 0 }

// readRow decodes a row into p, a bit a pixel, 1 for black.
func (r *faxReader) readRow(p []byte) error {
	if err := r.next(); err != nil {
		return err
	}
	clear(p)
	for i := 0; i < len(r.row); i += 2 {
		end := r.width
		if i+1 < len(r.row) {
			end = r.row[i+1]
		}
		blacken(p, r.row[i], end)
	}
	r.first = false
	return nil
}

// blacken sets the bits from start to end.
func blacken(p []byte, start, end int) {
	for ; start < end && start%8 != 0; start++ {
		p[start/8] |= 0x80 >> (start % 8)
	}
	for ; start+8 <= end; start += 8 {
		p[start/8] = 0xFF
	}
	for ; start < end; start++ {
		p[start/8] |= 0x80 >> (start % 8)
	}
}

// next decodes the changes of the next row.
func (r *faxReader) next() error {
	r.above, r.row = r.row, r.above[:0]
	if r.ended {
		return nil
	}
	var err error
	switch r.kind {
	case faxG4:
		if r.peek(12) == 1 { // end of the page
			r.ended = true
			return nil
		}
		return r.rowFromAbove()
	case faxAligned:
		err = r.rowOfRuns()
		r.skip(max(0, r.n%8))
		return err
	}
	return r.nextG3()
}

// nextG3 decodes a row of T.4. One that is disturbed repeats the row above,
// as fax machines do, and the next end of line begins anew.
func (r *faxReader) nextG3() error {
	ends, oneDimension := r.endsOfLine()
	if ends > 1 && !r.first {
		r.ended = true
		return nil
	}
	in, bits, n := r.in, r.bits, r.n
	var err error
	if oneDimension {
		err = r.rowOfRuns()
	} else {
		err = r.rowFromAbove()
	}
	if err == nil {
		return nil
	}
	r.bad++
	if r.bad > r.maxBad || r.spent() {
		return err
	}
	r.row = append(r.row[:0], r.above...)
	r.in, r.bits, r.n = in, bits, n // what was taken for a code may be an end of line
	for r.peek(11) != 0 {
		r.skip(1)
	}
	return nil
}

// endsOfLine skips the ends of line that come next, and reports how many they
// were and whether the row after them is coded in one dimension.
func (r *faxReader) endsOfLine() (count int, oneDimension bool) {
	oneDimension = !r.plane
	for r.peek(11) == 0 && !r.spent() {
		for r.peek(1) == 0 && !r.spent() {
			r.skip(1) // filling
		}
		r.skip(1)
		count++
		if r.plane {
			oneDimension = r.peek(1) == 1
			r.skip(1)
		}
	}
	return count, oneDimension
}

// change adds a change of colour. A run of no pixels is no change.
func (r *faxReader) change(at int) {
	if n := len(r.row); n > 0 && r.row[n-1] == at {
		r.row = r.row[:n-1]
		return
	}
	r.row = append(r.row, at)
}

// rowOfRuns decodes a row in one dimension, T.4 section 4.1.
func (r *faxReader) rowOfRuns() error {
	color := 0
	for at := 0; at < r.width; color ^= 1 {
		n, err := r.run(color)
		if err != nil {
			return err
		}
		at += n
		if at > r.width {
			return errFax
		}
		r.change(at)
	}
	return nil
}

// run decodes the length of a run of a colour, in pixels.
func (r *faxReader) run(color int) (int, error) {
	total := 0
	for {
		code := r.tables.runs[color][r.peek(runBits)]
		r.skip(int(code.bits))
		if code.bits == 0 || r.spent() {
			return 0, errFax
		}
		total += int(code.value)
		if code.value < 64 {
			return total, nil
		}
		if total > r.width {
			return 0, errFax
		}
	}
}

// rowFromAbove decodes a row in two dimensions, T.4 section 4.2 and T.6
// section 2.2; the names a0, a1, b1 and b2 are theirs.
func (r *faxReader) rowFromAbove() error {
	color, a0, i := 0, -1, 0
	for a0 < r.width {
		mode := r.tables.modes[r.peek(modeBits)]
		r.skip(int(mode.bits))
		if mode.bits == 0 || r.spent() {
			return errFax
		}
		b1, b2, next := r.changesAbove(i, a0, color)
		i = next
		switch mode.value {
		case modePass:
			a0 = b2
		case modeHorizontal:
			a0 = max(a0, 0)
			for _, c := range [2]int{color, color ^ 1} {
				n, err := r.run(c)
				if err != nil {
					return err
				}
				a0 += n
				if a0 > r.width {
					return errFax
				}
				r.change(a0)
			}
		default:
			a1 := b1 + int(mode.value)
			if a1 < max(a0, 0) || a1 > r.width {
				return errFax
			}
			r.change(a1)
			a0 = a1
			color ^= 1
		}
	}
	return nil
}

// changesAbove returns the first change of the row above that is right of a0
// and away from color, and the one after it. It looks from change i on, and
// returns from where to look next, since a0 only moves right.
func (r *faxReader) changesAbove(i, a0, color int) (b1, b2, next int) {
	i = max(0, i-2) // a change to the left may be right of it in the other colour
	for i < len(r.above) && (r.above[i] <= a0 || i%2 != color) {
		i++
	}
	b1, b2 = r.width, r.width
	if i < len(r.above) {
		b1 = r.above[i]
	}
	if i+1 < len(r.above) {
		b2 = r.above[i+1]
	}
	return b1, b2, i
}
