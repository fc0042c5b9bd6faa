// Package edit compares sequences: how many items must be changed, added or
// left out to make one of the other (Levenshtein, "Binary codes capable of
// correcting deletions, insertions, and reversals", 1966), and where.
package edit

import "slices"

// Distance returns how many items must be changed, added or left out to make b
// of a, or most+1 where it is more than most. It takes time in proportion to
// the product of the lengths, and less where most is small.
func Distance[T comparable](a, b []T, most int) int {
	if len(b) > len(a)+most || len(b) < len(a)-most {
		return most + 1
	}
	row := first(a)
	for n, item := range b {
		if next(row, a, item, n+1); slices.Min(row) > most {
			return most + 1
		}
	}
	return row[len(a)]
}

// first returns the distance of each beginning of a from nothing.
func first[T any](a []T) []int {
	row := make([]int, len(a)+1)
	for i := range row {
		row[i] = i
	}
	return row
}

// next makes of the distances of the beginnings of a from n-1 items those from
// n items, of which item is the last.
func next[T comparable](row []int, a []T, item T, n int) {
	diagonal := row[0]
	row[0] = n
	for i := range a {
		cost := diagonal
		if a[i] != item {
			cost = 1 + min(diagonal, row[i], row[i+1])
		}
		diagonal, row[i+1] = row[i+1], cost
	}
}

// A Stretch is a part of two sequences, a[A0:A1] and b[B0:B1], in which they
// differ. One of the two may be empty.
type Stretch struct{ A0, A1, B0, B1 int }

// Differences returns the stretches in which a and b differ, in order, and how
// many items they have in common (Wagner and Fischer, "The String-to-String
// Correction Problem", 1974). Memory grows with the product of the lengths.
func Differences[T comparable](a, b []T) (stretches []Stretch, common int) {
	left := remaining(a, b)
	for i, k := 0, 0; i < len(a) || k < len(b); {
		if i < len(a) && k < len(b) && a[i] == b[k] {
			common++
			i, k = i+1, k+1
			continue
		}
		s := Stretch{A0: i, B0: k}
		for (i < len(a) || k < len(b)) && (i == len(a) || k == len(b) || a[i] != b[k]) {
			switch {
			case i < len(a) && k < len(b) && left(i, k) == 1+left(i+1, k+1):
				i, k = i+1, k+1
			case i < len(a) && left(i, k) == 1+left(i+1, k):
				i++
			default:
				k++
			}
		}
		s.A1, s.B1 = i, k
		stretches = append(stretches, s)
	}
	return stretches, common
}

// remaining returns a function for the distance between a[i:] and b[k:].
func remaining[T comparable](a, b []T) func(i, k int) int {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Reverse(a) // their ends are then beginnings
	slices.Reverse(b)
	rows := [][]int{first(a)}
	for n, item := range b {
		row := slices.Clone(rows[n])
		next(row, a, item, n+1)
		rows = append(rows, row)
	}
	return func(i, k int) int { return rows[len(b)-k][len(a)-i] }
}
