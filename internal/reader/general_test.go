package reader

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/sample/demo"
)

// barPage is a page of 1400 by 2000 px with bars for words: two above a table of
// two columns and two rows, one in each of three cells, and one below.
func barPage() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 1400, 2000))
	fill := func(x0, y0, x1, y1 int, v uint8) {
		draw.Draw(img, image.Rect(x0, y0, x1, y1), image.NewUniform(color.Gray{Y: v}), image.Point{}, draw.Src)
	}
	fill(0, 0, 1400, 2000, 240)
	for _, y := range []int{400, 500, 600} {
		fill(199, y-1, 1202, y+2, 20)
	}
	for _, x := range []int{200, 700, 1200} {
		fill(x-1, 399, x+2, 602, 20)
	}
	for _, bar := range []image.Point{{200, 200}, {500, 200}, {250, 440}, {750, 440}, {750, 540}, {300, 800}} {
		fill(bar.X, bar.Y, bar.X+150, bar.Y+24, 20)
	}
	return img
}

// barReader reads a bar as the word "bar", a row of them as a line.
func barReader(c ocr.Crop) (ocr.Text, error) {
	ink := make([]bool, len(c.Image.Pix))
	for y := range c.Image.Rect.Dy() {
		for x := range c.Image.Rect.Dx() {
			ink[y*c.Image.Rect.Dx()+x] = c.Image.Pix[y*c.Image.Stride+x] < 128
		}
	}
	var text ocr.Text
	_, pieces := raster.Pieces(ink, c.Image.Rect.Dx())
	for i, p := range pieces {
		last := i == len(pieces)-1 || pieces[i+1].Box.Min.Y > p.Box.Max.Y
		text.Words = append(text.Words, ocr.Word{Text: "bar", Confidence: .5, Box: p.Box, LineBreak: last})
	}
	return text, nil
}

func encoded(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sheetsOf returns the sheets of file.
func sheetsOf(t testing.TB, r *Reader, file []byte, languages ...string) (list []form.Sheet) {
	t.Helper()
	for s, err := range r.Sheets(t.Context(), file, languages) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// Words come in reading order, stand where they are on the page, and are found
// in their cells, also on a page that lies askew.
func TestSheets(t *testing.T) {
	r := New(Config{Engine: ocr.Func(barReader)})
	for _, degrees := range []float64{0, -1.3, 3} {
		upright := barPage()
		center := geom.Point{X: 700, Y: 1000}
		turn := geom.Shift(center).After(rotation(degrees * math.Pi / 180)).After(geom.Shift(geom.Point{X: -700, Y: -1000}))
		back, err := turn.Inverse()
		if err != nil {
			t.Fatal(err)
		}
		sheets := sheetsOf(t, r, encoded(t, raster.Warp(upright, back, 1400, 2000)), "ko")
		if len(sheets) != 1 || sheets[0].Failure != "" || sheets[0].Width != 1400 || sheets[0].Height != 2000 {
			t.Fatalf("%v°: sheets %+v", degrees, sheets)
		}
		s := sheets[0]
		want := []image.Point{{200, 200}, {500, 200}, {250, 440}, {750, 440}, {750, 540}, {300, 800}}
		breaks := []bool{false, true, true, true, true, true}
		if len(s.Words) != len(want) {
			t.Fatalf("%v°: %d words, want %d", degrees, len(s.Words), len(want))
		}
		for i, w := range s.Words {
			place := turn.Apply(geom.Point{X: float64(want[i].X), Y: float64(want[i].Y)})
			if w.Where[0].Distance(place) > 6 || w.LineBreak != breaks[i] {
				t.Errorf("%v°: word %d at %v, line break %v; want %v, %v", degrees, i, w.Where[0], w.LineBreak, place, breaks[i])
			}
		}
		if len(s.Grids) != 1 || len(s.Grids[0].Cells) != 4 {
			t.Fatalf("%v°: grids %+v", degrees, s.Grids)
		}
		for i, n := range []int{1, 1, 0, 1} {
			if c := s.Grids[0].Cells[i]; len(c.Words) != n || c.Row != i/2 || c.Column != i%2 {
				t.Errorf("%v°: cell %d: %+v, want %d words", degrees, i, c, n)
			}
		}
	}
}

func TestSheetsFail(t *testing.T) {
	broken := ocr.Func(func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, ocr.ErrEngine })
	for _, tt := range []struct {
		name   string
		engine ocr.Engine
		file   []byte
		want   form.Failure
	}{
		{"damaged", ocr.Func(barReader), []byte("\x89PNG\r\n\x1a\n"), form.FailDamaged},
		{"resolution", ocr.Func(barReader), encoded(t, image.NewGray(image.Rect(0, 0, 9, 100))), form.FailResolution},
		{"engine", broken, encoded(t, barPage()), form.FailEngine},
		{"blank", ocr.Func(barReader), encoded(t, image.NewGray(image.Rect(0, 0, 10, 10))), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sheets := sheetsOf(t, New(Config{Engine: tt.engine}), tt.file, "ko")
			if len(sheets) != 1 || sheets[0].Number != 1 || sheets[0].Failure != tt.want {
				t.Errorf("sheets %+v, want failure %q", sheets, tt.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range New(Config{Engine: broken}).Sheets(ctx, encoded(t, barPage()), nil) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("after the end: %v", err)
		}
	}
}

// With the real engine, most of what is written and printed on the demo's scans
// is among the words.
func TestSheetsOfDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("reads whole pages")
	}
	r := New(Config{Engine: openEngine(t, 2)})
	set := demo.Load()
	sheets := sheetsOf(t, r, set.Picture, "ko")
	text := textOf(sheets[0])
	for _, f := range []string{"성명", "소속", "휴대전화", "전자우편"} {
		if !strings.Contains(text, f) {
			t.Errorf("%q is not among the words: %s", f, text)
		}
	}
	if len(sheets[0].Grids) == 0 {
		t.Error("no table was found")
	}
}

// textOf returns the words of s, without spaces: where they stand between
// Hangul is a matter of taste.
func textOf(s form.Sheet) string {
	var b strings.Builder
	for _, w := range s.Words {
		b.WriteString(strings.ReplaceAll(w.Text, " ", ""))
	}
	return b.String()
}
