package sample

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// newBlank draws a design, or skips the test where there are no fonts for it.
func newBlank(t *testing.T, d Design) *Blank {
	t.Helper()
	b, err := Draw(d)
	skipWithoutFonts(t, err)
	return b
}

func TestLayoutsAreTemplates(t *testing.T) {
	for _, language := range form.Languages {
		for seed := range uint64(6) {
			t.Run(fmt.Sprintf("%s %d", language, seed), func(t *testing.T) {
				b := newBlank(t, Design{Seed: seed, Language: language})
				if b.Image.Rect.Dx() != b.Template.Width || b.Image.Rect.Dy() != b.Template.Height {
					t.Errorf("the picture is %v, the template says %d x %d", b.Image.Rect, b.Template.Width, b.Template.Height)
				}
				if err := b.Template.Validate(); err != nil {
					t.Error(err)
				}
				if len(b.Template.Fields) < 4 {
					t.Errorf("only %d fields", len(b.Template.Fields))
				}
				checkEmpty(t, b)
			})
		}
	}
}

// checkEmpty wants the places to write on to be apart and without print.
func checkEmpty(t *testing.T, b *Blank) {
	t.Helper()
	places := b.Template.Places()
	for i, f := range places {
		for _, g := range places[:i] {
			if !f.Box.Grow(-1).Intersect(g.Box.Grow(-1)).Empty() {
				t.Errorf("%s and %s overlap", f.ID, g.ID)
			}
		}
		inside := f.Box.Grow(-6)
		if len(f.Boxes) > 0 {
			inside = f.Boxes[0].Grow(-6)
		}
		if n := dark(b, inside); n > 0 {
			t.Errorf("%s: %d dark pixels where people write", f.ID, n)
		}
	}
}

// dark returns the number of dark pixels of b in a box.
func dark(b *Blank, box geom.Box) int {
	n := 0
	for y := int(box.Min.Y); y < int(box.Max.Y); y++ {
		for x := int(box.Min.X); x < int(box.Max.X); x++ {
			if b.Image.GrayAt(x, y).Y < 128 {
				n++
			}
		}
	}
	return n
}

func TestSameSeedSamePixels(t *testing.T) {
	d := Design{Seed: 3, Language: "ko"}
	a, b := newBlank(t, d), newBlank(t, d)
	if diff := cmp.Diff(a.Template, b.Template); diff != "" || !slices.Equal(a.Image.Pix, b.Image.Pix) {
		t.Errorf("the same design gave another form\n%s", diff)
	}
	other := newBlank(t, Design{Seed: 4, Language: "ko"})
	if slices.Equal(a.Image.Pix, other.Image.Pix) {
		t.Error("another seed gave the same form")
	}
}

func TestNearTwinsShareTheHeadOnly(t *testing.T) {
	a, b := newBlank(t, Design{Seed: 3, Language: "ko"}), newBlank(t, Design{Seed: 3, Language: "ko", Body: 99})
	if diff := cmp.Diff(a.Template.Title, b.Template.Title); diff != "" {
		t.Errorf("titles differ\n%s", diff)
	}
	head := a.Image.Stride * int(a.Template.Title.Box.Max.Y)
	if !slices.Equal(a.Image.Pix[:head], b.Image.Pix[:head]) {
		t.Error("the headings differ")
	}
	if cmp.Equal(a.Template.Fields, b.Template.Fields) {
		t.Error("the bodies are the same")
	}
}

func TestARevisionMovesRows(t *testing.T) {
	for seed := range uint64(8) {
		a := newBlank(t, Design{Seed: seed, Language: "ko"})
		b := newBlank(t, Design{Seed: seed, Language: "ko", Revision: 1})
		if err := b.Template.Validate(); err != nil {
			t.Error(err)
		}
		before, after := a.Template.Places(), b.Template.Places()
		if len(before) != len(after) {
			t.Fatalf("seed %d: %d fields became %d", seed, len(before), len(after))
		}
		far := 0.0
		for i, f := range before {
			if f.ID != after[i].ID || f.Box.Min.X != after[i].Box.Min.X {
				t.Errorf("seed %d: %s became %s or moved sideways", seed, f.ID, after[i].ID)
			}
			far = max(far, after[i].Box.Min.Y-f.Box.Min.Y)
		}
		if limit := .05 * float64(a.Template.Height); far <= 0 || far > limit {
			t.Errorf("seed %d: rows moved by up to %g px, want more than 0 and at most %g", seed, far, limit)
		}
	}
}

func TestFontsHaveTheWords(t *testing.T) {
	for _, language := range form.Languages {
		v := vocabularies[language]
		written := slices.Concat(v.family, v.given, v.phonetic, v.towns, v.streets, v.buildings, v.banks, v.companies, v.departments, v.positions, v.items, v.relations, v.reasons, v.phrases)
		for _, use := range []fontUse{typed, hand} {
			faces, err := needFonts(language, use)
			skipWithoutFonts(t, err)
			for _, face := range faces {
				checkGlyphs(t, face, language, written)
			}
		}
	}
}

// checkGlyphs wants each character of words to be drawn, with a typeface or
// what stands in for it.
func checkGlyphs(t *testing.T, face *typeface, language string, words []string) {
	t.Helper()
	c, set := newCanvas(1, 1), withFallback(face, language)
	for _, w := range words {
		for _, r := range w {
			if f, _ := set.glyph(&c.buf, r); f == nil {
				t.Errorf("%s: no glyph for %q", face.name, r)
			}
		}
	}
}
