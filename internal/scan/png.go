package scan

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

func isPNG(file []byte) bool { return bytes.HasPrefix(file, []byte(pngMagic)) }

func pngPage(ctx context.Context, file []byte, limits Limits) (Page, error) {
	h, err := readPNGHeader(file)
	if err != nil {
		return Page{}, err
	}
	if err := limits.checkSides(h.width, h.height); err != nil {
		return Page{}, err
	}
	if err := limits.checkMemory(h.deepBytes()); err != nil {
		return Page{}, err
	}
	// Deflate makes at most 1032 bytes of one: pixels that cannot be there
	// take no memory.
	if h.rowBytes()*h.height > 1032*h.data {
		return Page{}, fmt.Errorf("%w: cut off", ErrDamaged)
	}
	size := image.Pt(h.width, h.height)
	shapes := otherShapes(size, size, h.xDPI, h.yDPI, limits)
	width, height := largest(size, shapes)
	if err := limits.stay.enter(ctx, width, height, h.deepBytes()); err != nil {
		return Page{}, err
	}
	img, err := png.Decode(reader(ctx, file))
	if err != nil {
		var unsupported png.UnsupportedError
		if errors.As(err, &unsupported) {
			return Page{}, fmt.Errorf("%w: %w", ErrCoding, err)
		}
		return Page{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	page := Page{DPI: h.dpi, shapes: h.orientation.uprightSides(shapes)}
	gray, seen, opaque := split(img)
	page.Gray, page.Color = h.orientation.upright(gray, seen)
	if opaque && !h.animated && !h.orientation.turns() {
		page.Shown = file
	}
	return page, nil
}

// A pngHeader is what the chunks of a PNG tell before its pixels are decoded.
type pngHeader struct {
	width, height int // pixels
	bitDepth      int
	colorType     byte
	data          int // bytes of compressed pixels
	animated      bool
	orientation   orientation
	dpi           float64
	xDPI, yDPI    float64 // as stored; only their ratio may mean something
}

// deepBytes returns the bytes that the decoder takes for samples of 16 bits.
func (h *pngHeader) deepBytes() int {
	switch {
	case h.bitDepth != 16:
		return 0
	case h.colorType == 0:
		return 2 * h.width * h.height
	}
	return 8 * h.width * h.height
}

// rowBytes returns the bytes of a row.
func (h *pngHeader) rowBytes() int {
	samples := map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[h.colorType]
	return (h.width*h.bitDepth*samples + 7) / 8
}

// readPNGHeader walks through the chunks of a PNG.
func readPNGHeader(file []byte) (pngHeader, error) {
	h := pngHeader{orientation: 1}
	rest := file[len(pngMagic):]
	for first := true; len(rest) >= 8; first = false {
		n, kind := binary.BigEndian.Uint32(rest), string(rest[4:8])
		rest = rest[8:]
		chunk := rest[:min(uint64(n), uint64(len(rest)))]
		if first {
			if kind != "IHDR" || len(chunk) != 13 {
				break
			}
			h.width = int(binary.BigEndian.Uint32(chunk))
			h.height = int(binary.BigEndian.Uint32(chunk[4:]))
			h.bitDepth, h.colorType = int(chunk[8]), chunk[9]
		}
		h.chunk(kind, chunk)
		if kind == "IEND" || uint64(len(rest)) < uint64(n)+4 {
			break
		}
		rest = rest[n+4:]
	}
	if h.width == 0 || h.height == 0 {
		return h, fmt.Errorf("%w: no PNG header", ErrDamaged)
	}
	return h, nil
}

func (h *pngHeader) chunk(kind string, chunk []byte) {
	switch kind {
	case "IDAT":
		h.data += len(chunk)
	case "acTL":
		h.animated = true
	case "eXIf":
		e := exif(chunk)
		h.orientation = e.orientation
		if h.dpi == 0 {
			h.dpi = sensible(e.xDPI)
		}
		if h.xDPI == h.yDPI {
			h.xDPI, h.yDPI = e.xDPI, e.yDPI
		}
	case "pHYs":
		if len(chunk) != 9 {
			return
		}
		const meter = 0.0254 // of an inch
		h.xDPI, h.yDPI = float64(binary.BigEndian.Uint32(chunk))*meter, float64(binary.BigEndian.Uint32(chunk[4:]))*meter
		if chunk[8] == 1 {
			h.dpi = sensible(h.xDPI)
		}
	}
}
