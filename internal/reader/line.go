package reader

import (
	"image"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader/ink"
	"github.com/seosik/seosik/internal/reader/vote"
)

// What the readers like best, in pixels of their crops.
const (
	inkHeight    = 36 // of a line, from its highest to its lowest ink
	secondInk    = 30 // the same, for a second look
	padding      = 12 // of white around the ink
	tightInk     = 38 // for the second reader, which sees lines 48 high
	tightPadding = 5
)

// A textLine is a line of writing on its way through the rounds.
type textLine struct {
	ink.Line
	pictures []ink.Picture // in which it is read
	looks    []vote.Look   // that are asked for in this round
	parts    []vote.Part   // too
	read     vote.Line

	counts  vote.Look // what counts, once all has been read
	fused   bool      // the two readers have it together
	opinion vote.Opinion
}

// look chooses the looks at l that are worth a round.
func (t *textTask) look(l *textLine, round int) {
	second, languages := t.p.second, t.p.languages()
	switch round {
	case firstRound:
		l.ask(inkHeight, padding)
		if !second.reads(languages) && (t.charset == "" || !second.there()) {
			l.ask(secondInk, padding)
		}
	case secondRound, englishRound:
		if language := t.secondLanguage(l, round); language != "" {
			k := l.ask(tightInk, tightPadding)
			k.Second, k.Language, k.Alphabet = true, language, second.alphabet(language)
		}
	case lastRound:
		if !l.read.Settled() || t.field.Rules.Critical {
			t.lookAgain(l)
		}
	}
}

// lookAgain chooses the looks of the first reader at a line that is in doubt.
func (t *textTask) lookAgain(l *textLine) {
	once := l.read.Firsts() == 1 // a second reader was there, and may be no more
	if once {
		l.ask(secondInk, padding)
	}
	switch {
	case l.read.Language == "en":
	case (once || l.read.MayBeLatin()) && !l.read.SecondForeign():
		l.looks = append(l.looks, vote.Look{White: l.read.Looks[0].White, Language: "en"}) // in the first picture
	default:
		l.parts = l.read.Parts()
		for i := range l.parts {
			p := &l.parts[i]
			l.pictures = append(l.pictures, l.pictures[p.Picture].Part(p.Left, p.Right, padding/2))
			p.Picture = len(l.pictures) - 1
		}
	}
}

// secondLanguage returns the language in which the second reader is asked for l
// in a round, or nothing. What it has not read like the engine in the language
// of the form it is asked for in English, if that may be: what the engine sees
// as Latin may be anything that it cannot read.
func (t *textTask) secondLanguage(l *textLine, round int) string {
	second, languages := t.p.second, t.p.languages()
	if !second.there() {
		return ""
	}
	own, known := leading(languages), second.reads(languages)
	if round == secondRound {
		if known {
			return own
		}
		return ""
	}
	sameModel := second.alphabet(own) == second.alphabet("en")
	sure := l.read.Settled() && !t.field.Rules.Critical
	if latin := t.charset != "" || l.read.MayBeLatin(); !latin || known && (sameModel || sure) {
		return ""
	}
	return "en"
}

// ask adds a look in a picture with ink of a height and so much white around it.
func (l *textLine) ask(height, margin float64) *vote.Look {
	p := l.Picture(height, margin)
	l.pictures = append(l.pictures, p)
	l.looks = append(l.looks, vote.Look{Picture: len(l.pictures) - 1, White: vote.White{Columns: p.White(), Height: p.Height()}})
	return &l.looks[len(l.looks)-1]
}

// hear takes what was read in the looks of a round and returns the texts that
// are left over; nil texts mean that nothing could be read.
func (l *textLine) hear(texts []ocr.Text) []ocr.Text {
	looks, parts := l.looks, l.parts
	l.looks, l.parts = nil, nil
	if texts == nil {
		return nil
	}
	for i := range looks {
		looks[i].Text = texts[i]
	}
	texts = texts[len(looks):]
	for i := range parts {
		parts[i].Text = texts[i]
	}
	l.read = l.read.WithParts(parts...).With(looks...)
	return texts[len(parts):]
}

// place returns words where they stand on the page.
func (l *textLine) place(words []vote.Word, windowToPage geom.Homography) []form.Word {
	placed := make([]form.Word, len(words))
	for i, w := range words {
		out := form.Word{Text: w.Text, Confidence: w.Confidence}
		for _, s := range w.Symbols {
			out.Symbols = append(out.Symbols, form.Symbol{Text: s.Text, Confidence: s.Confidence})
		}
		var box geom.Box
		for _, piece := range w.Pieces {
			toPage := windowToPage.After(l.pictures[piece.Picture].ToWindow)
			out.Where = toPage.ApplyQuad(boxOf(piece.Word.Box).Quad())
			box = box.Union(out.Where.Bounds())
		}
		if len(w.Pieces) > 1 {
			out.Where = box.Quad()
		}
		placed[i] = out
	}
	return placed
}

func boxOf(r image.Rectangle) geom.Box {
	return geom.XYWH(float64(r.Min.X), float64(r.Min.Y), float64(r.Dx()), float64(r.Dy()))
}
