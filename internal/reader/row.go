package reader

import (
	"image"
	"math"
	"strings"
	"unicode"

	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/mark"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/raster"
)

// A rowTask reads a row of single-character boxes. Digits and Latin capitals
// are told by package mark; whatever else stands in a box goes to the engine,
// as a picture of a single character.
type rowTask struct {
	p       *placed
	field   *form.Field
	cells   []mark.Cell
	symbols []mark.Symbol      // of cells that are not blank
	asked   []int              // cells that the engine is asked for, in order
	texts   []ocr.Text         // of asked
	chosen  map[int]mark.Guess // in cells where a rule of the field chose
	told    fileText
}

func (p *placed) row(f *form.Field) *rowTask {
	t := &rowTask{p: p, field: f}
	var bounds geom.Box
	for _, b := range f.Boxes {
		bounds = bounds.Union(b)
	}
	w := p.Window(p.Inked, bounds, bounds.Height()/3)
	boxes := make([]image.Rectangle, len(f.Boxes))
	for i, b := range f.Boxes {
		boxes[i] = w.Rect(b)
	}
	t.cells = mark.Row(w.Filled, w.Blank, boxes)
	t.told = p.tellRow(w, boxes, t.cells, p.ToPage(f.Box), f)
	t.symbols = make([]mark.Symbol, len(t.cells))
	for i, c := range t.cells {
		if !c.Blank {
			t.symbols[i] = mark.Read(c.Glyph)
		}
	}
	if f.ValueType == form.Numeric {
		for i := range t.symbols {
			t.symbols[i] = t.symbols[i].Only(mark.Digits)
		}
		return t
	}
	t.readTogether()
	for i := range t.symbols {
		if c, _ := t.symbols[i].Best(); c == 0 && !t.cells[i].Blank {
			t.asked = append(t.asked, i)
		}
	}
	return t
}

// readTogether weighs what each glyph may be by those beside it.
func (t *rowTask) readTogether() {
	var filled []int
	var symbols []mark.Symbol
	for i, c := range t.cells {
		if !c.Blank {
			filled, symbols = append(filled, i), append(symbols, t.symbols[i])
		}
	}
	for k, s := range mark.InContext(symbols) {
		t.symbols[filled[k]] = s
	}
}

func (t *rowTask) crops(round int) []ocr.Crop {
	if round > 0 {
		return nil
	}
	var crops []ocr.Crop
	for _, i := range t.asked {
		crops = append(crops, ocr.Crop{
			Image:     padded(t.cells[i].Glyph),
			Languages: t.p.languages(),
			Layout:    ocr.Character,
		})
	}
	return crops
}

func (t *rowTask) hear(round int, texts []ocr.Text) {
	if round == 0 {
		t.texts = texts
	}
}

// padded returns a glyph at the size that the engine likes.
func padded(glyph *image.Gray) *image.Gray {
	scale := inkHeight / float64(max(1, glyph.Rect.Dy(), glyph.Rect.Dx()))
	width, height := int(float64(glyph.Rect.Dx())*scale)+2*padding, int(float64(glyph.Rect.Dy())*scale)+2*padding
	return raster.Warp(glyph, geom.Scale(1/scale, 1/scale).After(geom.Shift(geom.Point{X: -padding, Y: -padding})), width, height)
}

func (t *rowTask) reading() judged {
	toPage := t.p.ToPage(t.field.Box)
	r := form.Reading{Field: t.field.ID, Where: toPage.ApplyQuad(t.field.Box.Quad())}
	rule, otherwise := t.obey()
	if r.Ruled = rule; rule != "" {
		r.Alternatives = []form.Alternative{{Text: otherwise, Confidence: unlikely}}
	}
	right, lowest := 1.0, 1.0
	var text strings.Builder
	for i := range t.cells {
		s, sure := t.cell(i)
		right *= sure
		lowest = min(lowest, sure)
		text.WriteString(s)
		r.Words = append(r.Words, form.Word{
			Text:       s,
			Confidence: sure,
			Where:      toPage.ApplyQuad(t.field.Boxes[i].Quad()),
			Symbols:    []form.Symbol{{Text: s, Confidence: sure}},
		})
	}
	r.Text = text.String()
	j := judged{field: t.field, reading: r, kind: confidence.Row, evidence: t.evidence(right)}
	j.told, j.settled, j.gap = t.told, right >= surely, t.gap()
	if lowest < lowSymbol {
		j.reasons = append(j.reasons, form.ReasonLowSymbol)
	}
	return j
}

// cell returns what is in a cell and how sure that is.
func (t *rowTask) cell(i int) (string, float64) {
	if t.cells[i].Blank {
		return "", .999
	}
	if g, ok := t.chosen[i]; ok {
		return string(rune(g.Character)), g.Probability
	}
	for k, asked := range t.asked {
		if asked != i {
			continue
		}
		s := strings.Join(strings.Fields(t.texts[k].String()), "")
		if len(t.texts[k].Words) == 0 {
			return "", 0
		}
		if !strings.ContainsFunc(s, unicode.IsLetter) && !strings.ContainsFunc(s, unicode.IsDigit) {
			break // a sign has no box of its own
		}
		return s, t.texts[k].Words[0].Confidence
	}
	c, sure := t.best(i)
	return string(rune(c)), sure
}

// best returns the likeliest character of a cell that takes no others.
func (t *rowTask) best(i int) (byte, float64) {
	alphabet := t.alphabet()
	best := alphabet[0]
	for k := range len(alphabet) {
		if t.symbols[i].Of(alphabet[k]) > t.symbols[i].Of(best) {
			best = alphabet[k]
		}
	}
	return best, t.symbols[i].Of(best)
}

// evidence returns what speaks for and against the reading of a row whose
// cells are all right with probability right, as far as package mark knows.
func (t *rowTask) evidence(right float64) confidence.Evidence {
	e := t.p.placeEvidence(t.field.Box)
	e["logit"] = logit(right)
	e["asked"] = float64(len(t.asked)) / 4
	e["length"] = math.Log2(float64(len(t.cells)))
	e["letters"] = t.letters()
	return e
}

// gap reports whether a box is empty between figures: nobody leaves one out, so
// that what stood there was not seen. Words have spaces.
func (t *rowTask) gap() bool {
	empty, filled, inside := false, false, false
	for i, c := range t.cells {
		if c.Blank {
			empty = true
			continue
		}
		if s, _ := t.cell(i); !strings.Contains(mark.Digits, s) {
			return false
		}
		inside = inside || filled && empty
		empty, filled = false, true
	}
	return inside
}

// letters returns which share of what is in the boxes is no digit: zero and O
// are told apart by their neighbours only.
func (t *rowTask) letters() float64 {
	letters, filled := 0, 0
	for i, c := range t.cells {
		if c.Blank {
			continue
		}
		filled++
		if s, _ := t.cell(i); !strings.Contains(mark.Digits, s) {
			letters++
		}
	}
	return float64(letters) / float64(max(1, filled))
}
