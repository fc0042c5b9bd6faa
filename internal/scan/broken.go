package scan

import (
	"bytes"
	"image"
	"image/jpeg"

	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/structs"
)

// PDFium draws as much of a picture as its stream has, and says nothing of the
// rest. So the streams of the pictures of a page are looked through here too, as
// far as to know where they end.

// Limits of the pictures of a page that are looked through.
const (
	brokenMost   = 16      // pictures
	brokenPixels = 1 << 26 // of one
)

// A lost is a part of a page, in points, of which the file has no picture.
type lost struct{ left, top, right, bottom float64 }

// lostOf returns the parts that a picture lacks, which lies on the page by toPage.
func (l *looker) lostOf(thing references.FPDF_PAGEOBJECT, size image.Point, toPage structs.FPDF_FS_MATRIX) (parts []lost) {
	if len(l.found) >= brokenMost || size.X < 1 || size.Y < 1 || size.X > brokenPixels/size.Y {
		return nil
	}
	for _, r := range l.unseen(thing, size) {
		var box lost
		for i, corner := range []image.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}} {
			u, v := float64(corner.X)/float64(size.X), 1-float64(corner.Y)/float64(size.Y)
			x := float64(float64(toPage.A)*u) + float64(float64(toPage.C)*v) + float64(toPage.E)
			y := float64(float64(toPage.B)*u) + float64(float64(toPage.D)*v) + float64(toPage.F)
			if i == 0 {
				box = lost{x, y, x, y}
			}
			box = lost{min(box.left, x), max(box.top, y), max(box.right, x), min(box.bottom, y)}
		}
		parts = append(parts, box)
	}
	return parts
}

// unseen returns the parts of a picture that its stream does not have, in its
// pixels.
func (l *looker) unseen(thing references.FPDF_PAGEOBJECT, size image.Point) []image.Rectangle {
	filters, err := l.instance.FPDFImageObj_GetImageFilterCount(&requests.FPDFImageObj_GetImageFilterCount{ImageObject: thing})
	if err != nil {
		return nil
	}
	filter := ""
	if filters.Count > 0 {
		last, err := l.instance.FPDFImageObj_GetImageFilter(&requests.FPDFImageObj_GetImageFilter{ImageObject: thing, Index: filters.Count - 1})
		if err != nil {
			return nil
		}
		filter = last.ImageFilter
	}
	switch filter {
	case "DCTDecode", "DCT":
		return jpegLost(l.stream(thing))
	case "CCITTFaxDecode", "CCF":
		return faxLost(l.stream(thing), size)
	case "JPXDecode", "JBIG2Decode":
		return nil // they are not decoded here
	}
	return l.rowsLost(thing, size)
}

// stream returns the stream of a picture as its own filter takes it.
func (l *looker) stream(thing references.FPDF_PAGEOBJECT) []byte {
	data, err := l.instance.FPDFImageObj_GetImageDataDecoded(&requests.FPDFImageObj_GetImageDataDecoded{ImageObject: thing})
	if err != nil {
		return nil
	}
	return data.Data
}

// jpegLost returns the parts of a JPEG that it does not have: all of it, where codes
// are wrong and nobody knows from where on. Codings that are not decoded here are
// left to PDFium.
func jpegLost(file []byte) []image.Rectangle {
	if !isJPEG(file) {
		return nil
	}
	h, err := readJPEGHeader(file)
	if err != nil || h.visits > maxBlockVisits {
		return nil
	}
	if _, err := jpeg.DecodeConfig(bytes.NewReader(file)); err != nil {
		return nil
	}
	_, unseen, err := mendJPEG(file, h, true)
	if err != nil && len(unseen) == 0 {
		return []image.Rectangle{image.Rect(0, 0, h.width, h.height)}
	}
	return unseen
}

// sureFaxRows is how many rows show that a fax is coded as T.6 has it: those of T.4
// end in the first.
const sureFaxRows = 32

// faxLost returns the rows of a fax, coded as T.6 has it, behind the first that
// cannot be read: all that follow depend on it.
func faxLost(data []byte, size image.Point) []image.Rectangle {
	if len(data) == 0 {
		return nil
	}
	r := newFaxReader(data, faxG4, false, size.X, size.Y)
	row := make([]byte, (size.X+7)/8)
	for y := range size.Y {
		if err := r.readRow(row); err == nil && r.bad == 0 {
			continue
		}
		if y < sureFaxRows {
			return nil
		}
		return []image.Rectangle{image.Rect(0, y, size.X, size.Y)}
	}
	return nil
}

// rowsLost returns the rows that the samples of a picture do not reach. Some
// programs leave out a few bytes at the end.
func (l *looker) rowsLost(thing references.FPDF_PAGEOBJECT, size image.Point) []image.Rectangle {
	told, err := l.instance.FPDFImageObj_GetImageMetadata(&requests.FPDFImageObj_GetImageMetadata{ImageObject: thing, Page: l.page})
	if err != nil || told.ImageMetadata.BitsPerPixel == 0 {
		return nil
	}
	row := (size.X*int(told.ImageMetadata.BitsPerPixel) + 7) / 8 //nolint:gosec // some hundred
	rows := len(l.stream(thing)) / row
	if 100*rows >= 99*size.Y {
		return nil
	}
	return []image.Rectangle{image.Rect(0, rows, size.X, size.Y)}
}

// unseenOf returns the parts of page n, in its pixels, that its pictures lack.
func (d *document) unseenOf(n int, g grid, pictures []picture) (parts []image.Rectangle, err error) {
	to := pixels{d, d.page(n), g}
	for _, p := range pictures {
		for _, b := range p.lost {
			at, err := to.box(b.left, b.top, b.right, b.bottom)
			if err != nil {
				return nil, broken(err)
			}
			r := image.Rect(int(at[0]), int(at[1]), int(at[2])+1, int(at[3])+1).Intersect(image.Rect(0, 0, g.width, g.height))
			if !r.Empty() {
				parts = append(parts, r)
			}
		}
	}
	return parts, nil
}
