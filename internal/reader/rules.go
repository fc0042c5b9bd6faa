package reader

import (
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/mark"
	"github.com/seosik/seosik/internal/ocr"
)

// Rules choose among what was read, and never invent: where no reading keeps
// the rules of a field, one is put together that differs in characters for
// which a reader had another idea itself, if there is only one such. A reading
// that a rule has chosen says so in form.Reading.Ruled. That is no reason to
// doubt it, and none not to: the characters chosen have the low scores that the
// readers gave them, and the evidence "rule-chose" is there to weigh them by.

const (
	leastIdea = .02 // the score from which another idea of a reader counts
	unlikely  = .05 // that a text is right which breaks a rule, or was not read
)

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

// obey has the rules of the field choose what counts in it, and returns the
// rule that chose, or nothing. Fields of several lines have no one text to
// choose by.
func (t *textTask) obey() form.Reason {
	if len(t.lines) != 1 || t.field.Rules.IsZero() {
		return ""
	}
	l := &t.lines[0]
	surest, best := l.withComma(l.best()), t.best(l)
	l.chosen = best
	problems := t.field.Problems(t.textOf(l, best))
	if len(problems) == 0 && best != surest {
		return firstOf(t.field.Problems(t.textOf(l, surest)))
	}
	broken := told(problems)
	if broken == "" || l.mixed(best) {
		return ""
	}
	var chosen *look
	if broken == form.ReasonNotInList {
		chosen = t.fromList(l, best)
	} else {
		chosen = t.swapped(l, best)
	}
	if chosen == nil {
		return ""
	}
	l.chosen = chosen
	return broken
}

// mixed reports whether parts of best are taken from another look: its
// characters are then not those of the text.
func (l *line) mixed(best *look) bool {
	return slices.ContainsFunc(l.parts, func(p latin) bool { return p.of == best && p.surer() })
}

func firstOf(reasons []form.Reason) form.Reason {
	if len(reasons) == 0 {
		return ""
	}
	return reasons[0]
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
// value of its list that is nearest, or nil where that was not read.
func (t *textTask) fromList(l *line, best *look) *look {
	near := t.field.Allowed().Near(t.textOf(l, best), few, nearest)
	if len(near) == 0 || len(near) > 1 && near[1].Distance == near[0].Distance {
		return nil
	}
	ideas := l.ideas(best)
	chosen := t.kept(l, best, spelled(ideas, form.Plain(near[0].Value)))
	for _, other := range near[1:] {
		if spelled(ideas, form.Plain(other.Value)) != nil {
			return nil
		}
	}
	return chosen
}

// swapped returns best with one character changed so that it keeps all rules,
// if there is one way to do that.
func (t *textTask) swapped(l *line, best *look) *look {
	ideas := l.ideas(best)
	own := make([]ocr.Alternative, len(ideas))
	for i := range ideas {
		own[i] = ideas[i][0]
	}
	var chosen *look
	text := ""
	for i, others := range ideas {
		for _, idea := range others[1:] {
			symbols := slices.Clone(own)
			symbols[i] = idea
			k := t.kept(l, best, symbols)
			if k == nil {
				continue
			}
			switch made := t.textOf(l, k); {
			case chosen == nil:
				chosen, text = k, made
			case made != text:
				return nil
			}
		}
	}
	return chosen
}

// kept returns best with symbols in the place of its own, or nil where there
// are none, or they break a rule of the field.
func (t *textTask) kept(l *line, best *look, symbols []ocr.Alternative) *look {
	if symbols == nil {
		return nil
	}
	k := *best
	k.round = rounds // it is asked for in none
	k.text = ocr.Text{Words: slices.Clone(best.text.Words)}
	for i := range k.text.Words {
		w := &k.text.Words[i]
		w.Symbols = slices.Clone(w.Symbols)
		var b strings.Builder
		for n := range w.Symbols {
			s := &w.Symbols[n]
			if s.Text != symbols[0].Text {
				s.Text, s.Confidence = symbols[0].Text, symbols[0].Confidence
				w.Confidence = min(w.Confidence, s.Confidence)
			}
			symbols = symbols[1:]
			b.WriteString(s.Text)
		}
		w.Text = b.String()
	}
	if len(t.field.Problems(t.textOf(l, &k))) > 0 {
		return nil
	}
	return &k
}

// ideas returns what each character of best may be: first what it was read as,
// then the other ideas that the reader had, and those of other looks that have
// as many characters.
func (l *line) ideas(best *look) [][]ocr.Alternative {
	own := symbolsOf(best.text)
	ideas := make([][]ocr.Alternative, len(own))
	for i, s := range own {
		ideas[i] = []ocr.Alternative{{Text: s.Text, Confidence: s.Confidence}}
	}
	add := func(i int, text string, score float64) {
		known := func(a ocr.Alternative) bool { return a.Text == text }
		if text != "" && score >= leastIdea && !slices.ContainsFunc(ideas[i], known) {
			ideas[i] = append(ideas[i], ocr.Alternative{Text: text, Confidence: score})
		}
	}
	for i, s := range own {
		for _, a := range s.Alternatives {
			add(i, a.Text, a.Confidence)
		}
	}
	for n := range l.looks {
		others := symbolsOf(l.looks[n].text)
		if len(others) != len(own) {
			continue
		}
		for i, s := range others {
			// Another look's score says how sure that one is; of what counts
			// here the readers were surer.
			add(i, s.Text, min(s.Confidence, 1-own[i].Confidence))
			for _, a := range s.Alternatives {
				add(i, a.Text, min(a.Confidence, 1-own[i].Confidence))
			}
		}
	}
	return ideas
}

func symbolsOf(text ocr.Text) []ocr.Symbol {
	var symbols []ocr.Symbol
	for _, w := range text.Words {
		symbols = append(symbols, w.Symbols...)
	}
	return symbols
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

// obey has the rules of the field choose between the two best ideas for one of
// its boxes, where the best ideas together break a rule and there is only one
// such box. It returns the rule, or nothing, and what was read without it.
func (t *rowTask) obey() (rule form.Reason, otherwise string) {
	if t.field.Rules.IsZero() {
		return "", ""
	}
	texts := make([]string, len(t.cells))
	for i := range t.cells {
		texts[i], _ = t.cell(i)
	}
	read := strings.Join(texts, "")
	broken := told(t.field.Problems(read))
	if broken == "" {
		return "", ""
	}
	box, found := -1, byte(0)
	for i := range t.cells {
		c, ok := t.secondIdea(i)
		if !ok {
			continue
		}
		other := slices.Clone(texts)
		other[i] = string(rune(c))
		if len(t.field.Problems(strings.Join(other, ""))) > 0 {
			continue
		}
		if box >= 0 {
			return "", "" // it may be either
		}
		box, found = i, c
	}
	if box < 0 {
		return "", ""
	}
	t.chosen = map[int]byte{box: found}
	return broken, read
}

// secondIdea returns the second likeliest character of a box that takes no
// others, if it is likely at all.
func (t *rowTask) secondIdea(i int) (byte, bool) {
	if t.cells[i].Blank || slices.Contains(t.asked, i) {
		return 0, false
	}
	first, _ := t.best(i)
	c, probability := t.symbols[i].Among(strings.ReplaceAll(t.alphabet(), string(rune(first)), ""))
	return c, probability >= leastIdea
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
