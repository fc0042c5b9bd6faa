package clova

import "errors"

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
	to     *sink
	group  uint32 // the digits of an unfinished group of four
	n      int    // how many
	padded bool   // after the first "="
	inHead bool   // between "data:" and the comma
}

// write decodes p. It returns errBase64, or what the sink does.
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
				if err := d.to.take(byte(d.group>>16), byte(d.group>>8), byte(d.group)); err != nil {
					return err
				}
				d.group, d.n = 0, 0
			}
		case v == b64Space:
		case v == b64Pad:
			d.padded = true
		case c == ':' && d.atDataURI():
			d.to.forget()
			d.inHead = true
		default:
			return errBase64
		}
	}
	return nil
}

// atDataURI reports whether exactly "data" was written so far.
func (d *base64Decoder) atDataURI() bool {
	return d.n == 0 && !d.padded && d.to.holds("\x75\xab\x5a") // "data", decoded
}

// end takes in what is left after the last write.
func (d *base64Decoder) end() error {
	switch d.n {
	case 1:
		return errBase64
	case 2:
		return d.to.take(byte(d.group >> 4))
	case 3:
		return d.to.take(byte(d.group>>10), byte(d.group>>2))
	}
	return nil
}
