package reader

import (
	"math"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/reader/vote"
)

// evidence returns what speaks for and against a reading of words.
func (t *textTask) evidence(text string) confidence.Evidence {
	e := t.p.placeEvidence(t.field.Box)
	e["dust"] = min(math.Sqrt(float64(t.writing.Dust))/t.unit/8, 3)
	if t.writing.Area == 0 {
		e["red"] = truth(t.red)
		return e
	}
	e["cut"] = truth(t.writing.Cut)
	e["soft"] = t.writing.Soft
	e["on-print"] = t.writing.Print
	e["pale"] = min(float64(255-int(t.writing.Pen))/64, 3)
	e["tiny"] = max(0, math.Log2(30*t.unit/float64(max(1, t.writing.Bounds.Dy()))))
	e["lang-"+t.p.languages()[0]] = 1
	if text == "" {
		e["unread"] = 1
		return e
	}
	e["disagree"] = 1 - t.agreement()
	e["length"] = math.Log2(float64(utf8.RuneCountInString(text)))
	e["figures"] = truth(!strings.ContainsFunc(text, unicode.IsLetter))
	e["lines"] = float64(len(t.lines) - 1)
	e["alone"] = truth(utf8.RuneCountInString(text) == 1)
	e["point"] = truth(pointBeforeThree.MatchString(text))
	e["figure-apart"] = truth(figureApart.MatchString(text))
	e["marks"] = min(float64(len(rareMarks.FindAllString(text, -1))), 3)
	t.addScores(e)
	return e
}

// agreement returns that of the line on which the first reader's looks agree
// least.
func (t *textTask) agreement() float64 {
	least := 1.0
	for i := range t.lines {
		least = min(least, t.lines[i].opinion.Agreement)
	}
	return least
}

// addScores adds what the engine itself thinks. The lowest score of a symbol
// counts by its odds: .99 is much surer than .98.
func (t *textTask) addScores(e confidence.Evidence) {
	lowest, mean, weak, rival, letters := 1.0, 0.0, 0.0, 0.0, 0.0
	var mixed bool
	word, second := 1.0, false
	for i := range t.lines {
		counts := t.lines[i].counts
		second = second || counts.Second
		word = min(word, counts.LeastWord())
		t.lines[i].addSecond(e)
		e["english"] = max(e["english"], truth(counts.English()))
		low, m := counts.Scores()
		lowest = min(lowest, low)
		mean += m / float64(len(t.lines))
		for _, w := range counts.Text.Words {
			for _, s := range w.Symbols {
				letters++
				weak += truth(s.Confidence < .9)
				for _, a := range s.Alternatives {
					rival = max(rival, a.Confidence)
				}
			}
		}
		share := counts.ForeignShare()
		mixed = mixed || share > 0 && share < .5
	}
	by := "" // the scores of the two readers are not alike; a line of the second one's is as good as all
	if second {
		by = "second-"
	}
	e[by+"lowest"] = vote.Odds(lowest)
	e[by+"mean"] = vote.Odds(mean)
	e[by+"word"] = vote.Odds(word)
	e[by+"weak"] = weak / max(1, letters) * 4
	e[by+"rival"] = rival
	e["mixed"] = truth(mixed)
}

// addSecond adds what the two readers think of each other. Where they agree,
// they are nearly never wrong. Of several lines, the worst counts.
func (l *textLine) addSecond(e confidence.Evidence) {
	o := &l.opinion
	if o.Side == vote.Alone {
		return
	}
	if o.Twice {
		e["second-twice"] = 1
	}
	e["asked-second"] = 1
	e["cased"] = max(e["cased"], truth(o.Cased))
	e["capitals"] = max(e["capitals"], truth(o.Capitals))
	e["blind"] = max(e["blind"], truth(o.Blind))
	e["apart"] = max(e["apart"], o.Apart)
	e["fused"] = max(e["fused"], truth(l.fused))
	switch o.Side {
	case vote.Second:
		e["chose-second"] = 1
		e["out-of-script"] = max(e["out-of-script"], truth(o.OutOfScript))
		raise(e, "against-first", o.Other)
	case vote.Both:
		e["both"] = 1
		lower(e, "both-word", o.Other)
	default:
		e["against-second"] = 1
		raise(e, "against-word", o.Other)
	}
}

// lower and raise put a value into e where there is none, or one that is not so
// low or so high.
func lower(e confidence.Evidence, name string, value float64) {
	if known, ok := e[name]; !ok || value < known {
		e[name] = value
	}
}

func raise(e confidence.Evidence, name string, value float64) {
	if known, ok := e[name]; !ok || value > known {
		e[name] = value
	}
}

// addPage adds to what is known about each reading how well the other lines of
// the page are read: all are in one hand or typeface, and came through one
// scanner or fax.
func addPage(found []judged) {
	lines, settled, sure := 0.0, 0.0, 0.0
	of := func(j *judged) (line, both, mean float64) {
		e := j.evidence
		if e["asked-second"] == 0 { // no text, or one reader's alone
			return 0, 0, 0
		}
		return 1, e["both"], max(e["mean"], e["second-mean"])
	}
	for i := range found {
		n, b, m := of(&found[i])
		lines, settled, sure = lines+n, settled+b, sure+m
	}
	for i := range found {
		j := &found[i]
		n, b, m := of(j)
		// As if there were one more line, of the usual kind.
		j.evidence["page-both"] = (settled - b + usuallyBoth) / (lines - n + 1)
		j.evidence["page-mean"] = (sure - m + usualMean) / (lines - n + 1)
		j.lost = j.kind == confidence.Blank && j.evidence["dust"] > 0 && j.evidence["page-both"] < unreadable
	}
}

// What most lines of most pages have.
const (
	usuallyBoth = .8
	usualMean   = 2.3
)

// unreadable is the share of the lines of a page that both readers read alike
// below which strokes have been lost, as on a fax of hairline print: what looks
// empty but for specks may then be what is left of writing. Drawn pages have too
// few such fields to fit how often.
const unreadable = .15

var (
	// pointBeforeThree is a figure whose point may be a comma.
	pointBeforeThree = regexp.MustCompile(`(^|[^0-9.])[0-9]{1,3}\.[0-9]{3}($|[^0-9])`)
	// figureApart is a figure with a space where a comma or a point may be.
	figureApart = regexp.MustCompile(`[0-9] [0-9]{3}($|[^0-9])`)
	// rareMarks are signs that are seldom written, and often read in specks.
	rareMarks = regexp.MustCompile("[|'`^~*_\"\\\\{}<>=;]")
)

// placeEvidence returns what is known about a place on the page before it is
// looked at.
func (p *placed) placeEvidence(box geom.Box) confidence.Evidence {
	scale := p.DPIAt(box) / 200
	return confidence.Evidence{
		"residual": min(p.residualAt(box)*200/p.DPI(), 8) / 4,
		"coarse":   max(0, -math.Log2(scale)),
		"bilevel":  truth(p.Bilevel()),
		"blurred":  min(p.look.Blur, 5),
		"noisy":    8 * min(p.look.Noise, .5),
		"faint":    min(p.look.Faint, 4),
		"tinted":   4 * p.look.Tint,
		"lost":     2 * p.lost(box),
		"striped":  min(p.Striped(box)/4, 4),
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
