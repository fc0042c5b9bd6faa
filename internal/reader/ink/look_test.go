package ink

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/seosik/seosik/internal/geom"
)

// printedSheet returns A4 at 200 dpi with signs as large as letters.
func printedSheet() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 1654, 2339))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for y := 40; y < 2300; y += 40 {
		for x := 40; x < 1600; x += 30 {
			for v := range 24 {
				for u := range 4 {
					img.Pix[img.PixOffset(x+u, y+v)] = 0
					img.Pix[img.PixOffset(x+v, y+u)] = 0
				}
			}
		}
	}
	return img
}

// changed returns img with f of each pixel and its index.
func changed(img *image.Gray, f func(i int, v float64) float64) *image.Gray {
	out := image.NewGray(img.Rect)
	for i, v := range img.Pix {
		out.Pix[i] = uint8(min(255, max(0, f(i, float64(v)))))
	}
	return out
}

func smear(img *image.Gray, times int) *image.Gray {
	for range times {
		was, w := img, img.Rect.Dx()
		img = changed(img, func(i int, _ float64) float64 {
			sum := 0.0
			for _, d := range []int{-w, -1, 0, 1, w} {
				sum += float64(was.Pix[min(max(i+d, 0), len(was.Pix)-1)])
			}
			return sum / 5
		})
	}
	return img
}

func TestLookSaysWhatHasHappenedToPrint(t *testing.T) {
	blank := printedSheet()
	look := func(page *image.Gray) Look {
		return NewSheet(blank, page, page, geom.Identity, nil).Look([]geom.Box{geom.XYWH(0, 0, 800, 400)})
	}
	r := rand.New(rand.NewPCG(1, 2))
	plain, soft, blurred := look(blank), look(smear(blank, 2)), look(smear(blank, 8))
	noisy := look(changed(blank, func(_ int, v float64) float64 { return v + 20*r.NormFloat64() }))
	faint := look(changed(blank, func(_ int, v float64) float64 { return 255 - (255-v)/4 }))
	tinted := look(changed(blank, func(_ int, v float64) float64 { return v * .7 }))
	if plain.Blur > .1 || plain.Noise > .01 || plain.Faint > .1 || plain.Tint > .01 {
		t.Errorf("as it was printed: %+v", plain)
	}
	if !(soft.Blur > .5 && blurred.Blur > soft.Blur+.5) {
		t.Errorf("blurred: %+v, more: %+v", soft, blurred)
	}
	if noisy.Noise < .02 || noisy.Blur > .5 {
		t.Errorf("noisy: %+v", noisy)
	}
	if faint.Faint < 1.8 || faint.Faint > 2.2 || faint.Blur > .3 {
		t.Errorf("faint: %+v", faint)
	}
	if tinted.Tint < .25 || tinted.Tint > .35 || tinted.Blur > .3 {
		t.Errorf("tinted: %+v", tinted)
	}
	if l := NewSheet(blank, blank, blank, geom.Identity, nil).Look([]geom.Box{geom.XYWH(0, 0, 1654, 2339)}); l != (Look{}) {
		t.Errorf("with fields all over: %+v", l)
	}
}
