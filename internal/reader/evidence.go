package reader

import (
	"math"
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
	t.addScores(e)
	return e
}

// addScores adds what the engine itself thinks. The lowest score of a symbol
// counts by its odds: .99 is much surer than .98.
func (t *textTask) addScores(e confidence.Evidence) {
	lowest, mean, weak, rival, letters := 1.0, 0.0, 0.0, 0.0, 0.0
	var mixed bool
	for i := range t.lines {
		best := t.best(&t.lines[i])
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
	e["lowest"] = odds(lowest)
	e["mean"] = odds(mean)
	e["weak"] = weak / max(1, letters) * 4
	e["rival"] = rival
	e["mixed"] = truth(mixed)
}

// odds returns the log-odds of an engine's score, in units of the size of 1.
func odds(score float64) float64 { return logit(min(max(score, .02), .995)) / 2 }

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
