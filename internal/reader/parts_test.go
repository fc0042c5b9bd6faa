package reader

import (
	"errors"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/seosik/seosik/internal/beside"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/sample"
)

// one returns the only result.
func one(t testing.TB, results iter.Seq2[Result, error]) Result {
	t.Helper()
	r, err := first(results)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A scan of two copies has two parts, each of which is read by itself, and found
// again by who puts the form about there.
func TestPartsOfAScan(t *testing.T) {
	blank, err := sample.DrawDemo()
	if errors.Is(err, sample.ErrNoFont) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	f := *blank.Template
	f.ID, f.Version, f.Image = 7, 3, blob.KeyOf([]byte("picture"))
	c, err := NewCatalog([]*form.Template{&f}, func(blob.Key) ([]byte, error) { return encoded(t, blank.Image), nil })
	if err != nil {
		t.Fatal(err)
	}
	w, h := float64(f.Width), float64(f.Height)
	places := []geom.Homography{
		geom.Shift(geom.Point{X: 10, Y: 15}),
		geom.Shift(geom.Point{X: 2 * w, Y: h}).After(geom.Scale(-1, -1)), // upside down
	}
	scan := sample.Together(2*f.Width+20, f.Height+20, []sample.Laid{{Image: blank.Image, ToGlass: places[0]}, {Image: blank.Image, ToGlass: places[1]}})
	file := encoded(t, scan)
	r := New(Config{Engine: ocr.Func(func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, nil })})

	wanting := func(w Want) func(int) (Want, bool) { return func(int) (Want, bool) { return w, true } }
	alone := one(t, r.Read(t.Context(), file, wanting(Want{Catalog: c})))
	if alone.Page.Template != 7 || len(alone.Page.Faults) != 1 || alone.Page.Faults[0] != form.FaultSeveral || alone.Page.State != form.StateReview {
		t.Errorf("who cannot keep several forms gets %s with %v", alone.Page.State, alone.Page.Faults)
	}
	got := one(t, r.Read(t.Context(), file, wanting(Want{Catalog: c, Several: true})))
	if len(got.Parts) != 2 || got.Page.State != "" {
		t.Fatalf("%d parts, state %q", len(got.Parts), got.Page.State)
	}
	corners := geom.XYWH(0, 0, w, h).Quad()
	off := func(h, want geom.Homography) (far float64) {
		for i, p := range h.ApplyQuad(corners) {
			far = max(far, p.Distance(want.ApplyQuad(corners)[i]))
		}
		return far
	}
	for i, part := range got.Parts {
		p := one(t, r.Read(t.Context(), file, wanting(Want{Catalog: c, Several: true, Region: part}))).Page
		if p.Template != 7 || off(p.TemplateToPage, places[i]) > 2 || len(p.Faults) > 0 || p.Width != scan.Rect.Dx() {
			t.Errorf("part %d: %s, %.1f px off, faults %v", i, p.State, off(p.TemplateToPage, places[i]), p.Faults)
		}
		for _, near := range []geom.Homography{{}, geom.Shift(geom.Point{X: 9, Y: -7}).After(places[i])} {
			fit, err := c.Fit(sample.ToGray(scan), part, near)
			if err != nil || off(fit.TemplateToPage, places[i]) > 2 {
				t.Errorf("part %d: %v, placed by hand %.1f px off", i, err, off(fit.TemplateToPage, places[i]))
			}
		}
	}
}

// The scan of faults that shows two claims on A3.
func TestTwoFormsOnOneScan(t *testing.T) {
	faults, dev := beside.Bench(t, "faults"), filepath.Join(beside.Bench(t, "dev"), "ko-claim")
	file, err := os.ReadFile(filepath.Join(faults, "two-forms-one-scan.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile(filepath.Join(dev, "template.png"))
	if err != nil {
		t.Fatal(err)
	}
	f := &form.Template{ID: 1, Version: 1, Width: 1654, Height: 2339, Image: blob.KeyOf(picture), Fields: []form.Field{
		{ID: "whole", Name: "whole", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(100, 100, 200, 60)},
	}}
	c, err := NewCatalog([]*form.Template{f}, func(blob.Key) ([]byte, error) { return picture, nil })
	if err != nil {
		t.Fatal(err)
	}
	r := New(Config{Engine: ocr.Func(func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, nil })})
	got := one(t, r.Read(t.Context(), file, func(int) (Want, bool) { return Want{Catalog: c, Several: true}, true }))
	if len(got.Parts) != 2 {
		t.Fatalf("%d parts", len(got.Parts))
	}
	for i, part := range got.Parts {
		want := geom.XYWH(.5*float64(i), 0, .5, 1)
		if b := part.Bounds(); b.Intersect(want).Width() < .48 || b.Width() > .54 {
			t.Errorf("part %d is %v", i, b)
		}
	}
}
