package register

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/sample/demo"
)

// sample returns the template of the demo and its picture.
func sample(t testing.TB) (*form.Template, *image.Gray) {
	t.Helper()
	set := demo.Load()
	f, err := form.DecodeTemplate(set.Template)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(set.Picture))
	if err != nil {
		t.Fatal(err)
	}
	gray := image.NewGray(image.Rect(0, 0, f.Width, f.Height))
	draw.Draw(gray, gray.Rect, img, img.Bounds().Min, draw.Src)
	return f, gray
}

// far returns how far the sides of two boxes are apart at most.
func far(a, b geom.Box) float64 {
	return max(math.Abs(a.Min.X-b.Min.X), math.Abs(a.Min.Y-b.Min.Y), math.Abs(a.Max.X-b.Max.X), math.Abs(a.Max.Y-b.Max.Y))
}

// check compares moved with t as carry moves its boxes.
func check(t *testing.T, f, moved *form.Template, within float64, carry func(geom.Box) geom.Box) {
	t.Helper()
	was, is := f.Places(), moved.Places()
	for i := range was {
		if d := far(is[i].Box, carry(was[i].Box)); d > within {
			t.Errorf("%s is %.1f px off: %v, want %v", was[i].Name, d, is[i].Box, carry(was[i].Box))
		}
		if was[i].ID != is[i].ID {
			t.Errorf("%s has another id", was[i].Name)
		}
		for k := range was[i].Boxes {
			if d := far(is[i].Boxes[k], carry(was[i].Boxes[k])); d > within {
				t.Errorf("box %d of %s is %.1f px off", k, was[i].Name, d)
			}
		}
	}
}

func TestAFormIsScannedAnew(t *testing.T) {
	f, gray := sample(t)
	for name, toAfter := range map[string]geom.Homography{
		"the same":   geom.Identity,
		"shifted":    geom.Shift(geom.Point{X: 23, Y: -17}),
		"at 300 dpi": geom.Scale(1.5, 1.5),
		"at 120 dpi": geom.Scale(.6, .6),
		"stretched":  geom.Scale(1.02, .98),
	} {
		t.Run(name, func(t *testing.T) {
			back, err := toAfter.Inverse()
			if err != nil {
				t.Fatal(err)
			}
			size := toAfter.Apply(geom.Point{X: float64(f.Width), Y: float64(f.Height)})
			after := raster.Warp(gray, back, int(size.X), int(size.Y))
			began := time.Now()
			moved, strays, err := Move(f, gray, after)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d places in %v", len(f.Places()), time.Since(began))
			if len(strays) > 0 {
				t.Errorf("strays: %+v", strays)
			}
			if moved.Width != after.Rect.Dx() || moved.Height != after.Rect.Dy() {
				t.Errorf("%d x %d px", moved.Width, moved.Height)
			}
			check(t, f, moved, 1.5, func(b geom.Box) geom.Box { return placed{at: toAfter}.box(b) })
		})
	}
}

// In an edition of the form in which a part lies lower, its fields do too, and that
// is told.
func TestPrintThatMovesTakesItsFieldsAlong(t *testing.T) {
	f, gray := sample(t)
	const down = 60 // px
	// The lower half, as far as it is the smaller one, moves.
	cut := 0
	for _, p := range f.Places() {
		cut = max(cut, int(p.Box.Max.Y))
	}
	cut = cut * 6 / 10
	for ink := true; ink; cut++ { // between lines
		ink = false
		for _, v := range gray.Pix[cut*gray.Stride : cut*gray.Stride+gray.Rect.Dx()] {
			ink = ink || v < 128
		}
	}
	after := image.NewGray(gray.Rect)
	draw.Draw(after, after.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(after, image.Rect(0, 0, gray.Rect.Dx(), cut), gray, image.Point{}, draw.Src)
	draw.Draw(after, image.Rect(0, cut+down, gray.Rect.Dx(), gray.Rect.Dy()), gray, image.Pt(0, cut), draw.Src)
	moved, strays, err := Move(f, gray, after)
	if err != nil {
		t.Fatal(err)
	}
	check(t, f, moved, 2, func(b geom.Box) geom.Box {
		if int(b.Min.Y) < cut {
			return b
		}
		return placed{at: geom.Shift(geom.Point{Y: down})}.box(b)
	})
	if len(strays) == 0 {
		t.Error("nobody is told of what moved")
	}
	for _, s := range strays {
		if s.Lost || math.Abs(s.After.Min.Y-s.Before.Min.Y) < down/2 {
			t.Errorf("stray %+v", s)
		}
	}
}

// A part that is gone is told, and the rest is as it was.
func TestWhatIsGoneIsTold(t *testing.T) {
	f, gray := sample(t)
	after := image.NewGray(gray.Rect)
	draw.Draw(after, after.Rect, gray, image.Point{}, draw.Src)
	gone := f.Fields[len(f.Fields)-1]
	around := image.Rect(0, int(gone.Box.Min.Y)-120, gray.Rect.Dx(), int(gone.Box.Max.Y)+120)
	draw.Draw(after, around, image.NewUniform(color.White), image.Point{}, draw.Src)
	moved, strays, err := Move(f, gray, after)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, s := range strays {
		found = found || s.Name == gone.Name && s.Lost
	}
	if !found {
		t.Errorf("%s is gone, and not told: %+v", gone.Name, strays)
	}
	if d := far(moved.Fields[0].Box, f.Fields[0].Box); d > 1.5 {
		t.Errorf("%s is %.1f px off", f.Fields[0].Name, d)
	}
}

func TestAnotherFormIsRefused(t *testing.T) {
	f, gray := sample(t)
	other := image.NewGray(gray.Rect)
	draw.Draw(other, other.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	if _, _, err := Move(f, gray, other); !errors.Is(err, ErrOtherForm) {
		t.Errorf("a blank page: %v", err)
	}
	for i := range 20 {
		draw.Draw(other, image.Rect(100, 100+90*i, 1500, 104+90*i), image.NewUniform(color.Black), image.Point{}, draw.Src)
		draw.Draw(other, image.Rect(100+61*i, 100, 103+61*i, 1900), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	if _, _, err := Move(f, gray, other); !errors.Is(err, ErrOtherForm) {
		t.Errorf("a page of rules: %v", err)
	}
}
