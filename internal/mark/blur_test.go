package mark

import (
	"image"
	"math"
	"testing"

	"github.com/seosik/seosik/internal/raster"
)

// A dot out of focus is as dark as before all in all, and lies where it did.
func TestBlursKeepTheInk(t *testing.T) {
	const side = 41
	dot := newPlane(side, side)
	dot.at[side*(side/2)+side/2] = 1
	for k, l := range blurs {
		sum, x, y := 0.0, 0.0, 0.0
		for i, v := range l(dot).at {
			sum += float64(v)
			x += float64(v) * float64(i%side-side/2)
			y += float64(v) * float64(i/side-side/2)
		}
		if math.Abs(sum-1) > 1e-3 || math.Hypot(x, y) > .6 {
			t.Errorf("blur %d: ink %.4f, its middle at (%.2f, %.2f)", k, sum, x, y)
		}
	}
}

// Out of focus a ring that lies right on the frame looks like print that is darker
// than that of the other boxes: that it is none is not sure.
func TestARingOnTheFrameOutOfFocus(t *testing.T) {
	blank, box := frame()
	var crops []Crop
	for i := range 4 {
		page := raster.New(60, 60)
		fill(page, box, 140) // paler than on the template
		if i == 1 {
			fill(page, box.Inset(-2), 30)
		}
		fill(page, box.Inset(2), raster.Paper)
		crops = append(crops, Crop{Filled: outOfFocus(page, 3), Blank: blank, Box: box})
	}
	for i, m := range Checkboxes(crops) {
		if sure := !m.Checked && m.Probability >= .9; !m.Blurred || sure != (i != 1) {
			t.Errorf("box %d: %+v", i, m)
		}
	}
}

// outOfFocus returns img with each pixel the mean of those within r px.
func outOfFocus(img *image.Gray, r int) *image.Gray {
	out := raster.New(img.Rect.Dx(), img.Rect.Dy())
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			sum, n := 0, 0
			for v := max(0, y-r); v <= min(img.Rect.Dy()-1, y+r); v++ {
				for u := max(0, x-r); u <= min(img.Rect.Dx()-1, x+r); u++ {
					if (u-x)*(u-x)+(v-y)*(v-y) <= r*r {
						sum, n = sum+int(img.Pix[v*img.Stride+u]), n+1
					}
				}
			}
			out.Pix[y*out.Stride+x] = uint8(sum / n)
		}
	}
	return out
}
