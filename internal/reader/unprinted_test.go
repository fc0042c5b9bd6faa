package reader

import (
	"bytes"
	"image"
	"testing"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/sample"
	"github.com/seosik/seosik/internal/scan"
)

// Of drawn pages what was written stays, and what was printed goes, also where the
// paper is bowed and the page has half the resolution.
func TestUnprinted(t *testing.T) {
	b, err := sample.DrawDemo()
	if err != nil {
		t.Fatal(err)
	}
	f := *b.Template
	f.ID, f.Version, f.Image = 1, 1, blob.KeyOf([]byte("picture"))
	cat, err := NewCatalog([]*form.Template{&f}, func(blob.Key) ([]byte, error) { return encoded(t, b.Image), nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		situation sample.Situation
		level     sample.Level
	}{
		{"scanned", "", sample.Scanned},
		{"faxed", "", sample.Fax},
		{"photographed", "", sample.Photo},
		{"bowed", "bowed", sample.Scanned},
	} {
		t.Run(tt.name, func(t *testing.T) {
			paper, err := b.Meet(tt.situation, b.Invent(3, .2), 3, sample.Style{Hand: true}, tt.level)
			if err != nil {
				t.Fatal(err)
			}
			page := scan.Page{Number: 1, Gray: GrayOf(paper.Image), Color: paper.Image}
			w := Want{Catalog: cat}
			page, found, err := w.find(page)
			if err != nil {
				t.Fatal(err)
			}
			picture, err := cat.Unprinted(t.Context(), page, found.TemplateToPage)
			if err != nil {
				t.Fatal(err)
			}
			img, _, err := image.Decode(bytes.NewReader(picture))
			if err != nil {
				t.Fatal(err)
			}
			left := sample.ToGray(img)
			shrunk := float64(page.Gray.Rect.Dx()) / float64(left.Rect.Dx())
			at := func(p geom.Point) geom.Point {
				if paper.Bend != nil {
					p = paper.Bend(p)
				}
				p = paper.TemplateToPage.Apply(p)
				return geom.Point{X: p.X / shrunk, Y: p.Y / shrunk}
			}
			written, stays, printed, shows := 0, 0, 0, 0
			for y := 0; y < f.Height; y += 5 {
				for x := 0; x < f.Width; x += 5 {
					p := geom.Point{X: float64(x) + .5, Y: float64(y) + .5}
					q := at(p)
					was := darkAround(page.Gray, geom.Point{X: q.X * shrunk, Y: q.Y * shrunk}, 1)
					switch ink, print := inTruth(paper.Truth, p), b.Image.GrayAt(x, y).Y < 128; {
					case print && !ink && was:
						printed++
						if darkAround(left, q, 1) {
							shows++
						}
					case ink && was && b.Image.GrayAt(x, y).Y > 200 && !darkAround(b.Image, p, 6):
						written++
						if darkAround(left, q, 1) {
							stays++
						}
					}
				}
			}
			t.Logf("of %d px written %d stay, of %d printed %d", written, stays, printed, shows)
			if written < 50 || printed < 1000 || float64(stays) < .97*float64(written) || float64(shows) > .03*float64(printed) {
				t.Errorf("of %d px written %d stay, of %d printed %d", written, stays, printed, shows)
			}
		})
	}
}

func inTruth(truth map[form.FieldID]sample.Truth, p geom.Point) bool {
	for _, v := range truth {
		if (geom.Box{Min: p, Max: p}).In(v.Ink) && !v.Ink.Empty() {
			return true
		}
	}
	return false
}

// darkAround reports whether a pixel at p or up to reach px from it is much darker
// than the paper around.
func darkAround(img *image.Gray, p geom.Point, reach int) bool {
	at := image.Pt(int(p.X), int(p.Y))
	darkest, paper := uint8(255), uint8(0)
	for dy := -24; dy <= 24; dy++ {
		for dx := -24; dx <= 24; dx++ {
			q := at.Add(image.Pt(dx, dy))
			if !q.In(img.Rect) {
				continue
			}
			v := img.GrayAt(q.X, q.Y).Y
			paper = max(paper, v)
			if max(dx, -dx, dy, -dy) <= reach {
				darkest = min(darkest, v)
			}
		}
	}
	return int(darkest) < int(paper)*6/10
}
