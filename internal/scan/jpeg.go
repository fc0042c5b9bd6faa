package scan

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"slices"
)

// Markers of a JPEG, ITU-T T.81 table B.1.
const (
	markSOF0  = 0xC0 // baseline
	markSOF1  = 0xC1 // extended
	markSOF2  = 0xC2 // progressive
	markDHT   = 0xC4
	markJPG   = 0xC8
	markDAC   = 0xCC
	markSOF15 = 0xCF
	markRST0  = 0xD0
	markSOI   = 0xD8
	markEOI   = 0xD9
	markSOS   = 0xDA
	markDQT   = 0xDB
	markDRI   = 0xDD
	markAPP0  = 0xE0
	markAPP1  = 0xE1
	markAPP14 = 0xEE
)

func isJPEG(file []byte) bool {
	return len(file) > 2 && file[0] == 0xFF && file[1] == markSOI && file[2] == 0xFF
}

// jpegPage decodes a file that is one JPEG picture. Of a file with several, as
// some cameras make, it is the first.
func jpegPage(ctx context.Context, file []byte, limits Limits) (Page, error) {
	h, err := readJPEGHeader(file)
	if err != nil {
		return Page{}, err
	}
	if err := limits.checkSides(h.width, h.height); err != nil {
		return Page{}, err
	}
	if err := limits.checkMemory(h.coefficients()); err != nil {
		return Page{}, err
	}
	size := image.Pt(h.width, h.height)
	shapes := otherShapes(size, size, h.xDPI, h.yDPI, limits)
	width, height := largest(size, shapes)
	if err := limits.stay.enter(ctx, width, height, h.coefficients()); err != nil {
		return Page{}, err
	}
	visits := maxBlockVisits
	img, unseen, err := decodeJPEG(ctx, file, h, &visits)
	var gray *image.Gray
	var seen image.Image
	if colors := map[int]string{1: "DeviceGray", 3: "DeviceRGB", 4: "DeviceCMYK"}[h.components]; errors.Is(err, ErrCoding) && colors != "" && h.ended {
		gray, seen, err = drawnPicture{file, "DCTDecode", size, colors}.draw(ctx, limits)
	} else if err == nil {
		gray, seen, _ = split(img)
	}
	if err != nil {
		return Page{}, err
	}
	page := Page{DPI: h.dpi, shapes: h.orientation.uprightSides(shapes)}
	gray, seen = blot(gray, seen, unseen)
	page.Gray, page.Color = h.orientation.upright(gray, seen)
	for _, r := range unseen {
		page.Unseen = append(page.Unseen, h.orientation.uprightBox(r, h.width, h.height))
	}
	if !h.orientation.turns() && h.components != 4 && len(unseen) == 0 && img != nil {
		page.Shown = file
	}
	return page, nil
}

// A jpegHeader is what the markers of a JPEG picture tell.
type jpegHeader struct {
	width, height int // pixels
	components    int
	progressive   bool
	blocks        int // of 8 x 8 samples, all components
	visits        int // blocks the scans go through
	entropy       int // bytes of coded samples
	orientation   orientation
	dpi           float64
	xDPI, yDPI    float64 // as stored; only their ratio may mean something
	jfif, adobe   bool
	ended         bool // by an end marker
}

// readJPEGHeader walks through the markers of a picture to its end. It does
// not look at coded samples, and takes no memory.
func readJPEGHeader(file []byte) (jpegHeader, error) {
	h := jpegHeader{orientation: 1}
	rest := file[2:]
	for {
		marker, after, ok := nextMarker(rest)
		if !ok || marker == markEOI {
			h.ended = ok
			break
		}
		segment, after, ok := cutSegment(after)
		if !ok {
			break
		}
		switch {
		case marker == markSOS:
			if h.width == 0 {
				return h, fmt.Errorf("%w: samples before the frame", ErrDamaged)
			}
			n := codedLength(after)
			h.entropy += n
			h.visits += h.visitsOf(segment)
			after = after[n:]
		case isSOF(marker):
			if err := h.frame(marker, segment); err != nil {
				return h, err
			}
		case marker == markAPP0 || marker == markAPP1 || marker == markAPP14:
			h.app(marker, segment)
		}
		rest = after
	}
	if h.width == 0 || h.height == 0 {
		return h, fmt.Errorf("%w: no JPEG frame", ErrDamaged)
	}
	return h, nil
}

// nextMarker returns the next marker that has a segment, or the end.
func nextMarker(b []byte) (marker byte, after []byte, ok bool) {
	for i := 0; i+1 < len(b); i++ {
		m := b[i+1]
		if b[i] == 0xFF && m != 0 && m != 0xFF && (m < markRST0 || m > markSOI) {
			return m, b[i+2:], true
		}
	}
	return 0, nil, false
}

// cutSegment cuts the segment that b begins with, without its length.
func cutSegment(b []byte) (segment, after []byte, ok bool) {
	if len(b) < 2 {
		return nil, nil, false
	}
	n := int(b[0])<<8 | int(b[1])
	if n < 2 || n > len(b) {
		return nil, nil, false
	}
	return b[2:n], b[n:], true
}

// codedLength returns the length of the coded samples that b begins with: up
// to the next marker that is no restart and may stand there.
func codedLength(b []byte) int {
	for i := 0; i+1 < len(b); i++ {
		if m := b[i+1]; b[i] == 0xFF && m >= markSOF0 && m != 0xFF && (m < markRST0 || m >= markSOI) {
			return i
		}
	}
	return len(b)
}

func isSOF(marker byte) bool {
	return markSOF0 <= marker && marker <= markSOF15 &&
		marker != markDHT && marker != markJPG && marker != markDAC
}

// frame reads a start of frame, T.81 B.2.2.
func (h *jpegHeader) frame(marker byte, s []byte) error {
	if marker > markSOF2 {
		return fmt.Errorf("%w: JPEG of process %d", ErrCoding, marker-markSOF0)
	}
	if len(s) > 0 && s[0] != 8 {
		return fmt.Errorf("%w: JPEG with samples of %d bits", ErrCoding, s[0])
	}
	if h.width != 0 || len(s) < 6 || len(s) < 6+3*int(s[5]) {
		return fmt.Errorf("%w: JPEG frame", ErrDamaged)
	}
	h.progressive = marker == markSOF2
	h.height, h.width = int(s[1])<<8|int(s[2]), int(s[3])<<8|int(s[4])
	h.components = int(s[5])
	maxAcross, maxDown := 1, 1
	for i := range h.components {
		maxAcross = max(maxAcross, int(s[7+3*i]>>4))
		maxDown = max(maxDown, int(s[7+3*i]&15))
	}
	for i := range h.components {
		across := h.width * int(s[7+3*i]>>4) / maxAcross
		down := h.height * int(s[7+3*i]&15) / maxDown
		h.blocks += across / 8 * (down / 8)
	}
	if h.components == 1 {
		h.blocks = h.width / 8 * (h.height / 8)
	}
	return nil
}

// coefficients returns the bytes that a decoder takes for coefficients: those
// of a progressive picture are all kept until its last scan.
func (h *jpegHeader) coefficients() int {
	if !h.progressive {
		return 0
	}
	return h.blocks * 64 * 4
}

// visitsOf returns a bound of the blocks a scan of this header goes through.
func (h *jpegHeader) visitsOf(s []byte) int {
	if len(s) > 0 && s[0] == 1 {
		return (h.width + 7) / 8 * ((h.height + 7) / 8)
	}
	return h.blocks
}

// app reads what application segments tell of the whole picture.
func (h *jpegHeader) app(marker byte, s []byte) {
	switch {
	case marker == markAPP0 && len(s) >= 12 && string(s[:5]) == "JFIF\x00":
		h.jfif = true
		density := float64(int(s[8])<<8 | int(s[9]))
		h.xDPI, h.yDPI = density, float64(int(s[10])<<8|int(s[11]))
		switch s[7] {
		case 1:
			h.dpi = sensible(density)
		case 2:
			h.dpi = sensible(density * 2.54)
		}
	case marker == markAPP1 && len(s) > 6 && string(s[:6]) == "Exif\x00\x00":
		e := exif(s[6:])
		h.orientation = e.orientation
		if h.dpi == 0 {
			h.dpi = sensible(e.xDPI)
		}
		if h.xDPI == h.yDPI {
			h.xDPI, h.yDPI = e.xDPI, e.yDPI
		}
	case marker == markAPP14 && len(s) >= 12 && string(s[:5]) == "Adobe":
		h.adobe = true
	}
}

// maxBlockVisits bounds the blocks that the scans of one page may go through.
// The largest picture allowed by default, 8000 x 8000 without subsampling in
// the ten scans usual for progressive files, needs 14 million; a file made to
// keep the decoder busy has thousands of scans of a few bytes.
const maxBlockVisits = 24_000_000

// decodeJPEG decodes a picture whose sides were found to be allowed, and returns
// the parts of it that the file does not have. It takes the blocks it goes
// through from visits.
func decodeJPEG(ctx context.Context, file []byte, h jpegHeader, visits *int) (image.Image, []image.Rectangle, error) {
	if *visits -= h.visits; *visits < 0 {
		return nil, nil, fmt.Errorf("%w: too many scans", ErrDamaged)
	}
	// A code has at least one bit, and a block one code in a progressive file,
	// two in others: pixels that cannot be there take no memory.
	bits := h.blocks / lostMost
	if !h.progressive {
		bits *= 2
	}
	if h.entropy < bits/8 {
		return nil, nil, fmt.Errorf("%w: cut off", ErrDamaged)
	}
	plain := h.components == 4 && !h.adobe
	if plain {
		file = withAdobe(file, adobePlain)
	}
	img, unseen, err := decodeMended(ctx, file, h)
	if err != nil {
		return nil, nil, err
	}
	if cmyk, ok := img.(*image.CMYK); ok && plain {
		// Adobe's files are inverted, and the decoder took this one for one.
		for i, v := range cmyk.Pix {
			cmyk.Pix[i] = ^v
		}
	}
	return img, unseen, nil
}

// decodeMended decodes file, or what it is once it is mended, and returns the parts
// of the picture that it does not have.
func decodeMended(ctx context.Context, file []byte, h jpegHeader) (image.Image, []image.Rectangle, error) {
	img, err := jpeg.Decode(reader(ctx, file))
	if err == nil && h.progressive {
		return img, nil, nil
	}
	if err == nil {
		// Damage is codes too, mostly, of whatever: it shows where blocks and codes
		// do not come out even. To look takes a sixth of what decoding takes.
		_, unseen, err := mendJPEG(file, h, true)
		return img, unseen, err
	}
	var unsupported jpeg.UnsupportedError
	if errors.As(err, &unsupported) {
		return nil, nil, fmt.Errorf("%w: %w", ErrCoding, err)
	}
	for _, whole := range []bool{true, false} {
		if !whole && !h.progressive || ctx.Err() != nil {
			break
		}
		mended, unseen, err := mendJPEG(file, h, whole)
		if err != nil {
			continue
		}
		if img, err := jpeg.Decode(reader(ctx, mended)); err == nil {
			return img, unseen, nil
		}
	}
	return nil, nil, fmt.Errorf("%w: %w", ErrDamaged, err)
}

// Values of the transform in Adobe's segment: how the samples stand for
// colours.
const (
	adobePlain = 0 // RGB or CMYK as they are
	adobeYCC   = 1 // YCbCr
)

// withAdobe returns file with an Adobe segment put in, which tells the decoder
// what the samples of a picture without one are.
func withAdobe(file []byte, transform byte) []byte {
	segment := []byte{0xFF, markAPP14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform}
	return slices.Concat(file[:2], segment, file[2:])
}
