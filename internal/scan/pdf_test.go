package scan

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"testing"
)

// A pdfPage is a page to be written.
type pdfPage struct {
	width, height float64 // points
	rotate        int
	content       string
	image         *image.RGBA // named I in the content, or nil
}

// writePDF writes a PDF; trailer goes into its trailer.
func writePDF(t testing.TB, trailer string, pages ...pdfPage) []byte {
	t.Helper()
	var out bytes.Buffer
	var offsets []int
	add := func(format string, args ...any) {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n", len(offsets))
		fmt.Fprintf(&out, format, args...)
		out.WriteString("\nendobj\n")
	}
	out.WriteString("%PDF-1.4\n")
	var kids []string
	for i := range pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", 3+3*i))
	}
	add("<</Type/Catalog/Pages 2 0 R>>")
	add("<</Type/Pages/Kids[%s]/Count %d>>", strings.Join(kids, " "), len(pages))
	for i, p := range pages {
		add("<</Type/Page/Parent 2 0 R/Rotate %d/MediaBox[0 0 %.4f %.4f]/Contents %d 0 R/Resources<</XObject<</I %d 0 R>>>>>>",
			p.rotate, p.width, p.height, 4+3*i, 5+3*i)
		add("<</Length %d>>stream\n%s\nendstream", len(p.content), p.content)
		if p.image == nil {
			add("null")
			continue
		}
		var samples []byte
		for i := 0; i < len(p.image.Pix); i += 4 {
			samples = append(samples, p.image.Pix[i:i+3]...)
		}
		data := deflate(t, samples)
		add("<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode/Length %d>>stream\n%s\nendstream",
			p.image.Rect.Dx(), p.image.Rect.Dy(), len(data), data)
	}
	xref := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&out, "trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, trailer, xref)
	return out.Bytes()
}

func deflate(t testing.TB, data []byte) []byte {
	t.Helper()
	return encode(t, func(b *bytes.Buffer) error {
		z := zlib.NewWriter(b)
		z.Write(data)
		return z.Close()
	})
}

// scanned returns a page that is one picture of a resolution.
func scanned(img *image.RGBA, dpi float64, rotate int) pdfPage {
	w, h := float64(img.Rect.Dx())*72/dpi, float64(img.Rect.Dy())*72/dpi
	return pdfPage{w, h, rotate, fmt.Sprintf("q %.4f 0 0 %.4f 0 0 cm /I Do Q", w, h), img}
}

// A scanned page has the very pixels of its picture, upright.
func TestPDFScannedPages(t *testing.T) {
	img := drawPage(223, 301, 8)
	for _, dpi := range []float64{100, 200, 300} {
		for rotate, o := range map[int]orientation{0: 1, 90: 6, 180: 3, 270: 8} {
			page := onePage(t, writePDF(t, "", scanned(img, dpi, rotate)))
			pix, r := o.turn(img.Pix, img.Stride, 4, img.Rect)
			want := &image.RGBA{Pix: pix, Stride: 4 * r.Dx(), Rect: r}
			if d := farthest(t, page.Color, want); d > 0 {
				t.Errorf("%v dpi turned by %d°: differs by %d", dpi, rotate, d)
			}
			if math.Abs(page.DPI-dpi) > 1 {
				t.Errorf("DPI %v, want %v", page.DPI, dpi)
			}
		}
	}
}

// What lies over a scanned page is seen.
func TestPDFScannedPageWithAStamp(t *testing.T) {
	img := drawPage(223, 301, 8)
	p := scanned(img, 200, 0)
	p.content += " 1 0 0 rg 20 30 20 20 re f"
	page := onePage(t, writePDF(t, "", p))
	if got := page.Gray.GrayAt(84, 190).Y; got != luma(255, 0, 0) {
		t.Errorf("luma %d in the stamp, want that of red", got)
	}
	if got, want := page.Color.At(10, 10), img.At(10, 10); got != want {
		t.Errorf("colour %v beside the stamp, want %v", got, want)
	}
}

func TestPDFDrawnPages(t *testing.T) {
	line := "0 0 0 rg 36 36 36 36 re f"
	for _, tt := range []struct {
		name          string
		page          pdfPage
		limits        Limits
		width, height int
	}{
		{"A4", pdfPage{595.28, 841.89, 0, line, nil}, Limits{}, 1654, 2339},
		{"turned", pdfPage{595.28, 841.89, 90, line, nil}, Limits{}, 2339, 1654},
		{"too large for 200 dpi", pdfPage{595.28, 841.89, 0, line, nil}, Limits{MaxSide: 1000}, 707, 1000},
		{"a poster", pdfPage{7200, 7200, 0, line, nil}, Limits{}, 4000, 4000},
		{"a picture in its middle", pdfPage{200, 300, 0, "q 100 0 0 100 50 50 cm /I Do Q", drawPage(60, 60, 3)}, Limits{}, 556, 834},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pages, errs := allPages(t.Context(), writePDF(t, "", tt.page), tt.limits)
			if len(pages) != 1 || errs != nil {
				t.Fatalf("%d pages, errors %v", len(pages), errs)
			}
			if got, want := pages[0].Gray.Rect.Size(), image.Pt(tt.width, tt.height); got != want {
				t.Errorf("sides %v, want %v", got, want)
			}
			if pages[0].Shown != nil {
				t.Error("a browser does not show a PDF in these pixels")
			}
		})
	}
}

func TestPDFPages(t *testing.T) {
	page := pdfPage{100, 100, 0, "0 0 50 50 re f", nil}
	tiny := pdfPage{3, 3, 0, "", nil}
	locked := "/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<" + strings.Repeat("11", 32) + ">/U<" + strings.Repeat("22", 32) + ">>>"
	cut := writePDF(t, "", page)
	for _, tt := range []struct {
		name    string
		file    []byte
		numbers []int
		errs    []error
	}{
		{"three", writePDF(t, "", page, page, page), []int{1, 2, 3}, []error{nil, nil, nil}},
		{"too many", writePDF(t, "", page, page, page, page), []int{0}, []error{ErrTooManyPages}},
		{"a bad page", writePDF(t, "", page, tiny, page), []int{1, 2, 3}, []error{nil, ErrResolution, nil}},
		{"none", writePDF(t, ""), []int{0}, []error{ErrDamaged}},
		{"locked", writePDF(t, locked, page), []int{0}, []error{ErrEncrypted}},
		{"cut off", cut[:60], []int{0}, []error{ErrDamaged}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var numbers []int
			for page, err := range Pages(t.Context(), tt.file, Limits{Pages: 3}) {
				numbers = append(numbers, page.Number)
				if n := len(numbers); n <= len(tt.errs) && !errors.Is(err, tt.errs[n-1]) {
					t.Errorf("page %d: error %v, want %v", page.Number, err, tt.errs[n-1])
				}
			}
			if !slices.Equal(numbers, tt.numbers) {
				t.Errorf("pages %v, want %v", numbers, tt.numbers)
			}
		})
	}
}

// A picture of a billion pixels is small as a fax, and takes long to draw
// however small the page is drawn.
func TestPDFHugePicture(t *testing.T) {
	p := scanned(drawPage(20, 20, 1), 200, 0)
	file := bytes.Replace(writePDF(t, "", p), []byte("/Width 20/Height 20/"), []byte("/Width 99999/Height 99999/"), 1)
	_, errs := allPages(t.Context(), file, Limits{})
	if len(errs) != 1 || !errors.Is(errs[0], ErrResolution) {
		t.Errorf("errors %v, want %v", errs, ErrResolution)
	}
}

func TestPDFStopsWithItsContext(t *testing.T) {
	page := pdfPage{100, 100, 0, "0 0 50 50 re f", nil}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	count := 0
	var last error
	for _, err := range Pages(ctx, writePDF(t, "", page, page, page), Limits{}) {
		count, last = count+1, err
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("%d pages, the last with error %v, want %v", count, last, context.Canceled)
	}
}
