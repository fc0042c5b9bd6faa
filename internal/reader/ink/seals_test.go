package ink

import (
	"image"
	"image/color"
	"testing"

	"github.com/seosik/seosik/internal/sample"
)

func TestSealsGoAndInkStays(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 120, 120))
	for i := range img.Pix {
		img.Pix[i] = 250
	}
	for y := 20; y < 100; y++ {
		for x := 20; x < 100; x++ {
			img.Set(x, y, color.RGBA{225, 40, 50, 255}) // a seal
		}
	}
	for y := 50; y < 60; y++ {
		for x := 0; x < 120; x++ {
			img.Set(x, y, color.RGBA{40, 30, 60, 255}) // ink, also under the seal
		}
	}
	got := withoutSeals(sample.ToGray(img), img)
	if v := got.GrayAt(50, 30).Y; v < 200 {
		t.Errorf("seal = %d, want nearly paper", v)
	}
	for _, x := range []int{5, 50} {
		if v := got.GrayAt(x, 55).Y; v > 70 {
			t.Errorf("ink at %d = %d, want dark", x, v)
		}
	}
	gray := sample.ToGray(image.NewRGBA(image.Rect(0, 0, 120, 120)))
	if withoutSeals(gray, image.NewRGBA(gray.Rect)) != gray {
		t.Error("a page without red ink was copied")
	}
}
