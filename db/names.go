package db

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// partLength is how many characters a part of a name has, in the index of
// names.
const partLength = 3

// nameQuery returns what finds, in the index of names, every name that has s
// in it, and others too: of a text longer than a part, only that its parts are
// there counts. No name has control characters, so none may have such an s.
func nameQuery(s string) (query string, may bool) {
	runes := []rune(norm.NFC.String(s))
	switch {
	case len(runes) == 0:
		return "", true
	case slices.ContainsFunc(runes, unicode.IsControl):
		return "", false
	case len(runes) < partLength:
		return quoted(runes) + " *", true
	}
	// One part after another, and the last: fewer parts are found faster.
	query = quoted(runes[len(runes)-partLength:])
	for part := range slices.Chunk(runes[:len(runes)-1], partLength) {
		if len(part) == partLength {
			query += " AND " + quoted(part)
		}
	}
	return query, true
}

func quoted(part []rune) string { return `"` + strings.ReplaceAll(string(part), `"`, `""`) + `"` }

// likePattern returns the pattern of LIKE, with \ as the escape character,
// that finds s anywhere in text of composed characters.
func likePattern(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(norm.NFC.String(s)) + "%"
}
