package reader

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"slices"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// A Snippet is the picture of a doubtful value, or of one of its boxes, that is kept
// with the page: people look at those of many pages side by side.
type Snippet struct {
	Field form.FieldID
	Place int    // of the box, from 1; 0 for all of the value
	Image []byte // PNG
}

const (
	// The sides of snippets, in pixels, at most: what is larger is made smaller.
	valueWidth, valueHeight = 480, 120
	boxSide                 = 56
	valueMargin             = 6.0 // template px around a value
	boxMargin               = .12 // of the height of a box, around it
	// pageSnippets bounds the snippets of a page. Those of the bench have 26 doubtful
	// values at most.
	pageSnippets = 200
)

// Snippets returns the pictures of those of the readings, one for each place, that
// people look at beside those of other pages. Page is the page in the pixels that
// templateToPage leads to.
func Snippets(page *image.Gray, templateToPage geom.Homography, places []form.Field, readings []form.Reading) (snippets []Snippet) {
	for i, r := range readings {
		for _, tile := range form.Tiles(places[i], r) {
			if len(snippets) == pageSnippets {
				return snippets
			}
			snippets = append(snippets, Snippet{tile.Field, tile.Place, SnippetOf(page, templateToPage, places[i], r, tile.Place)})
		}
	}
	return snippets
}

// AllSnippets returns those of all readings, however sure they are.
func AllSnippets(page *image.Gray, templateToPage geom.Homography, places []form.Field, readings []form.Reading) []Snippet {
	snippets := Snippets(page, templateToPage, places, readings)
	for i, r := range readings {
		has := slices.ContainsFunc(snippets, func(s Snippet) bool { return s.Field == places[i].ID })
		if !has && len(snippets) < pageSnippets {
			snippets = append(snippets, Snippet{places[i].ID, 0, SnippetOf(page, templateToPage, places[i], r, 0)})
		}
	}
	return snippets
}

// SnippetOf returns the picture, as PNG, of what was read as r in f: of all of it,
// or for a place from 1 of that box of a row. They have 16 shades: those are
// told as well as 256, in a third of the bytes.
func SnippetOf(page *image.Gray, templateToPage geom.Homography, f form.Field, r form.Reading, place int) []byte {
	box, width, height := shownOf(templateToPage, f, r), valueWidth, valueHeight
	if place > 0 {
		box, width, height = f.Boxes[place-1], boxSide, boxSide
		box = box.Grow(boxMargin * box.Height())
	}
	scale := min(1, float64(width)/box.Width(), float64(height)/box.Height())
	toPage := templateToPage.After(geom.Shift(box.Min)).After(geom.Scale(1/scale, 1/scale))
	width, height = max(1, int(math.Ceil(box.Width()*scale))), max(1, int(math.Ceil(box.Height()*scale)))
	return encodeShades(raster.Warp(page, toPage, width, height))
}

// shownOf returns what is shown of a value, in template px: what was read with
// some of its field on all sides, as most fields are far wider than what is
// written in them, and the whole field where there may be more.
func shownOf(templateToPage geom.Homography, f form.Field, r form.Reading) geom.Box {
	toTemplate, err := templateToPage.Inverse()
	if err != nil || r.Where == (geom.Quad{}) {
		return f.Box.Grow(valueMargin)
	}
	words := toTemplate.ApplyQuad(r.Where).Bounds()
	all := f.Box.Union(words).Grow(valueMargin)
	more := func(why form.Reason) bool {
		return why == form.ReasonInkUnread || why == form.ReasonBorder || why == form.ReasonBeside || why == form.ReasonNotDrawn
	}
	if f.Kind != form.Normal || r.Text == "" || slices.ContainsFunc(r.Reasons, more) {
		return all
	}
	height := words.Height()
	around := geom.Box{
		Min: geom.Point{X: words.Min.X - 1.5*height, Y: words.Min.Y - .4*height},
		Max: geom.Point{X: words.Max.X + 1.5*height, Y: words.Max.Y + .4*height},
	}
	return around.Intersect(all)
}

// GrayOf returns a picture as a reader sees it, with its origin at (0, 0).
func GrayOf(img image.Image) *image.Gray {
	b := img.Bounds()
	gray := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(gray, gray.Rect, img, b.Min, draw.Src)
	return gray
}

// shades are those of snippets.
var shades = func() (p color.Palette) {
	for i := range 16 {
		p = append(p, color.Gray{Y: uint8(17 * i)})
	}
	return p
}()

func encodeShades(gray *image.Gray) []byte {
	few := image.NewPaletted(gray.Rect, shades)
	for i, v := range gray.Pix { // both have no gaps between their rows
		few.Pix[i] = uint8((int(v) + 8) / 17)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, few); err != nil {
		panic(err) // a buffer takes all, and no side is 0
	}
	return b.Bytes()
}
