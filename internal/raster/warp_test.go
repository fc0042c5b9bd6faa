package raster

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seosik/seosik/internal/geom"
)

func picture(width int, pix ...uint8) *image.Gray {
	return &image.Gray{Pix: pix, Stride: width, Rect: image.Rect(0, 0, width, len(pix)/width)}
}

func random(seed uint64, width, height int) *image.Gray {
	r := rand.New(rand.NewPCG(seed, 0))
	img := New(width, height)
	for i := range img.Pix {
		img.Pix[i] = uint8(r.IntN(256))
	}
	return img
}

func TestWarpTiny(t *testing.T) {
	src := picture(3,
		0, 100, 200,
		40, 60, 80,
		255, 0, 255)
	for _, tt := range []struct {
		name          string
		dstToSrc      geom.Homography
		width, height int
		want          []uint8
	}{
		{"identity", geom.Identity, 3, 3, []uint8{0, 100, 200, 40, 60, 80, 255, 0, 255}},
		{"one to the right", geom.Shift(geom.Point{X: 1}), 2, 2, []uint8{100, 200, 60, 80}},
		{"half a pixel", geom.Shift(geom.Point{X: .5}), 2, 1, []uint8{50, 150}},
		{"paper outside", geom.Shift(geom.Point{X: 2, Y: 2}), 2, 2, []uint8{255, 255, 255, 255}},
		{"half outside", geom.Shift(geom.Point{X: -.5}), 1, 1, []uint8{128}},
		{"mean of all", geom.Scale(3, 3), 1, 1, []uint8{110}},
		{"turned by 90 degrees", geom.Homography{0, 1, 0, -1, 0, 3, 0, 0, 1}, 3, 3, []uint8{255, 40, 0, 0, 60, 100, 255, 80, 200}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Warp(src, tt.dstToSrc, tt.width, tt.height).Pix); diff != "" {
				t.Errorf("Warp (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWarpByIdentityChangesNothing(t *testing.T) {
	src := random(1, 117, 91)
	if diff := cmp.Diff(src.Pix, Warp(src, geom.Identity, 117, 91).Pix); diff != "" {
		t.Error(diff)
	}
}

func TestWarpAgreesWithAt(t *testing.T) {
	src := random(2, 200, 150)
	for name, h := range map[string]geom.Homography{
		"turned":      {.9, -.3, 20, .3, .9, -10, 0, 0, 1},
		"perspective": {.9, -.1, 20, .05, .9, 10, 2e-4, -1e-4, 1},
		"mirrored":    {-1, 0, 190.25, 0, 1, .75, 0, 0, 1},
		"far away":    geom.Shift(geom.Point{X: 1e9, Y: -1e9}),
	} {
		dst := Warp(src, h, 160, 120)
		for y := range 120 {
			for x := range 160 {
				p := h.Apply(geom.Point{X: float64(x) + .5, Y: float64(y) + .5})
				got, want := float64(dst.Pix[y*160+x]), At(src, p)
				// On random gray a 1/100 px is worth up to 5 values.
				if d := got - want; d > 6 || d < -6 {
					t.Fatalf("%s: Warp at (%d, %d) = %g, want %g", name, x, y, got, want)
				}
			}
		}
	}
}

func TestWarpSurvivesAHorizon(t *testing.T) {
	Warp(random(5, 100, 100), geom.Homography{1, 0, 0, 0, 1, 0, -.01, .003, 1}, 300, 300)
	Warp(random(5, 1, 1), geom.Homography{}, 3, 3)
	Warp(New(0, 0), geom.Identity, 3, 3)
}

func TestHalf(t *testing.T) {
	src := picture(5,
		0, 4, 255, 255, 9,
		4, 8, 255, 254, 9,
		9, 9, 9, 9, 9)
	got := Half(src)
	if diff := cmp.Diff([]uint8{4, 255}, got.Pix); diff != "" || got.Rect != image.Rect(0, 0, 2, 1) {
		t.Errorf("Half = %v %v, %s", got.Rect, got.Pix, diff)
	}
	big := random(3, 61, 34)
	got = Half(big)
	for y := range 17 {
		for x := range 30 {
			sum := 2
			for _, i := range []int{0, 1, 61, 62} {
				sum += int(big.Pix[2*y*61+2*x+i])
			}
			if want := uint8(sum / 4); got.GrayAt(x, y).Y != want {
				t.Fatalf("Half at (%d, %d) = %d, want %d", x, y, got.GrayAt(x, y).Y, want)
			}
		}
	}
}

func TestReduce(t *testing.T) {
	src := picture(3,
		0, 100, 200,
		40, 60, 80,
		255, 0, 255)
	for _, tt := range []struct {
		name   string
		factor float64
		want   []uint8
	}{
		{"nothing", 1, src.Pix},
		{"by a half", 1.5, []uint8{38, 136, 129, 138}}, // (0 + 50 + 20 + 15) / 2.25 and so on
		{"to one", 3, []uint8{110}},
		{"a rest is dropped", 2, []uint8{50}},
	} {
		if diff := cmp.Diff(tt.want, Reduce(src, tt.factor).Pix); diff != "" {
			t.Errorf("%s: Reduce (-want +got):\n%s", tt.name, diff)
		}
	}
	for side := 50; side < 300; side++ {
		Reduce(New(side, side), float64(side)/49) // 49 times a 49th may be more than the whole
	}
	for _, factor := range []float64{1, 1.1, 1.7, 2.3, 40} {
		for _, v := range Reduce(New(517, 409), factor).Pix {
			if v < 254 {
				t.Fatalf("white becomes %d by %g", v, factor)
			}
		}
	}
}

func BenchmarkReduce(b *testing.B) {
	src := random(4, 1203, 1702)
	for b.Loop() {
		Reduce(src, 1.45)
	}
}

func BenchmarkWarp(b *testing.B) {
	src := random(4, 1654, 2339)
	for name, h := range map[string]geom.Homography{
		"affine":      {.99, -.02, 20, .02, .99, 10, 0, 0, 1},
		"perspective": {.9, -.01, 20, .05, .9, 10, 2e-5, -1e-5, 1},
		"half":        geom.Scale(2, 2),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Warp(src, h, 800, 1000)
			}
		})
	}
}
