// Package vote says what counts in a line of writing that two readers have read,
// each perhaps in several looks: texts in, a text out.
//
// A [Look] never changes. A [Line] is the looks at one line; with more looks it
// is another line. What counts in it is a look again: one of its own, see
// [Line.Best], or what two of them have together, see [Line.Fused]. The first
// reader is asked in the languages of the form or in English, the second one in
// one language at a time.
package vote

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/seosik/seosik/internal/ocr"
)

// A Look is what a reader has read in a picture of a line.
type Look struct {
	Text     ocr.Text  // boxes in pixels of the picture
	Picture  int       // in which it was read: a number that means something to the caller
	White    White     // of the picture
	Second   bool      // read by the second reader
	Language string    // in which it was read; empty where the first reader was asked in those of the form
	Alphabet *Alphabet // characters that can come out; nil for any

	parts  []Part // that count in the place of its own words
	number int    // among the looks of a line, from 1; 0 where it was put together
}

// A White is where a picture of a line has no ink.
type White struct {
	Columns []bool
	Height  int // of the line, in the same pixels
}

// An Alphabet is the characters that a reader knows; nil or an empty one knows
// all.
type Alphabet struct{ letters map[rune]bool }

// NewAlphabet returns the alphabet of letters.
func NewAlphabet(letters string) *Alphabet {
	a := &Alphabet{letters: map[rune]bool{}}
	for _, r := range letters {
		a.letters[r] = true
	}
	return a
}

// knows reports whether a has all characters of text.
func (a *Alphabet) knows(text string) bool {
	return a == nil || len(a.letters) == 0 || !strings.ContainsFunc(text, func(r rune) bool { return !a.letters[r] })
}

// A Line is what the looks at a line of writing have read.
type Line struct {
	Language string // of the form
	Looks    []Look // in the order of reading; the first is the first reader's
	cased    bool   // the two readers had letters in different cases
	capitals bool   // all letters are capitals
}

// With returns l with more looks. What the second reader has read gets the
// script of the form, and letters that look alike in both cases the case that
// they are written in; the looks of the first reader follow that.
func (l Line) With(looks ...Look) Line {
	l.Looks = slices.Clone(l.Looks)
	for _, k := range looks {
		if k.Second {
			k.Text = sized(inScript(k.Text, l.Language), l.Looks[0].Text)
			l.capitals = l.capitals || inCapitals(k.Text, l.Looks[0].Text)
		}
		k.number = len(l.Looks) + 1
		l.Looks = append(l.Looks, k)
	}
	if l.capitals {
		return l.inCapitals()
	}
	return l.agreedOnCase()
}

// Firsts returns how many looks the first reader has had.
func (l Line) Firsts() int { return len(l.Looks) - len(l.seconds()) }

// seconds returns the looks that the second reader has read, the surest first.
func (l Line) seconds() []Look {
	var looks []Look
	for _, k := range l.Looks {
		if k.Second {
			looks = append(looks, k)
		}
	}
	slices.SortStableFunc(looks, func(a, b Look) int { return cmp.Compare(b.sureness(l.Language), a.sureness(l.Language)) })
	return looks
}

// Settled reports whether both readers have read the same in l.
func (l Line) Settled() bool {
	return slices.ContainsFunc(l.seconds(), func(k Look) bool { return k.same(l.Looks[0]) })
}

// MayBeLatin reports whether l may be Latin letters or digits throughout.
func (l Line) MayBeLatin() bool {
	return slices.ContainsFunc(l.Looks, func(k Look) bool { return !k.Second && k.ForeignShare() <= maxForeign })
}

// SecondForeign reports whether the second reader has read letters in l that
// English has not, in the language of the form: where the engine cannot read
// handwriting, it takes it for figures.
func (l Line) SecondForeign() bool {
	return slices.ContainsFunc(l.Looks, func(k Look) bool {
		return k.Second && k.Language == l.Language && foreign(squeezed(k.Text))
	})
}

// surer is by how much the mean score of English must be higher where the
// other reading has letters that it is sure of.
const surer = .02

// Best returns the look that counts: one that both readers agree on, or else
// the better of what the two have.
func (l Line) Best() Look {
	best, seconds := l.firstBest(), l.seconds()
	if agrees(seconds, best) {
		return best
	}
	for _, k := range seconds {
		for _, own := range l.Looks {
			if !own.Second && own.same(k) {
				return own
			}
		}
	}
	if len(seconds) > 0 && squeezed(seconds[0].Text) != "" && seconds[0].better(best, l.Language) {
		return seconds[0]
	}
	return best
}

// agrees reports whether one of looks has read the same as k.
func agrees(looks []Look, k Look) bool {
	return slices.ContainsFunc(looks, func(other Look) bool { return other.same(k) })
}

// firstBest returns the look of the first reader with the highest mean score.
func (l Line) firstBest() Look {
	best, highest := l.Looks[0], -1.0
	foreign := false
	for _, k := range l.Looks {
		if k.Second {
			continue
		}
		_, score := k.Scores()
		if k.English() && foreign {
			score -= surer
		}
		foreign = foreign || k.ForeignShare() > 0
		if score > highest {
			best, highest = k, score
		}
	}
	return best
}

// WithComma returns best, or a look that has a comma where best has a point
// before three digits, and is else the same: a comma loses its tail more often
// than a point gets one.
func (l Line) WithComma(best Look) Look {
	text := squeezed(best.Text)
	if strings.Count(text, ".") != 1 || !thousands.MatchString(text) {
		return best
	}
	for _, k := range l.Looks {
		if squeezed(k.Text) == strings.Replace(text, ".", ",", 1) {
			return k
		}
	}
	return best
}

// English reports whether k was read by the first reader in English, and not in
// the languages of the form.
func (k Look) English() bool { return !k.Second && k.Language == "en" }

// same reports whether the same was read in two looks, and something.
func (k Look) same(other Look) bool {
	text := repaired(squeezed(k.Text), "")
	return text != "" && text == repaired(squeezed(other.Text), "")
}

// Scores returns the lowest and the mean score of the symbols of k, from 0 to
// 1; 0 where it has none.
func (k Look) Scores() (lowest, mean float64) { return scores(k.Text) }

func scores(text ocr.Text) (lowest, mean float64) {
	lowest, n := 1, 0
	for _, w := range text.Words {
		for _, s := range w.Symbols {
			lowest = min(lowest, s.Confidence)
			mean += s.Confidence
			n++
		}
	}
	if n == 0 {
		return 0, 0
	}
	return lowest, mean / float64(n)
}

// LeastWord returns the score of the word of k that its reader is least sure
// of, from 0 to 1; 0 where it has none.
func (k Look) LeastWord() float64 {
	if len(k.Text.Words) == 0 {
		return 0
	}
	least := 1.0
	for _, w := range k.Text.Words {
		least = min(least, w.Confidence)
	}
	return least
}

// sureSymbol is the score from which a symbol that is not Latin is believed.
const sureSymbol = .9

// ForeignShare returns which share of the symbols of k surely are letters that
// English has not.
func (k Look) ForeignShare() float64 {
	sure, all := 0, 0
	for _, w := range k.Text.Words {
		for _, s := range w.Symbols {
			all++
			if foreign(s.Text) && s.Confidence >= sureSymbol {
				sure++
			}
		}
	}
	return float64(sure) / float64(max(1, all))
}

// maxForeign is the share of sure foreign letters up to which a line may be
// Latin throughout: where the Korean reader meets an e-mail address, it is
// sure of a syllable here and there.
const maxForeign = .25

// foreign reports whether s has letters that English has not.
func foreign(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxLatin1 && unicode.IsLetter(r) })
}

// Odds returns the log-odds of a reader's score, in units of the size of 1.
func Odds(score float64) float64 {
	p := min(max(score, .02), .999)
	return math.Log(p/(1-p)) / 2
}

// squeezed returns a text without its spaces.
func squeezed(t ocr.Text) string {
	var b strings.Builder
	for _, w := range t.Words {
		b.WriteString(w.Text)
	}
	return b.String()
}

// symbolsOf returns the symbols of all words of text.
func symbolsOf(text ocr.Text) []ocr.Symbol {
	var symbols []ocr.Symbol
	for _, w := range text.Words {
		symbols = append(symbols, w.Symbols...)
	}
	return symbols
}
