package scan

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/seosik/seosik/internal/beside"
)

// pictured returns a page of 100 x 50 points that shows a picture all over, or
// turned by a quarter.
func pictured(size image.Point, dict, data, entries string) []byte {
	return page("", "/Resources<</XObject<</I 5 0 R>>>>"+entries, "q 100 0 0 50 0 0 cm /I Do Q",
		stream(fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8%s", size.X, size.Y, dict), data))
}

// What a picture in a PDF does not have is known: PDFium draws the rest of it and
// says nothing.
func TestPicturesThatEndTooEarly(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 400, 200))
	noise := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = uint8(noise.IntN(256))
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, img, nil); err != nil {
		t.Fatal(err)
	}
	samples := string(img.Pix)
	packed := string(deflate(t, img.Pix))
	size := img.Rect.Size()
	for _, tt := range []struct {
		name       string
		dict, data string
		entries    string
		want       image.Rectangle // about
	}{
		{"JPEG", "/Filter/DCTDecode", photo.String(), "", image.Rectangle{}},
		{"half a JPEG", "/Filter/DCTDecode", photo.String()[:photo.Len()/2], "", image.Rect(0, 100, 400, 200)},
		{"half a JPEG, turned", "/Filter/DCTDecode", photo.String()[:photo.Len()/2], "/Rotate 90", image.Rect(0, 0, 100, 400)},
		{"a JPEG in a stream of its own", "/Filter[/FlateDecode/DCTDecode]", string(deflate(t, photo.Bytes()[:photo.Len()/2])), "", image.Rect(0, 100, 400, 200)},
		{"samples", "", samples, "", image.Rectangle{}},
		{"half of them", "", samples[:len(samples)/2], "", image.Rect(0, 100, 400, 200)},
		{"packed samples", "/Filter/FlateDecode", packed, "", image.Rectangle{}},
		{"half of these", "/Filter/FlateDecode", packed[:len(packed)/2], "", image.Rect(0, 100, 400, 200)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := onePage(t, pictured(size, tt.dict, tt.data, tt.entries))
			var got image.Rectangle
			for _, r := range p.Unseen {
				got = got.Union(r)
			}
			// The sides of the page, as the picture is drawn on its pixels.
			off := max(abs(got.Min.X-tt.want.Min.X), abs(got.Min.Y-tt.want.Min.Y), abs(got.Max.X-tt.want.Max.X), abs(got.Max.Y-tt.want.Max.Y))
			if off > 20 {
				t.Errorf("unseen %v, want about %v, of %v", p.Unseen, tt.want, p.Gray.Rect)
			}
		})
	}
}

func abs(n int) int { return max(n, -n) }

func TestBrokenPictureOfTheBench(t *testing.T) {
	file, err := os.ReadFile(filepath.Join(beside.Bench(t, "faults"), "pdf-with-broken-picture.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	p := onePage(t, file)
	height := p.Gray.Rect.Dy()
	var all image.Rectangle
	for _, r := range p.Unseen {
		all = all.Union(r)
	}
	if all.Min.Y > height/2 || all.Max.Y < height-20 {
		t.Errorf("unseen %v of %v, want all from the middle on at least", p.Unseen, p.Gray.Rect)
	}
}
