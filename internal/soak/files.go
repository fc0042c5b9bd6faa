package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/sample/demo"
)

// dpi is the resolution of all pages, in pixels an inch.
const dpi = 200

// A file is one that is sent, and what is to become of it.
type file struct {
	name   string
	format string // as the API calls it
	data   []byte
	key    blob.Key
	pages  []bool // of each page, whether it is a filled form, which has to be found to be one
}

// A maker makes files no two of which are the same, nor two of their plain
// pages, so that what is stored can be told from all else. Use it in one
// goroutine.
type maker struct {
	rand  *rand.Rand
	forms []picture
	made  int
}

// A picture is what a page shows.
type picture struct {
	gray *image.Gray
	jpeg []byte // the same, encoded
	zip  []byte // the pixels, deflated
}

func newMaker(r *rand.Rand) (*maker, error) {
	m := &maker{rand: r}
	for _, scan := range demo.Load().Scans {
		if !bytes.HasPrefix(scan.Data, []byte("\xff\xd8")) {
			continue
		}
		img, err := jpeg.Decode(bytes.NewReader(scan.Data))
		if err != nil {
			return nil, fmt.Errorf("demo scan %s: %w", scan.File, err)
		}
		gray := image.NewGray(img.Bounds())
		draw.Draw(gray, gray.Rect, img, img.Bounds().Min, draw.Src)
		p := drawn(gray)
		p.jpeg = scan.Data
		m.forms = append(m.forms, p)
	}
	return m, nil
}

func drawn(gray *image.Gray) picture {
	var zip bytes.Buffer
	z := zlib.NewWriter(&zip)
	_, err := z.Write(gray.Pix)
	if err := errors.Join(err, z.Close()); err != nil {
		panic(err) // a buffer takes all
	}
	return picture{gray: gray, zip: zip.Bytes()}
}

// plain returns a small page that no template fits.
func (m *maker) plain() picture {
	gray := image.NewGray(image.Rect(0, 0, 160, 224))
	for i := range gray.Pix {
		gray.Pix[i] = 255
	}
	for range 64 {
		x, y := 8+m.rand.IntN(136), 8+m.rand.IntN(200)
		gray.SetGray(x, y, color.Gray{Y: uint8(m.rand.IntN(200))})
		gray.SetGray(x+1, y, color.Gray{Y: uint8(m.rand.IntN(200))})
	}
	return drawn(gray)
}

// next returns a file of one of the kinds: PDF and TIFF have from 2 to most
// pages.
func (m *maker) next(most int) (*file, error) {
	m.made++
	f := &file{}
	n := 2 + m.rand.IntN(most-1)
	form := m.rand.IntN(4) == 0 // one page of the file
	var err error
	switch kind := m.rand.IntN(10); {
	case kind < 5:
		f.format = "pdf"
		f.data = writePDF(m.pages(f, n, form))
	case kind < 8:
		f.format = "tiff"
		f.data = writeTIFF(m.pages(f, n, form))
	case kind < 9:
		f.format = "png"
		var out bytes.Buffer
		err = png.Encode(&out, m.pages(f, 1, false)[0].gray)
		f.data = out.Bytes()
	default:
		f.format = "jpg"
		f.data = m.comment(m.pages(f, 1, true)[0].jpeg)
	}
	f.name, f.key = fmt.Sprintf("%d.%s", m.made, f.format), blob.KeyOf(f.data)
	return f, err
}

// pages draws the pages of f.
func (m *maker) pages(f *file, n int, form bool) []picture {
	at := m.rand.IntN(n)
	pages := make([]picture, n)
	f.pages = make([]bool, n)
	for i := range pages {
		if form && i == at {
			pages[i], f.pages[i] = m.forms[m.rand.IntN(len(m.forms))], true
		} else {
			pages[i] = m.plain()
		}
	}
	return pages
}

// comment adds one to a JPEG, which makes it a file of its own.
func (m *maker) comment(file []byte) []byte {
	const marker = "\xff\xd8\xff\xfe\x00\x12" // start of the image; a comment and its length
	id := binary.BigEndian.AppendUint64(nil, m.rand.Uint64())
	return append([]byte(marker+hex.EncodeToString(id)), file[2:]...)
}

// writePDF returns a PDF with a picture on each page.
func writePDF(pages []picture) []byte {
	var out bytes.Buffer
	var at []int // of each object
	object := func(format string, args ...any) {
		at = append(at, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n", len(at))
		fmt.Fprintf(&out, format, args...)
		out.WriteString("\nendobj\n")
	}
	out.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	var kids bytes.Buffer
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 3+3*i)
	}
	object("<< /Type /Pages /Count %d /Kids [ %s] >>", len(pages), kids.String())
	for i, p := range pages {
		width, height := p.gray.Rect.Dx(), p.gray.Rect.Dy()
		content := fmt.Sprintf("q %g 0 0 %g 0 0 cm /I Do Q", 72./dpi*float64(width), 72./dpi*float64(height))
		data, filter, space := p.zip, "FlateDecode", "DeviceGray"
		if p.jpeg != nil {
			data, filter, space = p.jpeg, "DCTDecode", "DeviceRGB"
		}
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %g %g] /Contents %d 0 R /Resources << /XObject << /I %d 0 R >> >> >>",
			72./dpi*float64(width), 72./dpi*float64(height), 4+3*i, 5+3*i)
		object("<< /Length %d >>\nstream\n%s\nendstream", len(content), content)
		object("<< /Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /%s /Filter /%s /Length %d >>\nstream\n%s\nendstream",
			width, height, space, filter, len(data), data)
	}
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, table)
	return out.Bytes()
}

// writeTIFF returns a TIFF with the pictures as its pages, in gray and deflated.
func writeTIFF(pages []picture) []byte {
	const long = 4 // the kind of all values
	order := binary.LittleEndian
	out := []byte("II*\x00\x00\x00\x00\x00")
	link := 4 // where the offset of the next directory goes
	for _, p := range pages {
		strip := len(out)
		out = append(out, p.zip...)
		out = append(out, make([]byte, len(out)%2)...) // a directory begins at an even place
		order.PutUint32(out[link:], uint32(len(out)))
		tags := [][2]uint32{ // TIFF 6.0, section 4
			{256, uint32(p.gray.Rect.Dx())},
			{257, uint32(p.gray.Rect.Dy())},
			{258, 8},                        // bits a sample
			{259, 8},                        // deflated
			{262, 1},                        // black is zero
			{273, uint32(strip)},            // where the only strip is
			{277, 1},                        // samples a pixel
			{278, uint32(p.gray.Rect.Dy())}, // its rows
			{279, uint32(len(p.zip))},       // its bytes
		}
		out = order.AppendUint16(out, uint16(len(tags)))
		for _, t := range tags {
			out = order.AppendUint16(order.AppendUint16(out, uint16(t[0])), long)
			out = order.AppendUint32(order.AppendUint32(out, 1), t[1])
		}
		link = len(out)
		out = append(out, 0, 0, 0, 0)
	}
	return out
}
