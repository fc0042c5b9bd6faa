package ink

import (
	"image"
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/geom"
)

func TestCopies(t *testing.T) {
	boxes := []image.Rectangle{image.Rect(200, 200, 600, 260), image.Rect(200, 300, 600, 360), image.Rect(200, 400, 600, 460)}
	var fields []geom.Box
	for _, b := range boxes {
		fields = append(fields, geom.XYWH(float64(b.Min.X), float64(b.Min.Y), float64(b.Dx()), float64(b.Dy())))
	}
	for _, tt := range []struct {
		name   string
		filled int // fields with letters
		copy   bool
	}{
		{"a blank", 0, false},
		{"a blank with a hint", 1, false},
		{"a copy", 2, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			img := image.NewGray(image.Rect(0, 0, 1654, 2339))
			for i := range img.Pix {
				img.Pix[i] = 255
			}
			for i, b := range boxes {
				blacken(img, image.Rect(b.Min.X-4, b.Max.Y-2, b.Max.X+4, b.Max.Y)) // a rule
				if i < tt.filled {
					blacken(img, image.Rect(b.Min.X+10, b.Min.Y+20, b.Min.X+30, b.Min.Y+45))
					blacken(img, image.Rect(b.Min.X+40, b.Min.Y+20, b.Min.X+60, b.Max.Y+4)) // on the rule
					blacken(img, image.Rect(b.Min.X+70, b.Min.Y+20, b.Min.X+90, b.Min.Y+45))
				}
			}
			if got := IsCopy(img, fields); got != tt.copy {
				t.Fatalf("a copy: %v, want %v", got, tt.copy)
			}
			got := WithoutWriting(img, fields)
			b := boxes[0]
			if got.GrayAt(b.Min.X+20, b.Min.Y+30).Y != 255 {
				t.Error("what is written in a copy must go")
			}
			if got.GrayAt(b.Min.X+200, b.Max.Y-1).Y != 0 {
				t.Error("the rule is gone")
			}
		})
	}
}

// Points lie low: where letters leave the field, they are outside of it.
func TestPointsOfACopyGoWithItsLetters(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 400, 200))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	letters := []image.Rectangle{image.Rect(110, 80, 125, 104), image.Rect(128, 101, 131, 104), image.Rect(135, 80, 150, 104)}
	for _, r := range letters {
		blacken(img, r)
	}
	blacken(img, image.Rect(250, 101, 253, 104)) // beside them
	got := written(img, geom.XYWH(100, 70, 200, 30), 1)
	slices.SortFunc(got, func(a, b image.Rectangle) int { return a.Min.X - b.Min.X })
	if !slices.Equal(got, letters) {
		t.Errorf("written = %v, want %v", got, letters)
	}
}
