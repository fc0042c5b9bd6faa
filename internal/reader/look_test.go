package reader

import (
	"bytes"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"github.com/seosik/seosik/internal/beside"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/sample"
	"github.com/seosik/seosik/internal/scan"
)

// blind reads nothing.
var blind = ocr.Func(func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, nil })

// Files of the bench that are stored oddly are found as if they were not.
func TestFaultyFilesAreFound(t *testing.T) {
	b := openBench(t)
	want := b.templates["ko-claim"].ID
	r := New(Config{Engine: blind})
	for _, name := range []string{
		"fax-204x98-pixels.png", "fax-204x98-pixels.jpg", "fax-204x98.pdf", "tiff-wrong-aspect-tag.tif", "negative.tif",
		"jpeg-fill-before-restart.jpg", "jpeg-without-end-marker.jpg", "old-style-jpeg.tif",
	} {
		t.Run(name, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join(beside.Bench(t, "faults"), name))
			if err != nil {
				t.Fatal(err)
			}
			results := readAll(t, r, file, b.catalog)
			if len(results) != 1 {
				t.Fatalf("%d pages", len(results))
			}
			p := results[0].Page
			t.Logf("%s, score %.3f, residual %.2f, %d x %d, faults %v", p.State, p.Score, p.Residual, p.Width, p.Height, p.Faults)
			if p.Template != want || p.Residual > 1 || len(p.Faults) > 0 {
				t.Errorf("template %d, want %d", p.Template, want)
			}
			checkPicture(t, results[0])
			again, err := first(r.Read(t.Context(), file, lying(b.catalog.Only(want), p.TemplateToPage)))
			if err != nil || again.Page.Width != p.Width || again.Page.Height != p.Height || len(again.Page.Faults) > 0 {
				t.Errorf("%v, placed by hand %d x %d, faults %v", err, again.Page.Width, again.Page.Height, again.Page.Faults)
			}
			if !bytes.Equal(again.Image, results[0].Image) {
				t.Error("placed by hand it has another picture")
			}
		})
	}
}

// checkPicture checks that the picture of a page has its sides, and is not a
// negative.
func checkPicture(t *testing.T, got Result) {
	t.Helper()
	page, err := scan.Nth(t.Context(), got.Image, 1, scan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if size := page.Gray.Rect.Size(); size != image.Pt(got.Page.Width, got.Page.Height) || dark(page.Gray) {
		t.Errorf("picture of %v, dark %v, for a page of %d x %d", size, dark(page.Gray), got.Page.Width, got.Page.Height)
	}
}

// A drawn page, in colour, is found as a negative too, and told when it is seen
// from behind.
func TestANegativeIsTurnedAndAMirroredPageNamed(t *testing.T) {
	f, cat := demoForm(t)
	blank, err := sample.DrawDemo()
	if err != nil {
		t.Fatal(err)
	}
	drawn, _ := sample.Degrade(blank.Image, sample.Rotated, 5)
	size := drawn.Bounds().Size()
	negative, mirrored := image.NewRGBA(drawn.Bounds()), image.NewRGBA(drawn.Bounds())
	for y := range size.Y {
		for x := range size.X {
			c := color.RGBAModel.Convert(drawn.At(x, y)).(color.RGBA)
			negative.SetRGBA(x, y, color.RGBA{^c.R, ^c.G, ^c.B, 255})
			mirrored.SetRGBA(size.X-1-x, y, c)
		}
	}
	r := New(Config{Engine: blind})
	got := readAll(t, r, encoded(t, negative), cat)[0]
	if got.Page.Template != f.ID || len(got.Page.Faults) > 0 {
		t.Errorf("a negative: %s, template %d, faults %v", got.Page.State, got.Page.Template, got.Page.Faults)
	}
	checkPicture(t, got)
	got = readAll(t, r, encoded(t, mirrored), cat)[0]
	if got.Page.State != form.StateUnmatched || len(got.Page.Faults) != 1 || got.Page.Faults[0] != form.FaultMirrored {
		t.Errorf("a mirrored page: %s, faults %v", got.Page.State, got.Page.Faults)
	}
}

// Drawn forms of many layouts are found however they are stored.
func TestDrawnFormsAreFoundHoweverTheyAreStored(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	for _, situation := range []sample.Situation{"negative", "squeezed fax"} {
		found := 0
		const pages = 12
		for seed := range uint64(pages) {
			blank, err := sample.Layout(seed+90001, form.Languages[seed%4])
			if err != nil {
				t.Fatal(err)
			}
			// Of photographs not all are dark as negatives, and a fax lies upright.
			level := []sample.Level{sample.Clean, sample.Scanned, sample.LowRes}[seed%3]
			paper, err := blank.Meet(situation, map[form.FieldID]sample.Value{}, seed, sample.Style{}, level)
			if err != nil {
				t.Fatal(err)
			}
			f := *blank.Template
			f.ID, f.Version, f.Image = 1, 1, blob.KeyOf([]byte("picture"))
			cat, err := NewCatalog([]*form.Template{&f}, func(blob.Key) ([]byte, error) { return encoded(t, blank.Image), nil })
			if err != nil {
				t.Fatal(err)
			}
			page, err := scan.Nth(t.Context(), encoded(t, paper.Image), 1, scan.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			looked, match, err := cat.look(page, cat.set.Find)
			if err != nil {
				t.Logf("%s, seed %d, %s: %v", situation, seed, level, err)
				continue
			}
			corner := geom.Point{X: float64(f.Width), Y: float64(f.Height)}
			if off := match.TemplateToPage.Apply(corner).Distance(paper.TemplateToPage.Apply(corner)); off > 4 || dark(looked.Gray) {
				t.Errorf("%s, seed %d, %s: %.1f px off", situation, seed, level, off)
			}
			found++
		}
		if found < pages {
			t.Errorf("%s: %d of %d found", situation, found, pages)
		}
	}
}
