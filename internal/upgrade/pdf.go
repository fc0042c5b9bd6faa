package main

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image"
)

// writePDF returns a PDF with a gray picture on each page, of 130 dpi.
func writePDF(pages []*image.Gray) ([]byte, error) {
	const points = 72 / 130. // of a pixel
	var out bytes.Buffer
	var at []int // of each object
	object := func(format string, args ...any) {
		at = append(at, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(at)}, args...)...)
	}
	out.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	var kids bytes.Buffer
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 3+3*i)
	}
	object("<< /Type /Pages /Count %d /Kids [ %s] >>", len(pages), kids.String())
	for i, p := range pages {
		var pixels bytes.Buffer
		z := zlib.NewWriter(&pixels)
		if _, err := z.Write(p.Pix); errors.Join(err, z.Close()) != nil {
			return nil, err
		}
		width, height := points*float64(p.Rect.Dx()), points*float64(p.Rect.Dy())
		content := fmt.Sprintf("q %g 0 0 %g 0 0 cm /I Do Q", width, height)
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %g %g] /Contents %d 0 R /Resources << /XObject << /I %d 0 R >> >> >>",
			width, height, 4+3*i, 5+3*i)
		object("<< /Length %d >>\nstream\n%s\nendstream", len(content), content)
		object("<< /Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream",
			p.Rect.Dx(), p.Rect.Dy(), pixels.Len(), pixels.String())
	}
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, table)
	return out.Bytes(), nil
}
