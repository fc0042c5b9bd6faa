package main

import (
	"bytes"
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/image/tiff"
)

func TestFaxReadsBackAsWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range []image.Point{{1, 1}, {7, 5}, {64, 3}, {1728, 40}, {6000, 6}} {
		page := image.NewGray(image.Rectangle{Max: size})
		v := uint8(0)
		for i := range page.Pix {
			if r.IntN(1+i%97*i%1000) == 0 { // runs of all lengths
				v = 255 - v
			}
			page.Pix[i] = v
		}
		got, err := tiff.Decode(bytes.NewReader(encodeFax(page, 200)))
		if err != nil {
			t.Errorf("%v: %v", size, err)
			continue
		}
		if g, ok := got.(*image.Gray); !ok || !slices.Equal(g.Pix, page.Pix) {
			t.Errorf("%v: the picture reads back another", size)
		}
	}
}
