package reader

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/geom"
)

// evidence returns what speaks for and against a reading of words.
func (t *textTask) evidence(text string, agreement float64) confidence.Evidence {
	e := t.p.placeEvidence(t.field.Box)
	unit := t.window.unit()
	e["dust"] = min(math.Sqrt(float64(t.writing.dust))/unit/8, 3)
	if t.writing.area == 0 {
		e["red"] = truth(t.red)
		return e
	}
	e["cut"] = truth(t.writing.cut)
	e["soft"] = t.writing.soft
	e["pale"] = min(float64(255-int(t.writing.pen))/64, 3)
	e["tiny"] = max(0, math.Log2(30*unit/float64(max(1, t.writing.bounds.Dy()))))
	e["lang-"+t.languages()[0]] = 1
	if text == "" {
		e["unread"] = 1
		return e
	}
	e["disagree"] = 1 - agreement
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

// addScores adds what the engine itself thinks. The lowest score of a symbol
// counts by its odds: .99 is much surer than .98.
func (t *textTask) addScores(e confidence.Evidence) {
	lowest, mean, weak, rival, letters := 1.0, 0.0, 0.0, 0.0, 0.0
	var mixed bool
	word, second := 1.0, false
	for i := range t.lines {
		best := t.best(&t.lines[i])
		second = second || best.second
		word = min(word, leastWord(best.text))
		t.lines[i].addSecond(e, best)
		e["english"] = max(e["english"], truth(best.english))
		low, m := scores(best.text)
		lowest = min(lowest, low)
		mean += m / float64(len(t.lines))
		for _, w := range best.text.Words {
			for _, s := range w.Symbols {
				letters++
				weak += truth(s.Confidence < .9)
				for _, a := range s.Alternatives {
					rival = max(rival, a.Confidence)
				}
			}
		}
		share := foreignShare(best.text)
		mixed = mixed || share > 0 && share < .5
	}
	by := "" // the scores of the two readers are not alike; a line of the second one's is as good as all
	if second {
		by = "second-"
	}
	e[by+"lowest"] = odds(lowest)
	e[by+"mean"] = odds(mean)
	e[by+"word"] = odds(word)
	e[by+"weak"] = weak / max(1, letters) * 4
	e[by+"rival"] = rival
	e["mixed"] = truth(mixed)
}

// addSecond adds what the two readers think of each other. Where they agree,
// they are nearly never wrong. Of several lines, the worst counts.
func (l *line) addSecond(e confidence.Evidence, best *look) {
	seconds := l.secondLooks()
	if len(seconds) == 0 {
		return
	}
	k := seconds[0]
	for _, other := range seconds[1:] {
		if other.same(k) {
			e["second-twice"] = 1
		}
	}
	if i := slices.IndexFunc(seconds, func(k *look) bool { return k.same(best) }); i >= 0 {
		k = seconds[i]
	}
	e["asked-second"] = 1
	e["cased"] = max(e["cased"], truth(l.cased))
	e["blind"] = max(e["blind"], truth(!k.knows(squeezed(best.text))))
	first := l.firstBest()
	_, common := differences(symbolsOf(first.text), symbolsOf(seconds[0].text))
	e["apart"] = max(e["apart"], 1-float64(common)/float64(max(1, len(symbolsOf(first.text)), len(symbolsOf(seconds[0].text)))))
	e["fused"] = max(e["fused"], truth(l.fused != nil))
	switch {
	case best.second:
		e["chose-second"] = 1
		e["out-of-script"] = max(e["out-of-script"], truth(!stands(squeezed(k.text), l.language)))
		raise(e, "against-first", odds(leastWord(first.text)))
	case k.same(best):
		e["both"] = 1
		lower(e, "both-word", odds(leastWord(k.text)))
	default:
		e["against-second"] = 1
		raise(e, "against-word", odds(leastWord(k.text)))
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

// odds returns the log-odds of an engine's score, in units of the size of 1.
func odds(score float64) float64 { return logit(min(max(score, .02), .999)) / 2 }

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
	scale := p.templateToPage.ScaleAt(box.Center()) * p.dpi() / lowestDPI
	return confidence.Evidence{
		"residual": min(p.residualAt(box)*200/p.dpi(), 8) / 4,
		"coarse":   max(0, -math.Log2(scale)),
		"bilevel":  truth(p.lines != p.page),
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
