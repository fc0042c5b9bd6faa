package reader

import (
	"regexp"
	"strings"
	"unicode"
)

// slipped is how sure a reading with a slip is at most. Of those on the bench, three
// of four are wrong.
const slipped = .5

var (
	numberLike = regexp.MustCompile(`^\p{Sc}?\s*[\d.,/:\- ]+\s*[^\d\s]{0,3}$`)
	numberGap  = regexp.MustCompile(`\d \d`)
	numberMark = regexp.MustCompile(`\d[.,/:-]\d`)
)

// alikeLetters are Latin letters that differ from their capitals in nothing but height.
const alikeLetters = "cosuvwxz"

// slip reports whether text looks as if a reader had lost something that leaves little
// ink: a point or a comma of a number that has others, for which there is a gap, or the
// height of the first letter of a name whose other words have capitals.
func slip(text string) bool {
	if numberLike.MatchString(text) && numberGap.MatchString(text) && numberMark.MatchString(text) {
		return true
	}
	capitals, low := 0, 0
	for word := range strings.SplitSeq(text, " ") {
		for i, r := range word {
			switch {
			case !unicode.Is(unicode.Latin, r) && !strings.ContainsRune(".'-", r):
				return false
			case i > 0:
			case unicode.IsUpper(r):
				capitals++
			case strings.ContainsRune(alikeLetters, r):
				low++
			default:
				return false
			}
		}
	}
	return capitals > 0 && low > 0
}
