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
	gap      bool          // a box of a number seems empty, and those beside it are not

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

// A limit is how sure a reading is at most, whatever its evidence says, and why.
type limit struct {
	most   float64
	why    form.Reason
	always bool // the reading is doubtful even where less is asked for
}

// limits returns those of j: what nobody can know makes no reading sure.
func (j *judged) limits(p *placed) (limits []limit) {
	if j.lost {
		limits = append(limits, limit{most: lostBlank, why: form.ReasonBlurred})
	}
	if j.gap {
		limits = append(limits, limit{most: lostBlank, why: form.ReasonUnsure})
	}
	if j.atLeast == 0 && slip(j.reading.Text) { // else the file itself tells it
		limits = append(limits, limit{most: slipped, why: form.ReasonUnsure})
	}
	if unseen := p.unseen(j.field); unseen > unseenFrom || p.veiled(j.field.Box) {
		limits = append(limits, limit{most: (1 - unseen) / 2, why: form.ReasonNotSeen, always: true})
	}
	most, doubtful := j.reach.most(j.reading.Text == "")
	if doubtful {
		limits = append(limits, limit{most: most, why: form.ReasonBorder})
	}
	if j.crossed {
		limits = append(limits, limit{most: leftBox, why: form.ReasonBorder})
	}
	return limits
}

// judge says how sure a reading is, and why it is doubtful.
func (r *Reader) judge(p *placed, j judged) form.Reading {
	if r.cfg.Observe != nil && j.atLeast == 0 && j.atMost == 0 { // else the evidence does not count
		r.cfg.Observe(p.number, j.field.ID, j.kind, j.evidence)
	}
	v := j.reading
	v.Engine = r.engines()
	v.Confidence = r.cfg.Model.Probability(j.kind, j.evidence)
	v.Confidence = min(max(v.Confidence, j.atLeast), cmp.Or(j.atMost, 1))
	for _, l := range j.limits(p) {
		v.Confidence = min(v.Confidence, l.most)
		if l.always {
			j.reasons = append(j.reasons, l.why)
		} else {
			j.hints = append(j.hints, l.why)
		}
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
	if reason := j.field.Review.Reason(); reason != "" {
		add(reason)
	}
	return v
}
