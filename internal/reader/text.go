package reader

import (
	"image"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
)

// A textTask reads words.
type textTask struct {
	p       *placed
	field   *form.Field
	window  *window
	writing writing
	lines   []line
	charset string
}

// textMargin is how much around a field is looked at, in px at 200 dpi, for
// writing that goes over the border.
const textMargin = 12

// numericChars is what NUMERIC fields may hold: digits and the signs that
// stand among digits.
const numericChars = "0123456789-,.()/:+"

func (p *placed) text(f *form.Field) *textTask {
	t := &textTask{p: p, field: f, window: p.window(p.page, f.Box, textMargin*p.dpi()/200)}
	var ignore []image.Rectangle
	for _, b := range f.Ignore {
		ignore = append(ignore, t.window.rect(b))
	}
	t.writing = writingIn(t.window, ignore)
	if f.ValueType == form.Numeric {
		t.charset = numericChars
	}
	if t.writing.area > 0 {
		t.lines = t.writing.lines(t.window.unit())
	}
	return t
}

// title returns the task for the printed title of a form. All its ink counts.
func (p *placed) title(title form.Title) *textTask {
	w := p.window(p.page, title.Box, textMargin*p.dpi()/200)
	for i := range w.blank.Pix {
		w.blank.Pix[i] = 255
	}
	t := &textTask{p: p, field: &form.Field{ID: form.TitleID, Kind: form.Normal, ValueType: form.All, Box: title.Box}, window: w}
	t.writing = writingIn(w, nil)
	if t.writing.area > 0 {
		t.lines = t.writing.lines(w.unit())
	}
	return t
}

func (t *textTask) crops() []ocr.Crop {
	var crops []ocr.Crop
	for _, l := range t.lines {
		crops = append(crops, ocr.Crop{Image: l.image, Languages: t.p.entry.template.Languages, Charset: t.charset})
	}
	return crops
}

func (t *textTask) reading(texts []ocr.Text) judged {
	r := form.Reading{Field: t.field.ID, Where: t.p.templateToPage.ApplyQuad(t.field.Box.Quad())}
	for i, text := range texts {
		toPage := t.window.toPage.After(t.lines[i].toWindow)
		for _, w := range text.Words {
			r.Words = append(r.Words, word(w, toPage))
		}
		if n := len(r.Words); n > 0 {
			r.Words[n-1].LineBreak = i+1 < len(texts)
		}
	}
	r.Text = joined(r.Words)
	r.Where = around(r.Words, r.Where)
	return judged{field: t.field, reading: r, kind: t.kind(r), evidence: t.evidence(texts, r), reasons: t.reasons(r)}
}

// word returns w where it stands on the page.
func word(w ocr.Word, toPage geom.Homography) form.Word {
	out := form.Word{Text: w.Text, Confidence: w.Confidence, Where: toPage.ApplyQuad(boxOf(w.Box).Quad())}
	for _, s := range w.Symbols {
		out.Symbols = append(out.Symbols, form.Symbol{Text: s.Text, Confidence: s.Confidence})
	}
	return out
}

func boxOf(r image.Rectangle) geom.Box {
	return geom.XYWH(float64(r.Min.X), float64(r.Min.Y), float64(r.Dx()), float64(r.Dy()))
}

// joined returns words by space and lines by line feed.
func joined(words []form.Word) string {
	var b strings.Builder
	for i, w := range words {
		b.WriteString(w.Text)
		switch {
		case i == len(words)-1:
		case w.LineBreak:
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// around returns the place of words: the quad of a single one, the box around
// several, or else where.
func around(words []form.Word, where geom.Quad) geom.Quad {
	switch len(words) {
	case 0:
		return where
	case 1:
		return words[0].Where
	}
	var box geom.Box
	for _, w := range words {
		box = box.Union(w.Where.Bounds())
	}
	return box.Quad()
}

func (t *textTask) kind(r form.Reading) confidence.Kind {
	switch {
	case r.Text == "":
		return confidence.Blank
	case t.field.Table != "":
		return confidence.Cell
	default:
		return confidence.Line
	}
}

// evidence returns what speaks for and against a reading of words.
func (t *textTask) evidence(texts []ocr.Text, r form.Reading) confidence.Evidence {
	e := confidence.Evidence{
		"residual": min(t.p.residualAt(t.field.Box), 8) / 4,
		"ink":      math.Sqrt(float64(t.writing.area)/float64(max(1, t.window.box.Dx()*t.window.box.Dy()))) * 4,
	}
	if t.writing.cut {
		e["cut"] = 1
	}
	lowest, sum, n, rival := 1.0, 0.0, 0, 0.0
	for _, text := range texts {
		for _, w := range text.Words {
			for _, s := range w.Symbols {
				lowest = min(lowest, s.Confidence)
				sum += s.Confidence
				n++
				if len(s.Alternatives) > 0 {
					rival = max(rival, s.Alternatives[0].Confidence)
				}
			}
		}
	}
	if n == 0 {
		return e
	}
	e["lowest"], e["mean"], e["rival"] = lowest, sum/float64(n), rival
	e["length"] = math.Log(float64(utf8.RuneCountInString(r.Text)))
	e["scale"] = math.Log2(t.p.templateToPage.ScaleAt(t.field.Box.Center()) * t.p.dpi() / 200)
	return e
}

// lowSymbol is the score below which a single symbol makes a reading doubtful
// in the eyes of a clerk.
const lowSymbol = 0.5

func (t *textTask) reasons(r form.Reading) []form.Reason {
	var rs []form.Reason
	if r.Text == "" && t.writing.area > 0 {
		rs = append(rs, form.ReasonInkUnread)
	}
	for _, w := range r.Words {
		for _, s := range w.Symbols {
			if s.Confidence < lowSymbol {
				return append(rs, form.ReasonLowSymbol)
			}
		}
	}
	return rs
}
