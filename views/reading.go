package views

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// unclearBelow is the score of a character, or of a word whose characters have
// none, below which it is coloured.
const unclearBelow = 0.8

// A glyph is a stretch of a text of which all is clear, or nothing.
type glyph struct {
	Text    string
	Unclear bool
}

// glyphs returns the text of r in stretches, or nothing where all is clear, a person
// has said what it is, or a rule or the second reader made another text than the
// words say.
func (r ReviewRow) glyphs() []glyph {
	if r.checkbox() || len(r.Value.Corrections) > 0 || r.Conflict {
		return nil
	}
	unclear := make([]bool, 0, len(r.Value.Reading.Words))
	var read []rune
	for _, w := range r.Value.Reading.Words {
		for _, s := range symbolsOf(w) {
			for _, c := range s.Text {
				if !unicode.IsSpace(c) {
					read, unclear = append(read, c), append(unclear, s.Confidence < unclearBelow)
				}
			}
		}
	}
	if !slices.Contains(unclear, true) {
		return nil
	}
	var gs []glyph
	at := 0
	for _, c := range r.text() {
		is := len(gs) > 0 && gs[len(gs)-1].Unclear && at < len(unclear) && unclear[at] // a space between two unclear ones
		if !unicode.IsSpace(c) {
			if at == len(read) || read[at] != c {
				return nil
			}
			is = unclear[at]
			at++
		}
		if len(gs) == 0 || gs[len(gs)-1].Unclear != is {
			gs = append(gs, glyph{Unclear: is})
		}
		gs[len(gs)-1].Text += string(c)
	}
	if at < len(read) {
		return nil
	}
	return gs
}

// symbolsOf returns the characters of a word, or the word where they are not told.
func symbolsOf(w form.Word) []form.Symbol {
	var b strings.Builder
	for _, s := range w.Symbols {
		b.WriteString(s.Text)
	}
	if b.String() == w.Text {
		return w.Symbols
	}
	return []form.Symbol{{Text: w.Text, Confidence: w.Confidence}}
}

// unclear names the characters of r that are not clear, each once; none where those
// are more than a few.
func (r ReviewRow) unclear() []string {
	const few = 6
	var names []string
	for _, g := range r.glyphs() {
		if g.Unclear && !slices.Contains(names, g.Text) {
			names = append(names, g.Text)
		}
	}
	if len(names) > few {
		return nil
	}
	return names
}

// A Crop is the picture of a field.
type Crop struct {
	Address       string          // empty for none
	Width, Height int             // pixels, as shown
	Box           geom.Box        // of what it shows, template px
	FromPage      geom.Homography // page px to template px
}

// A cropPart is what is shown of a crop in one line. The picture of a long field is
// cut in two, lest it be smaller than on the page.
type cropPart struct {
	Class string
	Width int    // pixels, as shown
	View  string // the part of the crop, in pixels as it is shown
}

// longest is how wide a crop is shown in one piece, in pixels: where it is wider,
// the column of values makes it smaller than the page shows it.
const longest = 1000

func (c Crop) parts() []cropPart {
	if c.Width <= longest || c.Height*6 > c.Width {
		return []cropPart{{"whole", c.Width, fmt.Sprintf("0 0 %d %d", c.Width, c.Height)}}
	}
	w := c.Width * 54 / 100 // the halves overlap: a character in the middle is whole in one
	return []cropPart{
		{"left", w, fmt.Sprintf("0 0 %d %d", w, c.Height)},
		{"right", w, fmt.Sprintf("%d 0 %d %d", c.Width-w, w, c.Height)},
	}
}

// unclearOn returns the outlines of what is unclear on the crop of r, in its pixels
// as it is shown.
func (r ReviewRow) unclearOn() []string {
	c := r.Crop
	if c.Address == "" || len(r.glyphs()) == 0 || c.Box.Empty() {
		return nil
	}
	shown := geom.Scale(float64(c.Width)/c.Box.Width(), float64(c.Height)/c.Box.Height()).
		After(geom.Shift(geom.Point{X: -c.Box.Min.X, Y: -c.Box.Min.Y})).After(c.FromPage)
	var outlines []string
	for _, w := range r.Value.Reading.Words {
		for _, q := range unclearIn(w) {
			outlines = append(outlines, Points(shown.ApplyQuad(q)))
		}
	}
	return outlines
}

// unclearIn returns the places of the unclear characters of a word. Where in the
// word each is, is not known: they are taken to be as wide as type is.
func unclearIn(w form.Word) []geom.Quad {
	symbols := symbolsOf(w)
	var all, from float64
	for _, s := range symbols {
		all += advance(s.Text)
	}
	var places []geom.Quad
	for _, s := range symbols {
		to := from + advance(s.Text)
		if s.Confidence < unclearBelow && all > 0 {
			places = append(places, slice(w.Where, from/all, to/all))
		}
		from = to
	}
	return places
}

// advance returns how wide a text is, in ems.
func advance(text string) (ems float64) {
	for _, c := range text {
		if utf8.RuneLen(c) > 2 { // Hangul, Han, kana
			ems++
		} else {
			ems += .55
		}
	}
	return ems
}

// slice returns the part of q between two shares of its width.
func slice(q geom.Quad, from, to float64) geom.Quad {
	between := func(a, b geom.Point, share float64) geom.Point {
		return geom.Point{X: a.X + (b.X-a.X)*share, Y: a.Y + (b.Y-a.Y)*share}
	}
	return geom.Quad{between(q[0], q[1], from), between(q[0], q[1], to), between(q[3], q[2], to), between(q[3], q[2], from)}
}
