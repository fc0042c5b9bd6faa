package vote

import (
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/ocr"
)

// A Word is a word as it is written in the language of the form.
type Word struct {
	Text       string
	Confidence float64      // the score of its reader, from 0 to 1
	Symbols    []ocr.Symbol // as they were read; their boxes are those of their pieces
	Pieces     []Piece      // what it was read as: one word, or several that stand close
}

// A Piece is a word as it was read in a picture.
type Piece struct {
	Picture int // as in Look
	Word    ocr.Word
}

// Text returns words by space.
func Text(words []Word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return strings.Join(texts, " ")
}

// Words returns the words of k, which counts in l, as they are written: those
// parts in English that were surer so, spaces where the language has them, and
// what surely is not on paper mended.
func (l Line) Words(k Look) []Word {
	if spacer, ok := l.spacer(k); ok {
		k = spacer
	}
	var words []Word
	take := func(picture int, read []ocr.Word, spaced func(i int) bool) {
		for i, w := range read {
			next := Word{Text: w.Text, Confidence: w.Confidence, Symbols: w.Symbols, Pieces: []Piece{{picture, w}}}
			if n := len(words); n > 0 && !spaced(i) {
				words[n-1] = merged(words[n-1], next)
				continue
			}
			words = append(words, next)
		}
	}
	own := func(from, to int) {
		take(k.Picture, k.Text.Words[from:to], func(i int) bool { return k.spaced(from + i) })
	}
	at := 0
	for _, p := range k.parts {
		own(at, p.from)
		take(p.Picture, p.Text.Words, func(i int) bool { return i > 0 || k.spaced(p.from) })
		at = p.to
	}
	own(at, len(k.Text.Words))
	for i := range words {
		words[i].Text = repaired(words[i].Text, l.Language)
	}
	return asEmail(words)
}

// spacer returns a look of a model that puts spaces where the language has them,
// as the engine's data does not, and has read the same as k.
func (l Line) spacer(k Look) (Look, bool) {
	if k.Mixed() {
		return Look{}, false
	}
	seconds := l.seconds()
	i := slices.IndexFunc(seconds, func(other Look) bool { return other.taught() && other.same(k) })
	if i < 0 {
		return Look{}, false
	}
	return seconds[i], true
}

// merged returns two words as one.
func merged(a, b Word) Word {
	return Word{
		Text:       a.Text + b.Text,
		Confidence: min(a.Confidence, b.Confidence),
		Symbols:    slices.Concat(a.Symbols, b.Symbols),
		Pieces:     slices.Concat(a.Pieces, b.Pieces),
	}
}
