// Package drawn reads forms that package sample draws, and says which fields
// were read right. Confidence is fitted to that, and measured by it.
package drawn

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader"
	"github.com/seosik/seosik/internal/sample"
)

// Language returns the language of the page of a seed.
func Language(seed uint64) string { return form.Languages[seed%uint64(len(form.Languages))] }

// A Field is a field of a drawn page as it was read.
type Field struct {
	Reading  form.Reading
	Kind     confidence.Kind
	Evidence confidence.Evidence
	Right    bool
	Name     string
	Want     string // what was written there
}

// certain is the confidence from which a wrong reading is silent.
const certain = .9

// Silent reports whether f is wrong, and nobody would look at it.
func (f *Field) Silent() bool {
	return !f.Right && len(f.Reading.Reasons) == 0 && f.Reading.Confidence >= certain
}

// Read draws the page of a seed, spoils it in a situation, or in none where that
// is "", and reads it. There are no fields where its form was not found.
func Read(ctx context.Context, engine *ocr.Pool, seed uint64, situation sample.Situation) ([]Field, error) {
	level := sample.Levels[seed/4%uint64(len(sample.Levels))]
	blank, err := sample.Layout(seed, Language(seed))
	if err != nil {
		return nil, err
	}
	paper, err := drawPage(blank, seed, situation, level)
	if err != nil {
		return nil, err
	}
	cat, err := catalog(blank)
	if err != nil {
		return nil, err
	}
	file, err := encoded(paper.Image)
	if err != nil {
		return nil, err
	}
	evidence := map[form.FieldID]confidence.Evidence{}
	kinds := map[form.FieldID]confidence.Kind{}
	second := engine.Second()
	if seed%5 == 4 { // what one reader is worth alone
		second = nil
	}
	r := reader.New(reader.Config{Engine: engine, Second: second, Observe: func(_ int, id form.FieldID, k confidence.Kind, e confidence.Evidence) {
		evidence[id], kinds[id] = e, k
	}})
	var fields []Field
	for res, err := range r.Read(ctx, file, reader.All(cat)) {
		if err != nil {
			return nil, err
		}
		for _, f := range compared(blank.Template, paper, res.Readings) {
			f.Kind, f.Evidence = kinds[f.Reading.Field], evidence[f.Reading.Field]
			fields = append(fields, f)
		}
	}
	return fields, nil
}

// drawPage fills a form in and spoils it.
func drawPage(blank *sample.Blank, seed uint64, situation sample.Situation, level sample.Level) (*sample.Paper, error) {
	style := sample.RandomStyle(seed)
	values := blank.Invent(seed, style.Empty)
	rareNames(rand.New(rand.NewPCG(seed, 1)), blank, values)
	ruled := seed/28%2 == 0 // half of each language and level
	if ruled {
		checkDigits(rand.New(rand.NewPCG(seed, 2)), blank, values)
		sums(blank, values)
	}
	paper, err := blank.Meet(situation, values, seed, style, level)
	if err == nil && ruled {
		addRules(blank, paper.Truth)
	}
	return paper, err
}

func catalog(b *sample.Blank) (*reader.Catalog, error) {
	var picture bytes.Buffer
	if err := png.Encode(&picture, b.Image); err != nil {
		return nil, err
	}
	b.Template.ID, b.Template.Version, b.Template.Image = 1, 1, blob.KeyOf(picture.Bytes())
	return reader.NewCatalog([]*form.Template{b.Template}, func(blob.Key) ([]byte, error) { return picture.Bytes(), nil })
}

// encoded returns page as a file: as it is where it has no colour.
func encoded(page image.Image) ([]byte, error) {
	var b bytes.Buffer
	if _, ok := page.(*image.YCbCr); ok {
		err := jpeg.Encode(&b, page, &jpeg.Options{Quality: 90})
		return b.Bytes(), err
	}
	err := png.Encode(&b, page)
	return b.Bytes(), err
}

// compared compares readings with the truth.
func compared(t *form.Template, paper *sample.Paper, readings []form.Reading) []Field {
	var fields []Field
	places := t.Places()
	for _, r := range readings {
		i := slices.IndexFunc(places, func(f form.Field) bool { return f.ID == r.Field })
		want := paper.Truth[r.Field]
		right := plain(want.Text) == plain(r.Text)
		if places[i].Kind == form.Checkbox {
			right = want.Checked == r.Checked
		}
		if _, unsure := paper.Unsure[r.Field]; unsure {
			right = false
		}
		fields = append(fields, Field{Reading: r, Right: right, Name: places[i].Name, Want: want.Text})
	}
	return fields
}

// plain returns s without what is not counted as a difference.
func plain(s string) string { return strings.Join(strings.Fields(norm.NFKC.String(s)), "") }
