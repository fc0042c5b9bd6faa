package main

import (
	"bytes"
	"fmt"
)

// A picture is a JPEG file.
type picture struct {
	data          []byte
	width, height int
	gray          bool
}

// encodePDF returns a PDF with one picture a page, each filling A4, as office
// scanners write it.
func encodePDF(pages []picture) []byte {
	var b bytes.Buffer
	var starts []int
	object := func(head string, stream []byte) {
		starts = append(starts, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\n", len(starts), head)
		if stream != nil {
			b.WriteString("stream\n")
			b.Write(stream)
			b.WriteString("\nendstream\n")
		}
		b.WriteString("endobj\n")
	}
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	object("<< /Type /Catalog /Pages 2 0 R >>", nil)
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 3+3*i)
	}
	object(fmt.Sprintf("<< /Type /Pages /Kids [ %s] /Count %d >>", kids, len(pages)), nil)
	for i, p := range pages {
		n, space := 3+3*i, "/DeviceRGB"
		if p.gray {
			space = "/DeviceGray"
		}
		object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.28 841.89] /Resources << /XObject << /Im %d 0 R >> >> /Contents %d 0 R >>", n+2, n+1), nil)
		draw := []byte("q 595.28 0 0 841.89 0 0 cm /Im Do Q")
		object(fmt.Sprintf("<< /Length %d >>", len(draw)), draw)
		object(fmt.Sprintf("<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s /BitsPerComponent 8 /Filter /DCTDecode /Length %d >>",
			p.width, p.height, space, len(p.data)), p.data)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(starts)+1)
	for _, s := range starts {
		fmt.Fprintf(&b, "%010d 00000 n \n", s)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(starts)+1, table)
	return b.Bytes()
}
