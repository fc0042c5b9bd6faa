package mark

import (
	"image"
	"image/draw"
	"math/rand/v2"
	"testing"

	drawn "github.com/seosik/seosik/internal/mark/draw"
	"github.com/seosik/seosik/internal/raster"
)

// frame returns a white 60x60 picture with a box printed around (16, 16) to
// (44, 44).
func frame() (*image.Gray, image.Rectangle) {
	img := raster.New(60, 60)
	box := image.Rect(16, 16, 44, 44)
	fill(img, box, 40)
	fill(img, box.Inset(2), raster.Paper)
	return img, box
}

func fill(img *image.Gray, r image.Rectangle, v uint8) {
	draw.Draw(img, r, image.NewUniform(grayOf(v)), image.Point{}, draw.Src)
}

func TestCheckbox(t *testing.T) {
	blank, box := frame()
	for _, tt := range []struct {
		name string
		ink  []image.Rectangle
		want bool
	}{
		{"nothing", nil, false},
		{"filled", []image.Rectangle{box}, true},
		{"filled with a gap", []image.Rectangle{box.Inset(6)}, true},
		{"dash", []image.Rectangle{image.Rect(20, 28, 40, 31)}, true},
		{"upright", []image.Rectangle{image.Rect(28, 10, 31, 50)}, true},
		{"speck", []image.Rectangle{image.Rect(24, 24, 26, 26)}, false},
		{"writing beside it", []image.Rectangle{image.Rect(52, 10, 55, 50)}, false},
		{"writing below it", []image.Rectangle{image.Rect(5, 52, 55, 55)}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			filled, _ := frame()
			for _, r := range tt.ink {
				fill(filled, r, 60)
			}
			if m := Checkbox(filled, blank, box); m.Checked != tt.want {
				t.Errorf("Checkbox = %+v, want checked %v", m, tt.want)
			}
		})
	}
}

// A mark in a box that stands close by is no mark in this one.
func TestCheckboxBesideAMarkedOne(t *testing.T) {
	for _, gap := range []int{4, 8, 12} {
		draw := func() (*image.Gray, image.Rectangle, image.Rectangle) {
			img := raster.New(120, 60)
			box := image.Rect(16, 16, 44, 44)
			other := box.Add(image.Pt(28+gap, 0))
			for _, b := range []image.Rectangle{box, other} {
				fill(img, b, 40)
				fill(img, b.Inset(2), raster.Paper)
			}
			return img, box, other
		}
		blank, box, other := draw()
		filled, _, _ := draw()
		fill(filled, other.Inset(-2), 60)
		if m := Checkbox(filled, blank, box, other); m.Checked || m.Probability < .9 {
			t.Errorf("gap %d: %+v, want unchecked", gap, m)
		}
		if m := Checkbox(filled, blank, other, box); !m.Checked || m.Probability < .9 {
			t.Errorf("gap %d: the marked one is %+v", gap, m)
		}
	}
}

// The print of a box may be much paler on the template than on the page.
func TestCheckboxPaleOnTheTemplate(t *testing.T) {
	page, box := frame()
	pale := raster.New(60, 60)
	for i, v := range page.Pix {
		pale.Pix[i] = 255 - (255-v)/10
	}
	if m := Checkbox(page, pale, box); m.Checked || m.Probability < .9 {
		t.Errorf("Checkbox = %+v, want unchecked", m)
	}
}

func TestCheckboxBlankIsUnchecked(t *testing.T) {
	for i := range uint64(30) {
		c := drawn.NewCheckbox(rand.New(rand.NewPCG(1, i)), drawn.Nothing)
		if m := Checkbox(c.Blank, c.Blank, c.Box); m.Checked || m.Ink != 0 {
			t.Errorf("box %d: the blank form against itself is %+v", i, m)
		}
	}
}

func TestCheckboxMoved(t *testing.T) {
	for i := range uint64(30) {
		c := drawn.NewCheckbox(rand.New(rand.NewPCG(2, i)), drawn.Hand(i%uint64(drawn.Hands)))
		want := Checkbox(c.Filled, c.Blank, c.Box)
		got := Checkbox(moved(c.Filled), moved(c.Blank), c.Box.Add(image.Pt(3, 2)))
		if got != want {
			t.Errorf("box %d: %+v after a move of both crops, %+v before", i, got, want)
		}
	}
}

// moved returns img on larger paper, 3 px to the right and 2 px down.
func moved(img *image.Gray) *image.Gray {
	out := raster.New(img.Rect.Dx()+6, img.Rect.Dy()+5)
	fill(out, out.Rect, img.Pix[0])
	draw.Draw(out, img.Rect.Add(image.Pt(3, 2)), img, image.Point{}, draw.Src)
	return out
}

// TestCheckboxHands draws every kind of mark on bad copies. A floor only rises.
func TestCheckboxHands(t *testing.T) {
	floors := map[drawn.Hand]float64{drawn.Ring: .88, drawn.Dot: .9, drawn.Line: .93, drawn.Nothing: .98, drawn.Overhang: .98}
	var calibration reliability
	for hand := range drawn.Hands {
		const n = 60
		right := 0
		for i := range uint64(n) {
			c := drawn.NewCheckbox(rand.New(rand.NewPCG(3, i*uint64(drawn.Hands)+uint64(hand))), hand)
			m := Checkbox(c.Filled, c.Blank, c.Box)
			if m.Checked == hand.Checked() {
				right++
			}
			calibration.add(m.Probability, m.Checked == hand.Checked())
		}
		floor, ok := floors[hand]
		if !ok {
			floor = .95
		}
		if share := float64(right) / n; share < floor {
			t.Errorf("%s: %.3f right, want at least %.3f", hand, share, floor)
		}
	}
	if e := calibration.expectedError(); e > .03 {
		t.Errorf("expected calibration error %.3f, want at most .03", e)
	}
}

func BenchmarkCheckbox(b *testing.B) {
	c := drawn.NewCheckbox(rand.New(rand.NewPCG(1, 1)), drawn.Tick)
	for b.Loop() {
		Checkbox(c.Filled, c.Blank, c.Box)
	}
}
