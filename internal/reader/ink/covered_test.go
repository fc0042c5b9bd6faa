package ink

import (
	"image"
	"testing"

	"github.com/seosik/seosik/internal/raster"
)

func TestCovered(t *testing.T) {
	l := Line{picture: raster.New(12, 6), ink: image.Rect(100, 50, 110, 54)}
	for y := range 4 {
		for x := range 10 {
			l.picture.Pix[(y+1)*l.picture.Stride+x+1] = 0
		}
	}
	left := image.Rect(90, 40, 103, 60)
	if n := l.InkIn(left); n != 12 {
		t.Errorf("%d pixels in %v, want 12", n, left)
	}
	if in, outside := l.Covered([]image.Rectangle{left, image.Rect(102, 50, 105, 52)}); in != 16 || outside != 24 {
		t.Errorf("%d pixels in boxes and %d outside, want 16 and 24", in, outside)
	}
}
