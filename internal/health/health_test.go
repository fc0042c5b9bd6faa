package health

import (
	"image"
	"image/color"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/geom"
)

// cell returns a blank with a ruled cell from 100, 100 to 500, 160, some print in
// it from 440 on, and a line 30 px below it.
func cell() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 600, 300))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	fill := func(x0, y0, x1, y1 int) {
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				img.SetGray(x, y, color.Gray{})
			}
		}
	}
	for _, y := range []int{100, 160, 190} {
		fill(100, y, 502, y+2)
	}
	fill(100, 100, 102, 160)
	fill(500, 100, 502, 160)
	fill(440, 120, 470, 140)
	return img
}

// pages returns the same writing on so many pages.
func pages(n int, b geom.Box) (list []geom.Box) {
	for range n {
		list = append(list, b)
	}
	return list
}

func TestBetter(t *testing.T) {
	line := geom.XYWH(120, 112, 200, 36) // what people write
	for _, tt := range []struct {
		name    string
		box     geom.Box
		writing []geom.Box
		others  []geom.Box
		want    geom.Box // empty for none
	}{
		{"holds it", geom.XYWH(104, 104, 330, 52), pages(20, line), nil, geom.Box{}},
		{"too narrow: to the next print", geom.XYWH(104, 104, 100, 52), pages(20, line), nil, geom.XYWH(104, 104, 333, 52)},
		{"too narrow: to the next box", geom.XYWH(104, 104, 100, 52), pages(20, line), []geom.Box{geom.XYWH(400, 104, 50, 52)}, geom.XYWH(104, 104, 293, 52)},
		{"too low", geom.XYWH(104, 104, 330, 25), pages(20, line), nil, geom.XYWH(104, 104, 330, 53)},
		{"shifted down, over the line", geom.XYWH(104, 130, 330, 52), pages(20, line), nil, geom.XYWH(104, 104, 330, 53)},
		{"on too few pages", geom.XYWH(104, 104, 100, 52), append(pages(4, line), pages(16, geom.XYWH(120, 112, 50, 36))...), nil, geom.Box{}},
		{"writing over the line is no reason to go there", geom.XYWH(104, 104, 330, 52), pages(20, geom.XYWH(120, 112, 200, 60)), nil, geom.Box{}},
		{"open paper: no further than the writing", geom.XYWH(20, 220, 100, 20), pages(20, geom.XYWH(30, 225, 200, 10)), nil, geom.XYWH(20, 220, 216, 20)},
		{"never off the template", geom.XYWH(20, 262, 100, 20), pages(20, geom.XYWH(30, 270, 50, 28)), nil, geom.XYWH(20, 262, 100, 38)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := Field{Blank: cell(), Unit: 1, Box: tt.box, Others: tt.others, Writing: tt.writing}
			got, ok := f.Better()
			if ok != !tt.want.Empty() {
				t.Fatalf("Better() = %v, %v", got, ok)
			}
			if ok {
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestBetterHoldsWhatIsUsual(t *testing.T) {
	writing := append(pages(39, geom.XYWH(30, 225, 200, 10)), geom.XYWH(30, 225, 500, 10)) // one goes on and on
	f := Field{Blank: cell(), Unit: 1, Box: geom.XYWH(20, 220, 100, 20), Writing: writing}
	if got, ok := f.Better(); !ok || got.Max.X != 236 {
		t.Errorf("Better() = %v, %v", got, ok)
	}
}

func TestCandidates(t *testing.T) {
	f := Field{Blank: cell(), Unit: 1, Box: geom.XYWH(104, 130, 330, 52), Writing: pages(2, geom.XYWH(120, 112, 200, 36))}
	if _, ok := f.Better(); ok {
		t.Error("a box is proposed for two pages")
	}
	want := []geom.Box{
		geom.XYWH(104, 104, 330, 53), // within its cell
		geom.XYWH(104, 106, 330, 76), // grown
	}
	if diff := cmp.Diff(want, f.Candidates()); diff != "" {
		t.Error(diff)
	}
	f.Box = geom.XYWH(104, 104, 330, 52)
	if got := f.Candidates(); len(got) != 0 {
		t.Errorf("candidates %v where nothing is cut", got)
	}
}

func TestTouches(t *testing.T) {
	box := geom.XYWH(10, 10, 100, 20)
	for _, tt := range []struct {
		name    string
		writing geom.Box
		want    bool
	}{
		{"nothing", geom.Box{}, false},
		{"inside", geom.XYWH(20, 15, 50, 10), false},
		{"at the border", geom.XYWH(20, 15, 89.5, 10), true},
		{"over it", geom.XYWH(20, 5, 50, 20), true},
	} {
		if got := Touches(box, tt.writing, 1); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
