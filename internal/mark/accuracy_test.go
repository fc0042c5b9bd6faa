package mark

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	_ "image/png"
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
)

var accuracy = flag.Bool("accuracy", false, "measure on the filled forms beside the repository")

var only = flag.String("only", "", "measure only on the files whose names contain this")

type benchTemplate struct {
	Fields []benchField
}

type benchField struct {
	Name, Type, ValueType string
	Box                   [4]float64
	Boxes                 [][4]float64
}

type benchDocument struct {
	File, Form, Level, Style string
	RealDigits               bool
	Homography               [3][3]float64
	Fields                   map[string]struct {
		Text    string
		Checked bool
	}
	template *benchTemplate
	blank    *image.Gray
	page     *image.Gray
	// templateToPage is the true homography.
	templateToPage geom.Homography
}

// eachBenchDocument calls f for every filled form.
func eachBenchDocument(t *testing.T, f func(d *benchDocument)) {
	t.Helper()
	if !*accuracy {
		t.Skip("measures only with -accuracy")
	}
	benchDir := beside.Bench(t, "dev")
	truth, err := os.Open(filepath.Join(benchDir, "truth.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer truth.Close()
	templates := map[string]*benchTemplate{}
	blanks := map[string]*image.Gray{}
	lines := bufio.NewScanner(truth)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var d benchDocument
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(d.File, *only) {
			continue
		}
		if templates[d.Form] == nil {
			data, err := os.ReadFile(filepath.Join(benchDir, d.Form, "template.json"))
			if err != nil {
				t.Fatal(err)
			}
			templates[d.Form] = new(benchTemplate)
			if err := json.Unmarshal(data, templates[d.Form]); err != nil {
				t.Fatal(err)
			}
			blanks[d.Form] = readGray(t, filepath.Join(benchDir, d.Form, "template.png"))
		}
		d.template, d.blank = templates[d.Form], blanks[d.Form]
		d.page = readGray(t, filepath.Join(benchDir, d.File))
		for i := range 9 {
			d.templateToPage[i] = d.Homography[i/3][i%3]
		}
		f(&d)
	}
}

// readGray returns a picture without its red: seals are red.
func readGray(t *testing.T, name string) *image.Gray {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	img, _, err := image.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	gray := image.NewGray(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	if g, ok := img.(*image.Gray); ok {
		copy(gray.Pix, g.Pix)
	}
	for y := range gray.Rect.Dy() {
		if _, ok := img.(*image.Gray); ok {
			break
		}
		for x := range gray.Rect.Dx() {
			c := color.RGBAModel.Convert(img.At(x+img.Bounds().Min.X, y+img.Bounds().Min.Y)).(color.RGBA)
			luma := (299*int(c.R) + 587*int(c.G) + 114*int(c.B)) / 1000
			if red := int(c.R) - max(int(c.G), int(c.B)); red > 12 {
				luma += (int(c.R) - luma) * min(red-12, 20) / 20
			}
			gray.Pix[y*gray.Stride+x] = uint8(luma)
		}
	}
	if strings.HasSuffix(name, ".tif") && mean(gray) < 128 { // a fax whose black and white are swapped
		for i, v := range gray.Pix {
			gray.Pix[i] = 255 - v
		}
	}
	return gray
}

func mean(img *image.Gray) int {
	sum := 0
	for _, v := range img.Pix {
		sum += int(v)
	}
	return sum / len(img.Pix)
}

// crop returns what is in box, grown by margin, of page and of the blank
// form, and the origin of both in the template. The page is taken off px
// beside where it lies.
func (d *benchDocument) crop(box geom.Box, margin float64, off geom.Point) (filled, blank *image.Gray, origin image.Point) {
	g := box.Grow(margin)
	origin = image.Pt(int(math.Round(g.Min.X)), int(math.Round(g.Min.Y)))
	w, h := int(math.Ceil(g.Width())), int(math.Ceil(g.Height()))
	toTemplate := geom.Shift(geom.Point{X: float64(origin.X), Y: float64(origin.Y)})
	filled = raster.Warp(d.page, d.templateToPage.After(geom.Shift(off)).After(toTemplate), w, h)
	blank = raster.Warp(d.blank, toTemplate, w, h)
	return filled, blank, origin
}

func rectangle(b [4]float64, origin image.Point) image.Rectangle {
	return image.Rect(
		int(math.Round(b[0])), int(math.Round(b[1])),
		int(math.Round(b[0]+b[2])), int(math.Round(b[1]+b[3])),
	).Sub(origin)
}

// offsets are by how much the page is misplaced, in template px.
var offsets = []geom.Point{{X: 0, Y: 0}, {X: 1, Y: -.6}, {X: -2, Y: 1.5}}

// A tally counts what is right, by name.
type tally map[string][2]int

func (t tally) add(ok bool, names ...string) {
	for _, n := range names {
		c := t[n]
		c[1]++
		if ok {
			c[0]++
		}
		t[n] = c
	}
}

func (t tally) log(tb testing.TB) {
	var names []string
	for n := range t {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		c := t[n]
		tb.Logf("%-28s %6d of %6d  %.4f", n, c[0], c[1], float64(c[0])/float64(c[1]))
	}
}

// A reliability compares probabilities with how often they came true.
type reliability struct {
	sum   [10]float64
	right [10]int
	count [10]int
}

func (r *reliability) add(probability float64, ok bool) {
	i := min(9, int(probability*10))
	r.sum[i] += probability
	r.count[i]++
	if ok {
		r.right[i]++
	}
}

// expectedError returns the mean distance between probability and share.
func (r *reliability) expectedError() float64 {
	e, n := 0.0, 0
	for i := range r.sum {
		e += math.Abs(r.sum[i] - float64(r.right[i]))
		n += r.count[i]
	}
	return e / float64(n)
}

func TestCheckboxAccuracy(t *testing.T) {
	counts := tally{}
	var calibration reliability
	eachBenchDocument(t, func(d *benchDocument) {
		for _, f := range d.template.Fields {
			if f.Type != "CHECKBOX" {
				continue
			}
			want := d.Fields[f.Name].Checked
			for k, off := range offsets {
				filled, blank, origin := d.crop(geom.XYWH(f.Box[0], f.Box[1], f.Box[2], f.Box[3]), f.Box[2]/2+4, off)
				m := Checkbox(filled, blank, rectangle(f.Box, origin))
				ok := m.Checked == want
				counts.add(ok, fmt.Sprint("checkbox, off ", k), fmt.Sprint("checkbox, off ", k, " ", d.Level))
				calibration.add(m.Probability, ok)
				if !ok {
					t.Logf("%s %s off %d: checked %v, probability %.3f", d.File, f.Name, k, m.Checked, m.Probability)
				}
			}
		}
	})
	counts.log(t)
	t.Logf("expected calibration error %.4f", calibration.expectedError())
}

func TestRowAccuracy(t *testing.T) {
	counts := tally{}
	var single, rows reliability
	eachBenchDocument(t, func(d *benchDocument) {
		for _, f := range d.template.Fields {
			if f.Type != "MULTI_BOX" {
				continue
			}
			want := d.Fields[f.Name].Text
			kind := d.Style
			if d.RealDigits {
				kind = "digits"
			}
			for k, off := range offsets {
				filled, blank, origin := d.crop(geom.XYWH(f.Box[0], f.Box[1], f.Box[2], f.Box[3]), 14, off)
				var boxes []image.Rectangle
				for _, b := range f.Boxes {
					boxes = append(boxes, rectangle(b, origin))
				}
				read, sure := "", 1.0
				for i, c := range Row(filled, blank, boxes) {
					counts.add(c.Blank == (i >= len(want)), fmt.Sprint("empty or not, off ", k))
					if c.Blank {
						continue
					}
					allowed := Alphabet
					if f.ValueType == "NUMERIC" {
						allowed = Digits
					}
					char, probability := Read(c.Glyph).Only(allowed).Among(allowed)
					read, sure = read+string(char), sure*probability
					if i < len(want) {
						ok := char == want[i]
						counts.add(ok, fmt.Sprint("box, off ", k, " ", kind))
						single.add(probability, ok)
					}
				}
				ok := read == want
				counts.add(ok, fmt.Sprint("row, off ", k, " ", kind), fmt.Sprint("row, off ", k, " ", kind, " ", d.Level))
				rows.add(sure, ok)
				if !ok && k == 0 {
					t.Logf("%s %s: want %s got %s (%.3f)", d.File, f.Name, want, read, sure)
				}
			}
		}
	})
	counts.log(t)
	t.Logf("expected calibration error: single box %.4f, row %.4f", single.expectedError(), rows.expectedError())
}
