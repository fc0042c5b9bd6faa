package align

import (
	"bufio"
	"encoding/json"
	"image"
	_ "image/jpeg"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "golang.org/x/image/tiff"

	"github.com/seosik/seosik/internal/beside"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/sample"
)

// A drawnPage is a line of truth.jsonl.
type drawnPage struct {
	File, Form, Level string
	Homography        [3][3]float64 // template px to page px
}

func (d drawnPage) templateToPage() geom.Homography {
	h := d.Homography
	return geom.Homography{h[0][0], h[0][1], h[0][2], h[1][0], h[1][1], h[1][2], h[2][0], h[2][1], h[2][2]}
}

func readJSON(tb testing.TB, path string, v any) {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

func readPicture(tb testing.TB, path string) *image.Gray {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(bufio.NewReader(f))
	if err != nil {
		tb.Fatal(err)
	}
	gray := sample.ToGray(img)
	if filepath.Ext(path) == ".tif" && raster.At(gray, geom.Point{X: 3, Y: 3}) < 128 {
		// The tiff package takes white for black in a fax whose photometric
		// interpretation is BlackIsZero.
		for i, v := range gray.Pix {
			gray.Pix[i] = 255 - v
		}
	}
	return gray
}

// A benchForm is a template of the bench, prepared.
type benchForm struct {
	boxes []geom.Box // template px; the checkboxes and single boxes
	ref   *Reference
}

func readForm(tb testing.TB, dir string) benchForm {
	tb.Helper()
	var t struct {
		Fields []struct {
			Type  string
			Box   [4]float64
			Boxes [][4]float64
		}
	}
	readJSON(tb, filepath.Join(dir, "template.json"), &t)
	var form benchForm
	for _, f := range t.Fields {
		if f.Type == "CHECKBOX" {
			f.Boxes = [][4]float64{f.Box}
		}
		for _, b := range f.Boxes {
			form.boxes = append(form.boxes, geom.XYWH(b[0], b[1], b[2], b[3]))
		}
	}
	var err error
	if form.ref, err = Prepare(readPicture(tb, filepath.Join(dir, "template.png"))); err != nil {
		tb.Fatal(err)
	}
	return form
}

func readBench(tb testing.TB) (pages []drawnPage, names []string, forms []benchForm, set *Set) {
	tb.Helper()
	bench := beside.Bench(tb, "dev")
	data, err := os.ReadFile(filepath.Join(bench, "truth.jsonl"))
	if err != nil {
		tb.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(data))); d.More(); {
		var p drawnPage
		if err := d.Decode(&p); err != nil {
			tb.Fatal(err)
		}
		pages = append(pages, p)
	}
	var refs []*Reference
	for _, p := range pages {
		if !slices.Contains(names, p.Form) {
			names = append(names, p.Form)
			forms = append(forms, readForm(tb, filepath.Join(bench, p.Form)))
			refs = append(refs, forms[len(forms)-1].ref)
		}
	}
	return pages, names, forms, NewSet(refs)
}

// errorsAt returns how far got carries the corners of the boxes from where
// want does, in template px.
func errorsAt(boxes []geom.Box, got, want geom.Homography) (px []float64) {
	for _, b := range boxes {
		for _, p := range b.Quad() {
			px = append(px, got.Apply(p).Distance(want.Apply(p))/want.ScaleAt(p))
		}
	}
	return px
}

func quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	v = slices.Sorted(slices.Values(v))
	return v[min(len(v)-1, int(q*float64(len(v))))]
}

func TestBench(t *testing.T) {
	t.Parallel()
	pages, names, forms, set := readBench(t)
	px := map[string][]float64{}
	var all, local, residuals []float64
	for i, p := range pages {
		if i%28 >= max(7, 3*count(28)) { // of each form, and all levels
			continue
		}
		m, err := set.Find(readPicture(t, filepath.Join(beside.Bench(t, "dev"), p.File)))
		if err != nil || names[m.Index] != p.Form {
			t.Errorf("%s: found %s, %v, candidates %v", p.File, names[m.Index], err, m.Candidates)
			continue
		}
		own := errorsAt(forms[m.Index].boxes, m.TemplateToPage, p.templateToPage())
		px[p.Level] = append(px[p.Level], own...)
		all = append(all, own...)
		for _, b := range forms[m.Index].boxes {
			residuals = append(residuals, m.ResidualAt(b))
			local = append(local, errorsAt([]geom.Box{b}, m.At(b), p.templateToPage())...)
		}
		if m.Score < .4 || m.Residual > 1 {
			t.Logf("%s: score %.3f, residual %.2f px, error %.2f px", p.File, m.Score, m.Residual, quantile(own, 1))
		}
	}
	for level, v := range px {
		t.Logf("%-8s error at boxes: median %.3f, 99th %.3f, worst %.3f px", level, quantile(v, .5), quantile(v, .99), quantile(v, 1))
	}
	median, p99, worst := quantile(all, .5), quantile(all, .99), quantile(all, 1)
	t.Logf("%-8s error at boxes: median %.3f, 99th %.3f, worst %.3f px", "all", median, p99, worst)
	t.Logf("by At    error at boxes: median %.3f, 99th %.3f, worst %.3f px", quantile(local, .5), quantile(local, .99), quantile(local, 1))
	t.Logf("residual at boxes: median %.2f, 99th %.2f, worst %.2f px", quantile(residuals, .5), quantile(residuals, .99), quantile(residuals, 1))
	if median > .15 || p99 > .5 || worst > 1 {
		t.Errorf("error at boxes: median %.3f, 99th %.3f, worst %.3f px, want at most 0.15, 0.5, 1", median, p99, worst)
	}
}

// TestFaults finds pages that were lost, or went to another form.
func TestFaults(t *testing.T) {
	t.Parallel()
	faults := beside.Bench(t, "faults")
	_, names, _, set := readBench(t)
	for file, want := range map[string]string{
		"curled.jpg":             "ko-claim",
		"cut-wrong-template.jpg": "ko-movein",
	} {
		m, err := set.Find(readPicture(t, filepath.Join(faults, file)))
		if err != nil || names[m.Index] != want {
			t.Errorf("%s: found %s, %v, candidates %v, want %s", file, names[m.Index], err, m.Candidates, want)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	pages, _, _, set := readBench(b)
	for _, p := range pages[1:7] {
		b.Run(p.Level, func(b *testing.B) {
			page := readPicture(b, filepath.Join(beside.Bench(b, "dev"), p.File))
			for b.Loop() {
				if _, err := set.Find(page); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
