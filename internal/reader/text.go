package reader

import (
	"image"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader/ink"
	"github.com/seosik/seosik/internal/reader/vote"
)

// A textTask reads words.
type textTask struct {
	p       *placed
	field   *form.Field
	writing ink.Writing
	unit    float64         // px of the window for one at 200 dpi
	toPage  geom.Homography // px of the window to px of the page
	lines   []textLine
	red     bool // there is red ink, and no other
	charset string
	told    fileText
}

// textMargin is how much around a field is looked at, in px at 200 dpi, for
// writing that goes over the border.
const textMargin = 12

// numericChars is what NUMERIC fields may hold: digits and the signs that
// stand among digits.
const numericChars = "0123456789-,.()/:+"

// moneySigns stand before amounts in forms of a language. Where they could not come
// out, they would be read as digits.
var moneySigns = map[string]string{"ko": "₩￦", "ja": "¥￥", "zh-TW": "$＄", "en": "$£€"}

// numericCharset returns what may stand in a NUMERIC field.
func numericCharset(f *form.Field) string {
	if f.Rules.Amount() {
		return numericChars + moneySigns[f.Language]
	}
	return numericChars
}

// englishChars is what may stand in English forms. A model of other languages
// too reads kana in figures that are badly written.
const englishChars = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~£€¥§°·×±½"

func (p *placed) text(f *form.Field) *textTask {
	margin := textMargin * p.DPI() / 200
	w := p.Window(p.Lines, p.reach(f).box, margin)
	for i := range p.entry.places { // boxes may overlap
		if o := &p.entry.places[i]; o.Kind == form.Normal && o.ID != f.ID && !o.Box.Intersect(f.Box).Empty() {
			w.Others = append(w.Others, w.Rect(p.moved(o)))
		}
	}
	var ignore []image.Rectangle
	for _, b := range f.Ignore {
		ignore = append(ignore, w.Rect(b))
	}
	t := p.written(f, w, ignore)
	if f.ValueType == form.Numeric {
		t.charset = numericCharset(f)
	}
	if t.writing.Area == 0 {
		t.red = p.RedInk(p.reach(f).box, margin)
	}
	return t
}

// title returns the task for the printed title of a form. All its ink counts.
func (p *placed) title(title form.Title) *textTask {
	w := p.Window(p.Lines, title.Box, textMargin*p.DPI()/200)
	for i := range w.Blank.Pix {
		w.Blank.Pix[i] = 255
	}
	return p.written(&form.Field{ID: form.TitleID, Kind: form.Normal, ValueType: form.All, Box: title.Box}, w, nil)
}

// written returns the task for what is written in w, parts to ignore left out.
// It does not keep w: a page may have thousands of fields.
func (p *placed) written(f *form.Field, w *ink.Window, ignore []image.Rectangle) *textTask {
	t := &textTask{p: p, field: f, writing: w.Writing(ignore), unit: w.Unit(), toPage: w.ToPage}
	for _, l := range t.writing.Lines {
		t.lines = append(t.lines, textLine{Line: l, read: vote.Line{Language: p.languages()[0]}})
	}
	t.told = p.tell(w, t.writing.Lines, ignore)
	return t
}

// crops asks in the first round in the template's own languages. The second
// reader is asked for lines that it can know. In the last round lines on which
// two readers do not agree are looked at again: at another size, since the
// engine stumbles over a size now and then and what it reads in both is surer;
// and in English where digits and Latin letters may stand, which the data of
// Asian languages know less well. Of Latin lines in Korean forms, 0.89 are
// read right in Korean and all in English.
func (t *textTask) crops(round int) []ocr.Crop {
	var crops []ocr.Crop
	for i := range t.lines {
		l := &t.lines[i]
		t.look(l, round)
		for _, k := range l.looks {
			crops = append(crops, t.crop(l, k))
		}
		for _, part := range l.parts {
			crops = append(crops, t.crop(l, vote.Look{Picture: part.Picture, Language: "en"}))
		}
	}
	return crops
}

// crop returns what a reader is asked for in a look.
func (t *textTask) crop(l *textLine, k vote.Look) ocr.Crop {
	c := ocr.Crop{Image: l.pictures[k.Picture].Image, Languages: t.p.languages(), Charset: t.charset}
	if k.Language != "" {
		c.Languages = []string{k.Language}
	}
	if k.Second && c.Charset == "" && leading(t.p.languages()) == "en" {
		c.Charset = englishChars
	}
	return c
}

func (t *textTask) hear(_ int, texts []ocr.Text) {
	if texts == nil {
		t.p.second = secondReader{}
	}
	for i := range t.lines {
		texts = t.lines[i].hear(texts)
	}
}

func (t *textTask) reading() judged {
	box := t.p.reach(t.field).box
	r := form.Reading{Field: t.field.ID, Where: t.p.ToPage(box).ApplyQuad(box.Quad())}
	for i := range t.lines {
		rule := t.choose(&t.lines[i])
		r.Ruled = rule // there is none where there are several lines
	}
	for i := range t.lines {
		l := &t.lines[i]
		r.Words = append(r.Words, l.place(t.words(l, l.counts), t.toPage)...)
		if n := len(r.Words); n > 0 {
			r.Words[n-1].LineBreak = i+1 < len(t.lines)
		}
	}
	words, captioned := withoutCaption(r.Words, t.field.Name)
	r.Words, r.Text = words, joined(words)
	r.Alternatives = append(t.suggested(r.Text), t.alternatives(r.Text)...)
	r.Where = around(r.Words, r.Where)
	j := judged{field: t.field, reading: r, kind: t.kind(r), crossed: t.writing.Print > crossedAt, evidence: t.evidence(r.Text), reasons: t.reasons(r)}
	j.evidence["captioned"] = truth(captioned)
	if slices.ContainsFunc(t.lines, func(l textLine) bool { return l.opinion.Split }) {
		j.hints = append(j.hints, form.ReasonTwoReaders)
	}
	if t.writing.Soft > blurred {
		j.hints = append(j.hints, form.ReasonBlurred)
	}
	if t.writing.Cut {
		j.hints = append(j.hints, form.ReasonBorder)
	}
	j.told = t.told
	j.settled = len(t.lines) > 0 && !slices.ContainsFunc(t.lines, func(l textLine) bool { return !l.read.Settled() })
	return j
}

// crossedAt is the share of the ink on print above which letters may have lost
// strokes, or have some of the print. Of the values of the bench that were written
// in their boxes, 99 in 100 have none there; printed on a rule, they have .12 to .4.
const crossedAt = .15

// blurred is the softness above which writing is blurred to a clerk: on good
// scans it is .3 to .5, on the worst faxes and photos .55 to .7.
const blurred = .55

// textOf returns the text of a line as a look has it.
func (t *textTask) textOf(l *textLine, k vote.Look) string { return vote.Text(t.words(l, k)) }

// words returns the words of a line as a look has them. A letter that is all
// that stands in the field is a capital, unless a rule wants it small.
func (t *textTask) words(l *textLine, k vote.Look) []vote.Word {
	words := l.read.Words(k)
	if len(t.lines) > 1 || len(words) != 1 {
		return words
	}
	w := &words[0]
	if large := vote.Initial(w.Text); large != w.Text && (len(t.field.Problems(large)) == 0 || len(t.field.Problems(w.Text)) > 0) {
		w.Text = large
		w.Symbols = []ocr.Symbol{{Text: large, Confidence: w.Confidence}}
	}
	return words
}

// alternatives returns what else was read in a field of one line.
func (t *textTask) alternatives(text string) []form.Alternative {
	if len(t.lines) != 1 {
		return nil
	}
	l := &t.lines[0]
	var others []form.Alternative
	for _, k := range l.read.Looks {
		other := t.textOf(l, k)
		known := func(a form.Alternative) bool { return a.Text == other }
		if other == "" || other == text || slices.ContainsFunc(others, known) {
			continue
		}
		_, score := k.Scores()
		others = append(others, form.Alternative{Text: other, Confidence: score})
	}
	return others
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

// lowSymbol is the score below which a single symbol makes a reading doubtful
// in the eyes of a clerk.
const lowSymbol = 0.5

func (t *textTask) reasons(r form.Reading) []form.Reason {
	var rs []form.Reason
	if r.Text == "" && (t.writing.Area > 0 || t.red) {
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
