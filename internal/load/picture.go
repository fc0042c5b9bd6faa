package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/sample/demo"
)

// A picture is a PNG of which each copy has other bytes, and the same pixels:
// a scan of the demo's form, drawn large, whose grain keeps it from being
// packed.
type picture struct {
	head, rest []byte // a copy has a chunk of its own between them
	base64     []byte // of rest
}

const (
	headBytes = 8 + 25 // the magic, and the chunk IHDR
	noteBytes = 18     // of a copy's own chunk, which has 12 more; all before rest is whole groups of base64
)

// newPicture returns a picture of about size bytes.
func newPicture(size int) (*picture, error) {
	scan, _, err := image.Decode(bytes.NewReader(demo.Load().Picture))
	if err != nil {
		return nil, err
	}
	from := scan.Bounds()
	scale := math.Sqrt(float64(size) / float64(from.Dx()*from.Dy()))
	to := image.NewGray(image.Rect(0, 0, int(float64(from.Dx())*scale), int(float64(from.Dy())*scale)))
	grain := rand.New(rand.NewPCG(1, 2))
	for y := range to.Rect.Dy() {
		for x := range to.Rect.Dx() {
			ink := color.GrayModel.Convert(scan.At(from.Min.X+int(float64(x)/scale), from.Min.Y+int(float64(y)/scale))).(color.Gray).Y
			to.Pix[y*to.Stride+x] = uint8(min(max(int(ink)-grain.IntN(12), 0), 255))
		}
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, to); err != nil {
		return nil, err
	}
	p := &picture{head: b.Bytes()[:headBytes], rest: b.Bytes()[headBytes:]}
	p.base64 = base64.StdEncoding.AppendEncode(nil, p.rest)
	return p, nil
}

func (p *picture) size() int { return len(p.start(0)) + len(p.rest) }

// start returns what stands before rest in copy i.
func (p *picture) start(i int) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, noteBytes)
	text := make([]byte, noteBytes)
	copy(text, "Comment\x00")
	binary.BigEndian.PutUint64(text[8:], uint64(i))
	chunk = append(append(chunk, "tEXt"...), text...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return append(bytes.Clone(p.head), chunk...)
}

// piecemeal returns all of parts, which are read in small pieces: handed over as
// a whole, hundreds of them would be in this process's memory.
func piecemeal(parts ...io.Reader) io.Reader { return struct{ io.Reader }{io.MultiReader(parts...)} }

// copy returns copy i.
func (p *picture) copy(i int) io.Reader {
	return piecemeal(bytes.NewReader(p.start(i)), bytes.NewReader(p.rest))
}
