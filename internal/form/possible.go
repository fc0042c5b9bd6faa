package form

import (
	"slices"
	"strings"
	"unicode"
)

// Could reports whether f could hold a text on a form in languages: the text keeps
// the rules of f, and has no letters that nobody writes in them.
func (f *Field) Could(text string, languages []string) bool {
	return len(f.Explain(text)) == 0 && !strings.ContainsFunc(text, func(r rune) bool { return foreign(r, languages) })
}

// longVowel is the mark of katakana that Unicode counts to no script.
const longVowel = 'ー'

// foreign reports whether r is a letter of none of languages. Latin ones are of all.
func foreign(r rune, languages []string) bool {
	written := func(in ...string) bool {
		return slices.ContainsFunc(languages, func(l string) bool { return slices.Contains(in, l) })
	}
	switch {
	case r == longVowel, unicode.In(r, unicode.Hiragana, unicode.Katakana):
		return !written("ja")
	case unicode.Is(unicode.Hangul, r):
		return !written("ko")
	case unicode.Is(unicode.Bopomofo, r):
		return !written("zh-TW")
	case unicode.Is(unicode.Han, r):
		return !written("ko", "ja", "zh-TW")
	}
	return unicode.IsLetter(r) && !unicode.In(r, unicode.Latin, unicode.Common)
}
