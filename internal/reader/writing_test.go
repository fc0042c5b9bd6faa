package reader

import (
	"image"
	"testing"
)

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
			w := writing{ink: newPlane(5, 20), level: 50, pen: 200}
			for y := range 20 {
				copy(w.ink.at[5*y:], tt.stroke)
			}
			if got := w.softness(); got != tt.want {
				t.Errorf("softness = %v, want %v", got, tt.want)
			}
		})
	}
}
