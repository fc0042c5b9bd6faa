// Package confidence turns evidence about a reading into the probability that
// the whole reading is right.
//
// The model is a logistic regression for each [Kind] of reading: the
// log-odds are a weighted sum of named features. Its weights are fitted by
// [Fit] on drawn forms whose truth is known, never on the forms that accuracy
// is measured on, and are kept in weights.json.
package confidence

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
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
	Bias     float64            `json:"bias"`
	Features map[string]float64 `json:"features"`
}

// Probability returns the probability that a reading with this evidence is
// right. It is never 0 nor 1.
func (w Weights) Probability(e Evidence) float64 {
	sum := w.Bias
	for name, weight := range w.Features {
		sum += float64(weight * e[name])
	}
	return min(max(logistic(sum), 0.001), 0.9995)
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
	return m, nil
}
