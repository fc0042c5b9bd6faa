package scan

import (
	"bytes"
	"encoding/binary"
	"image"
	"testing"
)

// jpegParts takes a JPEG of Go apart: tables of quantization, tables of codes
// with their class and number, and coded samples.
func jpegParts(t *testing.T, file []byte) (quantization [][]byte, codes map[byte][]byte, coded []byte) {
	t.Helper()
	codes = map[byte][]byte{}
	for rest := file[2:]; ; {
		marker, after, ok := nextMarker(rest)
		if !ok {
			t.Fatal("no scan")
		}
		segment, after, _ := cutSegment(after)
		rest = after
		switch marker {
		case markDQT:
			for s := segment; len(s) >= 65; s = s[65:] {
				quantization = append(quantization, s[1:65])
			}
		case markDHT:
			for s := segment; len(s) > 17; {
				n := 17
				for _, c := range s[1:17] {
					n += int(c)
				}
				codes[s[0]], s = s[1:n], s[n:]
			}
		case markSOS:
			return quantization, codes, after[:codedLength(after)]
		}
	}
}

// oldTIFF returns a TIFF of old-style JPEG: blobs lie one after the other in the
// file, of which the first strips are strips; tags may point to them.
func oldTIFF(width, height, strips int, blobs [][]byte, tags func(at []uint32) map[uint16][]uint32) []byte {
	at := make([]uint32, len(blobs))
	for i, offset := 0, 8; i < len(blobs); i++ {
		at[i] = uint32(offset)
		offset += len(blobs[i])
	}
	dir := tiffDir{strips: blobs, tags: map[uint16][]uint32{
		tagImageWidth: {uint32(width)}, tagImageLength: {uint32(height)}, tagBitsPerSample: {8, 8, 8}, tagSamplesPerPixel: {3},
		tagCompression: {compressionOldJPEG}, tagPhotometric: {isYCbCr}, tagRowsPerStrip: {uint32((height + strips - 1) / strips)},
	}}
	for tag, v := range tags(at) {
		dir.tags[tag] = v
	}
	return tiffFile{binary.LittleEndian, []tiffDir{dir}}.bytes()
}

func TestOldStyleJPEG(t *testing.T) {
	img := drawPage(160, 120, 3)
	file := encodeJPEG(t, img)
	plain := onePage(t, file)
	quantization, codes, coded := jpegParts(t, file)
	restart, _ := restarts(t)
	restartPlain := onePage(t, restart)
	q, c, _ := jpegParts(t, restart)
	var rows [][]byte
	first, markers := restarts(t)
	start := bytes.Index(first, []byte{0xFF, markSOS}) + 14
	for _, m := range append(markers, len(first)-2) {
		rows = append(rows, first[start:m])
		start = m + 2
	}
	tables := func(at []uint32, from int, sampling ...uint32) map[uint16][]uint32 {
		return map[uint16][]uint32{
			512: {1}, tagYCbCrSubsample: sampling,
			tagJPEGQTables:  {at[from], at[from+1], at[from+1]},
			tagJPEGDCTables: {at[from+2], at[from+3], at[from+3]},
			tagJPEGACTables: {at[from+4], at[from+5], at[from+5]},
		}
	}
	for _, tt := range []struct {
		name string
		file []byte
		want image.Image
	}{
		{"a whole picture", oldTIFF(160, 120, 1, [][]byte{file}, func(at []uint32) map[uint16][]uint32 {
			return map[uint16][]uint32{tagJPEGFormat: {at[0]}, tagJPEGFormatLength: {uint32(len(file))}}
		}), plain.Color},
		{"a whole picture that only the strip tells", oldTIFF(160, 120, 1, [][]byte{file}, func([]uint32) map[uint16][]uint32 {
			return nil
		}), plain.Color},
		{"markers apart from samples", oldTIFF(160, 120, 1, [][]byte{coded, file[:bytes.Index(file, coded)]}, func(at []uint32) map[uint16][]uint32 {
			return map[uint16][]uint32{tagJPEGFormat: {at[1]}, tagJPEGFormatLength: {uint32(bytes.Index(file, coded))}}
		}), plain.Color},
		{"tables of their own", oldTIFF(160, 120, 1, [][]byte{
			coded, quantization[0], quantization[1], codes[0], codes[1], codes[0x10], codes[0x11],
		}, func(at []uint32) map[uint16][]uint32 { return tables(at, 1, 2, 2) }), plain.Color},
		{"tables of their own, and strips", oldTIFF(160, 128, 8, append(rows, q[0], q[1], c[0], c[1], c[0x10], c[0x11]),
			func(at []uint32) map[uint16][]uint32 {
				tags := tables(at, len(rows), 2, 2)
				tags[tagImageLength] = []uint32{120}
				return tags
			}), restartPlain.Color},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page := onePage(t, tt.file)
			if d := farthest(t, page.Color, tt.want); d > 2 || page.Unseen != nil {
				t.Errorf("differs by %d, unseen %v", d, page.Unseen)
			}
		})
	}
}

func TestFaultyOldStyleJPEG(t *testing.T) {
	page := onePage(t, faultyFile(t, "old-style-jpeg.tif"))
	if page.Unseen != nil || page.Gray.Rect.Dx() < 1000 {
		t.Errorf("unseen %v, sides %v", page.Unseen, page.Gray.Rect)
	}
}
