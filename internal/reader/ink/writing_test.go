package ink

import (
	"image"
	"image/color"
	"testing"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// drawn returns a form with lines across it, and a copy of it that draw has
// filled in.
func drawn(draw func(img *image.Gray)) *Sheet {
	blank := raster.New(1654, 2339)
	for _, y := range []int{200, 300, 400, 500} {
		blacken(blank, image.Rect(100, y, 1100, y+2))
	}
	page := raster.New(1654, 2339)
	copy(page.Pix, blank.Pix)
	draw(page)
	return &Sheet{Blank: blank, Page: page, Inked: page, Lines: page, TemplateToPage: geom.Identity}
}

func blacken(img *image.Gray, r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.SetGray(x, y, color.Gray{})
		}
	}
}

func boxOf(r image.Rectangle) geom.Box {
	return geom.XYWH(float64(r.Min.X), float64(r.Min.Y), float64(r.Dx()), float64(r.Dy()))
}

func TestWritingLeavesPrintAndNeighboursOut(t *testing.T) {
	for _, tt := range []struct {
		name string
		draw func(img *image.Gray)
		want image.Rectangle // the ink, page px; empty for none
	}{
		{"nothing", func(*image.Gray) {}, image.Rectangle{}},
		{"print moved by two pixels", func(img *image.Gray) {
			for _, y := range []int{300, 400} {
				for x := 100; x < 1100; x++ {
					img.SetGray(x, y, color.Gray{255})
					img.SetGray(x, y+1, color.Gray{255})
				}
				blacken(img, image.Rect(100, y+2, 1100, y+4))
			}
		}, image.Rectangle{}},
		{"a stroke over the line is whole", func(img *image.Gray) {
			blacken(img, image.Rect(500, 340, 508, 410))
		}, image.Rect(500, 340, 508, 410)},
		{"a neighbour's stroke", func(img *image.Gray) { blacken(img, image.Rect(500, 395, 508, 450)) }, image.Rectangle{}},
		{"specks", func(img *image.Gray) {
			blacken(img, image.Rect(700, 350, 702, 352))
			blacken(img, image.Rect(800, 320, 803, 323))
		}, image.Rectangle{}},
		{"a dot behind a word stays, a speck before it goes", func(img *image.Gray) {
			blacken(img, image.Rect(500, 330, 530, 370))
			blacken(img, image.Rect(540, 365, 544, 369))
			blacken(img, image.Rect(480, 350, 484, 354))
		}, image.Rect(500, 330, 544, 370)},
		{"a point where letters leave the field", func(img *image.Gray) {
			blacken(img, image.Rect(500, 360, 530, 412))
			blacken(img, image.Rect(536, 406, 541, 411))
			blacken(img, image.Rect(548, 360, 578, 412))
		}, image.Rect(500, 360, 578, 412)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := drawn(tt.draw)
			w := s.Window(s.Page, geom.XYWH(100, 300, 1000, 100), 12)
			got := w.Writing(nil)
			if tt.want.Empty() {
				if got.Area != 0 {
					t.Errorf("ink of %d px at %v, want none", got.Area, got.Bounds)
				}
				return
			}
			where := w.ToPage.ApplyQuad(boxOf(got.Bounds).Quad()).Bounds()
			want := boxOf(tt.want)
			if where.Min.Distance(want.Min) > 2 || where.Max.Distance(want.Max) > 2 {
				t.Errorf("ink at %v, want %v", where, want)
			}
		})
	}
}

func TestSpread(t *testing.T) {
	for _, tt := range []struct {
		name  string
		wider int // px to each side that the print is wider on the page
		want  int
	}{
		{"as drawn", 0, 0},
		{"a little wider", 1, 1},
		{"more than is believed", 5, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			print, filled := newMask(100, 60), newPlane(100, 60)
			for y := range 60 {
				for x := range 100 {
					print.at[y*100+x] = x == 50 || x == 51
					onLine := x >= 50-tt.wider && x < 52+tt.wider
					stroke := y >= 20 && y < 24 && x >= 40 // a stroke that crosses it
					if onLine || stroke {
						filled.at[y*100+x] = 255
					}
				}
			}
			got := print.spread(filled, 100, 2)
			if want := print.grow(tt.want); !equalMasks(got, want) {
				t.Errorf("spread is not %d px", tt.want)
			}
			ink := got.takenFrom(filled, 100)
			if !ink.at[22*100+50] {
				t.Error("the stroke is cut")
			}
			if tt.wider <= 2 && ink.at[40*100+50] {
				t.Error("print is left")
			}
		})
	}
}

func equalMasks(a, b mask) bool {
	for i := range a.at {
		if a.at[i] != b.at[i] {
			return false
		}
	}
	return true
}

func TestBelongs(t *testing.T) {
	big := []image.Rectangle{image.Rect(100, 100, 120, 130)}
	for _, tt := range []struct {
		name string
		r    image.Rectangle
		dash bool
		want bool
	}{
		{"a point behind", image.Rect(124, 126, 128, 130), false, true},
		{"a comma that hangs below the line", image.Rect(124, 133, 130, 148), false, true},
		{"a speck below", image.Rect(124, 138, 128, 142), false, false},
		{"a speck above", image.Rect(124, 90, 128, 94), false, false},
		{"a speck before", image.Rect(92, 114, 95, 117), false, false},
		{"a minus before", image.Rect(88, 114, 96, 117), true, true},
		{"a line below", image.Rect(88, 128, 96, 130), true, false},
		{"far away", image.Rect(20, 114, 28, 117), true, false},
	} {
		if got := belongs(tt.r, tt.dash, big, 30); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestSoftness(t *testing.T) {
	for _, tt := range []struct {
		name   string
		stroke []uint8 // darkness across a stroke
		want   float64
	}{
		{"sharp", []uint8{0, 200, 200, 200, 0}, 0},
		{"soft edges", []uint8{100, 200, 200, 100, 0}, .5},
		{"blurred away", []uint8{60, 100, 200, 100, 60}, .8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := penned{Writing: Writing{Pen: 200}, ink: newPlane(5, 20), level: 50}
			for y := range 20 {
				copy(w.ink.at[5*y:], tt.stroke)
			}
			if got := w.softness(); got != tt.want {
				t.Errorf("softness = %v, want %v", got, tt.want)
			}
		})
	}
}

// People write points low: between two characters they are points all the same.
func TestBelongsBetweenTwo(t *testing.T) {
	big := []image.Rectangle{image.Rect(0, 0, 20, 30), image.Rect(30, 0, 50, 30)}
	const line = 30
	for _, tt := range []struct {
		name string
		dot  image.Rectangle
		want bool
	}{
		{"in the gap", image.Rect(23, 42, 27, 46), true},
		{"too low", image.Rect(23, 46, 27, 50), false},
		{"under a character", image.Rect(8, 42, 12, 46), false},
		{"behind the last one", image.Rect(53, 42, 57, 46), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := belongs(tt.dot, false, big, line); got != tt.want {
				t.Errorf("belongs = %v", got)
			}
		})
	}
}
