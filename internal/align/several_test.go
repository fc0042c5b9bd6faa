package align

import (
	"image"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/seosik/seosik/internal/beside"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/sample"
)

// findAll returns all forms on page.
func findAll(set *Set, page *image.Gray) (Forms, error) {
	first, _ := set.Find(page)
	return set.FindMore(page, first)
}

// A glass is how papers of a form may lie on a scanner together.
type glass struct {
	name          string
	columns, rows int
	turns         []int      // quarters
	cut           geom.Point // px of a form that is cut to a card; zero to leave it whole
	kinds         int        // how many forms there are
}

// A drawnSheet is a scan of several forms.
type drawnSheet struct {
	page   *image.Gray
	blanks []*sample.Blank // of each paper, in rows
	places []geom.Homography
	kind   []int
}

// lay draws a scan of g. Every paper but those that gone says is there.
func (g glass) lay(tb testing.TB, seed uint64, level sample.Level, gone func(int) bool) (drawnSheet, *Set) {
	tb.Helper()
	r := rand.New(rand.NewPCG(seed, 99))
	var blanks []*sample.Blank
	var refs []*Reference
	for k := range max(g.kinds, 1) {
		blank, ref := drawForm(tb, sample.Design{Seed: 7*seed + uint64(k) + 1, Language: languages[(int(seed)+k)%4]})
		if g.cut != (geom.Point{}) {
			blank.Image = crop(blank.Image, image.Rect(0, 0, int(g.cut.X), int(g.cut.Y)))
			var err error
			if ref, err = Prepare(blank.Image); err != nil {
				tb.Fatal(err)
			}
		}
		blanks, refs = append(blanks, blank), append(refs, ref)
	}
	var s drawnSheet
	var papers []sample.Laid
	side := 0.0 // of a square that holds any of them, turned
	for _, b := range blanks {
		side = max(side, float64(b.Image.Rect.Dx()), float64(b.Image.Rect.Dy()))
	}
	cellW, cellH := side*1.04, side*1.04
	if len(blanks) == 1 {
		w, h := float64(blanks[0].Image.Rect.Dx()), float64(blanks[0].Image.Rect.Dy())
		cellW, cellH = w*1.03, h*1.03
		if g.turns[0]%2 == 1 {
			cellW, cellH = h*1.03, w*1.03
		}
	}
	for i := range g.columns * g.rows {
		k := i % len(blanks)
		b := blanks[k]
		angle := float64(g.turns[i%len(g.turns)])*math.Pi/2 + (r.Float64()-.5)*.03
		sin, cos := math.Sincos(angle)
		middle := geom.Point{X: (float64(i%g.columns) + .5) * cellW, Y: (float64(i/g.columns) + .5) * cellH}
		place := geom.Shift(middle).After(geom.Homography{cos, -sin, 0, sin, cos, 0, 0, 0, 1}).
			After(geom.Shift(geom.Point{X: -float64(b.Image.Rect.Dx()) / 2, Y: -float64(b.Image.Rect.Dy()) / 2}))
		if gone != nil && gone(i) {
			continue
		}
		var picture image.Image = b.Image
		if g.cut == (geom.Point{}) {
			filled, err := b.Fill(seed*100+uint64(i), sample.RandomStyle(seed+uint64(i)))
			if err != nil {
				tb.Fatal(err)
			}
			picture = filled.Image
		}
		papers = append(papers, sample.Laid{Image: picture, ToGlass: place})
		s.blanks, s.places, s.kind = append(s.blanks, b), append(s.places, place), append(s.kind, k)
	}
	all := sample.Together(int(cellW*float64(g.columns)), int(cellH*float64(g.rows)), papers)
	page, glassToPage := sample.Degrade(all, level, seed)
	for i := range s.places {
		s.places[i] = glassToPage.After(s.places[i])
	}
	s.page = sample.ToGray(page)
	return s, NewSet(refs)
}

func crop(img *image.Gray, r image.Rectangle) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, r.Dx(), r.Dy()))
	for y := range r.Dy() {
		copy(out.Pix[y*out.Stride:][:r.Dx()], img.Pix[(y+r.Min.Y)*img.Stride+r.Min.X:])
	}
	return out
}

// sheetOff returns the most that two places of a sheet differ at its corners, in
// template px.
func sheetOff(b *sample.Blank, got, want geom.Homography) float64 {
	return quantile(errorsAt([]geom.Box{geom.XYWH(0, 0, float64(b.Image.Rect.Dx()), float64(b.Image.Rect.Dy()))}, got, want), 1)
}

var glasses = []glass{
	{name: "two beside each other", columns: 2, rows: 1, turns: []int{0}},
	{name: "two above each other, lying", columns: 1, rows: 2, turns: []int{1}},
	{name: "two, one upside down", columns: 2, rows: 1, turns: []int{0, 2}},
	{name: "two different ones", columns: 2, rows: 1, turns: []int{0, 3}, kinds: 2},
	{name: "four", columns: 2, rows: 2, turns: []int{0, 2}},
	{name: "four cards", columns: 2, rows: 2, turns: []int{0, 2}, cut: geom.Point{X: 1000, Y: 640}},
	{name: "eight cards", columns: 2, rows: 4, turns: []int{0, 2, 0}, cut: geom.Point{X: 1000, Y: 640}},
	{name: "eight cards of two kinds", columns: 2, rows: 4, turns: []int{0, 1}, cut: geom.Point{X: 1000, Y: 640}, kinds: 2},
}

// TestSeveral looks for all forms on drawn scans. None may be found that is not
// there, and a scan of which one is not found should say that something is left.
func TestSeveral(t *testing.T) {
	t.Parallel()
	levels := []sample.Level{sample.Scanned, sample.LowRes, sample.Rotated, sample.Fax, sample.Stamped}
	for _, g := range glasses {
		t.Run(g.name, func(t *testing.T) {
			forms, found, unsaid := 0, 0, 0
			for i := range max(1, count(20)/4) {
				s, set := g.lay(t, uint64(i+1), levels[i%len(levels)], nil)
				got, _ := findAll(set, s.page)
				forms += len(s.places)
				right := 0
				for _, m := range got.Matches {
					is := false
					for k := range s.places {
						is = is || m.Score > 0 && m.Index == s.kind[k] && sheetOff(s.blanks[k], m.TemplateToPage, s.places[k]) < 8
					}
					if is {
						right++
					} else if m.Score > 0 {
						t.Errorf("scan %d, %s: found what is not there", i, levels[i%len(levels)])
					}
				}
				found += right
				if right < len(s.places) {
					t.Logf("scan %d, %s: %d of %d found, left %v", i, levels[i%len(levels)], right, len(s.places), got.Left)
				}
				if right > 0 && right < len(s.places) && got.Left.Empty() {
					unsaid++
				}
			}
			t.Logf("%d of %d found, %d scans do not say that something is left", found, forms, unsaid)
			if float64(found) < .95*float64(forms) || unsaid > 0 {
				t.Errorf("%d of %d found, %d scans do not say that something is left", found, forms, unsaid)
			}
		})
	}
}

// TestOneStaysOne finds one form on the pages of the bench, and on its glass
// with room beside it.
func TestOneStaysOne(t *testing.T) {
	t.Parallel()
	pages, _, _, set := readBench(t)
	dir := beside.Bench(t, "dev")
	for _, p := range pages[:max(20, count(len(pages)))] {
		got, err := findAll(set, readPicture(t, filepath.Join(dir, p.File)))
		if err != nil || len(got.Matches) != 1 || !got.Left.Empty() {
			t.Errorf("%s: %d forms, left %v, %v", p.File, len(got.Matches), got.Left, err)
		}
	}
	for i, g := range glasses {
		s, set := g.lay(t, uint64(i+50), sample.Scanned, func(k int) bool { return k != 0 })
		got, err := findAll(set, s.page)
		if err != nil || len(got.Matches) != 1 || !got.Left.Empty() || sheetOff(s.blanks[0], got.Matches[0].TemplateToPage, s.places[0]) > 8 {
			t.Errorf("one of %s: %d forms, left %v, %v", g.name, len(got.Matches), got.Left, err)
		}
	}
}

// TestTwoFormsOnOneScan is the scan of faults that shows two claims on A3.
func TestTwoFormsOnOneScan(t *testing.T) {
	t.Parallel()
	_, names, _, set := readBench(t)
	got, err := findAll(set, readPicture(t, filepath.Join(beside.Bench(t, "faults"), "two-forms-one-scan.jpg")))
	if err != nil || len(got.Matches) != 2 || !got.Left.Empty() {
		t.Fatalf("%d forms, left %v, %v", len(got.Matches), got.Left, err)
	}
	for i, m := range got.Matches {
		if names[m.Index] != "ko-claim" || math.Abs(m.TemplateToPage[2]-float64(1654*i)) > 10 {
			t.Errorf("form %d is %s at %v", i, names[m.Index], m.TemplateToPage)
		}
	}
}

func TestCut(t *testing.T) {
	page := raster.New(40, 30)
	for i := range page.Pix {
		page.Pix[i] = 200
	}
	page.Pix[10*page.Stride+12], page.Pix[2] = 7, 7
	part, at := Cut(page, geom.Quad{{X: 10.5, Y: 5}, {X: 30, Y: 5}, {X: 30, Y: 25}, {X: 15.5, Y: 25}})
	if part.Rect != image.Rect(0, 0, 20, 20) || at != (geom.Point{X: 10, Y: 5}) {
		t.Fatalf("Cut = %v at %v", part.Rect, at)
	}
	for i, v := range part.Pix {
		if want := map[bool]uint8{true: 7, false: 200}[i == 5*part.Stride+2]; v != want {
			t.Errorf("px %d is %d, want %d", i, v, want)
		}
	}
	// What lies outside is as bright as the paper inside, and no ink.
	page.Pix[6*page.Stride+10] = 7
	if part, _ = Cut(page, geom.Quad{{X: 11, Y: 5}, {X: 30, Y: 5}, {X: 30, Y: 25}, {X: 10, Y: 25}}); part.Pix[part.Stride] != 200 {
		t.Errorf("outside is %d", part.Pix[part.Stride])
	}
}
