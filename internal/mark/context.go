package mark

// A kind is what sort of character stands in a box.
type kind int

const (
	digit kind = iota
	letter
	other
	kinds
)

// follows is how likely a character of one kind is followed by one of another:
// numbers stay numbers and words words, and letters lead in numbers of
// identity, of vehicles and of accounts. Zero and O, 1 and I, 5 and S, which
// are told apart by their neighbours alone where people write them, depend on it.
var follows = [kinds][kinds]float64{
	digit:  {digit: .94, letter: .03, other: .03},
	letter: {digit: .20, letter: .75, other: .05},
	other:  {digit: .60, letter: .20, other: .20},
}

// leastKind is how likely each kind is at least, whatever the glyph looks like:
// the classifier is too sure of what it was not shown.
const leastKind = 1e-3

// kindOf returns the kind of the i-th class of a Symbol.
func kindOf(i int) kind {
	switch {
	case i < len(Digits):
		return digit
	case i < len(Alphabet):
		return letter
	default:
		return other
	}
}

// InContext returns what the glyphs of a row may be, in their order, each beside
// the others: the probabilities of each after those of all were passed forward
// and backward along the row (Rabiner, "A tutorial on hidden Markov models",
// Proc. IEEE 77, 1989, section III), with the kinds of characters as states.
// Empty boxes are to be left out.
func InContext(symbols []Symbol) []Symbol {
	n := len(symbols)
	likely := make([][kinds]float64, n) // of each kind, as the glyph looks
	for i, s := range symbols {
		for c, p := range s {
			likely[i][kindOf(c)] += p
		}
		for k := range likely[i] {
			likely[i][k] = max(likely[i][k], leastKind)
		}
	}
	before, after := make([][kinds]float64, n), make([][kinds]float64, n) // what the others say
	for i := range symbols {
		before[i], after[n-1-i] = equally(), equally()
		if i == 0 {
			continue
		}
		before[i] = passed(before[i-1], likely[i-1], func(from, to kind) float64 { return follows[from][to] })
		after[n-1-i] = passed(after[n-i], likely[n-i], func(from, to kind) float64 { return follows[to][from] })
	}
	out := make([]Symbol, n)
	for i, s := range symbols {
		var weight [kinds]float64
		for k := range weight {
			weight[k] = before[i][k] * after[i][k]
		}
		out[i] = s.weighed(weight)
	}
	return out
}

func equally() (even [kinds]float64) {
	for k := range even {
		even[k] = 1. / float64(kinds)
	}
	return even
}

// passed returns what a box says to its neighbour of which kind that is: known
// is what the boxes behind it have said, and likely how it looks itself.
func passed(known, likely [kinds]float64, step func(from, to kind) float64) (next [kinds]float64) {
	sum := 0.0
	for from := range kinds {
		p := known[from] * likely[from]
		for to := range kinds {
			next[to] += float64(p * step(from, to))
		}
	}
	for _, p := range next {
		sum += p
	}
	for k := range next {
		next[k] /= sum
	}
	return next
}

// weighed returns s where kinds of characters are as likely besides as weight
// says.
func (s Symbol) weighed(weight [kinds]float64) Symbol {
	sum := 0.0
	for i := range s {
		s[i] *= weight[kindOf(i)]
		sum += s[i]
	}
	if sum == 0 {
		return s
	}
	for i := range s {
		s[i] /= sum
	}
	return s
}
