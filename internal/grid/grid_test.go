package grid

import (
	"image"
	"image/color"
	"image/draw"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A drawing is a page of 1400 by 2000 px with black lines of 3 px.
type drawing struct{ *image.Gray }

func newDrawing() drawing {
	d := drawing{image.NewGray(image.Rect(0, 0, 1400, 2000))}
	d.fill(d.Rect, 240)
	return d
}

func (d drawing) fill(r image.Rectangle, gray uint8) {
	draw.Draw(d, r, image.NewUniform(color.Gray{Y: gray}), image.Point{}, draw.Src)
}

func (d drawing) across(y, from, to int) { d.fill(image.Rect(from-1, y-1, to+2, y+2), 30) }
func (d drawing) down(x, from, to int)   { d.fill(image.Rect(x-1, from-1, x+2, to+2), 30) }

// lattice draws all lines of a table.
func (d drawing) lattice(xs, ys []int) {
	for _, y := range ys {
		d.across(y, xs[0], xs[len(xs)-1])
	}
	for _, x := range xs {
		d.down(x, ys[0], ys[len(ys)-1])
	}
}

// A place is where a cell is.
type place struct{ Row, Column, RowSpan, ColumnSpan int }

func places(t Table) (list []place) {
	for _, c := range t.Cells {
		list = append(list, place{c.Row, c.Column, c.RowSpan, c.ColumnSpan})
	}
	return list
}

func TestFind(t *testing.T) {
	xs, ys := []int{100, 400, 700, 1000}, []int{200, 280, 360}
	all := []place{{0, 0, 1, 1}, {0, 1, 1, 1}, {0, 2, 1, 1}, {1, 0, 1, 1}, {1, 1, 1, 1}, {1, 2, 1, 1}}
	for _, tt := range []struct {
		name string
		draw func(drawing)
		want [][]place
	}{
		{"nothing", func(drawing) {}, nil},
		{"all lines", func(d drawing) { d.lattice(xs, ys) }, [][]place{all}},
		{"a box is no table", func(d drawing) { d.lattice([]int{100, 800}, ys[:2]) }, nil},
		{"one row", func(d drawing) { d.lattice(xs, ys[:2]) }, [][]place{all[:3]}},
		{"two tables", func(d drawing) {
			d.lattice(xs, []int{1200, 1280, 1360})
			d.lattice(xs, ys[:2])
		}, [][]place{all[:3], all}},
		{"column span", func(d drawing) {
			d.lattice(xs, ys)
			d.fill(image.Rect(395, 205, 405, 275), 240)
		}, [][]place{{{0, 0, 1, 2}, {0, 2, 1, 1}, {1, 0, 1, 1}, {1, 1, 1, 1}, {1, 2, 1, 1}}}},
		{"row span", func(d drawing) {
			d.lattice(xs, ys)
			d.fill(image.Rect(105, 275, 395, 285), 240)
		}, [][]place{{{0, 0, 2, 1}, {0, 1, 1, 1}, {0, 2, 1, 1}, {1, 1, 1, 1}, {1, 2, 1, 1}}}},
		{"open sides", func(d drawing) {
			d.lattice(xs, ys)
			d.fill(image.Rect(95, 203, 105, 278), 240)
			d.fill(image.Rect(95, 283, 105, 358), 240)
		}, [][]place{all}},
		{"gray heading", func(d drawing) {
			d.fill(image.Rect(100, 200, 1000, 280), 200)
			d.lattice(xs, ys)
		}, [][]place{all}},
		{"gray bars without lines", func(d drawing) {
			d.fill(image.Rect(100, 200, 1000, 280), 150)
			d.fill(image.Rect(100, 300, 1000, 380), 150)
		}, nil},
		{"an underlined text", func(d drawing) { d.across(300, 100, 900) }, nil},
		{"beside the table", func(d drawing) { // the second row is shorter
			d.lattice(xs, ys[:2])
			d.lattice(xs[:3], ys)
		}, [][]place{{{0, 0, 1, 1}, {0, 1, 1, 1}, {0, 2, 1, 1}, {1, 0, 1, 1}, {1, 1, 1, 1}}}},
		{"askew by half a degree", func(d drawing) {
			for _, y := range ys {
				for x := 100; x <= 1000; x++ {
					d.fill(image.Rect(x, y+x/120-1, x+1, y+x/120+2), 30)
				}
			}
			for _, x := range xs {
				d.down(x, 205, 365)
			}
		}, [][]place{all}},
		{"writing in it", func(d drawing) {
			d.lattice(xs, ys)
			for x := 120; x < 980; x += 35 { // strokes that end before the lines
				d.fill(image.Rect(x, 225, x+4, 255), 30)
				d.fill(image.Rect(x, 310, x+25, 314), 30)
			}
		}, [][]place{all}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDrawing()
			tt.draw(d)
			tables, _ := Find(d.Gray)
			var got [][]place
			for _, table := range tables {
				got = append(got, places(table))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("tables (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFindWhere(t *testing.T) {
	d := newDrawing()
	d.lattice([]int{100, 400, 700}, []int{200, 280})
	tables, rules := Find(d.Gray)
	if len(tables) != 1 {
		t.Fatalf("%d tables, want 1", len(tables))
	}
	near := func(got, want image.Rectangle) bool {
		for _, d := range []int{got.Min.X - want.Min.X, got.Min.Y - want.Min.Y, got.Max.X - want.Max.X, got.Max.Y - want.Max.Y} {
			if d < -2 || d > 2 {
				return false
			}
		}
		return true
	}
	if want := image.Rect(100, 200, 700, 280); !near(tables[0].Box, want) {
		t.Errorf("box %v, want %v", tables[0].Box, want)
	}
	if want := image.Rect(400, 200, 700, 280); !near(tables[0].Cells[1].Box, want) {
		t.Errorf("second cell %v, want %v", tables[0].Cells[1].Box, want)
	}
	for _, tt := range []struct {
		x, y int
		want bool
	}{{250, 200, true}, {400, 240, true}, {250, 240, false}, {50, 50, false}} {
		if got := rules[tt.y*1400+tt.x]; got != tt.want {
			t.Errorf("rule at (%d, %d): %v, want %v", tt.x, tt.y, got, tt.want)
		}
	}
}

// What comes from outside must not end the program.
func TestFindSmall(t *testing.T) {
	for _, size := range []image.Point{{X: 10, Y: 10}, {X: 10, Y: 8000}, {X: 8000, Y: 10}} {
		img := image.NewGray(image.Rectangle{Max: size})
		for i := range img.Pix {
			img.Pix[i] = uint8(i * 37 % 256)
		}
		Find(img)
		Find(image.NewGray(img.Rect))
	}
}

func BenchmarkFind(b *testing.B) {
	d := newDrawing()
	d.lattice([]int{100, 400, 700, 1000, 1300}, []int{200, 280, 360, 440, 520, 600, 1000, 1900})
	for b.Loop() {
		Find(d.Gray)
	}
}
