package main

import (
	"testing"

	"github.com/seosik/seosik/internal/mark/draw"
)

func TestLogistic(t *testing.T) {
	var all []box
	for i := range 200 {
		b := box{hand: draw.Nothing}
		x := float64(i) / 200
		if x > .6 {
			b.hand = draw.Tick
		}
		b.features[0], b.features[1] = 1, x
		all = append(all, b)
	}
	factors := logistic(all)
	for _, tt := range []struct {
		x    float64
		want bool
	}{{.1, false}, {.5, false}, {.7, true}, {1, true}} {
		p := chanceOf(factors, [len(box{}.features)]float64{1, tt.x})
		if (p > .5) != tt.want {
			t.Errorf("chance at %v is %.3f, want marked %v", tt.x, p, tt.want)
		}
	}
}
