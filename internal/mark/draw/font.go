package draw

import (
	"image"
	"image/color"
	"os"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// fontSize is at how many pixels an em glyphs are drawn.
const fontSize = 72

// A Font draws the characters of a font file.
type Font struct {
	font *sfnt.Font
	face font.Face
}

// OpenFont returns the font of a file, TrueType or OpenType; of a collection
// the first one.
func OpenFont(name string) (Font, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return Font{}, err
	}
	all, err := sfnt.ParseCollection(data)
	if err != nil {
		return Font{}, err
	}
	f, err := all.Font(0)
	if err != nil {
		return Font{}, err
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: fontSize, DPI: 72})
	if err != nil {
		return Font{}, err
	}
	return Font{f, face}, nil
}

// Glyph returns the picture of r, and false if the font has none.
func (f Font) Glyph(r rune) (Glyph, bool) {
	if n, err := f.font.GlyphIndex(nil, r); err != nil || n == 0 {
		return Glyph{}, false
	}
	g := f.draw(r)
	if capital := f.draw('H'); capital.Height > 0 {
		g.Size = float64(g.Height) / float64(capital.Height)
	}
	return g, g.Width > 0
}

func (f Font) draw(r rune) Glyph {
	const side = 2 * fontSize
	img := image.NewGray(image.Rect(0, 0, side, side))
	d := font.Drawer{Dst: img, Src: image.NewUniform(color.White), Face: f.face, Dot: fixed.P(side/4, side*2/3)}
	d.DrawString(string(r))
	return Tight(img.Pix, side)
}
