package clova

import (
	"errors"
	"slices"
)

var (
	errBase64 = errors.New("not base64")
	errLarge  = errors.New("too many bytes")
)

// What a byte is in base64, where it is not one of the 64 digits.
const (
	b64Other = 64 + iota
	b64Space
	b64Pad
)

// b64Digits says what each byte is. Both alphabets, the standard one and that
// for URLs, are taken.
var b64Digits = func() (t [256]byte) {
	for i := range t {
		t[i] = b64Other
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i)
	}
	t['-'], t['_'] = t['+'], t['/']
	for _, c := range []byte(" \t\r\n\v\f") {
		t[c] = b64Space
	}
	t['='] = b64Pad
	return t
}()

// A base64Decoder decodes as bytes arrive. It forgives what clients do: white
// space anywhere, no padding, and the head of a data URI.
type base64Decoder struct {
	limit  int      // bytes
	full   [][]byte // what was decoded before out
	size   int      // of full, bytes
	out    []byte
	group  uint32 // the digits of an unfinished group of four
	n      int    // how many
	padded bool   // after the first "="
	inHead bool   // between "data:" and the comma
}

// write decodes p. It returns errBase64 or errLarge.
func (d *base64Decoder) write(p []byte) error {
	for _, c := range p {
		if d.inHead {
			d.inHead = c != ','
			continue
		}
		switch v := b64Digits[c]; {
		case v < 64:
			if d.padded {
				return errBase64
			}
			d.group = d.group<<6 | uint32(v)
			if d.n++; d.n == 4 {
				if err := d.makeRoom(3); err != nil {
					return err
				}
				d.out = append(d.out, byte(d.group>>16), byte(d.group>>8), byte(d.group))
				d.group, d.n = 0, 0
			}
		case v == b64Space:
		case v == b64Pad:
			d.padded = true
		case c == ':' && d.atDataURI():
			d.out, d.inHead = d.out[:0], true
		default:
			return errBase64
		}
	}
	return nil
}

// makeRoom sees to it that n bytes fit into d.out without moving it: one piece
// that grows would be copied again and again.
func (d *base64Decoder) makeRoom(n int) error {
	if d.size+len(d.out)+n > d.limit {
		return errLarge
	}
	if len(d.out)+n > cap(d.out) {
		d.size += len(d.out)
		d.full = append(d.full, d.out)
		d.out = make([]byte, 0, min(max(4<<10, d.size/2), 4<<20))
	}
	return nil
}

// atDataURI reports whether exactly "data" was written so far.
func (d *base64Decoder) atDataURI() bool {
	return d.n == 0 && !d.padded && d.size == 0 && string(d.out) == "\x75\xab\x5a" // "data", decoded
}

// file returns what was decoded, after the last write.
func (d *base64Decoder) file() ([]byte, error) {
	if d.n == 1 {
		return nil, errBase64
	}
	d.group <<= 6 * (4 - d.n) // as if the padding were digits of zero
	last := []byte{byte(d.group >> 16), byte(d.group >> 8)}[:max(d.n-1, 0)]
	if err := d.makeRoom(len(last)); err != nil {
		return nil, err
	}
	return slices.Concat(append(d.full, d.out, last)...), nil
}
