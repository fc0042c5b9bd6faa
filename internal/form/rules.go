package form

import (
	"strings"
	"unicode"
)

// Rules say what a field may hold.
type Rules struct {
	Required bool   `json:"required,omitempty"` // must not be empty
	Pattern  string `json:"pattern,omitempty"`  // a regular expression (RE2) for the whole text; empty for any
}

// Problems returns the rules of f that text breaks, as reasons to doubt it. A
// field that may be empty and is, breaks none.
func (f *Field) Problems(text string) []Reason {
	if strings.TrimSpace(text) == "" {
		if f.Rules.Required && f.Kind != Checkbox {
			return []Reason{ReasonRequired}
		}
		return nil
	}
	var rs []Reason
	if f.ValueType == Numeric && f.Kind != Checkbox && strings.ContainsFunc(text, unicode.IsLetter) {
		rs = append(rs, ReasonNotNumeric)
	}
	if f.Rules.Pattern != "" && !f.matches(text) {
		rs = append(rs, ReasonPattern)
	}
	return rs
}

// matches reports whether the whole of text has the form of the pattern.
// Validate has seen to it that the pattern compiles.
func (f *Field) matches(text string) bool {
	re := compiled.get(f.Rules.Pattern)
	return re != nil && re.MatchString(text)
}

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
