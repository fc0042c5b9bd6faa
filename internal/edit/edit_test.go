package edit

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		most int
		want int
	}{
		{"", "", 9, 0},
		{"가나", "", 9, 2},
		{"", "가나", 9, 2},
		{"kitten", "sitting", 9, 3},
		{"가나다", "가다", 9, 1},
		{"kitten", "sitting", 3, 3},
		{"kitten", "sitting", 2, 3}, // more than 2
		{"kitten", "sitting", 0, 1},
		{"가", "나다라마", 2, 3},
	} {
		if got := Distance([]rune(tt.a), []rune(tt.b), tt.most); got != tt.want {
			t.Errorf("Distance(%q, %q, %d) = %d, want %d", tt.a, tt.b, tt.most, got, tt.want)
		}
	}
}

func TestDifferences(t *testing.T) {
	for _, tt := range []struct {
		a, b   string
		want   []Stretch
		common int
	}{
		{"", "", nil, 0},
		{"가나", "가나", nil, 2},
		{"가나다", "가마다", []Stretch{{1, 2, 1, 2}}, 2},
		{"가나", "가다나", []Stretch{{1, 1, 1, 2}}, 2},
		{"가나다", "나다", []Stretch{{0, 1, 0, 0}}, 2},
		{"abxcdef", "abcdef1", []Stretch{{2, 3, 2, 2}, {7, 7, 6, 7}}, 6},
		{"ab", "cde", []Stretch{{0, 2, 0, 3}}, 0},
	} {
		got, common := Differences([]rune(tt.a), []rune(tt.b))
		if !slices.Equal(got, tt.want) || common != tt.common {
			t.Errorf("Differences(%q, %q) = %v, %d, want %v, %d", tt.a, tt.b, got, common, tt.want, tt.common)
		}
	}
}

// What lies between the stretches is the same in both, and putting those of b
// in their places makes b of a, at the cost of the distance.
func TestDifferencesMakeBOfA(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() []byte {
		w := make([]byte, r.IntN(12))
		for i := range w {
			w[i] = "abc"[r.IntN(3)]
		}
		return w
	}
	for range 2000 {
		a, b := word(), word()
		stretches, common := Differences(a, b)
		var made []byte
		at, same, cost := 0, 0, 0
		for _, s := range stretches {
			same += s.A0 - at
			made = append(append(made, a[at:s.A0]...), b[s.B0:s.B1]...)
			at = s.A1
			cost += max(s.A1-s.A0, s.B1-s.B0)
		}
		same += len(a) - at
		made = append(made, a[at:]...)
		if !slices.Equal(made, b) || same != common || cost != Distance(a, b, 99) {
			t.Fatalf("Differences(%q, %q) = %v, %d: makes %q at a cost of %d with %d in common; the distance is %d",
				a, b, stretches, common, made, cost, same, Distance(a, b, 99))
		}
	}
}
