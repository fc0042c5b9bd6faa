package reader

import (
	"cmp"
	"image"
	"slices"
	"strings"
	"unicode"

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
	red     bool // there is red ink, and no other
	charset string
}

// textMargin is how much around a field is looked at, in px at 200 dpi, for
// writing that goes over the border.
const textMargin = 12

// numericChars is what NUMERIC fields may hold: digits and the signs that
// stand among digits.
const numericChars = "0123456789-,.()/:+"

// englishChars is what may stand in English forms. A model of other languages
// too reads kana in figures that are badly written.
const englishChars = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~£€¥§°·×±½"

func (p *placed) text(f *form.Field) *textTask {
	t := &textTask{p: p, field: f, window: p.window(p.lines, f.Box, textMargin*p.dpi()/200)}
	var ignore []image.Rectangle
	for _, b := range f.Ignore {
		ignore = append(ignore, t.window.rect(b))
	}
	t.writing = writingIn(t.window, ignore)
	if f.ValueType == form.Numeric {
		t.charset = numericChars
	}
	if t.writing.area > 0 {
		t.cut()
	} else {
		t.red = p.redInk(f)
	}
	return t
}

// cut makes lines of the writing. What else the window shows is not needed any
// more: a page may have thousands of fields.
func (t *textTask) cut() {
	t.lines = t.writing.lines(t.window.unit(), t.languages()[0])
	t.window.filled, t.window.blank, t.writing.ink = nil, nil, plane{}
}

// title returns the task for the printed title of a form. All its ink counts.
func (p *placed) title(title form.Title) *textTask {
	w := p.window(p.lines, title.Box, textMargin*p.dpi()/200)
	for i := range w.blank.Pix {
		w.blank.Pix[i] = 255
	}
	t := &textTask{p: p, field: &form.Field{ID: form.TitleID, Kind: form.Normal, ValueType: form.All, Box: title.Box}, window: w}
	t.writing = writingIn(w, nil)
	if t.writing.area > 0 {
		t.cut()
	}
	return t
}

func (t *textTask) languages() []string { return t.p.entry.template.Languages }

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
		for _, look := range l.asked(round) {
			c := ocr.Crop{Image: look.image, Languages: t.languages(), Charset: t.charset}
			switch {
			case look.second:
				c.Languages = look.languages
				if c.Charset == "" && leading(t.languages()) == "en" {
					c.Charset = englishChars
				}
			case look.english:
				c.Languages = []string{"en"}
			}
			crops = append(crops, c)
		}
	}
	return crops
}

func (t *textTask) hear(round int, texts []ocr.Text) {
	if texts == nil {
		t.p.second = secondReader{}
		for i := range t.lines {
			l := &t.lines[i]
			l.looks = slices.DeleteFunc(l.looks, func(k look) bool { return k.round == round })
		}
		return
	}
	for i := range t.lines {
		for _, look := range t.lines[i].asked(round) {
			look.text = texts[0]
			texts = texts[1:]
			if look.second {
				look.text = sized(inScript(look.text, t.languages()[0]), t.lines[i].looks[0].text)
			}
		}
		t.lines[i].agreeOnCase()
	}
}

// look adds the looks at l that are worth a round.
func (t *textTask) look(l *line, round int) {
	known := t.p.second.reads(t.languages()) || t.charset != "" && t.p.second.there()
	switch round {
	case firstRound:
		l.add(round, l.look(inkHeight, padding))
		if !known {
			l.add(round, l.look(secondInk, padding))
		}
	case secondRound, englishRound:
		if languages := t.secondLanguages(l, round); languages != nil {
			k := l.look(tightInk, tightPadding)
			k.second, k.languages, k.alphabet = true, languages, t.p.second.alphabet(languages)
			l.add(round, k)
		}
	case lastRound:
		if l.settled() && !t.field.Rules.Critical {
			return
		}
		if len(l.asked(firstRound)) == 1 { // a second reader was there, and may be no more
			l.add(round, l.look(secondInk, padding))
		}
		if t.languages()[0] == "en" {
			return
		}
		if l.mayBeLatin() && !l.secondForeign() {
			l.add(round, look{image: l.looks[0].image, toWindow: l.looks[0].toWindow, margin: padding, english: true})
		} else {
			l.parts = l.latinParts()
		}
	}
}

// secondLanguages returns the languages in which the second reader is asked for
// l in a round, or nil. What it has not read like the engine in the language of
// the form it is asked for in English, if that may be: what the engine sees as
// Latin may be anything that it cannot read.
func (t *textTask) secondLanguages(l *line, round int) []string {
	if !t.p.second.there() {
		return nil
	}
	own, english := []string{leading(t.languages())}, []string{"en"}
	known := t.p.second.reads(own)
	if round == secondRound {
		if known {
			return own
		}
		return nil
	}
	sameModel := t.p.second.alphabet(own) == t.p.second.alphabet(english)
	sure := l.settled() && !t.field.Rules.Critical
	if latin := t.charset != "" || l.mayBeLatin(); !latin || known && (sameModel || sure) {
		return nil
	}
	return english
}

func (l *line) add(round int, k look) {
	k.round = round
	l.looks = append(l.looks, k)
}

// asked returns the looks at l that a reader is asked for in a round.
func (l *line) asked(round int) []*look {
	var looks []*look
	for i := range l.looks {
		if l.looks[i].round == round {
			looks = append(looks, &l.looks[i])
		}
	}
	for i := range l.parts {
		if round == lastRound {
			looks = append(looks, &l.parts[i].look)
		}
	}
	return looks
}

// settled reports whether both readers have read the same in l.
func (l *line) settled() bool {
	return slices.ContainsFunc(l.secondLooks(), func(k *look) bool { return k.same(&l.looks[0]) })
}

// same reports whether the same was read in two looks, and something.
func (k *look) same(other *look) bool {
	text := repaired(squeezed(k.text), "")
	return text != "" && text == repaired(squeezed(other.text), "")
}

// secondLooks returns the looks at l that the second reader has read, the
// surest first.
func (l *line) secondLooks() []*look {
	var looks []*look
	for i := range l.looks {
		if l.looks[i].second {
			looks = append(looks, &l.looks[i])
		}
	}
	slices.SortStableFunc(looks, func(a, b *look) int { return cmp.Compare(b.sureness(l.language), a.sureness(l.language)) })
	return looks
}

// secondLook returns the surest of the looks that the second reader has read,
// or nil.
func (l *line) secondLook() *look {
	if looks := l.secondLooks(); len(looks) > 0 {
		return looks[0]
	}
	return nil
}

// mayBeLatin reports whether l may be Latin letters or digits throughout.
func (l *line) mayBeLatin() bool {
	return slices.ContainsFunc(l.looks, func(k look) bool { return !k.second && foreignShare(k.text) <= maxForeign })
}

// secondForeign reports whether the second reader has read letters in l that
// English has not, in the language of the form: where the engine cannot read
// handwriting, it takes it for figures.
func (l *line) secondForeign() bool {
	return slices.ContainsFunc(l.secondLooks(), func(k *look) bool {
		return slices.Contains(k.languages, l.language) && foreign(squeezed(k.text))
	})
}

// sureSymbol is the score from which a symbol that is not Latin is believed.
const sureSymbol = .9

// foreignShare returns which share of a text's symbols surely are letters that
// English has not.
func foreignShare(text ocr.Text) float64 {
	sure, all := 0, 0
	for _, w := range text.Words {
		for _, s := range w.Symbols {
			all++
			if foreign(s.Text) && s.Confidence >= sureSymbol {
				sure++
			}
		}
	}
	return float64(sure) / float64(max(1, all))
}

// maxForeign is the share of sure foreign letters up to which a line may be
// Latin throughout: where the Korean reader meets an e-mail address, it is
// sure of a syllable here and there.
const maxForeign = .25

// foreign reports whether s has letters that English has not.
func foreign(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxLatin1 && unicode.IsLetter(r) })
}

// surer is by how much the mean score of English must be higher where the
// other reading has letters that it is sure of.
const surer = .02

// best returns the look that counts: one that both readers agree on, or else
// the better of what the two have.
func (l *line) best() *look {
	if l.fused != nil {
		return l.fused
	}
	best, seconds := l.firstBest(), l.secondLooks()
	for _, k := range seconds {
		if k.same(best) {
			return best
		}
	}
	for _, k := range seconds {
		for i := range l.looks {
			if own := &l.looks[i]; !own.second && own.same(k) {
				return own
			}
		}
	}
	if len(seconds) > 0 && squeezed(seconds[0].text) != "" && seconds[0].better(best, l.language) {
		return seconds[0]
	}
	return best
}

// firstBest returns the look with the highest mean score, those of the second
// reader left out.
func (l *line) firstBest() *look {
	best, highest := &l.looks[0], -1.0
	foreign := false
	for i := range l.looks {
		look := &l.looks[i]
		if look.second {
			continue
		}
		_, score := scores(look.text)
		if look.english && foreign {
			score -= surer
		}
		foreign = foreign || foreignShare(look.text) > 0
		if score > highest {
			best, highest = look, score
		}
	}
	return best
}

// best returns the look at l that counts: the surest, unless it breaks a rule
// of the field and a less sure one does not.
func (t *textTask) best(l *line) *look {
	if l.chosen != nil {
		return l.chosen
	}
	best := l.withComma(l.best())
	if len(t.lines) > 1 || len(t.field.Problems(t.textOf(l, best))) == 0 {
		return best
	}
	chosen, highest := best, 0.0
	for i := range l.looks {
		look := &l.looks[i]
		if _, score := scores(look.text); score > highest && len(t.field.Problems(t.textOf(l, look))) == 0 {
			chosen, highest = look, score
		}
	}
	return chosen
}

// withComma returns best, or a look that has a comma where best has a point
// before three digits, and is else the same: a comma loses its tail more often
// than a point gets one.
func (l *line) withComma(best *look) *look {
	text := squeezed(best.text)
	if strings.Count(text, ".") != 1 || !thousands.MatchString(text) {
		return best
	}
	for i := range l.looks {
		if squeezed(l.looks[i].text) == strings.Replace(text, ".", ",", 1) {
			return &l.looks[i]
		}
	}
	return best
}

// textOf returns the text of a line as one of its looks has it.
func (t *textTask) textOf(l *line, look *look) string { return joined(t.words(l, look)) }

// words returns the words of a line as one of its looks has them. A letter that
// is all that stands in the field is a capital, unless a rule wants it small.
func (t *textTask) words(l *line, look *look) []form.Word {
	words := l.words(look, t.window.toPage, t.languages()[0])
	if len(t.lines) > 1 || len(words) != 1 {
		return words
	}
	w := &words[0]
	if large := initial(w.Text); large != w.Text && (len(t.field.Problems(large)) == 0 || len(t.field.Problems(w.Text)) > 0) {
		w.Text = large
		w.Symbols = []form.Symbol{{Text: large, Confidence: w.Confidence}}
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
	for i := range l.looks {
		other := t.textOf(l, &l.looks[i])
		known := func(a form.Alternative) bool { return a.Text == other }
		if other == "" || other == text || slices.ContainsFunc(others, known) {
			continue
		}
		_, score := scores(l.looks[i].text)
		others = append(others, form.Alternative{Text: other, Confidence: score})
	}
	return others
}

// agreement returns which share of the other looks of the first reader at l
// have the same as best.
func (l *line) agreement(best *look) float64 {
	same, others := 0, 0
	for i := range l.looks {
		if look := &l.looks[i]; look != best && !look.second {
			others++
			if squeezed(look.text) == squeezed(best.text) {
				same++
			}
		}
	}
	if others == 0 {
		return 1
	}
	return float64(same) / float64(others)
}

// squeezed returns a text without its spaces.
func squeezed(t ocr.Text) string {
	var b strings.Builder
	for _, w := range t.Words {
		b.WriteString(w.Text)
	}
	return b.String()
}

// scores returns the lowest and the mean score of the symbols of texts.
func scores(texts ...ocr.Text) (lowest, mean float64) {
	lowest, n := 1, 0
	for _, text := range texts {
		for _, w := range text.Words {
			for _, s := range w.Symbols {
				lowest = min(lowest, s.Confidence)
				mean += s.Confidence
				n++
			}
		}
	}
	if n == 0 {
		return 0, 0
	}
	return lowest, mean / float64(n)
}

func (t *textTask) reading() judged {
	r := form.Reading{Field: t.field.ID, Where: t.p.toPage(t.field.Box).ApplyQuad(t.field.Box.Quad())}
	for i := range t.lines {
		t.lines[i].fuse()
	}
	r.Ruled = t.obey()
	agreement := 1.0
	for i := range t.lines {
		best := t.best(&t.lines[i])
		agreement = min(agreement, t.lines[i].agreement(best))
		r.Words = append(r.Words, t.words(&t.lines[i], best)...)
		if n := len(r.Words); n > 0 {
			r.Words[n-1].LineBreak = i+1 < len(t.lines)
		}
	}
	r.Text = joined(r.Words)
	r.Alternatives = append(t.suggested(r.Text), t.alternatives(r.Text)...)
	r.Where = around(r.Words, r.Where)
	j := judged{field: t.field, reading: r, kind: t.kind(r), evidence: t.evidence(r.Text, agreement), reasons: t.reasons(r)}
	if t.split() {
		j.hints = append(j.hints, form.ReasonTwoReaders)
	}
	if t.writing.soft > blurred {
		j.hints = append(j.hints, form.ReasonBlurred)
	}
	if t.writing.cut {
		j.hints = append(j.hints, form.ReasonBorder)
	}
	return j
}

// blurred is the softness above which writing is blurred to a clerk: on good
// scans it is .3 to .5, on the worst faxes and photos .55 to .7.
const blurred = .55

// split reports whether the second reader has read another text in a line than
// the one that counts, or the first one has.
func (t *textTask) split() bool {
	return slices.ContainsFunc(t.lines, func(l line) bool {
		seconds, best := l.secondLooks(), t.best(&l)
		if len(seconds) == 0 {
			return false
		}
		if best.second {
			best = l.firstBest()
		}
		return !slices.ContainsFunc(seconds, func(k *look) bool { return k.same(best) })
	})
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

// redInk reports whether there is ink in the field that was left out because
// it is as red as a seal. Ink over the border is a seal's.
func (p *placed) redInk(f *form.Field) bool {
	if p.page == p.luma {
		return false
	}
	w := writingIn(p.window(p.luma, f.Box, textMargin*p.dpi()/200), nil)
	return w.area > 0 && !w.cut
}

// lowSymbol is the score below which a single symbol makes a reading doubtful
// in the eyes of a clerk.
const lowSymbol = 0.5

func (t *textTask) reasons(r form.Reading) []form.Reason {
	var rs []form.Reason
	if r.Text == "" && (t.writing.area > 0 || t.red) {
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
