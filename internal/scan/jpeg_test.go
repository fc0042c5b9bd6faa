package scan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// onePage returns the only page of a file.
func onePage(t testing.TB, file []byte) Page {
	t.Helper()
	pages, errs := allPages(t.Context(), file, Limits{})
	if len(pages) != 1 || errs != nil {
		t.Fatalf("%d pages, errors %v; want one page", len(pages), errs)
	}
	checkPages(t, pages)
	return pages[0]
}

// farthest returns the greatest difference of a sample of two pictures.
func farthest(t testing.TB, a, b image.Image) int {
	t.Helper()
	if a.Bounds().Size() != b.Bounds().Size() {
		t.Fatalf("sides %v, want %v", a.Bounds().Size(), b.Bounds().Size())
	}
	most := 0
	size := a.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			p := color.NRGBAModel.Convert(a.At(x+a.Bounds().Min.X, y+a.Bounds().Min.Y)).(color.NRGBA)
			q := color.NRGBAModel.Convert(b.At(x+b.Bounds().Min.X, y+b.Bounds().Min.Y)).(color.NRGBA)
			for _, d := range []int{int(p.R) - int(q.R), int(p.G) - int(q.G), int(p.B) - int(q.B), int(p.A) - int(q.A)} {
				most = max(most, d, -d)
			}
		}
	}
	return most
}

// quarters is what the pictures in testdata show.
func quarters() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 32, 32))
	colors := [4]color.RGBA{{200, 30, 40, 255}, {30, 180, 60, 255}, {40, 60, 210, 255}, {255, 255, 255, 255}}
	for y := range 32 {
		for x := range 32 {
			img.SetRGBA(x, y, colors[x/16+y/16*2])
		}
	}
	return img
}

func TestJPEGKinds(t *testing.T) {
	for _, tt := range []struct {
		name  string
		shown bool
	}{
		{"progressive.jpg", true},
		{"cmyk.jpg", false},       // as Adobe writes it: inverted
		{"ycck.jpg", false},       // CMYK as YCbCr and black
		{"cmyk-plain.jpg", false}, // without Adobe's segment: not inverted
	} {
		t.Run(tt.name, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join("testdata", tt.name))
			if err != nil {
				t.Fatal(err)
			}
			page := onePage(t, file)
			if d := farthest(t, page.Color, quarters()); d > 8 {
				t.Errorf("differs by %d", d)
			}
			if (page.Shown != nil) != tt.shown {
				t.Errorf("shown as it is: %v, want %v", page.Shown != nil, tt.shown)
			}
		})
	}
}

// withEXIF returns a JPEG with an EXIF block of one orientation put in.
func withEXIF(file []byte, order binary.AppendByteOrder, o orientation) []byte {
	block := []byte("Exif\x00\x00II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		block = []byte("Exif\x00\x00MM\x00*")
	}
	block = order.AppendUint32(block, 8)
	block = order.AppendUint16(block, 1)
	block = order.AppendUint16(block, tagOrientation)
	block = order.AppendUint16(block, kindShort)
	block = order.AppendUint32(block, 1)
	block = order.AppendUint16(block, uint16(o))
	block = append(block, 0, 0, 0, 0, 0, 0)
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, markAPP1}, uint16(len(block)+2))
	return slices.Concat(file[:2], segment, block, file[2:])
}

// turnedBack are the orientations that undo one another.
var turnedBack = map[orientation]orientation{1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}

func TestJPEGOrientations(t *testing.T) {
	img := drawPage(48, 32, 7)
	for o := orientation(0); o <= 9; o++ {
		back := turnedBack[o]
		pix, r := back.turn(img.Pix, img.Stride, 4, img.Rect)
		stored := &image.RGBA{Pix: pix, Stride: 4 * r.Dx(), Rect: r}
		file := encodeJPEG(t, stored)
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			page := onePage(t, withEXIF(file, order, o))
			plain := onePage(t, file)
			// Compare with the decoder's picture, turned pixel by pixel.
			want := image.NewRGBA(img.Rect)
			for y := range 32 {
				for x := range 48 {
					want.Set(x, y, plain.Color.At(storedPlace(o, x, y, r.Dx(), r.Dy())))
				}
			}
			if d := farthest(t, page.Color, want); d > 1 {
				t.Errorf("orientation %d, %v: differs by %d", o, order, d)
			}
			if (page.Shown != nil) != (o < 2 || o > 8) {
				t.Errorf("orientation %d: shown as it is: %v", o, page.Shown != nil)
			}
		}
	}
}

// storedPlace returns where the pixel (x, y) of the upright picture is in the
// stored one, of w x h pixels; written apart from what it tests.
func storedPlace(o orientation, x, y, w, h int) (int, int) {
	switch o {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}

func TestJPEGGray(t *testing.T) {
	gray, _ := lumaOf(drawPage(40, 30, 2))
	file := encodeJPEG(t, gray)
	page := onePage(t, file)
	if page.Color != image.Image(page.Gray) {
		t.Errorf("a page without colour has a picture of its own, %T", page.Color)
	}
	if d := farthest(t, page.Gray, gray); d > 40 {
		t.Errorf("differs by %d", d)
	}
	if !bytes.Equal(page.Shown, file) {
		t.Error("not shown as it is")
	}
}

func TestJPEGCutOff(t *testing.T) {
	progressive, err := os.ReadFile(filepath.Join("testdata", "progressive.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	// Of the first all but the end may be there, and of the second all but a bit.
	for name, file := range map[string][]byte{"baseline": encodeJPEG(t, drawPage(64, 48, 3)), "progressive": progressive} {
		for n := 3; n < len(file)*7/10; n += 7 {
			pages, errs := allPages(t.Context(), file[:n], Limits{})
			if len(pages) != 0 || len(errs) != 1 || !errors.Is(errs[0], ErrDamaged) {
				t.Fatalf("%s cut off after %d bytes: %d pages, errors %v", name, n, len(pages), errs)
			}
		}
	}
}

// setSides sets the sides in the frame header of a JPEG.
func setSides(t testing.TB, file []byte, width, height int) []byte {
	t.Helper()
	file = bytes.Clone(file)
	for _, marker := range []byte{markSOF0, markSOF2} {
		if i := bytes.Index(file, []byte{0xFF, marker, 0}); i > 0 {
			binary.BigEndian.PutUint16(file[i+5:], uint16(height))
			binary.BigEndian.PutUint16(file[i+7:], uint16(width))
			return file
		}
	}
	t.Fatal("no frame")
	return nil
}

func TestJPEGTakesNoMemoryForPixelsThatAreNotThere(t *testing.T) {
	progressive, err := os.ReadFile(filepath.Join("testdata", "progressive.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"baseline": encodeJPEG(t, drawPage(64, 48, 3)), "progressive": progressive} {
		wantRefused(t, name, setSides(t, file, 6000, 6000), ErrDamaged)
		wantRefused(t, name, setSides(t, file, 8001, 8000), ErrResolution)
		wantRefused(t, name, setSides(t, file, 65535, 65535), ErrResolution)
		wantRefused(t, name, setSides(t, file, 9, 100), ErrResolution)
	}
}

func TestJPEGMoreCoefficientsThanMemoryIsFor(t *testing.T) {
	progressive, err := os.ReadFile(filepath.Join("testdata", "progressive.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	wantRefused(t, "progressive", setSides(t, progressive, 8000, 8000), ErrResolution)
}

// wantRefused checks that a file gives one error, quickly, and without much
// memory.
func wantRefused(t *testing.T, name string, file []byte, want error) {
	t.Helper()
	start := time.Now()
	bytes := allocated(func() {
		pages, errs := allPages(t.Context(), file, Limits{})
		if len(pages) != 0 || len(errs) != 1 || !errors.Is(errs[0], want) {
			t.Errorf("%s: %d pages, errors %v; want %v", name, len(pages), errs, want)
		}
	})
	if bytes > 1<<20 {
		t.Errorf("%s: took %d bytes", name, bytes)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("%s: took %v", name, took)
	}
}

// A file of a few bytes a scan would keep the decoder busy for minutes.
func TestJPEGTooManyScans(t *testing.T) {
	progressive, err := os.ReadFile(filepath.Join("testdata", "progressive.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	file := setSides(t, progressive, 4000, 4000)
	last := bytes.LastIndex(file, []byte{0xFF, markSOS})
	scan := slices.Concat(file[last:len(file)-2], make([]byte, 100))
	file = append(file[:last], bytes.Repeat(scan, 3000)...)
	wantRefused(t, "many scans", append(file, 0xFF, markEOI), ErrDamaged)
}
