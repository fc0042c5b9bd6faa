package scan

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"runtime"
	"slices"
	"testing"
)

// allocated returns the bytes that f takes, given back or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestPNGKinds(t *testing.T) {
	src := drawPage(45, 31, 4)
	r := src.Rect
	transparent := image.NewNRGBA(r)
	for y := range 31 {
		for x := range 45 {
			c := src.RGBAAt(x, y)
			transparent.SetNRGBA(x, y, color.NRGBA{c.R, c.G, c.B, uint8(x * 5)})
		}
	}
	onPaper := image.NewRGBA(r)
	draw.Draw(onPaper, r, image.White, image.Point{}, draw.Src)
	draw.Draw(onPaper, r, transparent, image.Point{}, draw.Over)
	gray, _ := lumaOf(src)
	gray16 := image.NewGray16(r)
	draw.Draw(gray16, r, gray, image.Point{}, draw.Src)
	deep, deepTransparent := image.NewRGBA64(r), image.NewNRGBA64(r)
	draw.Draw(deep, r, src, image.Point{}, draw.Src)
	for y := range 31 {
		for x := range 45 {
			deepTransparent.Set(x, y, transparent.At(x, y))
		}
	}
	twoGrays := image.NewPaletted(r, color.Palette{color.White, color.Black})
	colors := image.NewPaletted(r, color.Palette{color.White, color.RGBA{200, 0, 0, 255}, color.NRGBA{0, 0, 0, 0}})
	wantTwo, wantColors := image.NewGray(r), image.NewRGBA(r)
	for y := range 31 {
		for x := range 45 {
			v := uint8(x*y) % 2
			twoGrays.SetColorIndex(x, y, v)
			wantTwo.SetGray(x, y, color.Gray{255 - 255*v})
			colors.SetColorIndex(x, y, uint8(x)%3)
			wantColors.Set(x, y, [3]color.Color{color.White, color.RGBA{200, 0, 0, 255}, color.White}[x%3])
		}
	}
	for _, tt := range []struct {
		name      string
		img, want image.Image
		colored   bool
		shown     bool
	}{
		{"RGB", src, src, true, true},
		{"gray", gray, gray, false, true},
		{"gray 16", gray16, gray, false, true},
		{"gray as RGB", asRGBA(gray), gray, false, true},
		{"RGB 16", deep, src, true, true},
		{"transparent", transparent, onPaper, true, false},
		{"transparent 16", deepTransparent, onPaper, true, false},
		{"palette of 1 bit", twoGrays, wantTwo, false, true},
		{"palette with transparency", colors, wantColors, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := encodePNG(t, tt.img)
			page := onePage(t, file)
			if d := farthest(t, page.Color, tt.want); d > 1 {
				t.Errorf("differs by %d", d)
			}
			if colored := page.Color != image.Image(page.Gray); colored != tt.colored {
				t.Errorf("coloured: %v, want %v", colored, tt.colored)
			}
			if shown := bytes.Equal(page.Shown, file); shown != tt.shown {
				t.Errorf("shown as it is: %v, want %v", shown, tt.shown)
			}
			for y := range 31 {
				for x := range 45 {
					if got, want := page.Gray.GrayAt(x, y), color.GrayModel.Convert(page.Color.At(x, y)); got != want {
						t.Fatalf("luma at (%d, %d) is %v, want %v", x, y, got, want)
					}
				}
			}
		})
	}
}

func asRGBA(img image.Image) *image.RGBA {
	out := image.NewRGBA(img.Bounds())
	draw.Draw(out, out.Rect, img, out.Rect.Min, draw.Src)
	return out
}

// withChunk returns a PNG with a chunk put in before its pixels.
func withChunk(file []byte, kind string, data []byte) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	chunk = append(append(chunk, kind...), data...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return slices.Concat(file[:33], chunk, file[33:])
}

func TestPNGResolution(t *testing.T) {
	phys := []byte{0, 0, 0x1E, 0xC3, 0, 0, 0x1E, 0xC3, 1} // 7875 pixels a metre
	file := withChunk(encodePNG(t, drawPage(20, 20, 1)), "pHYs", phys)
	if page := onePage(t, file); page.DPI < 199.9 || page.DPI > 200.1 {
		t.Errorf("DPI %v, want 200", page.DPI)
	}
}

func TestPNGBombs(t *testing.T) {
	file := encodePNG(t, image.NewGray(image.Rect(0, 0, 64, 64)))
	sides := func(w, h uint32) []byte {
		f := bytes.Clone(file)
		binary.BigEndian.PutUint32(f[16:], w)
		binary.BigEndian.PutUint32(f[20:], h)
		binary.BigEndian.PutUint32(f[29:], crc32.ChecksumIEEE(f[12:29]))
		return f
	}
	for _, tt := range []struct {
		name string
		w, h uint32
		want error
	}{
		{"60,000 pixels", 60000, 60000, ErrResolution},
		{"a side too long", 8001, 100, ErrResolution},
		{"a side too short", 100, 9, ErrResolution},
		{"sides of 32 bits", 1<<31 - 1, 1<<31 - 1, ErrResolution},
		{"no pixels", 0, 100, ErrDamaged},
		{"pixels that are not there", 8000, 8000, ErrDamaged},
	} {
		wantRefused(t, tt.name, sides(tt.w, tt.h), tt.want)
	}
	file = encodePNG(t, image.NewNRGBA64(image.Rect(0, 0, 64, 64)))
	wantRefused(t, "more samples of 16 bits than memory is for", sides(8000, 8000), ErrResolution)
}

func TestPNGCutOff(t *testing.T) {
	file := encodePNG(t, drawPage(30, 30, 5))
	for n := len(pngMagic); n < len(file)-12; n += 11 {
		pages, errs := allPages(t.Context(), file[:n], Limits{})
		if len(pages) != 0 || len(errs) != 1 || !errors.Is(errs[0], ErrDamaged) {
			t.Fatalf("cut off after %d bytes: %d pages, errors %v", n, len(pages), errs)
		}
	}
}

func TestPagesRefuses(t *testing.T) {
	done, cancel := context.WithCancel(t.Context())
	cancel()
	file := encodePNG(t, drawPage(20, 20, 1))
	for _, tt := range []struct {
		name   string
		ctx    context.Context
		file   []byte
		limits Limits
		want   error
	}{
		{"nothing", t.Context(), nil, Limits{}, ErrEmpty},
		{"text", t.Context(), []byte("this is not a picture"), Limits{}, ErrUnsupported},
		{"GIF", t.Context(), []byte("GIF89a\x10\x00\x10\x00"), Limits{}, ErrCoding},
		{"WebP", t.Context(), []byte("RIFF\x10\x00\x00\x00WEBPVP8 "), Limits{}, ErrDamaged},
		{"BMP", t.Context(), []byte("BM\x10\x00\x00\x00"), Limits{}, ErrUnsupported},
		{"too many bytes", t.Context(), file, Limits{Bytes: len(file) - 1}, ErrTooLarge},
		{"a side over a smaller limit", t.Context(), file, Limits{MaxSide: 19}, ErrResolution},
		{"a side under a greater limit", t.Context(), file, Limits{MinSide: 21}, ErrResolution},
		{"done before it began", done, file, Limits{}, context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pages, errs := allPages(tt.ctx, tt.file, tt.limits)
			if len(pages) != 0 || len(errs) != 1 || !errors.Is(errs[0], tt.want) {
				t.Errorf("%d pages, errors %v; want %v", len(pages), errs, tt.want)
			}
		})
	}
	if pages, errs := allPages(t.Context(), file, Limits{Bytes: len(file), MinSide: 20, MaxSide: 20}); len(pages) != 1 {
		t.Errorf("limits are inclusive, but: %v", errs)
	}
}

func TestGuardTurnsPanicsIntoDamage(t *testing.T) {
	page, err := guardPage(t.Context(), 3, func() (Page, error) {
		var empty []int
		return Page{DPI: float64(empty[len(empty)])}, nil
	})
	if page.Number != 3 || !errors.Is(err, ErrDamaged) {
		t.Errorf("page %d, %v; want page 3, %v", page.Number, err, ErrDamaged)
	}
}
