package reader

import (
	"slices"
	"strings"
	"unicode"

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

// A stretch is a part of two texts, a[a0:a1] and b[b0:b1], in which they differ.
type stretch struct{ a0, a1, b0, b1 int }

// fused returns k, at a line in a form in a language, with what other is surer
// of, or nil where the two have too little in common, or the same.
func (k *look) fused(other *look, language string) *look {
	a, b := symbolsOf(k.text), symbolsOf(other.text)
	stretches, common := differences(a, b)
	if len(stretches) == 0 || float64(common) < leastCommon*float64(max(len(a), len(b))) {
		return nil
	}
	lead := k.lead(other, common, max(len(a), len(b)))
	if k.second {
		lead = -lead
	}
	stretches = slices.DeleteFunc(stretches, func(s stretch) bool {
		own, new := a[s.a0:s.a1], b[s.b0:s.b1]
		lead := lead
		switch { // what the second reader cannot read, it is not to be asked about
		case k.second && !k.knows(spelling(new)):
			lead += blindLead
		case other.second && !other.knows(spelling(own)):
			lead -= blindLead
		}
		return !stand(new, language) || !betterStretch(new, own, lead)
	})
	if len(stretches) == 0 {
		return nil
	}
	out := *k
	out.text = ocr.Text{Words: slices.Clone(k.text.Words)}
	// From the last one, so that places before it stay what they are.
	for _, s := range slices.Backward(stretches) {
		replace(out.text.Words, s.a0, s.a1, b[s.b0:s.b1])
	}
	out.text.Words = slices.DeleteFunc(out.text.Words, func(w ocr.Word) bool { return len(w.Symbols) == 0 })
	return &out
}

// fuse makes what counts in l of what the two readers have, where they differ in
// a part of it.
func (l *line) fuse() {
	first, seconds := l.firstBest(), l.secondLooks()
	best := l.best()
	if len(seconds) == 0 || seconds[0].hangulAsChinese(l.language) || l.mixed(best) || slices.ContainsFunc(seconds, func(k *look) bool { return k.same(best) && !best.second }) {
		return
	}
	other := seconds[0]
	if best.second {
		other = first
	}
	l.fused = best.fused(other, l.language)
}

// lead returns by how much the scores of the first reader are too high beside
// those of the second, in the units of odds, in k and other, which are of length
// symbols and have some in common.
func (k *look) lead(other *look, common, length int) float64 {
	lead := firstLead + apartLead*(1-float64(common)/float64(max(1, length)))
	if k.taught() || other.taught() {
		lead += taughtLead
	}
	return lead
}

// differences returns where a and b differ, and how many symbols they have in
// common (Wagner and Fischer, "The String-to-String Correction Problem", 1974).
func differences(a, b []ocr.Symbol) (stretches []stretch, common int) {
	cost := make([][]int, len(a)+1) // of making b[k:] of a[i:]
	for i := range cost {
		cost[i] = make([]int, len(b)+1)
	}
	for i := len(a); i >= 0; i-- {
		for k := len(b); k >= 0; k-- {
			switch {
			case i == len(a):
				cost[i][k] = len(b) - k
			case k == len(b):
				cost[i][k] = len(a) - i
			case a[i].Text == b[k].Text:
				cost[i][k] = cost[i+1][k+1]
			default:
				cost[i][k] = 1 + min(cost[i+1][k+1], cost[i+1][k], cost[i][k+1])
			}
		}
	}
	for i, k := 0, 0; i < len(a) || k < len(b); {
		if i < len(a) && k < len(b) && a[i].Text == b[k].Text {
			common++
			i, k = i+1, k+1
			continue
		}
		s := stretch{i, i, k, k}
		for i < len(a) || k < len(b) {
			if i < len(a) && k < len(b) && a[i].Text == b[k].Text {
				break
			}
			switch {
			case i < len(a) && k < len(b) && cost[i][k] == 1+cost[i+1][k+1]:
				i, k = i+1, k+1
			case i < len(a) && cost[i][k] == 1+cost[i+1][k]:
				i++
			default:
				k++
			}
		}
		s.a1, s.b1 = i, k
		stretches = append(stretches, s)
	}
	return stretches, common
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
	return odds(leastScore(s)) > odds(leastScore(other))-lead
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
