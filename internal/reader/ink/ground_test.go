package ink

import (
	"image"
	"math"
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

func TestClosed(t *testing.T) {
	row := func(v ...uint8) *image.Gray {
		img := image.NewGray(image.Rect(0, 0, len(v), 7))
		for y := range 7 {
			copy(img.Pix[y*img.Stride:], v)
		}
		return img
	}
	for _, tt := range []struct {
		name     string
		in, want []uint8
	}{
		{"a stroke", []uint8{9, 9, 1, 2, 9, 9, 9}, []uint8{9, 9, 9, 9, 9, 9, 9}},
		{"a stroke on a ground", []uint8{5, 5, 1, 5, 5, 5, 5}, []uint8{5, 5, 5, 5, 5, 5, 5}},
		{"an edge", []uint8{9, 9, 9, 4, 4, 4, 4}, []uint8{9, 9, 9, 4, 4, 4, 4}},
		{"a wide stroke", []uint8{9, 9, 4, 4, 4, 9, 9}, []uint8{9, 9, 4, 4, 4, 9, 9}},
		{"a soft edge", []uint8{9, 8, 7, 6, 5, 4, 3}, []uint8{9, 8, 7, 6, 5, 4, 3}},
	} {
		if got := closed(row(tt.in...), 3).Pix[3*7 : 4*7]; !slices.Equal(got, tt.want) {
			t.Errorf("%s: closed(%v) = %v, want %v", tt.name, tt.in, got, tt.want)
		}
	}
}

// A form with a line of strokes from (300, 500), 4 px wide and 24 high, on A4 at
// 200 dpi.
func strokes(ground func(x, y int) float64) *image.Gray {
	img := raster.New(1654, 2339)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			v := 250 * ground(x, y)
			if y >= 500 && y < 524 && x >= 300 && x < 900 && x%16 < 4 {
				v *= .2
			}
			img.Pix[y*img.Stride+x] = uint8(v)
		}
	}
	return img
}

func TestGroundsAreMadeEven(t *testing.T) {
	within := func(r image.Rectangle, share float64) func(x, y int) float64 {
		return func(x, y int) float64 {
			if image.Pt(x, y).In(r) {
				return share
			}
			return 1
		}
	}
	for _, tt := range []struct {
		name   string
		ground func(x, y int) float64
		same   bool
	}{
		{"white", within(image.Rectangle{}, 1), true},
		{"uneven light", func(x, y int) float64 { return 1 - float64(x+y)/8000 }, true},
		{"marker over a half", within(image.Rect(280, 490, 600, 532), .7), false},
		{"marker with round ends", func(x, y int) float64 {
			if math.Hypot(float64(x-min(max(x, 320), 640)), float64(y-512)) < 24 {
				return .7
			}
			return 1
		}, false},
		{"a hard shadow", func(x, y int) float64 { return within(image.Rect(0, 0, 600, 1500), .35)(x+y/4, y) }, false},
		{"a soft shadow", func(x, _ int) float64 { return 1 - .6*min(max(float64(x-500)/60, 0), 1) }, false},
		{"a tinted cell", within(image.Rect(250, 460, 1000, 560), .8), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page := strokes(tt.ground)
			s := NewSheet(strokes(within(image.Rectangle{}, 1)), page, page, geom.Identity, nil)
			if (s.Page == page) != tt.same {
				t.Errorf("the same picture: %v, want %v", s.Page == page, tt.same)
			}
			if tt.same {
				return
			}
			for x := 304; x < 880; x += 16 {
				ink, paper := s.Page.GrayAt(x+2, 510).Y, s.Page.GrayAt(x+10, 510).Y
				if paper < 225 || float64(ink) > .4*float64(paper) {
					t.Errorf("at %d: ink %d on paper %d", x, ink, paper)
				}
			}
			for _, y := range []int{480, 495, 530} { // beside the strokes no line is left of an edge
				for x := 200; x < 1000; x++ {
					if v := s.Page.GrayAt(x, y).Y; v < 215 {
						t.Errorf("at %d, %d: %d", x, y, v)
					}
				}
			}
		})
	}
}

// What is filled in is no ground, and what is black hides what is under it.
func TestWhatIsFilledInIsNoGround(t *testing.T) {
	bars := func(x, y int) float64 {
		switch p := image.Pt(x, y); {
		case p.In(image.Rect(200, 800, 232, 832)): // a filled box
			return .3
		case p.In(image.Rect(400, 800, 900, 840)): // a bar over a line
			return .1
		case p.In(image.Rect(280, 490, 600, 532)): // marker
			return .7
		}
		return 1
	}
	page := strokes(bars)
	s := NewSheet(raster.New(1654, 2339), page, page, geom.Identity, nil)
	if v := s.Page.GrayAt(216, 816).Y; v > 100 {
		t.Errorf("the filled box is %d light", v)
	}
	if v := s.Page.GrayAt(600, 820).Y; v > 60 {
		t.Errorf("the bar is %d light", v)
	}
	for box, want := range map[geom.Box]float64{
		geom.XYWH(400, 800, 500, 40): 1,
		geom.XYWH(150, 800, 500, 40): .5,
		geom.XYWH(200, 800, 32, 32):  0,
		geom.XYWH(300, 490, 300, 40): 0,
	} {
		if got := s.Covered(box); math.Abs(got-want) > .1 {
			t.Errorf("Covered(%v) = %.2f, want %.2f", box, got, want)
		}
	}
}
