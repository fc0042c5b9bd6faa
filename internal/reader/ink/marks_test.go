package ink

import (
	"image"
	"maps"
	"testing"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

func TestMarksOfATemplate(t *testing.T) {
	boxes := []geom.Box{geom.XYWH(20, 20, 28, 28), geom.XYWH(120, 20, 28, 28), geom.XYWH(220, 20, 28, 28)}
	for _, tt := range []struct {
		name   string
		marked []int
		isCopy bool
		want   map[int]int
	}{
		{"a blank", nil, false, map[int]int{}},
		{"a blank of which one box is ticked", []int{1}, false, map[int]int{1: 0}},
		{"a blank with letters in its boxes", []int{0, 1, 2}, false, map[int]int{}},
		{"a copy", []int{0, 2}, true, map[int]int{0: 1, 2: 1}},
		{"a copy without an empty box", []int{0, 1, 2}, true, map[int]int{0: -1, 1: -1, 2: -1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			img := raster.New(300, 80)
			for i := range img.Pix {
				img.Pix[i] = 200 // the copy is gray
			}
			for i, b := range boxes {
				r := pixels(b)
				blacken(img, r)
				for y := r.Min.Y + 2; y < r.Max.Y-2; y++ {
					for x := r.Min.X + 2; x < r.Max.X-2; x++ {
						img.Pix[img.PixOffset(x, y)] = 200
					}
				}
				for _, k := range tt.marked {
					if k == i {
						blacken(img, image.Rect(r.Min.X+8, r.Min.Y+8, r.Max.X-8, r.Max.Y-8))
					}
				}
			}
			like := Marked(img, boxes, tt.isCopy)
			if !maps.Equal(like, tt.want) {
				t.Fatalf("Marked = %v, want %v", like, tt.want)
			}
			out := WithoutMarks(img, boxes, like)
			for i, b := range boxes {
				m := pixels(b).Min.Add(image.Pt(14, 14))
				empty, marked := like[i], img.GrayAt(m.X, m.Y).Y == 0
				_, known := like[i]
				if want := marked && (!known || empty < 0); (out.GrayAt(m.X, m.Y).Y == 0) != want {
					t.Errorf("box %d has a mark: %v, want %v", i, !want, want)
				}
			}
		})
	}
}
