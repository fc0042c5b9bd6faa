package ocr

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// checkLine is what Check draws. The data of every language knows digits well;
// that of Korean does not know Latin letters well.
const checkLine = "2748 1365"

// Check draws a line of text, has e read it as language, and returns an error
// unless it reads what was drawn.
func Check(ctx context.Context, e Engine, language string) error {
	img, err := DrawLine(checkLine)
	if err != nil {
		return fmt.Errorf("draw the test line: %w", err)
	}
	texts, err := e.Read(ctx, []Crop{{Image: img, Languages: []string{language}}})
	if err != nil {
		return err
	}
	if got := texts[0].String(); got != checkLine {
		return fmt.Errorf("drew %q and read %q", checkLine, got)
	}
	return nil
}

// DrawLine returns a picture of text, black on white, in Go's own font, which
// has Latin letters.
func DrawLine(text string) (*image.Gray, error) {
	const size, margin = 48, 16 // pixels
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, err
	}
	defer face.Close()
	img := image.NewGray(image.Rect(0, 0, font.MeasureString(face, text).Ceil()+2*margin, size+2*margin))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	d := font.Drawer{Dst: img, Src: image.NewUniform(color.Black), Face: face, Dot: fixed.P(margin, margin+size*4/5)}
	d.DrawString(text)
	return img, nil
}
