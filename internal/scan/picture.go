package scan

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"slices"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
)

// A pictureKind is a kind of file that is one picture.
type pictureKind struct {
	is     func(file []byte) bool
	decode func(context.Context, []byte, Limits) (Page, error)
}

var pictureKinds = []pictureKind{
	{isJPEG, jpegPage},
	{isPNG, pngPage},
	{isWebP, webpPage},
	{isJPEG2000, jpeg2000Page},
	{isHEIF, heifPage},
	{isBMP, bmpPage},
}

// pictureDecoder returns what decodes a file that is one picture, or
// ErrUnsupported, or ErrCoding where its kind is known.
func pictureDecoder(file []byte) (func(context.Context, []byte, Limits) (Page, error), error) {
	for _, kind := range pictureKinds {
		if kind.is(file) {
			return kind.decode, nil
		}
	}
	switch {
	case slices.Contains(brands(file), "avif"):
		return nil, fmt.Errorf("%w: AVIF", ErrCoding)
	case bytes.HasPrefix(file, []byte{0xFF, 0x0A}), bytes.HasPrefix(file, []byte("\x00\x00\x00\x0CJXL \r\n\x87\n")):
		return nil, fmt.Errorf("%w: JPEG XL", ErrCoding)
	case bytes.HasPrefix(file, []byte("GIF8")):
		return nil, fmt.Errorf("%w: GIF", ErrCoding)
	}
	return nil, ErrUnsupported
}

// brands returns what a file of ISO/IEC 14496-12 says it is, the first 16.
func brands(file []byte) (found []string) {
	if len(file) < 16 || string(file[4:8]) != "ftyp" {
		return nil
	}
	end := min(uint64(binary.BigEndian.Uint32(file)), uint64(len(file)), 8+4*17)
	for i := uint64(8); i+4 <= end; i += 4 {
		found = append(found, string(file[i:i+4]))
	}
	return found
}

func isBMP(file []byte) bool {
	if len(file) < 26 || string(file[:2]) != "BM" {
		return false
	}
	return slices.Contains([]uint32{12, 40, 52, 56, 64, 108, 124}, binary.LittleEndian.Uint32(file[14:]))
}

func bmpPage(ctx context.Context, file []byte, limits Limits) (Page, error) {
	config, err := bmp.DecodeConfig(bytes.NewReader(file))
	if errors.Is(err, bmp.ErrUnsupported) {
		return Page{}, fmt.Errorf("%w: BMP: %w", ErrCoding, err)
	}
	if err != nil {
		return Page{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := limits.checkSides(config.Width, config.Height); err != nil {
		return Page{}, err
	}
	bits := int(binary.LittleEndian.Uint16(file[28:])) // of a pixel, which are not compressed
	if config.Width*config.Height*bits/8 > len(file) {
		return Page{}, fmt.Errorf("%w: cut off", ErrDamaged)
	}
	if err := limits.stay.enter(ctx, config.Width, config.Height, 0); err != nil {
		return Page{}, err
	}
	img, err := bmp.Decode(reader(ctx, file))
	if err != nil {
		return Page{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	page := Page{}
	page.Gray, page.Color, _ = split(img)
	return page, nil
}

func isWebP(file []byte) bool {
	return len(file) >= 16 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP"
}

func webpPage(ctx context.Context, file []byte, limits Limits) (Page, error) {
	const animated = 1 << 1 // RFC 9649, 2.7.1
	if string(file[12:16]) == "VP8X" && len(file) > 20 && file[20]&animated != 0 {
		return Page{}, fmt.Errorf("%w: WebP that moves", ErrCoding)
	}
	config, err := webp.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return Page{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := limits.checkSides(config.Width, config.Height); err != nil {
		return Page{}, err
	}
	if err := limits.stay.enter(ctx, config.Width, config.Height, 0); err != nil {
		return Page{}, err
	}
	img, err := webp.Decode(reader(ctx, file))
	if err != nil {
		return Page{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if img.Bounds().Size() != (image.Point{config.Width, config.Height}) {
		return Page{}, fmt.Errorf("%w: WebP of two sizes", ErrDamaged)
	}
	page := Page{}
	gray, seen, _ := split(spread(img))
	page.Gray, page.Color = webpOrientation(file).upright(gray, seen)
	return page, nil
}

// spread returns a lossy picture with its samples over the whole range, as those
// of JPEG: WebP has luma from 16 to 235 and colours from 16 to 240 (ITU-R BT.601;
// RFC 9649, 2.5), which the decoder hands out as they are. It may change img.
func spread(img image.Image) image.Image {
	ycc, ok := img.(*image.YCbCr)
	if alpha, is := img.(*image.NYCbCrA); is {
		ycc, ok = &alpha.YCbCr, true
	}
	if !ok {
		return img
	}
	for _, plane := range []struct {
		pix           []uint8
		zero, is, all int // the value that stays or becomes is, and how many there are
	}{{ycc.Y, 16, 0, 219}, {ycc.Cb, 128, 128, 224}, {ycc.Cr, 128, 128, 224}} {
		for i, v := range plane.pix {
			plane.pix[i] = uint8(min(max(plane.is+(int(v)-plane.zero)*255/plane.all, 0), 255))
		}
	}
	return img
}

// webpOrientation returns how the picture is stored, RFC 9649, 2.7.1.5.
func webpOrientation(file []byte) orientation {
	for rest := file[12:]; len(rest) >= 8; {
		kind, n := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		if kind == "EXIF" {
			block := rest[:min(n, uint64(len(rest)))]
			return exif(bytes.TrimPrefix(block, []byte("Exif\x00\x00"))).orientation
		}
		rest = rest[min(n+n%2, uint64(len(rest))):]
	}
	return 1
}

// codestream is what a JPEG 2000 codestream begins with, ITU-T T.800 annex A.
const codestream = "\xFF\x4F\xFF\x51"

func isJPEG2000(file []byte) bool {
	return bytes.HasPrefix(file, []byte("\x00\x00\x00\x0CjP  \r\n\x87\n")) || bytes.HasPrefix(file, []byte(codestream))
}

func jpeg2000Page(ctx context.Context, file []byte, limits Limits) (Page, error) {
	start := bytes.Index(file, []byte(codestream))
	if start < 0 || len(file) < start+24 {
		return Page{}, fmt.Errorf("%w: no JPEG 2000 codestream", ErrDamaged)
	}
	side := func(end, begin int) int {
		return int(binary.BigEndian.Uint32(file[start+end:])) - int(binary.BigEndian.Uint32(file[start+begin:]))
	}
	size := image.Pt(side(8, 16), side(12, 20))
	if err := limits.checkSides(size.X, size.Y); err != nil {
		return Page{}, err
	}
	var page Page
	var err error
	page.Gray, page.Color, err = drawnPicture{file, "JPXDecode", size, ""}.draw(ctx, limits)
	return page, err
}
