package vote

import (
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/ocr"
)

// Who fills a form in by pen writes capitals, as it asks for. A model that has
// learned names reads them as names are written, with one capital: what tells is
// that all letters are of one height, and that another reader sees capitals.

const (
	lowLetters  = "acemnorsuvwxz" // small letters that are lower than capitals
	highLetters = "bdfhkl"        // and those that are as high
	// oneHeight is the height of small letters from which they may be capitals,
	// of the height of the high ones: in print they have .7, and in most hands
	// less. Nobody writes evenly.
	oneHeight = .75
	// sameHeight is that from which they are, where no reader says otherwise.
	sameHeight = .9
	// mostCapitals is the share of the letters that the other reader has as
	// capitals, of those that show it.
	mostCapitals = .75
)

// inCapitals reports whether all letters of text, of the second reader, are
// capitals, though it has read some as small ones. Other is of the first reader.
func inCapitals(text, other ocr.Text) bool {
	own, others := symbolsOf(text), symbolsOf(other)
	if strings.ContainsAny(squeezed(text), "@") {
		return false
	}
	var low, high []int // px; how high letters are
	capitals, small := 0, 0
	plainlySmall := 0 // for text itself
	pairs := paired(text, other)
	tops := tops(text, other, pairs)
	for i, k := range pairs {
		s := own[i]
		if len(s.Text) != 1 {
			continue
		}
		switch {
		case strings.Contains(lowLetters, s.Text):
			low = append(low, s.Box.Max.Y-tops[i])
		case strings.Contains(highLetters, s.Text), s.Text >= "0" && s.Text <= "9", s.Text >= "A" && s.Text <= "Z":
			high = append(high, s.Box.Max.Y-tops[i])
		}
		if s.Text < "a" || s.Text > "z" || isSized(s.Text) {
			continue
		}
		plainlySmall++
		switch {
		case k < 0:
		case others[k].Text == s.Text:
			small++
		default:
			capitals++
		}
	}
	if len(low) == 0 || len(high) == 0 {
		return false
	}
	ratio := float64(middle(low)) / float64(middle(high))
	seen := capitals >= 2 && float64(capitals) >= mostCapitals*float64(capitals+small)
	return ratio >= oneHeight && seen || ratio >= sameHeight && plainlySmall == 0 && len(low) >= 2 && len(high) >= 2
}

// inCapitals returns l, of which the looks are its own, with all letters as
// capitals.
func (l Line) inCapitals() Line {
	for i := range l.Looks {
		l.Looks[i].Text = upper(l.Looks[i].Text)
	}
	return l
}

// upper returns text with all its letters as capitals.
func upper(text ocr.Text) ocr.Text {
	out := ocr.Text{Words: slices.Clone(text.Words)}
	for i := range out.Words {
		w := &out.Words[i]
		w.Symbols = slices.Clone(w.Symbols)
		for k := range w.Symbols {
			if s := &w.Symbols[k]; isLetter(s.Text) {
				s.Text = strings.ToUpper(s.Text)
			}
		}
		w.Text = spelling(w.Symbols)
	}
	return out
}
