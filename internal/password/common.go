package password

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn"
	"golang.org/x/text/unicode/norm"
)

// guesses is how many a password must withstand: at the hundred a second that a
// program makes of a stolen hash it lasts a day, and at the hundred a day that the
// log-in lets through, for ever.
const guesses = 1e7

// looked is how much of a password is looked at: what is not easy by then is none.
const looked = 64 // characters

//go:embed korean.txt
var korean string

// koreanWords returns words that people here use, and each as it is typed by who
// leaves the keyboard in English.
var koreanWords = sync.OnceValue(func() []string { return strings.Fields(korean) })

// common reports whether programs guess password early.
func common(password string, names []string) bool {
	rest := without(strings.ToLower(norm.NFC.String(password)), names)
	if r := []rune(rest); len(r) > looked {
		rest = string(r[:looked])
	}
	return zxcvbn.PasswordStrength(rest, koreanWords()).Guesses < guesses
}

// without returns what is left of text where names are taken out. Short ones, as of
// one syllable, are in too much.
func without(text string, names []string) string {
	for _, name := range names {
		name = strings.ToLower(norm.NFC.String(name))
		if utf8.RuneCountInString(name) >= 3 || utf8.RuneCountInString(name) == 2 && len(name) > 2 {
			text = strings.ReplaceAll(text, name, "")
		}
	}
	return text
}
