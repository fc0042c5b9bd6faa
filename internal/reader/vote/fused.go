package vote

import (
	"slices"
	"strings"
	"unicode"

	"github.com/seosik/seosik/internal/edit"
	"github.com/seosik/seosik/internal/ocr"
)

// Where two readers differ in a few characters of a line, each is often right
// where the other is wrong. What they agree on is kept, and of each stretch on
// which they do not, what the surer one has: the voting of Fiscus, "A
// post-processing system to yield reduced word error rates: Recognizer Output
// Voting Error Reduction (ROVER)", ASRU 1997.

const (
	// leastCommon is the share of its characters that a line has in common in
	// both readings at least: else one of them is nonsense as a whole.
	leastCommon = .5
	// leastMark is the score from which a sign counts that only one reader saw.
	// Specks and ends of strokes are read as such.
	leastMark = .9
	// firstLead is by how much the first reader's score of a symbol is too high,
	// in the units of odds, taughtLead by how much more beside a model that was
	// taught the language, and apartLead where the two have nothing in common:
	// it is as sure of handwriting that it cannot read. Chosen on 336 drawn
	// pages: .02 of the fields of text are right that no reader had right alone.
	firstLead, taughtLead, apartLead = .5, .5, 2.
	// blindLead is by how much less the second reader is believed in a stretch
	// where the first has read what is not in its alphabet.
	blindLead = 3.
)

// Fused returns what the two readers have together, where they differ in a part
// of l, and whether there is such a look. It has been put together, and is none
// of those of l.
func (l Line) Fused() (Look, bool) {
	best, seconds := l.Best(), l.seconds()
	if len(seconds) == 0 || seconds[0].hangulAsChinese(l.Language) || best.Mixed() || !best.Second && agrees(seconds, best) {
		return Look{}, false
	}
	other := seconds[0]
	if best.Second {
		other = l.firstBest()
	}
	return best.fused(other, l.Language)
}

// fused returns k, at a line in a form in a language, with what other is surer
// of. It reports false where the two have too little in common, or the same.
func (k Look) fused(other Look, language string) (Look, bool) {
	a, b := symbolsOf(k.Text), symbolsOf(other.Text)
	stretches, common := edit.Differences(textsOf(a), textsOf(b))
	length := max(len(a), len(b))
	if len(stretches) == 0 || float64(common) < leastCommon*float64(length) {
		return Look{}, false
	}
	lead := k.lead(other, common, length)
	if k.Second {
		lead = -lead
	}
	stretches = slices.DeleteFunc(stretches, func(s edit.Stretch) bool {
		own, new := a[s.A0:s.A1], b[s.B0:s.B1]
		lead := lead
		switch { // what the second reader cannot read, it is not to be asked about
		case k.Second && !k.knows(spelling(new)):
			lead += blindLead
		case other.Second && !other.knows(spelling(own)):
			lead -= blindLead
		}
		return !stand(new, language) || !betterStretch(new, own, lead)
	})
	if len(stretches) == 0 {
		return Look{}, false
	}
	k.number = 0
	k.Text = ocr.Text{Words: slices.Clone(k.Text.Words)}
	// From the last one, so that places before it stay what they are.
	for _, s := range slices.Backward(stretches) {
		replace(k.Text.Words, s.A0, s.A1, b[s.B0:s.B1])
	}
	k.Text.Words = slices.DeleteFunc(k.Text.Words, func(w ocr.Word) bool { return len(w.Symbols) == 0 })
	return k, true
}

// inCommon returns how many symbols two looks have in common, and how many the
// longer one has.
func inCommon(a, b Look) (common, length int) {
	own, other := symbolsOf(a.Text), symbolsOf(b.Text)
	_, common = edit.Differences(textsOf(own), textsOf(other))
	return common, max(len(own), len(other))
}

// lead returns by how much the scores of the first reader are too high beside
// those of the second, in the units of odds, in k and other, which are of length
// symbols and have some in common.
func (k Look) lead(other Look, common, length int) float64 {
	lead := firstLead + apartLead*(1-float64(common)/float64(max(1, length)))
	if k.taught() || other.taught() {
		lead += taughtLead
	}
	return lead
}

func textsOf(symbols []ocr.Symbol) []string {
	texts := make([]string, len(symbols))
	for i, s := range symbols {
		texts[i] = s.Text
	}
	return texts
}

// betterStretch reports whether a stretch is likelier right than what another
// reader has in its place, whose scores are too high by lead, in the units of
// odds. Each may be empty.
func betterStretch(s, other []ocr.Symbol, lead float64) bool {
	switch {
	case len(s) == 0:
		return onlyMarks(other) && leastScore(other) < leastMark
	case len(other) == 0:
		return !onlyMarks(s) || leastScore(s) >= leastMark
	}
	return Odds(leastScore(s)) > Odds(leastScore(other))-lead
}

// spelling returns the text of symbols.
func spelling(symbols []ocr.Symbol) string {
	var b strings.Builder
	for _, s := range symbols {
		b.WriteString(s.Text)
	}
	return b.String()
}

// stand reports whether all symbols can stand in a form in a language.
func stand(symbols []ocr.Symbol, language string) bool {
	return !slices.ContainsFunc(symbols, func(s ocr.Symbol) bool { return !stands(s.Text, language) })
}

// leastScore returns the lowest score of symbols.
func leastScore(symbols []ocr.Symbol) float64 {
	least := 1.0
	for _, s := range symbols {
		least = min(least, s.Confidence)
	}
	return least
}

// onlyMarks reports whether there is neither a letter nor a digit in symbols.
func onlyMarks(symbols []ocr.Symbol) bool {
	return !slices.ContainsFunc(symbols, func(s ocr.Symbol) bool {
		return strings.ContainsFunc(s.Text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	})
}

// replace puts symbols in the place of those from to to of words, counted over
// all words, into the word in which the first of them is, or which ends there.
func replace(words []ocr.Word, from, to int, symbols []ocr.Symbol) {
	at, put := 0, false
	for i := range words {
		w := &words[i]
		n := len(w.Symbols)
		start, end := max(from-at, 0), min(to-at, n)
		at += n
		if put && start >= end || start > n || !put && start == n && from < to {
			continue
		}
		own := slices.Clone(w.Symbols[:start])
		if !put {
			own = append(own, symbols...)
			put = true
		}
		w.Symbols = append(own, w.Symbols[max(start, end):]...)
		w.Text, w.Confidence = "", 1
		for _, s := range w.Symbols {
			w.Text += s.Text
			w.Confidence = min(w.Confidence, s.Confidence)
		}
	}
}
