package reader

import (
	"strings"
	"unicode"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/raster"
)

// A latin is a run of words, in a line of other letters, that were read as
// Latin letters or digits, and a look at them alone in English.
type latin struct {
	of       *look // in which the words are
	from, to int   // words
	look     look
}

// latinParts returns the parts of the best look at l.
func (l *line) latinParts() []latin {
	var parts []latin
	of := l.best()
	if of.second { // it knows them well itself
		return nil
	}
	words := of.text.Words
	for from := 0; from < len(words); from++ {
		if foreign(words[from].Text) {
			continue
		}
		to := from + 1
		for to < len(words) && !foreign(words[to].Text) {
			to++
		}
		// Without white around it, a part comes with pieces of its neighbours.
		if of.spaced(from) && of.spaced(to) {
			parts = append(parts, latin{of: of, from: from, to: to, look: of.around(words, from, to)})
		}
		from = to
	}
	return parts
}

// around returns a look at words[from:to] alone. The boxes of words are
// rough: the cut is made in the widest gap near by.
func (k *look) around(words []ocr.Word, from, to int) look {
	left, right := 0, k.image.Rect.Dx()
	if from > 0 {
		left, _ = k.gap(between(words[from-1], words[from]))
	}
	if to < len(words) {
		right, _ = k.gap(between(words[to-1], words[to]))
		right = max(right, left+1)
	}
	const white = padding / 2
	toImage := geom.Shift(geom.Point{X: float64(left - white)})
	img := raster.New(right-left+2*white, k.image.Rect.Dy())
	for y := range img.Rect.Dy() {
		copy(img.Pix[y*img.Stride+white:], k.image.Pix[y*k.image.Stride+left:y*k.image.Stride+right])
	}
	return look{image: img, toWindow: k.toWindow.After(toImage), margin: k.margin, english: true}
}

// gap returns the middle and the width of the widest run of white columns at
// most two thirds of a line's height from x, or x and 0.
func (k *look) gap(x int) (at, width int) {
	reach := k.height() * 2 / 3
	from, to := max(0, x-reach), min(k.image.Rect.Dx(), x+reach)
	widest, start := 0, from
	at = min(max(x, 0), k.image.Rect.Dx()-1)
	for i := from; i <= to; i++ {
		if i < to && k.white(i) {
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

// height returns the height of the line in k, in pixels of its image.
func (k *look) height() int { return k.image.Rect.Dy() - 2*k.margin }

// white reports whether column x has no ink.
func (k *look) white(x int) bool {
	const paper = 200
	for y := range k.image.Rect.Dy() {
		if k.image.Pix[y*k.image.Stride+x] < paper {
			return false
		}
	}
	return true
}

// lettersSurer is by how much English may be less sure of letters: the data of
// Asian languages takes them for digits, and is sure of it.
const lettersSurer = .03

// surer reports whether a part is Latin letters, and not what it was read as
// before. Where English reads more characters, it has seen a piece of the
// neighbour.
func (p *latin) surer() bool {
	words := ocr.Text{Words: p.of.text.Words[p.from:p.to]}
	own, english := squeezed(words), squeezed(p.look.text)
	if len(english) > len(own) || !strings.ContainsFunc(english, unicode.IsLetter) {
		return false
	}
	_, ownScore := scores(words)
	_, score := scores(p.look.text)
	return score+lettersSurer > ownScore
}
