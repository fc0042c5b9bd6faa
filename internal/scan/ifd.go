package scan

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A directory is one image file directory of a TIFF file, or of the EXIF part
// of a JPEG or PNG.
type directory struct {
	order binary.ByteOrder
	tags  map[uint16]value
}

// A value is what a tag holds. Its bytes are a part of the file, at most as
// many as count asks for.
type value struct {
	kind  uint16
	count int
	bytes []byte
}

// kindSize has the size of one value of each kind, in bytes; 0 is not known.
var kindSize = [19]int{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8}

const (
	kindByte     = 1
	kindShort    = 3
	kindLong     = 4
	kindRational = 5
	kindLong8    = 16
)

// A tiff is the frame of a TIFF file: where its directories are and how its
// numbers are written.
type tiff struct {
	file  []byte
	order binary.ByteOrder
	big   bool // BigTIFF: offsets of 8 bytes
	first uint64
}

// openTIFF reads the header of a TIFF file.
func openTIFF(file []byte) (*tiff, error) {
	if len(file) < 8 {
		return nil, fmt.Errorf("%w: no TIFF header", ErrDamaged)
	}
	t := &tiff{file: file}
	switch string(file[:2]) {
	case "II":
		t.order = binary.LittleEndian
	case "MM":
		t.order = binary.BigEndian
	default:
		return nil, fmt.Errorf("%w: no TIFF header", ErrDamaged)
	}
	switch version := t.order.Uint16(file[2:]); {
	case version == 42:
		t.first = uint64(t.order.Uint32(file[4:]))
	case version == 43 && len(file) >= 16:
		t.big = true
		t.first = t.order.Uint64(file[8:])
	default:
		return nil, fmt.Errorf("%w: no TIFF header", ErrDamaged)
	}
	return t, nil
}

// directory reads the directory at offset, and the offset of the one after it,
// 0 where there is none. Tags that cannot be read are left out, as common
// readers do; the picture tells whether one of them mattered.
func (t *tiff) directory(offset uint64) (dir *directory, next uint64, err error) {
	countSize, entrySize, inline := 2, 12, 4
	if t.big {
		countSize, entrySize, inline = 8, 20, 8
	}
	if offset == 0 || offset > uint64(len(t.file)) || len(t.file)-int(offset) < countSize {
		return nil, 0, fmt.Errorf("%w: a directory lies outside of the file", ErrDamaged)
	}
	rest := t.file[offset:]
	count := uint64(t.order.Uint16(rest))
	if t.big {
		count = t.order.Uint64(rest)
	}
	rest = rest[countSize:]
	if count > uint64(len(rest)/entrySize) || count > math.MaxUint16 {
		return nil, 0, fmt.Errorf("%w: a directory is cut off", ErrDamaged)
	}
	dir = &directory{order: t.order, tags: make(map[uint16]value, count)}
	for range count {
		tag := t.order.Uint16(rest)
		if _, ok := dir.tags[tag]; !ok {
			if v, ok := t.value(rest[2:entrySize], inline); ok {
				dir.tags[tag] = v
			}
		}
		rest = rest[entrySize:]
	}
	if len(rest) >= inline {
		next = t.offset(rest)
	}
	return dir, next, nil
}

// offset returns the number of the size of an offset that b begins with.
func (t *tiff) offset(b []byte) uint64 {
	if t.big {
		return t.order.Uint64(b)
	}
	return uint64(t.order.Uint32(b))
}

// value reads an entry after its tag. Values of at most inline bytes stand in
// the entry itself.
func (t *tiff) value(entry []byte, inline int) (value, bool) {
	v := value{kind: t.order.Uint16(entry)}
	if int(v.kind) >= len(kindSize) || kindSize[v.kind] == 0 {
		return value{}, false
	}
	count, place := t.offset(entry[2:]), entry[2+inline:]
	size := uint64(kindSize[v.kind])
	if count > uint64(len(t.file)) {
		return value{}, false
	}
	v.count = int(count)
	if count*size <= uint64(inline) {
		v.bytes = place[:count*size]
		return v, true
	}
	at := t.offset(place)
	if at > uint64(len(t.file)) {
		return value{}, false
	}
	v.bytes = t.file[at:min(at+count*size, uint64(len(t.file)))]
	return v, true
}

// uints returns at most limit whole numbers of a tag; nil where it has none.
func (d *directory) uints(tag uint16, limit int) []uint64 {
	v := d.tags[tag]
	size := kindSize[v.kind]
	if size == 0 {
		return nil
	}
	out := make([]uint64, 0, min(v.count, limit, len(v.bytes)/size))
	for b := v.bytes; len(b) >= size && len(out) < cap(out); b = b[size:] {
		switch v.kind {
		case kindByte:
			out = append(out, uint64(b[0]))
		case kindShort:
			out = append(out, uint64(d.order.Uint16(b)))
		case kindLong:
			out = append(out, uint64(d.order.Uint32(b)))
		case kindLong8:
			out = append(out, d.order.Uint64(b))
		default:
			return nil
		}
	}
	return out
}

// int returns the first number of a tag, or absent where it has none that is
// sensible.
func (d *directory) int(tag uint16, absent int) int {
	v := d.uints(tag, 1)
	if len(v) == 0 || v[0] > math.MaxInt32 {
		return absent
	}
	return int(v[0])
}

// float returns the first number of a tag, a rational too, or 0 where it has
// none.
func (d *directory) float(tag uint16) float64 {
	v := d.tags[tag]
	if v.kind != kindRational || len(v.bytes) < 8 {
		return float64(d.int(tag, 0))
	}
	over, under := d.order.Uint32(v.bytes), d.order.Uint32(v.bytes[4:])
	if under == 0 {
		return 0
	}
	return float64(over) / float64(under)
}

const (
	tagOrientation    = 274
	tagXResolution    = 282
	tagYResolution    = 283
	tagResolutionUnit = 296
)

// orientation returns how the picture is stored.
func (d *directory) orientation() orientation {
	return orientation(d.int(tagOrientation, 1))
}

// dpi returns the resolution across and down in pixels an inch, both 0 where
// it is not told. Only their ratio means something where the unit is neither
// inch nor centimetre; inch is then false.
func (d *directory) dpi() (x, y float64, inch bool) {
	x, y = d.float(tagXResolution), d.float(tagYResolution)
	switch d.int(tagResolutionUnit, 2) {
	case 2:
		return x, y, true
	case 3:
		return x * 2.54, y * 2.54, true
	}
	return x, y, false
}

// An exifBlock is what an EXIF block tells of a picture.
type exifBlock struct {
	orientation orientation
	xDPI, yDPI  float64 // pixels an inch as stored, or 0
}

// exif reads an EXIF block, which is laid out as a TIFF file. A broken block tells
// nothing.
func exif(block []byte) exifBlock {
	t, err := openTIFF(block)
	if err != nil {
		return exifBlock{orientation: 1}
	}
	dir, _, err := t.directory(t.first)
	if err != nil {
		return exifBlock{orientation: 1}
	}
	e := exifBlock{orientation: dir.orientation()}
	if x, y, inch := dir.dpi(); inch {
		e.xDPI, e.yDPI = x, y
	}
	return e
}

// sensible returns dpi, or 0 where no scanner or camera means it.
func sensible(dpi float64) float64 {
	if !(dpi >= 10 && dpi <= 10000) { // also NaN
		return 0
	}
	return dpi
}
