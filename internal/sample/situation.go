package sample

import (
	"fmt"
	"image"
	"math/rand/v2"
	"slices"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A Situation is what happens to filled paper in an office that nobody planned:
// writing that leaves its box, a mark beside it, a highlighter, a picture of
// which a part is missing. A Level is what happens to every page.
type Situation string

// A Paper is a filled form as it reaches the reader.
type Paper struct {
	Image          image.Image
	TemplateToPage geom.Homography             // template px to page px; of paper that is not flat, about
	Bend           func(geom.Point) geom.Point // template px; where TemplateToPage would have to be asked for a point; nil of flat paper
	Truth          map[form.FieldID]Truth      // also of what the picture does not show
	Unsure         map[form.FieldID]struct{}   // fields of which no person could say what holds: any answer that is sure is wrong
}

// A situation changes a form on its way. What is nil changes nothing.
type situation struct {
	name   Situation
	values func(r *rand.Rand, b *Blank, v map[form.FieldID]Value) // what is to be written
	writer func(r *rand.Rand, b *Blank, w *writer)                // how it is written
	more   func(r *rand.Rand, b *Blank, p *Paper, w *writer)      // what else is written, or printed on the form, in template px
	sheet  func(r *rand.Rand, b *Blank, p *Paper, c *canvas)      // what else comes onto the paper, in template px
	page   func(r *rand.Rand, b *Blank, p *Paper)                 // what happens to the picture of it
}

var situations = slices.Concat(textSituations, penSituations, markSituations, paperSituations, placeSituations, fileSituations)

// Situations returns the names of all situations.
func Situations() (names []Situation) {
	for _, s := range situations {
		names = append(names, s.name)
	}
	return names
}

// Meet writes values on b and spoils the page, as Write and Degrade do, in a
// situation, or in none where it is "". It panics on a situation that there is not.
func (b *Blank) Meet(name Situation, values map[form.FieldID]Value, seed uint64, style Style, level Level) (*Paper, error) {
	var s situation
	if name != "" {
		i := slices.IndexFunc(situations, func(s situation) bool { return s.name == name })
		if i < 0 {
			panic(fmt.Sprintf("sample: no situation %q", name))
		}
		s = situations[i]
	}
	r := newRand(seed, "situation "+string(name))
	if s.values != nil {
		s.values(r, b, values)
	}
	w, err := b.writer(seed, style)
	if err != nil {
		return nil, err
	}
	if s.writer != nil {
		s.writer(r, b, w)
	}
	w.fill(b, values)
	p := &Paper{Truth: w.truth, Unsure: map[form.FieldID]struct{}{}}
	if s.more != nil {
		s.more(r, b, p, w)
	}
	if s.sheet != nil {
		s.sheet(r, b, p, w.canvas)
	}
	p.Image, p.TemplateToPage = Degrade(w.img, level, seed)
	if s.page != nil {
		s.page(r, b, p)
	}
	return p, nil
}

// fieldHeight returns the height in px of a field of text of b, as most have it.
func (b *Blank) fieldHeight() float64 {
	var heights []float64
	for _, f := range b.Template.Places() {
		if f.Kind == form.Normal {
			heights = append(heights, f.Box.Height())
		}
	}
	if len(heights) == 0 {
		return 0
	}
	slices.Sort(heights)
	return heights[len(heights)/2]
}
