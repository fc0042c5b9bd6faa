// Package confidence turns evidence about a reading into the probability that
// the whole reading is right.
//
// The model of each [Kind] of reading adds up log-odds from named features: a
// weighted sum, and for kinds with much and various evidence also what a small
// network makes of them. Package fit fits it on drawn forms whose truth is
// known, never on the forms that accuracy is measured on. It is kept in
// weights.json.
package confidence

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
)

// A Kind is a kind of reading with evidence of its own.
type Kind string

// The kinds.
const (
	Line     Kind = "line"     // a field of words
	Cell     Kind = "cell"     // a cell of a table
	Blank    Kind = "blank"    // a field or cell in which nothing was read
	Row      Kind = "row"      // a row of single-character boxes
	Checkbox Kind = "checkbox" //
)

// Evidence is what is known about a reading: the values of features by name.
// A feature that is not there counts as 0. Values should lie within a few
// units of 0.
type Evidence map[string]float64

// A Model knows the probabilities of readings of each kind.
type Model map[Kind]Weights

// Weights are the log-odds of a kind.
type Weights struct {
	Names  []string  `json:"names"` // of the features
	Bias   float64   `json:"bias"`
	Linear []float64 `json:"linear"` // one a feature
	Units  []Unit    `json:"units,omitempty"`
}

// A Unit adds Out*tanh(Bias + In·features) to the log-odds.
type Unit struct {
	Bias float64   `json:"bias"`
	In   []float64 `json:"in"` // one a feature
	Out  float64   `json:"out"`
}

// farthest bounds the values of features, which lie within a few units of 0.
const farthest = 20.0

// Probability returns the probability that a reading with this evidence is
// right. It is never 0 nor 1.
func (w Weights) Probability(e Evidence) float64 {
	x := make([]float64, len(w.Names))
	for i, name := range w.Names {
		x[i] = min(max(e[name], -farthest), farthest)
	}
	odds := w.Bias + dot(w.Linear, x)
	for i := range w.Units {
		u := &w.Units[i]
		odds += float64(u.Out * math.Tanh(u.Bias+dot(u.In, x)))
	}
	return min(max(logistic(odds), 0.001), 0.9995)
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += float64(x * b[i])
	}
	return sum
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Probability returns the probability that a reading of kind k is right. A
// kind that m does not know is as likely right as wrong.
func (m Model) Probability(k Kind, e Evidence) float64 { return m[k].Probability(e) }

//go:embed weights.json
var weights []byte

// Default returns the model that was fitted for this program.
var Default = sync.OnceValue(func() Model {
	m, err := Decode(weights)
	if err != nil {
		panic(err)
	}
	return m
})

// Decode reads a model from JSON.
func Decode(data []byte) (Model, error) {
	var m Model
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("confidence: %w", err)
	}
	for kind, w := range m {
		if err := w.check(); err != nil {
			return nil, fmt.Errorf("confidence: %s: %w", kind, err)
		}
	}
	return m, nil
}

// errShape reports weights that are not one a feature.
var errShape = errors.New("the weights do not fit the features")

func (w Weights) check() error {
	if len(w.Linear) != len(w.Names) || slices.ContainsFunc(w.Units, func(u Unit) bool { return len(u.In) != len(w.Names) }) {
		return errShape
	}
	return nil
}
