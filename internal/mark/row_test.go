package mark

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	drawn "github.com/seosik/seosik/internal/mark/draw"
	"github.com/seosik/seosik/internal/raster"
)

func grayOf(v uint8) color.Gray { return color.Gray{Y: v} }

// joined returns a picture of three joined boxes.
func joined() (*image.Gray, []image.Rectangle) {
	img := raster.New(150, 74)
	var boxes []image.Rectangle
	for i := range 3 {
		box := image.Rect(12+42*i, 12, 12+42*i+44, 62)
		fill(img, box, 30)
		boxes = append(boxes, box)
	}
	for _, b := range boxes {
		fill(img, b.Inset(2), raster.Paper)
	}
	return img, boxes
}

func TestRow(t *testing.T) {
	blank, boxes := joined()
	bar := image.Rect(30, 20, 34, 54) // upright, in the first box
	for _, tt := range []struct {
		name  string
		ink   []image.Rectangle
		blank [3]bool
	}{
		{"nothing", nil, [3]bool{true, true, true}},
		{"first", []image.Rectangle{bar}, [3]bool{false, true, true}},
		{"last", []image.Rectangle{bar.Add(image.Pt(84, 0))}, [3]bool{true, true, false}},
		{"specks", []image.Rectangle{image.Rect(30, 30, 33, 33), image.Rect(80, 40, 82, 43)}, [3]bool{true, true, true}},
		{"overhang", []image.Rectangle{image.Rect(22, 36, 62, 40)}, [3]bool{false, true, true}},
		{"outside", []image.Rectangle{image.Rect(20, 2, 60, 5)}, [3]bool{true, true, true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			filled, _ := joined()
			for _, r := range tt.ink {
				fill(filled, r, 70)
			}
			for i, c := range Row(filled, blank, boxes) {
				if c.Blank != tt.blank[i] {
					t.Errorf("box %d: blank %v, want %v", i, c.Blank, tt.blank[i])
				}
				if c.Blank != (c.Glyph == nil) {
					t.Errorf("box %d: blank %v with glyph %v", i, c.Blank, c.Glyph != nil)
				}
			}
		})
	}
}

// TestRowCrossing draws a stroke across the frame: it must come out whole,
// and the frame must not.
func TestRowCrossing(t *testing.T) {
	blank, boxes := joined()
	for _, off := range []image.Point{{}, {1, 0}, {-1, 1}, {2, -1}} {
		filled := raster.New(150, 74)
		print, _ := joined()
		for y := range 74 {
			for x := range 150 {
				if p := image.Pt(x, y).Sub(off); p.In(print.Rect) {
					filled.SetGray(x, y, print.GrayAt(p.X, p.Y))
				}
			}
		}
		stroke := image.Rect(30, 50, 34, 70).Add(off) // over the lower line
		fill(filled, stroke, 80)
		c := Row(filled, blank, boxes)[0]
		if c.Blank {
			t.Errorf("off %v: blank", off)
			continue
		}
		got := ink(c.Glyph).Add(c.At)
		if d := max(abs(got.Min.X-stroke.Min.X), abs(got.Max.X-stroke.Max.X), abs(got.Min.Y-stroke.Min.Y), abs(got.Max.Y-stroke.Max.Y)); d > 1 {
			t.Errorf("off %v: the ink is at %v, want about %v", off, got, stroke)
		}
	}
}

func abs(v int) int { return max(v, -v) }

// ink returns the box around what is dark.
func ink(img *image.Gray) image.Rectangle {
	var box image.Rectangle
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if img.GrayAt(x, y).Y < 160 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

func TestRowBlankIsBlank(t *testing.T) {
	for i := range uint64(20) {
		row := drawn.NewRow(rand.New(rand.NewPCG(1, i)), make([]drawn.Character, 5))
		for k, c := range Row(row.Blank, row.Blank, row.Boxes) {
			if !c.Blank {
				t.Errorf("row %d: box %d of the blank form against itself is not blank", i, k)
			}
		}
	}
}

func TestRowMoved(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for range 10 {
		row := drawn.NewRow(r, bars(r, 4))
		var boxes []image.Rectangle
		for _, b := range row.Boxes {
			boxes = append(boxes, b.Add(image.Pt(3, 2)))
		}
		before, after := Row(row.Filled, row.Blank, row.Boxes), Row(moved(row.Filled), moved(row.Blank), boxes)
		for i, c := range before {
			d := after[i]
			if c.Blank != d.Blank || c.Ink != d.Ink || !c.Blank && (c.At.Add(image.Pt(3, 2)) != d.At || c.Glyph.Rect != d.Glyph.Rect) {
				t.Errorf("box %d: another cell after a move of both crops", i)
			}
		}
	}
}

// bars returns upright bars to write, the second box empty.
func bars(r *rand.Rand, n int) []drawn.Character {
	pix := make([]uint8, 40*40)
	for y := 4; y < 36; y++ {
		for x := 17; x < 22; x++ {
			pix[40*y+x] = 255
		}
	}
	out := make([]drawn.Character, n)
	for i := range out {
		if i != 1 {
			out[i] = drawn.Character{Glyph: drawn.Tight(pix, 40), Loose: r.Float64()}
		}
	}
	return out
}

// TestRowCopies writes bars on bad copies: which boxes are empty is known all
// the same.
func TestRowCopies(t *testing.T) {
	wrong, n := 0, 0
	for i := range uint64(80) {
		r := rand.New(rand.NewPCG(5, i))
		row := drawn.NewRow(r, bars(r, 5))
		for k, c := range Row(row.Filled, row.Blank, row.Boxes) {
			n++
			if c.Blank != (k == 1) {
				wrong++
			}
		}
	}
	if share := float64(wrong) / float64(n); share > .02 {
		t.Errorf("%d of %d boxes wrongly empty or not, want at most .02", wrong, n)
	}
}

func TestRowOfNothing(t *testing.T) {
	blank, _ := joined()
	if got := Row(blank, blank, nil); got != nil {
		t.Errorf("Row without boxes = %v, want nil", got)
	}
	outside := []image.Rectangle{image.Rect(-60, -60, -20, -20), image.Rect(500, 10, 540, 60), {}}
	for i, c := range Row(blank, raster.New(5, 5), outside) {
		if !c.Blank {
			t.Errorf("box %d outside the crop is not blank", i)
		}
	}
	if m := Checkbox(blank, blank, image.Rect(400, 400, 428, 428)); m.Checked {
		t.Errorf("a checkbox outside the crop is %+v", m)
	}
}

func TestNormalize(t *testing.T) {
	img := raster.New(30, 50)
	fill(img, image.Rect(3, 5, 23, 45), 0) // 20x40: 10x20 when scaled
	p := Normalize(img)
	sum, cx, cy := 0.0, 0.0, 0.0
	for i, v := range p {
		sum += float64(v)
		cx += float64(v) * (float64(i%28) + .5)
		cy += float64(v) * (float64(i/28) + .5)
	}
	if math.Abs(sum-200) > 12 {
		t.Errorf("mass %v, want about 10x20", sum)
	}
	if math.Abs(cx/sum-14) > .05 || math.Abs(cy/sum-14) > .05 {
		t.Errorf("centre (%v, %v), want the middle", cx/sum, cy/sum)
	}
	for i, v := range Normalize(raster.New(4, 4)) {
		if v != 0 {
			t.Fatalf("pixel %d of white paper is %v", i, v)
		}
	}
}

func TestSymbol(t *testing.T) {
	var s Symbol
	s[0], s['O'-'A'+10], s[len(Alphabet)] = .4, .5, .1 // a round thing
	if c, p := s.Best(); c != 'O' || p != .5 {
		t.Errorf("Best = %c, %v, want O, .5", c, p)
	}
	if c, p := s.Only(Digits).Best(); c != '0' || math.Abs(p-.8) > 1e-9 {
		t.Errorf("Best among digits = %c, %v, want 0, .8", c, p)
	}
	if got := (Symbol{}).Only("5").Other(); got != 1 {
		t.Errorf("Other of nothing = %v, want 1", got)
	}
	if c, _ := (Symbol{len(Alphabet): 1}).Best(); c != 0 {
		t.Errorf("Best of something else = %c, want 0", c)
	}
	if got := s.Of('?'); got != 0 {
		t.Errorf("Of a character that is not told apart = %v, want 0", got)
	}
}

func TestReadBars(t *testing.T) {
	img := raster.New(20, 40)
	fill(img, image.Rect(9, 4, 12, 36), 20)
	if c, p := Read(img).Only(Digits).Best(); c != '1' || p < .7 {
		t.Errorf("an upright bar reads as %c, %.2f, want 1", c, p)
	}
	img = raster.New(40, 40)
	fill(img, image.Rect(6, 18, 34, 22), 20)
	if s := Read(img); s.Other() < .5 {
		t.Errorf("a dash is something else with %.2f, want more than .5", s.Other())
	}
}

func BenchmarkRow(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	row := drawn.NewRow(r, bars(r, 8))
	for b.Loop() {
		for _, c := range Row(row.Filled, row.Blank, row.Boxes) {
			if !c.Blank {
				Read(c.Glyph)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(8*b.N), "ns/cell")
}
