package reader

import (
	"bytes"
	"errors"
	"image/png"
	"testing"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/sample"
	"github.com/seosik/seosik/internal/scan"
)

// Notes are written at random places of drawn forms, by hand, by machine and as
// seals, and the pages go through scanners, faxes and telephones.
func TestNotesBesideFieldsAreFound(t *testing.T) {
	const floor = .9
	written, found, wrong := 0, 0, 0
	for i, level := range []sample.Level{sample.Clean, sample.Scanned, sample.LowRes, sample.Fax, sample.Photo, sample.Rotated} {
		seed := uint64(40 + i)
		b, err := sample.Draw(sample.Design{Seed: seed, Language: form.Languages[i%len(form.Languages)]})
		if errors.Is(err, sample.ErrNoFont) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		noted, err := b.Annotate(seed, sample.Style{Hand: i%3 != 0, Empty: .3}, 4)
		if err != nil {
			t.Fatal(err)
		}
		img, toPage := sample.Degrade(noted.Image, level, seed)
		back, err := toPage.Inverse()
		if err != nil {
			t.Fatal(err)
		}
		var places []geom.Box
		for _, q := range marginsOn(t, b, scan.Page{Number: 1, Gray: GrayOf(img), Color: img}) {
			places = append(places, back.ApplyQuad(q).Bounds())
		}
		hit := make([]bool, len(places))
		for _, n := range noted.Notes {
			written++
			is := false
			for k, p := range places {
				if 2*area(p.Intersect(n)) > area(n) && area(p) < 4*area(n.Grow(10)) {
					is, hit[k] = true, true
				}
			}
			if is {
				found++
			} else {
				t.Logf("%s %v: not found among %v", level, n, places)
			}
		}
		for k, p := range places {
			if !hit[k] {
				wrong++
				t.Logf("%s: nothing was written at %v", level, p)
			}
		}
	}
	t.Logf("%d of %d notes found, %d places where there is none", found, written, wrong)
	if float64(found) < floor*float64(written) || wrong > 1 {
		t.Errorf("%d of %d notes found, %d places where there is none", found, written, wrong)
	}
}

// marginsOn returns where something is written on a page of b that is in no field.
func marginsOn(t *testing.T, b *sample.Blank, page scan.Page) []geom.Quad {
	t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, b.Image); err != nil {
		t.Fatal(err)
	}
	f := *b.Template
	f.ID, f.Version, f.Image = 1, 1, blob.KeyOf(picture.Bytes())
	cat, err := NewCatalog([]*form.Template{&f}, func(blob.Key) ([]byte, error) { return picture.Bytes(), nil })
	if err != nil {
		t.Fatal(err)
	}
	w := Want{Catalog: cat}
	page, found, err := w.find(page)
	if err != nil {
		t.Fatal(err)
	}
	e := cat.found[found.Index]
	blank, done, err := cat.blanks.take(t.Context(), f.Image)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	p, _ := New(Config{}).lay(page, e, blank, found.Fit)
	return p.margins(e.faults(found.Fit, page.Gray))
}
