package scan

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"math"
	"slices"
)

// drawnDPI is the resolution at which pages are drawn that are not one
// scanned picture, unless they are so large that they would take more than
// drawnPixels: some more than A2.
const (
	drawnDPI    = 200
	drawnPixels = 16_000_000
)

func isPDF(file []byte) bool {
	return bytes.Contains(file[:min(len(file), 1024)], []byte("%PDF-"))
}

// pdfPages yields the pages of a PDF. Each is drawn by an instance of its own:
// one that cannot be drawn does not stop the others.
func pdfPages(ctx context.Context, file []byte, limits Limits, wanted func(int) bool, yield func(Page, error) bool) {
	count, err := pdfCount(ctx, file, limits)
	if err != nil {
		yield(Page{}, err)
		return
	}
	for n := 1; n <= count; n++ {
		if !wanted(n) {
			continue
		}
		if !yield(guardPage(ctx, n, func() (Page, error) { return pageOfPDF(ctx, file, n, limits) })) {
			return
		}
	}
}

func pdfCount(ctx context.Context, file []byte, limits Limits) (count int, err error) {
	err = guard(ctx, func() error {
		return inSandbox(ctx, file, func(d *document) (err error) {
			count, err = d.pages()
			return err
		})
	})
	switch {
	case err != nil:
		return 0, err
	case count > limits.Pages:
		return 0, fmt.Errorf("%w: %d", ErrTooManyPages, count)
	case count < 1:
		return 0, fmt.Errorf("%w: it has no pages", ErrDamaged)
	}
	return count, nil
}

// pageOfPDF draws page n, in two steps: what waits for room must not hold an
// instance, for which others wait that have room.
func pageOfPDF(ctx context.Context, file []byte, n int, limits Limits) (Page, error) {
	var g grid
	var pictures []picture
	var unseen []image.Rectangle
	var letters []Letter
	var filled []Declared
	err := inSandbox(ctx, file, func(d *document) (err error) {
		if g, pictures, err = d.grid(n, limits); err != nil {
			return err
		}
		if unseen, err = d.unseenOf(n, g, pictures); err != nil {
			return err
		}
		if letters, filled, err = d.letters(n, g, covered(pictures, g)); ctx.Err() == nil {
			return nil // it may be drawn all the same
		}
		return err
	})
	if err != nil {
		return Page{}, err
	}
	shapes := shapesOf(g, pictures, limits)
	width, height := largest(image.Pt(g.width, g.height), shapes)
	if err := limits.stay.enter(ctx, width, height, drawingBytes(g, pictures)); err != nil {
		return Page{}, err
	}
	var page Page
	err = inSandbox(ctx, file, func(d *document) (err error) {
		page, err = d.draw(n, g.width, g.height)
		return err
	})
	if err != nil {
		return Page{}, err
	}
	page.Unseen = unseen
	page.DPI, page.Letters, page.Filled = g.dpi, letters, filled
	page.shapes = shapes
	markLacking(page.Gray, page.Letters)
	return page, nil
}

// shapesOf returns the other shapes that a page may have which is drawn on the
// pixels of its only picture.
func shapesOf(g grid, pictures []picture, limits Limits) []image.Point {
	if len(pictures) != 1 {
		return nil
	}
	p := pictures[0].upright()
	if width, height := squareSides(p.width, p.height, p.xPPI, p.yPPI, limits); width != g.width || height != g.height {
		return nil
	}
	return otherShapes(image.Pt(g.width, g.height), image.Pt(p.width, p.height), p.xPPI, p.yPPI, limits)
}

// grid returns what page n is drawn on, and the pictures that it shows.
func (d *document) grid(n int, limits Limits) (grid, []picture, error) {
	size, err := d.size(n)
	if err != nil {
		return grid{}, nil, err
	}
	pictures, err := d.pictures(n)
	if err != nil {
		return grid{}, nil, err
	}
	g, err := gridOf(size, pictures, limits)
	return g, pictures, err
}

// A pageSize is the size of a page as people see it, upright.
type pageSize struct {
	width, height float64 // points, 1/72 inch
}

// A picture is one that a page shows.
type picture struct {
	width, height int     // pixels
	xPPI, yPPI    float64 // pixels an inch of the page
	turned        bool    // by a quarter, on the page as people see it
	lost          []lost  // what its stream does not have
}

// upright returns p as people see it.
func (p picture) upright() picture {
	if p.turned {
		p.width, p.height, p.xPPI, p.yPPI = p.height, p.width, p.yPPI, p.xPPI
		p.turned = false
	}
	return p
}

// A grid is what a page is drawn on.
type grid struct {
	width, height int     // pixels
	dpi           float64 // pixels an inch, of its width
}

// gridOf returns the grid of a page. A page that is one scanned picture is
// drawn on the pixels of that picture, which gives these pixels themselves: no
// detail is lost, none is made up, and yet what lies over the picture, a
// rotation or a mask is as people see it. Any other is drawn at drawnDPI, or
// coarser where it would become too large.
func gridOf(size pageSize, pictures []picture, limits Limits) (grid, error) {
	if !(size.width > 0 && size.height > 0) {
		return grid{}, fmt.Errorf("%w: the page has no size", ErrDamaged)
	}
	if n := pixelsOf(pictures); n > 4*float64(limits.MaxSide)*float64(limits.MaxSide) {
		return grid{}, fmt.Errorf("%w: pictures of %.3g pixels", ErrResolution, n)
	}
	if g, ok := scannedGrid(pictures, size, limits); ok && limits.checkSides(g.width, g.height) == nil {
		return g, nil
	}
	largest := float64(limits.MaxSide) - .5 // so that rounding up stays allowed
	dpi := min(drawnDPI, largest*72/max(size.width, size.height),
		72*math.Sqrt(drawnPixels/size.width/size.height))
	side := func(points float64) int { return int(math.Ceil(points * dpi / 72)) }
	g := grid{side(size.width), side(size.height), dpi}
	return g, limits.checkSides(g.width, g.height)
}

// covered reports whether one of pictures covers a page that is drawn on g, but for
// its margins.
func covered(pictures []picture, g grid) bool {
	return slices.ContainsFunc(pictures, func(p picture) bool {
		width, height := float64(p.width)*g.dpi/p.xPPI, float64(p.height)*g.dpi/p.yPPI
		if p.turned {
			width, height = height, width
		}
		return covers([4]float64{2: width, 3: height}, g)
	})
}

// pixelsOf returns how many pixels pictures have, which is what drawing them
// takes even where the page is drawn small.
func pixelsOf(pictures []picture) float64 {
	total := 0.0
	for _, p := range pictures {
		total += float64(p.width) * float64(p.height)
	}
	return total
}

// drawingBytes returns about what drawing takes besides the page: its pixels
// once more, and those of its pictures.
func drawingBytes(g grid, pictures []picture) int {
	return 4 * (g.width*g.height + int(pixelsOf(pictures)))
}

// scannedGrid returns the grid of the only picture on a page, if it covers
// the page, lying or turned. Pixels that are not square, as those of a fax, are
// made so.
func scannedGrid(pictures []picture, size pageSize, limits Limits) (grid, bool) {
	if len(pictures) != 1 {
		return grid{}, false
	}
	p := pictures[0].upright()
	// Its resolution is that of a picture that covers the page.
	g := grid{p.width, p.height, float64(p.width) * 72 / size.width}
	covers := math.Abs(g.dpi-p.xPPI) <= 1 && math.Abs(float64(p.height)*72/size.height-p.yPPI) <= 1
	g.width, g.height = squareSides(p.width, p.height, p.xPPI, p.yPPI, limits)
	g.dpi *= float64(g.width) / float64(p.width)
	return g, covers
}
