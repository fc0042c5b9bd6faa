package scan

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/image/bmp"
)

// small keeps what a fuzzed file may ask for within what a fuzzer has time for.
var small = Limits{Pages: 5, MaxSide: 1000}

// fuzzPages checks what holds for any file: pages within the limits or errors
// of the package, and an end before long.
func fuzzPages(t *testing.T, file []byte) {
	start := time.Now()
	count := 0
	for page, err := range Pages(context.Background(), file, small) {
		count++
		if err != nil {
			if !isSentinel(err) {
				t.Fatalf("not an error of the package: %v", err)
			}
			continue
		}
		checkPages(t, []Page{page})
		if size := page.Gray.Rect.Size(); small.withDefaults().checkSides(size.X, size.Y) != nil {
			t.Fatalf("sides %v", size)
		}
	}
	if count == 0 || count > small.Pages+1 {
		t.Fatalf("%d pages and errors", count)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Fatalf("took %v", took)
	}
}

func FuzzJPEG(f *testing.F) {
	if err := PreparePDF(); err != nil { // which draws some kinds
		f.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join("testdata", "*.jpg"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	img := drawPage(30, 20, 1)
	gray, _ := lumaOf(img)
	f.Add(encodeJPEG(f, gray))
	f.Add(withEXIF(encodeJPEG(f, img), binary.BigEndian, 6))
	f.Fuzz(func(t *testing.T, file []byte) {
		if isJPEG(file) {
			fuzzPages(t, file)
		}
	})
}

// FuzzPicture fuzzes the other kinds that are one picture.
func FuzzPicture(f *testing.F) {
	if err := PreparePDF(); err != nil {
		f.Fatal(err)
	}
	if _, err := theHEIFSandbox(); err != nil {
		f.Fatal(err)
	}
	for _, name := range []string{"page.webp", "lossless.webp", "page.jp2", "page.heic"} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Add(encode(f, func(b *bytes.Buffer) error { return bmp.Encode(b, drawPage(30, 20, 1)) }))
	f.Fuzz(func(t *testing.T, file []byte) {
		if !isJPEG(file) && !isPNG(file) && !isTIFF(file) && !isPDF(file) {
			fuzzPages(t, file)
		}
	})
}

func FuzzPNG(f *testing.F) {
	img := drawPage(30, 20, 1)
	gray, _ := lumaOf(img)
	f.Add(encodePNG(f, img))
	f.Add(encodePNG(f, gray))
	f.Add(withChunk(encodePNG(f, gray), "eXIf", []byte("II*\x00\x08\x00\x00\x00\x00\x00")))
	f.Fuzz(func(t *testing.T, file []byte) {
		if isPNG(file) {
			fuzzPages(t, file)
		}
	})
}

func FuzzTIFF(f *testing.F) {
	img := tiffPixels()
	rows := faxRows(50, 30, 5)
	for _, order := range tiffOrders {
		for _, kind := range faxKinds {
			f.Add(tiffFile{order, []tiffDir{faxDir(rows, kind.kind, kind.plane)}}.bytes())
		}
		old := jpegDir(f, drawPage(40, 30, 2), 30)
		old.tags[tagCompression], old.tags[tagJPEGFormat] = []uint32{compressionOldJPEG}, []uint32{8}
		f.Add(tiffFile{order, []tiffDir{old}}.bytes())
		f.Add(tiffFile{order, []tiffDir{jpegDir(f, drawPage(40, 30, 2), 16), rgbDir(f)}}.bytes())
		for _, s := range []storing{
			{compression: compressionLZW, bits: 8, photometric: isRGB, predictor: true, rows: 10},
			{compression: compressionDeflate, bits: 16, photometric: isCMYK, planar: true, tile: 16},
			{compression: compressionPackBits, bits: 4, photometric: isPalette, reversed: true},
			{compression: compressionNone, bits: 8, photometric: isYCbCr},
			{compression: compressionNone, bits: 2, photometric: whiteIsZero, extra: 1, alpha: 1},
		} {
			s.order = order
			f.Add(tiffFile{order, []tiffDir{s.dir(f, img)}}.bytes())
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if isTIFF(file) {
			fuzzPages(t, file)
		}
	})
}

// FuzzPDF fuzzes how files are opened and drawn. What PDFium makes of them is
// another matter: whatever it does, it must end as an error.
func FuzzPDF(f *testing.F) {
	if err := PreparePDF(); err != nil {
		f.Fatal(err)
	}
	img := drawPage(30, 20, 1)
	f.Add(writePDF(f, "", scanned(img, 100, 90), pdfPage{72, 72, 0, "0 0 36 36 re f", nil}))
	f.Add(writePDF(f, "/Encrypt<</Filter/Standard/V 1/R 2/P -4>>", scanned(img, 100, 0)))
	f.Fuzz(func(t *testing.T, file []byte) {
		if isPDF(file) {
			fuzzPages(t, file)
		}
	})
}
