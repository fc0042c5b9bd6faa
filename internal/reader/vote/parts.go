package vote

import (
	"slices"
	"strings"
	"unicode"

	"github.com/seosik/seosik/internal/ocr"
)

// A Part is a run of words of a look that were read as Latin letters or digits
// in a line of other letters. To be read once more in English, it is cut out of
// the picture.
type Part struct {
	Left, Right int      // columns of the picture, the right one not in it
	Picture     int      // before it is read, that of the look; then its own
	Text        ocr.Text // what the first reader has read in it in English

	of       int // number of the look
	from, to int // words
}

// Parts returns the parts of the best look at l.
func (l Line) Parts() []Part {
	best := l.Best()
	if best.Second { // it knows them well itself
		return nil
	}
	var parts []Part
	words := best.Text.Words
	for from := 0; from < len(words); from++ {
		if foreign(words[from].Text) {
			continue
		}
		to := from + 1
		for to < len(words) && !foreign(words[to].Text) {
			to++
		}
		// Without white around it, a part comes with pieces of its neighbours.
		if best.spaced(from) && best.spaced(to) {
			p := Part{Picture: best.Picture, of: best.number, from: from, to: to}
			p.Left, p.Right = best.around(from, to)
			parts = append(parts, p)
		}
		from = to
	}
	return parts
}

// WithParts returns l with the parts, of its looks, that have been read: they
// count in the place of the words that they are where they are surer.
func (l Line) WithParts(parts ...Part) Line {
	l.Looks = slices.Clone(l.Looks)
	for _, p := range parts {
		if k := &l.Looks[p.of-1]; p.surer(k.Text) {
			k.parts = append(slices.Clip(k.parts), p)
		}
	}
	return l
}

// Mixed reports whether parts of k count in the place of its words: its
// characters are then not those of the text.
func (k Look) Mixed() bool { return len(k.parts) > 0 }

// around returns the columns of words from to to of k. The boxes of words are
// rough: the cuts are made in the widest gaps near by.
func (k Look) around(from, to int) (left, right int) {
	words := k.Text.Words
	right = len(k.White.Columns)
	if from > 0 {
		left, _ = k.White.gap(between(words[from-1], words[from]))
	}
	if to < len(words) {
		right, _ = k.White.gap(between(words[to-1], words[to]))
		right = max(right, left+1)
	}
	return left, right
}

// spaceWidth is how much white a space between letters of which one is not
// Latin has at least, as a share of the height of the line.
const spaceWidth = .32

// spaced reports whether there is a space before word i, or an end of the line.
// Between Latin letters the engine tells; elsewhere it sees spaces where there
// are none, and the white between the words does.
func (k Look) spaced(i int) bool {
	words := k.Text.Words
	if i == 0 || k.taught() || i == len(words) || !foreign(words[i-1].Text) && !foreign(words[i].Text) {
		return true
	}
	_, white := k.White.gap(between(words[i-1], words[i]))
	return float64(white) >= spaceWidth*float64(k.White.Height)
}

// gap returns the middle and the width of the widest run of white columns at
// most two thirds of a line's height from x, or x and 0.
func (w White) gap(x int) (at, width int) {
	reach := w.Height * 2 / 3
	from, to := max(0, x-reach), min(len(w.Columns), x+reach)
	widest, start := 0, from
	at = min(max(x, 0), len(w.Columns)-1)
	for i := from; i <= to; i++ {
		if i < to && w.Columns[i] {
			continue
		}
		if i-start > widest {
			widest, at = i-start, (start+i)/2
		}
		start = i + 1
	}
	return at, widest
}

// between returns where a ends and b begins, about.
func between(a, b ocr.Word) int { return (a.Box.Max.X + b.Box.Min.X) / 2 }

// lettersSurer is by how much English may be less sure of letters: the data of
// Asian languages takes them for digits, and is sure of it.
const lettersSurer = .03

// surer reports whether p is Latin letters, and not what it was read as in
// text, of its look. Where English reads more characters, it has seen a piece of
// the neighbour.
func (p *Part) surer(text ocr.Text) bool {
	words := ocr.Text{Words: text.Words[p.from:p.to]}
	own, english := squeezed(words), squeezed(p.Text)
	if len(english) > len(own) || !strings.ContainsFunc(english, unicode.IsLetter) {
		return false
	}
	_, ownScore := scores(words)
	_, score := scores(p.Text)
	return score+lettersSurer > ownScore
}
