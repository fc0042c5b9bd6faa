package scan

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/seosik/seosik/internal/beside"
)

// drawPage returns a picture of w x h pixels that compresses as a form does:
// paper that is not quite even, lines, and marks as of text.
func drawPage(w, h int, seed uint64) *image.RGBA {
	random := rand.New(rand.NewPCG(seed, 1))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := uint8(250 + random.IntN(4))
			img.SetRGBA(x, y, color.RGBA{v, v, v - 6, 255})
		}
	}
	for range w * h / 2000 {
		x, y, c := random.IntN(w), random.IntN(h), uint8(random.IntN(90))
		for i := range 1 + random.IntN(9) {
			for j := range 1 + random.IntN(12) {
				img.SetRGBA(min(x+i, w-1), min(y+j, h-1), color.RGBA{c, c / 2, c, 255})
			}
		}
	}
	return img
}

func encode(t testing.TB, f func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeJPEG(t testing.TB, img image.Image) []byte {
	return encode(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, img, &jpeg.Options{Quality: 85}) })
}

func encodePNG(t testing.TB, img image.Image) []byte {
	return encode(t, func(b *bytes.Buffer) error { return png.Encode(b, img) })
}

// BenchmarkPages has each A4 page of 200 dpi beside what the decoder of the
// standard library alone takes.
func BenchmarkPages(b *testing.B) {
	img := drawPage(1654, 2339, 1)
	gray := image.NewGray(img.Rect)
	for i := range gray.Pix {
		gray.Pix[i] = img.Pix[4*i]
	}
	for _, tt := range []struct {
		name   string
		file   []byte
		decode func([]byte) (image.Image, error)
	}{
		{"jpeg", encodeJPEG(b, img), func(f []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(f)) }},
		{"png", encodePNG(b, img), func(f []byte) (image.Image, error) { return png.Decode(bytes.NewReader(f)) }},
		{"gray-png", encodePNG(b, gray), func(f []byte) (image.Image, error) { return png.Decode(bytes.NewReader(f)) }},
	} {
		b.Run(tt.name+"/pages", func(b *testing.B) {
			for b.Loop() {
				benchPages(b, tt.file)
			}
		})
		b.Run(tt.name+"/decoder", func(b *testing.B) {
			for b.Loop() {
				if _, err := tt.decode(tt.file); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchPages(b *testing.B, file []byte) {
	b.Helper()
	for _, err := range Pages(context.Background(), file, Limits{}) {
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOdd reads files of many kinds, where they are at hand.
func BenchmarkOdd(b *testing.B) {
	for _, name := range []string{
		"baseline.jpg", "progressive.jpg", "cmyk.jpg", "exif-orientation-6.jpg", "transparent-background.png",
		"gray16.png", "g4-three-pages.tiff", "lzw.tif", "deflate.tif", "jpeg-in-tiff.tif", "fax-nonsquare.tif", "five-pages.pdf",
	} {
		file, err := os.ReadFile(filepath.Join(beside.Bench(b, "odd"), name))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				benchPages(b, file)
			}
		})
	}
}
