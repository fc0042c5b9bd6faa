package mark

import (
	"cmp"
	_ "embed"
	"image"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/seosik/seosik/internal/mark/net"
)

// Alphabet is the characters that are told apart, in the order of
// [Symbol]: whatever else stands in a box comes after them.
const Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// Digits is the part of [Alphabet] that numbers are made of.
const Digits = "0123456789"

// A Symbol is what a glyph may be: the probability of each character of
// [Alphabet] and, last, that it is none of them.
type Symbol [len(Alphabet) + 1]float64

//go:embed symbols.net
var weights []byte

var classifier = sync.OnceValue(func() *net.Net {
	n, err := net.Decode(weights)
	if err != nil || n.Classes() != len(Symbol{}) {
		panic("mark: the embedded weights are not those of this program")
	}
	return n
})

// Read returns what the glyph of a cell may be.
func Read(glyph *image.Gray) Symbol {
	var s Symbol
	for i, p := range classifier().Probabilities(Normalize(glyph)) {
		s[i] = float64(p)
	}
	return s
}

// Other returns the probability that the glyph is no character of [Alphabet].
func (s Symbol) Other() float64 { return s[len(Alphabet)] }

// Of returns the probability of character c.
func (s Symbol) Of(c byte) float64 {
	if i := strings.IndexByte(Alphabet, c); i >= 0 {
		return s[i]
	}
	return 0
}

// Only returns s for a place where only the given characters can stand, or
// something that is none of [Alphabet]. Where zero and O look alike, that
// tells them apart.
func (s Symbol) Only(allowed string) Symbol {
	sum := s.Other()
	for i := range len(allowed) {
		sum += s.Of(allowed[i])
	}
	var only Symbol
	if sum == 0 {
		only[len(Alphabet)] = 1
		return only
	}
	only[len(Alphabet)] = s.Other() / sum
	for i := range len(Alphabet) {
		if strings.IndexByte(allowed, Alphabet[i]) >= 0 {
			only[i] = s[i] / sum
		}
	}
	return only
}

// A Guess is a character that a glyph may be.
type Guess struct {
	Character   byte
	Probability float64
}

// Guesses returns what the glyph may be of the given characters with at least
// the given probability, the likeliest first.
func (s Symbol) Guesses(allowed string, least float64) []Guess {
	var guesses []Guess
	for i := range len(allowed) {
		if p := s.Of(allowed[i]); p >= least {
			guesses = append(guesses, Guess{allowed[i], p})
		}
	}
	slices.SortStableFunc(guesses, func(a, b Guess) int { return cmp.Compare(b.Probability, a.Probability) })
	return guesses
}

// Best returns the likeliest character and its probability. The character is
// 0 where the glyph is likelier to be something else.
func (s Symbol) Best() (c byte, probability float64) {
	c, probability = s.Among(Alphabet)
	if s.Other() > probability {
		return 0, s.Other()
	}
	return c, probability
}

// Among returns the likeliest of the given characters and its probability,
// also where the glyph is likelier to be something else.
func (s Symbol) Among(allowed string) (c byte, probability float64) {
	for i := range len(allowed) {
		if p := s.Of(allowed[i]); c == 0 || p > probability {
			c, probability = allowed[i], p
		}
	}
	return c, probability
}

// Normalize returns the glyph as the classifier sees it, as the digits of
// MNIST were made (LeCun et al. 1998): scaled to fit 20x20 pixels, with the
// centre of its mass in the middle of net.Side x net.Side pixels, from 0,
// paper, to 1, ink.
func Normalize(glyph *image.Gray) []float32 {
	p := newPlane(glyph.Rect.Dx(), glyph.Rect.Dy())
	top := float32(0)
	for y := range p.height {
		for x := range p.width {
			v := 1 - float32(glyph.Pix[y*glyph.Stride+x])/255
			p.at[y*p.width+x] = v
			top = max(top, v)
		}
	}
	out := make([]float32, net.Side*net.Side)
	box := p.above(.35 * top)
	if box.Empty() {
		return out
	}
	const inner = 20
	scale := float64(max(box.Dx(), box.Dy())) / inner // px of the glyph a px of out
	small := newPlane(net.Side, net.Side)
	left := float64(box.Min.X+box.Max.X)/2 - scale*net.Side/2
	upper := float64(box.Min.Y+box.Max.Y)/2 - scale*net.Side/2
	for y := range net.Side {
		for x := range net.Side {
			small.at[y*net.Side+x] = p.average(left+float64(x)*scale, upper+float64(y)*scale, scale)
		}
	}
	small.stretch()
	cx, cy := small.center()
	return small.moved(net.Side/2-cx, net.Side/2-cy).at
}

// above returns the box around what is darker than level.
func (p plane) above(level float32) image.Rectangle {
	var box image.Rectangle
	for i, v := range p.at {
		if v > level {
			box = box.Union(image.Rect(i%p.width, i/p.width, i%p.width+1, i/p.width+1))
		}
	}
	return box
}

// average returns the darkness of the size x size pixels at (x, y).
func (p plane) average(x, y, size float64) float32 {
	n := max(1, min(8, int(math.Ceil(size*1.5))))
	step := size / float64(n)
	sum := float32(0)
	for j := range n {
		for i := range n {
			u, v := x+(float64(i)+.5)*step-.5, y+(float64(j)+.5)*step-.5
			x0, y0 := floor(u), floor(v)
			fx, fy := float32(u-float64(x0)), float32(v-float64(y0))
			a, b := p.value(x0, y0), p.value(x0+1, y0)
			c, d := p.value(x0, y0+1), p.value(x0+1, y0+1)
			upper := a + float32(fx*(b-a))
			lower := c + float32(fx*(d-c))
			sum += upper + float32(fy*(lower-upper))
		}
	}
	return sum / float32(n*n)
}

// stretch makes the dark end of p black.
func (p plane) stretch() {
	var ink []float32
	for _, v := range p.at {
		if v > .02 {
			ink = append(ink, v)
		}
	}
	if len(ink) == 0 {
		return
	}
	top := max(.02, quantile(ink, .9))
	for i, v := range p.at {
		p.at[i] = min(1, v/top)
	}
}

// center returns the centre of the mass of p, in px.
func (p plane) center() (x, y float64) {
	sum := 0.0
	for i, v := range p.at {
		sum += float64(v)
		x += float64(v) * (float64(i%p.width) + .5)
		y += float64(v) * (float64(i/p.width) + .5)
	}
	if sum == 0 {
		return float64(p.width) / 2, float64(p.height) / 2
	}
	return x / sum, y / sum
}
