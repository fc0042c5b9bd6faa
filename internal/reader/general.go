package reader

import (
	"context"
	"image"
	"iter"
	"math"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/grid"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/reader/ink"
	"github.com/seosik/seosik/internal/scan"
)

// Sheets yields the pages of file in order, with all their text, read without
// any template. A page that cannot be read has a Failure. An error is no fault
// of the file and ends the sequence.
func (r *Reader) Sheets(ctx context.Context, file []byte, languages []string) iter.Seq2[form.Sheet, error] {
	return func(yield func(form.Sheet, error) bool) {
		for page, err := range scan.Pages(ctx, file, r.cfg.Limits) {
			var sheet form.Sheet
			if err == nil {
				sheet, err = r.sheet(ctx, page, languages)
			}
			if ctx.Err() != nil {
				yield(form.Sheet{}, ctx.Err())
				return
			}
			if failure, ok := failureOf(err); ok {
				sheet.Number, sheet.Failure, err = max(1, page.Number), failure, nil
			}
			if !yield(sheet, err) || err != nil {
				return
			}
		}
	}
}

const (
	sheetSide    = 3300 // pixels: the longer side of A4 at 280 dpi, which the engine likes
	sheetGrows   = 2.0  // at most: more pixels do not make a picture clearer
	cellMargin   = 3    // pixels of a cell that its lines may still touch
	cellsAtATime = 16   // cells that go to the engine together
)

// sheet reads a page. Cells of tables are read one by one, so that no line of
// text runs from one into the next, and the rest of the page as a whole.
func (r *Reader) sheet(ctx context.Context, page scan.Page, languages []string) (form.Sheet, error) {
	s := form.Sheet{Number: page.Number, Width: page.Gray.Rect.Dx(), Height: page.Gray.Rect.Dy()}
	straight, toPage := straightened(page.Gray)
	tables, rules := grid.Find(straight)
	ink.Erase(straight, rules)
	parts := []part{{box: straight.Rect, layout: ocr.Page}}
	for i, t := range tables {
		for j, c := range t.Cells {
			box := c.Box.Inset(cellMargin)
			if layout, inked := layoutOf(straight, box); inked {
				parts = append(parts, part{table: i, cell: j, box: box, layout: layout})
			}
		}
	}
	if err := r.readParts(ctx, straight, tables, parts, languages); err != nil {
		return s, err
	}
	s.Grids = make([]form.Grid, len(tables))
	for i, t := range tables {
		s.Grids[i].Where = toPage.ApplyQuad(boxOf(t.Box).Quad())
		for _, c := range t.Cells {
			s.Grids[i].Cells = append(s.Grids[i].Cells, form.GridCell{
				Row: c.Row, Column: c.Column, RowSpan: c.RowSpan, ColumnSpan: c.ColumnSpan, Where: toPage.ApplyQuad(boxOf(c.Box).Quad()),
			})
		}
	}
	for _, p := range parts[1:] {
		s.Grids[p.table].Cells[p.cell].Words = p.words(toPage)
	}
	s.Words = inOrder(&parts[0], toPage, tables, s.Grids)
	return s, nil
}

// A part of a page goes to the engine on its own.
type part struct {
	table, cell int // of the tables; not for the first part, which is the page without them
	box         image.Rectangle
	layout      ocr.Layout
	text        ocr.Text
}

// readParts has the engine read the parts, several at a time.
func (r *Reader) readParts(ctx context.Context, straight *image.Gray, tables []grid.Table, parts []part, languages []string) error {
	g, ctx := errgroup.WithContext(ctx)
	read := func(parts []part, crops []ocr.Crop) {
		g.Go(func() error {
			texts, err := r.cfg.Engine.Read(ctx, crops)
			for i := range texts {
				parts[i].text = texts[i]
			}
			return err
		})
	}
	rest := clone(straight)
	for _, t := range tables {
		ink.Whiten(rest, t.Box.Inset(-cellMargin))
	}
	read(parts[:1], []ocr.Crop{{Image: rest, Languages: languages, Layout: parts[0].layout}})
	for some := range slices.Chunk(parts[1:], cellsAtATime) {
		crops := make([]ocr.Crop, len(some))
		for i, p := range some {
			crops[i] = ocr.Crop{Image: ink.Framed(straight, p.box, padding), Languages: languages, Layout: p.layout}
		}
		read(some, crops)
	}
	return g.Wait()
}

// words returns what was read in p, in page px.
func (p *part) words(toPage geom.Homography) []form.Word {
	words := make([]form.Word, len(p.text.Words))
	for i, w := range p.text.Words {
		words[i] = form.Word{
			Text: w.Text, Confidence: w.Confidence, LineBreak: w.LineBreak, Where: toPage.ApplyQuad(boxOf(w.Box.Add(p.origin())).Quad()),
		}
	}
	if n := len(words); n > 0 {
		words[n-1].LineBreak = true
	}
	return words
}

// origin returns where the picture of p begins.
func (p *part) origin() image.Point {
	if p.layout == ocr.Page {
		return p.box.Min
	}
	return p.box.Min.Sub(image.Pt(padding, padding))
}

// inOrder returns all words in the order in which people read: those outside
// tables as the engine has ordered them, with each table before the first line
// that lies below its top.
func inOrder(rest *part, toPage geom.Homography, tables []grid.Table, grids []form.Grid) []form.Word {
	var all []form.Word
	next := 0
	upTo := func(y int) {
		for ; next < len(tables) && tables[next].Box.Min.Y < y; next++ {
			for _, c := range grids[next].Cells {
				all = append(all, c.Words...)
			}
		}
	}
	first := true
	for i, w := range rest.words(toPage) {
		if first {
			box := rest.text.Words[i].Box
			upTo((box.Min.Y + box.Max.Y) / 2)
		}
		all = append(all, w)
		first = w.LineBreak
	}
	upTo(math.MaxInt)
	return all
}

// straightened returns the page at the size that the engine likes, its lines
// level.
func straightened(page *image.Gray) (straight *image.Gray, toPage geom.Homography) {
	width, height := float64(page.Rect.Dx()), float64(page.Rect.Dy())
	scale := min(sheetGrows, sheetSide/max(width, height))
	center := geom.Point{X: width / 2, Y: height / 2}
	turn := geom.Shift(center).After(rotation(ink.Skew(page))).After(geom.Shift(geom.Point{X: -center.X, Y: -center.Y}))
	toPage = turn.After(geom.Scale(1/scale, 1/scale))
	return raster.Warp(page, toPage, max(1, int(width*scale)), max(1, int(height*scale))), toPage
}

// rotation turns by an angle, clockwise as y points down.
func rotation(radians float64) geom.Homography {
	sin, cos := math.Sincos(radians)
	return geom.Homography{cos, -sin, 0, sin, cos, 0, 0, 0, 1}
}

// layoutOf says how the text in box is laid out, and whether there is any.
func layoutOf(img *image.Gray, box image.Rectangle) (layout ocr.Layout, inked bool) {
	const fewest = 20 // pixels: a point is no text
	rows, area := ink.Rows(img, box, cellMargin)
	if rows == 1 {
		return ocr.Line, area >= fewest
	}
	return ocr.Block, area >= fewest
}

func clone(img *image.Gray) *image.Gray {
	return &image.Gray{Pix: slices.Clone(img.Pix), Stride: img.Stride, Rect: img.Rect}
}
