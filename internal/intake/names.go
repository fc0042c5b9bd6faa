package intake

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxName bounds the name of a document.
const maxName = 255 // characters

// cleanName returns the last part of the path that a browser or a program
// sent, as one line of composed characters: a Mac sends the parts of a Hangul
// syllable one by one, and nobody would find such a name again.
func cleanName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.TrimSpace(norm.NFC.String(name))
	if r := []rune(name); len(r) > maxName {
		name = string(r[:maxName])
	}
	if name == "" {
		return "-"
	}
	return name
}
