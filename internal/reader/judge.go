package reader

import (
	"cmp"
	"slices"

	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/form"
)

// A judged is a reading with all that is known for and against it.
type judged struct {
	field    *form.Field
	reading  form.Reading
	kind     confidence.Kind
	evidence confidence.Evidence
	reasons  []form.Reason // that make it doubtful whatever its confidence is
	hints    []form.Reason // that explain why it is not surer
	reach    reach         // of its field
	crossed  bool          // print runs through it
	lost     bool          // it seems empty, on a page of which strokes are lost

	told            fileText // what the file itself tells
	settled         bool     // both readers have read the same, in every line
	atLeast, atMost float64  // how sure it is whatever the evidence says; atMost 0 for 1
}

// misplaced is how far print may lie from where it should, in px at 200 dpi,
// before what is read there may be the neighbour's.
const misplaced = 8

// lostBlank is how sure it is at most that a field is empty on a page of which
// strokes are lost.
const lostBlank = .5

// judge says how sure a reading is, and why it is doubtful.
func (r *Reader) judge(p *placed, j judged) form.Reading {
	if r.cfg.Observe != nil && j.atLeast == 0 && j.atMost == 0 { // else the evidence does not count
		r.cfg.Observe(p.number, j.field.ID, j.kind, j.evidence)
	}
	v := j.reading
	v.Engine = r.engines()
	v.Confidence = r.cfg.Model.Probability(j.kind, j.evidence)
	v.Confidence = min(max(v.Confidence, j.atLeast), cmp.Or(j.atMost, 1))
	if j.lost {
		v.Confidence = min(v.Confidence, lostBlank)
		j.hints = append(j.hints, form.ReasonBlurred)
	}
	if unseen := p.unseen(j.field); unseen > unseenFrom || p.veiled(j.field.Box) {
		v.Confidence = min(v.Confidence, (1-unseen)/2)
		j.reasons = append(j.reasons, form.ReasonNotSeen)
	}
	if most, doubtful := j.reach.most(v.Text == ""); doubtful || j.crossed {
		v.Confidence = min(v.Confidence, most, leftBox)
		j.hints = append(j.hints, form.ReasonBorder)
	}
	for i, a := range v.Alternatives { // what is left is for all of them
		v.Alternatives[i].Confidence = min(a.Confidence, 1-v.Confidence)
	}
	v.Reasons = j.reasons
	add := func(reasons ...form.Reason) {
		for _, reason := range reasons {
			if !slices.Contains(v.Reasons, reason) {
				v.Reasons = append(v.Reasons, reason)
			}
		}
	}
	add(j.field.Problems(v.Text)...)
	if p.residualAt(j.field.Box) > misplaced*p.DPI()/200 {
		add(form.ReasonMisplaced)
	}
	if v.Confidence < cmp.Or(j.field.Confidence, r.cfg.Doubt) {
		add(j.hints...)
		if len(v.Reasons) == 0 {
			add(form.ReasonUnsure)
		}
	}
	if j.field.Review == form.ReviewPerson {
		add(form.ReasonPerson)
	}
	return v
}
