package reader

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/reader/ink"
	"github.com/seosik/seosik/internal/scan"
)

// unprintedDPI is the resolution from which a page is looked at in half its pixels
// where only what is written on it is shown: that is enough for a screen.
const unprintedDPI = 300

const (
	leastDPI   = 40.0     // at which there is anything to see
	mostPixels = 24 << 20 // that are looked at
)

// Unprinted returns a page, a JPEG, without what the only template of c has printed on
// it: what people wrote there, and the paper. The form lies on it as said, also where
// the paper is bent. The picture may have fewer pixels than the page. It returns
// form.ErrNotFound where c has not exactly one template, or the form is too small to see.
func (c *Catalog) Unprinted(ctx context.Context, page scan.Page, templateToPage geom.Homography) ([]byte, error) {
	if len(c.entries) != 1 {
		return nil, fmt.Errorf("template to take away: %w", form.ErrNotFound)
	}
	blank, done, err := c.Blank(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	lies, err := c.entries[0].lying(page, templateToPage)
	if err != nil {
		return nil, err
	}
	gray, planes := page.Gray, planesOf(page)
	dpi, shrunk := templateToPage.ScaleAt(centre(blank))*ink.DPI(blank.Rect.Dx(), blank.Rect.Dy()), 1.0
	if !(dpi >= leastDPI) {
		return nil, fmt.Errorf("a form of %.0f dpi: %w", dpi, form.ErrNotFound)
	}
	for ; dpi >= unprintedDPI || len(gray.Pix) > mostPixels; dpi /= 2 {
		gray, shrunk = raster.Half(gray), 2*shrunk
		for i := range planes {
			planes[i] = raster.Half(planes[i])
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	at := func(p geom.Point) geom.Point { return lies(geom.Point{X: p.X * shrunk, Y: p.Y * shrunk}) }
	scale := ink.DPI(blank.Rect.Dx(), blank.Rect.Dy()) / dpi
	printed := raster.WarpBy(blank, at, scale, gray.Rect.Dx(), gray.Rect.Dy())
	if len(planes) == 0 {
		planes = []*image.Gray{clone(gray)}
	}
	ink.Unprint(printed, gray, planes, dpi)
	var b bytes.Buffer
	err = jpeg.Encode(&b, merged(planes), &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// lying returns what carries page px to template px where e lies on page as said, and
// follows bent paper.
func (e *entry) lying(page scan.Page, templateToPage geom.Homography) (func(geom.Point) geom.Point, error) {
	back, err := templateToPage.Inverse()
	if err != nil {
		return nil, form.ErrNotFound
	}
	var fit align.Fit
	if e.reference != nil {
		fit = e.reference.Measure(page.Gray, templateToPage)
	}
	if !fit.Bent() {
		return back.Apply, nil
	}
	return func(p geom.Point) geom.Point {
		flat := back.Apply(p)
		at := flat
		for range 3 { // paper bends little over the way that it bends
			at = at.Add(flat).Sub(back.Apply(fit.Point(at)))
		}
		return at
	}, nil
}

func centre(img *image.Gray) geom.Point {
	return geom.Point{X: float64(img.Rect.Dx()) / 2, Y: float64(img.Rect.Dy()) / 2}
}

// planesOf returns red, green and blue of a page; nothing of one without colours.
func planesOf(page scan.Page) []*image.Gray {
	if page.Color == image.Image(page.Gray) {
		return nil
	}
	b := page.Color.Bounds()
	planes := []*image.Gray{image.NewGray(page.Gray.Rect), image.NewGray(page.Gray.Rect), image.NewGray(page.Gray.Rect)}
	for y := range b.Dy() {
		for x := range b.Dx() {
			red, green, blue, _ := page.Color.At(b.Min.X+x, b.Min.Y+y).RGBA()
			i := y*planes[0].Stride + x
			planes[0].Pix[i], planes[1].Pix[i], planes[2].Pix[i] = uint8(red>>8), uint8(green>>8), uint8(blue>>8)
		}
	}
	return planes
}

// merged returns the picture of which planes are the colours, or the only one.
func merged(planes []*image.Gray) image.Image {
	if len(planes) == 1 {
		return planes[0]
	}
	out := image.NewRGBA(planes[0].Rect)
	for i := range planes[0].Pix {
		out.Pix[4*i], out.Pix[4*i+1], out.Pix[4*i+2], out.Pix[4*i+3] = planes[0].Pix[i], planes[1].Pix[i], planes[2].Pix[i], 255
	}
	return out
}
