package clova

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// imageDepth is how many brackets are open inside an element of images.
const imageDepth = 3

var errJSON = errors.New("not JSON")

// A lifter reads the JSON of a request and takes the files out of it: each
// value of a key "data" of an image is decoded as it arrives, and stands in
// the text that remains as the number of the file. That text is small, and
// left to encoding/json.
type lifter struct {
	in      *bufio.Reader
	files   *shelf
	limits  Limits
	text    bytes.Buffer
	size    int    // of the files it took out, bytes
	depth   int    // brackets open
	lastKey string // the last string, if it is short
	isData  bool   // the value of a key "data" of an image is next
}

// lift reads in to its end.
func (l *lifter) lift() error {
	if err := skipSpace(l.in); err != nil {
		return err
	}
	for {
		c, err := l.in.ReadByte()
		if ended(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := l.step(c); err != nil {
			return err
		}
		if l.text.Len() > maxMessage {
			return errMessage
		}
	}
}

// ended reports whether err is the end of a text. A part of a body without a
// closing boundary ends unexpectedly, which is forgiven.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// step takes the byte c, which is not in a string, and the rest of what it begins.
func (l *lifter) step(c byte) error {
	if b64Digits[c] == b64Space {
		return nil
	}
	isData := l.isData
	l.isData = false
	switch {
	case c == '"' && isData:
		return l.takeOut(l.base64)
	case c == '"':
		return l.copyString()
	case c == '[' && isData:
		return l.takeOut(l.numbers)
	case c == ':':
		l.isData = l.depth == imageDepth && strings.EqualFold(l.lastKey, "data")
	case c == '{' || c == '[':
		l.depth++
	case c == '}' || c == ']':
		l.depth--
	}
	l.text.WriteByte(c)
	return nil
}

// takeOut has a value decoded, stored as a file, and writes the number of that
// into the text.
func (l *lifter) takeOut(decode func(*sink) error) error {
	file, err := l.files.add()
	if err != nil {
		return err
	}
	to := &sink{draft: file, left: l.limits.bytes() - l.size}
	if err = decode(to); err == nil {
		err = to.close()
	}
	if err != nil {
		return fmt.Errorf("images[0].data: %w", err)
	}
	fmt.Fprintf(&l.text, `"%d"`, len(l.files.drafts)-1)
	l.size += int(file.Size())
	return nil
}

// copyString copies a string, its opening quote read already, into the text.
// Bare control characters, which JSON forbids and some clients send, are escaped.
func (l *lifter) copyString() error {
	l.text.WriteByte('"')
	start := l.text.Len()
	for l.text.Len() <= maxMessage {
		c, err := l.in.ReadByte()
		if err != nil {
			return broken(err)
		}
		switch {
		case c == '"':
			l.lastKey = ""
			if s := l.text.Bytes()[start:]; len(s) <= len("data") {
				l.lastKey = string(s)
			}
			l.text.WriteByte('"')
			return nil
		case c == '\\':
			e, err := l.in.ReadByte()
			if err != nil {
				return broken(err)
			}
			l.text.WriteByte('\\')
			l.text.WriteByte(e)
		case c < ' ':
			fmt.Fprintf(&l.text, `\u%04x`, c)
		default:
			l.text.WriteByte(c)
		}
	}
	return errMessage
}

// broken returns what err means in the middle of a value.
func broken(err error) error {
	if ended(err) {
		return errJSON
	}
	return err
}

// base64 decodes a string, its opening quote read already.
func (l *lifter) base64(to *sink) error {
	d := base64Decoder{to: to}
	for {
		if _, err := l.in.Peek(1); err != nil {
			return broken(err)
		}
		ready, _ := l.in.Peek(l.in.Buffered())
		end := bytes.IndexAny(ready, `"\`)
		if end < 0 {
			end = len(ready)
		}
		if err := d.write(ready[:end]); err != nil {
			return err
		}
		closed := end < len(ready) && ready[end] == '"'
		escaped := end < len(ready) && ready[end] == '\\'
		_, _ = l.in.Discard(end) // it is in the buffer
		switch {
		case closed:
			_, _ = l.in.Discard(1)
			return d.end()
		case escaped:
			c, err := l.escape()
			if err != nil {
				return err
			}
			if err := d.write([]byte{c}); err != nil {
				return err
			}
		}
	}
}

// escape reads an escape sequence and returns the byte it stands for, which
// is no base64 where it stands for more than a byte.
func (l *lifter) escape() (byte, error) {
	seq := make([]byte, 2, 6)
	if _, err := io.ReadFull(l.in, seq); err != nil {
		return 0, broken(err)
	}
	switch seq[1] {
	case '/':
		return '/', nil
	case 'n', 'r', 't':
		return ' ', nil
	case 'u':
		seq = seq[:6]
		if _, err := io.ReadFull(l.in, seq[2:]); err != nil {
			return 0, broken(err)
		}
		c, err := strconv.ParseUint(string(seq[2:]), 16, 8)
		if err != nil {
			return 0, errBase64
		}
		return byte(c), nil
	}
	return 0, errBase64
}

// numbers reads an array of bytes, its bracket read already. Java's JSONObject
// writes a byte[] so, with signs.
func (l *lifter) numbers(to *sink) error {
	var digits []byte
	for {
		c, err := l.in.ReadByte()
		if err != nil {
			return broken(err)
		}
		switch {
		case b64Digits[c] == b64Space:
		case c == '-' || (c >= '0' && c <= '9'):
			if digits = append(digits, c); len(digits) > len("-128") {
				return errBase64
			}
		case c == ']' && to.holds("") && len(digits) == 0:
			return nil
		case c == ',' || c == ']':
			n, err := strconv.Atoi(string(digits))
			if err != nil || n < -128 || n > 255 {
				return errBase64
			}
			if err := to.take(byte(n)); err != nil {
				return err
			}
			digits = digits[:0]
			if c == ']' {
				return nil
			}
		default:
			return errBase64
		}
	}
}
