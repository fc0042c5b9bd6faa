package form

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Folded returns text as values are found by it: without spaces and punctuation,
// in small letters, and wide characters as narrow ones. A number is found with
// and without its commas, a telephone number with and without its hyphens. What
// is folded twice is folded once.
func Folded(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '@':
			return r
		case unicode.IsSpace(r), unicode.IsPunct(r), unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(text))
}

// FoundBy returns the texts by which v is found, folded: what the machine read
// and what people last said. A checkbox is not found, nor what people are to key and
// must not see: who may ask whether it is there knows it.
func (v *Value) FoundBy() (texts []string) {
	if v.Field.Kind == Checkbox || v.Secret() {
		return nil
	}
	if read := Folded(v.Reading.Text); read != "" {
		texts = append(texts, read)
	}
	if said := Folded(v.Text()); said != "" && v.Latest() != nil && (len(texts) == 0 || texts[0] != said) {
		texts = append(texts, said)
	}
	return texts
}
