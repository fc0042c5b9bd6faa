package ink

import (
	"image"
	"math"
	"testing"

	"github.com/seosik/seosik/internal/geom"
)

// letters draws n letters as people write them, from a point on.
func letters(img *image.Gray, x, y, n int) {
	for i := range n {
		blacken(img, image.Rect(x+24*i, y, x+24*i+5, y+30))
		blacken(img, image.Rect(x+24*i, y, x+24*i+16, y+5))
		blacken(img, image.Rect(x+24*i+11, y, x+24*i+16, y+30))
	}
}

// ring draws a ring, or a disc for an inner radius of 0.
func ring(img *image.Gray, middle image.Point, inner, outer float64) {
	for y := middle.Y - 60; y < middle.Y+60; y++ {
		for x := middle.X - 60; x < middle.X+60; x++ {
			if far := math.Hypot(float64(x-middle.X), float64(y-middle.Y)); far >= inner && far <= outer {
				blacken(img, image.Rect(x, y, x+1, y+1))
			}
		}
	}
}

func TestBesideIsWritingAndNothingElse(t *testing.T) {
	fields := []geom.Box{geom.XYWH(100, 300, 1000, 100)}
	for name, tt := range map[string]struct {
		draw func(img *image.Gray)
		want []image.Rectangle // px
	}{
		"nothing":                    {func(*image.Gray) {}, nil},
		"in a field":                 {func(img *image.Gray) { letters(img, 300, 340, 5) }, nil},
		"a note":                     {func(img *image.Gray) { letters(img, 300, 900, 5) }, []image.Rectangle{image.Rect(300, 900, 412, 930)}},
		"a note of two lines is one": {func(img *image.Gray) { letters(img, 300, 900, 5); letters(img, 310, 945, 4) }, []image.Rectangle{image.Rect(300, 900, 412, 975)}},
		"two notes":                  {func(img *image.Gray) { letters(img, 300, 900, 4); letters(img, 900, 1500, 4) }, []image.Rectangle{image.Rect(300, 900, 388, 930), image.Rect(900, 1500, 988, 1530)}},
		"a stroke out of a field":    {func(img *image.Gray) { blacken(img, image.Rect(500, 370, 506, 440)) }, nil},
		"dust":                       {func(img *image.Gray) { blacken(img, image.Rect(700, 1200, 706, 1206)) }, nil},
		"a staple":                   {func(img *image.Gray) { blacken(img, image.Rect(60, 60, 160, 66)) }, nil},
		"a fold":                     {func(img *image.Gray) { blacken(img, image.Rect(0, 1170, 1654, 1174)) }, nil},
		"the edge of the paper":      {func(img *image.Gray) { blacken(img, image.Rect(0, 400, 9, 1500)) }, nil},
		"a shadow along the edge":    {func(img *image.Gray) { blacken(img, image.Rect(18, 400, 34, 620)) }, nil},
		"punched holes":              {func(img *image.Gray) { ring(img, image.Pt(80, 900), 0, 23); ring(img, image.Pt(80, 1500), 20, 24) }, nil},
		"a ring where no hole is":    {func(img *image.Gray) { ring(img, image.Pt(800, 1500), 19, 24) }, []image.Rectangle{image.Rect(776, 1476, 825, 1525)}},
	} {
		t.Run(name, func(t *testing.T) {
			got := drawn(tt.draw).Written().Beside(fields)
			if len(got) != len(tt.want) {
				t.Fatalf("places %v, want %v", got, tt.want)
			}
			for i, want := range tt.want {
				if w := boxOf(want); !got[i].In(w.Grow(6)) || !w.In(got[i].Grow(6)) {
					t.Errorf("place %v, want %v", got[i], w)
				}
			}
		})
	}
}
