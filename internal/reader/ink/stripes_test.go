package ink

import (
	"image"
	"image/draw"
	"testing"

	"github.com/seosik/seosik/internal/raster"
)

func TestStripesAreTakenAway(t *testing.T) {
	form := func() *image.Gray {
		img := raster.New(400, 600)
		draw.Draw(img, img.Rect, image.NewUniform(image.White), image.Point{}, draw.Src)
		for y := 60; y < 500; y += 40 {
			draw.Draw(img, image.Rect(50, y, 350, y+3), image.Black, image.Point{}, draw.Src) // rules
		}
		draw.Draw(img, image.Rect(50, 60, 53, 500), image.Black, image.Point{}, draw.Src) // a frame
		return img
	}
	darken := func(img *image.Gray, r image.Rectangle, light float64) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				img.Pix[img.PixOffset(x, y)] = uint8(float64(img.GrayAt(x, y).Y) * light)
			}
		}
	}
	for _, tt := range []struct {
		name  string
		at    image.Rectangle
		light float64
		want  int
	}{
		{"none", image.Rectangle{}, 1, 0},
		{"gray", image.Rect(200, 0, 203, 600), .6, 1},
		{"black", image.Rect(200, 0, 201, 600), 0, 1},
		{"across", image.Rect(0, 130, 400, 132), .5, 1},
		{"ends before", image.Rect(200, 0, 203, 500), .5, 0},
		{"wide", image.Rect(200, 0, 230, 600), .5, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page, clean := form(), form()
			darken(page, tt.at, tt.light)
			got, columns, rows := withoutStripes(page)
			if len(columns)+len(rows) != tt.want {
				t.Fatalf("stripes %v, %v, want %d", columns, rows, tt.want)
			}
			if tt.want == 0 {
				if got != page {
					t.Error("not the same picture")
				}
				return
			}
			for i, v := range clean.Pix {
				if d := int(v) - int(got.Pix[i]); d > 3 || d < -3 {
					t.Fatalf("at %d, %d: %d, want %d", i%400, i/400, got.Pix[i], v)
				}
			}
		})
	}
}
