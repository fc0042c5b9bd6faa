package scan

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"image/gif"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/image/bmp"

	"github.com/seosik/seosik/internal/beside"
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

// fuzzKind fuzzes the files of one kind, from those in testdata whose names match
// patterns and, while one fuzzes, from the bench.
func fuzzKind(f *testing.F, is func([]byte) bool, patterns ...string) {
	f.Helper()
	// Compiling takes longer than a file may.
	if err := PreparePDF(); err != nil {
		f.Fatal(err)
	}
	if _, err := theHEIFSandbox(); err != nil {
		f.Fatal(err)
	}
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join("testdata", pattern))
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			addFile(f, name, is)
		}
	}
	if flag.Lookup("test.fuzz").Value.String() != "" { // other tests read them
		for _, folder := range []string{"bad", "odd"} {
			err := filepath.WalkDir(beside.Bench(f, folder), func(name string, d fs.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() {
					addFile(f, name, is)
				}
				return err
			})
			if err != nil {
				f.Fatal(err)
			}
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if is(file) {
			fuzzPages(t, file)
		}
	})
}

// mostSeed is how large a file may be to be fuzzed from: of a larger one what is
// altered is nearly always a pixel.
const mostSeed = 100 << 10 // bytes

func addFile(f *testing.F, name string, is func([]byte) bool) {
	f.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	if len(file) <= mostSeed && is(file) {
		f.Add(file)
	}
}

func FuzzJPEG(f *testing.F) {
	img := drawPage(30, 20, 1)
	gray, _ := lumaOf(img)
	f.Add(encodeJPEG(f, gray))
	f.Add(withEXIF(encodeJPEG(f, img), binary.BigEndian, 6))
	fuzzKind(f, isJPEG, "*.jpg")
}

func FuzzHEIC(f *testing.F) { fuzzKind(f, isHEIF, "*.heic") }

func FuzzJPEG2000(f *testing.F) { fuzzKind(f, isJPEG2000, "*.jp2") }

func FuzzWebP(f *testing.F) { fuzzKind(f, isWebP, "*.webp") }

func FuzzBMP(f *testing.F) {
	f.Add(encode(f, func(b *bytes.Buffer) error { return bmp.Encode(b, drawPage(30, 20, 1)) }))
	fuzzKind(f, isBMP)
}

// FuzzOther fuzzes what is of no kind that is read, such as GIF.
func FuzzOther(f *testing.F) {
	f.Add(encode(f, func(b *bytes.Buffer) error { return gif.Encode(b, drawPage(30, 20, 1), nil) }))
	f.Add([]byte("%!PS-Adobe-3.0\n"))
	f.Add([]byte("PK\x03\x04"))
	kinds := []func([]byte) bool{isJPEG, isPNG, isTIFF, isPDF, isHEIF, isJPEG2000, isWebP, isBMP}
	fuzzKind(f, func(file []byte) bool {
		return !slices.ContainsFunc(kinds, func(is func([]byte) bool) bool { return is(file) })
	})
}

func FuzzPNG(f *testing.F) {
	img := drawPage(30, 20, 1)
	gray, _ := lumaOf(img)
	f.Add(encodePNG(f, img))
	f.Add(encodePNG(f, gray))
	f.Add(withChunk(encodePNG(f, gray), "eXIf", []byte("II*\x00\x08\x00\x00\x00\x00\x00")))
	fuzzKind(f, isPNG)
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
	fuzzKind(f, isTIFF)
}

// FuzzPDF fuzzes how files are opened and drawn. What PDFium makes of them is
// another matter: whatever it does, it must end as an error.
func FuzzPDF(f *testing.F) {
	img := drawPage(30, 20, 1)
	f.Add(writePDF(f, "", scanned(img, 100, 90), pdfPage{72, 72, 0, "0 0 36 36 re f", nil}))
	f.Add(writePDF(f, "/Encrypt<</Filter/Standard/V 1/R 2/P -4>>", scanned(img, 100, 0)))
	fuzzKind(f, isPDF)
}
