package scan

import (
	"fmt"
	"image/color"
)

// An unpacker makes samples of 8 bits of the rows of a block.
type unpacker struct {
	p       *tiffPicture
	width   int // pixels
	samples int // of a pixel in these rows
	row     []byte
}

// unpack writes the samples of the row to out, each step after the one before.
// Samples of a palette stay as they are, others take the range from 0 to 255.
func (u *unpacker) unpack(out []uint8, step int) error {
	p := u.p
	if p.predictor != 1 && (p.compression == compressionLZW || p.compression == compressionDeflate || p.compression == compressionZIP) {
		if err := u.predict(); err != nil {
			return err
		}
	}
	if p.across*p.down > 1 {
		u.unpackYCbCr(out)
		return nil
	}
	n := u.width * u.samples
	switch {
	case p.bits == 1 && p.photometric != isPalette:
		for i := range n {
			out[i*step] = -(u.row[i/8] >> (7 - i%8) & 1)
		}
	case p.bits == 8:
		for i, v := range u.row[:n] {
			out[i*step] = v
		}
	case p.bits == 16:
		for i := range n {
			out[i*step] = uint8(p.dir.order.Uint16(u.row[2*i:]) >> 8)
		}
	default:
		u.unpackBits(out, step)
	}
	return nil
}

// unpackBits unpacks samples of any number of bits.
func (u *unpacker) unpackBits(out []uint8, step int) {
	most := 1<<u.p.bits - 1
	acc, n, next := 0, 0, 0
	for i := range u.width * u.samples {
		for n < u.p.bits {
			acc = acc<<8 | int(u.row[next])
			n, next = n+8, next+1
		}
		n -= u.p.bits
		v := acc >> n & most
		acc &= 1<<n - 1
		if u.p.photometric != isPalette {
			v = (v*255 + most/2) / most
		}
		out[i*step] = uint8(v)
	}
}

// unpackYCbCr unpacks units of pixels that share their colours, TIFF 6.0
// section 21, into rows of pixels that do not.
func (u *unpacker) unpackYCbCr(out []uint8) {
	across, down := u.p.across, u.p.down
	size := across*down + 2
	for x := range u.width {
		unit := u.row[x/across*size:]
		for y := range down {
			pixel := out[(y*u.width+x)*3:]
			pixel[0] = unit[y*across+x%across]
			pixel[1], pixel[2] = unit[size-2], unit[size-1]
		}
	}
}

// predict makes samples of the differences to the pixel on the left.
func (u *unpacker) predict() error {
	const horizontal = 2
	if u.p.predictor != horizontal || u.p.bits != 8 && u.p.bits != 16 || u.p.across*u.p.down > 1 {
		return fmt.Errorf("%w: TIFF with predictor %d for %d bits", ErrCoding, u.p.predictor, u.p.bits)
	}
	if u.p.bits == 8 {
		for i := u.samples; i < len(u.row); i++ {
			u.row[i] += u.row[i-u.samples]
		}
		return nil
	}
	order := u.p.dir.order
	for i := u.samples; i < u.width*u.samples; i++ {
		at := u.row[2*i:]
		order.PutUint16(at, order.Uint16(at)+order.Uint16(u.row[2*(i-u.samples):]))
	}
	return nil
}

// store lays a row of pixels, of p.samples samples each, into the picture.
func (p *tiffPicture) store(x0, y int, pixels []uint8) {
	n := min(p.width-x0, len(pixels)/p.samples)
	if p.gray != nil {
		p.storeGray(p.gray.Pix[y*p.gray.Stride+x0:][:n], pixels)
		return
	}
	out := p.rgba.Pix[y*p.rgba.Stride+4*x0:][:4*n]
	if p.photometric == isRGB && p.samples == 3 { // by far the most usual
		for len(out) >= 4 && len(pixels) >= 3 {
			out[0], out[1], out[2], out[3] = pixels[0], pixels[1], pixels[2], 255
			out, pixels = out[4:], pixels[3:]
		}
		return
	}
	for i := range n {
		s := pixels[i*p.samples : (i+1)*p.samples]
		r, g, b := p.rgb(s)
		if p.alpha > 0 {
			a := s[p.alpha]
			r, g, b = p.lay(r, a), p.lay(g, a), p.lay(b, a)
		}
		o := out[4*i : 4*i+4 : 4*i+4]
		o[0], o[1], o[2], o[3] = r, g, b, 255
	}
}

func (p *tiffPicture) storeGray(out, pixels []uint8) {
	var invert uint8
	if p.photometric == whiteIsZero {
		invert = 255
	}
	for i := range out {
		v := pixels[i*p.samples] ^ invert
		if p.alpha > 0 {
			v = p.lay(v, pixels[i*p.samples+p.alpha])
		}
		out[i] = v
	}
}

// rgb returns the colour of a pixel.
func (p *tiffPicture) rgb(s []uint8) (r, g, b uint8) {
	switch p.photometric {
	case isPalette:
		c := p.palette[int(s[0])&(len(p.palette)-1)]
		return c[0], c[1], c[2]
	case isCMYK:
		return color.CMYKToRGB(s[0], s[1], s[2], s[3])
	case isYCbCr:
		if p.compression != compressionJPEG { // whose decoder made RGB of it
			return color.YCbCrToRGB(s[0], s[1], s[2])
		}
	}
	return s[0], s[1], s[2]
}

// lay lays a sample of opacity a on white. An associated sample was already
// multiplied with it.
func (p *tiffPicture) lay(v, a uint8) uint8 {
	if p.associated {
		return uint8(min(255, int(v)+255-int(a)))
	}
	return onWhite(v, a)
}
