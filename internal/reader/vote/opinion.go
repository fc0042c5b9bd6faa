package vote

import "slices"

// A Side says which of the readers are for what counts.
type Side int

// The sides.
const (
	Alone  Side = iota // the first reader; the second was not asked
	Both               // both have read it
	First              // the first one, or both in part, and the second has read something else
	Second             // the second one
)

// An Opinion is what the readers think of the look that counts in a line.
type Opinion struct {
	Agreement float64 // share of the other looks of the first reader that have the same, from 0 to 1
	Side      Side
	Split     bool // a reader has read another text than the one that counts

	// What follows is of lines that the second reader has read.

	Other       float64 // odds of the least sure word of the reader that is not on the side, or of the second where both are
	Twice       bool    // the second reader has read the same in two languages
	Cased       bool    // the two had letters in different cases
	Capitals    bool    // letters that were read as small ones are capitals, as all of the line
	Blind       bool    // the second reader does not know all characters of what counts
	OutOfScript bool    // the second reader counts, and has read what cannot stand in a form of the language
	Apart       float64 // share of the symbols that the two do not have in common, from 0 to 1
}

// Opinion returns what the readers think of counts, which is what counts in l.
func (l Line) Opinion(counts Look) Opinion {
	o := Opinion{Agreement: l.agreement(counts)}
	seconds := l.seconds()
	if len(seconds) == 0 {
		return o
	}
	first, k := l.firstBest(), seconds[0]
	o.Twice = agrees(seconds[1:], k)
	o.Cased, o.Capitals = l.cased, l.capitals
	if i := slices.IndexFunc(seconds, func(k Look) bool { return k.same(counts) }); i >= 0 {
		k = seconds[i]
	}
	o.Blind = !k.knows(squeezed(counts.Text))
	common, length := inCommon(first, seconds[0])
	o.Apart = 1 - float64(common)/float64(max(1, length))
	switch {
	case counts.Second:
		o.Side, o.Other = Second, Odds(first.LeastWord())
		o.OutOfScript = !stands(squeezed(k.Text), l.Language)
		o.Split = !agrees(seconds, first)
	case k.same(counts):
		o.Side, o.Other = Both, Odds(k.LeastWord())
	default:
		o.Side, o.Other = First, Odds(k.LeastWord())
		o.Split = true
	}
	return o
}

// agreement returns which share of the other looks of the first reader at l
// have the same as counts.
func (l Line) agreement(counts Look) float64 {
	same, others := 0, 0
	for _, k := range l.Looks {
		if k.number == counts.number || k.Second {
			continue
		}
		others++
		if squeezed(k.Text) == squeezed(counts.Text) {
			same++
		}
	}
	if others == 0 {
		return 1
	}
	return float64(same) / float64(others)
}
