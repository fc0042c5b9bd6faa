package ocr

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
	"unicode/utf8"
)

// A message between the pool and its child is a frame: its length in four
// bytes, most significant first, and a gob of that length. The child greets
// once, then each request is answered by one response, in turn.

const (
	maxFrame  = 256 << 20 // bytes
	maxPixels = 64 << 20  // of one crop
)

// errWire reports a message that is not what it should be.
var errWire = errors.New("ocr: broken message")

type greeting struct {
	Engines []wireEngine
	Guard   Guard // that Confine got
}

// A wireEngine is what a child says of an engine that it has.
type wireEngine struct {
	Name      string
	Languages []string
	Alphabets map[string]string // by language
}

type request struct {
	Engine string // what keyOf makes of its name
	Crops  []wireCrop
}

// A wireCrop is a Crop with its pixels packed.
type wireCrop struct {
	Width, Height int
	Pix           []byte
	Languages     []string
	Layout        Layout
	Charset       string
}

// A status is how a request ended.
type status int

const (
	statusRead     status = iota
	statusLanguage        // a language is not installed: asking again is of no use
	statusFailed
)

type response struct {
	Status status
	Detail string // of a failure
	Texts  []Text
}

// Serve is the life of a child: it reads requests from r, has the engine that
// each is for read them, and writes the answers to w, until r ends. The first
// engine is the one that a pool is.
func Serve(r io.Reader, w io.Writer, engines ...Engine) error {
	g := greeting{Guard: guard}
	byKey := map[string]Engine{}
	for _, e := range engines {
		byKey[keyOf(e.Name())] = e
		g.Engines = append(g.Engines, described(e))
	}
	if err := writeFrame(w, g); err != nil {
		return fmt.Errorf("greet: %w", err)
	}
	for {
		var req request
		err := readFrame(r, &req)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read request: %w", err)
		}
		if err := writeFrame(w, answer(byKey[req.Engine], req)); err != nil {
			return fmt.Errorf("write response: %w", err)
		}
	}
}

// keyOf returns the name of an engine without its version and its models: a
// child that is started later may have others.
func keyOf(name string) string {
	key, _, _ := strings.Cut(name, " ")
	return key
}

// described returns what a child says of e.
func described(e Engine) wireEngine {
	w := wireEngine{e.Name(), e.Languages(), map[string]string{}}
	for _, l := range w.Languages {
		w.Alphabets[l] = Alphabet(e, []string{l})
	}
	return w
}

func answer(engine Engine, req request) response {
	if engine == nil {
		return response{Status: statusFailed, Detail: "there is no engine " + req.Engine}
	}
	crops := make([]Crop, len(req.Crops))
	for i, c := range req.Crops {
		crop, err := c.crop()
		if err != nil {
			return response{Status: statusFailed, Detail: err.Error()}
		}
		crops[i] = crop
	}
	texts, err := engine.Read(context.Background(), crops)
	switch {
	case errors.Is(err, ErrLanguage):
		return response{Status: statusLanguage, Detail: err.Error()}
	case err != nil:
		return response{Status: statusFailed, Detail: err.Error()}
	}
	return response{Texts: texts}
}

// pack returns c for the wire.
func pack(c Crop) (wireCrop, error) {
	width, height := c.Image.Rect.Dx(), c.Image.Rect.Dy()
	if width*height > maxPixels {
		return wireCrop{}, fmt.Errorf("ocr: a crop of %d x %d pixels is too large", width, height)
	}
	pix := make([]byte, 0, width*height)
	for y := range height {
		pix = append(pix, c.Image.Pix[y*c.Image.Stride:][:width]...)
	}
	return wireCrop{width, height, pix, c.Languages, c.Layout, c.Charset}, nil
}

func (c wireCrop) crop() (Crop, error) {
	if c.Width < 0 || c.Height < 0 || c.Width > maxPixels || c.Height > maxPixels || c.Width*c.Height != len(c.Pix) {
		return Crop{}, errWire
	}
	img := &image.Gray{Pix: c.Pix, Stride: c.Width, Rect: image.Rect(0, 0, c.Width, c.Height)}
	return Crop{Image: img, Languages: c.Languages, Layout: c.Layout, Charset: c.Charset}, nil
}

// check returns errWire unless texts can be an answer to n crops.
func check(texts []Text, n int) error {
	if len(texts) != n {
		return errWire
	}
	for _, t := range texts {
		for _, w := range t.Words {
			if !utf8.ValidString(w.Text) || !probable(w.Confidence) {
				return errWire
			}
			for _, s := range w.Symbols {
				if !utf8.ValidString(s.Text) || !probable(s.Confidence) {
					return errWire
				}
				for _, a := range s.Alternatives {
					if !utf8.ValidString(a.Text) || !probable(a.Confidence) {
						return errWire
					}
				}
			}
		}
	}
	return nil
}

func probable(p float64) bool { return p >= 0 && p <= 1 } // not NaN

func writeFrame(w io.Writer, v any) error {
	var b bytes.Buffer
	b.Write(make([]byte, 4))
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		return err
	}
	frame := b.Bytes()
	if len(frame)-4 > maxFrame {
		return fmt.Errorf("%w: %d bytes", errWire, len(frame)-4)
	}
	binary.BigEndian.PutUint32(frame, uint32(len(frame)-4))
	_, err := w.Write(frame)
	return err
}

// readFrame returns io.EOF where r ends before a frame begins.
func readFrame(r io.Reader, v any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxFrame {
		return fmt.Errorf("%w: %d bytes", errWire, n)
	}
	var b bytes.Buffer
	if _, err := io.CopyN(&b, r, int64(n)); err != nil {
		return io.ErrUnexpectedEOF
	}
	if err := gob.NewDecoder(&b).Decode(v); err != nil {
		return fmt.Errorf("%w: %w", errWire, err)
	}
	return nil
}
