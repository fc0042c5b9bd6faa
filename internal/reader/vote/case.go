package vote

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/seosik/seosik/internal/edit"
	"github.com/seosik/seosik/internal/ocr"
)

// Letters that look the same in both cases, but for their size. An engine sees
// a line as letters of one height and guesses: of the words of forms that were
// read wrong in English, a third were wrong in this only.
const sizedLetters = "cosuvwxz"

const (
	smallLetters = "aemnr"                       // as high as a small letter
	capitals     = "ABDEFGHIJKLMNPRTY0123456789" // as high as a capital
	hanging      = "J"                           // of these, those that some write below the line
	usualHalf    = .84                           // between the heights of a small letter and a capital, of a capital
	unclear      = .05                           // a letter so near to that is what it was read as
	// likeHeights is the height that tells capitals from small letters above
	// which it does not: the line climbs, or all letters are of one height.
	likeHeights = .9
	// wordGap is the white between two words at least, of the height of a capital.
	wordGap = .28
)

// sized returns text, in which the boxes of symbols are tight, with letters that
// look alike in both cases as large as they are written. Within a word they
// follow the other letters, but in print: who writes JoSeph meant Joseph. Words
// begin where they do in text or in other, which is of another reader.
func sized(text, other ocr.Text) ocr.Text {
	pairs := paired(text, other)
	starts, tops, agreed := starts(other, pairs), tops(text, other, pairs), same(text, other, pairs)
	m := measured(text, tops, starts)
	out := ocr.Text{Words: slices.Clone(text.Words)}
	at := 0
	for i := range out.Words {
		w := &out.Words[i]
		w.Symbols = slices.Clone(w.Symbols)
		tops, agreed := tops[at:at+len(w.Symbols)], agreed[at:at+len(w.Symbols)]
		for from := 0; from < len(w.Symbols); from++ {
			to := from
			for to < len(w.Symbols) && isLetter(w.Symbols[to].Text) && (to == from || !starts[at+to] && (to < from+2 || !m.begins(w.Symbols, to))) {
				to++
			}
			m.size(w.Symbols[from:to], tops[from:to], agreed[from:to])
			from = max(from, to-1)
		}
		at += len(w.Symbols)
		w.Text = spelling(w.Symbols)
	}
	return out
}

// paired returns for each symbol of text the number of the same one in other,
// in any case, or -1.
func paired(text, other ocr.Text) []int {
	a, b := folded(other), folded(text)
	pairs := make([]int, len(b))
	stretches, _ := edit.Differences(a, b)
	at := 0 // in other
	for i := 0; i < len(b); i++ {
		for len(stretches) > 0 && stretches[0].B0 == i {
			for ; i < stretches[0].B1; i++ {
				pairs[i] = -1
			}
			at, stretches = stretches[0].A1, stretches[1:]
		}
		if i < len(b) {
			pairs[i] = at
			at++
		}
	}
	return pairs
}

// same tells of which symbols of text, paired with those of other, the two have
// the case in common.
func same(text, other ocr.Text, pairs []int) []bool {
	own, others := symbolsOf(text), symbolsOf(other)
	same := make([]bool, len(own))
	for i, k := range pairs {
		same[i] = k >= 0 && own[i].Text == others[k].Text
	}
	return same
}

// starts returns the symbols of a text, paired with those of other, that are the
// first of a word of other.
func starts(other ocr.Text, pairs []int) map[int]bool {
	first := map[int]bool{}
	at := 0
	for _, w := range other.Words {
		first[at] = len(w.Symbols) > 0
		at += len(w.Symbols)
	}
	begin := map[int]bool{}
	for i, k := range pairs {
		if k >= 0 && first[k] {
			begin[i] = true
		}
	}
	return begin
}

// leastShare is the height of a letter, of a capital, below which its box has
// missed a part of it.
const leastShare = .5

// tops returns where the symbols of text begin, px of its crop. Where a letter
// touches a high one, its box has a part of that: the other reader's may not.
func tops(text, other ocr.Text, pairs []int) []int {
	own, others := symbolsOf(text), symbolsOf(other)
	list := topsOf(text)
	m, n := measured(text, list, nil), measured(other, topsOf(other), nil)
	bottom, high := m.line()
	otherBottom, otherHigh := n.line()
	if high <= 0 || otherHigh <= 0 {
		return list
	}
	for i, k := range pairs {
		if k < 0 || !isLetter(own[i].Text) || (i == 0 || !touches(own[i-1], own[i])) && (i+1 == len(own) || !touches(own[i+1], own[i])) {
			continue
		}
		if share := float64(otherBottom-others[k].Box.Min.Y) / otherHigh; share >= leastShare {
			list[i] = max(list[i], bottom-int(math.Round(share*high)))
		}
	}
	return list
}

// touches reports whether the box of letter may have a part of s beside it,
// which is high.
func touches(s, letter ocr.Symbol) bool {
	const near = 2 // px
	high := len(s.Text) == 1 && (strings.Contains(capitals, s.Text) || strings.Contains(highLetters, s.Text))
	beside := letter.Box.Min.X <= s.Box.Max.X && s.Box.Min.X <= letter.Box.Max.X
	return high && beside && s.Box.Min.Y-near <= letter.Box.Min.Y && letter.Box.Min.Y <= s.Box.Min.Y+near
}

func topsOf(text ocr.Text) []int {
	var list []int
	for _, s := range symbolsOf(text) {
		list = append(list, s.Box.Min.Y)
	}
	return list
}

// folded returns the symbols of text in small letters.
func folded(text ocr.Text) []string {
	symbols := textsOf(symbolsOf(text))
	for i := range symbols {
		symbols[i] = strings.ToLower(symbols[i])
	}
	return symbols
}

// A measure knows how high letters of a line are.
type measure struct {
	capital, small, base []int // px of the crop: where those of the line begin, and where they end
	upper, lower         int   // words that begin with a capital, or a small letter, whatever its height
}

// measured returns the measure of text, whose symbols begin at tops, and of which
// some more symbols begin words.
func measured(text ocr.Text, tops []int, starts map[int]bool) measure {
	var m measure
	for i, s := range symbolsOf(text) {
		m.add(s, tops[i])
	}
	at := 0
	for _, w := range text.Words {
		for i, s := range w.Symbols {
			switch {
			case i > 0 && !starts[at+i] || !isLetter(s.Text):
			case isSized(s.Text) && !m.large(s, tops[at+i]):
			case s.Text == strings.ToLower(s.Text):
				m.lower++
			default:
				m.upper++
			}
		}
		at += len(w.Symbols)
	}
	return m
}

// line returns where the line stands, px of the crop, and how high a capital is,
// 0 where that is not known.
func (m *measure) line() (bottom int, high float64) {
	if len(m.capital) == 0 || len(m.base) == 0 {
		return 0, 0
	}
	bottom = middle(m.base)
	return bottom, float64(bottom - middle(m.capital))
}

// large reports whether s, which begins at top, was read as a capital and is as
// high as one.
func (m *measure) large(s ocr.Symbol, top int) bool {
	return s.Text == strings.ToUpper(s.Text) && len(m.capital) > 0 && top <= middle(m.capital)
}

func (m *measure) add(s ocr.Symbol, top int) {
	switch {
	case len(s.Text) != 1:
	case strings.Contains(capitals, s.Text):
		m.capital = append(m.capital, top)
		if !strings.Contains(hanging, s.Text) {
			m.base = append(m.base, s.Box.Max.Y)
		}
	case strings.Contains(smallLetters, s.Text):
		m.small, m.base = append(m.small, top), append(m.base, s.Box.Max.Y)
	}
}

// begins reports whether a word begins with the symbol at i: there is room for a
// space before it, which an engine may have overlooked, and more letters follow.
func (m *measure) begins(symbols []ocr.Symbol, i int) bool {
	_, high := m.line()
	if high == 0 || i+1 == len(symbols) || !isLetter(symbols[i+1].Text) {
		return false
	}
	white := symbols[i].Box.Min.X - symbols[i-1].Box.Max.X
	return float64(white) >= wordGap*high
}

// size gives the letters of a word, which begin at tops, their case. Of those on
// whose case both readers agree, one within a word may be large.
func (m *measure) size(word []ocr.Symbol, tops []int, agreed []bool) {
	small, large := 0, 0 // letters behind the first one whose case is plain
	for _, s := range word[min(1, len(word)):] {
		switch {
		case isSized(s.Text):
		case s.Text == strings.ToLower(s.Text):
			small++
		default:
			large++
		}
	}
	if small+large == 0 && len(word) > 1 { // they have but each other
		for i, s := range word[1:] {
			if m.asWritten(s, tops[i+1], false) == strings.ToLower(s.Text) {
				small++
			}
		}
	}
	for i := range word {
		s := &word[i]
		if !isSized(s.Text) {
			continue
		}
		switch printed := m.asPrinted(*s, tops[i]); {
		case printed == strings.ToLower(s.Text), printed == s.Text && agreed[i], printed != "" && i == 0:
			s.Text = printed
		case large > small:
			s.Text = strings.ToUpper(s.Text)
		case i > 0 && small > large:
			s.Text = strings.ToLower(s.Text)
		default:
			s.Text = m.asWritten(*s, tops[i], i == 0)
		}
	}
}

const (
	// steady is by how much letters of a case differ in height at most where
	// they are printed, of the height of a capital, and apart by how much the
	// two cases do at least.
	steady, apart = .05, .15
	fewPrinted    = 2 // letters of each case, to tell
)

// asPrinted returns a letter, which begins at top, in the case of which it has
// exactly the height, in a line whose letters have the heights of print, or
// nothing.
func (m *measure) asPrinted(s ocr.Symbol, top int) string {
	bottom, high := m.line()
	if high == 0 || len(m.small) < fewPrinted || len(m.capital) < fewPrinted {
		return ""
	}
	of := func(y int) float64 { return float64(bottom-y) / high }
	small := of(middle(m.small))
	even := func(tops []int) bool { return of(slices.Min(tops))-of(slices.Max(tops)) <= steady }
	switch share := of(top); {
	case small > 1-apart || !even(m.small) || !even(m.capital):
		return ""
	case math.Abs(share-small) <= steady:
		return strings.ToLower(s.Text)
	case math.Abs(share-1) <= steady:
		return strings.ToUpper(s.Text)
	}
	return ""
}

// asWritten returns a letter, which begins at top, in the case that its height
// tells. Where it does not, since small letters are as high as capitals, as some
// people write, one that begins a word is as all other words begin.
func (m *measure) asWritten(s ocr.Symbol, top int, first bool) string {
	likeOthers := first && m.upper > 0 && m.lower == 0
	bottom, high := m.line()
	half := usualHalf
	if len(m.small) > 0 && high > 0 {
		half = (1 + float64(bottom-middle(m.small))/high) / 2
	}
	share, clearly := float64(bottom-top)/high, unclear
	if likeOthers {
		clearly = 2.5 * unclear // to be the only word that begins small
	}
	switch {
	case high > 0 && half <= likeHeights && share >= half+unclear:
		return strings.ToUpper(s.Text)
	case high > 0 && half <= likeHeights && share <= half-clearly:
		return strings.ToLower(s.Text)
	case likeOthers:
		return strings.ToUpper(s.Text)
	}
	return s.Text
}

// isLetter reports whether s is a letter that has a case in English.
func isLetter(s string) bool { return len(s) == 1 && unicode.IsLetter(rune(s[0])) }

func isSized(s string) bool {
	return len(s) == 1 && strings.Contains(sizedLetters, strings.ToLower(s))
}

// middle returns the median of values, which it sorts.
func middle(values []int) int {
	slices.Sort(values)
	return values[len(values)/2]
}

// agreedOnCase returns l with the looks of the first reader, whose boxes are
// rough, in the case of letters that the second one has measured.
func (l Line) agreedOnCase() Line {
	seconds := l.seconds()
	if len(seconds) == 0 {
		return l
	}
	l.Looks = slices.Clone(l.Looks)
	for i := range l.Looks {
		if k := &l.Looks[i]; !k.Second {
			as := casedAs(k.Text, seconds[0].Text)
			l.cased = l.cased || squeezed(as) != squeezed(k.Text)
			k.Text = as
		}
	}
	return l
}

// casedAs returns text with the letters that look alike in both cases as other
// has them, where the two differ in nothing else, or text.
func casedAs(text, other ocr.Text) ocr.Text {
	a, b := squeezed(text), []rune(squeezed(other))
	if a == string(b) || !strings.EqualFold(a, string(b)) {
		return text
	}
	out := ocr.Text{Words: slices.Clone(text.Words)}
	for i := range out.Words {
		w := &out.Words[i]
		w.Symbols = slices.Clone(w.Symbols)
		w.Text = ""
		for k := range w.Symbols {
			n := len([]rune(w.Symbols[k].Text))
			if n > len(b) {
				return text // an engine's symbols are not its text
			}
			if isSized(w.Symbols[k].Text) {
				w.Symbols[k].Text = string(b[:n])
			}
			b = b[n:]
			w.Text += w.Symbols[k].Text
		}
	}
	return out
}
