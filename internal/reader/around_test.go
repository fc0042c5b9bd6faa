package reader

import (
	"image"
	"testing"

	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/raster"
)

// named is a reader of a test with a name of its own.
type named struct {
	ocr.Func
	name string
}

func (n named) Name() string { return n.name }

func TestAroundReadsWhatIsNotPrint(t *testing.T) {
	white := func() *image.Gray {
		img := raster.New(200, 60)
		for i := range img.Pix {
			img.Pix[i] = 255
		}
		return img
	}
	paint := func(img *image.Gray, r image.Rectangle) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				img.Pix[y*img.Stride+x] = 0
			}
		}
	}
	label, written := image.Rect(5, 20, 40, 40), image.Rect(100, 20, 160, 40)
	blank, page := white(), white()
	paint(blank, label)
	paint(page, label)
	paint(page, written)
	dark := func(img *image.Gray, r image.Rectangle) bool { return img.GrayAt(r.Min.X+5, r.Min.Y+5).Y < 128 }
	find := named{name: "find", Func: func(c ocr.Crop) (ocr.Text, error) {
		if c.Layout != ocr.Page || dark(c.Image, label) || !dark(c.Image, written) {
			t.Errorf("layout %d, print %t, writing %t", c.Layout, dark(c.Image, label), dark(c.Image, written))
		}
		word := func(text string, score float64, x0, x1 int, last bool) ocr.Word {
			return ocr.Word{Text: text, Confidence: score, Box: image.Rect(x0, 20, x1, 40), LineBreak: last}
		}
		return ocr.Text{Words: []ocr.Word{word("김", .9, 100, 115, false), word("철", .9, 125, 140, false), word("~", .1, 142, 143, false), word("수", .9, 145, 160, false), word("9", .9, 190, 198, true)}}, nil
	}}
	lines := named{name: "lines", Func: func(c ocr.Crop) (ocr.Text, error) {
		if c.Layout != ocr.Line {
			t.Errorf("layout %d", c.Layout)
		}
		if c.Image.Rect.Dx() < 60 {
			return ocr.Text{}, nil // it sees nothing: what was found stays
		}
		return ocr.Text{Words: []ocr.Word{{Text: "김철수"}}}, nil
	}}
	words, err := Around(t.Context(), find, lines, page, blank, []string{"ko"})
	if err != nil || len(words) != 2 || words[0].Text != "김철수" || words[1].Text != "9" {
		t.Fatalf("%v, words %+v", err, words)
	}
	if b := words[0].Where.Bounds(); b.Min.X != 100 || b.Max.X != 160 {
		t.Errorf("the first is at %v", b)
	}
	if words, err := Around(t.Context(), find, find, page, blank, []string{"ko"}); err != nil || words[0].Text != "김 철 수" {
		t.Errorf("%v, by one reader alone %+v", err, words)
	}
}
