package form

import (
	"math/big"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Rules say what a field may hold. A rule that is not there lets it hold
// anything; all but Required let it be empty.
type Rules struct {
	Required  bool     `json:"required,omitempty"`  // must not be empty
	Pattern   string   `json:"pattern,omitempty"`   // a regular expression (RE2) for the whole text
	In        In       `json:"in,omitzero"`         // one of these texts
	Min       *float64 `json:"min,omitempty"`       // a number, or an amount, of at least this
	Max       *float64 `json:"max,omitempty"`       // and at most this
	Date      bool     `json:"date,omitempty"`      // a day that there is
	NotBefore string   `json:"notBefore,omitempty"` // a day: 2020-01-31, or today
	NotAfter  string   `json:"notAfter,omitempty"`  // a day: 2020-01-31, or today
	Check     Check    `json:"check,omitempty"`     // a number with a check digit
	Sum       []string `json:"sum,omitempty"`       // the sum of these: fields, or "table.column" for the cells of a column
	Critical  bool     `json:"critical,omitempty"`  // is looked at again also where both readers agree
}

// Today is what NotBefore and NotAfter can be besides a day.
const Today = "today"

// IsZero reports whether there is no rule.
func (r Rules) IsZero() bool { return reflect.ValueOf(r).IsZero() }

// Amount reports whether r asks for a number or an amount.
func (r *Rules) Amount() bool { return r.Min != nil || r.Max != nil || len(r.Sum) > 0 }

// dated reports whether r asks for a day.
func (r *Rules) dated() bool { return r.Date || r.NotBefore != "" || r.NotAfter != "" }

// A Problem is a rule that a value breaks, with what there is to say about it.
// It holds what was read, and so belongs on the screen of who may see that and
// nowhere else.
type Problem struct {
	Reason Reason
	Want   string   // what is expected: an amount, a day as 2020-01-31, a number of characters; or the list asked for
	Got    string   // the amount that does not fit
	Names  []string // of other fields that the rule is about; or a few of the texts that are allowed
	Check  Check    // of ReasonCheckLength and ReasonCheckDigit
	Day    Day      // that there is not, for ReasonNoSuchDay
}

// Problems returns the rules of f that text breaks, as reasons to doubt it. A
// field that may be empty and is, breaks none.
func (f *Field) Problems(text string) []Reason {
	var rs []Reason
	for _, p := range f.Explain(text) {
		rs = append(rs, p.Reason)
	}
	return rs
}

// Explain returns the rules of f that text breaks, as Problems does, with what
// there is to say about them. Rules about other fields are not among them: see
// Template.Across.
func (f *Field) Explain(text string) []Problem { return f.explain(text, time.Now()) }

func (f *Field) explain(text string, now time.Time) []Problem {
	if f.Kind == Checkbox {
		return nil // its text is the template's
	}
	if strings.TrimSpace(text) == "" {
		if f.Rules.Required {
			return []Problem{{Reason: ReasonRequired}}
		}
		return nil
	}
	var ps []Problem
	if f.ValueType == Numeric && strings.ContainsFunc(text, unicode.IsLetter) && f.Rules.Check != TWID {
		ps = append(ps, Problem{Reason: ReasonNotNumeric})
	}
	if f.Rules.Pattern != "" && !f.matches(text) {
		ps = append(ps, Problem{Reason: ReasonPattern})
	}
	if allowed := f.Allowed(); allowed != nil && !allowed.Has(text) {
		ps = append(ps, Problem{Reason: ReasonNotInList, Want: f.Rules.In.List(), Names: f.Rules.In.few()})
	}
	ps = append(ps, f.explainRange(text)...)
	if f.Rules.dated() {
		ps = append(ps, f.explainDay(text, now)...)
	}
	if f.Rules.Check != "" {
		ps = append(ps, f.Rules.Check.explain(text, now)...)
	}
	return ps
}

// explainRange says how text breaks the rules about amounts. That a sum must
// be an amount is among them.
func (f *Field) explainRange(text string) []Problem {
	if !f.Rules.Amount() {
		return nil
	}
	amount, ok := ParseAmount(text)
	if !ok {
		return []Problem{{Reason: ReasonNotAmount}}
	}
	// A limit is written in decimals, which float64 has only nearly.
	if least := limit(f.Rules.Min); least != nil && amount.Cmp(least) < 0 {
		return []Problem{{Reason: ReasonTooSmall, Want: FormatAmount(least)}}
	}
	if most := limit(f.Rules.Max); most != nil && amount.Cmp(most) > 0 {
		return []Problem{{Reason: ReasonTooLarge, Want: FormatAmount(most)}}
	}
	return nil
}

// explainDay says how text breaks the rules about days. A day without a year
// may be in any.
func (f *Field) explainDay(text string, now time.Time) []Problem {
	day, ok := ParseDay(text, f.Language)
	switch {
	case !ok:
		return []Problem{{Reason: ReasonNotDate}}
	case !day.Exists():
		return []Problem{{Reason: ReasonNoSuchDay, Day: day}}
	case day.Year == 0:
		return nil
	}
	if first, ok := dayLimit(f.Rules.NotBefore, now); ok && day.before(first) {
		return []Problem{{Reason: ReasonTooEarly, Want: first.String()}}
	}
	if last, ok := dayLimit(f.Rules.NotAfter, now); ok && last.before(day) {
		return []Problem{{Reason: ReasonTooLate, Want: last.String()}}
	}
	return nil
}

// dayLimit returns the day that a limit stands for, if there is one.
func dayLimit(limit string, now time.Time) (Day, bool) {
	if limit == Today {
		return dayOf(now), true
	}
	t, err := time.Parse(time.DateOnly, limit)
	return dayOf(t), err == nil
}

// limit returns v as it is written, or nil.
func limit(v *float64) *big.Rat {
	if v == nil {
		return nil
	}
	r, ok := new(big.Rat).SetString(formatFloat(*v))
	if !ok {
		return nil
	}
	return r
}

// matches reports whether the whole of text has the form of the pattern.
// Validate has seen to it that the pattern compiles.
func (f *Field) matches(text string) bool {
	re := compiled.get(f.Rules.Pattern)
	return re != nil && re.MatchString(text)
}

// Plain returns text as it is compared: without spaces, wide characters
// narrow, each character one code point where it can be.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, norm.NFC.String(width.Fold.String(text)))
}

// ruleReasons are the reasons that rules give, which can be told anew from
// what a field holds.
var ruleReasons = []Reason{
	ReasonRequired, ReasonPattern, ReasonNotNumeric, ReasonNotInList, ReasonNotAmount, ReasonTooSmall, ReasonTooLarge,
	ReasonNotDate, ReasonNoSuchDay, ReasonTooEarly, ReasonTooLate, ReasonCheckLength, ReasonCheckDigit,
	ReasonSum, ReasonGroupMany, ReasonGroupNone,
}

// OfRule reports whether r says that a rule is broken.
func (r Reason) OfRule() bool { return slices.Contains(ruleReasons, r) }

// Join returns the text of c: the values of its fields and its fixed
// texts, joined.
func (c *Combined) Join(text func(FieldID) string) string {
	var b strings.Builder
	for _, p := range c.Parts {
		if p.Field != "" {
			b.WriteString(text(p.Field))
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}
