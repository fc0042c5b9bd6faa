package reader

import (
	"context"
	"image"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader/ink"
)

const (
	printDark  = 170 // gray of a blank form that is print
	mostWords  = 80  // of a part of a page
	leastScore = .2  // of a word: less is dirt
	wordEdge   = 3   // pixels around a word that are still its own
	pieceGap   = 1.3 // between the words of a piece, in their height
)

// Around reads the words on a part of a page, without the print of the form, those
// that stand close together as one. Shown is that part, upright, and blank the same
// part of the blank form, in the same pixels. Find tells where words are, and lines
// reads them once more: it is the better reader of a line, or find itself. Places are
// in pixels of shown.
func Around(ctx context.Context, find, lines ocr.Engine, shown, blank *image.Gray, languages []string) ([]form.Word, error) {
	filled := clone(shown)
	ink.Erase(filled, printOf(blank))
	texts, err := find.Read(ctx, []ocr.Crop{{Image: filled, Languages: languages, Layout: ocr.Page}})
	if err != nil {
		return nil, err
	}
	words := pieces(texts[0].Words)
	if lines.Name() == find.Name() || len(words) == 0 {
		return words, nil
	}
	crops := make([]ocr.Crop, len(words))
	for i, w := range words {
		b := w.Where.Bounds()
		box := image.Rect(int(b.Min.X), int(b.Min.Y), int(b.Max.X), int(b.Max.Y)).Inset(-wordEdge)
		crops[i] = ocr.Crop{Image: ink.Framed(filled, box, padding), Languages: languages, Layout: ocr.Line}
	}
	again, err := lines.Read(ctx, crops)
	if err != nil {
		return nil, err
	}
	for i, t := range again {
		if s := t.String(); s != "" {
			words[i].Text = s
		}
	}
	return words, nil
}

// pieces joins the words of a line that stand close to each other: people take a name
// or a day as one, and engines take wide letters apart.
func pieces(words []ocr.Word) (all []form.Word) {
	var last image.Rectangle
	for _, w := range words {
		if w.Confidence < leastScore || len(all) == mostWords {
			continue
		}
		gap, high := w.Box.Min.X-last.Max.X, min(w.Box.Dy(), last.Dy())
		level := min(w.Box.Max.Y, last.Max.Y) - max(w.Box.Min.Y, last.Min.Y)
		if n := len(all); n > 0 && !all[n-1].LineBreak && 2*level > high && float64(gap) < pieceGap*float64(high) && gap > -high {
			last = last.Union(w.Box)
			all[n-1].Text += " " + w.Text
			all[n-1].Confidence = min(all[n-1].Confidence, w.Confidence)
		} else {
			last = w.Box
			all = append(all, form.Word{Text: w.Text, Confidence: w.Confidence})
		}
		piece := &all[len(all)-1]
		piece.Where, piece.LineBreak = boxOf(last).Quad(), w.LineBreak
	}
	return all
}

// printOf returns which pixels of a blank form are print.
func printOf(blank *image.Gray) []bool {
	width, height := blank.Rect.Dx(), blank.Rect.Dy()
	dark := make([]bool, width*height)
	for y := range height {
		for x, v := range blank.Pix[y*blank.Stride : y*blank.Stride+width] {
			dark[y*width+x] = v < printDark
		}
	}
	return dark
}
