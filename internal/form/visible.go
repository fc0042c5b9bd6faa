package form

import (
	"strings"
	"unicode"
)

// checkVisible returns an InvalidError where name has a character that is not
// seen, or changes how the text around it is shown: a control character, the end
// of a line or paragraph, or one that turns the direction of writing. Such a
// name could pass for another, or break the line of a log or file it stands in.
func checkVisible(where, name string) error {
	if hidden(name) {
		return Invalid(where, "has a character that cannot be seen")
	}
	return nil
}

func hidden(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) || r == unicode.ReplacementChar })
}
