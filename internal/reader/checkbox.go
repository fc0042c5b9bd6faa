package reader

import (
	"cmp"
	"image"
	"math"
	"slices"

	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/mark"
	"github.com/seosik/seosik/internal/ocr"
)

// A checkboxTask reads a checkbox.
type checkboxTask struct {
	p     *placed
	field *form.Field
	box
}

// A box is what is known of a checkbox and of what lies around it.
type box struct {
	mark   mark.Mark
	around mark.Around
	odd    bool // what lies around it, or the end of another mark, says something else
}

// checkbox looks at a checkbox, and at all others of the page with the first.
func (p *placed) checkbox(f *form.Field) *checkboxTask {
	if p.marks == nil {
		p.marks = p.lookAtMarks()
	}
	return &checkboxTask{p: p, field: f, box: *p.marks[f.ID]}
}

// lookAtMarks looks at all checkboxes of the page.
func (p *placed) lookAtMarks() map[form.FieldID]*box {
	fields := p.checkboxes()
	found := map[form.FieldID]*box{}
	for i, m := range p.inBoxes(fields) {
		found[fields[i].ID] = &box{mark: m}
	}
	var lines [][]*box
	var over []float64 // of labels
	for _, line := range linesOf(fields) {
		var boxes []*box
		for i, a := range p.around(line, found[line[0].ID].mark.Blurred) {
			if p.Bilevel() { // strokes of print are thicker on a fax by more than a line through them adds
				a.Over, a.Struck = 0, 0
			}
			b := found[line[i].ID]
			b.around = a
			boxes = append(boxes, b)
			if a.Wide > 0 {
				over = append(over, a.Over)
			}
		}
		lines = append(lines, boxes)
	}
	slices.Sort(over)
	for _, line := range lines {
		usual := 0.0
		if len(over) > 0 {
			usual = over[len(over)/4] // of most labels, also where many are marked
		}
		decide(line, usual)
	}
	for _, id := range p.entry.marked { // what is print there, nobody knows
		found[id].mark.Probability = .5
	}
	for _, b := range found {
		if !b.mark.Checked && b.mark.Over >= leastOnPrint {
			b.mark.Probability = .5
		}
	}
	return found
}

// inBoxes looks into checkboxes. A mark may be as red as a seal: where the page
// with and without its red ink says different things, neither is sure.
func (p *placed) inBoxes(fields []*form.Field) []mark.Mark {
	marks := mark.Checkboxes(p.markCrops(p.Inked, fields))
	if p.Red() {
		for i, m := range mark.Checkboxes(p.markCrops(p.Page, fields)) {
			if m.Checked && !marks[i].Checked {
				marks[i].Probability = .5
			}
		}
	}
	return marks
}

// checkboxes returns the fields of p that are checkboxes.
func (p *placed) checkboxes() (fields []*form.Field) {
	for i := range p.entry.places {
		if f := &p.entry.places[i]; f.Kind == form.Checkbox {
			fields = append(fields, f)
		}
	}
	return fields
}

// markCrops returns the places of checkboxes on page, one of the pictures of p.
func (p *placed) markCrops(page *image.Gray, fields []*form.Field) []mark.Crop {
	crops := make([]mark.Crop, len(fields))
	for i, f := range fields {
		margin := max(f.Box.Width(), f.Box.Height()) / 2
		w := p.Window(page, f.Box, margin)
		crops[i] = mark.Crop{Filled: w.Filled, Blank: w.Blank, Box: w.Box}
		for _, other := range p.entry.places {
			if !other.Box.Intersect(f.Box.Grow(margin)).Empty() && other.Box.Intersect(f.Box.Grow(-1)).Empty() {
				crops[i].Others = append(crops[i].Others, w.Rect(other.Box))
			}
		}
	}
	return crops
}

// dense is how close checkboxes stand, in sides, if no label is between them.
const dense = .8

// linesOf returns the checkboxes that stand side by side, from left to right,
// with room for labels between them.
func linesOf(fields []*form.Field) (lines [][]*form.Field) {
	sorted := slices.SortedStableFunc(slices.Values(fields), func(a, b *form.Field) int { return cmp.Compare(a.Box.Min.X, b.Box.Min.X) })
	for _, f := range sorted {
		side := max(f.Box.Width(), f.Box.Height())
		k := slices.IndexFunc(lines, func(line []*form.Field) bool {
			last := line[len(line)-1]
			gap := f.Box.Min.X - last.Box.Max.X
			return math.Abs(f.Box.Center().Y-last.Box.Center().Y) < .4*side && gap > 0 && gap < farLabel*side && len(line) < longestLine
		})
		if k < 0 {
			lines = append(lines, []*form.Field{f})
			continue
		}
		lines[k] = append(lines[k], f)
	}
	return slices.DeleteFunc(lines, func(line []*form.Field) bool {
		for i := 1; i < len(line); i++ {
			if line[i].Box.Min.X-line[i-1].Box.Max.X < dense*line[i].Box.Width() {
				return true
			}
		}
		return false
	})
}

const (
	farLabel     = 16.0 // sides; a label is at most so wide
	longestLine  = 12   // checkboxes that are looked at together
	aroundLine   = .7   // sides above and below that a mark for a box may lie in
	leastBeside  = .05  // area of ink beside a box, in areas of the box, that may be a mark
	leastTail    = .02  // the same of the end of another's mark
	leastStruck  = .5   // share of a label that a line through it covers
	leastOver    = .06  // how much a mark on a label darkens it, as a share of its print
	leastOnPrint = .03  // area of ink on the print in a box
	leastInside  = .045 // area of ink in a box of which nobody would think that it came from outside
)

// decide decides as a person would which boxes of a line are marked, or doubts.
// Usual is how much labels of the page are darkened where nobody marks them.
func decide(line []*box, usual float64) {
	checked, beside := 0, 0
	for _, b := range line {
		b.around.Over = max(0, b.around.Over-usual)
		if b.mark.Checked {
			checked++
		} else if b.marked() {
			beside++
		}
	}
	for i, b := range line {
		through := b.struck()
		into := i > 0 && line[i-1].struck() || i+1 < len(line) && line[i+1].struck()
		switch {
		case !b.mark.Checked:
			b.odd = b.marked()
			b.mark.Checked = b.odd && checked == 0 && beside == 1
		case through, b.around.Tail >= leastTail, b.mark.Leaves && (b.mark.Inside < leastInside || into && b.mark.Inside < 3*leastInside):
			b.odd, b.mark.Checked = true, false
		}
		if b.odd {
			b.mark.Probability = .5
		}
	}
}

// marked reports whether there is a mark beside a box or on its label.
func (b *box) marked() bool { return b.around.Beside >= leastBeside || b.around.Over >= leastOver }

// struck reports whether the label of a box is crossed out.
func (b *box) struck() bool {
	return b.around.Over >= leastOver && b.around.Struck >= leastStruck
}

// around looks at what lies around the checkboxes of a line.
func (p *placed) around(line []*form.Field, blurred bool) []mark.Around {
	var all geom.Box
	for _, f := range line {
		all = all.Union(f.Box)
	}
	side := line[0].Box.Height()
	area := all.Grow(aroundLine * side)
	area.Min.X -= side
	area.Max.X = p.labelEnd(line[len(line)-1])
	w := p.Window(p.Inked, area.Intersect(geom.XYWH(0, 0, float64(p.Blank.Rect.Dx()), float64(p.Blank.Rect.Dy()))), 0)
	l := mark.Line{Filled: w.Filled, Blank: w.Blank, Blurred: blurred}
	for _, f := range line {
		l.Boxes = append(l.Boxes, w.Rect(f.Box))
	}
	for i := range p.entry.places {
		other := &p.entry.places[i]
		if !slices.Contains(line, other) && !other.Box.Intersect(area).Empty() {
			l.Others = append(l.Others, w.Rect(other.Box))
		}
	}
	return l.Around()
}

// labelEnd returns how far right what belongs to a checkbox may reach: to the
// next field.
func (p *placed) labelEnd(last *form.Field) float64 {
	side := last.Box.Height()
	end := last.Box.Max.X + farLabel/2*side
	for _, f := range p.entry.places {
		if f.Box.Min.X > last.Box.Max.X && f.Box.Min.Y < last.Box.Max.Y && f.Box.Max.Y > last.Box.Min.Y {
			end = min(end, f.Box.Min.X)
		}
	}
	return max(end, last.Box.Max.X+.5*side)
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
	switch {
	case t.odd:
		j.reasons = append(j.reasons, form.ReasonBeside)
	case t.mark.Probability < surely:
		j.reasons = append(j.reasons, form.ReasonFaint)
	}
	return j
}

func (t *checkboxTask) evidence() confidence.Evidence {
	e := t.p.placeEvidence(t.field.Box)
	e["logit"] = logit(t.mark.Probability)
	e["checked"] = truth(t.mark.Checked)
	e["beside"] = min(t.around.Beside/leastBeside, 3)
	e["tail"] = min(t.around.Tail/leastTail, 3)
	e["over"] = min(t.around.Over/leastOver, 3)
	e["struck"] = truth(t.struck())
	e["leaves"] = truth(t.mark.Leaves)
	e["odd"] = truth(t.odd)
	e["on-print"] = min(t.mark.Over/leastOnPrint, 3)
	return e
}

// logit returns the log-odds of p, within bounds.
func logit(p float64) float64 {
	p = min(max(p, 1e-4), 1-1e-4)
	return math.Log(p / (1 - p))
}
