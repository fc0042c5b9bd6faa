package scan

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"
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

// FuzzPoppler fuzzes what is read of the output of Poppler's programs.
func FuzzPoppler(f *testing.F) {
	f.Add([]byte(pdfinfoOutput))
	f.Add([]byte(pdfimagesOutput))
	f.Add([]byte("P6\n12 11\n255\n" + string(bytes.Repeat([]byte("abc"), 12*11))))
	f.Fuzz(func(t *testing.T, out []byte) {
		sizes, _ := parsePDFInfo(out)
		images := parsePDFImages(out)
		for _, size := range sizes {
			if g, ok := scannedGrid(images, size.upright()); ok && !(g.x > 0 && g.y > 0) {
				t.Fatalf("grid %v", g)
			}
		}
		if img, err := readPPM(bytes.NewReader(out), small); err == nil {
			split(img)
		} else if !isSentinel(err) {
			t.Fatalf("not an error of the package: %v", err)
		}
	})
}
