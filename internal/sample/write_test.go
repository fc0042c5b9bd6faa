package sample

import (
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/sample/demo"
)

// fill fills in b, or skips the test where there are no fonts for it.
func fill(t *testing.T, b *Blank, seed uint64, style Style) *Filled {
	t.Helper()
	f, err := b.Fill(seed, style)
	skipWithoutFonts(t, err)
	return f
}

func TestInkIsWhereTruthSays(t *testing.T) {
	for _, language := range form.Languages {
		for _, style := range []Style{{}, {Hand: true}, {Hand: true, Messy: 1, Empty: .3}} {
			t.Run(fmt.Sprintf("%s hand %v messy %v", language, style.Hand, style.Messy), func(t *testing.T) {
				b := newBlank(t, Design{Seed: 11, Language: language})
				f := fill(t, b, 5, style)
				places := b.Template.Places()
				if len(f.Truth) != len(places) {
					t.Fatalf("truth of %d fields, there are %d", len(f.Truth), len(places))
				}
				var ink []geom.Box
				for _, p := range places {
					truth := f.Truth[p.ID]
					checkInk(t, p, truth)
					if !truth.Ink.Empty() {
						ink = append(ink, truth.Ink.Grow(1.5))
					}
				}
				checkChanges(t, b, f, ink)
			})
		}
	}
}

// checkInk wants the ink of a field to be in it, there or not there as its
// text says.
func checkInk(t *testing.T, p form.Field, truth Truth) {
	t.Helper()
	wants := truth.Text != "" && (p.Kind != form.Checkbox || truth.Checked)
	if wants == truth.Ink.Empty() {
		t.Errorf("%s holds %q, checked %v, and its ink is %v", p.ID, truth.Text, truth.Checked, truth.Ink)
	}
	if truth.Ink.Empty() {
		return
	}
	if o := truth.Ink.Center(); !(geom.Box{Min: o, Max: o}).In(p.Box.Grow(1)) {
		t.Errorf("%s: the middle of the ink %v is outside the field %v", p.ID, truth.Ink, p.Box)
	}
	shared := truth.Ink.Intersect(p.Box)
	if p.Kind != form.Checkbox && shared.Width()*shared.Height() < .7*truth.Ink.Width()*truth.Ink.Height() {
		t.Errorf("%s: the ink %v is mostly outside the field %v", p.ID, truth.Ink, p.Box)
	}
}

// checkChanges wants a filled form to differ from the blank one in the boxes
// of ink, and nowhere else.
func checkChanges(t *testing.T, b *Blank, f *Filled, ink []geom.Box) {
	t.Helper()
	changed, stray := make([]int, len(ink)), 0
	filled := ToGray(f.Image)
	for i, v := range filled.Pix {
		if d := int(v) - int(b.Image.Pix[i]); d >= -4 && d <= 4 {
			continue
		}
		at := geom.Point{X: float64(i%filled.Stride) + .5, Y: float64(i/filled.Stride) + .5}
		hit := false
		for k, box := range ink {
			if (geom.Box{Min: at, Max: at}).In(box) {
				changed[k]++
				hit = true
			}
		}
		if !hit {
			stray++
		}
	}
	if stray > 0 {
		t.Errorf("%d pixels changed outside the ink", stray)
	}
	for k, n := range changed {
		if n == 0 {
			t.Errorf("nothing was drawn at %v", ink[k])
		}
	}
}

func TestTextThatDoesNotFitIsCut(t *testing.T) {
	long := strings.Repeat("아주 긴 내용 ", 30)
	b := newBlank(t, Design{Seed: 1, Language: "ko"})
	values := map[form.FieldID]Value{}
	for _, p := range b.Template.Places() {
		if p.Kind == form.Normal {
			values[p.ID] = Value{Text: long}
		}
	}
	f, err := b.Write(values, 1, Style{})
	skipWithoutFonts(t, err)
	for id := range values {
		p, _ := b.Template.Place(id)
		truth := f.Truth[id]
		if written := strings.ReplaceAll(truth.Text, "\n", " "); written == "" || len(written) >= len(long) || !strings.HasPrefix(long, written) {
			t.Errorf("%s: wrote %q", id, written)
		}
		if !truth.Ink.In(p.Box.Grow(4)) {
			t.Errorf("%s: the ink %v leaves the field %v", id, truth.Ink, p.Box)
		}
	}
}

func TestOneOfAGroupIsTicked(t *testing.T) {
	b := newBlank(t, Design{Seed: 2, Language: "ko"})
	for seed := range uint64(20) {
		ticked := map[string]int{}
		values := b.Invent(seed, 0)
		for _, p := range b.Template.Fields {
			if b.Contents[p.ID] == OneOf && values[p.ID].Checked {
				ticked[p.Group]++
			} else if b.Contents[p.ID] == OneOf {
				ticked[p.Group] += 0
			}
		}
		for group, n := range ticked {
			if n != 1 {
				t.Errorf("seed %d: %d checkboxes of %s are ticked", seed, n, group)
			}
		}
	}
}

func TestAnyTemplateCanBeFilled(t *testing.T) {
	template, err := form.DecodeTemplate(demo.Load().Template)
	if err != nil {
		t.Fatal(err)
	}
	b := &Blank{Template: template, Image: raster.New(template.Width, template.Height)}
	f := fill(t, b, 1, Style{Hand: true})
	number := f.Truth["사번"].Text
	if len(number) != 7 || strings.Trim(number, "0123456789") != "" {
		t.Errorf("the boxes hold %q, want 7 digits", number)
	}
}

func TestDigitsOfOthersAreUsed(t *testing.T) {
	b := newBlank(t, Design{Seed: 3, Language: "ko"})
	asked := 0
	digit := func(r *rand.Rand, digit int) *image.Gray {
		asked++
		p := raster.New(28, 28)
		for i := range 28 {
			p.Pix[i*28+14] = 0
		}
		return p
	}
	template := *b.Template
	template.Fields = []form.Field{{ID: "n", Name: "n", Kind: form.MultiBox, ValueType: form.Numeric, Box: geom.XYWH(100, 100, 100, 50), Boxes: []geom.Box{geom.XYWH(100, 100, 50, 50), geom.XYWH(150, 100, 50, 50)}}}
	template.Tables = nil
	f := fill(t, &Blank{Template: &template, Image: b.Image}, 1, Style{Hand: true, Digit: digit})
	if asked != 2 || f.Truth["n"].Ink.Empty() {
		t.Errorf("asked for %d digits, ink %v", asked, f.Truth["n"].Ink)
	}
}

func TestFillIsTheSameForTheSameSeed(t *testing.T) {
	b := newBlank(t, Design{Seed: 6, Language: "ja"})
	style := Style{Hand: true, Messy: .5, Empty: .2}
	f, g := fill(t, b, 8, style), fill(t, b, 8, style)
	if diff := cmp.Diff(f.Truth, g.Truth); diff != "" || !slices.Equal(f.Image.Pix, g.Image.Pix) {
		t.Errorf("the same seed wrote another form\n%s", diff)
	}
	if cmp.Equal(f.Truth, fill(t, b, 9, style).Truth) {
		t.Error("another seed wrote the same")
	}
}

// skipWithoutFonts skips a test where err says that fonts are missing.
func skipWithoutFonts(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNoFont) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}
