package sample

import (
	"math/rand/v2"

	"github.com/seosik/seosik/internal/geom"
)

// textSituations are those of writing that does not keep to its box.
var textSituations = []situation{
	{name: "print off", writer: printOff},
}

// printOff has a printer put all values lower than it should, and a little to
// the side.
func printOff(r *rand.Rand, b *Blank, w *writer) {
	height := b.fieldHeight()
	w.moved = geom.Point{X: between(r, -.3, .3) * height, Y: between(r, .3, 1) * height}
}
