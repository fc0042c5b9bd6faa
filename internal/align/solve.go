package align

import "math"

// A system gathers weighted linear equations in up to eight unknowns, to be
// solved in the least-squares sense.
type system [8][9]float64

// add adds the equation row·x = right with the given weight.
func (s *system) add(row []float64, right, weight float64) {
	n := len(row)
	for i, a := range row {
		wa := weight * a
		for j := i; j < n; j++ {
			s[i][j] += float64(wa * row[j])
		}
		s[i][8] += float64(wa * right)
	}
}

// solve returns the first n unknowns by Cholesky decomposition, or false if
// the equations do not determine them.
func (s *system) solve(n int) (x [8]float64, ok bool) {
	var l [8][8]float64
	for i := range n {
		for j := range i + 1 {
			sum := s[j][i]
			for k := range j {
				sum -= float64(l[i][k] * l[j][k])
			}
			if i != j {
				l[i][j] = sum / l[j][j]
				continue
			}
			if !(sum > 1e-9*s[i][i]) { // also NaN
				return x, false
			}
			l[i][i] = math.Sqrt(sum)
		}
	}
	for i := range n {
		sum := s[i][8]
		for k := range i {
			sum -= float64(l[i][k] * x[k])
		}
		x[i] = sum / l[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		sum := x[i]
		for k := i + 1; k < n; k++ {
			sum -= float64(l[k][i] * x[k])
		}
		x[i] = sum / l[i][i]
	}
	return x, true
}
