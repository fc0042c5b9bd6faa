package reader

import (
	"regexp"
	"strings"
)

// wons is the sign that stands where an engine reads a backslash before a
// figure: the two share a code in the old character sets of these languages.
var wons = map[string]string{"ja": "¥", "ko": "₩"}

// wonAmount is an amount whose sign of money is read as the letter below it.
var wonAmount = regexp.MustCompile(`^W[0-9]{1,3}(,[0-9]{3})+$`)

// repaired returns s, a word read in a form of the given language, without
// what surely is not on paper: full-width letters and digits become plain
// ones, and a backslash, or a W, before a figure a sign of money.
func repaired(s, language string) string {
	s = strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, s)
	if language == "ko" && wonAmount.MatchString(s) {
		s = "₩" + s[1:]
	}
	if sign, ok := wons[language]; ok && len(s) > 1 && s[0] == '\\' && s[1] >= '0' && s[1] <= '9' {
		s = sign + s[1:]
	}
	return s
}
