package reader

import (
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
)

// words returns the words of the best look at l, in page px, with those parts
// in English that were surer so.
func (l *line) words(best *look, windowToPage geom.Homography, language string) []form.Word {
	if k := l.spacer(best); k != nil {
		best = k
	}
	var words []form.Word
	take := func(k *look, ws []ocr.Word, spaced func(i int) bool) {
		for i, w := range ws {
			next := word(w, windowToPage.After(k.toWindow))
			if n := len(words); n > 0 && !spaced(i) {
				words[n-1] = merged(words[n-1], next)
				continue
			}
			words = append(words, next)
		}
	}
	own := func(from, to int) {
		take(best, best.text.Words[from:to], func(i int) bool { return best.spaced(from + i) })
	}
	at := 0
	for i := range l.parts {
		p := &l.parts[i]
		if p.of != best || !p.surer() {
			continue
		}
		own(at, p.from)
		take(&p.look, p.look.text.Words, func(i int) bool { return i > 0 || best.spaced(p.from) })
		at = p.to
	}
	own(at, len(best.text.Words))
	for i := range words {
		words[i].Text = repaired(words[i].Text, language)
	}
	return asEmail(words)
}

// spacer returns a look of a model that puts spaces where the language has them,
// as the engine's data does not, and has read the same as best, or nil.
func (l *line) spacer(best *look) *look {
	for _, k := range l.secondLooks() {
		if k.taught() && k.same(best) && !l.mixed(best) {
			return k
		}
	}
	return nil
}

// spaceWidth is how much white a space between letters of which one is not
// Latin has at least, as a share of the height of the line.
const spaceWidth = .32

// spaced reports whether there is a space before word i, or an end of the line. Between Latin letters
// the engine tells; elsewhere it sees spaces where there are none, and the
// white between the words does.
func (k *look) spaced(i int) bool {
	words := k.text.Words
	if i == 0 || k.taught() || i == len(words) || !foreign(words[i-1].Text) && !foreign(words[i].Text) {
		return true
	}
	_, white := k.gap(between(words[i-1], words[i]))
	return float64(white) >= spaceWidth*float64(k.height())
}

// merged returns two words as one.
func merged(a, b form.Word) form.Word {
	return form.Word{
		Text:       a.Text + b.Text,
		Confidence: min(a.Confidence, b.Confidence),
		Where:      a.Where.Bounds().Union(b.Where.Bounds()).Quad(),
		Symbols:    append(a.Symbols, b.Symbols...),
	}
}
