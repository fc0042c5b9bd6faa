package vote

import (
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/ocr"
)

// LeastIdea is the score from which another idea of a reader counts.
const LeastIdea = .02

// Ideas returns what each symbol of k, which counts in l, may be: first what it
// was read as, then the other ideas that the reader had, and those of other
// looks that have as many symbols.
func (l Line) Ideas(k Look) [][]ocr.Alternative {
	own := symbolsOf(k.Text)
	ideas := make([][]ocr.Alternative, len(own))
	for i, s := range own {
		ideas[i] = []ocr.Alternative{{Text: s.Text, Confidence: s.Confidence}}
	}
	add := func(i int, text string, score float64) {
		known := func(a ocr.Alternative) bool { return a.Text == text }
		if text != "" && score >= LeastIdea && !slices.ContainsFunc(ideas[i], known) {
			ideas[i] = append(ideas[i], ocr.Alternative{Text: text, Confidence: score})
		}
	}
	for i, s := range own {
		for _, a := range s.Alternatives {
			add(i, a.Text, a.Confidence)
		}
	}
	for _, look := range l.Looks {
		others := symbolsOf(look.Text)
		if len(others) != len(own) {
			continue
		}
		for i, s := range others {
			// Another look's score says how sure that one is; of what counts
			// here the readers were surer.
			add(i, s.Text, min(s.Confidence, 1-own[i].Confidence))
			for _, a := range s.Alternatives {
				add(i, a.Text, min(a.Confidence, 1-own[i].Confidence))
			}
		}
	}
	return ideas
}

// Spelled returns k with symbols, one for each of its own, in their places.
func (k Look) Spelled(symbols []ocr.Alternative) Look {
	k.number = 0
	k.Text = ocr.Text{Words: slices.Clone(k.Text.Words)}
	for i := range k.Text.Words {
		w := &k.Text.Words[i]
		w.Symbols = slices.Clone(w.Symbols)
		var b strings.Builder
		for n := range w.Symbols {
			s := &w.Symbols[n]
			if s.Text != symbols[0].Text {
				s.Text, s.Confidence = symbols[0].Text, symbols[0].Confidence
				w.Confidence = min(w.Confidence, s.Confidence)
			}
			symbols = symbols[1:]
			b.WriteString(s.Text)
		}
		w.Text = b.String()
	}
	return k
}
