package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"

	"github.com/seosik/seosik/internal/mark"
	"github.com/seosik/seosik/internal/mark/draw"
)

// A box is what was found in a drawn checkbox.
type box struct {
	features [8]float64
	hand     draw.Hand
}

// boxes draws n checkboxes, half of them marked.
func boxes(n int, seed uint64) []box {
	out := make([]box, n)
	for i := range out {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		hand := draw.Hand(r.IntN(int(draw.Nothing)))
		if i%2 == 0 {
			hand = draw.Nothing + draw.Hand(r.IntN(int(draw.Hands-draw.Nothing)))
		}
		c := draw.NewCheckbox(r, hand)
		out[i] = box{mark.Examine(c.Filled, c.Blank, c.Box).Features(), hand}
	}
	return out
}

// fitCheckbox finds the factors under which what is known of drawn checkboxes
// is likeliest, and writes them to a file.
func fitCheckbox(name string, n int) error {
	learnt, check := boxes(n, seed+10), boxes(n/2, seed+11)
	factors := logistic(learnt)
	fmt.Println("factors", factors)
	reportBoxes(factors, check)
	file, err := json.Marshal(factors)
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(file, '\n'), 0o644)
}

func chanceOf(factors, features [8]float64) float64 {
	sum := 0.0
	for i, x := range features {
		sum += factors[i] * x
	}
	return 1 / (1 + math.Exp(-sum))
}

// logistic fits by steps down the gradient, each feature scaled by its
// spread, with a small cost on large factors.
func logistic(all []box) (factors [8]float64) {
	var spread [8]float64
	for _, b := range all {
		for i, x := range b.features {
			spread[i] += x * x / float64(len(all))
		}
	}
	for range 4000 {
		var slope [8]float64
		for _, b := range all {
			e := chanceOf(factors, b.features)
			if b.hand.Checked() {
				e--
			}
			for i, x := range b.features {
				slope[i] += e * x
			}
		}
		for i := range factors {
			factors[i] -= 1.5 * (slope[i]/float64(len(all)) + 1e-5*factors[i]) / max(spread[i], 1e-9)
		}
	}
	return factors
}

func reportBoxes(factors [8]float64, check []box) {
	var right, count [draw.Hands]int
	for _, b := range check {
		count[b.hand]++
		if (chanceOf(factors, b.features) >= .5) == b.hand.Checked() {
			right[b.hand]++
		}
	}
	for h := range draw.Hands {
		fmt.Printf("  %s %.4f of %d", h, float64(right[h])/float64(max(1, count[h])), count[h])
	}
	fmt.Println()
}
