package form

import (
	"slices"
	"time"
	"unicode"
)

// A Probe is a value of which the machine is sure, shown to a person with one
// character altered, or a checkbox the other way round, and as if it were in doubt,
// to see whether people see that. It is no value: nothing but the page of that person
// shows it.
type Probe struct {
	Page    PageID
	Run     int // of the page
	Field   FieldID
	Shown   string
	Outcome ProbeOutcome
}

// A ProbeOutcome is what a person made of a probe.
type ProbeOutcome string

// The outcomes. Whether what the machine read is right, and so whether the probe
// was wrong, is known only by what the person says in the end.
const (
	ProbeOpen   ProbeOutcome = "open"   // nothing yet
	ProbeTold   ProbeOutcome = "told"   // took it for right, was told, and has still to say what is
	ProbeMissed ProbeOutcome = "missed" // took it for right, and said then what the machine had read
	ProbeCaught ProbeOutcome = "caught" // said what the machine had read
	ProbeVoid   ProbeOutcome = "void"   // said something else, so that nobody knows
)

// Answer returns what comes of p when a person says that v, with its true
// reading, holds something; knows says whether that person had been told by then.
// Who said it before and has not seen the answer is told once more.
func (p *Probe) Answer(v *Value, said Held, mark Mark, knows bool) ProbeOutcome {
	right := mark == "" && v.Field.Same(said, v.Reading.Held())
	shown := mark == "" && v.Field.Same(said, v.Field.probed(p.Shown))
	switch {
	case p.Outcome == ProbeTold && right:
		return ProbeMissed
	case p.Outcome == ProbeTold && (knows || !shown):
		return ProbeVoid
	case right:
		return ProbeCaught
	case shown:
		return ProbeTold
	}
	return ProbeVoid
}

// Show puts p into v, a value with its true reading.
func (p *Probe) Show(v *Value) {
	v.Reading.Reasons = []Reason{ReasonUnsure}
	v.Reading.Confidence = probeDoubt
	v.Reading.Alternatives, v.Reading.Ruled = nil, ""
	if p.Outcome == ProbeTold {
		v.Told = true
		return
	}
	held := v.Field.probed(p.Shown)
	v.Reading.Words = alterWords(v.Reading.Words, v.Reading.Text, held.Text)
	v.Reading.Text, v.Reading.Checked = held.Text, held.Checked
}

// The probes of a checkbox.
const (
	probeMarked   = "true"
	probeUnmarked = "false"
)

// probed is what f holds as a probe shows it.
func (f *Field) probed(shown string) Held {
	if f.Kind == Checkbox {
		return f.Marked(shown == probeMarked)
	}
	return Held{Text: shown}
}

// probeDoubt is how sure a probe is said to be.
const probeDoubt = .71

// sureOfProbe is how sure a reading is at least that becomes a probe.
const sureOfProbe = .99

// Probe returns a probe of a value of r, or false where there is none that is sure
// enough, or none that could be taken for a reading: each seed may choose another one.
// Those in tables are left alone, and those that show by a rule that they are wrong.
func (r *Record) Probe(seed uint64) (Probe, bool) {
	const tries = 8
	var sure []int
	for i := range r.Values {
		v := &r.Values[i]
		if v.Field.Table == "" && len(v.Reading.Reasons) == 0 && len(v.Corrections) == 0 &&
			v.Reading.Confidence >= sureOfProbe {
			sure = append(sure, i)
		}
	}
	for try := range min(tries, len(sure)) {
		i := sure[(seed+uint64(try))%uint64(len(sure))]
		v := &r.Values[i]
		for n, shown := range v.alterations(seed) {
			if n == tries {
				break
			}
			if !r.tells(i, shown) {
				return Probe{Page: r.Page.ID, Run: r.Page.Run, Field: v.Field.ID, Shown: shown, Outcome: ProbeOpen}, true
			}
		}
	}
	return Probe{}, false
}

// tells reports whether a rule would show that value i of r is not what a probe shows.
func (r *Record) tells(i int, shown string) bool {
	was := problems(r.Broken())
	altered := *r
	altered.Values = slices.Clone(r.Values)
	v := &altered.Values[i]
	held := v.Field.probed(shown)
	v.Reading.Text, v.Reading.Checked = held.Text, held.Checked
	return problems(altered.Broken()) != was || v.Field.Same(held, r.Values[i].Reading.Held())
}

func problems(of map[FieldID][]Problem) (n int) {
	for _, ps := range of {
		n += len(ps)
	}
	return n
}

// pairs are characters that are taken for each other.
var pairs = paired()

func paired() map[rune]rune {
	of := make(map[rune]rune)
	for _, pair := range []string{
		"17", "38", "06", "49", "25", "OQ", "IL", "BR", "CG", "EF", "MN", "UV", "PF", "ao", "ce", "nh", "ij", "uv", "bh",
		"シツ", "ソン", "ワク", "ルレ", "ぬめ", "わね", "はほ", "未末", "土士", "日目", "大太", "千干", "田由", "人入", "己已",
	} {
		rs := []rune(pair)
		of[rs[0]], of[rs[1]] = rs[1], rs[0]
	}
	return of
}

// vowels are those of Hangul, by their number among 21, that are taken for each other.
var vowels = map[rune]rune{0: 4, 4: 0, 1: 5, 5: 1, 2: 6, 6: 2, 8: 13, 13: 8, 12: 17, 17: 12, 18: 13, 20: 0}

const (
	hangul     = 0xAC00 // the first syllable
	hangulLast = 0xD7A3
	finals     = 28 // of each vowel
	perInitial = 21 * finals
)

// altered returns what r may be taken for.
func altered(r rune) (rune, bool) {
	if other, ok := pairs[r]; ok {
		return other, true
	}
	if r < hangul || r > hangulLast {
		return 0, false
	}
	at := r - hangul
	vowel := at % perInitial / finals
	other, ok := vowels[vowel]
	return r + (other-vowel)*finals, ok
}

// alterations returns what a probe of v may show.
func (v *Value) alterations(seed uint64) []string {
	switch {
	case v.Field.Kind != Checkbox:
		return alterations(v.Reading.Text, seed)
	case v.Reading.Checked:
		return []string{probeUnmarked}
	default:
		return []string{probeMarked}
	}
}

// alterations returns text with one character altered, in each way there is.
func alterations(text string, seed uint64) (list []string) {
	rs := []rune(text)
	for k := range rs {
		i := int((uint64(k) + seed/7) % uint64(len(rs)))
		if r, ok := altered(rs[i]); ok {
			changed := slices.Clone(rs)
			changed[i] = r
			list = append(list, string(changed))
		}
	}
	return list
}

// alterWords returns words, of which text is made, as those of another text of the
// same length.
func alterWords(words []Word, text, other string) []Word {
	from, to := visible(text), visible(other)
	list := slices.Clone(words)
	at := 0
	for i := range list {
		w := &list[i]
		rs := []rune(w.Text)
		w.Symbols = slices.Clone(w.Symbols)
		for k, r := range rs {
			if unicode.IsSpace(r) {
				continue
			}
			if at < len(from) && at < len(to) && from[at] != to[at] && r == from[at] {
				rs[k] = to[at]
				if k < len(w.Symbols) {
					w.Symbols[k] = Symbol{Text: string(to[at]), Confidence: probeDoubt}
				}
			}
			at++
		}
		w.Text = string(rs)
	}
	return list
}

func visible(text string) []rune {
	return slices.DeleteFunc([]rune(text), unicode.IsSpace)
}

// A Miss is a probe that somebody took for right.
type Miss struct {
	Page     PageID
	Document string // name
	Label    string // of the number of the page
	Field    FieldID
	Version  int // of the template
	Template TemplateID
	At       time.Time
}
