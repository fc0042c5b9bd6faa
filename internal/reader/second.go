package reader

import (
	"context"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/ocr"
)

// A secondReader is what the second reader can do; its zero value, that there
// is none.
type secondReader struct {
	languages []string                           // that it reads
	alphabet  func(languages []string) *alphabet // what it can read
}

func (r *Reader) secondReader() secondReader {
	if r.cfg.Second == nil {
		return secondReader{}
	}
	return secondReader{r.cfg.Second.Languages(), r.alphabet}
}

// An alphabet is the characters that a reader knows; nil or an empty one knows
// all. There is one of each kind, so that pointers can be compared.
type alphabet map[rune]bool

// alphabet returns what the second reader knows where it reads in languages.
func (r *Reader) alphabet(languages []string) *alphabet {
	letters := ocr.Alphabet(r.cfg.Second, languages)
	if known, ok := r.alphabets.Load(letters); ok {
		return known.(*alphabet)
	}
	a := alphabet{}
	for _, c := range letters {
		a[c] = true
	}
	known, _ := r.alphabets.LoadOrStore(letters, &a)
	return known.(*alphabet)
}

// knows reports whether a has all characters of text.
func (a *alphabet) knows(text string) bool {
	return a == nil || len(*a) == 0 || !strings.ContainsFunc(text, func(r rune) bool { return !(*a)[r] })
}

// engines names the readers.
func (r *Reader) engines() string {
	if r.cfg.Second == nil {
		return r.cfg.Engine.Name()
	}
	return r.cfg.Engine.Name() + ", " + r.cfg.Second.Name()
}

// there reports whether there is a second reader that knows Latin letters and
// digits at least.
func (s secondReader) there() bool { return slices.Contains(s.languages, "en") }

// reads reports whether it reads what stands in a form in languages: the one
// that leads them.
func (s secondReader) reads(languages []string) bool {
	return s.there() && slices.Contains(s.languages, leading(languages))
}

// leading returns the first of languages that is not English, which may stand in
// any form, or else English.
func leading(languages []string) string {
	for _, l := range languages {
		if l != "en" {
			return l
		}
	}
	return "en"
}

// read has the reader whose round it is read crops. A page is not lost because
// the second reader fails in it: then there is nothing that was read, and no
// error. One that was stopped from outside did not fail, and can be asked again.
func (r *Reader) read(ctx context.Context, crops []ocr.Crop, round int) ([]ocr.Text, error) {
	if round != secondRound && round != englishRound {
		return r.cfg.Engine.Read(ctx, crops)
	}
	texts, err := r.cfg.Second.Read(ctx, crops)
	if _, failed := failureOf(err); failed && ctx.Err() == nil {
		r.cfg.Log.Error("the second reader failed", "err", err)
		return nil, nil
	}
	return texts, err
}

// latinLead is by how much the second reader may be less sure of Latin letters
// and digits, in the units of odds: chosen on drawn lines on which the two
// disagree.
const latinLead = .3

// unknownLead is by how much the second reader must be surer, in the units of
// odds, where the first has read characters that it cannot read: it then
// reads what looks most like them, and is sure of it. The models that come with
// Seosik lack rare characters, others may lack common ones.
const unknownLead = 1.2

// knows reports whether text can come out of the reader of k at all.
func (k *look) knows(text string) bool { return k.alphabet.knows(text) }

// hangulAsChinese reports whether k has Chinese characters where a reader of
// Latin letters was asked for a line that may be Hangul.
func (k *look) hangulAsChinese(language string) bool {
	return language == "ko" && slices.Equal(k.languages, []string{"en"}) && foreign(squeezed(k.text))
}

// taught reports whether k was read by a model of the language of the form,
// which knows where that has spaces.
func (k *look) taught() bool { return k.second && leading(k.languages) != "en" }

// sureness returns how sure the second reader is of what it has read in a form
// in a language, from 0 to 1, and -1 for what cannot be.
func (k *look) sureness(language string) float64 {
	if k.hangulAsChinese(language) {
		return -1
	}
	return leastWord(k.text)
}

// better reports whether k, of the second reader, is likelier right than what
// the first one has read in a form in a language.
func (k *look) better(first *look, language string) bool {
	switch {
	case k.hangulAsChinese(language):
		return false
	case squeezed(first.text) == "": // rather doubtful than nothing
		return true
	case !stands(squeezed(k.text), language):
		return false
	}
	own, other := odds(leastWord(k.text)), odds(leastWord(first.text))
	if !k.knows(squeezed(first.text)) {
		other += unknownLead
	}
	if k.taught() { // by hand too
		a, b := symbolsOf(first.text), symbolsOf(k.text)
		_, common := differences(a, b)
		return own > other-k.lead(first, common, max(len(a), len(b)))
	}
	if !foreign(squeezed(k.text)) && !foreign(squeezed(first.text)) {
		return own+latinLead > other
	}
	// A character that it does not know it leaves out, and is sure of the rest.
	return own > other && len([]rune(squeezed(k.text))) >= len([]rune(squeezed(first.text)))
}

// leastWord returns the score of the word of text that the engine is least
// sure of, or 0 where there is none.
func leastWord(text ocr.Text) float64 {
	if len(text.Words) == 0 {
		return 0
	}
	least := 1.0
	for _, w := range text.Words {
		least = min(least, w.Confidence)
	}
	return least
}
