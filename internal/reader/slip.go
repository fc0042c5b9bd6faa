package reader

import (
	"regexp"
	"slices"
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
	// wholeNumber is an amount, a date or a time that lacks no mark: several may stand
	// side by side.
	wholeNumber = regexp.MustCompile(`^\p{Sc}?(\d{1,3}(,\d{3})+(\.\d+)?|\d+\.\d{1,2}|\d{1,4}([-./]\d{1,2}){2}|\d{1,2}(:\d{2}){1,2})[^\d\s]{0,3}$`)
)

// alikeLetters are Latin letters that differ from their capitals in nothing but height.
const alikeLetters = "cosuvwxz"

// particles are written small between capitals.
var particles = []string{"of", "on", "or", "und", "van", "vom", "von", "voor", "sur", "zu", "zum", "zur"}

// slip reports whether text looks as if a reader had lost something that leaves little
// ink: a point or a comma of a number that has others, for which there is a gap, or the
// height of the first letter of a name whose other words have capitals.
func slip(text string) bool {
	words := strings.Fields(text)
	if numberLike.MatchString(text) && numberGap.MatchString(text) && numberMark.MatchString(text) {
		return slices.ContainsFunc(words, func(w string) bool { return !wholeNumber.MatchString(w) })
	}
	capitals, low := 0, 0
	for _, word := range words {
		if slices.Contains(particles, word) {
			continue
		}
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
