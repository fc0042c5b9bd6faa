package scan

import (
	"bytes"
	"context"
	"fmt"
	"image"
)

// A drawnPicture is a picture of a kind that no decoder here takes, and PDFium
// does: it brings libjpeg-turbo and OpenJPEG, in bounded memory and time.
type drawnPicture struct {
	file   []byte
	filter string // of PDF, ISO 32000-1, 7.4
	size   image.Point
	colors string // of PDF, or "" where the file tells them
}

// draw returns the luma of the picture and the picture, in its own pixels.
func (d drawnPicture) draw(ctx context.Context, limits Limits) (*image.Gray, image.Image, error) {
	page, err := pageOfPDF(ctx, d.pdf(), 1, limits)
	if err != nil {
		return nil, nil, err
	}
	if page.Gray.Rect.Size() != d.size || plain(page.Gray) {
		return nil, nil, fmt.Errorf("%w: %s of a kind that is not drawn", ErrCoding, d.filter)
	}
	return page.Gray, page.Color, nil
}

// plain reports whether all pixels are the same: PDFium leaves what it cannot
// decode white, or makes it black.
func plain(img *image.Gray) bool {
	for _, v := range img.Pix {
		if v != img.Pix[0] {
			return false
		}
	}
	return true
}

// pdf returns a PDF of one page that is the picture, a point for a pixel.
func (d drawnPicture) pdf() []byte {
	var b bytes.Buffer
	var offsets []int
	object := func(dictionary string, stream []byte) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\n", len(offsets), dictionary)
		if stream != nil {
			b.WriteString("stream\n")
			b.Write(stream)
			b.WriteString("\nendstream\n")
		}
		b.WriteString("endobj\n")
	}
	b.WriteString("%PDF-1.5\n")
	object("<</Type/Catalog/Pages 2 0 R>>", nil)
	object("<</Type/Pages/Kids[3 0 R]/Count 1>>", nil)
	object(fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R/Resources<</XObject<</P 5 0 R>>>>>>", d.size.X, d.size.Y), nil)
	contents := fmt.Sprintf("%d 0 0 %d 0 0 cm /P Do", d.size.X, d.size.Y)
	object(fmt.Sprintf("<</Length %d>>", len(contents)), []byte(contents))
	colors := ""
	if d.colors != "" {
		colors = "/BitsPerComponent 8/ColorSpace/" + d.colors
	}
	object(fmt.Sprintf("<</Type/XObject/Subtype/Image/Width %d/Height %d%s/Filter/%s/Length %d>>",
		d.size.X, d.size.Y, colors, d.filter, len(d.file)), d.file)
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return b.Bytes()
}
