package scan

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Tags of TIFF 6.0 section 22, which is out of use but for copiers.
const (
	tagJPEGFormat          = 513 // JPEGInterchangeFormat
	tagJPEGFormatLength    = 514
	tagJPEGRestartInterval = 515
	tagJPEGQTables         = 519
	tagJPEGDCTables        = 520
	tagJPEGACTables        = 521
)

// openOldJPEG makes of a picture with old-style JPEG one of a single JPEG strip.
// The file has a whole JPEG picture, or its parts in places of their own: as
// tif_ojpeg of libtiff, it takes whatever is there.
func (p *tiffPicture) openOldJPEG() error {
	if p.planar {
		return fmt.Errorf("%w: TIFF with old-style JPEG in planes", ErrCoding)
	}
	if process := p.dir.int(512, 1); process != 1 {
		return fmt.Errorf("%w: TIFF with old-style JPEG of process %d", ErrCoding, process)
	}
	if err := p.readBlocks(); err != nil {
		return err
	}
	p.compression, p.bits = compressionJPEG, 8
	if len(p.blocks.offsets) > 1 && isJPEG(p.data(0)) && isJPEG(p.data(1)) {
		return nil // each strip is a picture
	}
	file, err := p.oldJPEG()
	if err != nil {
		return err
	}
	h, err := readJPEGHeader(file)
	if err != nil {
		return err
	}
	p.samples = h.components
	switch {
	case h.components == 1:
		p.photometric = blackIsZero
	case h.components == 3 && (h.jfif || p.photometric != isRGB):
		p.photometric = isYCbCr
	}
	p.file = file
	p.dir = &directory{order: binary.LittleEndian, tags: map[uint16]value{
		tagStripOffsets: {kind: kindByte, count: 1, bytes: []byte{0}},
	}}
	return nil
}

// oldJPEG returns the picture as a file of its own.
func (p *tiffPicture) oldJPEG() ([]byte, error) {
	start := min(p.dir.int(tagJPEGFormat, 0), len(p.file))
	whole := p.file[start:]
	if n := p.dir.int(tagJPEGFormatLength, 0); n > 0 {
		whole = whole[:min(n, len(whole))]
	}
	for _, file := range [][]byte{whole, p.data(0)} {
		if !isJPEG(file) {
			continue
		}
		if h, err := readJPEGHeader(file); err == nil && h.entropy > 0 && h.width >= p.width && h.height >= p.height {
			if !bytes.Contains(file, []byte{0xFF, markEOI}) && isJPEG(p.file[start:]) {
				return p.file[start:], nil // the length is wrong
			}
			return file, nil
		}
	}
	head, err := p.oldJPEGHead(whole)
	if err != nil {
		return nil, err
	}
	for i := range p.blocks.offsets {
		if i > 0 {
			head = append(head, 0xFF, markRST0+byte((i-1)&7)) // right where strips are intervals, and mended where not
		}
		head = append(head, bytes.TrimSuffix(p.data(i), []byte{0xFF, markEOI})...)
		if len(head) > 2*len(p.file)+1<<16 {
			return nil, fmt.Errorf("%w: strips overlap", ErrDamaged)
		}
	}
	return append(head, 0xFF, markEOI), nil
}

// oldJPEGHead returns the markers before the coded samples: those of a picture
// without samples, or made of the tables in the tags.
func (p *tiffPicture) oldJPEGHead(whole []byte) ([]byte, error) {
	if isJPEG(whole) {
		if i := bytes.Index(whole, []byte{0xFF, markSOS}); i > 0 && i+2 <= len(whole) {
			if segment, _, ok := cutSegment(whole[i+2:]); ok {
				return bytes.Clone(whole[:i+4+len(segment)]), nil
			}
		}
	}
	head := []byte{0xFF, markSOI}
	segment := func(marker byte, s []byte) {
		head = append(head, 0xFF, marker, byte((len(s)+2)>>8), byte(len(s)+2))
		head = append(head, s...)
	}
	frame := []byte{8, byte(p.height >> 8), byte(p.height), byte(p.width >> 8), byte(p.width), byte(p.samples)}
	scan := []byte{byte(p.samples)}
	across, down := 1, 1
	for i := range p.samples {
		q, dc, ac := p.table(tagJPEGQTables, i), p.table(tagJPEGDCTables, i), p.table(tagJPEGACTables, i)
		if p.samples != 1 && p.samples != 3 || len(q) < 64 || dc == nil || ac == nil {
			return nil, fmt.Errorf("%w: TIFF with old-style JPEG without tables", ErrCoding)
		}
		segment(markDQT, append([]byte{byte(i)}, q[:64]...))
		segment(markDHT, append([]byte{byte(i)}, dc...))
		segment(markDHT, append([]byte{1<<4 | byte(i)}, ac...))
		sampling := byte(1<<4 | 1)
		if i == 0 && p.samples == 3 {
			across, down = 2, 2
			if s := p.dir.uints(tagYCbCrSubsample, 2); len(s) == 2 {
				across, down = int(s[0]&7), int(s[1]&7)
			}
			sampling = byte(across<<4 | down)
		}
		frame = append(frame, byte(i), sampling, byte(i))
		scan = append(scan, byte(i), byte(i<<4|i))
	}
	if across < 1 || down < 1 {
		return nil, fmt.Errorf("%w: JPEG sampling", ErrDamaged)
	}
	segment(markSOF1, frame) // extended: three tables of codes
	interval := p.dir.int(tagJPEGRestartInterval, 0)
	if interval == 0 && p.blocks.down > 1 {
		interval = (p.blocks.width + 8*across - 1) / (8 * across) * (p.blocks.height / (8 * down))
	}
	segment(markDRI, []byte{byte(interval >> 8), byte(interval)})
	segment(markSOS, append(scan, 0, 63, 0))
	return head, nil
}

// table returns table i that a tag points to, of codes with its length, or nil.
func (p *tiffPicture) table(tag uint16, i int) []byte {
	offsets := p.dir.uints(tag, 4)
	if i >= len(offsets) || offsets[i] >= uint64(len(p.file)) {
		return nil
	}
	t := p.file[offsets[i]:]
	if tag == tagJPEGQTables {
		return t
	}
	n := 16
	for _, count := range t[:min(16, len(t))] {
		n += int(count)
	}
	if n > len(t) || n > 16+256 {
		return nil
	}
	return t[:n]
}
