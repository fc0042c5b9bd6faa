// Package ocr says what an engine is: something that turns pictures of text
// into text. [Pool] runs an engine in supervised child processes.
package ocr

import (
	"context"
	"errors"
	"image"
)

var (
	// ErrEngine reports that the engine died by itself, failed or answered
	// nonsense twice for the same crops: they are to blame for it.
	ErrEngine = errors.New("ocr: the engine failed")
	// ErrKilled reports that something outside ended the engine while it read:
	// a person, the kernel for want of memory. The crops are not to blame.
	ErrKilled = errors.New("ocr: the engine was killed from outside")
	// ErrStart reports that the engine could not be started, for want of
	// memory, processes, descriptors or a part of itself. The crops are not to
	// blame.
	ErrStart = errors.New("ocr: the engine does not start")
	// ErrClosed reports a pool that is closed.
	ErrClosed = errors.New("ocr: the pool is closed")
	// ErrLanguage reports a language for which no data is installed.
	ErrLanguage = errors.New("ocr: language not installed")
)

// A Crop is one picture of text: dark ink on light paper, upright.
type Crop struct {
	Image     *image.Gray
	Languages []string // "ko", "ja", "zh-TW", "en"; the first one leads
	Layout    Layout
	Charset   string // the only characters that may come out; empty for any
}

// Flat reports whether c has no ink that stands out. Engines divide even white
// paper into dark and light, and see letters in it.
func (c Crop) Flat() bool {
	const contrast = 16 // gray values
	low, high := uint8(255), uint8(0)
	for y := range c.Image.Rect.Dy() {
		for _, v := range c.Image.Pix[y*c.Image.Stride : y*c.Image.Stride+c.Image.Rect.Dx()] {
			low, high = min(low, v), max(high, v)
		}
	}
	return int(high)-int(low) < contrast
}

// Layout says how the text of a crop is laid out.
type Layout int

// The layouts.
const (
	Line      Layout = iota // one line
	Block                   // one or more lines below each other
	Character               // a single character
	Page                    // a page, or a part of one: blocks of text, in columns perhaps, and pictures
)

// A Text is what an engine read in a crop. No words means that it saw none.
type Text struct{ Words []Word }

// A Word is a run of symbols without white space.
type Word struct {
	Text       string
	Confidence float64         // the engine's own score, in [0, 1]
	Box        image.Rectangle // in pixels of the crop
	Symbols    []Symbol
	LineBreak  bool // the last word of its line
}

// A Symbol is one character as the engine sees characters.
type Symbol struct {
	Text         string
	Confidence   float64 // the engine's own score, in [0, 1]
	Box          image.Rectangle
	Alternatives []Alternative // what else it may be, best first; may be empty
}

// An Alternative is another reading of a symbol.
type Alternative struct {
	Text       string
	Confidence float64 // the engine's own score, in [0, 1]
}

// String returns the words of t, by space, and its lines, by line feed.
func (t Text) String() string {
	var s []byte
	for i, w := range t.Words {
		s = append(s, w.Text...)
		if i == len(t.Words)-1 {
			break
		}
		if w.LineBreak {
			s = append(s, '\n')
		} else {
			s = append(s, ' ')
		}
	}
	return string(s)
}

// An Engine reads crops.
//
// Read returns one Text a crop, in the same order, or an error for all of
// them. It does not change or keep the images. It may be called from many
// goroutines at once. It returns the context's error soon after the context
// ends.
type Engine interface {
	// Name names the engine and its version, as in "tesseract 5.3.0".
	Name() string
	// Languages returns the languages it reads, in the words of Crop, sorted.
	Languages() []string
	Read(ctx context.Context, crops []Crop) ([]Text, error)
}

// A Speller is an Engine that can tell which characters it reads at all.
type Speller interface {
	// Alphabet returns the characters that may come out where crops are read
	// in languages; empty for any.
	Alphabet(languages []string) string
}

// Alphabet returns that of e in languages, or nothing where e cannot tell.
func Alphabet(e Engine, languages []string) string {
	if s, ok := e.(Speller); ok {
		return s.Alphabet(languages)
	}
	return ""
}

// Func is an Engine for tests that reads each crop with a function.
type Func func(Crop) (Text, error)

// Name returns "func".
func (f Func) Name() string { return "func" }

// Languages returns those that Seosik knows.
func (f Func) Languages() []string { return []string{"en", "ja", "ko", "zh-TW"} }

// Read calls f for each crop.
func (f Func) Read(ctx context.Context, crops []Crop) ([]Text, error) {
	texts := make([]Text, len(crops))
	for i, c := range crops {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if texts[i], err = f(c); err != nil {
			return nil, err
		}
	}
	return texts, nil
}
