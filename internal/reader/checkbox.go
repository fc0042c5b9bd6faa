package reader

import (
	"math"

	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/mark"
	"github.com/seosik/seosik/internal/ocr"
)

// A checkboxTask reads a checkbox.
type checkboxTask struct {
	p     *placed
	field *form.Field
	mark  mark.Mark
}

// checkbox looks at a checkbox. A mark may be as red as a seal: where the
// page with and without its red ink says different things, neither is sure.
func (p *placed) checkbox(f *form.Field) *checkboxTask {
	margin := max(f.Box.Width(), f.Box.Height()) / 2
	w := p.Window(p.Inked, f.Box, margin)
	t := &checkboxTask{p, f, mark.Checkbox(w.Filled, w.Blank, w.Box)}
	if p.Red() && !t.mark.Checked {
		w := p.Window(p.Page, f.Box, margin)
		if mark.Checkbox(w.Filled, w.Blank, w.Box).Checked {
			t.mark.Probability = .5
		}
	}
	return t
}

func (t *checkboxTask) crops(int) []ocr.Crop { return nil }

func (t *checkboxTask) hear(int, []ocr.Text) {}

// surely is the probability from which a mark counts as clear by itself.
const surely = .9

func (t *checkboxTask) reading() judged {
	r := form.Reading{
		Field:   t.field.ID,
		Checked: t.mark.Checked,
		Text:    t.field.UncheckedText,
		Where:   t.p.ToPage(t.field.Box).ApplyQuad(t.field.Box.Quad()),
	}
	if r.Checked {
		r.Text = t.field.CheckedText
	}
	j := judged{field: t.field, reading: r, kind: confidence.Checkbox, evidence: t.evidence()}
	if t.mark.Probability < surely {
		j.reasons = append(j.reasons, form.ReasonFaint)
	}
	return j
}

func (t *checkboxTask) evidence() confidence.Evidence {
	e := t.p.placeEvidence(t.field.Box)
	e["logit"] = logit(t.mark.Probability)
	e["checked"] = truth(t.mark.Checked)
	return e
}

// logit returns the log-odds of p, within bounds.
func logit(p float64) float64 {
	p = min(max(p, 1e-4), 1-1e-4)
	return math.Log(p / (1 - p))
}
