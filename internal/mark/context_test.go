package mark

import (
	"math"
	"strings"
	"testing"
)

// seen returns what a glyph looks like: a character for certain, or, of two,
// the first likelier.
func seen(looks string) (s Symbol) {
	const sure, likelier = .98, .75
	at := func(c byte) int {
		if i := strings.IndexByte(Alphabet, c); i >= 0 {
			return i
		}
		return len(Alphabet)
	}
	if len(looks) == 1 {
		s[at(looks[0])], s[at('W')] = sure, 1-sure
		return s
	}
	s[at(looks[0])], s[at(looks[1])] = likelier, 1-likelier
	return s
}

func TestInContext(t *testing.T) {
	for _, tt := range []struct {
		name  string
		looks string // by space; ? is none of the alphabet
		want  string
	}{
		{"a name", "H 0O B B 5S", "HOBBS"},
		{"a letter that looks like none", "K E ?L L E R", "KELLER"},
		{"a number", "3 O0 I1 7 S5", "30175"},
		{"a letter leads", "A 1 O0 5 7", "A1057"},
		{"letters lead", "0O K 4 4 1", "OK441"},
		{"Hangul in a number", "1 2 ? 3 4 5 6", "12?3456"},
		{"a digit alone", "7", "7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var row []Symbol
			for looks := range strings.FieldsSeq(tt.looks) {
				row = append(row, seen(looks))
			}
			var got strings.Builder
			for _, s := range InContext(row) {
				c, _ := s.Best()
				if c == 0 {
					c = '?'
				}
				got.WriteByte(c)
				sum := 0.0
				for _, p := range s {
					sum += p
				}
				if math.Abs(sum-1) > 1e-9 {
					t.Errorf("probabilities add up to %v", sum)
				}
			}
			if got.String() != tt.want {
				t.Errorf("read %s, want %s", got.String(), tt.want)
			}
		})
	}
}
