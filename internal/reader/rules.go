package reader

import (
	"container/heap"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/mark"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader/vote"
)

// Rules choose among what was read, and never invent: where no reading keeps
// the rules of a field, one is put together that differs in characters for
// which a reader had another idea itself, if there is only one such. A reading
// that a rule has chosen says so in form.Reading.Ruled. That is no reason to
// doubt it, and none not to: the characters chosen have the low scores that the
// readers gave them, and the evidence "rule-chose" is there to weigh them by.

// unlikely is how likely it is that a text is right which breaks a rule, or was
// not read.
const unlikely = .05

// telling are the problems that show that a character was misread, so that
// another idea of a reader is worth trying.
var telling = []form.Reason{
	form.ReasonNotInList, form.ReasonCheckDigit, form.ReasonNoSuchDay, form.ReasonNotDate, form.ReasonTooEarly, form.ReasonTooLate, form.ReasonNotAmount,
}

// told returns the first of the problems by which a rule can choose, or
// nothing.
func told(problems []form.Reason) form.Reason {
	for _, p := range problems {
		if slices.Contains(telling, p) {
			return p
		}
	}
	return ""
}

// choose sets what counts in a line, and returns the rule of the field that
// chose it, or nothing. Fields of several lines have no one text to choose by.
func (t *textTask) choose(l *textLine) (rule form.Reason) {
	best := l.read.Best()
	if fused, ok := l.read.Fused(); ok {
		best, l.fused = fused, true
	}
	l.counts = l.read.WithComma(best)
	if len(t.lines) == 1 {
		l.counts, rule = t.obey(l, l.counts)
	}
	l.opinion = l.read.Opinion(l.counts)
	return rule
}

// obey has the rules of the field choose what counts in its only line, in which
// surest was read, and returns the rule that chose, or nothing.
func (t *textTask) obey(l *textLine, surest vote.Look) (counts vote.Look, rule form.Reason) {
	problems := t.field.Problems(t.textOf(l, surest))
	if len(problems) == 0 {
		return surest, ""
	}
	ruled := !t.field.Rules.IsZero() // or else it is the type of its values
	if other, ok := t.keeping(l); ok {
		if ruled {
			rule = problems[0]
		}
		return other, rule
	}
	broken := told(problems)
	if !ruled || broken == "" || surest.Mixed() {
		return surest, ""
	}
	choose := t.swapped
	if broken == form.ReasonNotInList {
		choose = t.fromList
	}
	if counts, ok := choose(l, surest); ok {
		return counts, broken
	}
	return surest, ""
}

// keeping returns the surest of the looks that keep the rules of the field, if
// there is one.
func (t *textTask) keeping(l *textLine) (kept vote.Look, ok bool) {
	highest := 0.0
	for _, k := range l.read.Looks {
		if _, score := k.Scores(); score > highest && len(t.field.Problems(t.textOf(l, k))) == 0 {
			kept, highest, ok = k, score, true
		}
	}
	return kept, ok
}

// nearest is how many values of a list are looked at that a text may be meant
// to be; nearestShown, how many a clerk may choose from.
const (
	nearest      = 50
	nearestShown = 3
	// In how many characters one may differ. Of what a clerk looks at, more may.
	few      = 4
	fewShown = 2
)

// fromList returns best with those characters changed that make it the only
// value of its list that is nearest, if that was read.
func (t *textTask) fromList(l *textLine, best vote.Look) (vote.Look, bool) {
	near := t.field.Allowed().Near(t.textOf(l, best), few, nearest)
	if len(near) == 0 || len(near) > 1 && near[1].Distance == near[0].Distance {
		return vote.Look{}, false
	}
	ideas := l.read.Ideas(best)
	for _, other := range near[1:] {
		if spelled(ideas, form.Plain(other.Value)) != nil {
			return vote.Look{}, false
		}
	}
	symbols := spelled(ideas, form.Plain(near[0].Value))
	if symbols == nil {
		return vote.Look{}, false
	}
	chosen := best.Spelled(symbols)
	return chosen, len(t.field.Problems(t.textOf(l, chosen))) == 0
}

// swapped returns best with one character changed so that it keeps all rules,
// if there is one way to do that.
func (t *textTask) swapped(l *textLine, best vote.Look) (chosen vote.Look, ok bool) {
	ideas := l.read.Ideas(best)
	own := make([]ocr.Alternative, len(ideas))
	for i := range ideas {
		own[i] = ideas[i][0]
	}
	text := ""
	for i, others := range ideas {
		for _, idea := range others[1:] {
			symbols := slices.Clone(own)
			symbols[i] = idea
			k := best.Spelled(symbols)
			switch made := t.textOf(l, k); {
			case len(t.field.Problems(made)) > 0:
			case !ok:
				chosen, text, ok = k, made, true
			case made != text:
				return vote.Look{}, false
			}
		}
	}
	return chosen, ok
}

// spelled returns one idea for each character that together are value, or nil
// where there is no such way. The first idea goes before others.
func spelled(ideas [][]ocr.Alternative, value string) []ocr.Alternative {
	type state struct{ character, at int }
	dead := make(map[state]bool)
	chosen := make([]ocr.Alternative, len(ideas))
	var from func(i, at int) bool
	from = func(i, at int) bool {
		if i == len(ideas) {
			return at == len(value)
		}
		if dead[state{i, at}] {
			return false
		}
		for _, idea := range ideas[i] {
			text := form.Plain(idea.Text)
			if strings.HasPrefix(value[at:], text) && from(i+1, at+len(text)) {
				chosen[i] = idea
				return true
			}
		}
		dead[state{i, at}] = true
		return false
	}
	if !from(0, 0) {
		return nil
	}
	return chosen
}

// suggested returns the values of the field's list that are nearest to text,
// for a clerk to choose from. They were not read. On the development forms,
// with lists of the values that stand there and of as many that differ from
// those in one character, the right value is the first in 0.7 of the fields
// that are in no list as read; and of what rules chose, all was right.
func (t *textTask) suggested(text string) []form.Alternative {
	if !slices.Contains(t.field.Problems(text), form.ReasonNotInList) {
		return nil
	}
	var list []form.Alternative
	near := t.field.Allowed().Near(text, fewShown, nearestShown)
	for _, n := range near {
		if n.Distance == near[0].Distance {
			list = append(list, form.Alternative{Text: n.Value, Confidence: unlikely})
		}
	}
	return list
}

// obey has the rules of the field choose among what may be in its boxes, where
// the best ideas together break a rule. A pattern is kept by the likeliest ideas
// that keep it. A check digit or a day, which one text in some keeps by chance,
// chooses only where there is one box in which another idea keeps it. It returns
// the rule, or nothing, and what was read without it.
func (t *rowTask) obey() (rule form.Reason, otherwise string) {
	if t.field.Rules.IsZero() {
		return "", ""
	}
	texts := make([]string, len(t.cells))
	for i := range t.cells {
		texts[i], _ = t.cell(i)
	}
	read := strings.Join(texts, "")
	problems := t.field.Problems(read)
	choose := t.oneOther
	if rule = told(problems); slices.Contains(problems, form.ReasonPattern) {
		rule, choose = form.ReasonPattern, t.likeliest
	}
	if rule == "" || !choose(texts) {
		return "", ""
	}
	return rule, read
}

// keeps reports whether the rules of the field are kept by texts, one a box.
func (t *rowTask) keeps(texts []string) bool {
	return len(t.field.Problems(strings.Join(texts, ""))) == 0
}

// oneOther chooses another idea in the only box in which one keeps the rules,
// and reports whether there is such a box. Texts are the best ideas.
func (t *rowTask) oneOther(texts []string) bool {
	box, found := -1, mark.Guess{}
	for i := range t.cells {
		guesses := t.guesses(i)
		if len(guesses) < 2 || slices.Contains(t.asked, i) {
			continue
		}
		other := slices.Clone(texts)
		other[i] = string(rune(guesses[1].Character))
		switch {
		case !t.keeps(other):
		case box >= 0:
			return false // it may be either
		default:
			box, found = i, guesses[1]
		}
	}
	if box < 0 {
		return false
	}
	t.chosen = map[int]mark.Guess{box: found}
	return true
}

const (
	// mostTried is how many texts are tried before a pattern is given up.
	mostTried = 2000
	// brokenOnPaper is how likely it is that a pattern is not kept on paper.
	brokenOnPaper = .05
)

// likeliest chooses the likeliest ideas that together keep the rules, and
// reports whether there are any. Texts are the best ideas. They are tried in the
// order of their probability (Lawler, "A procedure for computing the K best
// solutions", Management Science 18, 1972).
func (t *rowTask) likeliest(texts []string) bool {
	ideas := make([][]mark.Guess, len(t.cells)) // none where nothing else is possible
	for i := range t.cells {
		ideas[i] = t.guesses(i)
	}
	spelled := func(which []int) []string {
		other := slices.Clone(texts)
		for i, n := range which {
			if n > 0 {
				other[i] = string(rune(ideas[i][n].Character))
			}
		}
		return other
	}
	queue := tries{{which: make([]int, len(ideas)), probability: 1}}
	for range mostTried {
		if len(queue) == 0 {
			break
		}
		next := heap.Pop(&queue).(try)
		if t.keeps(spelled(next.which)) {
			t.chosen = map[int]mark.Guess{}
			for i, n := range next.which {
				if n > 0 {
					t.chosen[i] = mark.Guess{Character: ideas[i][n].Character, Probability: t.sureOf(i, n, ideas[i], spelled(next.which))}
				}
			}
			return true
		}
		for i := next.from; i < len(ideas); i++ {
			if n := next.which[i] + 1; n < len(ideas[i]) {
				which := slices.Clone(next.which)
				which[i] = n
				heap.Push(&queue, try{which, i, next.probability * ideas[i][n].Probability / ideas[i][n-1].Probability})
			}
		}
	}
	return false
}

// sureOf returns how likely idea n of box i is, among those that keep the rules
// beside what was chosen in the other boxes.
func (t *rowTask) sureOf(i, n int, ideas []mark.Guess, texts []string) float64 {
	kept, broken := 0.0, 0.0
	for _, idea := range ideas {
		texts[i] = string(rune(idea.Character))
		if t.keeps(texts) {
			kept += idea.Probability
		} else {
			broken += idea.Probability
		}
	}
	return ideas[n].Probability / (kept + float64(brokenOnPaper*broken))
}

// A try is a choice of ideas, one a box, that has not been looked at yet.
type try struct {
	which       []int // number of the idea
	from        int   // the first box in which other ideas follow from it
	probability float64
}

// tries is a heap, the likeliest first.
type tries []try

func (q tries) Len() int      { return len(q) }
func (q tries) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *tries) Push(x any)   { *q = append(*q, x.(try)) }

func (q tries) Less(i, j int) bool {
	if q[i].probability != q[j].probability {
		return q[i].probability > q[j].probability
	}
	return slices.Compare(q[i].which, q[j].which) < 0
}

func (q *tries) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// guesses returns what box i may hold, first what it was read as: of a box that
// the engine was asked for, a character that stands for that. There are none
// for an empty box.
func (t *rowTask) guesses(i int) []mark.Guess {
	if t.cells[i].Blank {
		return nil
	}
	own := t.symbols[i].Guesses(t.alphabet(), vote.LeastIdea)
	if slices.Contains(t.asked, i) {
		return append([]mark.Guess{{Probability: t.symbols[i].Other()}}, own...)
	}
	return own
}

func (t *rowTask) alphabet() string {
	if t.field.ValueType == form.Numeric {
		return mark.Digits
	}
	return mark.Alphabet
}

// weighRules adds what the rules of a field say of its reading: for each kind
// of rule that can be told, that it is kept or broken, and for all of those
// that are seldom kept by chance, the same together.
func (j *judged) weighRules() {
	if j.reading.Ruled != "" {
		j.evidence["rule-chose"] = 1
	}
	f, text := j.field, j.reading.Text
	if f.Kind == form.Checkbox || strings.TrimSpace(text) == "" || f.Rules.IsZero() {
		return
	}
	problems := f.Problems(text)
	weigh := func(kind string, strong, kept bool, reasons ...form.Reason) {
		broken := slices.ContainsFunc(reasons, func(r form.Reason) bool { return slices.Contains(problems, r) })
		j.kept(kind, strong, broken, kept && !broken)
	}
	r := &f.Rules
	if r.Pattern != "" {
		weigh("pattern", false, true, form.ReasonPattern)
	}
	if f.Allowed() != nil {
		weigh("list", true, true, form.ReasonNotInList)
	}
	if r.Min != nil || r.Max != nil {
		weigh("range", false, true, form.ReasonNotAmount, form.ReasonTooSmall, form.ReasonTooLarge)
	}
	if r.Date || r.NotBefore != "" || r.NotAfter != "" {
		weigh("day", true, true, form.ReasonNotDate, form.ReasonNoSuchDay, form.ReasonTooEarly, form.ReasonTooLate)
	}
	if r.Check != "" {
		weigh("check", true, r.Check.Fits(text), form.ReasonCheckLength, form.ReasonCheckDigit, form.ReasonNoSuchDay)
	}
}

// kept adds that rules of a kind are broken or kept.
func (j *judged) kept(kind string, strong, broken, kept bool) {
	for word, is := range map[string]bool{"broken": broken, "kept": kept} {
		if !is {
			continue
		}
		j.evidence[word+"-"+kind] = 1
		if strong {
			j.evidence["rule-"+word] = 1
		}
	}
}

// weighRules adds what rules say of the readings of all fields, and returns the
// rules across fields. What is read besides, the title, comes last.
func (p *placed) weighRules(js []judged) []form.Verified {
	for i := range js {
		js[i].weighRules()
	}
	values := make([]form.Value, len(p.entry.places))
	at := make(map[form.FieldID]int, len(values))
	for i, f := range p.entry.places {
		values[i] = form.Value{Field: f, Reading: js[i].reading}
		at[f.ID] = i
	}
	vs := p.entry.template.Across(values)
	for _, v := range vs {
		fields := v.Fields
		if !v.Kept {
			fields = nil
			for _, n := range v.Problems {
				fields = append(fields, n.Field)
			}
		}
		for _, id := range fields {
			j := &js[at[id]]
			switch {
			case v.Reason == form.ReasonSum, v.Reason == form.ReasonNotAmount:
				j.kept("sum", true, !v.Kept, v.Kept)
			case v.Kept:
				j.evidence["group-kept"] = 1
			default:
				j.evidence["group-broken"] = 1
			}
		}
	}
	return vs
}

// nearlyCertain is the confidence from which a reading is not doubted because
// a sum does not fit: it is another one's mistake.
const nearlyCertain = .998

// accuse makes readings doubtful that break rules across fields. Of those that
// a sum is made of, all do only where none is less than nearly certain.
func accuse(vs []form.Verified, readings []form.Reading) {
	at := make(map[form.FieldID]*form.Reading, len(readings))
	for i := range readings {
		at[readings[i].Field] = &readings[i]
	}
	for _, v := range vs {
		all := !slices.ContainsFunc(v.Problems, func(n form.FieldNote) bool { return at[n.Field].Confidence < nearlyCertain })
		for _, n := range v.Problems {
			r := at[n.Field]
			if v.Reason == form.ReasonSum && !all && r.Confidence >= nearlyCertain {
				continue
			}
			if !slices.Contains(r.Reasons, v.Reason) {
				r.Reasons = append(r.Reasons, v.Reason)
			}
		}
	}
}
