package raster

import (
	"image"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPieces(t *testing.T) {
	const o, x = false, true
	ink := []bool{
		x, o, o, o, x,
		o, x, o, o, x,
		o, o, o, o, o,
		x, o, o, x, x,
	}
	labels, pieces := Pieces(ink, 5)
	wantLabels := []int32{
		1, 0, 0, 0, 2,
		0, 1, 0, 0, 2,
		0, 0, 0, 0, 0,
		3, 0, 0, 4, 4,
	}
	if !slices.Equal(labels, wantLabels) {
		t.Errorf("labels = %v, want %v", labels, wantLabels)
	}
	want := []Piece{
		{image.Rect(0, 0, 2, 2), 2},
		{image.Rect(4, 0, 5, 2), 2},
		{image.Rect(0, 3, 1, 4), 1},
		{image.Rect(3, 3, 5, 4), 2},
	}
	if d := cmp.Diff(want, pieces); d != "" {
		t.Errorf("pieces (-want +got):\n%s", d)
	}
	if labels, pieces := Pieces(nil, 0); len(labels) != 0 || len(pieces) != 0 {
		t.Errorf("Pieces of nothing = %v, %v", labels, pieces)
	}
}
