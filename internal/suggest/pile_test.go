package suggest

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/sample"
)

// copiesOf returns n filled copies of a drawn form, one of each level in turn, and
// where each lies.
func copiesOf(t *testing.T, blank *sample.Blank, n int, levels ...sample.Level) (copies []image.Image, toPage []geom.Homography) {
	t.Helper()
	for i := range n {
		seed := uint64(700 + i)
		filled, err := blank.Fill(seed, sample.RandomStyle(seed))
		if err != nil {
			t.Fatal(err)
		}
		page, h := sample.Degrade(filled.Image, levels[i%len(levels)], seed)
		copies, toPage = append(copies, page), append(toPage, h)
	}
	return copies, toPage
}

func loadOf(copies []image.Image) Load {
	return func(i int) (*image.Gray, image.Image, error) { return sample.ToGray(copies[i]), copies[i], nil }
}

// inkAway returns the share of the dark pixels of a that have none of b within two
// pixels.
func inkAway(a, b *image.Gray) float64 {
	ink, away := 0, 0
	for y := 2; y < a.Rect.Dy()-2; y++ {
		for x := 2; x < a.Rect.Dx()-2; x++ {
			if a.Pix[y*a.Stride+x] >= 128 {
				continue
			}
			ink++
			there := false
			for dy := -2; dy <= 2; dy++ {
				there = there || slices.Min(b.Pix[(y+dy)*b.Stride+x-2:][:5]) < 168
			}
			if !there {
				away++
			}
		}
	}
	return float64(away) / float64(max(1, ink))
}

// Print stays, and what was written goes.
func TestPile(t *testing.T) {
	for _, tt := range []struct {
		name           string
		copies         int
		levels         []sample.Level
		lost, leftOver float64 // at most, as shares of the print
	}{
		{"three scans", 3, []sample.Level{sample.Scanned}, .01, .04},
		{"five of each kind", 5, []sample.Level{sample.Scanned, sample.Stamped, sample.LowRes, sample.Fax, sample.Rotated}, .02, .03},
	} {
		t.Run(tt.name, func(t *testing.T) {
			blank, err := sample.Layout(31, "ko")
			if err != nil {
				t.Fatal(err)
			}
			copies, toPage := copiesOf(t, blank, tt.copies, tt.levels...)
			common, err := Pile(t.Context(), len(copies), loadOf(copies))
			if err != nil {
				t.Fatal(err)
			}
			if len(common.Strangers) > 0 {
				t.Errorf("copies %v are strangers", common.Strangers)
			}
			toTemplate, err := toPage[common.Lead].Inverse()
			if err != nil {
				t.Fatal(err)
			}
			truth := raster.Warp(sample.ToGray(blank.Image), toTemplate.After(common.ToLead), common.Gray.Rect.Dx(), common.Gray.Rect.Dy())
			lost, leftOver := inkAway(truth, common.Gray), inkAway(common.Gray, truth)
			t.Logf("copy %d leads; %.4f of the print is lost, %.4f as much is left over", common.Lead, lost, leftOver)
			if lost > tt.lost || leftOver > tt.leftOver {
				t.Errorf("%.4f of the print is lost, %.4f as much is left over; want %v and %v at most", lost, leftOver, tt.lost, tt.leftOver)
			}
			if v := middle(common.Gray, common.Gray.Rect); v < 250 {
				t.Errorf("paper is %d", v)
			}
		})
	}
}

func TestPileNamesStrangers(t *testing.T) {
	blank, err := sample.Layout(31, "ko")
	if err != nil {
		t.Fatal(err)
	}
	other, err := sample.Layout(34, "en")
	if err != nil {
		t.Fatal(err)
	}
	copies, _ := copiesOf(t, blank, 3, sample.LowRes)
	strangers, _ := copiesOf(t, other, 2, sample.Clean) // better scanned, and yet they do not lead
	mixed := []image.Image{strangers[0], copies[0], copies[1], copies[2]}
	common, err := Pile(t.Context(), len(mixed), loadOf(mixed))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(common.Strangers, []int{0}) {
		t.Errorf("strangers are %v, want [0]", common.Strangers)
	}

	mixed = []image.Image{copies[0], strangers[0], copies[1]}
	var few *StrangersError
	if _, err := Pile(t.Context(), len(mixed), loadOf(mixed)); !errors.As(err, &few) || !slices.Equal(few.Copies, []int{1}) {
		t.Errorf("two copies and a stranger: %v", err)
	}
}

func TestPileOfTooFewOrTooMany(t *testing.T) {
	load := func(int) (*image.Gray, image.Image, error) { panic("nothing is to be loaded") }
	if _, err := Pile(t.Context(), PileLeast-1, load); !errors.Is(err, ErrFewCopies) {
		t.Errorf("two copies: %v", err)
	}
	if _, err := Pile(t.Context(), PileMost+1, load); !errors.Is(err, ErrManyCopies) {
		t.Errorf("21 copies: %v", err)
	}
}

func TestPileOfHostileCopies(t *testing.T) {
	blank := raster.New(300, 400)
	noise := image.NewGray(image.Rect(0, 0, 300, 400))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(i * i * 2654435761 >> 7)
	}
	thin := raster.New(10, 8000)
	for name, page := range map[string]*image.Gray{"white": blank, "noise": noise, "thin": thin, "black": image.NewGray(image.Rect(0, 0, 200, 200))} {
		load := func(int) (*image.Gray, image.Image, error) { return page, page, nil }
		var strangers *StrangersError
		if _, err := Pile(t.Context(), PileLeast, load); err != nil && !errors.As(err, &strangers) {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := errors.New("broken")
	if _, err := Pile(t.Context(), PileLeast, func(int) (*image.Gray, image.Image, error) { return nil, nil, broken }); !errors.Is(err, broken) {
		t.Errorf("a copy that cannot be loaded: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := Pile(ended, PileLeast, func(int) (*image.Gray, image.Image, error) { return blank, blank, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ended: %v", err)
	}
}

// Colour stays where the copies have it, and that of pens goes.
func TestPileInColour(t *testing.T) {
	blank, err := sample.Layout(31, "ko")
	if err != nil {
		t.Fatal(err)
	}
	copies, _ := copiesOf(t, blank, 3, sample.Clean)
	band := image.Rect(200, 20, 600, 60)
	for i, c := range copies {
		flat := image.NewRGBA(c.Bounds())
		draw.Draw(flat, flat.Rect, c, image.Point{}, draw.Src)
		for y := band.Min.Y; y < band.Max.Y; y++ {
			for x := band.Min.X; x < band.Max.X; x++ {
				copy(flat.Pix[flat.PixOffset(x, y):], []uint8{200, 30, 30})
			}
		}
		copies[i] = flat
	}
	common, err := Pile(t.Context(), len(copies), loadOf(copies))
	if err != nil {
		t.Fatal(err)
	}
	at := geom.Point{X: 400, Y: 40}
	toCommon, err := common.ToLead.Inverse()
	if err != nil {
		t.Fatal(err)
	}
	at = toCommon.Apply(at)
	r, g, b, _ := common.Picture.At(int(at.X), int(at.Y)).RGBA()
	if r>>8 < 150 || g>>8 > 90 || b>>8 > 90 {
		t.Errorf("red is (%d, %d, %d)", r>>8, g>>8, b>>8)
	}
}

// A printed box for one character stays, also where what is written in it is thicker.
func TestPileKeepsBoxesAroundWriting(t *testing.T) {
	blank, err := sample.Layout(31, "ko")
	if err != nil {
		t.Fatal(err)
	}
	copies, _ := copiesOf(t, blank, 3, sample.Clean)
	frame := image.Rect(200, 10, 240, 62)
	for i, c := range copies {
		flat := image.NewRGBA(c.Bounds())
		draw.Draw(flat, flat.Rect, c, image.Point{}, draw.Src)
		draw.Draw(flat, frame, image.Black, image.Point{}, draw.Src)
		draw.Draw(flat, frame.Inset(2), image.White, image.Point{}, draw.Src)
		stroke := image.Rect(frame.Min.X+9+8*i, frame.Min.Y+8, frame.Min.X+15+8*i, frame.Max.Y-8)
		draw.Draw(flat, stroke, image.Black, image.Point{}, draw.Src)
		copies[i] = flat
	}
	common, err := Pile(t.Context(), len(copies), loadOf(copies))
	if err != nil {
		t.Fatal(err)
	}
	toCommon, err := common.ToLead.Inverse()
	if err != nil {
		t.Fatal(err)
	}
	a, b := toCommon.Apply(geom.Point{X: 200, Y: 10}), toCommon.Apply(geom.Point{X: 240, Y: 62})
	box := image.Rect(int(a.X), int(a.Y), int(b.X), int(b.Y))
	if v := darkest(common.Gray, box.Inset(-2)); v > 100 {
		t.Errorf("the box is %d", v)
	}
	if v := darkest(common.Gray, box.Inset(5)); v < 200 {
		t.Errorf("what is written is %d", v)
	}
}

func darkest(img *image.Gray, box image.Rectangle) uint8 {
	v := uint8(255)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		v = min(v, slices.Min(img.Pix[y*img.Stride+box.Min.X:y*img.Stride+box.Max.X]))
	}
	return v
}

// A checkbox that is marked in all copies is one, as the empty ones in its line are.
func TestTickedCheckboxes(t *testing.T) {
	page := raster.New(1654, 2339)
	fill := func(box image.Rectangle, v uint8) {
		draw.Draw(page, box, image.NewUniform(color.Gray{Y: v}), image.Point{}, draw.Src)
	}
	for i := range 4 {
		box := image.Rect(300+200*i, 600, 330+200*i, 630)
		fill(box, 0)
		fill(box.Inset(3), 255)
		switch i {
		case 1:
			fill(box.Inset(3), 0) // filled
		case 2:
			fill(image.Rect(box.Min.X+12, box.Min.Y, box.Min.X+18, box.Max.Y+8), 0) // across its side
		}
	}
	fill(image.Rect(300, 900, 320, 920), 0) // of another size
	if ticks := look(page, true).ticks; len(ticks) != 4 {
		t.Errorf("checkboxes are %v, want 4", ticks)
	}
	if ticks := look(page, false).ticks; len(ticks) != 2 {
		t.Errorf("checkboxes of a blank are %v, want 2", ticks)
	}
}
