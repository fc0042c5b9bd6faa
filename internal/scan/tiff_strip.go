package scan

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io"
	"math/bits"

	"golang.org/x/image/tiff/lzw"
)

// Values of tagCompression.
const (
	compressionNone     = 1
	compressionRuns     = 2
	compressionG3       = 3
	compressionG4       = 4
	compressionLZW      = 5
	compressionOldJPEG  = 6
	compressionJPEG     = 7
	compressionDeflate  = 8
	compressionPackBits = 32773
	compressionZIP      = 32946 // deflate before it had a number
)

// expansion has the most bytes that one byte of a compression can become: what
// a picture cannot have takes no memory. A row of a fax takes a bit at least.
var expansion = map[int]int{
	compressionNone: 1, compressionLZW: 4096, compressionDeflate: 1032, compressionZIP: 1032, compressionPackBits: 64,
}

// tiffBlocks are the strips or tiles of a picture.
type tiffBlocks struct {
	width, height int // pixels
	across, down  int // how many there are of a plane
	tiled         bool
	offsets       []uint64
	counts        []uint64 // bytes
	counted       bool     // the counts are told
}

// maxTIFFBlocks bounds the blocks of a picture: 8000 rows of four planes are
// less, and tiles have rarely less than 128 x 128 pixels.
const maxTIFFBlocks = 1 << 16

// readBlocks reads where the blocks are.
func (p *tiffPicture) readBlocks() error {
	b := &p.blocks
	offsets, counts := uint16(tagStripOffsets), uint16(tagStripByteCounts)
	b.width, b.height = p.width, p.height
	if rows := p.dir.int(tagRowsPerStrip, 0); rows > 0 {
		b.height = min(b.height, rows)
	}
	if w, h := p.dir.int(tagTileWidth, 0), p.dir.int(tagTileLength, 0); w > 0 && h > 0 {
		b.tiled, b.width, b.height = true, w, h
		offsets, counts = tagTileOffsets, tagTileByteCounts
		if w < 16 || h < 16 || w > 2*p.width+1024 || h > 2*p.height+1024 {
			return fmt.Errorf("%w: tiles of %d x %d", ErrDamaged, w, h)
		}
	}
	b.across = (p.width + b.width - 1) / b.width
	b.down = (p.height + b.height - 1) / b.height
	n := b.across * b.down
	if p.planar {
		n *= p.samples
	}
	if n > maxTIFFBlocks {
		return fmt.Errorf("%w: %d strips or tiles", ErrDamaged, n)
	}
	b.offsets, b.counts = p.dir.uints(offsets, n), p.dir.uints(counts, n)
	for _, n := range b.counts {
		b.counted = b.counted || n > 0
	}
	if len(b.offsets) == 0 {
		return fmt.Errorf("%w: no strips or tiles", ErrDamaged)
	}
	return nil
}

// data returns the bytes of block i, as far as the file has them. Old writers
// leave the counts out.
func (p *tiffPicture) data(i int) []byte {
	if i >= len(p.blocks.offsets) {
		return nil
	}
	size := uint64(len(p.file))
	start := min(p.blocks.offsets[i], size)
	count := size - start
	if i < len(p.blocks.counts) && p.blocks.counted {
		count = min(count, p.blocks.counts[i])
	}
	return p.file[start : start+count]
}

// checkData checks that the file can have the pixels it says it has.
func (p *tiffPicture) checkData() error {
	total := 0
	for i := range p.blocks.offsets {
		total += len(p.data(i))
	}
	if p.compression == compressionJPEG {
		if total > 2*len(p.file) { // blocks that lie over one another, to be decoded time and again
			return fmt.Errorf("%w: strips overlap", ErrDamaged)
		}
		return nil
	}
	most, ok := expansion[p.compression]
	if ok && p.width*p.height*p.bits/8*p.colors/p.down > 2*total*most {
		return fmt.Errorf("%w: cut off", ErrDamaged)
	}
	return nil
}

// A rowReader reads the next row of samples, as they are packed into bytes.
type rowReader interface {
	readRow(row []byte) error
}

// decodeBlock decodes block i of each plane. What it does not have is unseen.
func (p *tiffPicture) decodeBlock(ctx context.Context, i int) error {
	b := &p.blocks
	x0, y0 := i%b.across*b.width, i/b.across*b.height
	where := image.Rect(x0, y0, min(x0+b.width, p.width), min(y0+b.height, p.height))
	readers, err := p.readers(ctx, i, where.Dy())
	if err == nil {
		var rows int
		rows, err = p.decodeRows(readers, where)
		where.Min.Y += rows
	}
	if errors.Is(err, ErrDamaged) && ctx.Err() == nil {
		p.lose(where)
		return nil
	}
	return err
}

// lose notes that a part of the picture is unseen.
func (p *tiffPicture) lose(r image.Rectangle) {
	if n := len(p.unseen); n > 0 {
		last := &p.unseen[n-1]
		if last.Min.X == r.Min.X && last.Max.X == r.Max.X && last.Max.Y == r.Min.Y {
			last.Max.Y = r.Max.Y
			return
		}
	}
	if !r.Empty() {
		p.unseen = append(p.unseen, r)
	}
}

// readers returns a reader of the rows of block i for each plane.
func (p *tiffPicture) readers(ctx context.Context, i, height int) ([]rowReader, error) {
	planes, samples := 1, p.samples
	if p.planar {
		planes, samples = p.samples, 1
	}
	readers := make([]rowReader, planes)
	for plane := range readers {
		r, err := p.reader(ctx, i+plane*p.blocks.across*p.blocks.down, p.blocks.width, height, samples)
		if err != nil {
			return nil, err
		}
		readers[plane] = r
	}
	return readers, nil
}

// decodeRows decodes the rows of a block, and returns how many were read.
func (p *tiffPicture) decodeRows(readers []rowReader, where image.Rectangle) (int, error) {
	for _, r := range readers {
		if jpeg, ok := r.(*jpegRows); ok {
			for _, u := range jpeg.unseen {
				p.lose(u.Add(where.Min).Intersect(where))
			}
		}
		if p.drawn(r, where) {
			return where.Dy(), nil
		}
	}
	width, planes := p.blocks.width, len(readers)
	samples := p.samples
	if p.planar {
		samples = 1
	}
	unpacker := &unpacker{p: p, width: width, samples: samples, row: make([]byte, p.rowBytes(width, samples))}
	pixels := make([]uint8, width*p.samples*p.down)
	for y := where.Min.Y; y < where.Max.Y; y += p.down {
		for plane, r := range readers {
			if err := r.readRow(unpacker.row); err != nil {
				return y - where.Min.Y, fmt.Errorf("%w: row %d: %w", ErrDamaged, y, err)
			}
			if err := unpacker.unpack(pixels[plane:], planes); err != nil {
				return 0, err
			}
		}
		for i := range min(p.down, p.height-y) {
			p.store(where.Min.X, y+i, pixels[i*width*p.samples:(i+1)*width*p.samples])
		}
	}
	return where.Dy(), nil
}

// rowBytes returns the bytes of a row of a block; of YCbCr whose pixels share
// their colours, of as many rows as share them.
func (p *tiffPicture) rowBytes(width, samples int) int {
	if p.across*p.down > 1 {
		return (width + p.across - 1) / p.across * (p.across*p.down + 2)
	}
	return (width*samples*p.bits + 7) / 8
}

// reader returns the reader of the rows of a block.
func (p *tiffPicture) reader(ctx context.Context, block, width, height, samples int) (rowReader, error) {
	data := p.data(block)
	if p.compression == compressionJPEG {
		return p.jpegReader(ctx, data, width, height, samples)
	}
	if p.dir.int(tagFillOrder, 1) == 2 {
		data = reversed(data)
	}
	var r io.Reader
	switch p.compression {
	case 0, compressionNone:
		r = bytes.NewReader(data)
	case compressionRuns, compressionG3, compressionG4:
		if p.bits != 1 || samples != 1 {
			return nil, fmt.Errorf("%w: fax with %d samples of %d bits", ErrDamaged, samples, p.bits)
		}
		kind := map[int]faxKind{compressionRuns: faxAligned, compressionG3: faxG3, compressionG4: faxG4}
		plane := p.dir.int(tagT4Options, 0)&1 == 1
		return newFaxReader(data, kind[p.compression], plane, width, height), nil
	case compressionLZW:
		r = lzw.NewReader(bytes.NewReader(data), lzw.MSB, 8)
	case compressionDeflate, compressionZIP:
		z, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		r = z
	case compressionPackBits:
		r = &packBits{in: data}
	default:
		return nil, fmt.Errorf("%w: TIFF with compression %d", ErrCoding, p.compression)
	}
	return streamRows{r}, nil
}

// streamRows reads rows that follow one another.
type streamRows struct{ r io.Reader }

func (s streamRows) readRow(row []byte) error {
	_, err := io.ReadFull(s.r, row)
	return err
}

// reversed returns data with the bits of each byte the other way round.
func reversed(data []byte) []byte {
	out := make([]byte, len(data))
	for i, v := range data {
		out[i] = bits.Reverse8(v)
	}
	return out
}

// packBits reads what is compressed as in TIFF 6.0 section 9.
type packBits struct {
	in     []byte
	copies int  // bytes of in to hand out as they are
	runs   int  // times that value is to be handed out
	value  byte // of the run
}

func (r *packBits) Read(p []byte) (n int, err error) {
	for n < len(p) {
		switch {
		case r.copies > 0:
			k := copy(p[n:min(len(p), n+r.copies)], r.in)
			if k == 0 {
				return n, io.EOF
			}
			r.in, r.copies, n = r.in[k:], r.copies-k, n+k
		case r.runs > 0:
			p[n] = r.value
			r.runs, n = r.runs-1, n+1
		case len(r.in) < 2:
			return n, io.EOF
		default:
			switch k := int(int8(r.in[0])); {
			case k >= 0:
				r.copies, r.in = k+1, r.in[1:]
			case k == -128: // nothing
				r.in = r.in[1:]
			default:
				r.runs, r.value, r.in = 1-k, r.in[1], r.in[2:]
			}
		}
	}
	return n, nil
}

// jpegReader returns a reader of the rows of a block that is a JPEG picture
// without its tables, TIFF technical note 2.
func (p *tiffPicture) jpegReader(ctx context.Context, data []byte, width, height, samples int) (rowReader, error) {
	if !isJPEG(data) || p.bits != 8 {
		return nil, fmt.Errorf("%w: no JPEG strip", ErrDamaged)
	}
	file := data
	if tables := p.dir.tags[tagJPEGTables].bytes; len(tables) > 4 && isJPEG(tables) {
		file = append(bytes.Clone(tables[:len(tables)-2]), data[2:]...) // without the end, and the second start
	}
	if samples == 3 {
		transform := byte(adobePlain)
		if p.photometric == isYCbCr {
			transform = adobeYCC
		}
		file = withAdobe(file, transform)
	}
	h, err := readJPEGHeader(file)
	if err != nil {
		return nil, err
	}
	if h.width < width || h.width > width+64 || h.height < height || h.height > p.blocks.height+64 ||
		h.components != samples {
		return nil, fmt.Errorf("%w: JPEG strip of %d x %d", ErrDamaged, h.width, h.height)
	}
	if err := p.limits.checkMemory(h.coefficients()); err != nil {
		return nil, err
	}
	img, unseen, err := decodeJPEG(ctx, file, h, &p.visits)
	if err != nil {
		return nil, err
	}
	return &jpegRows{img: img, unseen: unseen}, nil
}

// drawn draws a block that is a colour JPEG, and reports whether it was one.
// Its rows would do, but image/draw is three times as fast.
func (p *tiffPicture) drawn(r rowReader, where image.Rectangle) bool {
	jpeg, ok := r.(*jpegRows)
	if !ok || p.rgba == nil || p.planar {
		return false
	}
	img, ok := jpeg.img.(*image.YCbCr)
	if ok {
		draw.Draw(p.rgba, where, img, image.Point{}, draw.Src)
	}
	return ok
}

// jpegRows reads the rows of a decoded picture: gray, RGB or CMYK.
type jpegRows struct {
	img    image.Image
	unseen []image.Rectangle
	y      int
}

func (r *jpegRows) readRow(row []byte) error {
	switch img := r.img.(type) {
	case *image.Gray:
		copy(row, img.Pix[r.y*img.Stride:])
	case *image.CMYK:
		copy(row, img.Pix[r.y*img.Stride:])
	case *image.RGBA:
		pix := img.Pix[r.y*img.Stride:]
		for i := 0; i+3 <= len(row); i += 3 {
			copy(row[i:i+3], pix[i/3*4:])
		}
	default:
		return fmt.Errorf("JPEG of %T", img)
	}
	r.y++
	return nil
}
