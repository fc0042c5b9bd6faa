// Package fit fits the model of package confidence to readings whose truth is
// known. The program does not contain it.
package fit

import (
	"errors"
	"math"
	"slices"

	"github.com/seosik/seosik/internal/confidence"
)

// A Sample is a reading whose truth is known.
type Sample struct {
	Evidence confidence.Evidence
	Right    bool
}

// ErrSamples reports samples that no model can be fitted to.
var ErrSamples = errors.New("fit: too few samples, or all alike")

// Linear returns the weights under which the samples are likeliest, each weight
// w held back by ridge*w*w/2, the bias not. Features that lowers names, which
// are never negative, have no positive weight: few samples speak of them, and
// by chance those may be right. It is logistic regression by Newton's method
// (iteratively reweighted least squares, Hastie, Tibshirani and Friedman, The
// Elements of Statistical Learning, 2nd ed., section 4.4.1), projected to the
// bounds (Bertsekas, Projected Newton Methods for Optimization Problems with
// Simple Constraints, SIAM J. Control Optim. 20, 1982).
func Linear(samples []Sample, ridge float64, lowers ...string) (confidence.Weights, error) {
	right := count(samples)
	if right == 0 || right == len(samples) {
		return confidence.Weights{}, ErrSamples
	}
	names := features(samples)
	rows := make([][]float64, len(samples))
	for i, s := range samples {
		rows[i] = append([]float64{1}, values(s, names)...) // the bias comes first
	}
	bounded := make([]bool, len(names)+1)
	for k, name := range names {
		bounded[k+1] = slices.Contains(lowers, name)
	}
	w := make([]float64, len(names)+1)
	w[0] = math.Log(float64(right) / float64(len(samples)-right))
	likely := likelihood(rows, samples, w, ridge)
	for range 100 {
		step, ok := newton(rows, samples, w, ridge, bounded)
		if !ok {
			return confidence.Weights{}, ErrSamples
		}
		// Far from the maximum, whole steps may lead away from it.
		next, gain := w, 0.0
		for share := 1.0; share > 1e-4 && gain <= 0; share /= 2 {
			next = moved(w, step, share, bounded)
			gain = likelihood(rows, samples, next, ridge) - likely
		}
		if gain <= 1e-9 {
			break
		}
		w, likely = next, likely+gain
	}
	return confidence.Weights{Names: names, Bias: w[0], Linear: w[1:]}, nil
}

// count returns how many samples are right.
func count(samples []Sample) int {
	right := 0
	for _, s := range samples {
		if s.Right {
			right++
		}
	}
	return right
}

// values returns the evidence of s in the order of names.
func values(s Sample, names []string) []float64 {
	x := make([]float64, len(names))
	for i, name := range names {
		x[i] = s.Evidence[name]
	}
	return x
}

// moved returns w moved by a share of step, those that are bounded to 0 at most.
func moved(w, step []float64, share float64, bounded []bool) []float64 {
	out := make([]float64, len(w))
	for k := range w {
		out[k] = w[k] + float64(share*step[k])
		if bounded[k] {
			out[k] = min(out[k], 0)
		}
	}
	return out
}

// likelihood returns the penalised log-likelihood of the samples under w.
func likelihood(rows [][]float64, samples []Sample, w []float64, ridge float64) float64 {
	sum := 0.0
	for _, x := range w[1:] {
		sum -= float64(ridge * x * x / 2)
	}
	for i, row := range rows {
		odds := 0.0
		for k, x := range row {
			odds += float64(w[k] * x)
		}
		if samples[i].Right {
			odds = -odds
		}
		sum -= math.Log1p(math.Exp(min(odds, 500)))
	}
	return sum
}

// features returns the names of the features of samples, sorted.
func features(samples []Sample) []string {
	seen := map[string]bool{}
	var names []string
	for _, s := range samples {
		for name := range s.Evidence {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// newton returns the step from w towards the maximum of the penalised
// likelihood. Bounded weights that would leave their bound stay on it.
func newton(rows [][]float64, samples []Sample, w []float64, ridge float64, bounded []bool) ([]float64, bool) {
	n := len(w)
	a := make([][]float64, n) // the Hessian, with the gradient as last column
	for k := range a {
		a[k] = make([]float64, n+1)
		if k > 0 {
			a[k][k] = ridge
			a[k][n] = -ridge * w[k]
		}
	}
	a[0][0] = 1e-9
	for i, row := range rows {
		sum := 0.0
		for k, x := range row {
			sum += float64(w[k] * x)
		}
		p := logistic(sum)
		y := 0.0
		if samples[i].Right {
			y = 1
		}
		for r, x := range row {
			if x == 0 {
				continue
			}
			a[r][n] += x * (y - p)
			for c, z := range row {
				a[r][c] += float64(x * z * p * (1 - p))
			}
		}
	}
	for k := range bounded {
		if bounded[k] && w[k] >= 0 && a[k][n] > 0 {
			hold(a, k)
		}
	}
	return solve(a)
}

// hold makes unknown k of linear equations 0, as if there were none such.
func hold(a [][]float64, k int) {
	clear(a[k])
	for r := range a {
		a[r][k] = 0
	}
	a[k][k] = 1
}

// solve solves linear equations by elimination with row pivots. The last
// column is the right-hand side.
func solve(a [][]float64) ([]float64, bool) {
	n := len(a)
	for col := range n {
		pivot := col
		for r := col + 1; r < n; r++ {
			if math.Abs(a[r][col]) > math.Abs(a[pivot][col]) {
				pivot = r
			}
		}
		if !(math.Abs(a[pivot][col]) > 1e-12) { // also NaN
			return nil, false
		}
		a[col], a[pivot] = a[pivot], a[col]
		for r := col + 1; r < n; r++ {
			f := a[r][col] / a[col][col]
			for c := col; c <= n; c++ {
				a[r][c] -= float64(f * a[col][c])
			}
		}
	}
	x := make([]float64, n)
	for r := n - 1; r >= 0; r-- {
		v := a[r][n]
		for c := r + 1; c < n; c++ {
			v -= float64(a[r][c] * x[c])
		}
		x[r] = v / a[r][r]
	}
	return x, true
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += float64(x * b[i])
	}
	return sum
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
