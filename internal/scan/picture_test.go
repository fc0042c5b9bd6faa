package scan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/bmp"
)

// The pictures in testdata of drawPage(160, 120, 3), as other programs write them.
func TestPictureKinds(t *testing.T) {
	img := drawPage(160, 120, 3)
	want, _ := lumaOf(img)
	for _, tt := range []struct {
		name string
		most float64 // mean difference
	}{
		{"sampled-oddly.jpg", 2}, // of its colours one has more samples than the other
		{"page.jp2", 2},
		{"page.webp", 3},
		{"lossless.webp", .01},
		{"page.heic", 3},
		{"page.bmp", .01},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var file []byte
			var err error
			if tt.name == "page.bmp" {
				file = encode(t, func(b *bytes.Buffer) error { return bmp.Encode(b, img) })
			} else if file, err = os.ReadFile(filepath.Join("testdata", tt.name)); err != nil {
				t.Fatal(err)
			}
			if n, err := Count(t.Context(), file, Limits{}); n != 1 || err != nil {
				t.Errorf("Count: %d, %v", n, err)
			}
			page := onePage(t, file)
			if page.Gray.Rect != want.Rect {
				t.Fatalf("sides %v", page.Gray.Rect)
			}
			sum := 0
			for y := range 120 {
				for x := range 160 {
					d := int(page.Gray.GrayAt(x, y).Y) - int(want.GrayAt(x, y).Y)
					sum += max(d, -d)
				}
			}
			if mean := float64(sum) / float64(160*120); mean > tt.most {
				t.Errorf("differs by %.2f on average", mean)
			}
			for n := 20; n < len(file); n += len(file)/9 + 1 {
				for _, err := range errorsOf(t, file[:n]) {
					if !isSentinel(err) {
						t.Errorf("cut off after %d bytes: %v", n, err)
					}
				}
			}
		})
	}
}

func errorsOf(t *testing.T, file []byte) []error {
	t.Helper()
	_, errs := allPages(t.Context(), file, Limits{})
	return errs
}

func TestPicturesThatAreNamed(t *testing.T) {
	arithmetic, err := os.ReadFile(filepath.Join("testdata", "arithmetic.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	twelve := encodeJPEG(t, drawPage(30, 20, 1))
	twelve[bytes.Index(twelve, []byte{0xFF, markSOF0})+4] = 12
	lossless := bytes.Clone(twelve)
	lossless[bytes.Index(twelve, []byte{0xFF, markSOF0})+1] = 0xC3
	heic := binary.BigEndian.AppendUint32(nil, 24)
	heic = append(heic, "ftypheic\x00\x00\x00\x00mif1heic"...)
	for _, tt := range []struct {
		name string
		file []byte
		want error
	}{
		{"arithmetic JPEG", arithmetic, ErrCoding},
		{"JPEG of 12 bits", twelve, ErrCoding},
		{"lossless JPEG", lossless, ErrCoding},
		{"AVIF", []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"), ErrCoding},
		{"JPEG XL", []byte("\x00\x00\x00\x0CJXL \r\n\x87\n\x00\x00"), ErrCoding},
		{"JPEG XL without a box", []byte("\xFF\x0A\x00\x01\x02\x03"), ErrCoding},
		{"GIF", []byte("GIF89a\x10\x00\x10\x00"), ErrCoding},
		{"WebP that moves", []byte("RIFF\x20\x00\x00\x00WEBPVP8X\x0A\x00\x00\x00\x02\x00\x00\x00"), ErrCoding},
		{"HEIC without a picture", heic, ErrHEIF},
		{"a film", []byte("\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp41"), ErrUnsupported},
	} {
		errs := errorsOf(t, tt.file)
		if len(errs) != 1 || !errors.Is(errs[0], tt.want) {
			t.Errorf("%s: errors %v, want %v", tt.name, errs, tt.want)
		}
	}
}

func TestPicturesOfTooManyPixels(t *testing.T) {
	large := encode(t, func(b *bytes.Buffer) error { return bmp.Encode(b, image.NewGray(image.Rect(0, 0, 20, 20))) })
	binary.LittleEndian.PutUint32(large[18:], 7000)
	binary.LittleEndian.PutUint32(large[22:], 7000)
	wantRefused(t, "BMP of pixels that are not there", large, ErrDamaged)
	binary.LittleEndian.PutUint32(large[18:], 60000)
	wantRefused(t, "BMP", large, ErrResolution)
	jp2, err := os.ReadFile(filepath.Join("testdata", "page.jp2"))
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(jp2, []byte(codestream))
	binary.BigEndian.PutUint32(jp2[at+8:], 60000)
	wantRefused(t, "JPEG 2000", jp2, ErrResolution)
}

// A page of HEIC keeps no memory of the instance.
func TestHEIFTwice(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("testdata", "page.heic"))
	if err != nil {
		t.Fatal(err)
	}
	first := onePage(t, file)
	kept := bytes.Clone(first.Gray.Pix)
	onePage(t, file)
	if !bytes.Equal(first.Gray.Pix, kept) {
		t.Error("the pixels changed")
	}
}
