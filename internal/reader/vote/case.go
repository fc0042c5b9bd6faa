package vote

import (
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
// follow the other letters: who writes JoSeph meant Joseph. Words begin where
// they do in text or in other, which is of another reader.
func sized(text, other ocr.Text) ocr.Text {
	starts, at := starts(other, text), 0
	m := measured(text, starts)
	out := ocr.Text{Words: slices.Clone(text.Words)}
	for i := range out.Words {
		w := &out.Words[i]
		w.Symbols = slices.Clone(w.Symbols)
		for from := 0; from < len(w.Symbols); from++ {
			to := from
			for to < len(w.Symbols) && isLetter(w.Symbols[to].Text) && (to == from || !starts[at+to] && (to < from+2 || !m.begins(w.Symbols, to))) {
				to++
			}
			m.size(w.Symbols[from:to])
			from = max(from, to-1)
		}
		at += len(w.Symbols)
		w.Text = ""
		for _, s := range w.Symbols {
			w.Text += s.Text
		}
	}
	return out
}

// starts returns the symbols of text, counted from 0, that are the first of a
// word of other.
func starts(other, text ocr.Text) map[int]bool {
	a, b := folded(other), folded(text)
	begin := map[int]bool{}
	stretches, _ := edit.Differences(a, b)
	at, shift := 0, 0 // in other, and how much further the same is in text
	for _, w := range other.Words {
		for len(stretches) > 0 && stretches[0].A1 <= at {
			shift = stretches[0].B1 - stretches[0].A1
			stretches = stretches[1:]
		}
		if len(stretches) == 0 || at < stretches[0].A0 {
			begin[at+shift] = true
		}
		at += len(w.Symbols)
	}
	return begin
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

// measured returns the measure of text, of which some more symbols begin words.
func measured(text ocr.Text, starts map[int]bool) measure {
	var m measure
	for _, w := range text.Words {
		for _, s := range w.Symbols {
			m.add(s)
		}
	}
	at := 0
	for _, w := range text.Words {
		for i, s := range w.Symbols {
			switch {
			case i > 0 && !starts[at+i] || !isLetter(s.Text):
			case isSized(s.Text) && !m.large(s):
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

// large reports whether s was read as a capital and is as high as one.
func (m *measure) large(s ocr.Symbol) bool {
	return s.Text == strings.ToUpper(s.Text) && len(m.capital) > 0 && s.Box.Min.Y <= middle(m.capital)
}

func (m *measure) add(s ocr.Symbol) {
	switch {
	case len(s.Text) != 1:
	case strings.Contains(capitals, s.Text):
		m.capital = append(m.capital, s.Box.Min.Y)
		if !strings.Contains(hanging, s.Text) {
			m.base = append(m.base, s.Box.Max.Y)
		}
	case strings.Contains(smallLetters, s.Text):
		m.small, m.base = append(m.small, s.Box.Min.Y), append(m.base, s.Box.Max.Y)
	}
}

// begins reports whether a word begins with the symbol at i: there is room for a
// space before it, which an engine may have overlooked, and more letters follow.
func (m *measure) begins(symbols []ocr.Symbol, i int) bool {
	if len(m.capital) == 0 || len(m.base) == 0 || i+1 == len(symbols) || !isLetter(symbols[i+1].Text) {
		return false
	}
	white := symbols[i].Box.Min.X - symbols[i-1].Box.Max.X
	return float64(white) >= wordGap*float64(middle(m.base)-middle(m.capital))
}

// size gives the letters of a word their case.
func (m *measure) size(word []ocr.Symbol) {
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
		for _, s := range word[1:] {
			if m.asWritten(s, false) == strings.ToLower(s.Text) {
				small++
			}
		}
	}
	for i := range word {
		s := &word[i]
		if !isSized(s.Text) {
			continue
		}
		switch {
		case large > small:
			s.Text = strings.ToUpper(s.Text)
		case i > 0 && small > large:
			s.Text = strings.ToLower(s.Text)
		default:
			s.Text = m.asWritten(*s, i == 0)
		}
	}
}

// asWritten returns a letter in the case that its height tells. Where it does
// not, since small letters are as high as capitals, as some people write, one
// that begins a word is as all other words begin.
func (m *measure) asWritten(s ocr.Symbol, first bool) string {
	likeOthers := first && m.upper > 0 && m.lower == 0
	if len(m.capital) == 0 || len(m.base) == 0 {
		if likeOthers {
			return strings.ToUpper(s.Text)
		}
		return s.Text
	}
	bottom := middle(m.base)
	high := float64(bottom - middle(m.capital))
	half := usualHalf
	if len(m.small) > 0 && high > 0 {
		half = (1 + float64(bottom-middle(m.small))/high) / 2
	}
	share, clearly := float64(bottom-s.Box.Min.Y)/high, unclear
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
