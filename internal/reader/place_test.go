package reader

import (
	"errors"
	"image"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/sample"
)

func TestFaults(t *testing.T) {
	f := &form.Template{Width: 1654, Height: 2339, Fields: []form.Field{
		{ID: "name", Kind: form.Normal, Box: geom.XYWH(100, 100, 400, 44)},
		{ID: "fax", Kind: form.Checkbox, Box: geom.XYWH(1500, 2200, 28, 28)},
	}}
	e := &entry{template: f, places: f.Places(), reference: new(align.Reference)}
	at := func(scale, x, y float64) geom.Homography {
		return geom.Shift(geom.Point{X: x, Y: y}).After(geom.Scale(scale, scale))
	}
	good := align.Fit{Residual: .2, Score: .9}
	for _, tt := range []struct {
		name          string
		fit           align.Fit
		toPage        geom.Homography
		width, height int
		want          []form.Fault
	}{
		{"as it should be", good, at(1, 0, 0), 1654, 2339, nil},
		{"a margin cut off", good, at(1, -60, 0), 1594, 2339, nil},
		{"a field cut off", good, at(1, -130, 0), 1594, 2339, []form.Fault{form.FaultCut}},
		{"more than a margin cut off", good, at(1, 0, 0), 1654, 2235, []form.Fault{form.FaultCut}},
		{"115 dpi", good, at(.575, 0, 0), 952, 1345, nil},
		{"60 dpi", good, at(.3, 0, 0), 497, 702, []form.Fault{form.FaultCoarse}},
		{"print off", align.Fit{Residual: 3, Score: .9}, at(1, 0, 0), 1654, 2339, []form.Fault{form.FaultLoose}},
		{"another print here and there", align.Fit{Residual: .3, Score: .8, Foreign: .03}, at(1, 0, 0), 1654, 2339, []form.Fault{form.FaultEdition}},
		{"another print where nothing lies", align.Fit{Residual: 3, Score: .8, Foreign: .03}, at(1, 0, 0), 1654, 2339, []form.Fault{form.FaultLoose}},
		{
			"print not there",
			align.Fit{Residual: .5, Score: .2},
			at(.3, -100, 0), 497, 702,
			[]form.Fault{form.FaultLoose, form.FaultCut, form.FaultCoarse},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.fit.TemplateToPage = tt.toPage
			page := raster.New(tt.width, tt.height)
			for i := range page.Pix {
				page.Pix[i] = 200
			}
			if diff := cmp.Diff(tt.want, e.faults(tt.fit, page)); diff != "" {
				t.Error(diff)
			}
		})
	}
	// Specks of a fax look like something else, and not those of a fine scan.
	for _, tt := range []struct {
		foreign, scale float64
		want           []form.Fault
	}{{.03, 1, nil}, {.06, 1, []form.Fault{form.FaultEdition}}, {.03, 1.5, []form.Fault{form.FaultEdition}}} {
		white := raster.New(int(1654*tt.scale), int(2339*tt.scale))
		fit := align.Fit{Residual: .3, Score: .8, Foreign: tt.foreign, TemplateToPage: at(tt.scale, 0, 0)}
		if diff := cmp.Diff(tt.want, e.faults(fit, white)); diff != "" {
			t.Errorf("%.2f on a page in black and white, at %.0f dpi: %s", tt.foreign, 200*tt.scale, diff)
		}
	}
}

// A person puts the form about where it lies on a turned page, fits it, and
// has it read there.
func TestAPagePlacedByHand(t *testing.T) {
	blank, err := sample.DrawDemo()
	if err != nil {
		t.Fatal(err)
	}
	f := *blank.Template
	f.ID, f.Version, f.Image = 7, 3, blob.KeyOf([]byte("picture"))
	pictures := func(blob.Key) ([]byte, error) { return encoded(t, blank.Image), nil }
	c, err := NewCatalog([]*form.Template{&f}, pictures)
	if err != nil {
		t.Fatal(err)
	}
	page, truth := sample.Degrade(blank.Image, sample.Rotated, 5)
	about := truth.After(geom.Shift(geom.Point{X: 22, Y: -15}))

	corners := geom.XYWH(0, 0, float64(f.Width), float64(f.Height)).Quad()
	off := func(h geom.Homography) (far float64) {
		for i, p := range h.ApplyQuad(corners) {
			far = max(far, p.Distance(truth.ApplyQuad(corners)[i]))
		}
		return far
	}
	for _, from := range []geom.Homography{about, {}} {
		fit, err := c.Fit(sample.ToGray(page), geom.Quad{}, from)
		if err != nil || off(fit.TemplateToPage) > 2 || len(fit.Faults) > 0 {
			t.Errorf("Fit from %v: %v, %.1f px off, faults %v", from, err, off(fit.TemplateToPage), fit.Faults)
		}
	}

	r := New(Config{Engine: ocr.Func(func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, nil })})
	got, err := first(r.Read(t.Context(), encoded(t, page), lying(c, about)))
	if err != nil {
		t.Fatal(err)
	}
	p := got.Page
	if p.TemplateToPage != about || p.Template != 7 || p.Version != 3 || len(got.Readings) != len(f.Places()) {
		t.Errorf("page %+v, %d readings", p, len(got.Readings))
	}
	if diff := cmp.Diff([]form.Fault{form.FaultLoose}, p.Faults); diff != "" {
		t.Errorf("faults of a page placed 27 px wrong:\n%s", diff)
	}
	found, err := first(r.Read(t.Context(), encoded(t, page), lying(c, geom.Homography{})))
	if err != nil || off(found.Page.TemplateToPage) > 2 || len(found.Page.Faults) > 0 {
		t.Errorf("%v, found %.1f px off, faults %v", err, off(found.Page.TemplateToPage), found.Page.Faults)
	}
	if _, err := first(r.Read(t.Context(), encoded(t, page), lying(c.Only(), about))); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("without the template: %v", err)
	}
}

func TestATemplateWithoutPrintIsReadWhereItIsPlaced(t *testing.T) {
	blank := image.NewGray(image.Rect(0, 0, 400, 600))
	for i := range blank.Pix {
		blank.Pix[i] = 255
	}
	f := &form.Template{ID: 1, Version: 1, Width: 400, Height: 600, Fields: []form.Field{
		{ID: "name", Name: "name", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(50, 50, 200, 40)},
	}}
	c, err := NewCatalog([]*form.Template{f}, func(blob.Key) ([]byte, error) { return encoded(t, blank), nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Fit(blank, geom.Quad{}, geom.Identity); !errors.Is(err, align.ErrNoMatch) {
		t.Errorf("Fit = %v, want ErrNoMatch", err)
	}
	r := New(Config{Engine: ocr.Func(func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, nil })})
	got, err := first(r.Read(t.Context(), encoded(t, blank), lying(c, geom.Identity)))
	if err != nil || got.Page.Template != 1 || len(got.Readings) != 1 || len(got.Page.Faults) != 0 {
		t.Errorf("%v, %+v", err, got)
	}
}

// lying wants all pages, on which the only template of c lies so.
func lying(c *Catalog, templateToPage geom.Homography) func(int) (Want, bool) {
	return func(int) (Want, bool) { return Want{Catalog: c, TemplateToPage: templateToPage}, true }
}

// first returns the first of the results.
func first(results iter.Seq2[Result, error]) (Result, error) {
	for r, err := range results {
		return r, err
	}
	return Result{}, errors.New("there is none")
}
