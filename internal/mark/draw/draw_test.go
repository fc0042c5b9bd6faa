package draw

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// bar returns an upright bar of 4x20 pixels.
func bar() Glyph {
	pix := make([]uint8, 30*30)
	for y := 5; y < 25; y++ {
		for x := 10; x < 14; x++ {
			pix[30*y+x] = 255
		}
	}
	return Tight(pix, 30)
}

func TestTight(t *testing.T) {
	if g := bar(); g.Width != 6 || g.Height != 22 {
		t.Errorf("a bar of 4x20 is %dx%d, want one pixel more on each side", g.Width, g.Height)
	}
	if g := Tight(make([]uint8, 9), 3); g.Width != 0 {
		t.Errorf("nothing is %d wide, want 0", g.Width)
	}
}

func TestPair(t *testing.T) {
	if g := Pair(bar(), bar()); g.Height < 28 || g.Width < 10 || g.Width > 24 {
		t.Errorf("two bars are %dx%d", g.Width, g.Height)
	}
}

// TestSame draws everything twice from the same random source.
func TestSame(t *testing.T) {
	for i := range uint64(12) {
		characters := []Character{{bar(), 1}, {}, {Scribble(rand.New(rand.NewPCG(1, i))), 1}}
		a := NewRow(rand.New(rand.NewPCG(2, i)), characters)
		b := NewRow(rand.New(rand.NewPCG(2, i)), characters)
		if !bytes.Equal(a.Filled.Pix, b.Filled.Pix) || !bytes.Equal(a.Blank.Pix, b.Blank.Pix) {
			t.Errorf("row %d differs the second time", i)
		}
		if a.Filled.Rect != a.Blank.Rect {
			t.Errorf("row %d: filled is %v, blank %v", i, a.Filled.Rect, a.Blank.Rect)
		}
	}
	for hand := range Hands {
		a := NewCheckbox(rand.New(rand.NewPCG(3, 1)), hand)
		b := NewCheckbox(rand.New(rand.NewPCG(3, 1)), hand)
		if !bytes.Equal(a.Filled.Pix, b.Filled.Pix) {
			t.Errorf("%s differs the second time", hand)
		}
		if !a.Box.In(a.Filled.Rect) {
			t.Errorf("%s: the box %v is not in the picture %v", hand, a.Box, a.Filled.Rect)
		}
	}
}
